// min(max(x, low), high) is a Clip if low is not above high.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @clip
  // CHECK-NEXT: "top.Clip"(%arg0) {max = 2.000000e+00 : f64, min = -1.000000e+00 : f64}
  func.func @clip(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MaxConst"(%x) {const_val = -1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.MinConst"(%y) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @crossed
  // CHECK: "top.MaxConst"
  // CHECK: "top.MinConst"
  func.func @crossed(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MaxConst"(%x) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.MinConst"(%y) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %z : tensor<1x2x4x4xf32>
  }
}
