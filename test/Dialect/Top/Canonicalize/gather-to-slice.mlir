// A gather by few constant indices is a slice, or slices joined.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT one = [-1]
// WEIGHT even = [0, 2, 4, 6]
// WEIGHT back = [7, 6, 5]
// WEIGHT all_back = [7, 5, 3, 1]
// WEIGHT mixed = [0, 1, 5, 3]
// WEIGHT same = [2, 2]
// WEIGHT square = [[1, 2], [3, 4]]
// WEIGHT many = [0, 3, 1, 4, 2, 5, 0, 3, 1, 4, 2, 5, 0, 3, 1, 4, 2, 5]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @single
  // CHECK: %[[S:.+]] = "top.Slice"(%arg0, {{.*}} ends = [2, 8, 4], {{.*}}offset = [0, 7, 0], steps = [1, 1, 1]
  // CHECK-NEXT: "top.Reshape"(%[[S]])
  func.func @single(%x: tensor<2x8x4xf32>) -> tensor<2x4xf32> {
    %one = "top.Weight"() : () -> tensor<1xf32> loc("one")
    %y = "top.Gather"(%x, %one) {axis = 1 : si32, keepdims = false} : (tensor<2x8x4xf32>, tensor<1xf32>) -> tensor<2x4xf32> loc("y")
    return %y : tensor<2x4xf32>
  }
  // CHECK-LABEL: func.func @kept
  // CHECK: %[[S:.+]] = "top.Slice"(%arg0
  // CHECK-NEXT: return %[[S]]
  func.func @kept(%x: tensor<2x8x4xf32>) -> tensor<2x1x4xf32> {
    %one = "top.Weight"() : () -> tensor<1xf32> loc("one")
    %y = "top.Gather"(%x, %one) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<1xf32>) -> tensor<2x1x4xf32> loc("y")
    return %y : tensor<2x1x4xf32>
  }
  // CHECK-LABEL: func.func @steps
  // CHECK: "top.Slice"(%arg0, {{.*}}offset = [0, 0, 0], steps = [1, 2, 1]
  func.func @steps(%x: tensor<2x8x4xf32>) -> tensor<2x4x4xf32> {
    %even = "top.Weight"() : () -> tensor<4xf32> loc("even")
    %y = "top.Gather"(%x, %even) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<4xf32>) -> tensor<2x4x4xf32> loc("y")
    return %y : tensor<2x4x4xf32>
  }
  // CHECK-LABEL: func.func @backwards
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [2, 4, 4], {{.*}}offset = [0, 7, 0], steps = [1, -1, 1]
  func.func @backwards(%x: tensor<2x8x4xf32>) -> tensor<2x3x4xf32> {
    %back = "top.Weight"() : () -> tensor<3xf32> loc("back")
    %y = "top.Gather"(%x, %back) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @to_the_first
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [2, -9, 4], {{.*}}offset = [0, 7, 0], steps = [1, -2, 1]
  func.func @to_the_first(%x: tensor<2x8x4xf32>) -> tensor<2x4x4xf32> {
    %all_back = "top.Weight"() : () -> tensor<4xf32> loc("all_back")
    %y = "top.Gather"(%x, %all_back) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<4xf32>) -> tensor<2x4x4xf32> loc("y")
    return %y : tensor<2x4x4xf32>
  }
  // CHECK-LABEL: func.func @pieces
  // CHECK-COUNT-3: "top.Slice"
  // CHECK: "top.Concat"({{.*}}axis = 1 : si32
  func.func @pieces(%x: tensor<2x8x4xf32>) -> tensor<2x4x4xf32> {
    %mixed = "top.Weight"() : () -> tensor<4xf32> loc("mixed")
    %y = "top.Gather"(%x, %mixed) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<4xf32>) -> tensor<2x4x4xf32> loc("y")
    return %y : tensor<2x4x4xf32>
  }
  // CHECK-LABEL: func.func @repeated
  // CHECK-COUNT-2: "top.Slice"
  // CHECK: "top.Concat"
  func.func @repeated(%x: tensor<2x8x4xf32>) -> tensor<2x2x4xf32> {
    %same = "top.Weight"() : () -> tensor<2xf32> loc("same")
    %y = "top.Gather"(%x, %same) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<2xf32>) -> tensor<2x2x4xf32> loc("y")
    return %y : tensor<2x2x4xf32>
  }
  // CHECK-LABEL: func.func @two_axes
  // CHECK: %[[S:.+]] = "top.Slice"
  // CHECK-NEXT: "top.Reshape"(%[[S]])
  func.func @two_axes(%x: tensor<2x8x4xf32>) -> tensor<2x2x2x4xf32> {
    %square = "top.Weight"() : () -> tensor<2x2xf32> loc("square")
    %y = "top.Gather"(%x, %square) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<2x2xf32>) -> tensor<2x2x2x4xf32> loc("y")
    return %y : tensor<2x2x2x4xf32>
  }
  // CHECK-LABEL: func.func @too_many_pieces
  // CHECK: "top.Gather"
  func.func @too_many_pieces(%x: tensor<2x8x4xf32>) -> tensor<2x18x4xf32> {
    %many = "top.Weight"() : () -> tensor<18xf32> loc("many")
    %y = "top.Gather"(%x, %many) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<18xf32>) -> tensor<2x18x4xf32> loc("y")
    return %y : tensor<2x18x4xf32>
  }
}
