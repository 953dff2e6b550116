// A PRelu of one slope is a LeakyRelu.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT slope = [0.25]
// WEIGHT slopes = ramp(2, 1, 1)
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @one
  // CHECK-NEXT: "top.LeakyRelu"(%arg0) {alpha = 2.500000e-01 : f64
  func.func @one(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Weight"() : () -> tensor<1xf32> loc("slope")
    %y = "top.PRelu"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("p")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @per_channel
  // CHECK: "top.PRelu"
  func.func @per_channel(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Weight"() : () -> tensor<2x1x1xf32> loc("slopes")
    %y = "top.PRelu"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32> loc("p")
    return %y : tensor<1x2x4x4xf32>
  }
}
