// Zeros of a Pad count in the divisor.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK-NEXT: "top.AvgPool"(%arg0) {count_include_pad = true{{.*}}pads = [1, 2, 1, 0]
  func.func @fold(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> loc("pad")
    %y = "top.AvgPool"(%p) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32> loc("pool")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @own_pads
  // CHECK: "top.Pad"
  func.func @own_pads(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x6x5xf32> {
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> loc("pad")
    %y = "top.AvgPool"(%p) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 0, 1, 1]} : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x5xf32> loc("pool")
    return %y : tensor<1x2x6x5xf32>
  }
}
