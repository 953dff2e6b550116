// The whole way from a Tpu module to a model file and the list of tensors beside it.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --weight-reorder --subnet-divide --op-reorder --topo-sort --layer-group --address-assign --codegen="model_file=%t/net.bmodel" -o %t/out.mlir
// RUN: FileCheck %s --check-prefix=JSON < %t/net.bmodel.json
// RUN: bmodel_dis %t/net.bmodel | FileCheck %s
// RUN: not tpuc-opt %t/net.mlir --codegen="model_file=%t/bad.bmodel" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=STATE
// RUN: not tpuc-opt %t/out.mlir --codegen -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not tpuc-opt %t/out.mlir --codegen="model_file=%t/none/net.bmodel" -o %t/bad.mlir
// RUN: not ls %t/none
// WEIGHT filter = ramp(4, 3, 3, 3)
// STATE: the module is not in state TPU_ADDRESSED; run address-assign first
// FILE: no file was named
// The ids of the op's instructions: pairs of first and last.
// JSON: "gdma_ids": [
// JSON-NEXT: [
// JSON-NEXT: 1,
// JSON: "opcode": "tpu.Conv2D"
// JSON: "name": "y"
// JSON: "tiu_ids": [
// JSON-NEXT: [
// JSON-NEXT: 1,
// CHECK: sCONV
// CHECK: sAR
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  func.func @main(%arg0: tensor<1x3x8x8xf32>) -> tensor<1x4x8x8xf32> {
    %0 = "top.Input"(%arg0) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> loc("x")
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<4x3x3x3xf32> loc("filter")
    %1 = "tpu.Conv2D"(%0, %w, %n) {do_relu = true, kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], with_bias = false} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, none) -> tensor<1x4x8x8xf32> loc("y")
    return %1 : tensor<1x4x8x8xf32>
  }
}
