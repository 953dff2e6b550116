// x * hardsigmoid(x) with the usual slope; also when spelled x * relu6(x + 3) / 6.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @gate
  // CHECK-NEXT: "top.HardSwish"(%arg0)
  // CHECK-NEXT: return
  func.func @gate(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.HardSigmoid"(%x) {alpha = 0.16666666666666666 : f64, beta = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_slope
  // CHECK: "top.Mul"
  func.func @other_slope(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.HardSigmoid"(%x) {alpha = 0.2 : f64, beta = 0.5 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%x, %s) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @spelled
  // CHECK-NEXT: "top.HardSwish"(%arg0)
  // CHECK-NEXT: return
  func.func @spelled(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %a = "top.AddConst"(%x) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %c = "top.Clip"(%a) {min = 0.0 : f64, max = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %m = "top.Mul"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %y = "top.MulConst"(%m) {const_val = 0.16666667163372 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("d")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @hard_sigmoid
  // CHECK-NEXT: "top.HardSigmoid"(%arg0) {alpha = 0.1666
  // CHECK-NEXT: return
  func.func @hard_sigmoid(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %a = "top.AddConst"(%x) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    %c = "top.Clip"(%a) {min = 0.0 : f64, max = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("c")
    %y = "top.MulConst"(%c) {const_val = 0.16666667163372 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("d")
    return %y : tensor<1x2x4x4xf32>
  }
}
