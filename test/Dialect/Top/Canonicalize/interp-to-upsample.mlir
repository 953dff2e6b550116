// Nearest interpolation by whole factors repeats pixels.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @repeat
  // CHECK-NEXT: "top.Upsample"(%arg0) {{.*}}scale_h = 2 : i64, scale_w = 3 : i64
  func.func @repeat(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x8x12xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "nearest", coord_mode = "asymmetric", scale_h = 2.0 : f64, scale_w = 3.0 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x8x12xf32> loc("i")
    return %y : tensor<1x2x8x12xf32>
  }
  // CHECK-LABEL: func.func @half_pixel
  // CHECK-NEXT: "top.Upsample"
  func.func @half_pixel(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x8x12xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "nearest", coord_mode = "half_pixel", scale_h = 2.0 : f64, scale_w = 3.0 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x8x12xf32> loc("i")
    return %y : tensor<1x2x8x12xf32>
  }
  // CHECK-LABEL: func.func @corners
  // CHECK: "top.Interp"
  func.func @corners(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x8x12xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "nearest", coord_mode = "align_corners", scale_h = 2.0 : f64, scale_w = 3.0 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x8x12xf32> loc("i")
    return %y : tensor<1x2x8x12xf32>
  }
  // CHECK-LABEL: func.func @linear
  // CHECK: "top.Interp"
  func.func @linear(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x8x12xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "linear", coord_mode = "asymmetric", scale_h = 2.0 : f64, scale_w = 3.0 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x8x12xf32> loc("i")
    return %y : tensor<1x2x8x12xf32>
  }
  // CHECK-LABEL: func.func @fraction
  // CHECK: "top.Interp"
  func.func @fraction(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x6x6xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Interp"(%x, %n) {mode = "nearest", coord_mode = "asymmetric", scale_h = 1.5 : f64, scale_w = 1.5 : f64} : (tensor<1x2x4x4xf32>, none) -> tensor<1x2x6x6xf32> loc("i")
    return %y : tensor<1x2x6x6xf32>
  }
}
