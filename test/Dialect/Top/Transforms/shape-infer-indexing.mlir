// Searches, gathers and running sums: shapes of all results, constant operands as attributes, axes from the front.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --shape-infer | FileCheck %s
// WEIGHT k = [3]
// WEIGHT axis = [-1]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @search
  // CHECK: "top.TopK"(%arg0) {K = 3 : i64, {{.*}}axis = 1 : i64{{.*}} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
  // CHECK: "top.Arg"(%arg0) {axis = 1 : i64{{.*}} -> (tensor<2x1xf32>, none)
  // CHECK: "top.Arg"(%arg0) {axis = 0 : i64{{.*}} -> (tensor<8xf32>, tensor<8xf32>)
  // CHECK: "top.Sort"(%arg0) {axis = 0 : i64{{.*}} -> (tensor<2x8xf32>, tensor<2x8xf32>)
  func.func @search(%x: tensor<2x8xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %k = "top.Weight"() : () -> tensor<1xf32> loc("k")
    %v, %i = "top.TopK"(%x, %k) {axis = -1 : i64} : (tensor<2x8xf32>, tensor<1xf32>) -> (tensor<*xf32>, tensor<*xf32>) loc(fused["v", "i"])
    %a, %n = "top.Arg"(%x) {axis = -1 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8xf32>) -> (tensor<*xf32>, none) loc(fused["a", "n"])
    %b, %m = "top.Arg"(%x) {axis = 0 : i64, keepdims = false, mode = "ArgMin"} : (tensor<2x8xf32>) -> (tensor<*xf32>, tensor<*xf32>) loc(fused["b", "m"])
    %s, %t = "top.Sort"(%x) {axis = -2 : i64} : (tensor<2x8xf32>) -> (tensor<*xf32>, tensor<*xf32>) loc(fused["s", "t"])
    return %v, %a, %m, %s : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
  // CHECK-LABEL: func.func @gather
  // CHECK: "top.Gather"(%arg0, %arg1) {{{.*}}keepdims = true{{.*}} -> tensor<2x3x5xf32>
  // CHECK: "top.GatherElements"{{.*}} {axis = 1 : i64} : {{.*}} -> tensor<2x4xf32>
  // CHECK: "top.GatherND"{{.*}} -> tensor<3xf32>
  // CHECK: "top.NonZero"{{.*}} -> tensor<16x2xf32>
  func.func @gather(%x: tensor<2x8xf32>, %i: tensor<3x5xf32>, %j: tensor<2x4xf32>, %t: tensor<3x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
    %a = "top.Gather"(%x, %i) {axis = -1 : si32, keepdims = false} : (tensor<2x8xf32>, tensor<3x5xf32>) -> tensor<*xf32> loc("a")
    %b = "top.GatherElements"(%x, %j) {axis = -1 : i64} : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<*xf32> loc("b")
    %c = "top.GatherND"(%x, %t) : (tensor<2x8xf32>, tensor<3x2xf32>) -> tensor<*xf32> loc("c")
    %d = "top.NonZero"(%x) {order = "ColMajor"} : (tensor<2x8xf32>) -> tensor<*xf32> loc("d")
    return %a, %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
  }
  // CHECK-LABEL: func.func @sum
  // CHECK: "top.CumSum"(%arg0, %{{.+}}) {axis = 1 : i64} : (tensor<2x8xf32>, none) -> tensor<2x8xf32>
  func.func @sum(%x: tensor<2x8xf32>) -> tensor<*xf32> {
    %d = "top.Weight"() : () -> tensor<1xf32> loc("axis")
    %y = "top.CumSum"(%x, %d) {axis = 0 : i64} : (tensor<2x8xf32>, tensor<1xf32>) -> tensor<*xf32> loc("y")
    return %y : tensor<*xf32>
  }
  // CHECK-LABEL: func.func @broadcast
  // CHECK: "top.Compare"{{.*}} -> tensor<2x8xf32>
  // CHECK: "top.Where"{{.*}} -> tensor<2x8xf32>
  // CHECK: "top.Nms"{{.*}} -> tensor<6x3xf32>
  func.func @broadcast(%x: tensor<2x1xf32>, %z: tensor<8xf32>, %b: tensor<1x2x4xf32>, %s: tensor<1x3x2xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
    %n = "top.None"() : () -> none
    %c = "top.Compare"(%x, %z) {mode = "Less"} : (tensor<2x1xf32>, tensor<8xf32>) -> tensor<*xf32> loc("c")
    %y = "top.Where"(%c, %x, %n) {y_is_const = true} : (tensor<*xf32>, tensor<2x1xf32>, none) -> tensor<*xf32> loc("y")
    %m = "top.Nms"(%b, %s) {center_point_box = 0 : i64, max_output_size = 100 : i64} : (tensor<1x2x4xf32>, tensor<1x3x2xf32>) -> tensor<*xf32> loc("m")
    return %y, %m : tensor<*xf32>, tensor<*xf32>
  }
}
