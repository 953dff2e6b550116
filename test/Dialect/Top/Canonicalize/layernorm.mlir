// Layer normalization spelled out, with its factor and offset.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT gamma = [1, 2, 3, 4]
// WEIGHT beta = [5, 6, 7, 8]
// WEIGHT gamma_wide = [[[1, 2, 3, 4]]]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @affine
  // CHECK: %[[G:.+]] = "top.Weight"
  // CHECK: %[[B:.+]] = "top.Weight"
  // CHECK-NEXT: "top.LayerNorm"(%arg0, %[[G]], %[[B]]) {axis = 2 : si32, eps = 1.000000e-05 : f64, normalized_shape = [4]} {{.*}}loc(#[[$U:loc.*]])
  // CHECK-NEXT: return
  func.func @affine(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Mul"(%d, %d) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Sqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Div"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    %g = "top.Weight"() : () -> tensor<4xf32> loc("gamma")
    %b = "top.Weight"() : () -> tensor<4xf32> loc("beta")
    %z = "top.Mul"(%y, %g) : (tensor<2x5x4xf32>, tensor<4xf32>) -> tensor<2x5x4xf32> loc("z")
    %u = "top.Add"(%z, %b) : (tensor<2x5x4xf32>, tensor<4xf32>) -> tensor<2x5x4xf32> loc("u")
    return %u : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @rsqrt
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @rsqrt(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Mul"(%d, %d) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Rsqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Mul"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @reciprocal
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @reciprocal(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Mul"(%d, %d) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Sqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %t = "top.Reciprocal"(%s) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("t")
    %y = "top.Mul"(%t, %d) : (tensor<2x5x1xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @difference_is_output
  // CHECK: "top.Div"
  func.func @difference_is_output(%x: tensor<2x5x4xf32>) -> (tensor<2x5x4xf32>, tensor<2x5x4xf32>) {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Mul"(%d, %d) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Sqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Div"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    return %d, %y : tensor<2x5x4xf32>, tensor<2x5x4xf32>
  }
  // As PyTorch exports it.
  // CHECK-LABEL: func.func @power
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @power(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Pow"(%d) {exponent = 2.0 : f64} : (tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Sqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Div"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @reciprocal_of_power
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @reciprocal_of_power(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %q = "top.Pow"(%d) {exponent = 2.0 : f64} : (tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Pow"(%e) {exponent = -0.5 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Mul"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // The squared difference is an op of its own.
  // CHECK-LABEL: func.func @difference_twice
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @difference_twice(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %d = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("d")
    %c = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("c")
    %q = "top.Mul"(%c, %c) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Rsqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %y = "top.Mul"(%d, %s) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // As Keras computes it.
  // CHECK-LABEL: func.func @keras
  // CHECK: %[[KG:.+]] = "top.Weight"() : () -> tensor<4xf32>
  // CHECK: %[[KB:.+]] = "top.Weight"() : () -> tensor<4xf32>
  // CHECK-NEXT: "top.LayerNorm"(%arg0, %[[KG]], %[[KB]]) {axis = 2 : si32, eps = 1.000000e-05 : f64, normalized_shape = [4]}
  // CHECK-NEXT: return
  func.func @keras(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %c = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("c")
    %q = "top.Mul"(%c, %c) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Rsqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %g = "top.Weight"() : () -> tensor<4xf32> loc("gamma")
    %b = "top.Weight"() : () -> tensor<4xf32> loc("beta")
    %f = "top.Mul"(%s, %g) : (tensor<2x5x1xf32>, tensor<4xf32>) -> tensor<2x5x4xf32> loc("f")
    %p = "top.Mul"(%x, %f) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("p")
    %t = "top.Mul"(%m, %f) : (tensor<2x5x1xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("t")
    %o = "top.Sub"(%b, %t) : (tensor<4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("o")
    %y = "top.Add"(%p, %o) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @keras_other_order
  // CHECK: "top.LayerNorm"(%arg0
  // CHECK-NEXT: return
  func.func @keras_other_order(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %c = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("c")
    %q = "top.Mul"(%c, %c) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Rsqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %g = "top.Weight"() : () -> tensor<1x1x4xf32> loc("gamma_wide")
    %b = "top.Weight"() : () -> tensor<4xf32> loc("beta")
    %f = "top.Mul"(%s, %g) : (tensor<2x5x1xf32>, tensor<1x1x4xf32>) -> tensor<2x5x4xf32> loc("f")
    %p = "top.Mul"(%x, %f) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("p")
    %t = "top.Mul"(%m, %f) : (tensor<2x5x1xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("t")
    %o = "top.Sub"(%b, %t) : (tensor<4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("o")
    %y = "top.Add"(%o, %p) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
  // CHECK-LABEL: func.func @not_the_mean
  // CHECK-NOT: "top.LayerNorm"
  // CHECK: return
  // CHECK: #[[$U]] = loc("u")
  func.func @not_the_mean(%x: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
    %m = "top.Reduce"(%x) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("m")
    %c = "top.Sub"(%x, %m) : (tensor<2x5x4xf32>, tensor<2x5x1xf32>) -> tensor<2x5x4xf32> loc("c")
    %q = "top.Mul"(%c, %c) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("q")
    %v = "top.Reduce"(%q) {axes = [-1], keepdims = true, mode = "ReduceMean"} : (tensor<2x5x4xf32>) -> tensor<2x5x1xf32> loc("v")
    %e = "top.AddConst"(%v) {const_val = 1.0e-05 : f64} : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("e")
    %s = "top.Rsqrt"(%e) : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32> loc("s")
    %g = "top.Weight"() : () -> tensor<4xf32> loc("gamma")
    %b = "top.Weight"() : () -> tensor<4xf32> loc("beta")
    %f = "top.Mul"(%s, %g) : (tensor<2x5x1xf32>, tensor<4xf32>) -> tensor<2x5x4xf32> loc("f")
    %p = "top.Mul"(%x, %f) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("p")
    %t = "top.Mul"(%x, %f) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("t")
    %o = "top.Sub"(%b, %t) : (tensor<4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("o")
    %y = "top.Add"(%p, %o) : (tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32> loc("y")
    return %y : tensor<2x5x4xf32>
  }
}
