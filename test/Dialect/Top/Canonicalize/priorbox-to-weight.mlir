// Default boxes depend on sizes only, so they become a weight; an output of the network is an op.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize -o %t/out.mlir
// RUN: FileCheck %s < %t/out.mlir
// RUN: %show_weights %t/net_top_f32_all_weight.npz | FileCheck %s --check-prefix=VALUES
// VALUES: priors f32 1x2x16: 0.375 -0.25 0.625 0.75 0 0.125 1 0.375
module @net attributes {module.chip = "ALL", module.platform = "CAFFE", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @fold
  // CHECK-NOT: top.PriorBox
  // CHECK: %[[P:.+]] = "top.Weight"() : () -> tensor<1x2x16xf32>
  // CHECK: "top.DetectionOutput"({{.*}}, %[[P]])
  func.func @fold(%x: tensor<1x3x1x2xf32>, %i: tensor<1x3x8x8xf32>, %loc: tensor<1x16xf32>, %conf: tensor<1x8xf32>) -> tensor<1x1x4x7xf32> {
    %p = "top.PriorBox"(%x, %i) {min_size = [4.0], max_size = [], aspect_ratios = [0.25, 4.0], variance = [0.1], clip = false, step_h = 4.0 : f64, step_w = 8.0 : f64, img_h = 0 : i64, img_w = 0 : i64, offset = 0.5 : f64, num_priors = 2 : i64, use_default_aspect_ratio = false} : (tensor<1x3x1x2xf32>, tensor<1x3x8x8xf32>) -> tensor<1x2x16xf32> loc("priors")
    %y = "top.DetectionOutput"(%loc, %conf, %p) {num_classes = 2 : i64, nms_threshold = 0.45 : f64, top_k = 10 : i64, code_type = "CENTER_SIZE", keep_top_k = 4 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x16xf32>, tensor<1x8xf32>, tensor<1x2x16xf32>) -> tensor<1x1x4x7xf32> loc("y")
    return %y : tensor<1x1x4x7xf32>
  }
  // CHECK-LABEL: func.func @output
  // CHECK: "top.PriorBox"
  func.func @output(%x: tensor<1x3x1x2xf32>) -> tensor<1x2x8xf32> {
    %p = "top.PriorBox"(%x) {min_size = [4.0], max_size = [], aspect_ratios = [], variance = [0.1], clip = true, step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 8 : i64, img_w = 8 : i64, num_priors = 1 : i64} : (tensor<1x3x1x2xf32>) -> tensor<1x2x8xf32> loc("p")
    return %p : tensor<1x2x8xf32>
  }
}
