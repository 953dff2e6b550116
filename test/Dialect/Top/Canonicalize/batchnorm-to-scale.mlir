// BatchNorm is one multiply-add per channel: gamma / sqrt(variance + epsilon) and what is left.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT mean = [1, 2]
// WEIGHT var = [4, 16]
// WEIGHT gamma = [6, 8]
// WEIGHT beta = [0, 1]
// VALUES: bn2_bias f32 2: -0.5 -0.5
// VALUES: bn2_scale f32 2: 0.5 0.25
// VALUES: bn_bias f32 2: -3 -3
// VALUES: bn_scale f32 2: 3 2
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @scale
  // CHECK: %[[S:.+]] = "top.Weight"() {{.*}}loc(#[[$SCALE:.+]])
  // CHECK: %[[B:.+]] = "top.Weight"() {{.*}}loc(#[[$BIAS:.+]])
  // CHECK: "top.Scale"(%arg0, %[[S]], %[[B]]) {do_relu = true, relu_limit = -1.000000e+00 : f64} {{.*}}loc(#[[$BN:.+]])
  func.func @scale(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %m = "top.Weight"() : () -> tensor<2xf32> loc("mean")
    %v = "top.Weight"() : () -> tensor<2xf32> loc("var")
    %g = "top.Weight"() : () -> tensor<2xf32> loc("gamma")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("beta")
    %y = "top.BatchNorm"(%x, %m, %v, %g, %b) {epsilon = 0.0 : f64, do_relu = true} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @no_affine
  // CHECK: "top.Scale"
  // CHECK-NOT: "top.BatchNorm"
  // CHECK: #[[$SCALE]] = loc("bn_scale")
  func.func @no_affine(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %m = "top.Weight"() : () -> tensor<2xf32> loc("mean")
    %v = "top.Weight"() : () -> tensor<2xf32> loc("var")
    %y = "top.BatchNorm"(%x, %m, %v, %n, %n) {epsilon = 0.0 : f64} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, none, none) -> tensor<1x2x4x4xf32> loc("bn2")
    return %y : tensor<1x2x4x4xf32>
  }
}
