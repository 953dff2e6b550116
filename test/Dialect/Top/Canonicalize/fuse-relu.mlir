// A Relu becomes an attribute of the op before it, which takes the Relu's name.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fuse
  // CHECK-NEXT: "top.Add"(%arg0, %arg0) {do_relu = true, {{.*}}relu_limit = 6.000000e+00 : f64} {{.*}}loc(#[[$R:loc.*]])
  // CHECK-NEXT: return
  func.func @fuse(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Add"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("add")
    %z = "top.Relu"(%y) {relu_limit = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    return %z : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @twice
  // CHECK-NEXT: "top.Add"{{.*}}relu_limit = 6.000000e+00
  // CHECK-NEXT: return
  func.func @twice(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Add"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("add")
    %z = "top.Relu"(%y) {relu_limit = 6.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    %u = "top.Relu"(%z) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu2")
    return %u : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @used_elsewhere
  // CHECK: "top.Add"{{.*}}do_relu = false
  // CHECK: "top.Relu"
  func.func @used_elsewhere(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Add"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("add")
    %z = "top.Relu"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    %u = "top.Mul"(%y, %z) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("mul")
    return %u : tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @network_output
  // CHECK: "top.Relu"
  func.func @network_output(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
    %y = "top.Add"(%x, %x) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("add")
    %z = "top.Relu"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    return %y, %z : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  }
  // CHECK-LABEL: func.func @not_fusible
  // CHECK: "top.Relu"
  // CHECK: #[[$R]] = loc("relu")
  func.func @not_fusible(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %y = "top.Sin"(%x) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("sin")
    %z = "top.Relu"(%y) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("relu")
    return %z : tensor<1x2x4x4xf32>
  }
}
