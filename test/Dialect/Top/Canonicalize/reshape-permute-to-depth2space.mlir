// Blocks of channels to blocks of pixels and back, in both channel orders.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @dcr
  // CHECK-NEXT: "top.Depth2Space"(%arg0) {block_h = 2 : i64, block_w = 3 : i64, in_is_NCHW = true, is_CRD = false, is_inversed = false
  // CHECK-NEXT: return
  func.func @dcr(%x: tensor<1x30x4x7xf32>) -> tensor<1x5x8x21xf32> {
    %a = "top.Reshape"(%x) {shape = [1, 2, 3, 5, 4, 7]} : (tensor<1x30x4x7xf32>) -> tensor<1x2x3x5x4x7xf32> loc("a")
    %b = "top.Permute"(%a) {order = [0, 3, 4, 1, 5, 2]} : (tensor<1x2x3x5x4x7xf32>) -> tensor<1x5x4x2x7x3xf32> loc("b")
    %c = "top.Reshape"(%b) {shape = [1, 5, 8, 21]} : (tensor<1x5x4x2x7x3xf32>) -> tensor<1x5x8x21xf32> loc("c")
    return %c : tensor<1x5x8x21xf32>
  }
  // CHECK-LABEL: func.func @crd
  // CHECK-NEXT: "top.Depth2Space"(%arg0) {block_h = 2 : i64, block_w = 3 : i64, in_is_NCHW = true, is_CRD = true, is_inversed = false
  // CHECK-NEXT: return
  func.func @crd(%x: tensor<1x30x4x7xf32>) -> tensor<1x5x8x21xf32> {
    %a = "top.Reshape"(%x) {shape = [1, 5, 2, 3, 4, 7]} : (tensor<1x30x4x7xf32>) -> tensor<1x5x2x3x4x7xf32> loc("a")
    %b = "top.Permute"(%a) {order = [0, 1, 4, 2, 5, 3]} : (tensor<1x5x2x3x4x7xf32>) -> tensor<1x5x4x2x7x3xf32> loc("b")
    %c = "top.Reshape"(%b) {shape = [1, 5, 8, 21]} : (tensor<1x5x4x2x7x3xf32>) -> tensor<1x5x8x21xf32> loc("c")
    return %c : tensor<1x5x8x21xf32>
  }
  // CHECK-LABEL: func.func @inverse_dcr
  // CHECK-NEXT: "top.Depth2Space"(%arg0) {block_h = 2 : i64, block_w = 3 : i64, in_is_NCHW = true, is_CRD = false, is_inversed = true
  // CHECK-NEXT: return
  func.func @inverse_dcr(%x: tensor<1x5x8x21xf32>) -> tensor<1x30x4x7xf32> {
    %a = "top.Reshape"(%x) {shape = [1, 5, 4, 2, 7, 3]} : (tensor<1x5x8x21xf32>) -> tensor<1x5x4x2x7x3xf32> loc("a")
    %b = "top.Permute"(%a) {order = [0, 3, 5, 1, 2, 4]} : (tensor<1x5x4x2x7x3xf32>) -> tensor<1x2x3x5x4x7xf32> loc("b")
    %c = "top.Reshape"(%b) {shape = [1, 30, 4, 7]} : (tensor<1x2x3x5x4x7xf32>) -> tensor<1x30x4x7xf32> loc("c")
    return %c : tensor<1x30x4x7xf32>
  }
  // CHECK-LABEL: func.func @inverse_crd
  // CHECK-NEXT: "top.Depth2Space"(%arg0) {block_h = 2 : i64, block_w = 3 : i64, in_is_NCHW = true, is_CRD = true, is_inversed = true
  // CHECK-NEXT: return
  func.func @inverse_crd(%x: tensor<1x5x8x21xf32>) -> tensor<1x30x4x7xf32> {
    %a = "top.Reshape"(%x) {shape = [1, 5, 4, 2, 7, 3]} : (tensor<1x5x8x21xf32>) -> tensor<1x5x4x2x7x3xf32> loc("a")
    %b = "top.Permute"(%a) {order = [0, 1, 3, 5, 2, 4]} : (tensor<1x5x4x2x7x3xf32>) -> tensor<1x5x2x3x4x7xf32> loc("b")
    %c = "top.Reshape"(%b) {shape = [1, 30, 4, 7]} : (tensor<1x5x2x3x4x7xf32>) -> tensor<1x30x4x7xf32> loc("c")
    return %c : tensor<1x30x4x7xf32>
  }
  // CHECK-LABEL: func.func @other_split
  // CHECK: "top.Permute"
  func.func @other_split(%x: tensor<1x30x4x7xf32>) -> tensor<1x5x168x1xf32> {
    %a = "top.Reshape"(%x) {shape = [1, 2, 3, 5, 4, 7]} : (tensor<1x30x4x7xf32>) -> tensor<1x2x3x5x4x7xf32> loc("a")
    %b = "top.Permute"(%a) {order = [0, 3, 4, 1, 5, 2]} : (tensor<1x2x3x5x4x7xf32>) -> tensor<1x5x4x2x7x3xf32> loc("b")
    %c = "top.Reshape"(%b) {shape = [1, 5, 168, 1]} : (tensor<1x5x4x2x7x3xf32>) -> tensor<1x5x168x1xf32> loc("c")
    return %c : tensor<1x5x168x1xf32>
  }
}
