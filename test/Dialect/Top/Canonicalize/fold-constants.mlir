// An op of weights alone is evaluated and becomes a weight; a network output is not.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT r = ramp(2, 3)
// VALUES: best f32 2x2: 2 1 5 4
// VALUES: p f32 3x2: 0 3 1 4 2 5
// VALUES: places f32 2x2: 2 1 2 1
// VALUES: r f32 2x3: 0 1 2 3 4 5
// VALUES: sum f32 2x3: 0 2 6 12 20 30
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK: %[[P:.+]] = "top.Weight"() : () -> tensor<3x2xf32> loc(#[[$P_LOC:loc.*]])
  // CHECK: "top.MatMul"(%arg0, %[[P]],
  func.func @fold(%x: tensor<2x4x3xf32>) -> tensor<2x4x2xf32> {
    %r = "top.Weight"() : () -> tensor<2x3xf32> loc("r")
    %p = "top.Permute"(%r) {order = [1, 0]} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("p")
    %n = "top.None"() : () -> none
    %y = "top.MatMul"(%x, %p, %n) : (tensor<2x4x3xf32>, tensor<3x2xf32>, none) -> tensor<2x4x2xf32> loc("fc")
    return %y : tensor<2x4x2xf32>
  }
  // CHECK-LABEL: func.func @chain
  // CHECK: "top.Weight"() : () -> tensor<2x3xf32>
  // CHECK-NEXT: "top.Sub"(%arg0
  func.func @chain(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %r = "top.Weight"() : () -> tensor<2x3xf32> loc("r")
    %a = "top.Mul"(%r, %r) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("sq")
    %b = "top.Add"(%a, %r) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("sum")
    %y = "top.Sub"(%x, %b) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @two_results
  // CHECK-DAG: %[[V:.+]] = "top.Weight"() : () -> tensor<2x2xf32>
  // CHECK-DAG: %[[I:.+]] = "top.Weight"() : () -> tensor<2x2xf32>
  // CHECK-NOT: TopK
  // CHECK: return
  func.func @two_results(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %r = "top.Weight"() : () -> tensor<2x3xf32> loc("r")
    %v, %i = "top.TopK"(%r) {K = 2 : i64, axis = 1 : i64} : (tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) loc(fused["best", "places"])
    %a = "top.Sub"(%x, %v) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> loc("a")
    %b = "top.Sub"(%i, %a) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> loc("b")
    return %b : tensor<2x2xf32>
  }
  // CHECK-LABEL: func.func @output
  // CHECK: "top.Permute"
  // CHECK: #[[$P_LOC]] = loc("p")
  func.func @output(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
    %r = "top.Weight"() : () -> tensor<2x3xf32> loc("r")
    %p = "top.Permute"(%r) {order = [1, 0]} : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("out")
    return %p : tensor<3x2xf32>
  }
}
