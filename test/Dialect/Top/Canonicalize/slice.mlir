// A Slice of everything disappears; a slice of a slice is one.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @identity
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @identity(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Slice"(%x, %n, %n, %n) {offset = [0, 0], steps = [1, 1], ends = [4, 8], axes = []} : (tensor<4x8xf32>, none, none, none) -> tensor<4x8xf32> loc("s")
    %z = "top.Abs"(%y) : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("a")
    return %z : tensor<4x8xf32>
  }
  // CHECK-LABEL: func.func @chain
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [3, 17], {{.*}}offset = [1, 4], steps = [1, 6]
  // CHECK-NEXT: return
  func.func @chain(%x: tensor<4x20xf32>) -> tensor<2x3xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Slice"(%x, %n, %n, %n) {offset = [0, 2], steps = [1, 2], ends = [4, 20], axes = []} : (tensor<4x20xf32>, none, none, none) -> tensor<4x9xf32> loc("s")
    %z = "top.Slice"(%y, %n, %n, %n) {offset = [1, 1], steps = [1, 3], ends = [3, 9], axes = []} : (tensor<4x9xf32>, none, none, none) -> tensor<2x3xf32> loc("t")
    return %z : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @backward
  // CHECK: "top.Slice"
  // CHECK: "top.Slice"
  func.func @backward(%x: tensor<4x8xf32>) -> tensor<4x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Slice"(%x, %n, %n, %n) {offset = [0, 7], steps = [1, -1], ends = [4, -9], axes = []} : (tensor<4x8xf32>, none, none, none) -> tensor<4x8xf32> loc("s")
    %z = "top.Slice"(%y, %n, %n, %n) {offset = [0, 0], steps = [1, 2], ends = [4, 8], axes = []} : (tensor<4x8xf32>, none, none, none) -> tensor<4x4xf32> loc("t")
    return %z : tensor<4x4xf32>
  }
}
