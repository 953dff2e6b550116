// Choices, comparisons, casts, triangles, running sums and bounds become arithmetic that the chip has.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --processor-top-optimize | FileCheck %s
// WEIGHT m = ramp(3, 4) % 3
module @net attributes {module.chip = "bm1684x", module.mode = "F32", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fill
  // CHECK: %[[K:.+]] = "top.Mul"(%arg0, %{{.+}})
  // CHECK: "top.Add"(%[[K]], %{{.+}})
  func.func @fill(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.MaskedFill"(%m, %x) {inversed = true, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @two_tensors
  // CHECK-DAG: %[[A:.+]] = "top.Mul"(%arg0,
  // CHECK-DAG: %[[B:.+]] = "top.Mul"(%arg1,
  // CHECK: "top.Add"(%[[A]], %[[B]])
  func.func @two_tensors(%x: tensor<2x3x4xf32>, %z: tensor<2x1x1xf32>) -> tensor<2x3x4xf32> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.Where"(%m, %x, %z) : (tensor<3x4xf32>, tensor<2x3x4xf32>, tensor<2x1x1xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @computed_condition
  // CHECK: %[[S:.+]] = "top.Sign"(%arg0)
  // CHECK: %[[T:.+]] = "top.Abs"(%[[S]])
  // CHECK-DAG: %[[F:.+]] = "top.MulConst"(%[[T]]) {const_val = -1.000000e+04
  // CHECK-DAG: %[[N:.+]] = "top.SubConst"(%[[T]]) {const_val = 1.000000e+00 : f64, {{.*}}is_reverse = true
  // CHECK-DAG: %[[K:.+]] = "top.Mul"(%arg1, %[[N]])
  // CHECK: "top.Add"(%[[F]], %[[K]])
  func.func @computed_condition(%m: tensor<3x4xf32>, %x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.MaskedFill"(%m, %x) {inversed = true, const_val = -1.0e+04 : f64} : (tensor<3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @compared
  // CHECK: %[[D:.+]] = "top.Sub"(%arg1, %arg0)
  // CHECK: %[[S:.+]] = "top.Sign"(%[[D]])
  // CHECK: %[[R:.+]] = "top.Relu"(%[[S]])
  // CHECK: "top.SubConst"(%[[R]]) {const_val = 1.000000e+00 : f64, {{.*}}is_reverse = true
  func.func @compared(%x: tensor<2x3x4xf32>, %z: tensor<3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Compare"(%x, %z) {mode = "GreaterOrEqual"} : (tensor<2x3x4xf32>, tensor<3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @infinite
  // CHECK: "top.CompareConst"
  func.func @infinite(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.CompareConst"(%x) {const_val = 0x7FF0000000000000 : f64, inversed = false, mode = "Less"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @truncated
  // CHECK-DAG: %[[S:.+]] = "top.Sign"(%[[C:.+]])
  // CHECK-DAG: %[[F:.+]] = "top.Floor"
  // CHECK: "top.Mul"(%[[S]], %[[F]])
  func.func @truncated(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Cast"(%x) {to = "INT8", round_mode = "TowardsZero"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // What is between is f32 in a quantized network.
  // CHECK-LABEL: func.func @quantized
  // CHECK: %[[K:.+]] = "top.Mul"(%arg0, %{{.+}}) {{.*}}preprocess{{.*}} -> tensor<3x4xf32>
  // CHECK: "top.Add"(%[[K]], %{{.+}}) {{.*}}preprocess{{.*}} -> tensor<3x4x!quant.calibrated
  func.func @quantized(%x: tensor<3x4x!quant.calibrated<f32<-3.0:3.0>>>) -> tensor<3x4x!quant.calibrated<f32<-5.0:5.0>>> {
    %m = "top.Weight"() : () -> tensor<3x4xf32> loc("m")
    %y = "top.MaskedFill"(%m, %x) {inversed = true, const_val = -5.0 : f64} : (tensor<3x4xf32>, tensor<3x4x!quant.calibrated<f32<-3.0:3.0>>>) -> tensor<3x4x!quant.calibrated<f32<-5.0:5.0>>> loc("y")
    return %y : tensor<3x4x!quant.calibrated<f32<-5.0:5.0>>>
  }
  // CHECK-LABEL: func.func @lower_bound
  // CHECK: "top.MaxConst"(%arg0) {const_val = 1.500000e+00
  func.func @lower_bound(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {const_val = 1.5 : f64, inversed = true, mode = "Greater"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %x) {inversed = true, const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @upper_bound
  // CHECK: "top.MinConst"(%arg0) {const_val = 1.500000e+00
  func.func @upper_bound(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %b = "top.CompareConst"(%x) {const_val = 1.5 : f64, inversed = false, mode = "LessOrEqual"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.Where"(%b, %x, %n) {y_is_const = true, y_const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @another_bound
  // CHECK-NOT: Const"(%arg0) {const_val = 1.5
  // CHECK: "top.Add"
  func.func @another_bound(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %b = "top.CompareConst"(%x) {const_val = 1.0 : f64, inversed = true, mode = "Greater"} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("b")
    %y = "top.MaskedFill"(%b, %x) {inversed = true, const_val = 1.5 : f64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @upper
  // CHECK: "top.Mul"(%arg0, %{{.+}})
  func.func @upper(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Trilu"(%x) {upper = 1 : si32, diagonal = 1 : si32} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @lower
  // CHECK: "top.Mul"(%arg0, %{{.+}})
  func.func @lower(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %y = "top.Trilu"(%x) {upper = 0 : si32, diagonal = 0 : si32} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @last
  // CHECK: "top.MatMul"(%arg0, %{{.+}}, %{{.+}})
  func.func @last(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 2 : i64} : (tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @first
  // CHECK: %[[T:.+]] = "top.Permute"(%arg0) {order = [2, 1, 0]}
  // CHECK: %[[S:.+]] = "top.MatMul"(%[[T]],
  // CHECK: "top.Permute"(%[[S]]) {order = [2, 1, 0]}
  func.func @first(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 0 : i64} : (tensor<2x3x4xf32>, none) -> tensor<2x3x4xf32> loc("y")
    return %y : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: func.func @long
  // CHECK: "top.CumSum"
  func.func @long(%x: tensor<2x600xf32>) -> tensor<2x600xf32> {
    %n = "top.None"() : () -> none
    %y = "top.CumSum"(%x, %n) {axis = 1 : i64} : (tensor<2x600xf32>, none) -> tensor<2x600xf32> loc("y")
    return %y : tensor<2x600xf32>
  }
}
