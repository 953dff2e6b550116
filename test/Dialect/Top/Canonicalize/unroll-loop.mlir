// A loop of a known number of iterations becomes its body as often; weights of the body are there once.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize --mlir-print-debuginfo | FileCheck %s
// WEIGHT two = np.array([2])
// WEIGHT w = np.array([3, 4])
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @twice
  // CHECK: %[[W:.+]] = "top.Weight"() : () -> tensor<2xf32>
  // CHECK: %[[A:.+]] = "top.Mul"(%arg0, %[[W]]){{.*}} loc(#[[$FIRST:loc.*]])
  // CHECK: %[[B:.+]] = "top.Mul"(%[[A]], %[[W]]){{.*}} loc(#[[$SECOND:loc.*]])
  // CHECK: "top.Concat"
  // CHECK-NOT: "top.Loop"
  func.func @twice(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
    %n = "top.None"() : () -> none
    %m = "top.Weight"() : () -> tensor<1xf32> loc("two")
    %y:2 = "top.Loop"(%m, %n, %x) ({
    ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):
      %w = "top.Weight"() : () -> tensor<2xf32> loc("w")
      %a = "top.Mul"(%v, %w) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("a")
      "top.Yield"(%c, %a, %v) : (tensor<1xf32>, tensor<2xf32>, tensor<2xf32>) -> ()
    }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) loc(fused["y", "z"])
    return %y#0, %y#1 : tensor<2xf32>, tensor<2x2xf32>
  }
  // CHECK-LABEL: func.func @computed
  // CHECK: "top.Loop"(%arg1
  func.func @computed(%x: tensor<2xf32>, %m: tensor<1xf32>) -> tensor<2xf32> {
    %n = "top.None"() : () -> none
    %y = "top.Loop"(%m, %n, %x) ({
    ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):
      %a = "top.Mul"(%v, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("b")
      "top.Yield"(%c, %a) : (tensor<1xf32>, tensor<2xf32>) -> ()
    }) : (tensor<1xf32>, none, tensor<2xf32>) -> tensor<2xf32> loc("y")
    return %y : tensor<2xf32>
  }
  // CHECK: #[[$FIRST]] = loc("a_0")
  // CHECK: #[[$SECOND]] = loc("{{y|a_1}}")
}
