// Attention becomes products, a softmax and, where something is masked, a sum.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "TORCH", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @plain
  // CHECK: %[[S:.+]] = "top.MatMul"(%arg0, %arg1, %{{.+}}) {{{.*}}right_transpose = true{{.*}}} : {{.*}} -> tensor<2x3x4x5xf32>
  // CHECK-NEXT: %[[C:.+]] = "top.MulConst"(%[[S]]) {const_val = 2.500000e-01 : f64
  // CHECK-NEXT: %[[P:.+]] = "top.Softmax"(%[[C]]) {axis = 3 : si32
  // CHECK-NEXT: "top.MatMul"(%[[P]], %arg2, %{{.+}}) {{{.*}}right_transpose = false{{.*}}} : {{.*}} -> tensor<2x3x4x6xf32> loc(#[[$Y:loc.*]])
  // CHECK-NEXT: return
  func.func @plain(%q: tensor<2x3x4x16xf32>, %k: tensor<2x3x5x16xf32>, %v: tensor<2x3x5x6xf32>) -> tensor<2x3x4x6xf32> {
    %n = "top.None"() : () -> none loc("n")
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %n) : (tensor<2x3x4x16xf32>, tensor<2x3x5x16xf32>, tensor<2x3x5x6xf32>, none) -> tensor<2x3x4x6xf32> loc("y")
    return %y : tensor<2x3x4x6xf32>
  }
  // CHECK-LABEL: func.func @masked
  // CHECK: "top.MulConst"(%{{.+}}) {const_val = 5.000000e-01 : f64
  // CHECK-NEXT: %[[M:.+]] = "top.Add"(%{{.+}}, %arg3) {{.*}} -> tensor<2x3x4x5xf32>
  // CHECK-NEXT: "top.Softmax"(%[[M]])
  func.func @masked(%q: tensor<2x3x4x16xf32>, %k: tensor<2x3x5x16xf32>, %v: tensor<2x3x5x6xf32>, %m: tensor<2x1x4x5xf32>) -> tensor<2x3x4x6xf32> {
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %m) {scale = 0.5 : f64} : (tensor<2x3x4x16xf32>, tensor<2x3x5x16xf32>, tensor<2x3x5x6xf32>, tensor<2x1x4x5xf32>) -> tensor<2x3x4x6xf32> loc("z")
    return %y : tensor<2x3x4x6xf32>
  }
  // CHECK-LABEL: func.func @mask_has_more_batches
  // CHECK: "top.Add"(%{{.+}}, %arg3) {{.*}} -> tensor<2x4x5xf32>
  func.func @mask_has_more_batches(%q: tensor<1x4x16xf32>, %k: tensor<1x5x16xf32>, %v: tensor<2x5x6xf32>, %m: tensor<2x4x5xf32>) -> tensor<2x4x6xf32> {
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %m) : (tensor<1x4x16xf32>, tensor<1x5x16xf32>, tensor<2x5x6xf32>, tensor<2x4x5xf32>) -> tensor<2x4x6xf32> loc("w")
    return %y : tensor<2x4x6xf32>
  }
  // The mask would be infinite, which calibration cannot take.
  // CHECK-LABEL: func.func @causal
  // CHECK: "top.ScaleDotProductAttention"
  // CHECK: #[[$Y]] = loc("y")
  func.func @causal(%q: tensor<2x4x16xf32>, %k: tensor<2x5x16xf32>, %v: tensor<2x5x6xf32>) -> tensor<2x4x6xf32> {
    %n = "top.None"() : () -> none loc("n")
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %n) {is_causal = true} : (tensor<2x4x16xf32>, tensor<2x5x16xf32>, tensor<2x5x6xf32>, none) -> tensor<2x4x6xf32> loc("c")
    return %y : tensor<2x4x6xf32>
  }
}
