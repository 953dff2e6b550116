// A convolution that only a 1x1 convolution follows becomes one with it in INT8 where the chip needs no more steps; not
// where a quantize table names one of them, where a function is in between, nor in floats.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_output=true weightFileName=w.npz" --canonicalize -o %t/int8.mlir
// RUN: FileCheck %s < %t/int8.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: echo "first INT8" > %t/table.txt
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt weightFileName=t.npz" --canonicalize -o %t/named.mlir
// RUN: FileCheck %s --check-prefix=FOUR < %t/named.mlir
// RUN: sed -e 's/"INT8"/"F16"/' %t/net.mlir > %t/half.mlir
// RUN: tpuc-opt %t/half.mlir --convert-top-to-tpu="weightFileName=h.npz" --canonicalize -o %t/f16.mlir
// RUN: FileCheck %s --check-prefix=FOUR < %t/f16.mlir
// WEIGHT a = [[[[1, 2]]], [[[0, -1]]]]
// WEIGHT ab = [1, -1]
// WEIGHT b = [[[[2]], [[1]]]]
// WEIGHT bb = [0.5]
// [2 1] * [[1 2] [0 -1]] = [2 3]; 2 * 1 - 1 + 0.5 = 1.5. The scales are 3 / 127 and 1.
// VALUES-DAG: second_filter_i8 i8 1x1x1x2: 85 127
// VALUES-DAG: second_bias_int32 i32 1x1x1x1: 64
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.Conv2D"{{.*}}do_relu = true{{.*}}kernel_shape = [1, 2]{{.*}}relu_limit = 6.000000e+00{{.*}} -> tensor<1x1x1x2x!quant.uniform<u8:f32, 1.000000e+00>> loc(#[[SECOND:.+]])
  // CHECK-COUNT-2: "tpu.Conv2D"
  // CHECK-NOT: "tpu.Conv2D"
  // CHECK: #[[SECOND]] = loc("second")
  // FOUR-COUNT-4: "tpu.Conv2D"
  func.func @main(%arg0: tensor<1x1x1x3xf32>) -> (tensor<1x1x1x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x1x1x2x!quant.calibrated<f32<-127.0:127.0>>>) {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x3x!quant.calibrated<f32<-127.0:127.0>>> loc("x")
    %1 = "top.Weight"() : () -> tensor<2x1x1x2xf32> loc("a")
    %2 = "top.Weight"() : () -> tensor<2xf32> loc("ab")
    %3 = "top.Conv"(%0, %1, %2) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x1x3x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x2x1x2x!quant.calibrated<f32<-127.0:127.0>>> loc("first")
    %4 = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("b")
    %5 = "top.Weight"() : () -> tensor<1xf32> loc("bb")
    %6 = "top.Conv"(%3, %4, %5) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], do_relu = true, relu_limit = 6.0 : f64} : (tensor<1x2x1x2x!quant.calibrated<f32<-127.0:127.0>>>, tensor<1x2x1x1xf32>, tensor<1xf32>) -> tensor<1x1x1x2x!quant.calibrated<f32<0.0:255.0>>> loc("second")
    %7 = "top.Conv"(%0, %1, %n) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 0, 0, 0], do_relu = true} : (tensor<1x1x1x3x!quant.calibrated<f32<-127.0:127.0>>>, tensor<2x1x1x2xf32>, none) -> tensor<1x2x1x2x!quant.calibrated<f32<0.0:255.0>>> loc("third")
    %8 = "top.Conv"(%7, %4, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x2x1x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x2x1x1xf32>, none) -> tensor<1x1x1x2x!quant.calibrated<f32<-127.0:127.0>>> loc("fourth")
    return %6, %8 : tensor<1x1x1x2x!quant.calibrated<f32<0.0:255.0>>>, tensor<1x1x1x2x!quant.calibrated<f32<-127.0:127.0>>>
  }
}
