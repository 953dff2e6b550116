// An elementwise op that is the only user of a result joins its producer; with opt=0, or with a second user, it does not.
// RUN: tpuc-opt %s --layer-group="opt=2" -o %t
// RUN: FileCheck %s < %t
// RUN: tpuc-opt %s --layer-group="opt=0" -o %t
// RUN: FileCheck %s --check-prefix=ALONE < %t
// RUN: not tpuc-opt %s --layer-group="compress_mode=weight" -o %t 2>&1 | FileCheck %s --check-prefix=REFUSED
// ALONE-NOT: tpu.Group
// REFUSED: bm1684x has no compression
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  // CHECK: %[[G:.+]] = "tpu.Group"(%arg0, %arg1)
  // CHECK-NEXT: %[[P:.+]] = "tpu.Pool2D"(%arg0)
  // CHECK-NEXT: %[[S:.+]] = "tpu.Add"(%[[P]], %arg1)
  // CHECK-NEXT: "tpu.Yield"(%[[S]])
  // CHECK: %[[Q:.+]] = "tpu.Pool2D"(%[[G]])
  // CHECK: "tpu.Relu"(%[[Q]])
  func.func @main(%arg0: tensor<1x4x8x8xf32>, %arg1: tensor<1x4x4x4xf32>) -> (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) {
    %0 = "tpu.Pool2D"(%arg0) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> loc("p")
    %1 = "tpu.Add"(%0, %arg1) : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("s")
    %2 = "tpu.Pool2D"(%1) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32> loc("q")
    %3 = "tpu.Relu"(%2) : (tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("r")
    return %2, %3 : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
  }
}
