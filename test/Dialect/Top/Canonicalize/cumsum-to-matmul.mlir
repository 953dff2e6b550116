// A running sum over a short axis is a matrix product with a triangle of ones.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @last
  // CHECK: "top.MatMul"(%arg0, %{{.+}}, %{{.+}})
  func.func @last(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 2 : i64} : (tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @first
  // CHECK: %[[T:.+]] = "top.Permute"(%arg0) {order = [2, 1, 0]}
  // CHECK: %[[S:.+]] = "top.MatMul"(%[[T]],
  // CHECK: "top.Permute"(%[[S]]) {order = [2, 1, 0]}
  func.func @first(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 0 : i64} : (tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @long
  // CHECK: "top.CumSum"
  func.func @long(%x: tensor<2x600xf32>) -> tensor<2x600xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 1 : i64} : (tensor<2x600xf32>, none) -> tensor<2x600xf32> loc("y")
    return %y : tensor<2x600xf32>
  }
}
