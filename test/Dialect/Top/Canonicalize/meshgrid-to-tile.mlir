// A grid of coordinates is Reshapes and Tiles.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @grid
  // CHECK: "top.Reshape"(%arg0) {{.*}}shape = [2, 1]
  // CHECK: "top.Tile"{{.*}}tile = [1, 3]
  // CHECK: "top.Reshape"(%arg1) {{.*}}shape = [1, 3]
  // CHECK: "top.Tile"{{.*}}tile = [2, 1]
  func.func @grid(%x: tensor<2xf32>, %z: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
    %a, %b = "top.MeshGrid"(%x, %z) {is_reverse = false} : (tensor<2xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) loc(fused["a", "b"])
    return %a, %b : tensor<2x3xf32>, tensor<2x3xf32>
  }
}
