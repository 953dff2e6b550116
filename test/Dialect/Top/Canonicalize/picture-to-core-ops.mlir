// Preprocessing becomes Scale, Slice and Concat.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @lut
  // CHECK: %[[S:.+]] = "top.Weight"() : () -> tensor<3xf32>
  // CHECK: %[[B:.+]] = "top.Weight"() : () -> tensor<3xf32>
  // CHECK-NEXT: "top.Scale"(%arg0, %[[S]], %[[B]])
  // CHECK-NEXT: return
  func.func @lut(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
    %y = "top.ScaleLut"(%x) {bias = [1.0, -3.0, 0.25], scale = [0.5, 1.0, 2.0]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> loc("lut")
    return %y : tensor<2x3x4x5xf32>
  }
  // CHECK-LABEL: func.func @mean
  // CHECK: "top.Scale"(%arg0
  // CHECK-NEXT: return
  func.func @mean(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
    %y = "top.MeanStdScale"(%x) {channel_order = "nchw", customization_format = "", mean = [1.0, 2.0, 3.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [1.0], std = [4.0], zero_points = [0.0]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> loc("mean")
    return %y : tensor<2x3x4x5xf32>
  }
  // CHECK-LABEL: func.func @channels_last
  // CHECK: "top.MeanStdScale"
  func.func @channels_last(%x: tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32> {
    %y = "top.MeanStdScale"(%x) {channel_order = "nhwc", customization_format = "", mean = [1.0, 2.0, 3.0], quant_mode = "", resize_dims = [], rounding_mode = "", scale = [1.0], std = [4.0], zero_points = [0.0]} : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32> loc("last")
    return %y : tensor<2x4x5x3xf32>
  }
  // CHECK-LABEL: func.func @swap
  // CHECK: %[[A:.+]] = "top.Slice"(%arg0, {{.*}}) {{{.*}}ends = [2, 4, 4, 5]{{.*}}offset = [0, 2, 0, 0]{{.*}} -> tensor<2x2x4x5xf32>
  // CHECK-NEXT: %[[C:.+]] = "top.Slice"(%arg0, {{.*}}) {{{.*}}offset = [0, 0, 0, 0]{{.*}} -> tensor<2x2x4x5xf32>
  // CHECK-NEXT: "top.Concat"(%[[A]], %[[C]]) {axis = 1 : si32
  // CHECK-NEXT: return
  func.func @swap(%x: tensor<2x4x4x5xf32>) -> tensor<2x4x4x5xf32> {
    %y = "top.SwapChannel"(%x) {channel_order = [2, 3, 0, 1]} : (tensor<2x4x4x5xf32>) -> tensor<2x4x4x5xf32> loc("swap")
    return %y : tensor<2x4x4x5xf32>
  }
  // CHECK-LABEL: func.func @same_order
  // CHECK-NOT: top.SwapChannel
  // CHECK: return
  func.func @same_order(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
    %r = "top.Sigmoid"(%x) : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> loc("r")
    %y = "top.SwapChannel"(%r) {channel_order = [0, 1, 2]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> loc("same")
    return %y : tensor<2x3x4x5xf32>
  }
}
