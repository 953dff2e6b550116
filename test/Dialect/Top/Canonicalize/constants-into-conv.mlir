// A constant factor or summand after a convolution goes into its filter and bias.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT filter = ramp(2, 3, 1, 1)
// VALUES: a_bias f32 2: 3 3
// VALUES: filter_scaled f32 2x3x1x1: 0 2 4 6 8 10
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.Conv"{{.*}}do_relu = true
  // CHECK-NOT: "top.MulConst"
  // CHECK-NOT: "top.AddConst"
  func.func @fold(%x: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %y = "top.Conv"(%x, %w, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, none) -> tensor<1x2x4x4xf32> loc("conv")
    %a = "top.MulConst"(%y) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %d = "top.AddConst"(%a) {const_val = 3.0 : f64, do_relu = true} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %d : tensor<1x2x4x4xf32>
  }
}
