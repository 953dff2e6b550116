// Values and weights that are quantized before the lowering keep their scales, in any mode: what has no integer form
// runs in floats and is quantized afterwards; operands of moves and maximum pools are brought to the type of the result.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_output=true weightFileName=w.npz" --canonicalize -o %t/int8.mlir
// RUN: FileCheck %s < %t/int8.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: sed -e 's/{scale = \[0.5\]} : () -> tensor<2x1/{scale = [0.5, 0.25, 1.0]} : () -> tensor<2x1/' %t/net.mlir > %t/bad.mlir
// RUN: not tpuc-opt %t/bad.mlir --convert-top-to-tpu -o %t/none.mlir 2>&1 | FileCheck %s --check-prefix=SCALES
// WEIGHT filter = np.array([[[[-128]]], [[[3]]]], np.int8)
// WEIGHT bias = [1, 2]
// WEIGHT right = [[-64, 1], [0.5, 2]]
// VALUES-DAG: conv_filter_i8 i8 2x1x1x1: -128 3
// VALUES-DAG: conv_bias_int32 i32 1x2x1x1: 4 8
// VALUES-DAG: fc_filter_int8 i8 2x2: -128 2 1 4
// SCALES: 'filter' has 3 scales for 2 channels
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_QUANTIZED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: %[[X:.+]] = "tpu.Cast"(%{{.+}}) {{.*}} -> tensor<1x1x2x2x!quant.uniform<i8:f32, 5.000000e-01>>
  // CHECK: %[[C:.+]] = "tpu.Conv2D"(%[[X]], {{.*}}out_scales = [1.000000e+00, 1.000000e+00]{{.*}} -> tensor<1x2x2x2x!quant.uniform<i8:f32, 2.500000e-01:5>>
  // CHECK: %[[A:.+]] = "tpu.Cast"(%[[C]]) {{.*}} -> tensor<1x2x2x2x!quant.uniform<u8:f32, 5.000000e-01>>
  // CHECK: %[[M:.+]] = "tpu.Pool2D"(%[[A]]) {{.*}} -> tensor<1x2x1x1x!quant.uniform<u8:f32, 5.000000e-01>>
  // CHECK: %[[R:.+]] = "tpu.Reshape"(%[[M]])
  // CHECK: %[[F:.+]] = "tpu.Cast"(%[[R]]) {{.*}} -> tensor<1x2xf16>
  // CHECK: %[[S:.+]] = "tpu.Softmax"(%[[F]], {{.*}} -> tensor<1x2xf16> loc(#[[INNER:.+]])
  // CHECK: %[[Q:.+]] = "tpu.Cast"(%[[S]]) {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 3.906250e-03>> loc(#[[NAME:.+]])
  // CHECK: "tpu.MatMul"(%[[Q]], {{.*}} -> tensor<1x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK-DAG: #[[INNER]] = loc("soft_f16")
  // CHECK-DAG: #[[NAME]] = loc("soft")
  func.func @main(%arg0: tensor<1x1x2x2xf32>) -> tensor<1x2x!quant.uniform<i8:f32, 1.0>> {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> loc("x")
    %1 = "top.QuantizeLinear"(%0) {y_scale = [0.5], y_zero_point = [0 : i32]} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2x!quant.uniform<i8:f32, 0.5>> loc("xq")
    %2 = "top.Weight"() {scale = [0.5]} : () -> tensor<2x1x1x1xi8> loc("filter")
    %3 = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %4 = "top.Conv"(%1, %2, %3) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x2x2x!quant.uniform<i8:f32, 0.5>>, tensor<2x1x1x1xi8>, tensor<2xf32>) -> tensor<1x2x2x2x!quant.uniform<i8:f32, 0.25:5>> loc("conv")
    %5 = "top.MaxPool"(%4) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x2x2x2x!quant.uniform<i8:f32, 0.25:5>>) -> tensor<1x2x1x1x!quant.uniform<u8:f32, 0.5>> loc("max")
    %6 = "top.Reshape"(%5) {shape = [1, 2]} : (tensor<1x2x1x1x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2x!quant.uniform<u8:f32, 0.5>> loc("flat")
    %7 = "top.Softmax"(%6) {axis = 1 : si32} : (tensor<1x2x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2x!quant.uniform<u8:f32, 0.00390625>> loc("soft")
    %8 = "top.Weight"() {scale = [0.5]} : () -> tensor<2x2xf32> loc("right")
    %9 = "top.MatMul"(%7, %8, %n) : (tensor<1x2x!quant.uniform<u8:f32, 0.00390625>>, tensor<2x2xf32>, none) -> tensor<1x2x!quant.uniform<i8:f32, 1.0>> loc("fc")
    return %9 : tensor<1x2x!quant.uniform<i8:f32, 1.0>>
  }
}
