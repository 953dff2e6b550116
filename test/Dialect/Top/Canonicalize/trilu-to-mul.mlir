// A triangle of computed values is a product with a mask.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @upper
  // CHECK: "top.Mul"(%arg0, %{{.+}})
  func.func @upper(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Trilu"(%x) {upper = 1 : si32, diagonal = 1 : si32} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @lower
  // CHECK: "top.Mul"(%arg0, %{{.+}})
  func.func @lower(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Trilu"(%x) {upper = 0 : si32, diagonal = 0 : si32} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
}
