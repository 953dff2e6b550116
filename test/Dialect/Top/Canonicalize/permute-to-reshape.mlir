// A Permute that moves only axes of extent 1 keeps the element order.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @reshape
  // CHECK-NEXT: "top.Reshape"(%arg0) {{.*}}shape = [1, 2, 4]
  func.func @reshape(%x: tensor<2x1x4xf32>) -> tensor<1x2x4xf32> {
    %y = "top.Permute"(%x) {order = [1, 0, 2]} : (tensor<2x1x4xf32>) -> tensor<1x2x4xf32> loc("a")
    return %y : tensor<1x2x4xf32>
  }
  // CHECK-LABEL: func.func @moves_data
  // CHECK-NEXT: "top.Permute"
  func.func @moves_data(%x: tensor<2x3x4xf32>) -> tensor<3x2x4xf32> {
    %y = "top.Permute"(%x) {order = [1, 0, 2]} : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32> loc("a")
    return %y : tensor<3x2x4xf32>
  }
}
