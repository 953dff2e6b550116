// Flatten, Squeeze and Unsqueeze are Reshapes; Flatten leaves its first axis as a note.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @flatten
  // CHECK-NEXT: "top.Reshape"(%arg0) {flatten_start_dim = 1 : i64, shape = [2, 12]}
  func.func @flatten(%x: tensor<2x3x4xf32>) -> tensor<2x12xf32> {
    %y = "top.Flatten"(%x) {start_dim = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x12xf32> loc("f")
    return %y : tensor<2x12xf32>
  }
  // CHECK-LABEL: func.func @squeeze
  // CHECK-NEXT: "top.Reshape"(%arg0) {flatten_start_dim = -1 : i64, shape = [2, 4]}
  func.func @squeeze(%x: tensor<2x1x4xf32>) -> tensor<2x4xf32> {
    %y = "top.Squeeze"(%x) {axes = [-2]} : (tensor<2x1x4xf32>) -> tensor<2x4xf32> loc("s")
    return %y : tensor<2x4xf32>
  }
  // CHECK-LABEL: func.func @unsqueeze
  // CHECK-NEXT: "top.Reshape"(%arg0) {flatten_start_dim = -1 : i64, shape = [2, 4, 1]}
  func.func @unsqueeze(%x: tensor<2x4xf32>) -> tensor<2x4x1xf32> {
    %y = "top.Unsqueeze"(%x) {axes = [-1]} : (tensor<2x4xf32>) -> tensor<2x4x1xf32> loc("u")
    return %y : tensor<2x4x1xf32>
  }
}
