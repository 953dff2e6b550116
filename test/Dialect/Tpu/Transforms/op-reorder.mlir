// Weights and views move to their first user; a branch is finished before the next one where less has to be kept then.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --op-reorder -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// WEIGHT w = ramp(4)
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: "tpu.Relu"(%arg0)
  // CHECK-NEXT: "tpu.Reshape"(%arg0)
  // CHECK-NEXT: "top.Weight"
  // CHECK-NEXT: "tpu.Mul"
  func.func @main(%arg0: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<4xf32>) {
    %w = "top.Weight"() : () -> tensor<4xf32> loc("w")
    %0 = "tpu.Reshape"(%arg0) {shape = [4]} : (tensor<2x2xf32>) -> tensor<4xf32> loc("flat")
    %1 = "tpu.Relu"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("r")
    %2 = "tpu.Mul"(%0, %w) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("y")
    return %1, %2 : tensor<2x2xf32>, tensor<4xf32>
  }
  // CHECK-LABEL: func.func @branches
  // CHECK: %[[R:.+]] = "tpu.Relu"(%arg0)
  // CHECK-NEXT: %[[A1:.+]] = "tpu.MulConst"(%[[R]])
  // CHECK-NEXT: %[[A2:.+]] = "tpu.Pool2D"(%[[A1]])
  // CHECK-NEXT: %[[B1:.+]] = "tpu.MulConst"(%[[R]])
  // CHECK-NEXT: %[[B2:.+]] = "tpu.Pool2D"(%[[B1]])
  // CHECK-NEXT: "tpu.Add"(%[[A2]], %[[B2]])
  func.func @branches(%arg0: tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> {
    %0 = "tpu.Relu"(%arg0) : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("r")
    %a1 = "tpu.MulConst"(%0) {const_val = 1.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("a1")
    %b1 = "tpu.MulConst"(%0) {const_val = 2.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("b1")
    %a2 = "tpu.Pool2D"(%a1) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> loc("a2")
    %b2 = "tpu.Pool2D"(%b1) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> loc("b2")
    %y = "tpu.Add"(%a2, %b2) : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> loc("y")
    return %y : tensor<1x1x2x2xf32>
  }
}
