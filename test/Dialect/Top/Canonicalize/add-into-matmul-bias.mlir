// A weight added along the columns is a bias; it adds to one that is there.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT right = ramp(3, 2)
// WEIGHT b = [1, 2]
// WEIGHT c = [[10, 20]]
// WEIGHT rows = ramp(4, 1)
// VALUES: add2_bias f32 2: 11 22
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @bias
  // CHECK: %[[B:.+]] = "top.Weight"() : () -> tensor<2xf32>
  // CHECK: "top.MatMul"(%arg0, %{{.+}}, %[[B]]) {do_relu = true
  // CHECK-NEXT: return
  func.func @bias(%x: tensor<2x4x3xf32>) -> tensor<2x4x2xf32> {
    %n = "top.None"() : () -> none
    %r = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("b")
    %y = "top.MatMul"(%x, %r, %n) : (tensor<2x4x3xf32>, tensor<3x2xf32>, none) -> tensor<2x4x2xf32> loc("fc")
    %z = "top.Add"(%y, %b) {do_relu = true} : (tensor<2x4x2xf32>, tensor<2xf32>) -> tensor<2x4x2xf32> loc("add")
    return %z : tensor<2x4x2xf32>
  }
  // CHECK-LABEL: func.func @second
  // CHECK: "top.MatMul"
  // CHECK-NEXT: return
  func.func @second(%x: tensor<2x4x3xf32>) -> tensor<2x4x2xf32> {
    %r = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("b")
    %c = "top.Weight"() : () -> tensor<1x2xf32> loc("c")
    %y = "top.MatMul"(%x, %r, %b) : (tensor<2x4x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<2x4x2xf32> loc("fc")
    %z = "top.Add"(%c, %y) : (tensor<1x2xf32>, tensor<2x4x2xf32>) -> tensor<2x4x2xf32> loc("add2")
    return %z : tensor<2x4x2xf32>
  }
  // CHECK-LABEL: func.func @rows
  // CHECK: "top.Scale"
  func.func @rows(%x: tensor<2x4x3xf32>) -> tensor<2x4x2xf32> {
    %n = "top.None"() : () -> none
    %r = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %b = "top.Weight"() : () -> tensor<4x1xf32> loc("rows")
    %y = "top.MatMul"(%x, %r, %n) : (tensor<2x4x3xf32>, tensor<3x2xf32>, none) -> tensor<2x4x2xf32> loc("fc")
    %z = "top.Add"(%y, %b) : (tensor<2x4x2xf32>, tensor<4x1xf32>) -> tensor<2x4x2xf32> loc("add3")
    return %z : tensor<2x4x2xf32>
  }
}
