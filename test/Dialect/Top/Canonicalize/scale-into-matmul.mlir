// A Scale on the columns of a matrix product multiplies its right side.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT right = ramp(3, 2)
// WEIGHT scale = [10, 100]
// WEIGHT offset = [5, 6]
// VALUES: bn_bias f32 2: 5 6
// VALUES: right_scaled f32 3x2: 0 100 20 300 40 500
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.MatMul"{{.*}}-> tensor<4x2xf32>
  // CHECK-NOT: "top.Scale"
  func.func @fold(%x: tensor<4x3xf32>) -> tensor<4x2xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.MatMul"(%x, %w, %n) : (tensor<4x3xf32>, tensor<3x2xf32>, none) -> tensor<4x2xf32> loc("fc")
    %z = "top.Scale"(%y, %s, %b) : (tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf32> loc("bn")
    return %z : tensor<4x2xf32>
  }
  // CHECK-LABEL: func.func @not_columns
  // CHECK: "top.MatMul"
  // CHECK: "top.Scale"
  func.func @not_columns(%x: tensor<4x2x3xf32>) -> tensor<4x2x2xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %y = "top.MatMul"(%x, %w, %n) : (tensor<4x2x3xf32>, tensor<3x2xf32>, none) -> tensor<4x2x2xf32> loc("fc2")
    %z = "top.Scale"(%y, %s, %b) : (tensor<4x2x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2x2xf32> loc("bn2")
    return %z : tensor<4x2x2xf32>
  }
}
