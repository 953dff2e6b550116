// Elementwise ops of several operands become chains of two; the last one keeps the name and the ReLU.
// RUN: tpuc-opt %s --processor-top-optimize -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  // CHECK: %[[A:.+]] = "top.Input"(%arg0)
  // CHECK: %[[B:.+]] = "top.Input"(%arg1)
  // CHECK: %[[AB:.+]] = "top.Add"(%[[A]], %[[B]])
  // CHECK-NOT: do_relu = true
  // CHECK-SAME: -> tensor<2x4xf32> loc(#[[FIRST:.+]])
  // CHECK: "top.Add"(%[[AB]], %[[A]]) {do_relu = true
  // CHECK-SAME: loc(#[[LAST:.+]])
  // CHECK-DAG: #[[FIRST]] = loc("sum_1")
  // CHECK-DAG: #[[LAST]] = loc("sum")
  func.func @main(%arg0: tensor<2x4xf32>, %arg1: tensor<1x4xf32>) -> tensor<2x4xf32> {
    %0 = "top.Input"(%arg0) : (tensor<2x4xf32>) -> tensor<2x4xf32> loc("a")
    %1 = "top.Input"(%arg1) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("b")
    %2 = "top.Add"(%0, %1, %0) {do_relu = true} : (tensor<2x4xf32>, tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> loc("sum")
    return %2 : tensor<2x4xf32>
  }
}
