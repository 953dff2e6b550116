// Equal ops and equal weights become one; each network output keeps its name.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --struct-optimize | FileCheck %s
// WEIGHT a = [1, 2]
// WEIGHT b = [1, 2]
// WEIGHT c = [1, 3]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK-NEXT: %[[A:.+]] = "top.Weight"
  // CHECK-NEXT: %[[C:.+]] = "top.Weight"
  // CHECK-NEXT: %[[X:.+]] = "top.Mul"(%arg0, %[[A]])
  // CHECK-NEXT: %[[Y:.+]] = "top.Mul"(%arg0, %[[C]])
  // CHECK-NEXT: "top.Add"(%[[X]], %[[X]], %[[Y]])
  // CHECK-NEXT: return
  func.func @merge(%x: tensor<4x2xf32>) -> tensor<*xf32> {
    %a = "top.Weight"() : () -> tensor<2xf32> loc("a")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("b")
    %c = "top.Weight"() : () -> tensor<2xf32> loc("c")
    %0 = "top.Mul"(%x, %a) : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<*xf32> loc("m0")
    %1 = "top.Mul"(%x, %b) : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<*xf32> loc("m1")
    %2 = "top.Mul"(%x, %c) : (tensor<4x2xf32>, tensor<2xf32>) -> tensor<*xf32> loc("m2")
    %dead = "top.Abs"(%2) : (tensor<*xf32>) -> tensor<*xf32> loc("dead")
    %3 = "top.Add"(%0, %1, %2) : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("sum")
    return %3 : tensor<*xf32>
  }
  // CHECK-LABEL: func.func @outputs
  // CHECK-NEXT: %[[P:.+]] = "top.Abs"(%arg0) {{.*}}loc(#[[$OUT:.+]])
  // CHECK-NEXT: "top.Exp"(%[[P]])
  // CHECK-NEXT: %[[E:.+]] = "top.Exp"(%[[P]])
  // CHECK-NEXT: return %[[P]], %{{.+}}, %[[E]]
  func.func @outputs(%x: tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %0 = "top.Abs"(%x) : (tensor<4xf32>) -> tensor<*xf32> loc("inner")
    %1 = "top.Abs"(%x) : (tensor<4xf32>) -> tensor<*xf32> loc("output")
    %2 = "top.Exp"(%0) : (tensor<*xf32>) -> tensor<*xf32> loc("e0")
    %3 = "top.Exp"(%1) : (tensor<*xf32>) -> tensor<*xf32> loc("e1")
    return %1, %2, %3 : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
  // CHECK: #[[$OUT]] = loc("output")
}
