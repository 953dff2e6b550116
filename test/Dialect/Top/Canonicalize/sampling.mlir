// An adaptive average over equal windows is a pooling, another one a matrix product; a mask that nothing uses is gone.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// VALUES: b_matrix f32 20x9: 0.25 0 0 0 0 0 0 0 0 0.25 0.166667 0 0 0 0 0 0 0 0 0.166667
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @equal
  // CHECK-NEXT: "top.AvgPool"(%arg0) {{.*}}count_include_pad = true{{.*}}kernel_shape = [2, 5]{{.*}}pads = [0, 0, 0, 0]{{.*}}strides = [2, 5]
  func.func @equal(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x2x1xf32> {
    %y = "top.AdaptiveAvgPool"(%x) {output_size = [2, 1]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x2x1xf32> loc("a")
    return %y : tensor<2x3x2x1xf32>
  }
  // CHECK-LABEL: func.func @unequal
  // CHECK: %[[M:.+]] = "top.Weight"() : () -> tensor<20x9xf32>
  // CHECK: %[[FLAT:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [2, 3, 20]
  // CHECK: %[[MEANS:.+]] = "top.MatMul"(%[[FLAT]], %[[M]], %{{.+}}) {{.*}} -> tensor<2x3x9xf32>
  // CHECK-NEXT: "top.Reshape"(%[[MEANS]]) {{.*}}shape = [2, 3, 3, 3]
  func.func @unequal(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x3x3xf32> {
    %y = "top.AdaptiveAvgPool"(%x) {output_size = [3, 3]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x3x3xf32> loc("b")
    return %y : tensor<2x3x3x3xf32>
  }
  // CHECK-LABEL: func.func @too_large
  // CHECK-NEXT: "top.AdaptiveAvgPool"
  func.func @too_large(%x: tensor<1x1x100x100xf32>) -> tensor<1x1x30x30xf32> {
    %y = "top.AdaptiveAvgPool"(%x) {output_size = [30, 30]} : (tensor<1x1x100x100xf32>) -> tensor<1x1x30x30xf32> loc("c")
    return %y : tensor<1x1x30x30xf32>
  }
  // CHECK-LABEL: func.func @unused_mask
  // CHECK-NEXT: "top.MaxPool"(%arg0) {{.*}}do_relu = true{{.*}}kernel_shape = [2, 2]{{.*}}strides = [2, 1]
  func.func @unused_mask(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x2x4xf32> {
    %y, %m = "top.MaxPoolWithMask"(%x) {do_relu = true, kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 1]} : (tensor<2x3x4x5xf32>) -> (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) loc(fused["d", "e"])
    return %y : tensor<2x3x2x4xf32>
  }
  // CHECK-LABEL: func.func @relu_behind_several_results
  // CHECK-NEXT: "top.MaxPoolWithMask"
  // CHECK-NEXT: "top.Relu"
  func.func @relu_behind_several_results(%x: tensor<2x3x4x5xf32>) -> (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) {
    %y, %m = "top.MaxPoolWithMask"(%x) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 1]} : (tensor<2x3x4x5xf32>) -> (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) loc(fused["f", "g"])
    %r = "top.Relu"(%y) : (tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32> loc("h")
    return %r, %m : tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>
  }
}
