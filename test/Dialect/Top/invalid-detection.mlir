// Bad forms of the detection ops; each has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>) {
  // expected-error@+1 {{has 2 operands instead of 3}}
  %y = "top.DetectionOutput"(%0, %1) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has num_classes 1, which must be from 2 to 16777216}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 1 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has num_classes -9223372036854775808, which must be from 2 to 16777216}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = -9223372036854775808 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has keep_top_k 9223372036854775807, which must be from 1 to 16777216}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 9223372036854775807 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has top_k -2, which must be from 1 to 16777216}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = -2 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has nms_threshold}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0x7FF8000000000000 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has confidence_threshold}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0x7FF0000000000000 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has eta 0.000000e+00, which must be positive and finite}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64, eta = 0.0 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{attribute 'code_type' failed to satisfy constraint}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "MIDDLE", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x24xf32>) {
  // expected-error@+1 {{has priors of shape 1x24 instead of 1x2x4P or 1x2x4P}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x20xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has locations of shape 1x20 instead of 1x24 for 6 priors}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x20xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x17xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has scores of shape 1x17 instead of 1x18 for 6 priors of 3 classes}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x17xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x0xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has operand 1 of shape 1x0, which is empty or too large}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x0xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<9223372036854775807x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has operand 0 of shape 9223372036854775807x24, which is empty or too large}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<9223372036854775807x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24xf32>, %1: tensor<1x18xf32>, %2: tensor<1x2x24xf32>) {
  // expected-error@+1 {{has a result of shape 1x1x3x7, but its operands and attributes give 1x1x2x7}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x3x7xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{has no operands}}
  %y = "top.YoloDetection"() {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : () -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has net_input_h 0, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 0 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has net_input_w 0, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 0 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has keep_topk 0, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 0 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has class_num 0, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 0 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has num_boxes 0, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 0 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has class_num -9223372036854775808, which must be from 1 to 16777216}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = -9223372036854775808 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has obj_threshold}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0x7FF8000000000000 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{attribute 'version' failed to satisfy constraint}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov2", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x8x2x2xf32>) {
  // expected-error@+1 {{has a head of shape 1x8x2x2 instead of 1x7xHxW for 1 boxes of 2 classes}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x8x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<2x7x2x2xf32>) {
  // expected-error@+1 {{has a head of shape 2x7x2x2 instead of 1x7xHxW for 1 boxes of 2 classes}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<2x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x8xf32>) {
  // expected-error@+1 {{has two heads of 16 cells, so that it is unknown whose anchors come first}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x8xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has 0 numbers in anchors instead of 4, two for each of 1 boxes of 2 heads}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has an anchor of -9.000000e+00, which must be positive and finite}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, -9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has 2 operands, but yolov8 takes one with decoded boxes}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov8", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x7xf32>) {
  // expected-error@+1 {{has an operand of shape 1x4x7 instead of Nx(4 + classes)xB of yolov11}}
  %y = "top.YoloDetection"(%0) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov11", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x4x7xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x9x5xf32>) {
  // expected-error@+1 {{has an operand of shape 1x9x5 instead of NxBx(5 + classes) of yolov5}}
  %y = "top.YoloDetection"(%0) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x9x5xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x9x7xf32>) {
  // expected-error@+1 {{has an operand of shape 1x9x7 instead of NxBx6 of yolov26}}
  %y = "top.YoloDetection"(%0) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov26", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x9x7xf32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x7x4x4xf32>, %1: tensor<1x7x2x2xf32>) {
  // expected-error@+1 {{has a result of shape 1x1x9x7 instead of 1x1x8x7 or 1x1x8x6}}
  %y = "top.YoloDetection"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<1x7x4x4xf32>, tensor<1x7x2x2xf32>) -> tensor<1x1x9x7xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>, %2: tensor<1xf32>) {
  // expected-error@+1 {{has 3 operands instead of 1 or 2}}
  %y = "top.PriorBox"(%0, %1, %2) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>, tensor<1xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x4xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has an operand of shape 1x8x4 instead of rank 4}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x4xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>) {
  // expected-error@+1 {{needs img_h and img_w, or a second operand of that size}}
  %y = "top.PriorBox"(%0) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has no min_size}}
  %y = "top.PriorBox"(%0, %1) {min_size = [], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has a value of min_size 0.000000e+00, which must be positive and finite}}
  %y = "top.PriorBox"(%0, %1) {min_size = [0.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has 2 max_size for 1 min_size}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0, 90.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has max_size 3.000000e+01, which must be greater than min_size 3.000000e+01}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [30.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has a value of aspect_ratios -2.000000e+00, which must be positive and finite}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [-2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has 0 values of variance instead of one or four}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has num_priors -9223372036854775808, but its sizes and ratios give 4 boxes per cell}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = -9223372036854775808 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has img_h -1, which must be from 0 to 16777216}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = -1 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x8x2x2xf32>, %1: tensor<1x3x64x64xf32>) {
  // expected-error@+1 {{has step_h}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0x7FF8000000000000 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8xf32>, %1: tensor<1x5xf32>) {
  // expected-error@+1 {{has a map of shape 1x4x8 instead of rank 4}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<1x4x8xf32>, tensor<1x5xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x4xf32>) {
  // expected-error@+1 {{has regions of shape 1x4 instead of Rx5}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<1x4x8x8xf32>, tensor<1x4xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x5xf32>) {
  // expected-error@+1 {{has output_height -9223372036854775808, which must be from 1 to 16777216}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = -9223372036854775808 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<1x4x8x8xf32>, tensor<1x5xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x5xf32>) {
  // expected-error@+1 {{has sampling_ratio -1, which must be from 0 to 1024}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = -1 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<1x4x8x8xf32>, tensor<1x5xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x5xf32>) {
  // expected-error@+1 {{has spatial_scale}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scale = 0x7FF8000000000000 : f64, align_corners = true} : (tensor<1x4x8x8xf32>, tensor<1x5xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x5xf32>) {
  // expected-error@+1 {{would have a result of shape 1x4x16777216x16777216, which is empty or too large}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 16777216 : i64, output_width = 16777216 : i64, sampling_ratio = 1 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<1x4x8x8xf32>, tensor<1x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%0: tensor<2x5xf32>, %1: tensor<2xf32>, %2: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{has 1 maps and 2 scales for 2 levels}}
  %y = "top.RoiExtractor"(%0, %1, %2) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.125], is_static = true} : (tensor<2x5xf32>, tensor<2xf32>, tensor<1x4x8x8xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<2x5xf32>, %1: tensor<2xf32>) {
  // expected-error@+1 {{has 0 maps and 0 scales for 0 levels}}
  %y = "top.RoiExtractor"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 0 : i64, spatial_scales = [], is_static = true} : (tensor<2x5xf32>, tensor<2xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<2x5xf32>, %1: tensor<3xf32>, %2: tensor<1x4x8x8xf32>, %3: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{has 3 levels for 2 regions}}
  %y = "top.RoiExtractor"(%0, %1, %2, %3) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.125], is_static = true} : (tensor<2x5xf32>, tensor<3xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<2x5xf32>, %1: tensor<2xf32>, %2: tensor<1x4x8x8xf32>, %3: tensor<1x3x4x4xf32>) {
  // expected-error@+1 {{has maps of shapes 1x4x8x8 and 1x3x4x4, which must have equal images and channels}}
  %y = "top.RoiExtractor"(%0, %1, %2, %3) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.125], is_static = true} : (tensor<2x5xf32>, tensor<2xf32>, tensor<1x4x8x8xf32>, tensor<1x3x4x4xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<2x5xf32>, %1: tensor<2xf32>, %2: tensor<1x4x8x8xf32>, %3: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{has a scale of 0.000000e+00, which must be positive and finite}}
  %y = "top.RoiExtractor"(%0, %1, %2, %3) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.0], is_static = true} : (tensor<2x5xf32>, tensor<2xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<2x4xf32>, %1: tensor<2xf32>, %2: tensor<1x4x8x8xf32>, %3: tensor<1x4x4x4xf32>) {
  // expected-error@+1 {{has regions of shape 2x4 instead of Rx5}}
  %y = "top.RoiExtractor"(%0, %1, %2, %3) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.125], is_static = true} : (tensor<2x4xf32>, tensor<2xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{has 1 operands instead of 2}}
  %y = "top.ROIPooling"(%0) {pooled_h = 2 : i64, pooled_w = 2 : i64, spatial_scale = 0.25 : f64} : (tensor<1x4x8x8xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x1x1x4xf32>) {
  // expected-error@+1 {{has regions of shape 1x1x1x4 instead of ...x5}}
  %y = "top.ROIPooling"(%0, %1) {pooled_h = 2 : i64, pooled_w = 2 : i64, spatial_scale = 0.25 : f64} : (tensor<1x4x8x8xf32>, tensor<1x1x1x4xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x8x8xf32>, %1: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has pooled_w 0, which must be from 1 to 16777216}}
  %y = "top.ROIPooling"(%0, %1) {pooled_h = 2 : i64, pooled_w = 0 : i64, spatial_scale = 0.25 : f64} : (tensor<1x4x8x8xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x18x4x4xf32>) {
  // expected-error@+1 {{has 1 operands instead of 2 or 3}}
  %y = "top.Proposal"(%0) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 16 : i64, anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64, rpn_nms_post_top_n = 6 : i64} : (tensor<1x18x4x4xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x24x4x4xf32>, %1: tensor<1x36x4x4xf32>) {
  // expected-error@+1 {{has scores of shape 1x24x4x4 instead of Nx18xHxW for nine anchors}}
  %y = "top.Proposal"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 16 : i64, anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64, rpn_nms_post_top_n = 6 : i64} : (tensor<1x24x4x4xf32>, tensor<1x36x4x4xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x18x4x4xf32>, %1: tensor<1x36x4x5xf32>) {
  // expected-error@+1 {{has differences of shape 1x36x4x5 for scores of shape 1x18x4x4}}
  %y = "top.Proposal"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 16 : i64, anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64, rpn_nms_post_top_n = 6 : i64} : (tensor<1x18x4x4xf32>, tensor<1x36x4x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x18x4x4xf32>, %1: tensor<1x36x4x4xf32>) {
  // expected-error@+1 {{has feat_stride 0, which must be from 1 to 16777216}}
  %y = "top.Proposal"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 0 : i64, anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64, rpn_nms_post_top_n = 6 : i64} : (tensor<1x18x4x4xf32>, tensor<1x36x4x4xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<2x12xf32>, %1: tensor<2x3xf32>) {
  // expected-error@+1 {{has 2 operands instead of 3}}
  %y = "top.FrcnDetection"(%0, %1) {class_num = 3 : i64, obj_threshold = 0.1 : f64, nms_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<2x12xf32>, tensor<2x3xf32>) -> tensor<1x1x4x6xf32>
  return
}

