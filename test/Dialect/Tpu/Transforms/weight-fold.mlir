// An op on weights only is evaluated once and becomes a weight of its name.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --weight-fold -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// WEIGHT a = [[1, 2], [3, 4]]
// WEIGHT b = [[10, 20], [30, 40]]
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: %[[X:.+]] = "top.Input"
  // CHECK: %[[W:.+]] = "top.Weight"() : () -> tensor<2x2xf32> loc(#[[NAME:.+]])
  // CHECK-NEXT: "tpu.Mul"(%[[X]], %[[W]])
  // CHECK: #[[NAME]] = loc("sum")
  func.func @main(%arg0: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = "top.Input"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("x")
    %1 = "top.Weight"() : () -> tensor<2x2xf32> loc("a")
    %2 = "top.Weight"() : () -> tensor<2x2xf32> loc("b")
    %3 = "tpu.Add"(%1, %2) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> loc("sum")
    %4 = "tpu.Mul"(%0, %3) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> loc("y")
    return %4 : tensor<2x2xf32>
  }
}
