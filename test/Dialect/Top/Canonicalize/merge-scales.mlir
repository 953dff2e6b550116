// Two Scales in a row are one, computed in double precision.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT scale = [2, 3]
// WEIGHT offset = [1, 5]
// VALUES: second_bias f32 2: 3 20
// VALUES: second_scale f32 2: 4 9
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK: "top.Scale"(%arg0
  // CHECK-NOT: "top.Scale"
  func.func @merge(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Scale"(%x, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("first")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("second")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @keeps_relu_between
  // CHECK: "top.Scale"
  // CHECK: "top.Scale"
  func.func @keeps_relu_between(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.Scale"(%x, %s, %b) {do_relu = true} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("first2")
    %z = "top.Scale"(%y, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("second2")
    return %z : tensor<1x2x4x4xf32>
  }
}
