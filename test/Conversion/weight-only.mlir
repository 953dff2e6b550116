// Integer weights with half-precision activations: matrix products keep groups of 8- or 4-bit values with scale and zero
// point, convolutions an si8 filter with scales per channel; a ReLU of a product stands on its own.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=W8F16" --convert-top-to-tpu="q_group_size=4 weightFileName=w8.npz" --canonicalize -o %t/w8.mlir
// RUN: FileCheck %s < %t/w8.mlir
// RUN: %show_weights %t/w8.npz | FileCheck %s --check-prefix=VALUES
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=W4BF16" --convert-top-to-tpu="q_group_size=3 q_symmetric=true weightFileName=w4.npz" --canonicalize -o %t/w4.mlir
// RUN: FileCheck %s --check-prefix=FOUR < %t/w4.mlir
// RUN: %show_weights %t/w4.npz | FileCheck %s --check-prefix=NIBBLES
// RUN: printf "y F32\nconv F16\n" > %t/table.txt
// RUN: tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=W8F16" --convert-top-to-tpu="qtable=%t/table.txt weightFileName=mix.npz" -o %t/mix.mlir
// RUN: FileCheck %s --check-prefix=MIX < %t/mix.mlir
// RUN: not tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=F16" --convert-top-to-tpu="q_group_size=4" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=MODE
// RUN: not tpuc-opt %t/net.mlir --processor-assign="chip=bm1684x mode=W8F16" --convert-top-to-tpu="q_group_size=-1" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=GROUP
// WEIGHT filter = [-2, 1, 4, -8]
// WEIGHT right = [-1, 0, 1, 0, 3, 0, 1.55, 0, 0, 0, 0, 0, 0, 0, 7, -14]
// WEIGHT bias = [0.5, 2]
// Column 0 is -1 1 3 1.55 | 0 0 0 7 with scales 4/255 and 7/255, rounded up in f16, and zero points 64 and 0; the first
// group of column 1 is empty, the second 0 0 0 -14.
// VALUES-DAG: y_a16matmul_scale_f16 u16 2x2: 9221 9992 15360 11016
// VALUES-DAG: y_a16matmul_zp u8 2x2: 64 0 0 255
// VALUES-DAG: y_a16matmul_uint u8 2x8: 0 128 255 163 0 0 0 255 0 0 0 0 255 255 255 0
// VALUES-DAG: conv_filter_i8 i8 4x1x1x1: -127 127 127 -127
// A group of 3 does not divide 8, so there is one: 7 / 7 = 1 and 14 / 7 = 2.
// NIBBLES-DAG: y_a16matmul_scale_bf16 u16 2x1: 16256 16384
// NIBBLES-DAG: y_a16matmul_uint u8 2x4: 31 35 0 112 0 0 0 144
// MODE: q_group_size and q_symmetric belong to the modes W8F16, W8BF16, W4F16 and W4BF16
// GROUP: q_group_size=-1 is no group size
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: module.mode = "W8F16"{{.*}}module.q_group_size = 4 : i64, module.q_symmetric = false, module.state = "TPU_LOWERED"
  // CHECK: "top.Weight"() : () -> tensor<4x1x1x1xsi8>
  // CHECK: "tpu.Conv2D"{{.*}}out_scales = [0.015748031437397003, 0.0078740157186985015, 0.031496062874794006, 0.062992125749588013]{{.*}}weight_bits = 8 : i64{{.*}} : (tensor<1x1x1x2xf16>, tensor<4x1x1x1xsi8>, none) -> tensor<1x4x1x2xf16>
  // CHECK: "tpu.A16MatMul"(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) {dq_type = "NONE", q_group_size = 4 : i64, sign = true, w_transpose = true, weight_bits = 8 : i64} : (tensor<1x8xf16>, tensor<2x8xui8>, tensor<2x2xf16>, tensor<2x2xui8>, tensor<2xf16>) -> tensor<1x2xf16> loc(#[[PRODUCT:.+]])
  // CHECK: "tpu.Relu"{{.*}}relu_limit = 6.000000e+00
  // CHECK: #[[PRODUCT]] = loc("y_a16matmul")
  // FOUR: "tpu.Conv2D"{{.*}}weight_bits = 4 : i64
  // FOUR: "tpu.A16MatMul"{{.*}}q_group_size = 0 : i64, sign = true, w_transpose = true, weight_bits = 4 : i64} : (tensor<1x8xbf16>, tensor<2x4xui8>, tensor<2x1xbf16>, none, tensor<2xbf16>) -> tensor<1x2xbf16>
  // MIX: "tpu.Conv2D"{{.*}}tensor<4x1x1x1xf16>
  // MIX: "tpu.MatMul"{{.*}} -> tensor<1x2xf32>
  func.func @main(%arg0: tensor<1x1x1x2xf32>) -> tensor<1x2xf32> {
    %n = "top.None"() : () -> none
    %0 = "top.Input"(%arg0) : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32> loc("x")
    %1 = "top.Weight"() : () -> tensor<4x1x1x1xf32> loc("filter")
    %2 = "top.Conv"(%0, %1, %n) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x1x2xf32>, tensor<4x1x1x1xf32>, none) -> tensor<1x4x1x2xf32> loc("conv")
    %3 = "top.Reshape"(%2) {shape = [1, 8]} : (tensor<1x4x1x2xf32>) -> tensor<1x8xf32> loc("flat")
    %4 = "top.Weight"() : () -> tensor<8x2xf32> loc("right")
    %5 = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %6 = "top.MatMul"(%3, %4, %5) {do_relu = true, relu_limit = 6.0 : f64} : (tensor<1x8xf32>, tensor<8x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("y")
    return %6 : tensor<1x2xf32>
  }
}
