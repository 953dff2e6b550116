// Chains of MulConst or AddConst are one; a Relu between them keeps them apart.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @mul
  // CHECK-NEXT: "top.MulConst"(%arg0) {const_val = 6.000000e+00 : f64
  func.func @mul(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MulConst"(%x) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.MulConst"(%y) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @add
  // CHECK-NEXT: "top.AddConst"(%arg0) {const_val = 5.000000e+00 : f64
  func.func @add(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.AddConst"(%x) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.AddConst"(%y) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @relu
  // CHECK: const_val = 2.0
  // CHECK: const_val = 3.0
  func.func @relu(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MulConst"(%x) {const_val = 2.0 : f64, do_relu = true} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.MulConst"(%y) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
}
