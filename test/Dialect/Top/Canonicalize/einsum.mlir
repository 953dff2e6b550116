// Equations become products of two tensors.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @matmul
  // CHECK: "top.MatMul"(%arg0, %arg1
  // CHECK-NEXT: return
  func.func @matmul(%x: tensor<2x3x4xf32>, %z: tensor<2x4x5xf32>) -> tensor<2x3x5xf32> {
    %y = "top.Einsum"(%x, %z) {mode = "bij,bjk->bik"} : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32> loc("y")
    return %y : tensor<2x3x5xf32>
  }
  // CHECK-LABEL: func.func @transposed
  // CHECK: "top.MatMul"(%arg0, %arg1, {{.*}}right_transpose = true
  // CHECK-NEXT: return
  func.func @transposed(%x: tensor<2x2x3x4xf32>, %z: tensor<2x2x5x4xf32>) -> tensor<2x2x3x5xf32> {
    %y = "top.Einsum"(%x, %z) {mode = "bhid,bhjd->bhij"} : (tensor<2x2x3x4xf32>, tensor<2x2x5x4xf32>) -> tensor<2x2x3x5xf32> loc("y")
    return %y : tensor<2x2x3x5xf32>
  }
  // CHECK-LABEL: func.func @two_axes
  // CHECK: %[[A:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [2, 3, 20]
  // CHECK: %[[B:.+]] = "top.Reshape"(%arg1) {{.*}}shape = [20, 6]
  // CHECK: "top.MatMul"(%[[A]], %[[B]]
  func.func @two_axes(%x: tensor<2x3x4x5xf32>, %z: tensor<4x5x6xf32>) -> tensor<2x3x6xf32> {
    %y = "top.Einsum"(%x, %z) {mode = "abcd,cde->abe"} : (tensor<2x3x4x5xf32>, tensor<4x5x6xf32>) -> tensor<2x3x6xf32> loc("y")
    return %y : tensor<2x3x6xf32>
  }
  // CHECK-LABEL: func.func @elementwise
  // CHECK-NEXT: "top.Mul"(%arg0, %arg1)
  // CHECK-NEXT: return
  func.func @elementwise(%x: tensor<2x3xf32>, %z: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %y = "top.Einsum"(%x, %z) {mode = "ij,ij->ij"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @three
  // CHECK: %[[A:.+]] = "top.MatMul"(%arg0, %arg1
  // CHECK: "top.MatMul"(%[[A]], %arg2
  func.func @three(%x: tensor<2x3xf32>, %z: tensor<3x4xf32>, %w: tensor<4x5xf32>) -> tensor<2x5xf32> {
    %y = "top.Einsum"(%x, %z, %w) {mode = "ij,jk,kl->il"} : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<2x5xf32> loc("y")
    return %y : tensor<2x5xf32>
  }
  // CHECK-LABEL: func.func @permute
  // CHECK-NEXT: "top.Permute"(%arg0) {order = [1, 0]}
  func.func @permute(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
    %y = "top.Einsum"(%x) {mode = "ij->ji"} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("y")
    return %y : tensor<3x2xf32>
  }
  // CHECK-LABEL: func.func @diagonal
  // CHECK: "top.Reshape"
  // CHECK: "top.Slice"{{.*}}steps = [4]
  // CHECK: "top.Reduce"
  // CHECK-NOT: top.Einsum
  func.func @diagonal(%x: tensor<3x3xf32>) -> tensor<1xf32> {
    %y = "top.Einsum"(%x) {mode = "ii"} : (tensor<3x3xf32>) -> tensor<1xf32> loc("y")
    return %y : tensor<1xf32>
  }
}
