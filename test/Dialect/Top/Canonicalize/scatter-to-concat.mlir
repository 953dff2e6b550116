// Elements at constant indices that fill a box are joined with what lies around it; gathered ones are a slice.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT inner = np.stack(np.meshgrid([0, 1], [2, 3, 4], indexing="ij"), -1)
// WEIGHT corner = np.stack(np.meshgrid([0], [-8, -7], [2, 3], indexing="ij"), -1)
// WEIGHT rows = [[1]]
// WEIGHT holes = [[0, 1], [0, 3]]
// WEIGHT turned = [[0, 3], [0, 2]]
// WEIGHT everything = [[0], [1]]
// WEIGHT places = [1, 2, 3]
// WEIGHT element = [1, 5, 2]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @middle
  // CHECK-DAG: %[[A:.+]] = "top.Slice"(%arg0, {{.*}} ends = [2, 2, 4], {{.*}}offset = [0, 0, 0]
  // CHECK-DAG: %[[B:.+]] = "top.Slice"(%arg0, {{.*}} ends = [2, 8, 4], {{.*}}offset = [0, 5, 0]
  // CHECK: "top.Concat"(%[[A]], %arg1, %[[B]]) {axis = 1 : si32
  func.func @middle(%x: tensor<2x8x4xf32>, %u: tensor<2x3x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<2x3x2xf32> loc("inner")
    %y = "top.ScatterND"(%x, %i, %u) : (tensor<2x8x4xf32>, tensor<2x3x2xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @corner
  // CHECK-COUNT-3: "top.Concat"
  // CHECK-NOT: ScatterND
  func.func @corner(%x: tensor<2x8x4xf32>, %u: tensor<1x2x2xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<1x2x2x3xf32> loc("corner")
    %y = "top.ScatterND"(%x, %i, %u) : (tensor<2x8x4xf32>, tensor<1x2x2x3xf32>, tensor<1x2x2xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @row
  // CHECK: %[[A:.+]] = "top.Slice"(%arg0
  // CHECK: "top.Concat"(%[[A]], %arg1) {axis = 0 : si32
  func.func @row(%x: tensor<2x8x4xf32>, %u: tensor<1x8x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<1x1xf32> loc("rows")
    %y = "top.ScatterND"(%x, %i, %u) : (tensor<2x8x4xf32>, tensor<1x1xf32>, tensor<1x8x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @holes
  // CHECK: "top.ScatterND"
  func.func @holes(%x: tensor<2x8x4xf32>, %u: tensor<2x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<2x2xf32> loc("holes")
    %y = "top.ScatterND"(%x, %i, %u) : (tensor<2x8x4xf32>, tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @turned
  // CHECK: "top.ScatterND"
  func.func @turned(%x: tensor<2x8x4xf32>, %u: tensor<2x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<2x2xf32> loc("turned")
    %y = "top.ScatterND"(%x, %i, %u) : (tensor<2x8x4xf32>, tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @added
  // CHECK: "top.ScatterND"
  func.func @added(%x: tensor<2x8x4xf32>, %u: tensor<1x8x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<1x1xf32> loc("rows")
    %y = "top.ScatterND"(%x, %i, %u) {reduction = 1 : i32} : (tensor<2x8x4xf32>, tensor<1x1xf32>, tensor<1x8x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @everything
  // CHECK: %[[R:.+]] = "top.Relu"(%arg1)
  // CHECK-NEXT: return %[[R]]
  func.func @everything(%x: tensor<2x8x4xf32>, %u: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
    %i = "top.Weight"() : () -> tensor<2x1xf32> loc("everything")
    %r = "top.Relu"(%u) : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32> loc("r")
    %y = "top.ScatterND"(%x, %i, %r) : (tensor<2x8x4xf32>, tensor<2x1xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32> loc("y")
    return %y : tensor<2x8x4xf32>
  }
  // CHECK-LABEL: func.func @index_put
  // CHECK: "top.Concat"(%{{.+}}, %arg1, %{{.+}}) {axis = 0 : si32
  func.func @index_put(%x: tensor<8x4xf32>, %u: tensor<3x4xf32>) -> tensor<8x4xf32> {
    %i = "top.Weight"() : () -> tensor<3xf32> loc("places")
    %y = "top.IndexPut"(%x, %i, %u) : (tensor<8x4xf32>, tensor<3xf32>, tensor<3x4xf32>) -> tensor<8x4xf32> loc("y")
    return %y : tensor<8x4xf32>
  }
  // CHECK-LABEL: func.func @repeated_row
  // CHECK: "top.IndexPut"
  func.func @repeated_row(%x: tensor<8x4xf32>, %u: tensor<1x4xf32>) -> tensor<8x4xf32> {
    %i = "top.Weight"() : () -> tensor<3xf32> loc("places")
    %y = "top.IndexPut"(%x, %i, %u) : (tensor<8x4xf32>, tensor<3xf32>, tensor<1x4xf32>) -> tensor<8x4xf32> loc("y")
    return %y : tensor<8x4xf32>
  }
  // CHECK-LABEL: func.func @gather_box
  // CHECK: %[[S:.+]] = "top.Slice"(%arg0, {{.*}} ends = [2, 5, 4], {{.*}}offset = [0, 2, 0]
  // CHECK-NEXT: return %[[S]]
  func.func @gather_box(%x: tensor<2x8x4xf32>) -> tensor<2x3x4xf32> {
    %i = "top.Weight"() : () -> tensor<2x3x2xf32> loc("inner")
    %y = "top.GatherND"(%x, %i) : (tensor<2x8x4xf32>, tensor<2x3x2xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @gather_element
  // CHECK: %[[S:.+]] = "top.Slice"(%arg0, {{.*}} ends = [2, 6, 3], {{.*}}offset = [1, 5, 2]
  // CHECK-NEXT: "top.Reshape"(%[[S]])
  func.func @gather_element(%x: tensor<2x8x4xf32>) -> tensor<1xf32> {
    %i = "top.Weight"() : () -> tensor<3xf32> loc("element")
    %y = "top.GatherND"(%x, %i) : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<1xf32> loc("y")
    return %y : tensor<1xf32>
  }
}
