// Zeros around the image become pads of the convolution.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT filter = ramp(2, 3, 3, 3)
// WEIGHT filter1 = ramp(2, 3, 1, 1)
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.Conv"(%arg0, {{.*}}pads = [1, 2, 1, 0]
  // CHECK-NOT: "top.Pad"
  func.func @fold(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x3x3xf32> loc("filter")
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x6x6xf32> loc("pad")
    %y = "top.Conv"(%p, %w, %n) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x6x6xf32>, tensor<2x3x3x3xf32>, none) -> tensor<1x2x4x4xf32> loc("conv")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @not_zero
  // CHECK: "top.Pad"
  func.func @not_zero(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x3x3xf32> loc("filter")
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 1.0 : f64, mode = "constant"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x6x6xf32> loc("pad")
    %y = "top.Conv"(%p, %w, %n) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x6x6xf32>, tensor<2x3x3x3xf32>, none) -> tensor<1x2x4x4xf32> loc("conv")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @reflected
  // CHECK: "top.Pad"
  func.func @reflected(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x3x3xf32> loc("filter")
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "reflect"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x6x6xf32> loc("pad")
    %y = "top.Conv"(%p, %w, %n) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x6x6xf32>, tensor<2x3x3x3xf32>, none) -> tensor<1x2x4x4xf32> loc("conv")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @channels
  // CHECK: "top.Pad"
  func.func @channels(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x3x3xf32> loc("filter")
    %p = "top.Pad"(%x) {paddings = [0, 1, 0, 0, 0, 0, 0, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32> loc("pad")
    %y = "top.Conv"(%p, %w, %n) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x4xf32>, tensor<2x3x3x3xf32>, none) -> tensor<1x2x2x2xf32> loc("conv")
    return %y : tensor<1x2x2x2xf32>
  }
  // CHECK-LABEL: func.func @as_large_as_kernel
  // CHECK: "top.Pad"
  func.func @as_large_as_kernel(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x6x6xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter1")
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x6x6xf32> loc("pad")
    %y = "top.Conv"(%p, %w, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x6x6xf32>, tensor<2x3x1x1xf32>, none) -> tensor<1x2x6x6xf32> loc("conv")
    return %y : tensor<1x2x6x6xf32>
  }
}
