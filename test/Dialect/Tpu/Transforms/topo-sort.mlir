// One branch is finished before the next one starts.
// RUN: tpuc-opt %s --topo-sort -o %t
// RUN: FileCheck %s < %t
// RUN: not tpuc-opt %s --topo-sort="depth_first=false" -o %t 2>&1 | FileCheck %s --check-prefix=BREADTH
// BREADTH: only depth_first=true is supported
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  // CHECK: %[[A1:.+]] = "tpu.AddConst"(%arg0)
  // CHECK: %[[A2:.+]] = "tpu.MulConst"(%[[A1]])
  // CHECK: %[[B1:.+]] = "tpu.AddConst"(%arg0)
  // CHECK: %[[B2:.+]] = "tpu.MulConst"(%[[B1]])
  // CHECK: "tpu.Add"(%[[A2]], %[[B2]])
  func.func @main(%arg0: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %a1 = "tpu.AddConst"(%arg0) {const_val = 1.0 : f64} : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("a1")
    %b1 = "tpu.AddConst"(%arg0) {const_val = 2.0 : f64} : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("b1")
    %a2 = "tpu.MulConst"(%a1) {const_val = 3.0 : f64} : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("a2")
    %b2 = "tpu.MulConst"(%b1) {const_val = 4.0 : f64} : (tensor<2x2xf32>) -> tensor<2x2xf32> loc("b2")
    %y = "tpu.Add"(%a2, %b2) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> loc("y")
    return %y : tensor<2x2xf32>
  }
}
