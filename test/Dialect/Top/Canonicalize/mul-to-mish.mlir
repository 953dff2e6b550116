// x * tanh(softplus(x)).
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @mish
  // CHECK-NEXT: "top.Mish"(%arg0)
  // CHECK-NEXT: return
  func.func @mish(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Softplus"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %t = "top.Tanh"(%s) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %y = "top.Mul"(%x, %t) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_operand
  // CHECK: "top.Mul"
  func.func @other_operand(%x: tensor<1x2x4x4xf32>, %z: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Softplus"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %t = "top.Tanh"(%s) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("t")
    %y = "top.Mul"(%z, %t) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
}
