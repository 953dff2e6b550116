// Reorderings that the chip has no op for become ops that it has; the last one keeps the name.
// RUN: tpuc-opt %s --processor-top-optimize --mlir-print-debuginfo | FileCheck %s
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  // CHECK-LABEL: func.func @reverse
  // CHECK: "top.Slice"(%{{.+}}) {{.*}}ends = [2, -4], {{.*}}offset = [0, 2], steps = [1, -1]{{.*}} loc(#[[$Y:.+]])
  // CHECK-NOT: top.Reverse
  func.func @reverse(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %y = "top.Reverse"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @shuffle
  // CHECK: "top.Reshape"{{.*}}shape = [1, 2, 3, 4]
  // CHECK: "top.Permute"{{.*}}order = [0, 2, 1, 3]
  // CHECK: "top.Reshape"{{.*}}shape = [1, 6, 2, 2]{{.*}} loc(#[[$Y]])
  func.func @shuffle(%x: tensor<1x6x2x2xf32>) -> tensor<1x6x2x2xf32> {
    %y = "top.ShuffleChannel"(%x) {group = 2 : i64} : (tensor<1x6x2x2xf32>) -> tensor<1x6x2x2xf32> loc("y")
    return %y : tensor<1x6x2x2xf32>
  }
  // CHECK-LABEL: func.func @rotate
  // CHECK: %[[A:.+]] = "top.Slice"({{.*}}offset = [1, 0]
  // CHECK: %[[B:.+]] = "top.Slice"({{.*}}ends = [1, 5], {{.*}}offset = [0, 0]
  // CHECK: "top.Concat"(%[[A]], %[[B]]) {{.*}}axis = 0 : si32
  // CHECK: "top.Concat"({{.*}}axis = 1 : si32{{.*}} loc(#[[$Y]])
  func.func @rotate(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
    %y = "top.SwapDimInner"(%x) {offset = [1, 2]} : (tensor<4x5xf32>) -> tensor<4x5xf32> loc("y")
    return %y : tensor<4x5xf32>
  }
}
// CHECK: #[[$Y]] = loc("y")
