// A rounded quotient by a power of two, and logarithms to any base that nothing rounds, are products.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @eighth
  // CHECK-NEXT: %[[Q:.+]] = "top.MulConst"(%arg0) {const_val = -1.250000e-01
  // CHECK-NEXT: "top.Floor"(%[[Q]])
  func.func @eighth(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = -8.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @whole
  // CHECK-NEXT: "top.Floor"(%arg0)
  func.func @whole(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 1.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @third
  // CHECK-NEXT: "top.DivConst"
  func.func @third(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 3.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @of_constant
  // CHECK-NEXT: "top.DivConst"
  func.func @of_constant(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 8.0 : f64, is_reverse = true} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @limited
  // CHECK-NEXT: "top.DivConst"
  func.func @limited(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.DivConst"(%x) {const_val = 8.0 : f64, do_relu = true} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
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
