// A condition is true where it is other than 0, so that what says so again is left out, and negations exchange branches.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @not_equal
  // CHECK-NOT: CompareConst
  // CHECK: "top.Where"(%arg0, %arg1, %{{.+}}) {{{.*}}x_is_const = false, y_const_val = 4.000000e+00 : f64, y_is_const = true}
  func.func @not_equal(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {mode = "NotEqual", const_val = 0.0 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %z, %n) {y_is_const = true, y_const_val = 4.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @equal
  // CHECK-NOT: CompareConst
  // CHECK: "top.Where"(%arg0, %{{.+}}, %arg1) {x_const_val = 4.000000e+00 : f64, x_is_const = true, {{.*}}y_is_const = false}
  func.func @equal(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {mode = "Equal", const_val = 0.0 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %z, %n) {y_is_const = true, y_const_val = 4.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @negated_fill
  // CHECK-NOT: CompareConst
  // CHECK: "top.MaskedFill"(%arg0, %arg1) {const_val = 4.000000e+00 : f64, inversed = false}
  func.func @negated_fill(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {mode = "Not", const_val = 0.0 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %z) {inversed = true, const_val = 4.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @cast_fill
  // CHECK-NEXT: "top.MaskedFill"(%arg0, %arg1) {const_val = 4.000000e+00 : f64, inversed = true}
  func.func @cast_fill(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.Cast"(%x) {to = "BOOL"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %z) {inversed = true, const_val = 4.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @other_constant
  // CHECK-NEXT: "top.CompareConst"
  func.func @other_constant(%x: tensor<2x3x4xf32>, %z: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {mode = "NotEqual", const_val = 1.0 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %z) {inversed = true, const_val = 4.0 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
