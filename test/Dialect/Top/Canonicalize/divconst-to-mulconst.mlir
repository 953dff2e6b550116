// A quotient by a constant is a product, one of a constant a reciprocal; not where an error would be rounded to a whole.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @quotient
  // CHECK-NEXT: "top.MulConst"(%arg0) {const_val = 0.33333333333333331 : f64, do_relu = true
  func.func @quotient(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 3.0 : f64, do_relu = true} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @of_constant
  // CHECK-NEXT: "top.Reciprocal"(%arg0) {const_val = 3.000000e+00 : f64, do_relu = true
  func.func @of_constant(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 3.0 : f64, is_reverse = true, do_relu = true} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @rounded
  // CHECK-NEXT: "top.DivConst"
  func.func @rounded(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 3.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    %z = "top.Floor"(%y) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("z")
    return %z : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @exact
  // CHECK-NEXT: "top.MulConst"(%arg0) {const_val = 1.250000e-01
  func.func @exact(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 8.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    %z = "top.Floor"(%y) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("z")
    return %z : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @logarithm
  // CHECK: %[[L:.+]] = "top.Log"
  // CHECK-NEXT: "top.MulConst"(%[[L]]) {const_val = 1.4426950408889634
  func.func @logarithm(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.LogB"(%a) {base = 2 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @rounded_logarithm
  // CHECK: "top.LogB"
  func.func @rounded_logarithm(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.LogB"(%a) {base = 2 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    %z = "top.Ceil"(%y) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("z")
    return %z : tensor<2x3x4xf32>
  }
}
