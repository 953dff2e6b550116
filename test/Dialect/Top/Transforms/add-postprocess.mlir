// The outputs of detection networks become operands of the op that finds their boxes; others are refused.
// RUN: split-file %s %t
// RUN: tpuc-opt %t/heads.mlir --add-postprocess="type=yolov5" | FileCheck %t/heads.mlir --check-prefixes=CHECK,V5
// RUN: tpuc-opt %t/heads.mlir --add-postprocess="type=yolov3" | FileCheck %t/heads.mlir --check-prefixes=CHECK,V3
// RUN: tpuc-opt %t/heads.mlir --add-postprocess="type=yolov7" | FileCheck %t/heads.mlir --check-prefixes=CHECK,V7
// RUN: tpuc-opt %t/exported.mlir --add-postprocess="type=yolov5" | FileCheck %t/exported.mlir
// RUN: tpuc-opt %t/boxes.mlir --add-postprocess="type=yolov8" | FileCheck %t/boxes.mlir --check-prefix=V8
// RUN: tpuc-opt %t/boxes.mlir --add-postprocess="type=yolov11" | FileCheck %t/boxes.mlir --check-prefix=V11
// RUN: tpuc-opt %t/boxes.mlir --add-postprocess="type=yolov5" | FileCheck %t/boxes.mlir --check-prefix=V5
// RUN: tpuc-opt %t/exchanged.mlir --add-postprocess="type=yolov8" | FileCheck %t/exchanged.mlir
// RUN: tpuc-opt %t/ssd.mlir --add-postprocess="type=ssd" | FileCheck %t/ssd.mlir
// RUN: not tpuc-opt %t/heads.mlir --add-postprocess="type=yolov8" 2>&1 | FileCheck %s --check-prefix=NOT-BOXES
// RUN: not tpuc-opt %t/boxes.mlir --add-postprocess="type=ssd" 2>&1 | FileCheck %s --check-prefix=NOT-SSD
// RUN: not tpuc-opt %t/ssd.mlir --add-postprocess="type=yolov5" 2>&1 | FileCheck %s --check-prefix=NOT-HEADS
// RUN: not tpuc-opt %t/heads.mlir --add-postprocess="type=yolov9" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not tpuc-opt %t/heads.mlir --add-postprocess="type=yolov5" --add-postprocess="type=yolov5" 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not tpuc-opt %t/unknown.mlir --add-postprocess="type=yolov5" 2>&1 | FileCheck %s --check-prefix=SHAPES
// RUN: not tpuc-opt %t/vector.mlir --add-postprocess="type=yolov5" 2>&1 | FileCheck %s --check-prefix=PICTURE
// RUN: not tpuc-opt %t/equal.mlir --add-postprocess="type=yolov5" 2>&1 | FileCheck %s --check-prefix=EQUAL
// NOT-BOXES: error: post-processing of yolov8 needs one output [N, 4 + classes, boxes], but the network's outputs are 'a' of shape 2x21x2x2, 'b' of shape 2x21x4x4, 'c' of shape 2x21x8x8; name the right ones with --output_names
// NOT-SSD: error: post-processing of ssd needs three outputs, locations [N, P * 4], class probabilities [N, P * classes] and priors [1, 2, P * 4], but the network's outputs are 'y' of shape 1x7x84
// NOT-HEADS: error: post-processing of yolov5 needs three outputs of convolutions, [N, 3 * (5 + classes), H, W], but the network's outputs are 'p' of shape 1x2x24
// UNKNOWN: error: there is no post-processing 'yolov9'; there are yolov3, yolov5, yolov7, yolov8, yolov11 and ssd
// TWICE: error: the network has the post-processing 'yolov5' already
// SHAPES: error: post-processing needs a network whose outputs have known shapes
// PICTURE: error: post-processing of yolov5 needs a network with a picture for input, of rank 4
// EQUAL: error: 'top.YoloDetection' op has two heads of 16 cells, so that it is unknown whose anchors come first

//--- heads.mlir
// CHECK: module.postprocess = "yolov
// CHECK: func.func @main({{.*}}) -> tensor<1x1x400x7xf32>
// V5: %[[Y:.+]] = "top.YoloDetection"({{.*}}) {agnostic_nms = false, anchors = [1.000000e+01, 1.300000e+01, {{.*}} 3.260000e+02], class_num = 2 : i64, keep_topk = 200 : i64, net_input_h = 64 : i64, net_input_w = 64 : i64, nms_threshold = 5.000000e-01 : f64, num_boxes = 3 : i64, obj_threshold = 5.000000e-01 : f64, version = "yolov5"} : (tensor<2x21x2x2xf32>, tensor<2x21x4x4xf32>, tensor<2x21x8x8xf32>) -> tensor<1x1x400x7xf32> loc(#[[$LOC:.+]])
// V3: anchors = [1.000000e+01, 1.300000e+01, {{.*}}version = "yolov3"
// V7: anchors = [1.200000e+01, 1.600000e+01, {{.*}} 4.010000e+02]{{.*}}version = "yolov5"
// V5: return %[[Y]] : tensor<1x1x400x7xf32>
// V5: #[[$LOC]] = loc("yolo_post")
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<2x3x64x64xf32>, %i: tensor<2x21x2x2xf32>, %j: tensor<2x21x4x4xf32>, %k: tensor<2x21x8x8xf32>) -> (tensor<2x21x2x2xf32>, tensor<2x21x4x4xf32>, tensor<2x21x8x8xf32>) {
    %x = "top.Input"(%p) : (tensor<2x3x64x64xf32>) -> tensor<2x3x64x64xf32> loc("x")
    %a = "top.Relu"(%i) : (tensor<2x21x2x2xf32>) -> tensor<2x21x2x2xf32> loc("a")
    %b = "top.Relu"(%j) : (tensor<2x21x4x4xf32>) -> tensor<2x21x4x4xf32> loc("b")
    %c = "top.Relu"(%k) : (tensor<2x21x8x8xf32>) -> tensor<2x21x8x8xf32> loc("c")
    return %a, %b, %c : tensor<2x21x2x2xf32>, tensor<2x21x4x4xf32>, tensor<2x21x8x8xf32>
  }
}

