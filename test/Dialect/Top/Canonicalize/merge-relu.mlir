// Relu of Relu is one with the lower limit.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK-NEXT: "top.Relu"(%arg0) {relu_limit = 4.000000e+00 : f64}
  // CHECK-NEXT: return
  func.func @merge(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Relu"(%x) {relu_limit = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.Relu"(%y) {relu_limit = 4.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
}
