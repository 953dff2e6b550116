// Swish is SiLU, or a product with a sigmoid.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @plain
  // CHECK-NEXT: "top.SiLU"(%arg0)
  func.func @plain(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Swish"(%x) {beta = 1.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @scaled
  // CHECK-NEXT: %[[S:.+]] = "top.MulConst"(%arg0) {const_val = 1.500000e+00
  // CHECK-NEXT: %[[G:.+]] = "top.Sigmoid"(%[[S]])
  // CHECK-NEXT: "top.Mul"(%arg0, %[[G]])
  func.func @scaled(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Swish"(%x) {beta = 1.5 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
