// max(x, 0) is a Relu, min(relu(x), limit) one with a limit.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @max
  // CHECK-NEXT: "top.Relu"(%arg0) {relu_limit = -1.000000e+00 : f64}
  func.func @max(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MaxConst"(%x) {const_val = 0.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @limit
  // CHECK-NEXT: "top.Relu"(%arg0) {relu_limit = 6.000000e+00 : f64}
  // CHECK-NEXT: return
  func.func @limit(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Relu"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.MinConst"(%y) {const_val = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
}
