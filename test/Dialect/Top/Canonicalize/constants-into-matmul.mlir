// A constant factor after a matrix product goes into its right side, whatever its rank.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT right = ramp(3, 2)
// VALUES: right_scaled f32 3x2: 0 2 4 6 8 10
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.MatMul"
  // CHECK-NOT: "top.MulConst"
  func.func @fold(%x: tensor<4x5x3xf32>) -> tensor<4x5x2xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<3x2xf32> loc("right")
    %y = "top.MatMul"(%x, %w, %n) : (tensor<4x5x3xf32>, tensor<3x2xf32>, none) -> tensor<4x5x2xf32> loc("fc")
    %z = "top.MulConst"(%y) {const_val = 2.0 : f64} : (tensor<4x5x2xf32>) -> tensor<4x5x2xf32> loc("m")
    return %z : tensor<4x5x2xf32>
  }
  // CHECK-LABEL: func.func @dynamic_right
  // CHECK: "top.MatMul"
  // CHECK: "top.MulConst"
  func.func @dynamic_right(%x: tensor<4x3xf32>, %r: tensor<3x2xf32>) -> tensor<4x2xf32> {
    %n = "top.None"() : () -> none
    %y = "top.MatMul"(%x, %r, %n) : (tensor<4x3xf32>, tensor<3x2xf32>, none) -> tensor<4x2xf32> loc("fc2")
    %z = "top.MulConst"(%y) {const_val = 2.0 : f64} : (tensor<4x2xf32>) -> tensor<4x2xf32> loc("m2")
    return %z : tensor<4x2xf32>
  }
}
