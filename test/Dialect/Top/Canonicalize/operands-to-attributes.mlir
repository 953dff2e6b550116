// Ops whose operands say what they take or repeat get attributes: View, SliceAxis, StridedSlice, Expand, Repeat.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT s = np.array([6, 4])
// WEIGHT one = np.array([1])
// WEIGHT minus = np.array([-1])
// WEIGHT end = np.array([-9])
// WEIGHT low = np.array([0, 1])
// WEIGHT ones = np.array([1, 1])
// WEIGHT r = np.array([2, 1, 3])
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @view
  // CHECK: "top.Reshape"(%arg0)
  func.func @view(%x: tensor<2x3x4xf32>) -> tensor<6x4xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("s")
    %y = "top.View"(%x, %s) : (tensor<2x3x4xf32>, tensor<2xf32>) -> tensor<6x4xf32> loc("y")
    return %y : tensor<6x4xf32>
  }
  // CHECK-LABEL: func.func @slice_axis
  // CHECK: "top.Slice"(%arg0, {{.*}}ends = [2, -6], {{.*}}offset = [0, 4], steps = [1, -1]
  func.func @slice_axis(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
    %a = "top.Weight"() : () -> tensor<1xf32> loc("one")
    %m = "top.Weight"() : () -> tensor<1xf32> loc("minus")
    %e = "top.Weight"() : () -> tensor<1xf32> loc("end")
    %y = "top.SliceAxis"(%x, %a, %m, %m, %e) : (tensor<2x5xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x5xf32> loc("y")
    return %y : tensor<2x5xf32>
  }
  // CHECK-LABEL: func.func @strided_slice
  // CHECK: %[[S:.+]] = "top.Slice"(%arg0, {{.*}}ends = [1, 5], {{.*}}offset = [0, 1]
  // CHECK: "top.Reshape"(%[[S]])
  func.func @strided_slice(%x: tensor<3x5xf32>) -> tensor<4xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("low")
    %o = "top.Weight"() : () -> tensor<2xf32> loc("ones")
    %y = "top.StridedSlice"(%x, %s, %o, %o) {begin_mask = 0 : i64, ellipsis_mask = 0 : i64, end_mask = 2 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 1 : i64} : (tensor<3x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32> loc("y")
    return %y : tensor<4xf32>
  }
  // CHECK-LABEL: func.func @expand
  // CHECK: %[[R:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [1, 3, 1]
  // CHECK: "top.Tile"(%[[R]]) {{.*}}tile = [2, 1, 4]
  func.func @expand(%x: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Expand"(%x) {shape = [2, 1, 4]} : (tensor<3x1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @expand_nothing
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @expand_nothing(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %e = "top.Expand"(%x) {shape = [1, 2]} : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("e")
    %y = "top.Abs"(%e) : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("y")
    return %y : tensor<3x2xf32>
  }
  // CHECK-LABEL: func.func @repeat
  // CHECK: "top.Reshape"(%arg0)
  // CHECK: "top.Tile"{{.*}}tile = [2, 1, 3]
  func.func @repeat(%x: tensor<2x3xf32>) -> tensor<2x2x9xf32> {
    %r = "top.Weight"() : () -> tensor<3xf32> loc("r")
    %y = "top.Repeat"(%x, %r) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x2x9xf32> loc("y")
    return %y : tensor<2x2x9xf32>
  }
}
