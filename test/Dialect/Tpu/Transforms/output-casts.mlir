// A cast to f32 behind a permutation of a convolution's result goes before it, unless somebody else reads what is between.
// RUN: tpuc-opt %s --processor-tpu-optimize -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC"} {
  // CHECK: %[[C:.+]] = "tpu.Conv2D"
  // CHECK: %[[W:.+]] = "tpu.Cast"(%[[C]]){{.*}} -> tensor<1x6x2x2xf32> loc(#[[CAST:.+]])
  // CHECK: %[[R:.+]] = "tpu.Reshape"(%[[W]]{{.*}} -> tensor<1x2x3x2x2xf32>
  // CHECK: %[[P:.+]] = "tpu.Permute"(%[[R]]{{.*}} -> tensor<1x2x2x2x3xf32> loc(#[[RESULT:.+]])
  // CHECK: %[[D:.+]] = "tpu.Conv2D"
  // CHECK: %[[Q:.+]] = "tpu.Permute"(%[[D]]
  // CHECK: %[[V:.+]] = "tpu.Cast"(%[[Q]])
  // CHECK: return %[[P]], %[[Q]], %[[V]]
  // CHECK-DAG: #[[CAST]] = loc("c_f32")
  // CHECK-DAG: #[[RESULT]] = loc("p_f32")
  func.func @main(%arg0: tensor<1x4x2x2xf16>, %w: tensor<6x4x1x1xf16>) -> (tensor<1x2x2x2x3xf32>, tensor<1x2x2x6xf16>, tensor<1x2x2x6xf32>) {
    %none = "top.None"() : () -> none
    %x = "top.Input"(%arg0) : (tensor<1x4x2x2xf16>) -> tensor<1x4x2x2xf16> loc("x")
    %c = "tpu.Conv2D"(%x, %w, %none) {group = 1 : i64, kernel_shape = [1, 1], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x4x2x2xf16>, tensor<6x4x1x1xf16>, none) -> tensor<1x6x2x2xf16> loc("c")
    %r = "tpu.Reshape"(%c, %none) : (tensor<1x6x2x2xf16>, none) -> tensor<1x2x3x2x2xf16> loc("r")
    %p = "tpu.Permute"(%r, %none) {order = [0, 1, 3, 4, 2]} : (tensor<1x2x3x2x2xf16>, none) -> tensor<1x2x2x2x3xf16> loc("p")
    %pf = "tpu.Cast"(%p) : (tensor<1x2x2x2x3xf16>) -> tensor<1x2x2x2x3xf32> loc("p_f32")
    %d = "tpu.Conv2D"(%x, %w, %none) {group = 1 : i64, kernel_shape = [1, 1], pads = [0, 0, 0, 0], strides = [1, 1], with_bias = false} : (tensor<1x4x2x2xf16>, tensor<6x4x1x1xf16>, none) -> tensor<1x6x2x2xf16> loc("d")
    %q = "tpu.Permute"(%d, %none) {order = [0, 2, 3, 1]} : (tensor<1x6x2x2xf16>, none) -> tensor<1x2x2x6xf16> loc("q")
    %qf = "tpu.Cast"(%q) : (tensor<1x2x2x6xf16>) -> tensor<1x2x2x6xf32> loc("q_f32")
    return %pf, %q, %qf : tensor<1x2x2x2x3xf32>, tensor<1x2x2x6xf16>, tensor<1x2x2x6xf32>
  }
}
