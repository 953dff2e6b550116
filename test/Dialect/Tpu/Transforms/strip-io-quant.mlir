// The network takes and gives f32 unless asked otherwise; the types of arguments and results follow.
// RUN: tpuc-opt %s --strip-io-quant="quant_input=False quant_output=False" -o %t
// RUN: FileCheck %s < %t
// RUN: tpuc-opt %s --strip-io-quant="quant_input=true quant_output=true" -o %t
// RUN: FileCheck %s --check-prefix=BOTH < %t
// RUN: tpuc-opt %s --strip-io-quant="quant_input_list=2 quant_output_list=1" -o %t
// RUN: FileCheck %s --check-prefix=LIST < %t
// RUN: tpuc-opt %s --strip-io-quant="quant_input_int8=true quant_output_int8=true" -o %t
// RUN: FileCheck %s --check-prefix=BYTES < %t
// RUN: tpuc-opt %s --strip-io-quant="quant_output_bf16=true" -o %t
// RUN: FileCheck %s --check-prefix=BF16 < %t
// RUN: not tpuc-opt %s --strip-io-quant="quant_input_list=3" -o %t 2>&1 | FileCheck %s --check-prefix=POSITION
// RUN: not tpuc-opt %s --strip-io-quant="quant_output_bf16=true quant_output_int8=true" -o %t 2>&1 | FileCheck %s --check-prefix=EXCLUDE
// RUN: sed -e 's/!quant.calibrated<f32<-1.0:1.0>>/f32/' %s > %t.plain
// RUN: not tpuc-opt %t.plain --strip-io-quant="quant_input_int8=true" -o %t 2>&1 | FileCheck %s --check-prefix=RANGE
// POSITION: quant_input_list has '3'; the network has the positions 1 to 2
// EXCLUDE: quant_output_bf16 and quant_output_int8 exclude each other
// RANGE: 'y' has no calibrated range, so that quant_input_int8 cannot give it a scale
module @net attributes {module.asymmetric = false, module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC"} {
  // CHECK: func.func @main(%{{.*}}: tensor<2x2xf32>{{.*}}, %{{.*}}: tensor<2x2xf32>{{.*}}) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  // CHECK-COUNT-4: "tpu.Cast"
  // BOTH: func.func @main(%{{.*}}: tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01>>{{.*}}, %{{.*}}: tensor<2x2xf16>{{.*}}) -> (tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01>>, tensor<2x2x!quant.calibrated<f16<0.000000e+00:2.550000e+02>>>)
  // BOTH-NOT: tpu.Cast
  // LIST: func.func @main(%{{.*}}: tensor<2x2xf32>{{.*}}, %{{.*}}: tensor<2x2xf16>{{.*}}) -> (tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01>>, tensor<2x2xf32>)
  // BYTES: func.func @main(%{{.*}}: tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01>>{{.*}}, %{{.*}}: tensor<2x2x!quant.uniform<i8:f32, 0.007874{{[0-9]*}}>>{{.*}}) -> (tensor<2x2x!quant.uniform<i8:f32, 5.000000e-01>>, tensor<2x2x!quant.uniform<u8:f32, 1.000000e+00>>)
  // BYTES: "tpu.Cast"({{.*}}) {{.*}}(tensor<2x2x!quant.uniform<i8:f32, 0.007874{{[0-9]*}}>>) -> tensor<2x2xf16>
  // BYTES: "tpu.Cast"({{.*}}) {{.*}} -> tensor<2x2x!quant.uniform<u8:f32, 1.000000e+00>> loc(#[[BYTES:.+]])
  // BYTES: #[[BYTES]] = loc("b_si8")
  // BF16: -> (tensor<2x2xbf16>, tensor<2x2xbf16>)
  func.func @main(%arg0: tensor<2x2xf32>, %arg1: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
    %0 = "top.Input"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("x")
    %1 = "top.Input"(%arg1) : (tensor<2x2xf32>) -> tensor<2x2x!quant.calibrated<f32<-1.0:1.0>>> loc("y")
    %2 = "tpu.Cast"(%0) : (tensor<2x2xf32>) -> tensor<2x2x!quant.uniform<i8:f32, 0.5>> loc("x_si8")
    %3 = "tpu.Cast"(%1) : (tensor<2x2x!quant.calibrated<f32<-1.0:1.0>>>) -> tensor<2x2xf16> loc("y_f16")
    %4 = "tpu.Relu"(%2) : (tensor<2x2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x2x!quant.uniform<i8:f32, 0.5>> loc("a")
    %5 = "tpu.Relu"(%3) : (tensor<2x2xf16>) -> tensor<2x2x!quant.calibrated<f16<0.0:255.0>>> loc("b")
    %6 = "tpu.Cast"(%4) : (tensor<2x2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x2xf32> loc("a_f32")
    %7 = "tpu.Cast"(%5) : (tensor<2x2x!quant.calibrated<f16<0.0:255.0>>>) -> tensor<2x2xf32> loc("b_f32")
    return %6, %7 : tensor<2x2xf32>, tensor<2x2xf32>
  }
}
