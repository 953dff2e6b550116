// Of a commutative op's operands the weight comes second.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT c = ramp(4, 4)
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @add
  // CHECK: %[[C:.+]] = "top.Weight"
  // CHECK: "top.Add"(%arg0, %[[C]])
  func.func @add(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<4x4xf32> loc("c")
    %y = "top.Add"(%c, %x) : (tensor<4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @mul
  // CHECK: %[[C:.+]] = "top.Weight"
  // CHECK: "top.Mul"(%arg0, %[[C]])
  func.func @mul(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<4x4xf32> loc("c")
    %y = "top.Mul"(%c, %x) : (tensor<4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @max
  // CHECK: %[[C:.+]] = "top.Weight"
  // CHECK: "top.Max"(%arg0, %[[C]])
  func.func @max(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<4x4xf32> loc("c")
    %y = "top.Max"(%c, %x) : (tensor<4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @min
  // CHECK: %[[C:.+]] = "top.Weight"
  // CHECK: "top.Min"(%arg0, %[[C]])
  func.func @min(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<4x4xf32> loc("c")
    %y = "top.Min"(%c, %x) : (tensor<4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
}
