// Normalizations that the chip has no op for become ops that it has; the last one keeps the name.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --processor-top-optimize --mlir-print-debuginfo | FileCheck %s
// WEIGHT w = [1, 2, 3, 4]
// WEIGHT b = [[[[5]], [[6]], [[7]], [[8]]]]
// WEIGHT g = [1, 2, 3, 4, 5]
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @group
  // CHECK: %[[R:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [2, 2, 30]
  // CHECK: %[[N:.+]] = "top.LayerNorm"(%[[R]], {{.*}}axis = 2 : si32, eps = 1.000000e-03 : f64, normalized_shape = [30]
  // CHECK: %[[B:.+]] = "top.Reshape"(%[[N]]) {{.*}}shape = [2, 4, 3, 5]
  // CHECK: "top.Scale"(%[[B]], {{.*}} loc(#[[$Y:.+]])
  func.func @group(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %w = "top.Weight"() : () -> tensor<4xf32> loc("w")
    %b = "top.Weight"() : () -> tensor<1x4x1x1xf32> loc("b")
    %y = "top.GroupNorm"(%x, %w, %b) {eps = 1.0e-3 : f64, num_groups = 2 : i64} : (tensor<2x4x3x5xf32>, tensor<4xf32>, tensor<1x4x1x1xf32>) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @instance
  // CHECK: "top.Reshape"(%arg0) {{.*}}shape = [2, 4, 15]
  // CHECK: "top.LayerNorm"
  // CHECK-NOT: "top.Scale"
  // CHECK: "top.Reshape"({{.*}}shape = [2, 4, 3, 5]{{.*}} loc(#[[$Y]])
  func.func @instance(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %n = "top.None"() : () -> none
    %y = "top.InstanceNorm"(%x, %n, %n) {eps = 1.0e-3 : f64} : (tensor<2x4x3x5xf32>, none, none) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @computed_weight
  // CHECK: "top.GroupNorm"
  func.func @computed_weight(%x: tensor<2x4x3x5xf32>, %w: tensor<4xf32>) -> tensor<2x4x3x5xf32> {
    %n = "top.None"() : () -> none
    %y = "top.GroupNorm"(%x, %w, %n) {eps = 1.0e-3 : f64, num_groups = 2 : i64} : (tensor<2x4x3x5xf32>, tensor<4xf32>, none) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @pixel
  // CHECK: %[[P:.+]] = "top.Permute"(%arg0) {{.*}}order = [0, 2, 3, 1]
  // CHECK: %[[N:.+]] = "top.LayerNorm"(%[[P]], {{.*}}axis = 3 : si32, {{.*}}normalized_shape = [4]
  // CHECK: "top.Permute"(%[[N]]) {{.*}}order = [0, 3, 1, 2]{{.*}} loc(#[[$Y]])
  func.func @pixel(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<4xf32> loc("w")
    %y = "top.PixelNorm"(%x, %w, %n) {eps = 1.0e-3 : f64} : (tensor<2x4x3x5xf32>, tensor<4xf32>, none) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @rms
  // CHECK: "top.Mul"(%arg0, %arg0)
  // CHECK: "top.Reduce"({{.*}}axes = [3], {{.*}}keepdims = true, mode = "ReduceMean"
  // CHECK: "top.AddConst"({{.*}}const_val = 1.000000e-03
  // CHECK: %[[ROOT:.+]] = "top.Rsqrt"
  // CHECK: %[[NORMAL:.+]] = "top.Mul"(%arg0, %[[ROOT]])
  // CHECK: "top.Mul"(%[[NORMAL]], {{.*}} loc(#[[$Y]])
  func.func @rms(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %g = "top.Weight"() : () -> tensor<5xf32> loc("g")
    %y = "top.RMSNorm"(%x, %g) {eps = 1.0e-3 : f64} : (tensor<2x4x3x5xf32>, tensor<5xf32>) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @lrn
  // CHECK: "top.Reshape"({{.*}}shape = [2, 1, 4, 15]
  // CHECK: "top.AvgPool"({{.*}}count_include_pad = true{{.*}}kernel_shape = [3, 1]{{.*}}pads = [1, 0, 1, 0]
  // CHECK: "top.MulConst"({{.*}}const_val = 1.000000e-01
  // CHECK: "top.AddConst"({{.*}}const_val = 1.000000e+00
  // CHECK: "top.Rsqrt"
  // CHECK: "top.Sqrt"
  // CHECK: "top.Mul"(%arg0, {{.*}} loc(#[[$Y]])
  func.func @lrn(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %y = "top.LRN"(%x) {alpha = 0.1 : f64, size = 3 : i64} : (tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @no_logarithm
  // CHECK: "top.LRN"
  func.func @no_logarithm(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %y = "top.LRN"(%x) {alpha = 0.1 : f64, bias = 0.0 : f64, size = 3 : i64} : (tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> loc("y")
    return %y : tensor<2x4x3x5xf32>
  }
}
// CHECK: #[[$Y]] = loc("y")
