// A Pad by nothing disappears.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @remove
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @remove(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %p = "top.Pad"(%x) {paddings = [0, 0, 0, 0, 0, 0, 0, 0], val = 0.0 : f64, mode = "constant"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("pad")
    %y = "top.Abs"(%p) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("abs")
    return %y : tensor<1x2x4x4xf32>
  }
}
