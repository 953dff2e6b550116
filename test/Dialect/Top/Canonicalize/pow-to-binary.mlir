// Powers with small exponents are products, roots and reciprocals; those of a constant base exponentials.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT c = [3.0]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @one
  // CHECK-NEXT: %[[Y:.+]] = "top.Abs"(%arg0)
  // CHECK-NEXT: return %[[Y]]
  func.func @one(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = 1.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @two
  // CHECK: %[[X:.+]] = "top.Abs"
  // CHECK-NEXT: "top.Mul"(%[[X]], %[[X]])
  func.func @two(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = 2.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @three
  // CHECK: %[[X:.+]] = "top.Abs"
  // CHECK-NEXT: %[[S:.+]] = "top.Mul"(%[[X]], %[[X]])
  // CHECK-NEXT: "top.Mul"(%[[S]], %[[X]])
  func.func @three(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = 3.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @half
  // CHECK: "top.Sqrt"
  func.func @half(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = 0.5 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @minus_half
  // CHECK: "top.Rsqrt"
  func.func @minus_half(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = -0.5 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @minus_one
  // CHECK: "top.Reciprocal"
  func.func @minus_one(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = -1.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @other
  // CHECK: "top.Pow"
  func.func @other(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow"(%a) {exponent = 1.7 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @base
  // CHECK-NEXT: %[[X:.+]] = "top.MulConst"(%arg0) {const_val = 0.69314
  // CHECK-NEXT: "top.Exp"(%[[X]])
  func.func @base(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Pow2"(%x) {const_val = 2.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @natural_base
  // CHECK-NEXT: "top.Exp"(%arg0)
  func.func @natural_base(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Pow2"(%x) {const_val = 2.718281828459045 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @rounded
  // CHECK-NEXT: "top.Pow2"
  func.func @rounded(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Pow2"(%x) {const_val = 2.0 : f64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    %z = "top.Floor"(%y) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("z")
    return %z : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @weight_exponent
  // CHECK: %[[X:.+]] = "top.Abs"
  // CHECK-NEXT: %[[S:.+]] = "top.Mul"(%[[X]], %[[X]])
  func.func @weight_exponent(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Pow3"(%a, %c) {} : (tensor<2x3x4xf32>, tensor<1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @weight_base
  // CHECK-NEXT: %[[X:.+]] = "top.MulConst"(%arg0) {const_val = 1.09861
  // CHECK-NEXT: "top.Exp"(%[[X]])
  func.func @weight_base(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Pow3"(%c, %x) {} : (tensor<1xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
