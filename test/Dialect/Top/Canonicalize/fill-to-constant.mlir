// One value everywhere is a constant of the arithmetic that uses it; what makes the other operand larger is a Tile.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT s = np.array([2, 3])
// WEIGHT l = np.array([5])
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @add
  // CHECK-NEXT: "top.AddConst"(%arg0) {const_val = 1.500000e+00
  func.func @add(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("s")
    %c = "top.ConstantFill"(%s) {value = 1.5 : f64} : (tensor<2xf32>) -> tensor<2x3xf32> loc("c")
    %y = "top.Add"(%x, %c) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @expand
  // CHECK-NEXT: "top.Tile"(%arg0) {tile = [1, 3]}
  // CHECK-NEXT: return
  func.func @expand(%x: tensor<2x1xf32>) -> tensor<2x3xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("s")
    %c = "top.ConstantFill"(%s) {value = 1.0 : f64} : (tensor<2xf32>) -> tensor<2x3xf32> loc("c")
    %y = "top.Mul"(%x, %c) : (tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
  // CHECK-LABEL: func.func @weight
  // CHECK: %[[W:.+]] = "top.Weight"() : () -> tensor<2x3xf32>
  // CHECK: "top.MatMul"(%arg0, %[[W]]
  func.func @weight(%x: tensor<4x2xf32>) -> tensor<4x3xf32> {
    %n = "top.None"() : () -> none
    %s = "top.Weight"() : () -> tensor<2xf32> loc("s")
    %c = "top.ConstantFill"(%s) {value = 0.5 : f64} : (tensor<2xf32>) -> tensor<2x3xf32> loc("c")
    %y = "top.MatMul"(%x, %c, %n) : (tensor<4x2xf32>, tensor<2x3xf32>, none) -> tensor<4x3xf32> loc("y")
    return %y : tensor<4x3xf32>
  }
  // CHECK-LABEL: func.func @shapes
  // CHECK: "top.Weight"
  // CHECK: "top.Add"
  // CHECK-NOT: top.Shape
  // CHECK-NOT: top.Size
  func.func @shapes(%x: tensor<2x3xf32>) -> tensor<2xf32> {
    %s = "top.Shape"(%x) : (tensor<2x3xf32>) -> tensor<2xf32> loc("shape")
    %z = "top.Size"(%x) : (tensor<2x3xf32>) -> tensor<2xf32> loc("size")
    %r = "top.Reduce"(%x) {axes = [1], keepdims = false, mode = "ReduceSum"} : (tensor<2x3xf32>) -> tensor<2xf32> loc("r")
    %a = "top.Mul"(%s, %z) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("a")
    %y = "top.Add"(%r, %a) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("y")
    return %y : tensor<2xf32>
  }
  // CHECK-LABEL: func.func @numbers
  // CHECK: %[[W:.+]] = "top.Weight"() : () -> tensor<5xf32>
  // CHECK: "top.Sub"(%arg0, %[[W]])
  func.func @numbers(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
    %n = "top.None"() : () -> none
    %l = "top.Weight"() : () -> tensor<1xf32> loc("l")
    %a = "top.Arange"(%n, %l, %n) : (none, tensor<1xf32>, none) -> tensor<5xf32> loc("a")
    %y = "top.Sub"(%x, %a) : (tensor<2x5xf32>, tensor<5xf32>) -> tensor<2x5xf32> loc("y")
    return %y : tensor<2x5xf32>
  }
  // CHECK-LABEL: func.func @random
  // CHECK-NEXT: "top.Abs"(%arg1)
  func.func @random(%x: tensor<2x3xf32>, %d: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %r = "top.RandnLike"(%x, %d) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32> loc("r")
    %y = "top.Abs"(%r) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
}
