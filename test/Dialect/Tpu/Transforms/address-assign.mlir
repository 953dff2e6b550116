// Weights from 0x100000000 on pages; tensors behind them share memory when their lives do not meet; views have their
// operand's address, operands of a concatenation lie inside of its result.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --address-assign -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: tpuc-opt %t/net.mlir --address-assign="reuse_addr=false" -o %t/apart.mlir
// RUN: FileCheck %s --check-prefix=APART < %t/apart.mlir
// RUN: not tpuc-opt %t/net.mlir --address-assign="merge_weight=true" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=REFUSED
// REFUSED: merge_weight is not supported
// WEIGHT w = ramp(1, 2048)
// WEIGHT v = ramp(1, 2048)
// CHECK: module.state = "TPU_ADDRESSED"
// CHECK: module.coeff_addr = 4294967296 : i64, module.coeff_size = 16384 : i64, {{.*}}module.neuron_addr = 4294983680 : i64, module.neuron_size = 24576 : i64
// APART: module.neuron_size = 32768 : i64
module @net attributes {module.chip = "bm1684x", module.inputs = ["x"], module.mode = "F32", module.outputs = ["cat"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  module @net attributes {module.device_id = 0 : i64, module.step = 0 : i64} {
    func.func @main(%arg0: tensor<1x2048xf32>) -> tensor<1x4096xf32> {
      %0 = "top.Input"(%arg0) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("x")
      %1 = call @subfunc_0(%0) : (tensor<1x2048xf32>) -> tensor<1x4096xf32>
      return %1 : tensor<1x4096xf32>
    }
    // CHECK: func.func @subfunc_0(%arg0: tensor<1x2048xf32, [[X:[0-9]+]] : i64>
    func.func @subfunc_0(%arg0: tensor<1x2048xf32>) -> tensor<1x4096xf32> attributes {id = 0 : i64, mode = #tpu<run_mode TPU_STATIC>, next_index = array<i32: -1>} {
      // CHECK: "top.Weight"() : () -> tensor<1x2048xf32, 4294967296 : i64>
      // CHECK: "top.Weight"() : () -> tensor<1x2048xf32, 4294975488 : i64>
      %w = "top.Weight"() : () -> tensor<1x2048xf32> loc("w")
      %v = "top.Weight"() : () -> tensor<1x2048xf32> loc("v")
      // CHECK: "tpu.Mul"{{.*}} -> tensor<1x2048xf32, [[A:[0-9]+]] : i64>
      %a = "tpu.Mul"(%arg0, %w) : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("a")
      // CHECK: "tpu.Reshape"{{.*}} -> tensor<2048xf32, [[A]] : i64>
      %r = "tpu.Reshape"(%a) {shape = [2048]} : (tensor<1x2048xf32>) -> tensor<2048xf32> loc("r")
      // CHECK: "tpu.Relu"{{.*}} -> tensor<2048xf32, [[R:[0-9]+]] : i64>
      %b = "tpu.Relu"(%r) : (tensor<2048xf32>) -> tensor<2048xf32> loc("b")
      %c = "tpu.Reshape"(%b) {shape = [1, 2048]} : (tensor<2048xf32>) -> tensor<1x2048xf32> loc("c")
      // CHECK: "tpu.Mul"
      %d = "tpu.Mul"(%c, %v) : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("d")
      // CHECK: "tpu.Concat"{{.*}}(tensor<1x2048xf32, [[R]] : i64>, {{.*}}) -> tensor<1x4096xf32, [[R]] : i64>
      %e = "tpu.Concat"(%c, %d) {axis = 1 : si32} : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x4096xf32> loc("cat")
      return %e : tensor<1x4096xf32>
    }
  }
}
