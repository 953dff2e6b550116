// A factor per column goes into the right side and the bias.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT right = ramp(2, 3)
// WEIGHT b = [1, 2]
// WEIGHT c = [10, 20]
// VALUES: b_scaled f32 2: 10 40
// VALUES: right_scaled f32 2x3: 0 10 20 60 80 100
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: "top.MatMul"{{.*}}right_transpose = true
  // CHECK-NEXT: return
  func.func @fold(%x: tensor<2x4x3xf32>) -> tensor<2x4x2xf32> {
    %r = "top.Weight"() : () -> tensor<2x3xf32> loc("right")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("b")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("c")
    %y = "top.MatMul"(%x, %r, %b) {right_transpose = true} : (tensor<2x4x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x4x2xf32> loc("fc")
    %z = "top.Mul"(%y, %c) : (tensor<2x4x2xf32>, tensor<2xf32>) -> tensor<2x4x2xf32> loc("mul")
    return %z : tensor<2x4x2xf32>
  }
}
