// A Concat of one input disappears; a nested one along the same axis joins the outer.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @single
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @single(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Concat"(%x) {axis = 1 : si32} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %y = "top.Abs"(%c) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @nested
  // CHECK-NEXT: "top.Concat"(%arg0, %arg0, %arg0)
  // CHECK-NEXT: return
  func.func @nested(%x: tensor<1x2x4x4xf32>) -> tensor<1x6x4x4xf32> {
    %c = "top.Concat"(%x, %x) {axis = 1 : si32} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> loc("c")
    %d = "top.Concat"(%c, %x) {axis = 1 : si32} : (tensor<1x4x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x6x4x4xf32> loc("d")
    return %d : tensor<1x6x4x4xf32>
  }
  // CHECK-LABEL: func.func @used
  // CHECK: "top.Concat"
  // CHECK: "top.Concat"
  func.func @used(%x: tensor<1x2x4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x6x4x4xf32>) {
    %c = "top.Concat"(%x, %x) {axis = 1 : si32} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32> loc("c")
    %d = "top.Concat"(%c, %x) {axis = 1 : si32} : (tensor<1x4x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x6x4x4xf32> loc("d")
    return %c, %d : tensor<1x4x4x4xf32>, tensor<1x6x4x4xf32>
  }
  // CHECK-LABEL: func.func @relu
  // CHECK: "top.Concat"
  func.func @relu(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Concat"(%x) {axis = 1 : si32, do_relu = true} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %y = "top.Abs"(%c) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %y : tensor<1x2x4x4xf32>
  }
}
