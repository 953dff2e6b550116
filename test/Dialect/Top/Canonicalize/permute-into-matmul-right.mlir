// A right side whose last two axes were swapped is multiplied as it was.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.MatMul"(%arg0, %arg1, {{.*}}right_transpose = true
  func.func @fold(%x: tensor<2x4x3xf32>, %r: tensor<2x5x3xf32>) -> tensor<2x4x5xf32> {
    %n = "top.None"() : () -> none
    %p = "top.Permute"(%r) {order = [0, 2, 1]} : (tensor<2x5x3xf32>) -> tensor<2x3x5xf32> loc("p")
    %y = "top.MatMul"(%x, %p, %n) : (tensor<2x4x3xf32>, tensor<2x3x5xf32>, none) -> tensor<2x4x5xf32> loc("fc")
    return %y : tensor<2x4x5xf32>
  }
  // CHECK-LABEL: func.func @other_axes
  // CHECK: "top.Permute"
  func.func @other_axes(%x: tensor<2x4x3xf32>, %r: tensor<3x2x5xf32>) -> tensor<2x4x5xf32> {
    %n = "top.None"() : () -> none
    %p = "top.Permute"(%r) {order = [1, 0, 2]} : (tensor<3x2x5xf32>) -> tensor<2x3x5xf32> loc("p")
    %y = "top.MatMul"(%x, %p, %n) : (tensor<2x4x3xf32>, tensor<2x3x5xf32>, none) -> tensor<2x4x5xf32> loc("fc")
    return %y : tensor<2x4x5xf32>
  }
  // As PyTorch exports attention.
  // CHECK-LABEL: func.func @factor_between
  // CHECK: %[[S:.+]] = "top.MulConst"(%arg1) {const_val = 5.000000e-01 : f64{{.*}} -> tensor<2x5x3xf32>
  // CHECK-NEXT: "top.MatMul"(%arg0, %[[S]], {{.*}}right_transpose = true
  func.func @factor_between(%x: tensor<2x4x3xf32>, %r: tensor<2x5x3xf32>) -> tensor<2x4x5xf32> {
    %n = "top.None"() : () -> none
    %p = "top.Permute"(%r) {order = [0, 2, 1]} : (tensor<2x5x3xf32>) -> tensor<2x3x5xf32> loc("p")
    %s = "top.MulConst"(%p) {const_val = 0.5 : f64} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32> loc("s")
    %y = "top.MatMul"(%x, %s, %n) : (tensor<2x4x3xf32>, tensor<2x3x5xf32>, none) -> tensor<2x4x5xf32> loc("fc")
    return %y : tensor<2x4x5xf32>
  }
  // CHECK-LABEL: func.func @factor_is_read
  // CHECK: "top.Permute"
  // CHECK-NEXT: "top.MulConst"
  func.func @factor_is_read(%x: tensor<2x4x3xf32>, %r: tensor<2x5x3xf32>) -> (tensor<2x4x5xf32>, tensor<2x3x5xf32>) {
    %n = "top.None"() : () -> none
    %p = "top.Permute"(%r) {order = [0, 2, 1]} : (tensor<2x5x3xf32>) -> tensor<2x3x5xf32> loc("p")
    %s = "top.MulConst"(%p) {const_val = 0.5 : f64} : (tensor<2x3x5xf32>) -> tensor<2x3x5xf32> loc("s")
    %y = "top.MatMul"(%x, %s, %n) : (tensor<2x4x3xf32>, tensor<2x3x5xf32>, none) -> tensor<2x4x5xf32> loc("fc")
    return %y, %s : tensor<2x4x5xf32>, tensor<2x3x5xf32>
  }
}
