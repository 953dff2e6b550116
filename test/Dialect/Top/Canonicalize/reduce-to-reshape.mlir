// A reduction of axes of extent 1 combines nothing; norms still take the absolute value.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @sum
  // CHECK-NEXT: "top.Reshape"(%arg0)
  func.func @sum(%x: tensor<2x1x4x1xf32>) -> tensor<2x4xf32> {
    %y = "top.Reduce"(%x) {axes = [1, 3], keepdims = false, mode = "ReduceSum"} : (tensor<2x1x4x1xf32>) -> tensor<2x4xf32> loc("r")
    return %y : tensor<2x4xf32>
  }
  // CHECK-LABEL: func.func @norm
  // CHECK-NEXT: "top.Reduce"
  func.func @norm(%x: tensor<2x1x4x1xf32>) -> tensor<2x4xf32> {
    %y = "top.Reduce"(%x) {axes = [1, 3], keepdims = false, mode = "ReduceL1"} : (tensor<2x1x4x1xf32>) -> tensor<2x4xf32> loc("r")
    return %y : tensor<2x4xf32>
  }
}
