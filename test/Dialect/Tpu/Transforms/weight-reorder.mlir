// Convolution weights come in chunks of 32 channels (F32: 1), short rows and per-channel values by lane, matrices as
// [K, N], or as [N, K] where columns fill more lanes than rows.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --weight-reorder -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// WEIGHT filter = ramp(2, 3, 1, 2)
// WEIGHT half = f16(np.ones((70, 33, 1, 1)))
// WEIGHT bias = ramp(70)
// WEIGHT depth = f16(np.ones((70, 1, 3, 3)))
// WEIGHT right = ramp(5, 5000)
// WEIGHT wide = ramp(4, 128)
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: module.state = "TPU_REORDERED"
  // CHECK: "tpu.Conv2D"(%arg0, %{{.*}}) {{.*}}tensor<1x2x1x6xf32>, none
  // CHECK: "tpu.Conv2D"(%arg1, %{{.*}}) {{.*}}tensor<1x64x1x128xf16>, tensor<1x64x1x2xf32>
  // CHECK: "tpu.Conv2D"(%arg2, %{{.*}}) {{.*}}tensor<1x64x1x18xf16>, tensor<1x64x1x2xf16>
  // CHECK: "tpu.MatMul"(%arg3, %{{.*}}) {{.*}}right_transpose = false{{.*}}tensor<5000x5xf32>
  // CHECK: "tpu.MatMul"(%arg4, %{{.*}}) {{.*}}right_transpose = true{{.*}}tensor<128x4xf32>
  func.func @main(%a: tensor<1x3x4x4xf32>, %b: tensor<1x33x4x4xf16>, %c: tensor<1x70x4x4xf16>, %d: tensor<1x5000xf32>, %e: tensor<6x4xf32>) -> (tensor<1x2x4x3xf32>, tensor<1x70x4x4xf16>, tensor<1x70x2x2xf16>, tensor<1x5xf32>, tensor<6x128xf32>) {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<2x3x1x2xf32> loc("filter")
    %h = "top.Weight"() : () -> tensor<70x33x1x1xf16> loc("half")
    %bias = "top.Weight"() : () -> tensor<70xf32> loc("bias")
    %depth = "top.Weight"() : () -> tensor<70x1x3x3xf16> loc("depth")
    %r = "top.Weight"() : () -> tensor<5x5000xf32> loc("right")
    %0 = "tpu.Conv2D"(%a, %w, %n) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = false} : (tensor<1x3x4x4xf32>, tensor<2x3x1x2xf32>, none) -> tensor<1x2x4x3xf32> loc("c0")
    %1 = "tpu.Conv2D"(%b, %h, %bias) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = true} : (tensor<1x33x4x4xf16>, tensor<70x33x1x1xf16>, tensor<70xf32>) -> tensor<1x70x4x4xf16> loc("c1")
    %2 = "tpu.Conv2D"(%c, %depth, %bias) {group = 70 : i64, kernel_shape = [3, 3], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = true} : (tensor<1x70x4x4xf16>, tensor<70x1x3x3xf16>, tensor<70xf32>) -> tensor<1x70x2x2xf16> loc("c2")
    %3 = "tpu.MatMul"(%d, %r, %n, %n, %n) {right_transpose = true} : (tensor<1x5000xf32>, tensor<5x5000xf32>, none, none, none) -> tensor<1x5xf32> loc("m")
    %wide = "top.Weight"() : () -> tensor<4x128xf32> loc("wide")
    %4 = "tpu.MatMul"(%e, %wide, %n, %n, %n) : (tensor<6x4xf32>, tensor<4x128xf32>, none, none, none) -> tensor<6x128xf32> loc("m2")
    return %0, %1, %2, %3, %4 : tensor<1x2x4x3xf32>, tensor<1x70x4x4xf16>, tensor<1x70x2x2xf16>, tensor<1x5xf32>, tensor<6x128xf32>
  }
}
