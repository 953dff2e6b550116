// Ops and weights that nobody uses disappear.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT r = [1, 2]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @dead
  // CHECK-NEXT: "top.Abs"(%arg0) {{.*}}loc(#[[$Y:loc.*]])
  // CHECK-NEXT: return
  // CHECK: #[[$Y]] = loc("y")
  func.func @dead(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %r = "top.Weight"() : () -> tensor<2xf32> loc("r")
    %a = "top.Abs"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %b = "top.Exp"(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("b")
    %y = "top.Abs"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("y")
    return %y : tensor<1x2x4x4xf32>
  }
}
