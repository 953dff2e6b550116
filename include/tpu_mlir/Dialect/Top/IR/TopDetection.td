// Top ops: detection heads and regions of interest. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_DETECTION
#define TPU_MLIR_TOP_DETECTION
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_DetectionOutputOp : Top_Op<"DetectionOutput"> {
  let summary = "Boxes of an SSD network: decoding, suppression per class, the best of all classes";
  let description = [{
    Operands: locations [N, ...] with P * 4 values per image (P * num_classes * 4 unless `share_location`), class
    scores [N, ...] with P * num_classes values, and priors [1 or N, 2, P * 4]: boxes xmin, ymin, xmax, ymax and
    their variances. For each image and each class but `background_label_id`:

    1. scores above `confidence_threshold` are taken, the `top_k` best of them (-1: all);
    2. a box is kept if its intersection over union with every better kept one is at most the threshold, which
       begins at `nms_threshold` and is multiplied by `eta` after each kept box while it is above 0.5;
    3. of all classes together the `keep_top_k` best boxes stay.

    `code_type` says what locations are: CORNER, differences of corners; CENTER_SIZE, difference of centers in units
    of the prior's size and logarithm of the ratio of sizes; CORNER_SIZE, differences of corners in units of the
    prior's size. They are multiplied by the variances unless `variance_encoded_in_target`.

    A row of the result is image, class, score, xmin, ymin, xmax, ymax; rows are in the order of images, classes and
    falling scores, without gaps. The rest is -1; when nothing at all is found, row i begins with i for image i.

    Constraints:
    1. Three operands as above, of one P; there is more than one class.
    2. `keep_top_k` is at least 1; `top_k` is -1 or at least 1.
    3. The result is [N, 1, keep_top_k, 7] or [1, 1, N * keep_top_k, 7].

    Example:

    ```mlir
    %y = "top.DetectionOutput"(%loc, %conf, %priors) {num_classes = 3 : i64, nms_threshold = 0.45 : f64,
        top_k = 10 : i64, code_type = "CENTER_SIZE", keep_top_k = 4 : i64, confidence_threshold = 0.3 : f64}
        : (tensor<1x24xf32>, tensor<1x18xf32>, tensor<1x2x24xf32>) -> tensor<1x1x4x7xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$num_classes,
    DefaultValuedAttr<I64Attr, "0">:$background_label_id,
    F64Attr:$nms_threshold,
    I64Attr:$top_k,
    Top_DetectionOutputCodeTypeAttr:$code_type,
    I64Attr:$keep_top_k,
    F64Attr:$confidence_threshold,
    DefaultValuedAttr<BoolAttr, "true">:$share_location,
    DefaultValuedAttr<F64Attr, "0">:$variance_encoded_in_target,
    DefaultValuedAttr<F64Attr, "1">:$eta
  );
  let results = (outs AnyTensor:$output);
}

def Top_YoloDetectionOp : Top_Op<"YoloDetection"> {
  let summary = "Boxes of a YOLO network: decoding, suppression per class, the best of all classes";
  let description = [{
    Operands are one of:

    1. **heads**, as the last convolutions give them: [N, num_boxes * (5 + class_num), H, W] each, with tx, ty, tw,
       th, objectness and class scores before their sigmoid. `anchors` has num_boxes pairs (width, height in pixels
       of the network's input) per head; the first ones belong to the head with most cells, whatever the order of
       operands. yolov5: x = (2 s(tx) - 0.5 + column) * stride, w = (2 s(tw))^2 * anchor, in pixels. yolov3,
       yolov3_tiny, yolov3_spp, yolov4: x = (s(tx) + column) / W, w = exp(tw) * anchor / net_input_w, as parts of
       the input's size. A box has the class of its best score, and the score objectness times class.
    2. **decoded boxes of an anchor network** (yolov3, yolov4, yolov5 and relatives): one operand [N, boxes, 5 +
       class_num] with center x, center y, width, height, objectness, class scores, none of which is changed.
    3. **decoded boxes without objectness** (yolov8, yolov11): one operand [N, 4 + class_num, boxes]. A box has the
       class of its best score. The shape says how many classes decoded boxes have, whatever `class_num`.
    4. **finished boxes** (yolov26): one operand [N, boxes, 6] with x1, y1, x2, y2, score, class; nothing is
       suppressed.

    Candidates with a score above `obj_threshold` are sorted by score (stable) and one is kept if its intersection
    over union with every better kept one of its class (`agnostic_nms`: of any class) is at most `nms_threshold`; at
    most `keep_topk` per image.

    The result has one of two forms. [1, 1, N * keep_topk, 7], also [N, 1, keep_topk, 7], is what `add-postprocess`
    makes: rows image, class, score, center x, center y, width, height, for one image after the other without gaps,
    the rest 0. [N, 1, keep_topk, 6] is that of the Caffe layer: rows center x, center y, width, height, class,
    score, the rest 0; in heads its class scores are a softmax instead of sigmoids. Shape inference chooses the
    first one in modules with `module.postprocess`.

    Constraints:
    1. Operands fit one of the four forms; yolov8, yolov11 and yolov26 have one operand.
    2. Heads have as many anchors as said, all positive, and differ in size.
    3. `keep_topk`, `class_num`, `num_boxes`, `net_input_h` and `net_input_w` are at least 1.

    Example:

    ```mlir
    %y = "top.YoloDetection"(%a, %b) {net_input_h = 32 : i64, net_input_w = 32 : i64, nms_threshold = 0.5 : f64,
        obj_threshold = 0.5 : f64, keep_topk = 8 : i64, anchors = [4.0, 6.0, 9.0, 7.0, 12.0, 20.0, 25.0, 16.0],
        version = "yolov5", class_num = 2 : i64, num_boxes = 2 : i64}
        : (tensor<1x14x4x4xf32>, tensor<1x14x2x2xf32>) -> tensor<1x1x8x7xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$net_input_h,
    I64Attr:$net_input_w,
    F64Attr:$nms_threshold,
    F64Attr:$obj_threshold,
    I64Attr:$keep_topk,
    F64ArrayAttr:$anchors,
    Top_YoloVersionAttr:$version,
    DefaultValuedAttr<I64Attr, "80">:$class_num,
    DefaultValuedAttr<I64Attr, "3">:$num_boxes,
    DefaultValuedAttr<BoolAttr, "false">:$agnostic_nms
  );
  let results = (outs AnyTensor:$output);
}

def Top_PriorBoxOp : Top_Op<"PriorBox"> {
  let summary = "Default boxes of an SSD network for every cell of a feature map";
  let description = [{
    Operands are the feature map [N, C, H, W] and the network's input, of which only the sizes count. Row 0 of the
    result holds boxes xmin, ymin, xmax, ymax as parts of the input's size, row 1 their variances. The center of
    cell (h, w) is ((w + offset) * step_w, (h + offset) * step_h); a step of 0 is the ratio of both sizes, `img_h`
    or `img_w` of 0 the size of the second operand. A cell has for each `min_size`, in this order: a square of that
    size (unless `use_default_aspect_ratio` is false), a square of size sqrt(min_size * max_size) when there are
    `max_size`, and for each of `aspect_ratios` but 1 a box of width min_size * sqrt(ratio) and height min_size /
    sqrt(ratio). Ratios are listed with their inverses. `clip` limits boxes to 0 ... 1. `variance` has one value or
    four.

    The boxes do not depend on values: canonicalization makes them a weight.

    Constraints:
    1. Two operands of rank 4, or the first one alone when `img_h` and `img_w` say the size.
    2. At least one `min_size`; sizes and ratios are positive and finite; `max_size` is empty or has as many, larger
       values.
    3. `num_priors` is the number of boxes of a cell.

    Example:

    ```mlir
    %y = "top.PriorBox"(%x, %image) {min_size = [30.0], max_size = [60.0], aspect_ratios = [2.0, 0.5],
        variance = [0.1, 0.1, 0.2, 0.2], clip = false, step_h = 0.0 : f64, step_w = 0.0 : f64, img_h = 0 : i64,
        img_w = 0 : i64, num_priors = 4 : i64}
        : (tensor<1x8x2x2xf32>, tensor<1x3x64x64xf32>) -> tensor<1x2x64xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    F64ArrayAttr:$min_size,
    F64ArrayAttr:$max_size,
    F64ArrayAttr:$aspect_ratios,
    F64ArrayAttr:$variance,
    DefaultValuedAttr<BoolAttr, "true">:$clip,
    F64Attr:$step_h,
    F64Attr:$step_w,
    I64Attr:$img_h,
    I64Attr:$img_w,
    DefaultValuedAttr<F64Attr, "0.5">:$offset,
    I64Attr:$num_priors,
    DefaultValuedAttr<BoolAttr, "true">:$use_default_aspect_ratio
  );
  let results = (outs AnyTensor:$output);
}

def Top_RoiAlignOp : Top_Op<"RoiAlign"> {
  let summary = "Regions of feature maps in one size, by interpolated samples";
  let description = [{
    A row of `rois` is image, x1, y1, x2, y2 in the units of the network's input; they are multiplied by
    `spatial_scale`. With `align_corners` (half_pixel of ONNX, aligned of PyTorch) 0.5 is subtracted; without, a
    region has a size of at least 1. The region is divided into output_height x output_width cells with
    sampling_ratio x sampling_ratio samples each (0: as many as the cell has pixels, rounded up), interpolated
    bilinearly; a sample more than 1 outside of the map is 0. `mode` Avg takes the mean of a cell's samples. Max
    takes the largest of its weighted corners, as ONNX defines it.

    Constraints:
    1. `input` has rank 4, `rois` is [R, 5].
    2. Output sizes are at least 1, `sampling_ratio` is not negative, `spatial_scale` is positive and finite.

    Example:

    ```mlir
    // %rois: constant 0 0 0 12 12
    %y = "top.RoiAlign"(%x, %rois) {mode = "Avg", output_height = 2 : i64, output_width = 2 : i64,
        sampling_ratio = 2 : i64, spatial_scale = 0.25 : f64, align_corners = true}
        : (tensor<1x4x8x8xf32>, tensor<1x5xf32>) -> tensor<1x4x2x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$rois,
    Top_RoiAlignModeAttr:$mode,
    I64Attr:$output_height,
    I64Attr:$output_width,
    I64Attr:$sampling_ratio,
    F64Attr:$spatial_scale,
    BoolAttr:$align_corners
  );
  let results = (outs AnyTensor:$output);
}

def Top_RoiExtractorOp : Top_Op<"RoiExtractor"> {
  let summary = "Regions of a feature pyramid in one size, each from the level that is named for it";
  let description = [{
    Region i (a row image, x1, y1, x2, y2 of `rois`) is taken as by RoiAlign from operand `target_lvls[i]` of the
    pyramid, with the scale of that level. `is_static` says that the number of regions is that of the shape.

    Constraints:
    1. `rois` is [R, 5], `target_lvls` has R elements, the maps have rank 4 and equal N and C.
    2. There are `num_levels` maps and `spatial_scales`.
    3. Output sizes are at least 1, `sampling_ratio` is not negative, scales are positive and finite.
    4. A level outside of the pyramid is an error of the evaluation.

    Example:

    ```mlir
    // %rois: constant 0 0 0 12 12 0 4 4 20 20
    // %lvls: integers 0 to 1
    %y = "top.RoiExtractor"(%rois, %lvls, %a, %b) {mode = "Avg", num_levels = 2 : i64, output_height = 2 : i64,
        output_width = 2 : i64, sampling_ratio = 2 : i64, spatial_scales = [0.25, 0.125], align_corners = true,
        is_static = true}
        : (tensor<2x5xf32>, tensor<2xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>) -> tensor<2x4x2x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$rois,
    AnyTensor:$target_lvls,
    Variadic<AnyTensor>:$inputs,
    Top_RoiAlignModeAttr:$mode,
    I64Attr:$num_levels,
    I64Attr:$output_height,
    I64Attr:$output_width,
    I64Attr:$sampling_ratio,
    F64ArrayAttr:$spatial_scales,
    BoolAttr:$align_corners,
    BoolAttr:$is_static
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaskRCNNBboxPoolerOp : Top_Op<"MaskRCNN_BboxPooler"> {
  let summary = "Regions of a feature pyramid for the box head of a Mask R-CNN";
  let description = [{
    The extractor of MMDetection's Mask R-CNN. A row of `rois_multi_batch` is x1, y1, x2, y2, score, as
    MaskRCNN_RPNGetBboxes gives them. Regions are cut as by RoiAlign (mean, aligned, as many samples as there are
    pixels) from the map whose level is floor(log2(sqrt(area) / 56 + 1e-6)), limited to the `ROI_NUM_LEVELS` that
    there are; the maps have the strides 4, 8, 16, 32. The second result has rows image, x1, y1, x2, y2.

    Constraints:
    1. Four maps [N, CHANNEL_ROI, H, W], the first one of ROI_H x ROI_W; `rois_multi_batch` is [N, ROI_SLICE, 1, 5]
       in any arrangement.
    2. `ROI_NUM_LEVELS` is 4, `ROI_LEN` is 5, sizes are at least 1.

    Example:

    ```mlir
    // %rois: values 4 to 40
    %y, %r = "top.MaskRCNN_BboxPooler"(%a, %b, %c, %d, %rois) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64,
        ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64,
        ROI_LEN = 5 : i64}
        : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x3x1x5xf32>)
          -> (tensor<3x2x2x2xf32>, tensor<1x3x1x5xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$ptr_feat0,
    AnyTensor:$ptr_feat1,
    AnyTensor:$ptr_feat2,
    AnyTensor:$ptr_feat3,
    AnyTensor:$rois_multi_batch,
    I64Attr:$ROI_NUM_LEVELS,
    I64Attr:$ROI_H,
    I64Attr:$ROI_W,
    I64Attr:$CHANNEL_ROI,
    I64Attr:$ROI_SLICE,
    I64Attr:$ROI_PH,
    I64Attr:$ROI_PW,
    I64Attr:$ROI_LEN
  );
  let results = (outs AnyTensor:$result_res, AnyTensor:$result_rois);
}

def Top_MaskRCNNGetBboxBOp : Top_Op<"MaskRCNN_GetBboxB"> {
  let summary = "Boxes of the box head of a Mask R-CNN";
  let description = [{
    The box head of MMDetection's Mask R-CNN. Operands are regions (rows image, x1, y1, x2, y2), differences (rows
    of NUM_CLASSES_getBboxB * 4), class scores before their softmax (rows of NUM_CLASSES_getBboxB + 1, the last one
    is background), the largest x and y, and factors from the picture to the network's input; of the last two the
    first row of each image is read. A difference times its standard deviation (`delta2bbox_stds_0` for centers,
    `delta2bbox_stds_1` for sizes) plus `delta2bbox_means` moves its region (logarithms limited to -+
    `wh_ratio_log`); boxes are limited to 0 ... `max_val` and divided by the factors. Those with a score above
    `threshold_score_eq` are sorted; one is kept if its intersection over union with every better one of its class
    is at most `nms_iou_thr`, at most `MAX_PER_IMG_GetBboxB`. Rows of the results are x1, y1, x2, y2, score, and the
    class; the rest is 0. The other attributes describe buffers of the chip.

    Constraints:
    1. `scale_factor` is [1, N, ..., 4]; regions, differences and scores have one row per region, a multiple of N;
       `max_val` has a multiple of N rows of four.
    2. `NUM_CLASSES_getBboxB` and `MAX_PER_IMG_GetBboxB` are at least 1.

    Example:

    ```mlir
    %b, %l = "top.MaskRCNN_GetBboxB"(%rois, %deltas, %scores, %max, %factors) {threshold_score_eq = 0.05 : f64,
        wh_ratio_log = 4.135 : f64, nms_iou_thr = 0.5 : f64, delta2bbox_means = 0.0 : f64, delta2bbox_stds_0 = 0.1 : f64,
        delta2bbox_stds_1 = 0.2 : f64, NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, TOPK_ONNX_NMS = 8 : i64,
        NUM_CLASSES_getBboxB = 2 : i64, MAX_NMS_LENGTH_GetBboxB = 8 : i64, MAX_PER_IMG = 8 : i64,
        MAX_PER_IMG_GetBboxB = 4 : i64}
        : (tensor<1x3x1x5xf32>, tensor<1x3x1x8xf32>, tensor<1x3x1x3xf32>, tensor<1x6x1x4xf32>, tensor<1x1x6x4xf32>)
          -> (tensor<1x1x4x5xf32>, tensor<1x1x4x1xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$ptr_rois,
    AnyTensor:$ptr_bbox,
    AnyTensor:$ptr_score,
    AnyTensor:$max_val,
    AnyTensor:$scale_factor,
    F64Attr:$threshold_score_eq,
    F64Attr:$wh_ratio_log,
    F64Attr:$nms_iou_thr,
    F64Attr:$delta2bbox_means,
    F64Attr:$delta2bbox_stds_0,
    F64Attr:$delta2bbox_stds_1,
    I64Attr:$NUM_INDEXES,
    I64Attr:$NUM_CLASSES,
    I64Attr:$TOPK_ONNX_NMS,
    I64Attr:$NUM_CLASSES_getBboxB,
    I64Attr:$MAX_NMS_LENGTH_GetBboxB,
    I64Attr:$MAX_PER_IMG,
    I64Attr:$MAX_PER_IMG_GetBboxB
  );
  let results = (outs AnyTensor:$result_det_bboxes, AnyTensor:$result_det_labels);
}

def Top_MaskRCNNMaskPoolerOp : Top_Op<"MaskRCNN_MaskPooler"> {
  let summary = "Regions of a feature pyramid for the mask head of a Mask R-CNN";
  let description = [{
    As MaskRCNN_BboxPooler, for found boxes: a row x1, y1, x2, y2, score of `det_bboxes_multi_batch` is multiplied
    by the row of `scale_factor`, which leads from the picture to the network's input. Labels are not read.

    Constraints:
    1. Four maps [N, CHANNEL_ROI, H, W], the first one of ROI_H x ROI_W; N * ROI_SLICE boxes, labels and factors.
    2. `ROI_NUM_LEVELS` is 4, `ROI_LEN` is 5, sizes are at least 1.

    Example:

    ```mlir
    // %boxes: values 4 to 40
    %y = "top.MaskRCNN_MaskPooler"(%a, %b, %c, %d, %boxes, %labels, %scale) {ROI_NUM_LEVELS = 4 : i64, ROI_H = 16 : i64,
        ROI_W = 16 : i64, CHANNEL_ROI = 2 : i64, ROI_SLICE = 3 : i64, ROI_PH = 2 : i64, ROI_PW = 2 : i64,
        ROI_LEN = 5 : i64}
        : (tensor<1x2x16x16xf32>, tensor<1x2x8x8xf32>, tensor<1x2x4x4xf32>, tensor<1x2x2x2xf32>, tensor<1x1x3x5xf32>,
           tensor<1x1x3x1xf32>, tensor<1x1x3x4xf32>) -> tensor<3x2x2x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$x_0,
    AnyTensor:$x_1,
    AnyTensor:$x_2,
    AnyTensor:$x_3,
    AnyTensor:$det_bboxes_multi_batch,
    AnyTensor:$det_labels_multi_batch,
    AnyTensor:$scale_factor,
    I64Attr:$ROI_NUM_LEVELS,
    I64Attr:$ROI_H,
    I64Attr:$ROI_W,
    I64Attr:$CHANNEL_ROI,
    I64Attr:$ROI_SLICE,
    I64Attr:$ROI_PH,
    I64Attr:$ROI_PW,
    I64Attr:$ROI_LEN
  );
  let results = (outs AnyTensor:$result_res);
}

def Top_MaskRCNNRPNGetBboxesOp : Top_Op<"MaskRCNN_RPNGetBboxes"> {
  let summary = "Regions that the region proposal network of a Mask R-CNN suggests";
  let description = [{
    The proposal head of MMDetection's Mask R-CNN. Operands of five levels are class scores [N, A, H, W] before
    their sigmoid, box differences [N, A * 4, H, W] and anchors, rows x1, y1, x2, y2 (and one number that is not
    read) in the order of rows, columns, anchors; of `max_shape` the first row of each image is read, the largest x
    and y. Of each level the `NMS_PRE` best scores are taken. A difference times its `std` plus its `mean` moves the
    anchor (centers in units of its size, logarithms of sizes limited to -+ `delta2bbox_max_scalar_c`); boxes are
    limited to 0 ... `max_shape`. Those with a score of at least `conf_threshold` and an area are sorted; one is
    kept if its intersection over union with every better one of its level is at most `iou_threshold`, at most
    `MAX_PER_IMG`. A row of the result is x1, y1, x2, y2, and the score where anchors have five numbers; the rest is
    0. The other attributes describe buffers of the chip.

    Constraints:
    1. Five levels of equal N and A, with `CHANNEL_RPN_SCORES` = A and `CHANNEL_RPN_BBOXES` = 4 * A channels, whose
       anchors have A * H * W rows of four or five numbers.
    2. `NMS_PRE` and `MAX_PER_IMG` are at least 1.

    Example:

    ```mlir
    %y = "top.MaskRCNN_RPNGetBboxes"(%c0, %c1, %c2, %c3, %c4, %b0, %b1, %b2, %b3, %b4, %max, %a0, %a1, %a2, %a3, %a4)
        {delta2bbox_mean_0 = 0.0 : f64, delta2bbox_mean_1 = 0.0 : f64, delta2bbox_mean_2 = 0.0 : f64,
         delta2bbox_mean_3 = 0.0 : f64, delta2bbox_std_0 = 1.0 : f64, delta2bbox_std_1 = 1.0 : f64,
         delta2bbox_std_2 = 1.0 : f64, delta2bbox_std_3 = 1.0 : f64, delta2bbox_max_scalar_c = 4.135 : f64,
         iou_threshold = 0.7 : f64, conf_threshold = 0.0 : f64, MAX_LENGTH_STATIC_STRECHED = 8 : i64,
         NUM_INDEXES = 3 : i64, NUM_CLASSES = 1 : i64, CHANNEL_RPN_BBOXES = 4 : i64, CHANNEL_RPN_SCORES = 1 : i64,
         NMS_PRE = 4 : i64, HARDWARE_FACTOR_TOPK = 3 : i64, NMS_MAX_LENGTH = 8 : i64, TOPK_ONNX_NMS = 8 : i64,
         H_RPN_DYN_MAX = 2 : i64, W_RPN_DYN_MAX = 2 : i64, MAX_PER_IMG = 6 : i64}
        : (tensor<1x1x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>,
           tensor<1x4x2x2xf32>, tensor<1x4x1x2xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>,
           tensor<1x1x8x4xf32>, tensor<1x1x4x5xf32>, tensor<1x1x2x5xf32>, tensor<1x1x1x5xf32>, tensor<1x1x1x5xf32>,
           tensor<1x1x1x5xf32>) -> tensor<1x1x6x5xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$cls_scores_0,
    AnyTensor:$cls_scores_1,
    AnyTensor:$cls_scores_2,
    AnyTensor:$cls_scores_3,
    AnyTensor:$cls_scores_4,
    AnyTensor:$bbox_preds_0,
    AnyTensor:$bbox_preds_1,
    AnyTensor:$bbox_preds_2,
    AnyTensor:$bbox_preds_3,
    AnyTensor:$bbox_preds_4,
    AnyTensor:$max_shape,
    AnyTensor:$mlvl_anchors_0,
    AnyTensor:$mlvl_anchors_1,
    AnyTensor:$mlvl_anchors_2,
    AnyTensor:$mlvl_anchors_3,
    AnyTensor:$mlvl_anchors_4,
    F64Attr:$delta2bbox_mean_0,
    F64Attr:$delta2bbox_mean_1,
    F64Attr:$delta2bbox_mean_2,
    F64Attr:$delta2bbox_mean_3,
    F64Attr:$delta2bbox_std_0,
    F64Attr:$delta2bbox_std_1,
    F64Attr:$delta2bbox_std_2,
    F64Attr:$delta2bbox_std_3,
    F64Attr:$delta2bbox_max_scalar_c,
    F64Attr:$iou_threshold,
    F64Attr:$conf_threshold,
    I64Attr:$MAX_LENGTH_STATIC_STRECHED,
    I64Attr:$NUM_INDEXES,
    I64Attr:$NUM_CLASSES,
    I64Attr:$CHANNEL_RPN_BBOXES,
    I64Attr:$CHANNEL_RPN_SCORES,
    I64Attr:$NMS_PRE,
    I64Attr:$HARDWARE_FACTOR_TOPK,
    I64Attr:$NMS_MAX_LENGTH,
    I64Attr:$TOPK_ONNX_NMS,
    I64Attr:$H_RPN_DYN_MAX,
    I64Attr:$W_RPN_DYN_MAX,
    I64Attr:$MAX_PER_IMG
  );
  let results = (outs AnyTensor:$result_list);
}

def Top_ROIPoolingOp : Top_Op<"ROIPooling"> {
  let summary = "Regions of feature maps in one size, by maxima of whole pixels";
  let description = [{
    Operands are the map [N, C, H, W] and regions, rows image, x1, y1, x2, y2. Corners times `spatial_scale` are
    rounded (halves away from zero); both belong to the region, whose size is at least 1. It is divided into
    pooled_h x pooled_w cells whose bounds are rounded outwards and cut at the map; the result is the maximum of a
    cell, 0 of an empty one.

    Constraints:
    1. The map has rank 4, the regions [..., 5].
    2. Pooled sizes are at least 1, `spatial_scale` is positive and finite.

    Example:

    ```mlir
    // %rois: constant 0 0 0 12 12
    %y = "top.ROIPooling"(%x, %rois) {pooled_h = 2 : i64, pooled_w = 2 : i64, spatial_scale = 0.25 : f64}
        : (tensor<1x4x8x8xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x2x2xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$pooled_h,
    I64Attr:$pooled_w,
    F64Attr:$spatial_scale
  );
  let results = (outs AnyTensor:$output);
}

def Top_ProposalOp : Top_Op<"Proposal"> {
  let summary = "Regions that a region proposal network suggests";
  let description = [{
    Operands are scores [N, 2 * A, H, W] (A of background, then A of objects), and box differences [N, 4 * A, H, W];
    a third one (sizes of the image) is not read. The A = 9 anchors of a cell have the ratios 1/2, 1, 2 at each of
    the scales 8, 16, 32 of a square of `anchor_base_size`, and cells lie `feat_stride` apart. A box is its anchor
    moved by the differences (dx, dy in units of the anchor's size, dw, dh logarithms), limited to the input of
    net_input_h x net_input_w; corners are pixels that belong to the box, as in Faster R-CNN. Those with a score
    above `rpn_obj_threshold` are sorted; one is kept if its intersection over union with every better one is at
    most `rpn_nms_threshold`, at most `rpn_nms_post_top_n`. A row of the result is image, x1, y1, x2, y2, the rest
    0.

    Constraints:
    1. Two or three operands; scores and differences as above, with A = 9.
    2. Sizes, stride and `rpn_nms_post_top_n` are at least 1.

    Example:

    ```mlir
    %y = "top.Proposal"(%scores, %boxes) {net_input_h = 64 : i64, net_input_w = 64 : i64, feat_stride = 16 : i64,
        anchor_base_size = 16 : i64, rpn_obj_threshold = 0.1 : f64, rpn_nms_threshold = 0.7 : f64,
        rpn_nms_post_top_n = 6 : i64} : (tensor<1x18x4x4xf32>, tensor<1x36x4x4xf32>) -> tensor<1x1x6x5xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$net_input_h,
    I64Attr:$net_input_w,
    I64Attr:$feat_stride,
    I64Attr:$anchor_base_size,
    F64Attr:$rpn_obj_threshold,
    F64Attr:$rpn_nms_threshold,
    I64Attr:$rpn_nms_post_top_n
  );
  let results = (outs AnyTensor:$output);
}

def Top_FrcnDetectionOp : Top_Op<"FrcnDetection"> {
  let summary = "Boxes of a Faster R-CNN network: decoding, suppression per class, the best of all classes";
  let description = [{
    Operands are box differences [R, 4 * class_num], class scores [R, class_num], and regions (rows image, x1, y1,
    x2, y2, as Proposal gives them). For every class but 0, which is background: regions with a score above
    `obj_threshold` are moved by their differences (dx, dy in units of the region's size, dw, dh logarithms); one is
    kept if its intersection over union with every better one of its class is at most `nms_threshold`. Of all
    classes the `keep_topk` best stay. A row of the result is x1, y1, x2, y2, class, score, in the order of falling
    scores; the rest is 0. With N images there are N times keep_topk rows, R / N regions belonging to each.

    Constraints:
    1. Three operands of one R as above; R is a multiple of N, the number of images, which is that of the regions'
       first axis.
    2. `class_num` is at least 2, `keep_topk` at least 1.

    Example:

    ```mlir
    // %rois: constant 0 2 3 20 25 0 8 8 30 30
    %y = "top.FrcnDetection"(%deltas, %scores, %rois) {class_num = 3 : i64, obj_threshold = 0.1 : f64,
        nms_threshold = 0.5 : f64, keep_topk = 4 : i64}
        : (tensor<2x12xf32>, tensor<2x3xf32>, tensor<1x1x2x5xf32>) -> tensor<1x1x4x6xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$class_num,
    F64Attr:$obj_threshold,
    F64Attr:$nms_threshold,
    I64Attr:$keep_topk
  );
  let results = (outs AnyTensor:$output);
}

def Top_RetinaFaceDetectionOp : Top_Op<"RetinaFaceDetection"> {
  let summary = "Faces with five landmarks from the heads of a RetinaFace network";
  let description = [{
    Nine operands, three per level: class scores [N, 4, H, W] (2 of background, 2 of faces, after the softmax), box
    differences [N, 8, H, W], landmarks [N, 20, H, W]; the levels have the strides 32, 16, 8. Cells have two square
    anchors of 512 and 256, 128 and 64, 32 and 16 pixels around (7.5, 7.5), and a box is its anchor moved by the
    differences as in Proposal; a landmark is the anchor's center moved by its difference in units of the anchor's
    size. Faces with a score above `confidence_threshold` are sorted; one is kept if its intersection over union
    with every better one is at most `nms_threshold`, at most `keep_topk`. A row of the result is x1, y1, x2, y2,
    score, five times x, y; the rest is 0.

    Constraints:
    1. Nine operands as above, with two anchors per cell.
    2. `keep_topk` is at least 1.

    Example:

    ```mlir
    %y = "top.RetinaFaceDetection"(%a, %b, %c, %d, %e, %f, %g, %h, %i) {nms_threshold = 0.4 : f64,
        confidence_threshold = 0.5 : f64, keep_topk = 4 : i64}
        : (tensor<1x4x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x20x1x1xf32>,
           tensor<1x4x2x2xf32>, tensor<1x8x2x2xf32>, tensor<1x20x2x2xf32>,
           tensor<1x4x4x4xf32>, tensor<1x8x4x4xf32>, tensor<1x20x4x4xf32>) -> tensor<1x1x4x15xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    F64Attr:$nms_threshold,
    F64Attr:$confidence_threshold,
    I64Attr:$keep_topk
  );
  let results = (outs AnyTensor:$output);
}
#endif
