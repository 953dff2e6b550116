// A weight of one element becomes a constant attribute, on either side.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT c = [2.5]
// WEIGHT inf = [float("inf")]
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @add
  // CHECK-NEXT: "top.AddConst"(%arg0) {const_val = 2.500000e+00 : f64, do_relu = true
  func.func @add(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Add"(%c, %x) {do_relu = true} : (tensor<1xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @mul
  // CHECK-NEXT: "top.MulConst"(%arg0) {const_val = 2.500000e+00 : f64
  func.func @mul(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1x1x1xf32> loc("c")
    %y = "top.Mul"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1x1x1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @sub
  // CHECK-NEXT: "top.AddConst"(%arg0) {const_val = -2.500000e+00 : f64
  func.func @sub(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Sub"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @sub_from
  // CHECK-NEXT: "top.SubConst"(%arg0) {const_val = 2.500000e+00 : f64, {{.*}}is_reverse = true
  func.func @sub_from(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Sub"(%c, %x) : (tensor<1xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @div
  // CHECK-NEXT: "top.MulConst"(%arg0) {const_val = 4.000000e-01 : f64
  func.func @div(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Div"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @div_of
  // CHECK-NEXT: "top.Reciprocal"(%arg0) {const_val = 2.500000e+00 : f64
  func.func @div_of(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Div"(%c, %x) : (tensor<1xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @max
  // CHECK-NEXT: "top.MaxConst"(%arg0) {const_val = 2.500000e+00 : f64
  func.func @max(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Max"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @min
  // CHECK-NEXT: "top.MinConst"(%arg0) {const_val = 2.500000e+00 : f64
  func.func @min(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Min"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @infinite
  // CHECK: "top.Add"(
  func.func @infinite(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("inf")
    %y = "top.Add"(%x, %c) : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @coefficients
  // CHECK: "top.Add"(
  func.func @coefficients(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("c")
    %y = "top.Add"(%x, %c) {coeff = [1.0, -1.0]} : (tensor<1x2x4x4xf32>, tensor<1xf32>) -> tensor<1x2x4x4xf32> loc("o")
    return %y : tensor<1x2x4x4xf32>
  }
}
