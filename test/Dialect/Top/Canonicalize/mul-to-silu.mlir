// x * sigmoid(x).
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @silu
  // CHECK-NEXT: "top.SiLU"(%arg0) : {{.*}}loc(#[[$M:loc.*]])
  // CHECK-NEXT: return
  func.func @silu(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Sigmoid"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%s, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @other_operand
  // CHECK: "top.Sigmoid"
  // CHECK: "top.Mul"
  func.func @other_operand(%x: tensor<1x2x4x4xf32>, %z: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Sigmoid"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%s, %z) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @scaled
  // CHECK: "top.Sigmoid"
  // CHECK: "top.Mul"
  func.func @scaled(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Sigmoid"(%x) {scale = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%s, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @gate_is_output
  // CHECK: "top.Sigmoid"
  // CHECK: "top.Mul"
  // CHECK: #[[$M]] = loc("m")
  func.func @gate_is_output(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
    %s = "top.Sigmoid"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %y = "top.Mul"(%s, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    return %s, %y : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  }
}
