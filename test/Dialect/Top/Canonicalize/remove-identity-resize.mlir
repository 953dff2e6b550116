// Resizing by 1 and repeating once disappear.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @interp
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @interp(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "linear", coord_mode = "asymmetric", scale_h = 1.0 : f64, scale_w = 1.0 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x4x4xf32> loc("i")
    %z = "top.Abs"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @upsample
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @upsample(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Upsample"(%x) {scale_h = 1 : i64, scale_w = 1 : i64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("u")
    %z = "top.Abs"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @tile
  // CHECK-NEXT: "top.Abs"(%arg0)
  func.func @tile(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Tile"(%x) {tile = [1, 1, 1, 1]} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %z = "top.Abs"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %z : tensor<1x2x4x4xf32>
  }
}
