// A choice by a constant condition that is the same everywhere is one of the branches; others drop what is not chosen.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT m = ramp(3, 4) % 3
// WEIGHT t = ramp(3, 4) + 1
// WEIGHT f = 0 * ramp(2, 3, 4)
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fill
  // CHECK: "top.MaskedFill"
  func.func @fill(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.MaskedFill"(%m, %x) {inversed = true, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @fill_where_false
  // CHECK: "top.MaskedFill"
  func.func @fill_where_false(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.MaskedFill"(%m, %x) {inversed = false, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @two_tensors
  // CHECK: "top.Where"
  func.func @two_tensors(%x: tensor<2x3x4xf32>, %z: tensor<2x1x1xf32>) -> tensor<2x3x4xf32> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.Where"(%m, %x, %z) {} : (tensor<3x4xf32>, tensor<2x3x4xf32>, tensor<2x1x1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @always
  // CHECK-NEXT: %[[R:.+]] = "top.Relu"(%arg0)
  // CHECK-NEXT: return %[[R]]
  func.func @always(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %t = "top.Weight"() : () -> tensor<3x4xf32> loc("t")
    %r = "top.Relu"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("r")
    %y = "top.Where"(%t, %r, %z) {} : (tensor<3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @never
  // CHECK-NEXT: %[[R:.+]] = "top.Relu"(%arg1)
  // CHECK-NEXT: return %[[R]]
  func.func @never(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %f = "top.Weight"() : () -> tensor<2x3x4xf32> loc("f")
    %r = "top.Relu"(%z) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("r")
    %y = "top.Where"(%f, %x, %r) {} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @all_filled
  // CHECK: "top.MaskedFill"
  func.func @all_filled(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %t = "top.Weight"() : () -> tensor<3x4xf32> loc("t")
    %y = "top.MaskedFill"(%t, %x) {inversed = true, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @nothing_filled
  // CHECK-NEXT: %[[R:.+]] = "top.Relu"(%arg0)
  // CHECK-NEXT: return %[[R]]
  func.func @nothing_filled(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %t = "top.Weight"() : () -> tensor<3x4xf32> loc("t")
    %r = "top.Relu"(%x) : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("r")
    %y = "top.MaskedFill"(%t, %r) {inversed = false, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
