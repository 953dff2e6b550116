// Convolutions and pools in 8 bits: filters per channel, i32 biases that take the zero point off and stay within 30 bits,
// rescaling by a factor or by multiplier and shift; 1-d windows as planes.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_output=true weightFileName=w.npz" --canonicalize -o %t/sym.mlir
// RUN: FileCheck %s < %t/sym.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: sed -e 's/<-127.0:127.0>/<-1.0:254.0>/g' %t/net.mlir > %t/shifted.mlir
// RUN: tpuc-opt %t/shifted.mlir --convert-top-to-tpu="asymmetric=true quant_output=true quant_mode=MultiplierShift weightFileName=a.npz" --canonicalize -o %t/asym.mlir
// RUN: FileCheck %s --check-prefix=ASYM < %t/asym.mlir
// RUN: %show_weights %t/a.npz | FileCheck %s --check-prefix=SHIFTED
// RUN: sed -e 's/nan = 0/nan = 1/' -e 's/"filter"/"broken"/' %t/net.mlir > %t/broken.mlir
// RUN: not tpuc-opt %t/broken.mlir --convert-top-to-tpu -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=NAN
// RUN: sed -e 's/-> tensor<1x3x1x4x!quant.calibrated<f32<-254.0:254.0>>> loc("conv")/-> tensor<1x3x1x4xf32> loc("conv")/' -e 's/(tensor<1x3x1x4x!quant.calibrated<f32<-254.0:254.0>>>)/(tensor<1x3x1x4xf32>)/' %t/net.mlir > %t/bare.mlir
// RUN: not tpuc-opt %t/bare.mlir --convert-top-to-tpu -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=BARE
// WEIGHT filter = [2.54, 0, 1e-6]
// WEIGHT broken = [2.54, np.nan, 1e-6]
// WEIGHT bias = [1, 3, 1000]
// WEIGHT pair = [[[127, -63.5]]]
// WEIGHT grow = [[[[1.27]], [[-0.5]]]]
// The empty channel and the one with a large bias have scales that leave their bias 30 bits.
// VALUES-DAG: conv_filter_i8 i8 3x1x1x1: 127 0 1
// VALUES-DAG: conv_bias_int32 i32 1x3x1x1: 50 1.07374e+09 1.07374e+09
// VALUES-DAG: line_filter_i8 i8 1x1x2x1: 127 -64
// VALUES-DAG: grown_filter_i8 i8 1x2x1x1: 127 -50
// The bias takes -127 * 127 off.
// SHIFTED-DAG: conv_bias_int32 i32 1x3x1x1: 16179 {{.+}} {{.+}}
// NAN: 'broken' has values that are not finite
// BARE: 'conv' has no calibrated range, which INT8 needs; add it to the calibration table
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.Cast"{{.*}} -> tensor<1x1x1x4x!quant.uniform<i8:f32, 1.000000e+00>> loc(#[[CAST:.+]])
  // CHECK: "top.Weight"() : () -> tensor<3x1x1x1xsi8>
  // CHECK: "top.Weight"() : () -> tensor<1x3x1x1xi32>
  // CHECK: "tpu.Conv2D"{{.*}}do_relu = false{{.*}}out_scales = [0.0099999997{{[0-9]*}}, 1.39698{{[0-9]*}}E-9, 4.65661{{[0-9]*}}E-7]{{.*}}quant_mode = #tpu<rq_mode OnlyScale>{{.*}}with_bias = true{{.*}} -> tensor<1x3x1x4x!quant.uniform<i8:f32, 2.000000e+00>>
  // CHECK: "tpu.Pool2D"{{.*}}pool_mode = #tpu<pool_mode Max>{{.*}} -> tensor<1x3x1x2x!quant.uniform<i8:f32, 2.000000e+00>>
  // CHECK: "tpu.Pool2D"{{.*}}pool_mode = #tpu<pool_mode Avg>{{.*}} -> tensor<1x3x1x1x!quant.uniform<u8:f32, 4.000000e-01>>
  // CHECK: "tpu.Conv2D"{{.*}}do_relu = true{{.*}}kernel_shape = [2, 1]{{.*}}with_bias = false{{.*}} -> tensor<1x1x3x1x!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK: "tpu.Reshape"{{.*}} -> tensor<1x1x3x!quant.uniform<u8:f32, 1.000000e+00>> loc(#[[LINE:.+]])
  // CHECK: "tpu.Deconv"{{.*}}out_scales = {{.*}} -> tensor<1x1x1x7x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: return {{.*}}xf32>
  // CHECK-DAG: #[[CAST]] = loc("x_si8")
  // CHECK-DAG: #[[LINE]] = loc("line")
  // ASYM: "tpu.Cast"{{.*}} -> tensor<1x1x1x4x!quant.uniform<i8:f32, 1.000000e+00:-127>>
  // ASYM: "tpu.Conv2D"{{.*}}multiplier = [1379800448, {{[0-9]+}}, {{[0-9]+}}]{{.*}}quant_mode = #tpu<rq_mode MultiplierShift>{{.*}}round_mode = #tpu<round_mode HalfUp>, rshift = [37, 60, {{[0-9]+}}]
  // ASYM-NOT: out_scales
  func.func @main(%arg0: tensor<1x1x1x4xf32>) -> (tensor<1x3x1x1x!quant.calibrated<f32<0.0:102.0>>>, tensor<1x1x3x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x1x1x7x!quant.calibrated<f32<-127.0:127.0>>>) {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x4x!quant.calibrated<f32<-127.0:127.0>>> loc("x")
    %1 = "top.Weight"() : () -> tensor<3x1x1x1xf32> loc("filter")
    %2 = "top.Weight"() : () -> tensor<3xf32> loc("bias")
    %3 = "top.Conv"(%0, %1, %2) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x1x4x!quant.calibrated<f32<-127.0:127.0>>>, tensor<3x1x1x1xf32>, tensor<3xf32>) -> tensor<1x3x1x4x!quant.calibrated<f32<-254.0:254.0>>> loc("conv")
    %4 = "top.MaxPool"(%3) {kernel_shape = [1, 2], strides = [1, 2], pads = [0, 0, 0, 0]} : (tensor<1x3x1x4x!quant.calibrated<f32<-254.0:254.0>>>) -> tensor<1x3x1x2x!quant.calibrated<f32<-254.0:254.0>>> loc("max")
    %5 = "top.AvgPool"(%4) {kernel_shape = [1, 2], strides = [1, 2], pads = [0, 0, 0, 0]} : (tensor<1x3x1x2x!quant.calibrated<f32<-254.0:254.0>>>) -> tensor<1x3x1x1x!quant.calibrated<f32<0.0:102.0>>> loc("avg")
    %6 = "top.Reshape"(%0) {shape = [1, 1, 4]} : (tensor<1x1x1x4x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x1x4x!quant.calibrated<f32<-127.0:127.0>>> loc("flat")
    %7 = "top.Weight"() : () -> tensor<1x1x2xf32> loc("pair")
    %8 = "top.Conv"(%6, %7, %n) {kernel_shape = [2], strides = [1], pads = [0, 0], do_relu = true} : (tensor<1x1x4x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x1x2xf32>, none) -> tensor<1x1x3x!quant.calibrated<f32<0.0:255.0>>> loc("line")
    %9 = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("grow")
    %10 = "top.Concat"(%0, %0) {axis = 1 : si32} : (tensor<1x1x1x4x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x1x1x4x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x1x4x!quant.calibrated<f32<-127.0:127.0>>> loc("two")
    %11 = "top.Deconv"(%10, %9, %n) {kernel_shape = [1, 1], strides = [1, 2], pads = [0, 0, 0, 0], group = 1 : i64} : (tensor<1x2x1x4x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x2x1x1xf32>, none) -> tensor<1x1x1x7x!quant.calibrated<f32<-127.0:127.0>>> loc("grown")
    return %5, %8, %11 : tensor<1x3x1x1x!quant.calibrated<f32<0.0:102.0>>>, tensor<1x1x3x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x1x1x7x!quant.calibrated<f32<-127.0:127.0>>>
  }
}
