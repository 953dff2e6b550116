// x - c is x + (-c); c - x stays.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @sub
  // CHECK: "top.AddConst"(%arg0) {const_val = -2.000000e+00 : f64, do_relu = true
  func.func @sub(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.SubConst"(%x) {const_val = 2.0 : f64, do_relu = true} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @reverse
  // CHECK: "top.SubConst"
  func.func @reverse(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.SubConst"(%x) {const_val = 2.0 : f64, is_reverse = true} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %y : tensor<1x2x4x4xf32>
  }
}
