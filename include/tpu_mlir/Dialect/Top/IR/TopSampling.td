// Top ops: pooling, unpooling and sampling beyond the core. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_SAMPLING
#define TPU_MLIR_TOP_SAMPLING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_AdaptiveAvgPoolOp : Top_Op<"AdaptiveAvgPool"> {
  let summary = "Mean of windows for a wanted result size";
  let description = [{
    `output[b, c, p...]` is the mean of `input[b, c, ...]` over positions floor(p * extent / size) to ceil((p + 1) *
    extent / size) - 1 of each spatial axis, with the size of the result from `output_size`. Canonicalization turns it
    into AvgPool where all windows are equal, else into a matrix product where the matrix is not too large.

    Constraints:
    1. `output_size` has n = 1, 2 or 3 values of at least 1; `input` has rank n + 2 and no empty spatial axis.

    Example:

    ```mlir
    %y = "top.AdaptiveAvgPool"(%x) {output_size = [3, 7]} : (tensor<1x8x16x16xf32>) -> tensor<1x8x3x7xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$output_size
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaxPoolWithMaskOp : Top_Op<"MaxPoolWithMask"> {
  let summary = "Maximum of windows, and where it was";
  let description = [{
    `output` is that of MaxPool. `mask[b, c, p...]` is the index of the maximum within the plane `input[b, c]` in row-major
    order: of the first one where several are equal, and of the first value that is not a number if the window has one.
    `do_relu` applies a Relu with `relu_limit` to `output` afterwards. Where nothing uses the mask, canonicalization
    makes it a MaxPool.

    Constraints:
    1. `kernel_shape` has n = 1, 2 or 3 values; `input` has rank n + 2, and a plane has at most 2^24 values, so that f32
       holds every index.
    2. `strides` has n values of at least 1; `pads` has 2n values of at least 0: all begins, then all ends.
    3. An empty `kernel_shape` stands for the whole spatial extent.
    4. Each pad is smaller than the kernel, so that every window sees the input.
    5. Each result extent is floor((extent + pads - kernel) / stride) + 1, rounded up instead with `ceil_mode` (a
       window must begin before the end of the input).
    6. With `keepdims` = false the window covers the input, and the spatial axes are dropped.
    7. `is_adaptive` is false, `pad_value` is 0.

    Example:

    ```mlir
    %y, %m = "top.MaxPoolWithMask"(%x) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2]}
        : (tensor<1x8x16x16xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    OptionalAttr<BoolAttr>:$ceil_mode,
    OptionalAttr<Top_AutoPadModeAttr>:$auto_pad,
    DefaultValuedAttr<BoolAttr, "false">:$is_adaptive,
    DefaultValuedAttr<BoolAttr, "true">:$keepdims,
    DefaultValuedAttr<I64Attr, "0">:$pad_value,
    DefaultValuedAttr<BoolAttr, "false">:$count_include_pad,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$first_round_mode
  );
  let results = (outs AnyTensor:$output, AnyTensor:$mask);
}

