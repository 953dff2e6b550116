// Attention and feed-forward blocks become products, softmax and arithmetic.
// RUN: tpuc-opt %s --processor-top-optimize --mlir-print-debuginfo | FileCheck %s
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // Heads of queries that share keys are rows of one product.
  // CHECK-LABEL: func.func @grouped
  // CHECK: %[[Q:.+]] = "top.Permute"(%arg0) {order = [0, 2, 1, 3]}
  // CHECK: %[[K:.+]] = "top.Permute"(%arg1)
  // CHECK: %[[V:.+]] = "top.Permute"(%arg2)
  // CHECK: %[[R:.+]] = "top.Reshape"(%[[Q]]) {{.*}} -> tensor<1x2x10x8xf32>
  // CHECK: %[[S:.+]] = "top.MatMul"(%[[R]], %[[K]], %{{.+}}) {{{.*}}right_transpose = true{{.*}}} {{.*}} -> tensor<1x2x10x6xf32>
  // CHECK: "top.MulConst"(%[[S]]) {const_val = 3.500000e-01
  // CHECK: "top.Add"(%{{.+}}, %arg3) {{.*}} -> tensor<1x4x5x6xf32>
  // CHECK: "top.Softmax"(%{{.+}}) {axis = 3 : si32
  // CHECK: "top.MatMul"(%{{.+}}, %[[V]], %{{.+}}) {{.*}} -> tensor<1x2x10x8xf32>
  // CHECK: %[[Y:.+]] = "top.Permute"(%{{.+}}) {order = [0, 2, 1, 3]} : {{.*}} -> tensor<1x5x4x8xf32> loc(#[[$Y:loc.*]])
  // CHECK-NEXT: return %[[Y]]
  func.func @grouped(%q: tensor<1x5x4x8xf32>, %k: tensor<1x6x2x8xf32>, %v: tensor<1x6x2x8xf32>, %m: tensor<1x1x5x6xf32>) -> tensor<1x5x4x8xf32> {
    %n = "top.None"() : () -> none loc("n")
    %y = "top.FAttention"(%q, %k, %v, %m, %n) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 6 : i64, mq = 5 : i64, q_head = 4 : i64, scale = 0.35 : f64} : (tensor<1x5x4x8xf32>, tensor<1x6x2x8xf32>, tensor<1x6x2x8xf32>, tensor<1x1x5x6xf32>, none) -> tensor<1x5x4x8xf32> loc("y")
    return %y : tensor<1x5x4x8xf32>
  }
  // CHECK-LABEL: func.func @rope
  // CHECK: %[[B:.+]] = "top.Slice"(%arg0, {{.*}}offset = [0, 0, 0, 4]
  // CHECK: %[[N:.+]] = "top.MulConst"(%[[B]]) {const_val = -1.000000e+00
  // CHECK: %[[A:.+]] = "top.Slice"(%arg0, {{.*}}offset = [0, 0, 0, 0]
  // CHECK: %[[T:.+]] = "top.Concat"(%[[N]], %[[A]]) {axis = 3 : si32
  // CHECK: %[[D:.+]] = "top.Mul"(%arg0, %arg2)
  // CHECK: %[[X:.+]] = "top.Mul"(%[[T]], %arg1)
  // CHECK: "top.Add"(%[[D]], %[[X]])
  func.func @rope(%x: tensor<1x3x6x8xf32>, %s: tensor<6x8xf32>, %c: tensor<6x8xf32>) -> tensor<1x3x6x8xf32> {
    %y = "top.Rope"(%x, %s, %c) {rope_mode = "contiguous_halves"} : (tensor<1x3x6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<1x3x6x8xf32> loc("r")
    return %y : tensor<1x3x6x8xf32>
  }
  // CHECK-LABEL: func.func @causal
  // CHECK: %[[S:.+]] = "top.MatMul"(%arg0, %arg1, %{{.+}}) {{{.*}}right_transpose = true{{.*}}} {{.*}} -> tensor<2x3x4x5xf32>
  // CHECK: %[[C:.+]] = "top.MulConst"(%[[S]]) {const_val = 2.500000e-01
  // CHECK: %[[M:.+]] = "top.Weight"() : () -> tensor<4x5xf32>
  // CHECK: "top.Add"(%[[C]], %[[M]])
  // CHECK: "top.Softmax"(%{{.+}}) {axis = 3 : si32
  // CHECK: "top.MatMul"(%{{.+}}, %arg2, %{{.+}}) {{.*}} -> tensor<2x3x4x6xf32>
  func.func @causal(%q: tensor<2x1x4x16xf32>, %k: tensor<1x3x5x16xf32>, %v: tensor<2x3x5x6xf32>) -> tensor<2x3x4x6xf32> {
    %n = "top.None"() : () -> none loc("n")
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %n) {is_causal = true} : (tensor<2x1x4x16xf32>, tensor<1x3x5x16xf32>, tensor<2x3x5x6xf32>, none) -> tensor<2x3x4x6xf32> loc("c")
    return %y : tensor<2x3x4x6xf32>
  }
  // CHECK-LABEL: func.func @experts
  // CHECK: "top.Mlp"
  // CHECK: #[[$Y]] = loc("y")
  func.func @experts(%x: tensor<3x8xf32>, %g: tensor<2x16x8xf32>, %d: tensor<2x16x8xf32>, %e: tensor<3x1xf32>) -> tensor<3x1x8xf32> {
    %n = "top.None"() : () -> none loc("n")
    %y = "top.Mlp"(%x, %g, %g, %d, %n, %n, %n, %e, %n, %n, %n, %n, %n, %n) {is_expert = true, num_expert = 2 : i64} : (tensor<3x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, tensor<2x16x8xf32>, none, none, none, tensor<3x1xf32>, none, none, none, none, none, none) -> tensor<3x1x8xf32> loc("e")
    return %y : tensor<3x1x8xf32>
  }
}
