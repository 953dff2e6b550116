// Clip from zero is a Relu with a limit, or without one where f32 ends.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @limit
  // CHECK-NEXT: "top.Relu"(%arg0) {relu_limit = 6.000000e+00 : f64}
  func.func @limit(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Clip"(%x) {min = 0.0 : f64, max = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @unlimited
  // CHECK-NEXT: "top.Relu"(%arg0) {relu_limit = -1.000000e+00 : f64}
  func.func @unlimited(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Clip"(%x) {min = 0.0 : f64, max = 3.4028234663852886e+38 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @below_zero
  // CHECK-NEXT: "top.Clip"
  func.func @below_zero(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Clip"(%x) {min = -1.0 : f64, max = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    return %y : tensor<1x2x4x4xf32>
  }
}
