// A maximum ignores -inf, and zeros where all values are zero or more.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @lowest
  // CHECK-NEXT: "top.MaxPool"(%arg0) {{.*}}pads = [1, 2, 1, 0]
  func.func @lowest(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = -3.4028234663852886e+38 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> loc("pad")
    %y = "top.MaxPool"(%p) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32> loc("pool")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @after_relu
  // CHECK: "top.MaxPool"(%{{.*}}pads = [1, 2, 1, 0]
  func.func @after_relu(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %r = "top.Relu"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    %p = "top.Pad"(%r) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> loc("pad")
    %y = "top.MaxPool"(%p) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32> loc("pool")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @zero
  // CHECK: "top.Pad"
  func.func @zero(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %p = "top.Pad"(%x) {paddings = [0, 0, 1, 2, 0, 0, 1, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> loc("pad")
    %y = "top.MaxPool"(%p) {kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32> loc("pool")
    return %y : tensor<1x2x4x4xf32>
  }
}
