// Matrix products in 8 bits: scales per column, per matrix for batches and computed operands; those of which the chip
// cannot take the zero point off run in half precision.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_output=true weightFileName=w.npz" --canonicalize -o %t/sym.mlir
// RUN: FileCheck %s < %t/sym.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: sed -e 's/<-127.0:127.0>/<-1.0:254.0>/g' %t/net.mlir > %t/shifted.mlir
// RUN: tpuc-opt %t/shifted.mlir --convert-top-to-tpu="asymmetric=true quant_output=true weightFileName=a.npz" --canonicalize -o %t/asym.mlir
// RUN: FileCheck %s --check-prefix=ASYM < %t/asym.mlir
// RUN: %show_weights %t/a.npz | FileCheck %s --check-prefix=SHIFTED
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_mode=MultiplierShift quant_output=true weightFileName=m.npz" --canonicalize -o %t/shift.mlir
// RUN: FileCheck %s --check-prefix=SHIFT < %t/shift.mlir
// WEIGHT right = [[1.27, -2.54], [0.5, 0.4]]
// WEIGHT turned = [[1.27, 0.5], [-2.54, 0.4]]
// WEIGHT bias = [3, 4]
// WEIGHT batch = [[[1.27, 0], [0, 1]], [[0.5, 0], [0, -1]]]
// VALUES-DAG: fc_filter_int8 i8 2x2: 127 -127 50 20
// VALUES-DAG: fc_bias_int32 i32 1x2: 300 200
// VALUES-DAG: turned_fc_filter_int8 i8 2x2: 127 50 -127 20
// VALUES-DAG: batched_filter_int8 i8 2x2x2: 127 0 0 100 50 0 0 -100
// The left zero point is -127; columns sum up to 177 and -107.
// SHIFTED-DAG: fc_bias_int32 i32 1x2: 22779 -13389
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.MatMul"{{.*}}out_scales = [0.0099999997{{[0-9]*}}, 0.0199999995{{[0-9]*}}]{{.*}}quant_mode = #tpu<rq_mode OnlyScale>{{.*}} : (tensor<2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>, tensor<2x2xi8>, tensor<1x2xi32>, none, none) -> tensor<2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: "tpu.MatMul"{{.*}}right_transpose = true{{.*}}tensor<2x2xi8>, none, none, none)
  // CHECK: "tpu.MatMul"{{.*}}out_scales = [0.0099999997{{[0-9]*}}],{{.*}}tensor<2x2x2xi8>, none, none, none)
  // CHECK: "tpu.MatMul"{{.*}}out_scales = [1.000000e+00]{{.*}}right_zp = 0 : i64{{.*}} -> tensor<2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // ASYM: "tpu.MatMul"{{.*}}tensor<2x2xi8>, tensor<1x2xi32>, none, none) -> tensor<2x2x2x!quant.uniform<i8:f32, 1.000000e+00:-127>>
  // ASYM: "tpu.MatMul"{{.*}}tensor<2x2xi8>, tensor<1x2xi32>, none, none)
  // ASYM: "tpu.MatMul"{{.*}} -> tensor<2x2x2x!quant.calibrated<f16<-1.000000e+00:2.540000e+02>>>
  // ASYM: "tpu.MatMul"{{.*}} -> tensor<2x2x2x!quant.calibrated<f16<-1.000000e+00:2.540000e+02>>>
  // A left operand without negative values has no zero point; the right one may have one.
  // ASYM: "tpu.MatMul"{{.*}}right_zp = -127 : i64{{.*}} -> tensor<2x2x2x!quant.uniform<i8:f32, 1.000000e+00:-127>>
  // SHIFT: "tpu.MatMul"{{.*}}multipliers = [1374389{{[0-9]+}}, 1374389{{[0-9]+}}]{{.*}}quant_mode = #tpu<rq_mode MultiplierShift>{{.*}}round_mode = #tpu<round_mode HalfAwayFromZero>, rshifts = [37, 36]
  func.func @main(%arg0: tensor<2x2x2xf32>, %arg1: tensor<2x2x2xf32>) -> (tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<2x2x2xf32>) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("x")
    %1 = "top.Input"(%arg1) : (tensor<2x2x2xf32>) -> tensor<2x2x2x!quant.calibrated<f32<0.0:255.0>>> loc("p")
    %2 = "top.Weight"() : () -> tensor<2x2xf32> loc("right")
    %3 = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %4 = "top.MatMul"(%0, %2, %3) : (tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("fc")
    %5 = "top.Weight"() : () -> tensor<2x2xf32> loc("turned")
    %6 = "top.MatMul"(%0, %5, %n) {right_transpose = true} : (tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2xf32>, none) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("turned_fc")
    %7 = "top.Weight"() : () -> tensor<2x2x2xf32> loc("batch")
    %8 = "top.MatMul"(%0, %7, %n) : (tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2xf32>, none) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("batched")
    %9 = "top.MatMul"(%0, %0, %n) : (tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, none) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("both")
    %10 = "top.MatMul"(%1, %0, %n) : (tensor<2x2x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, none) -> tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("weighted")
    return %4, %6, %8, %9, %10 : tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x2x2x!quant.calibrated<f32<-127.0:127.0>>>
  }
}