// -----

func.func @f(%0: tensor<2x12xf32>, %1: tensor<2x3xf32>, %2: tensor<1x1x2x4xf32>) {
  // expected-error@+1 {{has regions of shape 1x1x2x4 instead of ...x5}}
  %y = "top.FrcnDetection"(%0, %1, %2) {class_num = 3 : i64, obj_threshold = 0.1 : f64, nms_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<2x12xf32>, tensor<2x3xf32>, tensor<1x1x2x4xf32>) -> tensor<1x1x4x6xf32>
  return
}

// -----

func.func @f(%0: tensor<2x12xf32>, %1: tensor<3x3xf32>, %2: tensor<1x1x2x5xf32>) {
  // expected-error@+1 {{has differences of shape 2x12 and scores of shape 3x3 for 2 regions of 3 classes}}
  %y = "top.FrcnDetection"(%0, %1, %2) {class_num = 3 : i64, obj_threshold = 0.1 : f64, nms_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<2x12xf32>, tensor<3x3xf32>, tensor<1x1x2x5xf32>) -> tensor<1x1x4x6xf32>
  return
}

// -----

func.func @f(%0: tensor<2x12xf32>, %1: tensor<2x3xf32>, %2: tensor<1x1x2x5xf32>) {
  // expected-error@+1 {{has class_num 1, which must be from 2 to 16777216}}
  %y = "top.FrcnDetection"(%0, %1, %2) {class_num = 1 : i64, obj_threshold = 0.1 : f64, nms_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<2x12xf32>, tensor<2x3xf32>, tensor<1x1x2x5xf32>) -> tensor<1x1x4x6xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x1x1xf32>, %1: tensor<1x8x1x1xf32>, %2: tensor<1x20x1x1xf32>, %3: tensor<1x4x2x2xf32>, %4: tensor<1x8x2x2xf32>, %5: tensor<1x20x2x2xf32>, %6: tensor<1x4x4x4xf32>, %7: tensor<1x8x4x4xf32>) {
  // expected-error@+1 {{has 8 operands instead of 9}}
  %y = "top.RetinaFaceDetection"(%0, %1, %2, %3, %4, %5, %6, %7) {nms_threshold = 0.4 : f64, confidence_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x20x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x8x2x2xf32>, tensor<1x20x2x2xf32>, tensor<1x4x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x1x4x15xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x1x1xf32>, %1: tensor<1x8x1x1xf32>, %2: tensor<1x20x1x1xf32>, %3: tensor<1x4x2x2xf32>, %4: tensor<1x8x2x3xf32>, %5: tensor<1x20x2x2xf32>, %6: tensor<1x4x4x4xf32>, %7: tensor<1x8x4x4xf32>, %8: tensor<1x20x4x4xf32>) {
  // expected-error@+1 {{has operand 4 of shape 1x8x2x3 instead of 1x8xHxW of its level}}
  %y = "top.RetinaFaceDetection"(%0, %1, %2, %3, %4, %5, %6, %7, %8) {nms_threshold = 0.4 : f64, confidence_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x20x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x8x2x3xf32>, tensor<1x20x2x2xf32>, tensor<1x4x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x20x4x4xf32>) -> tensor<1x1x4x15xf32>
  return
}

// -----

func.func @f(%0: tensor<1x4x1x1xf32>, %1: tensor<1x8x1x1xf32>, %2: tensor<1x20x1x1xf32>, %3: tensor<1x4x2x2xf32>, %4: tensor<1x8x2x2xf32>, %5: tensor<1x20x2x2xf32>, %6: tensor<1x4x4x4xf32>, %7: tensor<1x8x4x4xf32>, %8: tensor<1x20x4x4xf32>) {
  // expected-error@+1 {{has keep_topk -9223372036854775808, which must be from 1 to 16777216}}
  %y = "top.RetinaFaceDetection"(%0, %1, %2, %3, %4, %5, %6, %7, %8) {nms_threshold = 0.4 : f64, confidence_threshold = 0.5 : f64, keep_topk = -9223372036854775808 : i64} : (tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x20x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x8x2x2xf32>, tensor<1x20x2x2xf32>, tensor<1x4x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x20x4x4xf32>) -> tensor<1x1x4x15xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x1x3x5xf32>, %5: tensor<1x1x3x1xf32>, %6: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{has 4 levels and regions of 4 numbers instead of 4 and 5}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 4 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x1x3x5xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x1x3x5xf32>, %5: tensor<1x1x3x1xf32>, %6: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{has ROI_SLICE -9223372036854775808, which must be from 1 to 16777216}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = -9223372036854775808 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x1x3x5xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x1x3x5xf32>, %5: tensor<1x1x3x1xf32>, %6: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{has map 0 of shape 1x2x16x16 instead of 1x9223372036854775807xHxW, the first of 16x16}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 9223372036854775807 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x1x3x5xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x1x3x5xf32>, %5: tensor<1x1x4x1xf32>, %6: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{has labels of shape 1x1x4x1 instead of 3 rows of 1}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x1x3x5xf32>, tensor<1x1x4x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<2x2x2x2xf32>, %4: tensor<1x1x3x5xf32>, %5: tensor<1x1x3x1xf32>, %6: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{has map 3 of shape 2x2x2x2 instead of 1x2xHxW, the first of 16x16}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>, tensor<1x1x3x5xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has NMS_PRE 0, which must be from 1 to 16777216}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 0 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has a mean or deviation of}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0x7FF8000000000000 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has CHANNEL_RPN_BBOXES 8 for 1 anchors per cell}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 8 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x3xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has scores of shape 1x1x1x2 and differences of shape 1x4x1x3 on level 1 for 1 anchors per cell}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x3xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x4xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has anchors of shape 1x1x2x4 instead of ...x4 or ...x5}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x4xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x4xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x3x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has anchors of shape 1x1x3x5 on level 1 instead of 2 rows}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x3x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<1x1x2x2xf32>, %1: tensor<1x1x1x2xf32>, %2: tensor<1x1x1x1xf32>, %3: tensor<1x1x1x1xf32>, %4: tensor<1x1x1x1xf32>, %5: tensor<1x4x2x2xf32>, %6: tensor<1x4x1x2xf32>, %7: tensor<1x4x1x1xf32>, %8: tensor<1x4x1x1xf32>, %9: tensor<1x4x1x1xf32>, %10: tensor<1x1x8x1xf32>, %11: tensor<1x1x4x5xf32>, %12: tensor<1x1x2x5xf32>, %13: tensor<1x1x1x5xf32>, %14: tensor<1x1x1x5xf32>, %15: tensor<1x1x1x5xf32>) {
  // expected-error@+1 {{has limits of shape 1x1x8x1 for 1 images}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x1x8x1xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>, %4: tensor<f32>, %5: tensor<f32>, %6: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.MaskRCNN_MaskPooler"(%0, %1, %2, %3, %4, %5, %6) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<3x2x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>, %4: tensor<f32>, %5: tensor<f32>, %6: tensor<f32>, %7: tensor<f32>, %8: tensor<f32>, %9: tensor<f32>, %10: tensor<f32>, %11: tensor<f32>, %12: tensor<f32>, %13: tensor<f32>, %14: tensor<f32>, %15: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.MaskRCNN_RPNGetBboxes"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64, delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64, delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64, iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64, NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64, H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.DetectionOutput"(%0, %1, %2) {num_classes = 3 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 : i64, confidence_threshold = 0.3 : f64} : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x2x7xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.YoloDetection"(%0) {net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 0.5 : f64, obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0], version = "yolov5", class_num = 2 : i64, num_boxes = 1 : i64} : (tensor<f32>) -> tensor<1x1x8x7xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.PriorBox"(%0, %1) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5], variance = [0.1, 0.1, 0.2, 0.2], step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64, img_w = 0 : i64, num_priors = 4 : i64} : (tensor<f32>, tensor<f32>) -> tensor<1x2x64xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.RoiAlign"(%0, %1) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scale = 0.25 : f64, align_corners = true} : (tensor<f32>, tensor<f32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.RoiExtractor"(%0, %1, %2, %3) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64, align_corners = true, num_levels = 2 : i64, spatial_scales = [0.25, 0.125], is_static = true} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.ROIPooling"(%0, %1) {pooled_h = 2 : i64, pooled_w = 2 : i64, spatial_scale = 0.25 : f64} : (tensor<f32>, tensor<f32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.Proposal"(%0, %1) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 16 : i64, anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64, rpn_nms_post_top_n = 6 : i64} : (tensor<f32>, tensor<f32>) -> tensor<1x1x6x5xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.FrcnDetection"(%0, %1, %2) {class_num = 3 : i64, obj_threshold = 0.1 : f64, nms_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x4x6xf32>
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>, %4: tensor<f32>, %5: tensor<f32>, %6: tensor<f32>, %7: tensor<f32>, %8: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y = "top.RetinaFaceDetection"(%0, %1, %2, %3, %4, %5, %6, %7, %8) {nms_threshold = 0.4 : f64, confidence_threshold = 0.5 : f64, keep_topk = 4 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x4x15xf32>
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x3x1x4xf32>) {
  // expected-error@+1 {{has regions of shape 1x3x1x4 instead of 3 rows of 5}}
  %y:2 = "top.MaskRCNN_BboxPooler"(%0, %1, %2, %3, %4) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x3x1x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x2x16x16xf32>, %1: tensor<1x2x8x8xf32>, %2: tensor<1x2x4x4xf32>, %3: tensor<1x2x2x2xf32>, %4: tensor<1x3x1x5xf32>) {
  // expected-error@+1 {{has ROI_PH 0, which must be from 1 to 16777216}}
  %y:2 = "top.MaskRCNN_BboxPooler"(%0, %1, %2, %3, %4) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 0 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x3x1x5xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>, %4: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y:2 = "top.MaskRCNN_BboxPooler"(%0, %1, %2, %3, %4) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64, ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64, ROI_LEN = 5 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x3x1x5xf32>, %1: tensor<1x3x1x8xf32>, %2: tensor<1x3x1x3xf32>, %3: tensor<1x6x1x4xf32>, %4: tensor<1x1x6x4xf32>) {
  // expected-error@+1 {{has NUM_CLASSES_getBboxB -9223372036854775808, which must be from 1 to 16777216}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = -9223372036854775808 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x3xf32>, tensor<1x6x1x4xf32>, tensor<1x1x6x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x3x1x5xf32>, %1: tensor<1x3x1x8xf32>, %2: tensor<1x3x1x3xf32>, %3: tensor<1x6x1x4xf32>, %4: tensor<1x1x6x4xf32>) {
  // expected-error@+1 {{has wh_ratio_log 0.000000e+00, which must be positive and finite}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 0.0 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x3xf32>, tensor<1x6x1x4xf32>, tensor<1x1x6x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x3x1x5xf32>, %1: tensor<1x3x1x8xf32>, %2: tensor<1x3x1x3xf32>, %3: tensor<1x6x1x4xf32>, %4: tensor<1x6x3xf32>) {
  // expected-error@+1 {{has factors of shape 1x6x3 instead of 1xNx...x4}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x3xf32>, tensor<1x6x1x4xf32>, tensor<1x6x3xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x3x1x5xf32>, %1: tensor<1x3x1x8xf32>, %2: tensor<1x3x1x3xf32>, %3: tensor<1x6x1x4xf32>, %4: tensor<1x2x6x4xf32>) {
  // expected-error@+1 {{has regions of shape 1x3x1x5 and limits of shape 1x6x1x4, which do not belong to 2 images}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x3xf32>, tensor<1x6x1x4xf32>, tensor<1x2x6x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<1x3x1x5xf32>, %1: tensor<1x3x1x8xf32>, %2: tensor<1x3x1x2xf32>, %3: tensor<1x6x1x4xf32>, %4: tensor<1x1x6x4xf32>) {
  // expected-error@+1 {{has scores of shape 1x3x1x2 instead of 3 rows of 3}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x2xf32>, tensor<1x6x1x4xf32>, tensor<1x1x6x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%0: tensor<f32>, %1: tensor<f32>, %2: tensor<f32>, %3: tensor<f32>, %4: tensor<f32>) {
  // expected-error@+1 {{has operand 0 without dimensions}}
  %y:2 = "top.MaskRCNN_GetBboxB"(%0, %1, %2, %3, %4) {threshold_score_eq = 0.05 : f64, wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64, delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64, NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64, MAX_PER_IMG_GetBboxB = 4 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}
