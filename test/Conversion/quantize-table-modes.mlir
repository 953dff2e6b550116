// Lines of a quantize table in an INT8 network: W8F16 keeps the integer filter of a convolution beside half-precision
// values; a function in float takes the sums of the integer convolution before it without rounding to 8 bits.
// RUN: %make_net %s %t
// RUN: printf "first w8f16\nact F16\n" > %t/table.txt
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=INT8" --convert-top-to-tpu="qtable=%t/table.txt asymmetric=true weightFileName=mix.npz" --canonicalize -o %t/mix.mlir
// RUN: FileCheck %s < %t/mix.mlir
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=INT8" --convert-top-to-tpu="asymmetric=true weightFileName=int8.npz" --canonicalize -o %t/int8.mlir
// RUN: FileCheck %s --check-prefix=PURE < %t/int8.mlir
// WEIGHT filter = [-2, 1, 4, -8]
// WEIGHT second = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.Conv2D"{{.*}}weight_bits = 8 : i64{{.*}} : (tensor<1x1x2x2xf16>, tensor<4x1x1x1xsi8>, none) -> tensor<1x4x2x2x!quant.calibrated<f16<-8.000000e+00:4.000000e+00>>>
  // CHECK: "tpu.Cast"{{.*}} -> tensor<1x4x2x2x!quant.uniform<i8:f32
  // CHECK: "tpu.Conv2D"{{.*}} -> tensor<1x4x2x2x!quant.calibrated<f32<-8.000000e+00:4.000000e+00>>>
  // CHECK: "tpu.Cast"{{.*}} -> tensor<1x4x2x2xf16>
  // CHECK: "tpu.Active"{{.*}} -> tensor<1x4x2x2x!quant.calibrated<f16<
  // PURE: "tpu.Conv2D"{{.*}} -> tensor<1x4x2x2x!quant.uniform<i8:f32
  // PURE: "tpu.Lut"
  func.func @main(%arg0: tensor<1x1x2x2xf32>) -> tensor<1x4x2x2x!quant.calibrated<f32<-0.3:4.0>>> {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2x!quant.calibrated<f32<-1.0:1.0>>> loc("x")
    %1 = "top.Weight"() : () -> tensor<4x1x1x1xf32> loc("filter")
    %2 = "top.Conv"(%0, %1, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x2x2x!quant.calibrated<f32<-1.0:1.0>>>, tensor<4x1x1x1xf32>, none) -> tensor<1x4x2x2x!quant.calibrated<f32<-8.0:4.0>>> loc("first")
    %3 = "top.Weight"() : () -> tensor<4x4x1x1xf32> loc("second")
    %4 = "top.Conv"(%2, %3, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x4x2x2x!quant.calibrated<f32<-8.0:4.0>>>, tensor<4x4x1x1xf32>, none) -> tensor<1x4x2x2x!quant.calibrated<f32<-8.0:4.0>>> loc("conv")
    %5 = "top.SiLU"(%4) : (tensor<1x4x2x2x!quant.calibrated<f32<-8.0:4.0>>>) -> tensor<1x4x2x2x!quant.calibrated<f32<-0.3:4.0>>> loc("act")
    return %5 : tensor<1x4x2x2x!quant.calibrated<f32<-0.3:4.0>>>
  }
}
