// Branches of Where that are weights of one element become constants.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT c = [1.5]
// WEIGHT d = [-2.0]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @both
  // CHECK: "top.Where"(%{{.+}}, %[[N:.+]], %[[N]]) {x_const_val = 1.500000e+00 : f64, x_is_const = true, y_const_val = -2.000000e+00 : f64, y_is_const = true}
  func.func @both(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %d = "top.Weight"() : () -> tensor<1xf32> loc("d")
    %b = "top.CompareConst"(%x) {mode = "Greater", const_val = 0.5 : f64, inversed = false} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %c, %d) {} : (tensor<2x3x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @shape_comes_from_the_weight
  // CHECK: "top.Where"(%{{.+}}, %{{.+}}, %{{.+}}) {x_const_val = 0.000000e+00 : f64, x_is_const = false
  func.func @shape_comes_from_the_weight(%x: tensor<4xf32>) -> tensor<1x4xf32> {
    %c = "top.Weight"() : () -> tensor<1x1xf32> loc("c")
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {mode = "Greater", const_val = 0.5 : f64, inversed = false} : (tensor<4xf32>) -> tensor<4xf32> loc("b")
    %y = "top.Where"(%b, %c, %n) {y_is_const = true} : (tensor<4xf32>, tensor<1x1xf32>, none) -> tensor<1x4xf32> loc("y")
    return %y : tensor<1x4xf32>
  }
}
