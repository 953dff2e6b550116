// Heads become the batch of the products where they lie; casts of operands and results move along.
// RUN: tpuc-opt %s --processor-tpu-optimize -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC"} {
  // CHECK-LABEL: func.func @main
  // CHECK-NOT: tpu.Permute
  // CHECK: %[[Q:.+]] = "tpu.Cast"(%{{.+}}) {{.*}}(tensor<1x5x2x8xf32>) -> tensor<1x5x2x8xf16>
  // CHECK: %[[S:.+]] = "tpu.MatMul"(%[[Q]], %{{.+}}) {{.*}}hdim_is_batch = true{{.*}}right_transpose = true{{.*}} -> tensor<1x5x2x7xf16>
  // CHECK: %[[P:.+]] = "tpu.Softmax"(%[[S]]{{.*}} -> tensor<1x5x2x7xf16>
  // CHECK: %[[M:.+]] = "tpu.MatMul"(%[[P]], %{{.+}}) {{.*}}hdim_is_batch = true{{.*}} -> tensor<1x5x2x8xf16>
  // CHECK: %[[Y:.+]] = "tpu.Cast"(%[[M]]) {{.*}}(tensor<1x5x2x8xf16>) -> tensor<1x5x2x8xf32> loc(#[[NAME:.+]])
  // CHECK: return %[[Y]]
  // CHECK: #[[NAME]] = loc("y")
  func.func @main(%arg0: tensor<1x5x2x8xf32>, %arg1: tensor<1x7x2x8xf16>, %arg2: tensor<1x7x2x8xf16>) -> tensor<1x5x2x8xf32> {
    %n = "top.None"() : () -> none
    %x = "top.Input"(%arg0) : (tensor<1x5x2x8xf32>) -> tensor<1x5x2x8xf32> loc("x")
    %k = "top.Input"(%arg1) : (tensor<1x7x2x8xf16>) -> tensor<1x7x2x8xf16> loc("k")
    %v = "top.Input"(%arg2) : (tensor<1x7x2x8xf16>) -> tensor<1x7x2x8xf16> loc("v")
    %0 = "tpu.Permute"(%x, %n) {order = [0, 2, 1, 3]} : (tensor<1x5x2x8xf32>, none) -> tensor<1x2x5x8xf32> loc("q")
    %1 = "tpu.Cast"(%0) : (tensor<1x2x5x8xf32>) -> tensor<1x2x5x8xf16> loc("q_f16")
    %2 = "tpu.Permute"(%k, %n) {order = [0, 2, 3, 1]} : (tensor<1x7x2x8xf16>, none) -> tensor<1x2x8x7xf16> loc("keys")
    %3 = "tpu.Permute"(%v, %n) {order = [0, 2, 1, 3]} : (tensor<1x7x2x8xf16>, none) -> tensor<1x2x7x8xf16> loc("values")
    %4 = "tpu.MatMul"(%1, %2, %n, %n, %n) : (tensor<1x2x5x8xf16>, tensor<1x2x8x7xf16>, none, none, none) -> tensor<1x2x5x7xf16> loc("scores")
    %5 = "tpu.Softmax"(%4, %n, %n, %n, %n, %n) {axis = 3 : si32} : (tensor<1x2x5x7xf16>, none, none, none, none, none) -> tensor<1x2x5x7xf16> loc("weights")
    %6 = "tpu.MatMul"(%5, %3, %n, %n, %n) : (tensor<1x2x5x7xf16>, tensor<1x2x7x8xf16>, none, none, none) -> tensor<1x2x5x8xf16> loc("mixed")
    %7 = "tpu.Cast"(%6) : (tensor<1x2x5x8xf16>) -> tensor<1x2x5x8xf32> loc("mixed_f32")
    %8 = "tpu.Permute"(%7, %n) {order = [0, 2, 1, 3]} : (tensor<1x2x5x8xf32>, none) -> tensor<1x5x2x8xf32> loc("y")
    return %8 : tensor<1x5x2x8xf32>
  }
}
