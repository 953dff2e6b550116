// Pack, List, ConcatSlice and Insert are Concats.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @pack
  // CHECK: %[[A:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [2, 1, 3]
  // CHECK: %[[B:.+]] = "top.Reshape"(%arg1)
  // CHECK: "top.Concat"(%[[A]], %[[B]]) {{.*}}axis = 1 : si32
  func.func @pack(%x: tensor<2x3xf32>, %z: tensor<2x3xf32>) -> tensor<2x2x3xf32> {
    %y = "top.Pack"(%x, %z) {axis = 1 : si32, values_count = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2x3xf32> loc("y")
    return %y : tensor<2x2x3xf32>
  }
  // CHECK-LABEL: func.func @list
  // CHECK-NEXT: "top.Concat"(%arg0, %arg1)
  func.func @list(%x: tensor<2xf32>, %z: tensor<3xf32>) -> tensor<5xf32> {
    %y = "top.List"(%x, %z) : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32> loc("y")
    return %y : tensor<5xf32>
  }
  // CHECK-LABEL: func.func @concat_slice
  // CHECK: %[[A:.+]] = "top.Slice"(%arg0, {{.*}}offset = [0, 1]
  // CHECK: "top.Concat"(%[[A]], %arg1)
  func.func @concat_slice(%x: tensor<1x4xf32>, %z: tensor<1x1xf32>) -> tensor<1x4xf32> {
    %y = "top.ConcatSlice"(%x, %z) {axis = 1 : i64} : (tensor<1x4xf32>, tensor<1x1xf32>) -> tensor<1x4xf32> loc("y")
    return %y : tensor<1x4xf32>
  }
  // CHECK-LABEL: func.func @insert
  // CHECK: %[[A:.+]] = "top.Slice"(%arg0, {{.*}}ends = [1, 2]
  // CHECK: %[[B:.+]] = "top.Slice"(%arg0, {{.*}}offset = [0, 3]
  // CHECK: "top.Concat"(%[[A]], %arg1, %[[B]])
  func.func @insert(%x: tensor<1x4xf32>, %z: tensor<1x1xf32>) -> tensor<1x4xf32> {
    %y = "top.Insert"(%x, %z) {axis = 1 : i64, offset = 2 : i64} : (tensor<1x4xf32>, tensor<1x1xf32>) -> tensor<1x4xf32> loc("y")
    return %y : tensor<1x4xf32>
  }
  // CHECK-LABEL: func.func @replaced_as_a_whole
  // CHECK-NEXT: "top.Abs"(%arg1)
  func.func @replaced_as_a_whole(%x: tensor<1x4xf32>, %z: tensor<1x4xf32>) -> tensor<1x4xf32> {
    %y = "top.Insert"(%x, %z) {axis = 1 : i64, offset = 0 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32> loc("y")
    %r = "top.Abs"(%y) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("r")
    return %r : tensor<1x4xf32>
  }
}
