// A cast of values that the type holds already is left out.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @floats
  // CHECK-NOT: Cast
  // CHECK: return
  func.func @floats(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "F32"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @truth
  // CHECK-NOT: "top.Cast"
  // CHECK: return
  func.func @truth(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.CompareConst"(%x) {mode = "Less", const_val = 0.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "BOOL"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @truth_to_bytes
  // CHECK-NOT: "top.Cast"
  // CHECK: return
  func.func @truth_to_bytes(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.CompareConst"(%x) {mode = "Less", const_val = 0.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "UINT8"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @twice
  // CHECK-COUNT-1: "top.Cast"
  // CHECK-NOT: "top.Cast"
  // CHECK: return
  func.func @twice(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Cast"(%x) {to = "INT32", round_mode = "TowardsZero"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "INT64"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @to_half
  // CHECK: "top.Cast"
  func.func @to_half(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "F16"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @narrower
  // CHECK-COUNT-2: "top.Cast"
  func.func @narrower(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Cast"(%x) {to = "INT32", round_mode = "TowardsZero"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "INT8"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @to_truth
  // CHECK: "top.Cast"
  func.func @to_truth(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %a = "top.Abs"(%x) {} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("a")
    %y = "top.Cast"(%a) {to = "BOOL"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
