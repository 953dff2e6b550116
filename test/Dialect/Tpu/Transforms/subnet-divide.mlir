// main keeps the inputs and calls subfunc_0, both in a module of the device; the outer module lists the names.
// RUN: tpuc-opt %s --subnet-divide -o %t
// RUN: FileCheck %s < %t
// RUN: not tpuc-opt %s --subnet-divide="dynamic=true" -o %t 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: dynamic shapes are not supported
// CHECK: module @net attributes {{.*}}module.inputs = ["x"]{{.*}}module.outputs = ["y"]{{.*}}module.state = "TPU_DIVIDED"
// CHECK: module @net attributes {module.device_id = 0 : i64, module.step = 0 : i64}
// CHECK: func.func @main
// CHECK: %[[X:.+]] = "top.Input"
// CHECK: %[[Y:.+]] = call @subfunc_0(%[[X]])
// CHECK: return %[[Y]]
// CHECK: func.func @subfunc_0(%[[A:.+]]: tensor<2x2xf32>{{.*}}) -> tensor<2x2xf32> attributes {id = 0 : i64, mode = #tpu<run_mode TPU_STATIC>, next_index = array<i32: -1>}
// CHECK: "tpu.Relu"(%[[A]])
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_REORDERED", module.top_run_mode = "STATIC"} {
  func.func @main(%arg0: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = "top.Input"(%arg0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("x")
    %1 = "tpu.Relu"(%0) : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("y")
    return %1 : tensor<2x2xf32>
  }
}
