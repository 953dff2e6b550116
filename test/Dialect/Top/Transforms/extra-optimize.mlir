// Equal and unused weights go; module.FLOPs counts two operations per multiply-add.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --extra-optimize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES --match-full-lines
// WEIGHT filter = ramp(2, 3, 1, 1)
// WEIGHT same = ramp(2, 3, 1, 1)
// WEIGHT unused = [1, 2]
// 4 * 4 positions, 2 channels, 3 multiply-adds and a Relu each, twice; and one addition each.
// VALUES: filter f32 2x3x1x1: 0 1 2 3 4 5
// VALUES-NOT: {{.+}}
// CHECK: module @net attributes {module.FLOPs = 480 : i64
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: %[[W:.+]] = "top.Weight"
  // CHECK-NOT: "top.Weight"
  // CHECK: "top.Conv"(%arg0, %[[W]]
  // CHECK: "top.Conv"(%arg1, %[[W]]
  func.func @main(%x: tensor<1x3x4x4xf32>, %y: tensor<1x3x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("filter")
    %v = "top.Weight"() : () -> tensor<2x3x1x1xf32> loc("same")
    %u = "top.Weight"() : () -> tensor<2xf32> loc("unused")
    %0 = "top.Conv"(%x, %w, %n) {do_relu = true, kernel_shape = [1, 1], pads = [0, 0, 0, 0], strides = [1, 1]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, none) -> tensor<1x2x4x4xf32> loc("c0")
    %1 = "top.Conv"(%y, %v, %n) {do_relu = true, kernel_shape = [1, 1], pads = [0, 0, 0, 0], strides = [1, 1]} : (tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>, none) -> tensor<1x2x4x4xf32> loc("c1")
    %2 = "top.Add"(%0, %1) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("sum")
    return %2 : tensor<1x2x4x4xf32>
  }
}