//--- exported.mlir
// CHECK: net_input_h = 48 : i64, net_input_w = 64 : i64
// CHECK-SAME: (tensor<1x18x6x8xf32>, tensor<1x18x3x4xf32>, tensor<1x18x2x2xf32>) -> tensor<1x1x200x7xf32>
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x48x64x3xf32>, %i: tensor<1x3x6x8x6xf32>, %j: tensor<1x3x3x4x6xf32>, %k: tensor<1x18x2x2xf32>) -> (tensor<1x3x6x8x6xf32>, tensor<1x3x3x4x6xf32>, tensor<1x18x2x2xf32>) {
    %x = "top.Input"(%p) {channel_format = "nhwc"} : (tensor<1x48x64x3xf32>) -> tensor<1x48x64x3xf32> loc("x")
    return %i, %j, %k : tensor<1x3x6x8x6xf32>, tensor<1x3x3x4x6xf32>, tensor<1x18x2x2xf32>
  }
}

//--- boxes.mlir
// V8: "top.YoloDetection"(%{{.*}}) {{.*}}class_num = 3 : i64{{.*}}version = "yolov8"} : (tensor<1x7x84xf32>) -> tensor<1x1x200x7xf32>
// V11: version = "yolov11"
// V5: class_num = 79 : i64{{.*}}version = "yolov5"
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x3x64x64xf32>, %i: tensor<1x7x84xf32>) -> tensor<1x7x84xf32> {
    %x = "top.Input"(%p) : (tensor<1x3x64x64xf32>) -> tensor<1x3x64x64xf32> loc("x")
    %y = "top.Relu"(%i) : (tensor<1x7x84xf32>) -> tensor<1x7x84xf32> loc("y")
    return %y : tensor<1x7x84xf32>
  }
}

//--- exchanged.mlir
// The boxes are those of the strides 8, 16, 32, here fewer than 4 + classes.
// CHECK: %[[P:.+]] = "top.Permute"({{.*}}) {order = [0, 2, 1]} : (tensor<1x84x90xf32>) -> tensor<1x90x84xf32>
// CHECK: "top.YoloDetection"(%[[P]]) {{.*}}class_num = 86 : i64
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x3x64x64xf32>, %i: tensor<1x84x90xf32>) -> tensor<1x84x90xf32> {
    %x = "top.Input"(%p) : (tensor<1x3x64x64xf32>) -> tensor<1x3x64x64xf32> loc("x")
    return %i : tensor<1x84x90xf32>
  }
}

//--- ssd.mlir
// CHECK: module.postprocess = "ssd"
// CHECK: "top.DetectionOutput"(%[[L:arg[0-9]]], %{{.*}}, %{{.*}}) {background_label_id = 0 : i64, code_type = "CENTER_SIZE", confidence_threshold = 5.000000e-02 : f64, eta = 1.000000e+00 : f64, keep_top_k = 200 : i64, nms_threshold = 5.000000e-01 : f64, num_classes = 5 : i64, share_location = true, top_k = 200 : i64, variance_encoded_in_target = 0.000000e+00 : f64} : (tensor<1x6x4xf32>, tensor<1x30xf32>, tensor<1x2x24xf32>) -> tensor<1x1x200x7xf32>
// CHECK: loc("ssd_post")
module @net attributes {module.chip = "ALL", module.platform = "CAFFE", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x3x64x64xf32>, %i: tensor<1x2x24xf32>, %j: tensor<1x30xf32>, %k: tensor<1x6x4xf32>) -> (tensor<1x2x24xf32>, tensor<1x30xf32>, tensor<1x6x4xf32>) {
    %x = "top.Input"(%p) : (tensor<1x3x64x64xf32>) -> tensor<1x3x64x64xf32> loc("x")
    %y = "top.Relu"(%i) : (tensor<1x2x24xf32>) -> tensor<1x2x24xf32> loc("p")
    return %y, %j, %k : tensor<1x2x24xf32>, tensor<1x30xf32>, tensor<1x6x4xf32>
  }
}

//--- unknown.mlir
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x3x64x64xf32>) -> tensor<*xf32> {
    %x = "top.Relu"(%p) : (tensor<1x3x64x64xf32>) -> tensor<*xf32> loc("x")
    return %x : tensor<*xf32>
  }
}

//--- vector.mlir
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x64xf32>) -> tensor<1x64xf32> {
    %x = "top.Input"(%p) : (tensor<1x64xf32>) -> tensor<1x64xf32> loc("x")
    return %x : tensor<1x64xf32>
  }
}

//--- equal.mlir
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  func.func @main(%p: tensor<1x3x64x64xf32>, %i: tensor<1x21x4x4xf32>, %j: tensor<1x21x4x4xf32>, %k: tensor<1x21x8x8xf32>) -> (tensor<1x21x4x4xf32>, tensor<1x21x4x4xf32>, tensor<1x21x8x8xf32>) {
    %x = "top.Input"(%p) : (tensor<1x3x64x64xf32>) -> tensor<1x3x64x64xf32> loc("x")
    return %i, %j, %k : tensor<1x21x4x4xf32>, tensor<1x21x4x4xf32>, tensor<1x21x8x8xf32>
  }
}
