// A GroupNorm as exporters write it, with Reshapes around an InstanceNorm and a multiply-add behind, becomes one op.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT ones = [1, 2]
// WEIGHT zeros = [0, 5]
// WEIGHT scale = [1, 2, 3, 4]
// WEIGHT offset = [10, 20, 30, 40]
// VALUES: s_bias f32 4: 10 20 45 60
// VALUES: s_weight f32 4: 1 2 6 8
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @exported
  // CHECK-NEXT: %[[W:.+]] = "top.Weight"() : () -> tensor<4xf32>
  // CHECK-NEXT: %[[B:.+]] = "top.Weight"() : () -> tensor<4xf32>
  // CHECK-NEXT: "top.GroupNorm"(%arg0, %[[W]], %[[B]]) {{.*}}eps = 1.000000e-03 : f64, num_groups = 2 : i64
  // CHECK-NEXT: return
  func.func @exported(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %w = "top.Weight"() : () -> tensor<2xf32> loc("ones")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("zeros")
    %scale = "top.Weight"() : () -> tensor<4xf32> loc("scale")
    %offset = "top.Weight"() : () -> tensor<4xf32> loc("offset")
    %a = "top.Reshape"(%x) {shape = [2, 2, 30]} : (tensor<2x4x3x5xf32>) -> tensor<2x2x30xf32> loc("a")
    %i = "top.InstanceNorm"(%a, %w, %b) {eps = 1.0e-3 : f64} : (tensor<2x2x30xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2x2x30xf32> loc("i")
    %r = "top.Reshape"(%i) {shape = [2, 4, 3, 5]} : (tensor<2x2x30xf32>) -> tensor<2x4x3x5xf32> loc("r")
    %y = "top.Scale"(%r, %scale, %offset) : (tensor<2x4x3x5xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x3x5xf32> loc("s")
    return %y : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @another_shape
  // CHECK: "top.InstanceNorm"
  func.func @another_shape(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x15xf32> {
    %n = "top.None"() : () -> none
    %a = "top.Reshape"(%x) {shape = [2, 2, 30]} : (tensor<2x4x3x5xf32>) -> tensor<2x2x30xf32> loc("a2")
    %i = "top.InstanceNorm"(%a, %n, %n) {eps = 1.0e-3 : f64} : (tensor<2x2x30xf32>, none, none) -> tensor<2x2x30xf32> loc("i2")
    %r = "top.Reshape"(%i) {shape = [2, 4, 15]} : (tensor<2x2x30xf32>) -> tensor<2x4x15xf32> loc("r2")
    return %r : tensor<2x4x15xf32>
  }
  // CHECK-LABEL: func.func @groups_of_batches
  // CHECK: "top.InstanceNorm"
  func.func @groups_of_batches(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %n = "top.None"() : () -> none
    %a = "top.Reshape"(%x) {shape = [1, 8, 15]} : (tensor<2x4x3x5xf32>) -> tensor<1x8x15xf32> loc("a3")
    %i = "top.InstanceNorm"(%a, %n, %n) {eps = 1.0e-3 : f64} : (tensor<1x8x15xf32>, none, none) -> tensor<1x8x15xf32> loc("i3")
    %r = "top.Reshape"(%i) {shape = [2, 4, 3, 5]} : (tensor<1x8x15xf32>) -> tensor<2x4x3x5xf32> loc("r3")
    return %r : tensor<2x4x3x5xf32>
  }
  // CHECK-LABEL: func.func @relu_stays
  // CHECK: "top.InstanceNorm"
  // CHECK-NEXT: "top.Scale"({{.*}}do_relu = true
  func.func @relu_stays(%x: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
    %n = "top.None"() : () -> none
    %scale = "top.Weight"() : () -> tensor<4xf32> loc("scale")
    %offset = "top.Weight"() : () -> tensor<4xf32> loc("offset")
    %i = "top.InstanceNorm"(%x, %n, %n) {eps = 1.0e-3 : f64} : (tensor<2x4x3x5xf32>, none, none) -> tensor<2x4x3x5xf32> loc("i4")
    %y = "top.Scale"(%i, %scale, %offset) {do_relu = true} : (tensor<2x4x3x5xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x3x5xf32> loc("s4")
    return %y : tensor<2x4x3x5xf32>
  }
}
