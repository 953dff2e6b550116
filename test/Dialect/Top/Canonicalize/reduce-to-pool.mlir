// The mean or maximum over an image is a pooling; without kept axes a Reshape follows.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @mean
  // CHECK-NEXT: "top.AvgPool"(%arg0) {{.*}}kernel_shape = [4, 5]{{.*}}strides = [1, 1]
  func.func @mean(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x1x1xf32> {
    %y = "top.Reduce"(%x) {axes = [2, 3], keepdims = true, mode = "ReduceMean"} : (tensor<2x3x4x5xf32>) -> tensor<2x3x1x1xf32> loc("r")
    return %y : tensor<2x3x1x1xf32>
  }
  // CHECK-LABEL: func.func @max_dropped
  // CHECK-NEXT: %[[P:.+]] = "top.MaxPool"(%arg0) {{.*}}loc(#[[$P_LOC:loc.*]])
  // CHECK-NEXT: "top.Reshape"(%[[P]]) {{.*}}shape = [2, 3]
  func.func @max_dropped(%x: tensor<2x3x4x5xf32>) -> tensor<2x3xf32> {
    %y = "top.Reduce"(%x) {axes = [2, 3], keepdims = false, mode = "ReduceMax"} : (tensor<2x3x4x5xf32>) -> tensor<2x3xf32> loc("r")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @sum
  // CHECK-NEXT: "top.Reduce"
  func.func @sum(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x1x1xf32> {
    %y = "top.Reduce"(%x) {axes = [2, 3], keepdims = true, mode = "ReduceSum"} : (tensor<2x3x4x5xf32>) -> tensor<2x3x1x1xf32> loc("r")
    return %y : tensor<2x3x1x1xf32>
  }
  // CHECK-LABEL: func.func @one_axis
  // CHECK-NEXT: "top.Reduce"
  // CHECK: #[[$P_LOC]] = loc("r_pool")
  func.func @one_axis(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x4x1xf32> {
    %y = "top.Reduce"(%x) {axes = [3], keepdims = true, mode = "ReduceMean"} : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x1xf32> loc("r")
    return %y : tensor<2x3x4x1xf32>
  }
}
