// Groups that were written by hand: without transfers, with a concatenation, and ones that cannot be.
// RUN: split-file %s %t
// RUN: tpuc-opt %t/plain.mlir --address-assign --codegen="model_file=%t/net.bmodel bmodel_only=true" -o %t/out.mlir
// RUN: bmodel_dis %t/net.bmodel | FileCheck %s
// RUN: not tpuc-opt %t/nested.mlir --address-assign --codegen="model_file=%t/net.bmodel" -o %t/out.mlir 2>&1 | FileCheck %s --check-prefix=NESTED
// RUN: not tpuc-opt %t/member.mlir --address-assign --codegen="model_file=%t/net.bmodel" -o %t/out.mlir 2>&1 | FileCheck %s --check-prefix=MEMBER
// RUN: not tpuc-opt %t/plain.mlir --layer-group -o %t/out.mlir 2>&1 | FileCheck %s --check-prefix=AGAIN
// CHECK: DMA
// CHECK: sPorD
// CHECK: sAR
// NESTED: 'tpu.Group' op 'a' has no code generation
// MEMBER: cannot be
// AGAIN: the function has groups already

//--- plain.mlir
module @net attributes {module.chip = "bm1684x", module.inputs = ["x"], module.mode = "F32", module.outputs = ["b"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  func.func @main(%arg0: tensor<1x4x8x8xf32> loc("x")) -> tensor<1x4x4x4xf32> attributes {id = 0 : i64} {
    %g = "tpu.Group"(%arg0) ({
      %a = "tpu.Pool2D"(%arg0) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> loc("a")
      %b = "tpu.Relu"(%a) : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("b")
      "tpu.Yield"(%b) : (tensor<1x4x4x4xf32>) -> ()
    }) {nsecs = 1 : i64, hsecs = 2 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> loc("b")
    return %g : tensor<1x4x4x4xf32>
  }
}

//--- nested.mlir
module @net attributes {module.chip = "bm1684x", module.inputs = ["x"], module.mode = "F32", module.outputs = ["a"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  func.func @main(%arg0: tensor<1x4x8x8xf32> loc("x")) -> tensor<1x4x8x8xf32> attributes {id = 0 : i64} {
    %g = "tpu.Group"(%arg0) ({
      %h = "tpu.Group"(%arg0) ({
        %a = "tpu.Relu"(%arg0) : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("a")
        "tpu.Yield"(%a) : (tensor<1x4x8x8xf32>) -> ()
      }) {nsecs = 1 : i64, hsecs = 1 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("a")
      "tpu.Yield"(%h) : (tensor<1x4x8x8xf32>) -> ()
    }) {nsecs = 1 : i64, hsecs = 1 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("a")
    return %g : tensor<1x4x8x8xf32>
  }
}

//--- member.mlir
module @net attributes {module.chip = "bm1684x", module.inputs = ["x"], module.mode = "F32", module.outputs = ["b"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  func.func @main(%arg0: tensor<1x4x8x8xf32> loc("x")) -> tensor<8x4x8x1xf32> attributes {id = 0 : i64} {
    %n = "top.None"() : () -> none
    %g = "tpu.Group"(%arg0) ({
      %a = "tpu.Relu"(%arg0) : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("a")
      %b = "tpu.Permute"(%a, %n) {order = [2, 1, 3, 0]} : (tensor<1x4x8x8xf32>, none) -> tensor<8x4x8x1xf32> loc("b")
      "tpu.Yield"(%b) : (tensor<8x4x8x1xf32>) -> ()
    }) {nsecs = 1 : i64, hsecs = 1 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x4x8x8xf32>) -> tensor<8x4x8x1xf32> loc("b")
    return %g : tensor<8x4x8x1xf32>
  }
}
