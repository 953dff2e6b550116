// Recurrent layers are unrolled: one product with the input for all steps, then per step one with the state.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --processor-top-optimize --mlir-print-debuginfo | FileCheck %s
// WEIGHT w = np.ones((1, 16, 3))
// WEIGHT r = np.ones((1, 16, 4))
// WEIGHT gw = np.ones((12, 3))
// WEIGHT gr = np.ones((12, 4))
// WEIGHT h = np.ones((1, 2, 4))
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @lstm
  // CHECK: %[[X:.+]] = "top.Reshape"(%arg0) {{.*}}shape = [4, 3]
  // CHECK: %[[P:.+]] = "top.MatMul"(%[[X]], {{.*}}tensor<3x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  // CHECK: "top.Slice"(%[[P]], {{.*}}ends = [2, 16], {{.*}}offset = [0, 0]
  // CHECK-NOT: "top.MatMul"
  // CHECK: "top.Slice"(%[[P]], {{.*}}ends = [4, 16], {{.*}}offset = [2, 0]
  // CHECK: "top.MatMul"({{.*}}tensor<2x4xf32>, tensor<4x16xf32>, none) -> tensor<2x16xf32>
  // CHECK: %[[ALL:.+]] = "top.Concat"({{.*}} -> tensor<4x4xf32>
  // CHECK: "top.Reshape"(%[[ALL]]) {{.*}} -> tensor<2x1x2x4xf32> loc(#[[$Y:.+]])
  // CHECK: "top.Reshape"({{.*}} -> tensor<1x2x4xf32> loc(#[[$C:.+]])
  func.func @lstm(%x: tensor<2x2x3xf32>) -> (tensor<2x1x2x4xf32>, tensor<1x2x4xf32>) {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<1x16x3xf32> loc("w")
    %r = "top.Weight"() : () -> tensor<1x16x4xf32> loc("r")
    %y:3 = "top.LSTM"(%x, %w, %r, %n, %n, %n, %n) {bidirectional = false, hidden_size = 4 : i64} : (tensor<2x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, none, none, none, none) -> (tensor<2x1x2x4xf32>, none, tensor<1x2x4xf32>) loc(fused["y", "h", "c"])
    return %y#0, %y#2 : tensor<2x1x2x4xf32>, tensor<1x2x4xf32>
  }
  // The reset gate scales the state, so that the gate of the new state has a product of its own.
  // CHECK-LABEL: func.func @gru
  // CHECK-DAG: tensor<4x8xf32>
  // CHECK-DAG: tensor<4x4xf32>
  // CHECK-NOT: "top.GRU"
  // CHECK: return
  func.func @gru(%x: tensor<2x2x3xf32>) -> tensor<2x1x2x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<12x3xf32> loc("gw")
    %r = "top.Weight"() : () -> tensor<12x4xf32> loc("gr")
    %y:2 = "top.GRU"(%x, %w, %r, %n, %n) {bidirectional = false, hidden_size = 4 : i64, linear_before_reset = false} : (tensor<2x2x3xf32>, tensor<12x3xf32>, tensor<12x4xf32>, none, none) -> (tensor<2x1x2x4xf32>, none) loc(fused["g", "gh"])
    return %y#0 : tensor<2x1x2x4xf32>
  }
  // CHECK-LABEL: func.func @computed_weights
  // CHECK: "top.GRU"
  func.func @computed_weights(%x: tensor<2x2x3xf32>, %w: tensor<12x3xf32>) -> tensor<2x1x2x4xf32> {
    %n = "top.None"() : () -> none
    %r = "top.Weight"() : () -> tensor<12x4xf32> loc("gr")
    %y:2 = "top.GRU"(%x, %w, %r, %n, %n) {bidirectional = false, hidden_size = 4 : i64} : (tensor<2x2x3xf32>, tensor<12x3xf32>, tensor<12x4xf32>, none, none) -> (tensor<2x1x2x4xf32>, none) loc(fused["g", "gh"])
    return %y#0 : tensor<2x1x2x4xf32>
  }
  // CHECK-LABEL: func.func @constant_state
  // CHECK: "top.GRU"
  func.func @constant_state(%x: tensor<2x2x3xf32>) -> tensor<2x1x2x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<12x3xf32> loc("gw")
    %r = "top.Weight"() : () -> tensor<12x4xf32> loc("gr")
    %h = "top.Weight"() : () -> tensor<1x2x4xf32> loc("h")
    %y:2 = "top.GRU"(%x, %w, %r, %n, %h) {bidirectional = false, hidden_size = 4 : i64} : (tensor<2x2x3xf32>, tensor<12x3xf32>, tensor<12x4xf32>, none, tensor<1x2x4xf32>) -> (tensor<2x1x2x4xf32>, none) loc(fused["g", "gh"])
    return %y#0 : tensor<2x1x2x4xf32>
  }
  // CHECK-LABEL: func.func @too_many_steps
  // CHECK: "top.GRU"
  func.func @too_many_steps(%x: tensor<2000x2x3xf32>) -> tensor<2000x1x2x4xf32> {
    %n = "top.None"() : () -> none
    %w = "top.Weight"() : () -> tensor<12x3xf32> loc("gw")
    %r = "top.Weight"() : () -> tensor<12x4xf32> loc("gr")
    %y:2 = "top.GRU"(%x, %w, %r, %n, %n) {bidirectional = false, hidden_size = 4 : i64} : (tensor<2000x2x3xf32>, tensor<12x3xf32>, tensor<12x4xf32>, none, none) -> (tensor<2000x1x2x4xf32>, none) loc(fused["g", "gh"])
    return %y#0 : tensor<2000x1x2x4xf32>
  }
}
// CHECK-DAG: #[[$Y]] = loc("y")
// CHECK-DAG: #[[$C]] = loc("c")
