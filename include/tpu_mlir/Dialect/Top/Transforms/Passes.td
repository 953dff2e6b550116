// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_TOP_PASSES
#define TPU_MLIR_TOP_PASSES
include "mlir/Pass/PassBase.td"

def Init : Pass<"init", "::mlir::ModuleOp"> {
  let summary = "Checks the module's attributes and finds its weight file";
  let description = [{
    The first pass of a pipeline; `tpuc-opt` and the Python pipelines add it when it is not given. A module that has
    weights must name their file in `module.weight_file`, and the file must hold an array for each of them.
  }];
}

def Deinit : Pass<"deinit", "::mlir::ModuleOp"> {
  let summary = "Writes the weight file that belongs to the module's state";
  let description = [{
    The last pass of a pipeline; added when it is not given. The file name follows from the state: a module `net` in
    state TOP_F32 has `net_top_f32_all_weight.npz`, in TPU_ADDRESSED for F16 `net_tpu_addressed_bm1684x_f16_weight.npz`.
    A pass that wants another name (`convert-top-to-tpu`) sets `module.weight_file` through the weight store. Nothing is
    written when the tool has no output folder (output to the terminal or to /dev/null), or when neither the values, the
    name nor the folder changed.
  }];
  let options = [
    Option<"noSaveWeight", "no_save_weight", "bool", "false", "Leave the weight file as it is">,
  ];
}

def StructOptimize : Pass<"struct-optimize", "::mlir::ModuleOp"> {
  let summary = "Structural clean-up that needs no shapes: merges equal ops, drops dead ones";
  let description = [{
    Two ops of one kind with equal operands and attributes become one, unless both are network outputs (each output
    keeps its name). Weights are equal when their arrays are. Runs before shapes are known, so that later passes see
    each value once.
  }];
}

def ShapeInfer : Pass<"shape-infer", "::mlir::ModuleOp"> {
  let summary = "Gives every value a static shape";
  let description = [{
    Walks each function in order and calls `inferShapes` of every op; unranked types disappear. Shape operands that are
    weights (of Reshape, Slice, Pad, Tile, Interp) become attributes; `auto_pad`, `ceil_mode`, empty pooling kernels and
    negative axes become explicit. The function's result types follow.
  }];
}

def ImportCalibrationTable : Pass<"import-calibration-table", "::mlir::ModuleOp"> {
  let summary = "Give values the ranges of a calibration table";
  let description = [{
    A line of the table is `NAME THRESHOLD MIN MAX`; `#` starts a comment, the lines `#asym_op` and `#weight_scale` a
    section. A value gets the type `!quant.calibrated` with the range -THRESHOLD ... THRESHOLD (0 ... THRESHOLD without
    negative values) or, asymmetric, MIN ... MAX. The state becomes TOP_CALIBRATED.

    1. Ops under `#asym_op` get MIN ... MAX in any case.
    2. Ranges end where the op's results end: 0 and the limit of a rectifier, the bounds of Clip, 0 ... 1 for Sigmoid,
       HardSigmoid and Softmax.
    3. Values that are moved or pooled by maximum keep their range.
    4. The operands of a Concat get its range where nobody else uses them, or where theirs differs little, so that its
       bytes need no conversion.

    Malformed lines, thresholds that are not positive and ranges that are empty or not finite are errors. Names that the
    model lacks, and values that the table lacks, are reported.
  }];
  let options = [
    Option<"file", "file", "std::string", "\"\"", "calibration table">,
    Option<"asymmetric", "asymmetric", "bool", "true", "ranges MIN ... MAX instead of symmetric ones">,
  ];
}

def FusePreprocess : Pass<"fuse-preprocess", "::mlir::ModuleOp"> {
  let summary = "Let the network take frames of bytes and prepare them itself";
  let description = [{
    Every input with `do_preprocess` becomes a frame of bytes of the size `resize_dims` in `customization_format` (by
    default that of `pixel_format` and `channel_format`), typed u8 with scale 1. In front of the network stand: the crop
    of the center, the change of layout, the order of channels, and value * scale - mean * scale as Scale. The input
    keeps its name; the values that it had before are called NAME_preprocess.

    1. RGB_PLANAR, BGR_PLANAR: [n, 3, h, w]; RGB_PACKED, BGR_PACKED: [n, h, w, 3]; GRAYSCALE: [n, 1, h, w];
       RGBA_PLANAR: [n, 4, h, w], of which a network of three channels takes the colors.
    2. YUV420_PLANAR, YUV_NV12, YUV_NV21: [n, 1, h * 3 / 2, w]; luma, then chroma of half size. Chroma is repeated, the
       colors follow ITU-R BT.601 with luma 16 ... 235, in f32 without rounding to bytes, and are limited to 0 ... 255.
    3. `align`: rows are padded to multiples of 32 bytes, packed ones then are [n, 1, h, bytes of a row].
    4. In float modes the Scale is computed in f32 and rounded once; in INT8 it gives the integers of the input's
       calibrated range.
  }];
  let options = [
    Option<"mode", "mode", "std::string", "\"\"", "number type of the network">,
    Option<"customizationFormat", "customization_format", "std::string", "\"\"", "layout of the frames">,
    Option<"align", "align", "bool", "false", "rows of frames are padded to multiples of 32 bytes">,
  ];
}

def AddPostprocess : Pass<"add-postprocess", "::mlir::ModuleOp"> {
  let summary = "Turns the outputs of a detection network into boxes";
  let description = [{
    The outputs of function main become operands of YoloDetection (`yolo_post`) or DetectionOutput (`ssd_post`), whose
    result [1, 1, N * 200, 7] is the only output then. Runs after shape-infer. `module.postprocess` keeps the type.

    1. yolov3, yolov5, yolov7: three outputs of the last convolutions, [N, 3 * (5 + classes), H, W] in any order,
       or [N, 3, H, W, 5 + classes]; or one output of decoded boxes, [N, boxes, 5 + classes].
    2. yolov8, yolov11: one output of decoded boxes, [N, 4 + classes, boxes] or with these axes exchanged.
    3. ssd: locations, class probabilities and priors in any order, [N, P * 4], [N, P * classes], [1, 2, P * 4].

    Anchors are those of the published networks, thresholds 0.5 (ssd: 0.05 for scores); all can be changed in the file.
    Other outputs are an error.
  }];
  let options = [
    Option<"type", "type", "std::string", "\"\"", "yolov3, yolov5, yolov7, yolov8, yolov11 or ssd">,
  ];
}

def ExtraOptimize : Pass<"extra-optimize", "::mlir::ModuleOp"> {
  let summary = "Late clean-up of a canonical module: weights, duplicates, module.FLOPs";
  let description = [{
    1. Weights with equal arrays of one type become one op; weights without users disappear.
    2. Equal ops become one, as in `struct-optimize`.
    3. `module.FLOPs` is the sum of `getFLOPs` of all ops.
  }];
}
#endif
