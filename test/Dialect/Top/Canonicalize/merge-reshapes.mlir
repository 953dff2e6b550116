// A Reshape of a Reshape is one, and none if the shape is back where it was.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK-NEXT: "top.Reshape"(%arg0) {{.*}}shape = [4, 6]
  // CHECK-NEXT: return
  func.func @merge(%x: tensor<2x3x4xf32>) -> tensor<4x6xf32> {
    %y = "top.Reshape"(%x) {shape = [6, 4]} : (tensor<2x3x4xf32>) -> tensor<6x4xf32> loc("a")
    %z = "top.Reshape"(%y) {shape = [4, 6]} : (tensor<6x4xf32>) -> tensor<4x6xf32> loc("b")
    return %z : tensor<4x6xf32>
  }
  // CHECK-LABEL: func.func @back
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @back(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Reshape"(%x) {shape = [6, 4]} : (tensor<2x3x4xf32>) -> tensor<6x4xf32> loc("a")
    %z = "top.Reshape"(%y) {shape = [2, 3, 4]} : (tensor<6x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %u = "top.Abs"(%z) : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("c")
    return %u : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @output
  // CHECK-NEXT: "top.Reshape"
  func.func @output(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %y = "top.Reshape"(%x) {shape = [2, 3]} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a")
    return %y : tensor<2x3xf32>
  }
}
