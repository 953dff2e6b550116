// Weights of bytes come in chunks of 64 channels; the records that requantize the sums take the place of the bias:
// planes of scales and offsets, or of multipliers, shifts (positive left), zero points and biases. The constant right
// matrix of a product is [N, K], and its records are the operand multi.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --init --weight-reorder --deinit -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_tpu_reordered_bm1684x_int8_sym_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT filter = np.ones((2, 3, 1, 2), np.int8)
// WEIGHT bias = np.array([10, -20], np.int32)
// WEIGHT right = np.ones((4, 5), np.int8)
// VALUES-DAG: c0_requant f32 1x2x1x2: 0.5 0.25 8 -2
// VALUES-DAG: c1_requant i32 1x4x1x2: 3 4 -2 1 3 3 0 0
// VALUES-DAG: m_requant f32 1x2x1x5: 0.125 0.125 0.125 0.125 0.125 3 3 3 3 3
!x = !quant.uniform<i8:f32, 5.000000e-01>
!y = !quant.uniform<i8:f32, 2.500000e-01:3>
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.Conv2D"(%arg0, {{.*}}tensor<1x2x1x128xi8>, tensor<1x2x1x2xf32>
  // CHECK: "tpu.Conv2D"(%arg0, {{.*}}tensor<1x2x1x128xi8>, tensor<1x4x1x2xi32>
  // CHECK: "tpu.MatMul"(%arg1, {{.*}}right_transpose = true{{.*}}tensor<5x4xi8>, none, tensor<1x2x1x5xf32>
  func.func @main(%a: tensor<1x3x4x4x!x>, %d: tensor<2x4x!x>) -> (tensor<1x2x4x3x!y>, tensor<1x2x4x3x!y>, tensor<2x5x!y>) {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x2xsi8> loc("filter")
    %b = "top.Weight"() : () -> tensor<1x2x1x1xi32> loc("bias")
    %r = "top.Weight"() : () -> tensor<4x5xsi8> loc("right")
    %0 = "tpu.Conv2D"(%a, %w, %b) {kernel_shape = [1, 2], out_scales = [0.5, 0.25], pads = [0, 0, 0, 0], quant_mode = #tpu<rq_mode OnlyScale>, strides = [1, 1], with_bias = true} : (tensor<1x3x4x4x!x>, tensor<2x3x1x2xsi8>, tensor<1x2x1x1xi32>) -> tensor<1x2x4x3x!y> loc("c0")
    %1 = "tpu.Conv2D"(%a, %w, %n) {kernel_shape = [1, 2], multiplier = [3, 4], pads = [0, 0, 0, 0], quant_mode = #tpu<rq_mode MultiplierShift>, rshift = [2, -1], strides = [1, 1], with_bias = false} : (tensor<1x3x4x4x!x>, tensor<2x3x1x2xsi8>, none) -> tensor<1x2x4x3x!y> loc("c1")
    %2 = "tpu.MatMul"(%d, %r, %n, %n, %n) {out_scales = [0.125], quant_mode = #tpu<rq_mode OnlyScale>} : (tensor<2x4x!x>, tensor<4x5xsi8>, none, none, none) -> tensor<2x5x!y> loc("m")
    return %0, %1, %2 : tensor<1x2x4x3x!y>, tensor<1x2x4x3x!y>, tensor<2x5x!y>
  }
}
