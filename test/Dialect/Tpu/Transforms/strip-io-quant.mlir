// Without options nothing changes; the options are refused.
// RUN: tpuc-opt %s --strip-io-quant="quant_input=False quant_output=False" -o %t
// RUN: FileCheck %s < %t
// RUN: not tpuc-opt %s --strip-io-quant="quant_input=true" -o %t 2>&1 | FileCheck %s --check-prefix=REFUSED
// REFUSED: quantized inputs and results are not supported
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC"} {
  // CHECK: "tpu.Cast"
  // CHECK: "tpu.Cast"
  func.func @main(%arg0: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = "top.Input"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("x")
    %1 = "tpu.Cast"(%0) : (tensor<2x2xf32>) -> tensor<2x2xf16> loc("x_f16")
    %2 = "tpu.Cast"(%1) : (tensor<2x2xf16>) -> tensor<2x2xf32> loc("x_f16_f32")
    return %2 : tensor<2x2xf32>
  }
}
