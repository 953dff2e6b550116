// Of a search, what nobody uses is of type none; an extremum alone is a reduction.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @value_only
  // CHECK-NEXT: "top.Reduce"(%arg0) {axes = [1], {{.*}}keepdims = true, mode = "ReduceMax"}
  func.func @value_only(%x: tensor<2x8x4xf32>) -> tensor<2x1x4xf32> {
    %i, %v = "top.Arg"(%x) {axis = 1 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) loc(fused["i", "v"])
    return %v : tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @position_only
  // CHECK-NEXT: "top.Arg"(%arg0) {{.*}} -> (tensor<2x1x4xf32>, none)
  func.func @position_only(%x: tensor<2x8x4xf32>) -> tensor<2x1x4xf32> {
    %i, %v = "top.Arg"(%x) {axis = 1 : i64, keepdims = true, mode = "ArgMin"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) loc(fused["i", "v"])
    return %i : tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @both
  // CHECK-NEXT: "top.Arg"(%arg0) {{.*}} -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  func.func @both(%x: tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) {
    %i, %v = "top.Arg"(%x) {axis = 1 : i64, keepdims = true, mode = "ArgMin"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) loc(fused["i", "v"])
    return %i, %v : tensor<2x1x4xf32>, tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @best_positions
  // CHECK-NEXT: "top.TopK"(%arg0) {{.*}} -> (none, tensor<2x1x4xf32>)
  func.func @best_positions(%x: tensor<2x8x4xf32>) -> tensor<2x1x4xf32> {
    %v, %i = "top.TopK"(%x) {K = 1 : i64, axis = 1 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) loc(fused["v", "i"])
    return %i : tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @best_values
  // CHECK-NEXT: "top.TopK"(%arg0) {{.*}} -> (tensor<2x1x4xf32>, none)
  func.func @best_values(%x: tensor<2x8x4xf32>) -> tensor<2x1x4xf32> {
    %v, %i = "top.TopK"(%x) {K = 1 : i64, axis = 1 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>) loc(fused["v", "i"])
    return %v : tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @order
  // CHECK-NEXT: "top.Sort"(%arg0) {{.*}} -> (none, tensor<2x8x4xf32>)
  func.func @order(%x: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
    %v, %i = "top.Sort"(%x) {axis = 1 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x8x4xf32>, tensor<2x8x4xf32>) loc(fused["v", "i"])
    return %i : tensor<2x8x4xf32>
  }
}