def Top_MaxUnpoolOp : Top_Op<"MaxUnpool"> {
  let summary = "Values put back to where MaxPoolWithMask found them";
  let description = [{
    `output[b, c]` is a plane of zeros except that its value at the row-major index `mask[b, c, h, w]` is
    `input[b, c, h, w]`. Where an index comes twice, the last value stays.

    Constraints:
    1. `input` has rank 4; `mask` has its shape.
    2. `scale_h` and `scale_w` are at least 1; the planes of the result are that much higher and wider, and have at most
       2^24 values.
    3. Each value of `mask` is the index of a value of a result plane; evaluation refuses others.

    Example:

    ```mlir
    // %m: integers 0 to 63
    %y = "top.MaxUnpool"(%x, %m) {scale_h = 2 : i64, scale_w = 2 : i64}
        : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x8x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$mask,
    I64Attr:$scale_h,
    I64Attr:$scale_w
  );
  let results = (outs AnyTensor:$output);
}

def Top_DeformConv2DOp : Top_Op<"DeformConv2D", [SupportFuseRelu]> {
  let summary = "Convolution whose taps are displaced";
  let description = [{
    A Conv over two axes whose tap k of output position p reads the input at p * stride + k * dilation - pad + offset,
    interpolated linearly between its four neighbours (0 outside of the input), times the mask if there is one. Channels
    are divided to `deform_group` groups of neighbours with displacements of their own: channel 2 * (g * K + k) of
    `offset` moves tap k of group g down, the next one moves it to the right; channel g * K + k of `mask` belongs to
    it, where K is the number of taps. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. `input` has rank 4; `kernel_shape`, `strides` and `dilations` have two values of at least 1; `pads` has four
       of at least 0: top, left, bottom, right.
    2. `group` divides the number of input channels and of output channels, `deform_group` that of input channels.
    3. `filter` is [output channels, input channels / group, kernel_shape...]; `bias` is none or has one value per
       output channel.
    4. `offset` is [batch, 2 * deform_group * K, result height, result width]; `mask` is [batch, deform_group * K,
       result height, result width], and none without `use_mask`.
    5. Each result extent is floor((extent + pads - dilation * (kernel - 1) - 1) / stride) + 1 and at least 1.

    Example:

    ```mlir
    %y = "top.DeformConv2D"(%x, %w, %o, %m, %b) {deform_group = 1 : i64, dilations = [1, 1], group = 1 : i64,
        kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [1, 1], use_mask = true}
        : (tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<1x18x6x6xf32>, tensor<1x9x6x6xf32>, tensor<8xf32>)
        -> tensor<1x8x6x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$filter,
    AnyTensor:$offset,
    AnyTensorOrNone:$mask,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group,
    DefaultValuedAttr<I64Attr, "1">:$deform_group,
    DefaultValuedAttr<BoolAttr, "false">:$use_mask,
    OptionalAttr<I64ArrayAttr>:$dilations,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_CorrelationOp : Top_Op<"Correlation"> {
  let summary = "Products of two images at displacements, as in stereo matching";
  let description = [{
    `output[g, d, y, x]` is the mean over the channels c of group g of inputs[0][0, c, y, x] * inputs[1][0, c, y, x - d];
    0 where x - d is outside. Groups are `num_groups` groups of neighbouring channels.

    Constraints:
    1. There are two operands of the same shape [1, C, H, W].
    2. `max_disp` is at least 1: displacements are 0 to `max_disp` - 1.
    3. `num_groups` divides C.
    4. The result is [num_groups, max_disp, H, W].

    Example:

    ```mlir
    %y = "top.Correlation"(%a, %b) {max_disp = 3 : i64, num_groups = 2 : i64}
        : (tensor<1x8x4x6xf32>, tensor<1x8x4x6xf32>) -> tensor<2x3x4x6xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<I64Attr, "0">:$max_disp,
    DefaultValuedAttr<I64Attr, "1">:$num_groups
  );
  let results = (outs AnyTensor:$output);
}

def Top_ConcatVolumeOp : Top_Op<"ConcatVolume"> {
  let summary = "Channels of two images at displacements, as in stereo matching";
  let description = [{
    For every displacement d the channels of the left image, then those of the right one moved by d: `output[b, c, d, y,
    x]` is inputs[0][b, c, y, x] for c below C, and inputs[1][b, c - C, y, x - d] for the others, 0 where x - d is
    outside.

    Constraints:
    1. There are two operands of the same shape [B, C, H, W].
    2. `max_disp` is at least 1: displacements are 0 to `max_disp` - 1.
    3. The result is [B, 2 C, max_disp, H, W].

    Example:

    ```mlir
    %y = "top.ConcatVolume"(%a, %b) {max_disp = 3 : i64}
        : (tensor<1x4x4x6xf32>, tensor<1x4x4x6xf32>) -> tensor<1x8x3x4x6xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<I64Attr, "0">:$max_disp
  );
  let results = (outs AnyTensor:$output);
}

def Top_GridSamplerOp : Top_Op<"GridSampler"> {
  let summary = "Values of an image at computed places";
  let description = [{
    `output[b, c, p...]` is the value of `input[b, c]` at the place `grid[b, p...]`, whose coordinates (x, y, with three
    axes also z; x belongs to the last axis) run from -1 to 1 over the image: with `align_corners` -1 and 1 are the
    centres of the outer pixels, otherwise their outer edges.
    `mode`: 0 interpolates linearly between 2^n neighbours, 1 takes the nearest pixel (halves to even), 2 is cubic
    convolution over 4 x 4 neighbours with the coefficient -0.75. `padding_mode`, for places outside of the image: 0
    pixels there are 0, 1 the nearest border pixel, 2 reflection at the centres of the outer pixels (`align_corners`)
    or at their outer edges. A coordinate that is no number counts as lying far outside.

    Constraints:
    1. `input` is [B, C, H, W] or [B, C, D, H, W] without empty spatial axes; `grid` is [B, result extents..., n] with
       n = 2 or 3.
    2. `mode` is 0, 1, or with two axes 2; `padding_mode` is 0, 1 or 2.
    3. The result is [B, C, result extents...].

    Example:

    ```mlir
    %y = "top.GridSampler"(%x, %g) {align_corners = false, mode = 0 : i64, padding_mode = 0 : i64}
        : (tensor<1x8x4x4xf32>, tensor<1x5x6x2xf32>) -> tensor<1x8x5x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$grid,
    I64Attr:$mode,
    I64Attr:$padding_mode,
    BoolAttr:$align_corners
  );
  let results = (outs AnyTensor:$output);
}
#endif
