// A Permute of a Permute is one; the first stays for its other users.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK-NEXT: "top.Permute"(%arg0) {order = [1, 2, 0]}
  // CHECK-NEXT: return
  func.func @merge(%x: tensor<2x3x4xf32>) -> tensor<3x4x2xf32> {
    %y = "top.Permute"(%x) {order = [2, 0, 1]} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32> loc("a")
    %z = "top.Permute"(%y) {order = [2, 0, 1]} : (tensor<4x2x3xf32>) -> tensor<3x4x2xf32> loc("b")
    return %z : tensor<3x4x2xf32>
  }
  // CHECK-LABEL: func.func @back
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @back(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Permute"(%x) {order = [2, 0, 1]} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32> loc("a")
    %z = "top.Permute"(%y) {order = [1, 2, 0]} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32> loc("b")
    %u = "top.Abs"(%z) : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("c")
    return %u : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @used
  // CHECK: "top.Permute"(%arg0) {order = [2, 0, 1]}
  // CHECK: "top.Permute"(%arg0) {order = [1, 2, 0]}
  func.func @used(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<3x4x2xf32>) {
    %y = "top.Permute"(%x) {order = [2, 0, 1]} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32> loc("a")
    %z = "top.Permute"(%y) {order = [2, 0, 1]} : (tensor<4x2x3xf32>) -> tensor<3x4x2xf32> loc("b")
    return %y, %z : tensor<4x2x3xf32>, tensor<3x4x2xf32>
  }
}
