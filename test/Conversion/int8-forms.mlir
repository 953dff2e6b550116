// The 8-bit forms that ops share: arithmetic in the float form, tables for functions of one value, bytes that are moved,
// and floats where an op has no such form; one cast per value and type.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="weightFileName=w.npz" --canonicalize -o %t/int8.mlir
// RUN: FileCheck %s < %t/int8.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: sed -e 's/0.0:4.0/0.0:70000.0/' %t/net.mlir > %t/large.mlir
// RUN: tpuc-opt %t/large.mlir --convert-top-to-tpu="weightFileName=l.npz" --canonicalize -o %t/f32.mlir
// RUN: FileCheck %s --check-prefix=LARGE < %t/f32.mlir
// RUN: printf 'sum bf16\nabs F32\n' > %t/table.txt
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt weightFileName=m.npz" --canonicalize -o %t/mix.mlir
// RUN: FileCheck %s --check-prefix=MIX < %t/mix.mlir
// WEIGHT slope = [0.5, 0.25]
// WEIGHT offset = [1, 2, 3, 4]
// The table is indexed by the byte: 0, 1, ... 127, -128 ... -1, of 2^x with x = q and results 0 ... 255.
// VALUES-DAG: exp_table u8 1x1x1x256: 1 3 7 20 55 148 255 {{.*}} 0 0 0
// A weight that is an operand of the float form stays as it is, one that is joined is quantized as the result.
// VALUES-DAG: offset f32
// VALUES-DAG: offset_i8 i8 1x1x2x2: 1 2 3 4
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: %[[X:.+]] = "top.Input"
  // CHECK: %[[H:.+]] = "tpu.Cast"(%[[X]]) {{.*}} -> tensor<1x2x2x2xf16>
  // CHECK: %[[Q:.+]] = "tpu.Cast"(%[[X]]) {{.*}} -> tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: %[[TURNED:.+]] = "tpu.Permute"(%[[Q]], {{.*}} -> tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: "tpu.Add"(%[[TURNED]], %{{.+}}) {{.*}}do_relu = true{{.*}} : (tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>, tensor<1x1x2x2xf32>) -> tensor<1x2x2x2x!quant.uniform<u8:f32, 2.000000e+00>>
  // CHECK: "tpu.PReluOp"({{.*}} : (tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>, tensor<1x2x1x1xf32>) -> tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: "tpu.Active"({{.*}}mode = #tpu<active_mode ABSVAL>{{.*}} -> tensor<1x2x2x2x!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK: "tpu.Lut"(%[[Q]], %{{.+}}) : (tensor<1x2x2x2x!quant.uniform<i8:f32, 1.000000e+00>>, tensor<1x1x1x256xui8>) -> tensor<1x2x2x2x!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK-NOT: tpu.Cast
  // CHECK: %[[SOFT:.+]] = "tpu.Softmax"(%[[H]], {{.*}} -> tensor<1x2x2x2x!quant.calibrated<f16<0.000000e+00:1.000000e+00>>>
  // What another op gives as floats is moved as floats.
  // CHECK: "tpu.Reshape"(%[[SOFT]]) {{.*}} -> tensor<1x8x!quant.calibrated<f16<0.000000e+00:1.000000e+00>>>
  // CHECK: "tpu.Reduce"(%[[H]], {{.*}} -> tensor<1x2x2x1x!quant.calibrated<f16<0.000000e+00:4.000000e+00>>>
  // CHECK: "tpu.Concat"(%[[TURNED]], %{{.+}}) {{.*}} -> tensor<1x3x2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // LARGE: "tpu.Softmax"({{.*}} -> tensor<1x2x2x2x!quant.calibrated<f16<0.000000e+00:1.000000e+00>>>
  // LARGE: "tpu.Reduce"({{.*}}(tensor<1x2x2x2x!quant.calibrated<f32<{{[^,]+}}, none, none) -> tensor<1x2x2x1xf32>
  // MIX: "tpu.Add"({{.*}} : (tensor<1x2x2x2xbf16>, tensor<1x1x2x2xbf16>) -> tensor<1x2x2x2x!quant.calibrated<bf16<0.000000e+00:5.100000e+02>>>
  // MIX: "tpu.Active"({{.*}} : (tensor<1x2x2x2x!quant.calibrated<f32<{{[^,]+}}) -> tensor<1x2x2x2xf32>
  func.func @main(%arg0: tensor<1x2x2x2xf32>) -> (tensor<1x2x2x2x!quant.calibrated<f32<0.0:510.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x8x!quant.calibrated<f32<0.0:1.0>>>, tensor<1x2x2x1x!quant.calibrated<f32<0.0:4.0>>>, tensor<1x3x2x2x!quant.calibrated<f32<-127.0:127.0>>>) {
    %0 = "top.Input"(%arg0) : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("x")
    %1 = "top.Permute"(%0) {order = [0, 1, 3, 2]} : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("turned")
    %2 = "top.Weight"() : () -> tensor<1x1x2x2xf32> loc("offset")
    %3 = "top.Add"(%1, %2) {do_relu = true} : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x1x2x2xf32>) -> tensor<1x2x2x2x!quant.calibrated<f32<0.0:510.0>>> loc("sum")
    %4 = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("slope")
    %5 = "top.PRelu"(%1, %4) : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x2x1x1xf32>) -> tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("prelu")
    %6 = "top.Abs"(%0) : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>> loc("abs")
    %7 = "top.Exp"(%0) : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>> loc("exp")
    %8 = "top.Softmax"(%0) {axis = 1 : si32} : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x2x2x!quant.calibrated<f32<0.0:1.0>>> loc("softmax")
    %9 = "top.Reshape"(%8) {shape = [1, 8]} : (tensor<1x2x2x2x!quant.calibrated<f32<0.0:1.0>>>) -> tensor<1x8x!quant.calibrated<f32<0.0:1.0>>> loc("flat")
    %10 = "top.Reduce"(%0) {axes = [3], keepdims = true, mode = "ReduceMax"} : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>) -> tensor<1x2x2x1x!quant.calibrated<f32<0.0:4.0>>> loc("reduce")
    %11 = "top.Concat"(%1, %2) {axis = 1 : si32} : (tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x1x2x2xf32>) -> tensor<1x3x2x2x!quant.calibrated<f32<-127.0:127.0>>> loc("joined")
    return %3, %5, %6, %7, %9, %10, %11 : tensor<1x2x2x2x!quant.calibrated<f32<0.0:510.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x2x2x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x8x!quant.calibrated<f32<0.0:1.0>>>, tensor<1x2x2x1x!quant.calibrated<f32<0.0:4.0>>>, tensor<1x3x2x2x!quant.calibrated<f32<-127.0:127.0>>>
  }
}
