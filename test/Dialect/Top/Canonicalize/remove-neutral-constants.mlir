// x * 1 and x + 0 disappear; a network output moves its name to the op before, or stays.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @inner
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @inner(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MulConst"(%x) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %z = "top.AddConst"(%y) {const_val = 0.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    %r = "top.Abs"(%z) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    return %r : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @output
  // CHECK-NEXT: %[[Y:.+]] = "top.Abs"(%arg0) {{.*}}loc(#[[$OUT:loc.*]])
  // CHECK-NEXT: return %[[Y]]
  func.func @output(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %r = "top.Abs"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("abs")
    %y = "top.MulConst"(%r) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("out")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @output_of_argument
  // CHECK: "top.MulConst"
  // CHECK: #[[$OUT]] = loc("out")
  func.func @output_of_argument(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.MulConst"(%x) {const_val = 1.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    return %y : tensor<1x2x4x4xf32>
  }
}
