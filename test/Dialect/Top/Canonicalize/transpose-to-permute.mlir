// A swap of two axes is a Permute.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @swap
  // CHECK-NEXT: "top.Permute"(%arg0) {order = [2, 1, 0]}
  func.func @swap(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
    %y = "top.Transpose"(%x) {dim0 = 0 : si32, dim1 = -1 : si32} : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32> loc("t")
    return %y : tensor<4x3x2xf32>
  }
}
