// Weights and views move to their first user.
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
}
