// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), in both usual forms.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @cube
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "tanh"
  // CHECK-NEXT: return
  func.func @cube(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %q = "top.Mul"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("q")
    %c = "top.Mul"(%q, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %k = "top.MulConst"(%c) {const_val = 0.044714998453855515 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.Add"(%x, %k) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %g = "top.MulConst"(%s) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("g")
    %t = "top.Tanh"(%g) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %p = "top.AddConst"(%t) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %m = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @square
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "tanh"
  // CHECK-NEXT: return
  func.func @square(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %q = "top.Mul"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("q")
    %k = "top.MulConst"(%q) {const_val = 0.044714998453855515 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.AddConst"(%k) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %u = "top.Mul"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("u")
    %g = "top.MulConst"(%u) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("g")
    %t = "top.Tanh"(%g) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %p = "top.AddConst"(%t) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %h = "top.MulConst"(%x) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("h")
    %y = "top.Mul"(%h, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_power
  // CHECK: "top.Tanh"
  func.func @other_power(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %q = "top.Mul"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("q")
    %k = "top.MulConst"(%q) {const_val = 0.044714998453855515 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.Add"(%x, %k) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %g = "top.MulConst"(%s) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("g")
    %t = "top.Tanh"(%g) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %p = "top.AddConst"(%t) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %m = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // As PyTorch exports it.
  // CHECK-LABEL: func.func @power
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "tanh"
  // CHECK-NEXT: return
  func.func @power(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %h = "top.MulConst"(%x) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("h")
    %c = "top.Pow"(%x) {exponent = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %k = "top.MulConst"(%c) {const_val = 0.044714998453855515 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.Add"(%x, %k) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %g = "top.MulConst"(%s) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("g")
    %t = "top.Tanh"(%g) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %p = "top.AddConst"(%t) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %y = "top.Mul"(%h, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @distributed
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "tanh"
  // CHECK-NEXT: return
  func.func @distributed(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %a = "top.MulConst"(%x) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %q = "top.Mul"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("q")
    %c = "top.Mul"(%q, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %k = "top.MulConst"(%c) {const_val = 0.035677407 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.Add"(%a, %k) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %t = "top.Tanh"(%s) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %p = "top.AddConst"(%t) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %m = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @halves
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "tanh"
  // CHECK-NEXT: return
  func.func @halves(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %q = "top.Mul"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("q")
    %k = "top.MulConst"(%q) {const_val = 0.044714998453855515 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("k")
    %s = "top.AddConst"(%k) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %u = "top.Mul"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("u")
    %g = "top.MulConst"(%u) {const_val = 0.79788458347320557 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("g")
    %t = "top.Tanh"(%g) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %w = "top.MulConst"(%t) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("w")
    %p = "top.AddConst"(%w) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %y = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
}
