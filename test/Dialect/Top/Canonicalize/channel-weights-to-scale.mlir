// A weight along the channel axis becomes a Scale.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT c = [[[[2]], [[4]]]]
// WEIGHT c3 = [[[2]], [[4]]]
// WEIGHT row = ramp(4)
// VALUES: add_bias f32 2: 2 4
// VALUES: add_scale f32 2: 1 1
// VALUES: div_bias f32 2: 0 0
// VALUES: div_scale f32 2: 0.5 0.25
// VALUES: mul_bias f32 2: 0 0
// VALUES: mul_scale f32 2: 2 4
// VALUES: sub_bias f32 2: 2 4
// VALUES: sub_scale f32 2: -1 -1
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @add
  // CHECK: "top.Scale"(%arg0
  func.func @add(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("c")
    %y = "top.Add"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x4xf32> loc("add")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @sub_from
  // CHECK: "top.Scale"(%arg0
  func.func @sub_from(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<2x1x1xf32> loc("c3")
    %y = "top.Sub"(%c, %x) : (tensor<2x1x1xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("sub")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @mul
  // CHECK: "top.Scale"(%arg0, {{.*}}do_relu = true
  func.func @mul(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("c")
    %y = "top.Mul"(%c, %x) {do_relu = true} : (tensor<1x2x1x1xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("mul")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @div
  // CHECK: "top.Scale"(%arg0
  func.func @div(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1x2x1x1xf32> loc("c")
    %y = "top.Div"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x4x4xf32> loc("div")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_axis
  // CHECK: "top.Add"(
  func.func @other_axis(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<4xf32> loc("row")
    %y = "top.Add"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<4xf32>) -> tensor<1x2x4x4xf32> loc("row_add")
    return %y : tensor<1x2x4x4xf32>
  }
}
