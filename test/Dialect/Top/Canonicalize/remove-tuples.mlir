// Tuples come apart; one that is used as a vector is a Concat.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @apart
  // CHECK-NEXT: "top.Abs"(%arg1)
  // CHECK-NEXT: "top.Exp"(%arg0)
  func.func @apart(%x: tensor<2x3xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x3xf32>) {
    %t = "top.Tuple"(%x, %z) : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<10xf32> loc("t")
    %a, %b = "top.UnTuple"(%t) : (tensor<10xf32>) -> (tensor<2x3xf32>, tensor<4xf32>) loc(fused["a", "b"])
    %c = "top.Abs"(%b) : (tensor<4xf32>) -> tensor<4xf32> loc("c")
    %d = "top.Exp"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("d")
    return %c, %d : tensor<4xf32>, tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @vector
  // CHECK: "top.Reshape"(%arg0)
  // CHECK: "top.Concat"
  func.func @vector(%x: tensor<2x3xf32>, %z: tensor<4xf32>) -> tensor<10xf32> {
    %t = "top.Tuple"(%x, %z) : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<10xf32> loc("t")
    return %t : tensor<10xf32>
  }
}
