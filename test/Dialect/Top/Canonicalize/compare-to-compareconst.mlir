// A comparison with a weight of one element has a constant, on either side.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT c = [1.5]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @right
  // CHECK-NEXT: "top.CompareConst"(%arg0) {const_val = 1.500000e+00 : f64, inversed = false, is_scalar = false, mode = "Less"}
  func.func @right(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Compare"(%x, %c) {mode = "Less"} : (tensor<2x3x4xf32>, tensor<1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @left
  // CHECK-NEXT: "top.CompareConst"(%arg0) {const_val = 1.500000e+00 : f64, inversed = true, is_scalar = false, mode = "Less"}
  func.func @left(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Compare"(%c, %x) {mode = "Less"} : (tensor<1xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @negation_of_weight
  // CHECK: "top.Compare"(
  func.func @negation_of_weight(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Compare"(%c, %x) {mode = "Not"} : (tensor<1xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @two_tensors
  // CHECK-NEXT: "top.Compare"(
  func.func @two_tensors(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Compare"(%x, %z) {mode = "Less"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
