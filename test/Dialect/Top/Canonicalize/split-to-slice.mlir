// Split and Unpack are Slices; an axis that goes takes a Reshape.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @split
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [2, 3], {{.*}}offset = [0, 0]
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [2, 8], {{.*}}offset = [0, 3]
  // CHECK-NOT: top.Split
  func.func @split(%x: tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x5xf32>) {
    %a, %b = "top.Split"(%x) {axis = -1 : si32, num = 2 : i64, split_size = [3, 5]} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x5xf32>) loc(fused["a", "b"])
    return %a, %b : tensor<2x3xf32>, tensor<2x5xf32>
  }
  // CHECK-LABEL: func.func @halves
  // CHECK: "top.Slice"(%arg0, {{.*}}offset = [0, 3]
  // CHECK-NOT: "top.Slice"
  func.func @halves(%x: tensor<2x5xf32>) -> tensor<2x2xf32> {
    %a, %b = "top.Split"(%x) {axis = 1 : si32, num = 2 : i64} : (tensor<2x5xf32>) -> (tensor<2x3xf32>, tensor<2x2xf32>) loc(fused["a", "b"])
    return %b : tensor<2x2xf32>
  }
  // CHECK-LABEL: func.func @unpack
  // CHECK: "top.Slice"
  // CHECK: "top.Reshape"
  // CHECK: "top.Slice"
  // CHECK: "top.Reshape"
  func.func @unpack(%x: tensor<2x3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
    %a, %b = "top.Unpack"(%x) {axis = 0 : si32} : (tensor<2x3xf32>) -> (tensor<3xf32>, tensor<3xf32>) loc(fused["a", "b"])
    return %a, %b : tensor<3xf32>, tensor<3xf32>
  }
}
