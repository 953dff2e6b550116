// The partial results of a chain have no statistics: their ranges follow from those of their operands.
// RUN: tpuc-opt %s --processor-top-optimize -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_CALIBRATED", module.top_run_mode = "STATIC"} {
  // CHECK: "top.Add"{{.*}}coeff = [1.000000e+00, -2.000000e+00]{{.*}} -> tensor<4x!quant.calibrated<f32<-9.000000e+00:4.000000e+00>>>
  // CHECK: "top.Add"{{.*}}coeff = [1.000000e+00, 1.000000e+00]{{.*}} -> tensor<4x!quant.calibrated<f32<-1.000000e+01:1.000000e+01>>>
  // CHECK: "top.Mul"{{.*}} -> tensor<4x!quant.calibrated<f32<-4.000000e+00:8.000000e+00>>>
  // CHECK: "top.Max"{{.*}} -> tensor<4x!quant.calibrated<f32<-1.000000e+00:4.000000e+00>>>
  // CHECK: "top.Min"{{.*}} -> tensor<4x!quant.calibrated<f32<-1.000000e+00:2.000000e+00>>>
  func.func @main(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> (tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>) {
    %0 = "top.Input"(%arg0) : (tensor<4xf32>) -> tensor<4x!quant.calibrated<f32<-1.0:2.0>>> loc("a")
    %1 = "top.Input"(%arg1) : (tensor<4xf32>) -> tensor<4x!quant.calibrated<f32<-1.0:4.0>>> loc("b")
    %2 = "top.Add"(%0, %1, %0) {coeff = [1.0, -2.0, 1.0]} : (tensor<4x!quant.calibrated<f32<-1.0:2.0>>>, tensor<4x!quant.calibrated<f32<-1.0:4.0>>>, tensor<4x!quant.calibrated<f32<-1.0:2.0>>>) -> tensor<4x!quant.calibrated<f32<-10.0:10.0>>> loc("add")
    %3 = "top.Mul"(%0, %1, %0) : (tensor<4x!quant.calibrated<f32<-1.0:2.0>>>, tensor<4x!quant.calibrated<f32<-1.0:4.0>>>, tensor<4x!quant.calibrated<f32<-1.0:2.0>>>) -> tensor<4x!quant.calibrated<f32<-10.0:10.0>>> loc("mul")
    %4 = "top.Max"(%0, %1, %0) : (tensor<4x!quant.calibrated<f32<-1.0:2.0>>>, tensor<4x!quant.calibrated<f32<-1.0:4.0>>>, tensor<4x!quant.calibrated<f32<-1.0:2.0>>>) -> tensor<4x!quant.calibrated<f32<-10.0:10.0>>> loc("max")
    %5 = "top.Min"(%0, %1, %0) : (tensor<4x!quant.calibrated<f32<-1.0:2.0>>>, tensor<4x!quant.calibrated<f32<-1.0:4.0>>>, tensor<4x!quant.calibrated<f32<-1.0:2.0>>>) -> tensor<4x!quant.calibrated<f32<-10.0:10.0>>> loc("min")
    return %2, %3, %4, %5 : tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>, tensor<4x!quant.calibrated<f32<-10.0:10.0>>>
  }
}
