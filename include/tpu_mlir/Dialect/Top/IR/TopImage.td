// Top ops: pictures and their preprocessing. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_IMAGE
#define TPU_MLIR_TOP_IMAGE
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_MeanStdScaleOp : Top_Op<"MeanStdScale"> {
  let summary = "Normalization of a picture";
  let description = [{
    `output = (input - mean[c]) / std[c]`, where c is the channel: axis 1, or the last one if `channel_order` is nhwc. A
    quantized result is rounded to its type. `scale`, `zero_points`, `quant_mode` and `rounding_mode` say how integer
    arithmetic gets there, `customization_format` and `resize_dims` where the picture comes from, `sign` that integers
    have one; values do not depend on them.

    Constraints:
    1. `channel_order` is nchw or nhwc.
    2. `mean` and `std` have one value, or one per channel; all are finite, and no `std` is 0.
    3. `input` has rank 2 or more; the result has its shape.

    Example:

    ```mlir
    %y = "top.MeanStdScale"(%x) {channel_order = "nchw", customization_format = "RGB_PLANAR", mean = [1.0, 2.0, 3.0],
        quant_mode = "MultiplierShift", resize_dims = [4, 4], rounding_mode = "HalfToEven", scale = [1.0],
        std = [2.0, 4.0, 5.0], zero_points = [0.0]}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    StrAttr:$quant_mode,
    StrAttr:$customization_format,
    StrAttr:$channel_order,
    DefaultValuedAttr<BoolAttr, "true">:$sign,
    F64ArrayAttr:$scale,
    F64ArrayAttr:$std,
    F64ArrayAttr:$mean,
    F64ArrayAttr:$zero_points,
    I64ArrayAttr:$resize_dims,
    StrAttr:$rounding_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_PreprocessOp : Top_Op<"Preprocess"> {
  let summary = "A frame of bytes becomes a network's values";
  let description = [{
    The middle of the frame `input`, whose bytes lie as `customization_format` says, with its channels in the order
    `channel_order` (rgb, bgr, gray or rgba): `output = (byte - mean[c]) * scale[c]`. Frames of 4:2:0 chroma become
    colors by ITU-R BT.601 with luma 16 to 235, limited to 0 to 255. `resize_dims` is the size to which the host has
    brought the picture, `quant_mode` and `sign` belong to integer arithmetic; values do not depend on them.

    | format | frame of n pictures |
    | --- | --- |
    | RGB_PLANAR, BGR_PLANAR, RGBA_PLANAR, GRAYSCALE | [n, channels, h, w] |
    | RGB_PACKED, BGR_PACKED | [n, h, w, 3] |
    | YUV420_PLANAR, YUV_NV12, YUV_NV21 | [n, 1, h * 3 / 2, w] |

    Constraints:
    1. `customization_format` is one of the above (any case) and `input` such a frame; 4:2:0 frames have even sizes.
    2. `channel_order` has the channels of the format, or is rgb or bgr for RGBA_PLANAR.
    3. `mean` and `scale` have one value, or one per channel of the result; all are finite.
    4. The result is [n, channels, h', w'], h' and w' not above the frame's; where its shape is not stated it is all of
       the frame.

    Example:

    ```mlir
    %y = "top.Preprocess"(%x) {channel_order = "bgr", customization_format = "RGB_PACKED", mean = [1.0, 2.0, 3.0],
        quant_mode = "MultiplierShift", resize_dims = [6, 8], scale = [0.5]}
        : (tensor<1x6x8x3xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    StrAttr:$quant_mode,
    StrAttr:$customization_format,
    StrAttr:$channel_order,
    I64ArrayAttr:$resize_dims,
    F64ArrayAttr:$scale,
    F64ArrayAttr:$mean,
    DefaultValuedAttr<BoolAttr, "true">:$sign
  );
  let results = (outs AnyTensor:$output);
}

def Top_ScaleLutOp : Top_Op<"ScaleLut"> {
  let summary = "Multiply-add per channel, by tables where values are bytes";
  let description = [{
    `output = input * scale[c] + bias[c]`, where c is the position along axis 1. `sign` says that the tables' results
    have one; values do not depend on it. Canonicalization turns the op into Scale.

    Constraints:
    1. `input` has rank 2 or more.
    2. `scale` and `bias` have one value per channel; all are finite.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.ScaleLut"(%x) {bias = [1.0, -3.0, 0.25], scale = [0.5, 1.0, 2.0]}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64ArrayAttr:$scale,
    F64ArrayAttr:$bias,
    DefaultValuedAttr<BoolAttr, "true">:$sign
  );
  let results = (outs AnyTensor:$output);
}

def Top_SwapChannelOp : Top_Op<"SwapChannel"> {
  let summary = "Channels in another order";
  let description = [{
    `output[b, c, ...] = input[b, channel_order[c], ...]`. Canonicalization turns the op into Slice and Concat.

    Constraints:
    1. `input` has rank 2 or more.
    2. `channel_order` has one value per channel (axis 1), each within 0 to channels - 1.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.SwapChannel"(%x) {channel_order = [2, 1, 0]} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$channel_order
  );
  let results = (outs AnyTensor:$output);
}

def Top_DepackRawOp : Top_Op<"DepackRaw"> {
  let summary = "Four planes become a picture of a color sensor";
  let description = [{
    The inverse of how pictures of a sensor reach a network: each 2 x 2 block of the result has one value of each plane,
    `output[b, 0, 2y + i, 2x + j] = input[b, channel_order[2i + j], y, x] * (white_level - black_level) + black_level`.
    The last `padding_h` rows and `padding_w` columns of the planes are left out.

    Constraints:
    1. `input` is [b, 4, h, w]; `padding_h` is within 0 to h, `padding_w` within 0 to w.
    2. `channel_order` has four values within 0 to 3; the levels are finite.
    3. The result is [b, 1, 2 * (h - padding_h), 2 * (w - padding_w)].

    Example:

    ```mlir
    %y = "top.DepackRaw"(%x) {black_level = 112.0 : f64, channel_order = [3, 2, 0, 1], padding_h = 1 : i64,
        padding_w = 0 : i64, white_level = 4095.0 : f64}
        : (tensor<1x4x4x6xf32>) -> tensor<1x1x6x12xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$padding_h,
    I64Attr:$padding_w,
    F64Attr:$white_level,
    F64Attr:$black_level,
    I64ArrayAttr:$channel_order
  );
  let results = (outs AnyTensor:$output);
}

def Top_Mmap2RgbmapOp : Top_Op<"Mmap2Rgbmap"> {
  let summary = "A motion map for frames of colors";
  let description = [{
    Every value of the last axis six times in a row, once per value of the two color pixels that it belongs to:
    `output[..., 6 * i + j] = input[..., i]`. Upstream defines the shape; the order of the values is our definition.

    Constraints:
    1. `input` has rank 1 or more; the last extent of the result is six times that of `input`.

    Example:

    ```mlir
    %y = "top.Mmap2Rgbmap"(%x) : (tensor<1x1x4x3xf32>) -> tensor<1x1x4x18xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_Yuv2rgbFormulaOp : Top_Op<"Yuv2rgbFormula"> {
  let summary = "Frames of 4:2:0 chroma become colors";
  let description = [{
    ITU-R BT.601: with y the luma and u and v the chroma less 128, one value for 2 x 2 pixels, `_601_full` gives R = y +
    1.402 v, G = y - 0.344136 u - 0.714136 v, B = y + 1.772 u; for `_601_limited` luma less 16 is multiplied by
    255 / 219 and chroma by 255 / 224 first. Results are limited to 0 to 255, and rounded by `round_mode` if
    `image_format` is UINT8. A frame is its luma, row by row, then the chroma. `src_format` is 0 for I420 (all of u,
    then v), 1 for YV12 (all of v, then u), 2 for NV12 (u and v in turns) or 3 for NV21 (v and u in turns);
    `dst_format` is 4 for RGB, 5 for BGR.

    Constraints:
    1. `YUV` is [..., h * 3 / 2, w] with even h and w; the result is [..., 3, h, w].
    2. `src_format` is 0 to 3, `dst_format` 4 or 5.

    Example:

    ```mlir
    // %x: integers 0 to 255
    %y = "top.Yuv2rgbFormula"(%x) {dst_format = 4 : ui32, formula_mode = "_601_full", image_format = "UINT8",
        src_format = 2 : ui32} : (tensor<1x6x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$YUV,
    UI32Attr:$src_format,
    UI32Attr:$dst_format,
    Top_ImageOutFormatAttr:$image_format,
    Top_Yuv2rgbFormulaAttr:$formula_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}
#endif
