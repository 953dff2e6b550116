// Reversals, shuffles and rotations that undo each other disappear; rotations add up.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @reverse_twice
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @reverse_twice(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %a = "top.Reverse"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a")
    %b = "top.Reverse"(%a) {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("b")
    %y = "top.Abs"(%b) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @reverse_other_axis
  // CHECK: "top.Reverse"
  // CHECK: "top.Reverse"
  func.func @reverse_other_axis(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %a = "top.Reverse"(%x) {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a")
    %b = "top.Reverse"(%a) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("b")
    return %b : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @shuffle_back
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @shuffle_back(%x: tensor<1x6x2xf32>) -> tensor<1x6x2xf32> {
    %a = "top.ShuffleChannel"(%x) {group = 2 : i64} : (tensor<1x6x2xf32>) -> tensor<1x6x2xf32> loc("a")
    %b = "top.ShuffleChannel"(%a) {group = 3 : i64} : (tensor<1x6x2xf32>) -> tensor<1x6x2xf32> loc("b")
    %y = "top.Abs"(%b) : (tensor<1x6x2xf32>) -> tensor<1x6x2xf32> loc("y")
    return %y : tensor<1x6x2xf32>
  }
  // CHECK-LABEL: func.func @rotations
  // CHECK-NEXT: "top.SwapDimInner"(%arg0) {offset = [1, 2]}
  // CHECK-NEXT: return
  func.func @rotations(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
    %a = "top.SwapDimInner"(%x) {offset = [3, 0]} : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("a")
    %b = "top.SwapDimInner"(%a) {offset = [2, 2]} : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("b")
    return %b : tensor<4x5xf32>
  }
  // CHECK-LABEL: func.func @full_turn
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @full_turn(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
    %a = "top.SwapDimInner"(%x) {offset = [3, 0]} : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("a")
    %b = "top.SwapDimInner"(%a) {offset = [1, 0]} : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("b")
    %y = "top.Abs"(%b) : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("y")
    return %y : tensor<4x5xf32>
  }
}
