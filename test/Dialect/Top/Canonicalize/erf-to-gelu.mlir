// x / 2 * (1 + erf(x / sqrt 2)), whatever the order of the products.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT root = [np.sqrt(2)]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @half_last
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "normal"
  // CHECK-NEXT: return
  func.func @half_last(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %a = "top.MulConst"(%x) {const_val = 0.70710676908493042 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %e = "top.Erf"(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("e")
    %p = "top.AddConst"(%e) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %m = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @half_first
  // CHECK-NEXT: "top.GELU"(%arg0) {approx_mode = "normal"
  // CHECK-NEXT: return
  func.func @half_first(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %r = "top.Weight"() : () -> tensor<1xf32> loc("root")
    %a = "top.Div"(%x, %r) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %e = "top.Erf"(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("e")
    %p = "top.AddConst"(%e) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %h = "top.MulConst"(%x) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("h")
    %y = "top.Mul"(%h, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_factor
  // CHECK: "top.Erf"
  func.func @other_factor(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %a = "top.MulConst"(%x) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %e = "top.Erf"(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("e")
    %p = "top.AddConst"(%e) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("p")
    %m = "top.Mul"(%x, %p) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
}
