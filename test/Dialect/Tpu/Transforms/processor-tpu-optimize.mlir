// Casts from half to f32 and back vanish; equal casts of one value are shared.
// RUN: tpuc-opt %s --processor-tpu-optimize -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC"} {
  // CHECK: %[[X:.+]] = "top.Input"
  // CHECK: %[[H:.+]] = "tpu.Cast"(%[[X]])
  // CHECK: %[[R:.+]] = "tpu.Relu"(%[[H]])
  // CHECK: %[[S:.+]] = "tpu.Add"(%[[R]], %[[H]])
  // CHECK: "tpu.Cast"(%[[S]])
  func.func @main(%arg0: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = "top.Input"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("x")
    %1 = "tpu.Cast"(%0) : (tensor<2x2xf32>) -> tensor<2x2xf16> loc("a")
    %2 = "tpu.Cast"(%0) : (tensor<2x2xf32>) -> tensor<2x2xf16> loc("b")
    %3 = "tpu.Relu"(%1) : (tensor<2x2xf16>) -> tensor<2x2xf16> loc("r")
    %4 = "tpu.Cast"(%3) : (tensor<2x2xf16>) -> tensor<2x2xf32> loc("r_f32")
    %5 = "tpu.Cast"(%4) : (tensor<2x2xf32>) -> tensor<2x2xf16> loc("r_f16")
    %6 = "tpu.Add"(%5, %2) : (tensor<2x2xf16>, tensor<2x2xf16>) -> tensor<2x2xf16> loc("s")
    %7 = "tpu.Cast"(%6) : (tensor<2x2xf16>) -> tensor<2x2xf32> loc("s_f32")
    return %7 : tensor<2x2xf32>
  }
}
