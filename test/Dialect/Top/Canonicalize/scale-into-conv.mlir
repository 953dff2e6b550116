// A Scale after a convolution multiplies its filter and moves its bias; the result keeps the Scale's name and Relu.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT filter = ramp(2, 3, 1, 1)
// WEIGHT bias = [1, 2]
// WEIGHT scale = [10, 100]
// WEIGHT offset = [5, 6]
// VALUES: bias f32 2: 1 2
// VALUES: bias_scaled f32 2: 15 206
// VALUES: bn2_bias f32 2: 5 6
// VALUES: filter f32 2x3x1x1: 0 1 2 3 4 5
// VALUES: filter_scaled f32 2x3x1x1: 0 10 20 300 400 500
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.Conv"{{.*}}do_relu = true{{.*}}loc(#[[$BN:loc.*]])
  // CHECK-NOT: "top.Scale"
  func.func @fold(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Conv"(%x, %w, %c) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("conv")
    %z = "top.Scale"(%y, %s, %b) {do_relu = true} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @no_bias
  // CHECK: "top.Conv"
  // CHECK-NOT: "top.Scale"
  func.func @no_bias(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Conv"(%x, %w, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, none) -> tensor<1x2x4x4xf32> loc("conv2")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn2")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @keeps_used_value
  // CHECK: "top.Conv"
  // CHECK: "top.Scale"
  func.func @keeps_used_value(%x: tensor<1x3x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Conv"(%x, %w, %c) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("conv3")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn3")
    return %y, %z : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @keeps_relu
  // CHECK: "top.Conv"
  // CHECK: "top.Scale"
  // CHECK: #[[$BN]] = loc("bn")
  func.func @keeps_relu(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Conv"(%x, %w, %c) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], do_relu = true} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("conv4")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn4")
    return %z : tensor<1x2x4x4xf32>
  }
}
