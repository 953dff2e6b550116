// A network that was quantized before needs no calibration table: the scales of QuantizeLinear and DequantizeLinear become
// types, moves pass them on, casts stand where real values meet integers. Float modes keep the roundings as casts.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=INT8" --processor-top-optimize -o %t/top.mlir
// RUN: FileCheck %s --check-prefix=TOP < %t/top.mlir
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=INT8" --processor-top-optimize --convert-top-to-tpu="weightFileName=w.npz" --canonicalize -o %t/tpu.mlir
// RUN: FileCheck %s < %t/tpu.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=F16" --processor-top-optimize --convert-top-to-tpu="weightFileName=h.npz" --canonicalize -o %t/half.mlir
// RUN: FileCheck %s --check-prefix=HALF < %t/half.mlir
// WEIGHT filter = [-1, 0.5, 1.25, -0.75, 2, -4]
// VALUES: conv_filter_i8 i8 2x1x1x3: -4 2 5 -6 16 -32
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // TOP: module.state = "TOP_QUANTIZED"
  // TOP: %[[Q:.+]] = "top.QuantizeLinear"(%{{.+}}) {{.*}} -> tensor<1x1x4x5x!quant.uniform<u8:f32, 5.000000e-01:128>>
  // TOP: %[[C:.+]] = "top.Conv"(%[[Q]], {{.*}} -> tensor<1x2x4x3x!quant.uniform<i8:f32, 2.500000e-01:-3>>
  // TOP: %[[R:.+]] = "top.Reshape"(%[[C]]) {{.*}} -> tensor<1x24x!quant.uniform<i8:f32, 2.500000e-01:-3>>
  // TOP: %[[D:.+]] = "top.DequantizeLinear"(%[[R]]) {{.*}} -> tensor<1x24xf32>
  // TOP: return %[[D]]
  // CHECK: %[[Q:.+]] = "tpu.Cast"(%{{.+}}) {round_mode = #tpu<round_mode HalfToEven>, with_scale = true} : (tensor<1x1x4x5xf32>) -> tensor<1x1x4x5x!quant.uniform<u8:f32, 5.000000e-01:128>>
  // CHECK: %[[C:.+]] = "tpu.Conv2D"(%[[Q]], {{.*}}out_scales = [5.000000e-01, 2.500000e-01]{{.*}} -> tensor<1x2x4x3x!quant.uniform<i8:f32, 2.500000e-01:-3>>
  // CHECK: %[[R:.+]] = "tpu.Reshape"(%[[C]]) {{.*}} -> tensor<1x24x!quant.uniform<i8:f32, 2.500000e-01:-3>>
  // CHECK: %[[Y:.+]] = "tpu.Cast"(%[[R]]) {round_mode = #tpu<round_mode HalfToEven>, with_scale = true} : {{.*}} -> tensor<1x24xf32> loc(#[[NAME:.+]])
  // CHECK: return %[[Y]]
  // CHECK: #[[NAME]] = loc("y")
  // HALF: "tpu.Cast"{{.*}} -> tensor<1x1x4x5x!quant.uniform<u8:f32, 5.000000e-01:128>>
  // HALF: "tpu.Cast"{{.*}} -> tensor<1x1x4x5xf16>
  // HALF: "tpu.Conv2D"{{.*}} -> tensor<1x2x4x3xf16>
  // HALF: "tpu.Cast"{{.*}} -> tensor<1x24x!quant.uniform<i8:f32, 2.500000e-01:-3>>
  // HALF: "tpu.Cast"{{.*}} -> tensor<1x24xf32>
  func.func @main(%arg0: tensor<1x1x4x5xf32>) -> tensor<1x24xf32> {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x4x5xf32>) -> tensor<1x1x4x5xf32> loc("x")
    %1 = "top.QuantizeLinear"(%0) {y_scale = [0.5], y_zero_point = [128 : i32]} : (tensor<1x1x4x5xf32>) -> tensor<1x1x4x5x!quant.uniform<u8:f32, 0.5:128>> loc("xq")
    %2 = "top.DequantizeLinear"(%1) {x_scale = [0.5], x_zero_point = [128 : i32]} : (tensor<1x1x4x5x!quant.uniform<u8:f32, 0.5:128>>) -> tensor<1x1x4x5xf32> loc("xd")
    %3 = "top.Weight"() {scale = [0.25, 0.125]} : () -> tensor<2x1x1x3xf32> loc("filter")
    %4 = "top.Conv"(%2, %3, %n) {kernel_shape = [1, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x4x5xf32>, tensor<2x1x1x3xf32>, none) -> tensor<1x2x4x3xf32> loc("conv")
    %5 = "top.Reshape"(%4) {shape = [1, 24]} : (tensor<1x2x4x3xf32>) -> tensor<1x24xf32> loc("flat")
    %6 = "top.QuantizeLinear"(%5) {y_scale = [0.25], y_zero_point = [-3 : i32]} : (tensor<1x24xf32>) -> tensor<1x24x!quant.uniform<i8:f32, 0.25:-3>> loc("yq")
    %7 = "top.DequantizeLinear"(%6) {x_scale = [0.25], x_zero_point = [-3 : i32]} : (tensor<1x24x!quant.uniform<i8:f32, 0.25:-3>>) -> tensor<1x24xf32> loc("y")
    return %7 : tensor<1x24xf32>
  }
}
