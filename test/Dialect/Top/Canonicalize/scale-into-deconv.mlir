// A deconvolution's filter is [output channels of a group, input channels, kernel]; each group has its own factors.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT filter = [[[[3]], [[4]]]]
// WEIGHT scale = [10, 100]
// WEIGHT offset = [5, 6]
// VALUES: bn_bias f32 2: 5 6
// VALUES: filter_scaled f32 1x2x1x1: 30 400
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.Deconv"
  // CHECK-NOT: "top.Scale"
  func.func @fold(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("filter")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Deconv"(%x, %w, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], group = 2 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>, none) -> tensor<1x2x4x4xf32> loc("deconv")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("bn")
    return %z : tensor<1x2x4x4xf32>
  }
}
