// A choice between two values by which is larger is an extremum, where a NaN gives the same.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @upper_bound
  // CHECK-NEXT: "top.MinConst"(%arg0) {const_val = 1.500000e+00
  func.func @upper_bound(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {mode = "Greater", const_val = 1.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %n, %x) {x_is_const = true, x_const_val = 1.5 : f64} : (tensor<2x3x4xf32>, none, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @lower_bound
  // CHECK-NEXT: "top.MaxConst"(%arg0) {const_val = 1.500000e+00
  func.func @lower_bound(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {mode = "GreaterOrEqual", const_val = 1.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %x, %n) {y_is_const = true, y_const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @inversed
  // CHECK: "top.MaskedFill"
  func.func @inversed(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {mode = "Greater", const_val = 1.5 : f64, inversed = true} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %x) {inversed = true, const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @kept_where_less
  // CHECK: "top.MaskedFill"
  func.func @kept_where_less(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {mode = "LessOrEqual", const_val = 1.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %x) {inversed = false, const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @another_constant
  // CHECK: "top.MaskedFill"
  func.func @another_constant(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {mode = "LessOrEqual", const_val = 1.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %x) {inversed = false, const_val = 1.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @larger
  // CHECK-NEXT: "top.Max"(%arg0, %arg1)
  func.func @larger(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.Compare"(%x, %z) {mode = "Greater"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %x, %z) {} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @smaller
  // CHECK-NEXT: "top.Min"(%arg0, %arg1)
  func.func @smaller(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.Compare"(%x, %z) {mode = "GreaterOrEqual"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %z, %x) {} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @equal
  // CHECK: "top.Where"
  func.func @equal(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.Compare"(%x, %z) {mode = "Equal"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %z, %x) {} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
