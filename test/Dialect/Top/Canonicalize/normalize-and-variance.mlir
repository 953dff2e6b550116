// Normalize with a constant scale and Variance become reductions.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT w = [[1, 2, 3]]
// WEIGHT w1 = [2.5]
// VALUES: y_bias f32 3: 0 0 0
// VALUES: y_scale f32 3: 1 2 3
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @per_channel
  // CHECK-NEXT: %[[SQUARES:.+]] = "top.Mul"(%arg0, %arg0)
  // CHECK-NEXT: %[[SUM:.+]] = "top.Reduce"(%[[SQUARES]]) {axes = [1], is_scalar = false, keepdims = true, mode = "ReduceSum"
  // CHECK-NEXT: %[[SHIFTED:.+]] = "top.AddConst"(%[[SUM]]) {const_val = 1.000000e-10
  // CHECK-NEXT: %[[NORM:.+]] = "top.Rsqrt"(%[[SHIFTED]])
  // CHECK-NEXT: %[[NORMAL:.+]] = "top.Mul"(%arg0, %[[NORM]])
  // CHECK-NEXT: %[[SCALE:.+]] = "top.Weight"() : () -> tensor<3xf32>
  // CHECK-NEXT: %[[BIAS:.+]] = "top.Weight"() : () -> tensor<3xf32>
  // CHECK-NEXT: "top.Scale"(%[[NORMAL]], %[[SCALE]], %[[BIAS]])
  func.func @per_channel(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
    %w = "top.Weight"() : () -> tensor<1x3xf32> loc("w")
    %y = "top.Normalize"(%x, %w) {across_spatial = false, channel_shared = false} : (tensor<2x3x4x5xf32>, tensor<1x3xf32>) -> tensor<2x3x4x5xf32> loc("y")
    return %y : tensor<2x3x4x5xf32>
  }
  // CHECK-LABEL: func.func @across
  // CHECK: "top.Reduce"({{.*}}axes = [1, 2, 3]
  // CHECK: "top.MulConst"({{.*}}const_val = 2.500000e+00
  func.func @across(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
    %w = "top.Weight"() : () -> tensor<1xf32> loc("w1")
    %y = "top.Normalize"(%x, %w) {across_spatial = true, channel_shared = true} : (tensor<2x3x4x5xf32>, tensor<1xf32>) -> tensor<2x3x4x5xf32> loc("z")
    return %y : tensor<2x3x4x5xf32>
  }
  // CHECK-LABEL: func.func @computed_scale
  // CHECK-NEXT: "top.Normalize"
  func.func @computed_scale(%x: tensor<2x3x4x5xf32>, %s: tensor<3xf32>) -> tensor<2x3x4x5xf32> {
    %y = "top.Normalize"(%x, %s) {across_spatial = false, channel_shared = false} : (tensor<2x3x4x5xf32>, tensor<3xf32>) -> tensor<2x3x4x5xf32> loc("c")
    return %y : tensor<2x3x4x5xf32>
  }
  // CHECK-LABEL: func.func @unbiased
  // CHECK-NEXT: %[[MEAN:.+]] = "top.Reduce"(%arg0) {axes = [1, 3], is_scalar = false, keepdims = true, mode = "ReduceMean"
  // CHECK-NEXT: %[[CENTRED:.+]] = "top.Sub"(%arg0, %[[MEAN]])
  // CHECK-NEXT: %[[SQUARES:.+]] = "top.Mul"(%[[CENTRED]], %[[CENTRED]])
  // CHECK-NEXT: %[[BIASED:.+]] = "top.Reduce"(%[[SQUARES]]) {axes = [1, 3], is_scalar = false, keepdims = false, mode = "ReduceMean"
  // CHECK-NEXT: "top.MulConst"(%[[BIASED]]) {const_val = 1.0714285714285714
  func.func @unbiased(%x: tensor<2x3x4x5xf32>) -> tensor<2x4xf32> {
    %y = "top.Variance"(%x) {correction = 1.0 : f64, keep_dims = false, reduce_list = [-1, 1]} : (tensor<2x3x4x5xf32>) -> tensor<2x4xf32> loc("v")
    return %y : tensor<2x4xf32>
  }
  // CHECK-LABEL: func.func @biased
  // CHECK-NOT: "top.MulConst"
  // CHECK-LABEL: func.func @nothing_left
  // CHECK-NEXT: "top.Variance"
  func.func @biased(%x: tensor<2x3x4x5xf32>) -> tensor<1x1x1x1xf32> {
    %y = "top.Variance"(%x) {correction = 0.0 : f64, keep_dims = true, reduce_list = []} : (tensor<2x3x4x5xf32>) -> tensor<1x1x1x1xf32> loc("b")
    return %y : tensor<1x1x1x1xf32>
  }
  func.func @nothing_left(%x: tensor<2x3x4x1xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Variance"(%x) {correction = 1.0 : f64, keep_dims = false, reduce_list = [3]} : (tensor<2x3x4x1xf32>) -> tensor<2x3x4xf32> loc("n")
    return %y : tensor<2x3x4xf32>
  }
}
