// MulConst and AddConst merge with a Scale before or after them.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// WEIGHT scale = [2, 3]
// WEIGHT offset = [1, 5]
// VALUES: a_bias f32 2: 4 8
// VALUES: a_scale f32 2: 4 6
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @merge
  // CHECK: "top.Scale"(%arg0
  // CHECK-NOT: "top.MulConst"
  // CHECK-NOT: "top.AddConst"
  func.func @merge(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
    %s = "top.Weight"() : () -> tensor<2xf32> loc("scale")
    %b = "top.Weight"() : () -> tensor<2xf32> loc("offset")
    %a = "top.MulConst"(%x) {const_val = 2.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("m")
    %c = "top.Scale"(%a, %s, %b) : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("s")
    %d = "top.AddConst"(%c) {const_val = 3.0 : f64} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("a")
    return %d : tensor<1x2x4x4xf32>
  }
}
