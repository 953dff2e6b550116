// Top ops: ops that move data or change shapes. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.

def Top_ReshapeOp : Top_Op<"Reshape"> {
  let summary = "The same elements in another shape";
  let description = [{
    Row-major order stays. In `shape`, 0 stands for the input's extent at that position and one -1 for what is left;
    shape inference replaces both. Without `shape`, the axes from `flatten_start_dim` on become one. A constant
    `shapeT` is moved into the attribute by shape inference.

    Constraints:
    1. The number of elements stays.
    2. At most one -1; no value below -1.

    Example:

    ```mlir
    %y = "top.Reshape"(%x) {shape = [1, 128]} : (tensor<1x8x4x4xf32>) -> tensor<1x128xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Optional<AnyTensor>:$shapeT,
    OptionalAttr<I64ArrayAttr>:$shape,
    DefaultValuedAttr<I64Attr, "-1">:$flatten_start_dim
  );
  let results = (outs AnyTensor:$output);
}

def Top_FlattenOp : Top_Op<"Flatten"> {
  let summary = "Joins axes";
  let description = [{
    The axes from `start_dim` to `end_dim` (inclusive, negative: from the end) become one.

    Constraints:
    1. `start_dim` is within the rank or equal to it; `end_dim` is not before it.

    Example:

    ```mlir
    %y = "top.Flatten"(%x) {start_dim = 1 : i64} : (tensor<2x8x4x4xf32>) -> tensor<2x128xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<I64Attr, "0">:$start_dim,
    DefaultValuedAttr<I64Attr, "-1">:$end_dim
  );
  let results = (outs AnyTensor:$output);
}

def Top_SqueezeOp : Top_Op<"Squeeze"> {
  let summary = "Drops axes of extent 1";
  let description = [{
    Drops the listed axes, or all of extent 1 if none is listed. A result without axes has the shape [1]
    (`is_scalar`).

    Constraints:
    1. Each axis is within the rank (negative: from the end) and has extent 1.

    Example:

    ```mlir
    %y = "top.Squeeze"(%x) {axes = [1]} : (tensor<2x1x4xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$axes,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_UnsqueezeOp : Top_Op<"Unsqueeze"> {
  let summary = "Adds axes of extent 1";
  let description = [{
    The result has extent 1 at the listed axes, which count in the result.

    Constraints:
    1. Each axis is within the rank of the result (negative: from the end); none is given twice.

    Example:

    ```mlir
    %y = "top.Unsqueeze"(%x) {axes = [1]} : (tensor<2x4xf32>) -> tensor<2x1x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$axes
  );
  let results = (outs AnyTensor:$output);
}

def Top_PermuteOp : Top_Op<"Permute"> {
  let summary = "Reorders axes";
  let description = [{
    Axis i of the result is axis `order[i]` of the input.

    Constraints:
    1. `order` is a permutation of the input's axes.

    Example:

    ```mlir
    %y = "top.Permute"(%x) {order = [0, 3, 1, 2]} : (tensor<1x4x6x3xf32>) -> tensor<1x3x4x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$order
  );
  let results = (outs AnyTensor:$output);
}

def Top_TransposeOp : Top_Op<"Transpose"> {
  let summary = "Exchanges two axes";
  let description = [{
    Canonicalization turns it into Permute.

    Constraints:
    1. `dim0` and `dim1` are within the rank (negative: from the end).

    Example:

    ```mlir
    %y = "top.Transpose"(%x) {dim0 = 1 : si32, dim1 = 2 : si32} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$dim0,
    SI32Attr:$dim1
  );
  let results = (outs AnyTensor:$output);
}

def Top_ConcatOp : Top_Op<"Concat"> {
  let summary = "Joins tensors along an axis";
  let description = [{
    The inputs lie one after the other along `axis`. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. There is at least one input; all have one rank.
    2. `axis` is within the rank (negative: from the end).
    3. All extents other than that of `axis` are equal.

    Example:

    ```mlir
    %y = "top.Concat"(%a, %b) {axis = 1 : si32}
        : (tensor<1x2x4x4xf32>, tensor<1x3x4x4xf32>) -> tensor<1x5x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<SI32Attr, "1">:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$only_merge,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_SliceOp : Top_Op<"Slice"> {
  let summary = "Every n-th element of a range per axis";
  let description = [{
    Along axis a, the elements `offset[a]`, `offset[a] + steps[a]` ... before `ends[a]`. The entries belong to `axes`,
    or to all axes from the front if `axes` is empty. Negative offsets and ends count from the end of the axis; both
    are clamped to it. A negative step goes backwards, where an end of -(extent + 1) lies before the first element.
    Constant `offsetT`, `endsT` and `stepsT` are moved into the attributes by shape inference, which also fills in all
    axes.

    Constraints:
    1. `offset`, `ends` and `steps` have one entry per listed axis.
    2. No axis is given twice; no step is 0.
    3. The result is not empty.

    Example:

    ```mlir
    %y = "top.Slice"(%x, %n, %n, %n) {ends = [4, 8], offset = [0, 2], steps = [1, 2]}
        : (tensor<4x8xf32>, none, none, none) -> tensor<4x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$offsetT,
    AnyTensorOrNone:$endsT,
    AnyTensorOrNone:$stepsT,
    I64ArrayAttr:$offset,
    I64ArrayAttr:$steps,
    I64ArrayAttr:$ends,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$axes,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$hasparamConvert_axes
  );
  let results = (outs AnyTensor:$output);
}

def Top_PadOp : Top_Op<"Pad"> {
  let summary = "Adds elements around a tensor";
  let description = [{
    `paddings` are all begins, then all ends. `mode` is constant (`val`), reflect (mirrored without the edge),
    symmetric (mirrored with the edge) or edge. A constant `paddingsT` is moved into the attribute by shape inference.

    Constraints:
    1. `paddings` has two entries per axis, none negative.
    2. reflect adds less than the extent of an axis, symmetric not more than it; edge needs an element.

    Example:

    ```mlir
    %y = "top.Pad"(%x) {mode = "constant", paddings = [0, 0, 1, 1, 0, 0, 1, 1], val = 0.0 : f64}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x6x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Optional<AnyTensorOrNone>:$paddingsT,
    I64ArrayAttr:$paddings,
    DefaultValuedAttr<F64Attr, "0.0">:$val,
    Top_PaddingModeAttr:$mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_UpsampleOp : Top_Op<"Upsample", [SupportFuseRelu]> {
  let summary = "Repeats pixels";
  let description = [{
    `output[n, c, h, w] = input[n, c, h / scale_h, w / scale_w]`. `do_relu` applies a Relu with `relu_limit`
    afterwards.

    Constraints:
    1. `input` has rank 4.
    2. `scale_h` and `scale_w` are at least 1.

    Example:

    ```mlir
    %y = "top.Upsample"(%x) {scale_h = 2 : i64, scale_w = 2 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x8x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$scale_h,
    I64Attr:$scale_w,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_InterpOp : Top_Op<"Interp"> {
  let summary = "Resizes images";
  let description = [{
    Nearest or (bi)linear interpolation of the last one or two axes. `coord_mode` relates coordinates: asymmetric x /
    scale, half_pixel (x + 1/2) / scale - 1/2, pytorch_half_pixel the same but 0 for an extent of 1, align_corners x *
    (in - 1) / (out - 1). A constant `target_shape` gives the extents and is replaced by scales by shape inference.

    Constraints:
    1. `input` has rank 3 or 4.
    2. Each result extent is floor(extent * scale) and at least 1.
    3. `target_shape` has one value per spatial axis or per axis.

    Example:

    ```mlir
    %y = "top.Interp"(%x, %n) {coord_mode = "half_pixel", mode = "linear", scale_h = 1.5 : f64, scale_w = 1.5 : f64}
        : (tensor<1x8x4x4xf32>, none) -> tensor<1x8x6x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$target_shape,
    Top_InterpModeAttr:$mode,
    Top_InterpCoordModeAttr:$coord_mode,
    DefaultValuedAttr<F64Attr, "-1.0">:$scale_h,
    DefaultValuedAttr<F64Attr, "-1.0">:$scale_w
  );
  let results = (outs AnyTensor:$output);
}

def Top_ReduceOp : Top_Op<"Reduce"> {
  let summary = "Combines the elements along axes";
  let description = [{
    `mode` is ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd, ReduceL1 (sum of absolute values) or ReduceL2
    (root of the sum of squares). An empty `axes` means all. With `keepdims` the axes stay with extent 1; a result
    without axes has the shape [1] (`is_scalar`).

    Constraints:
    1. Each axis is within the rank (negative: from the end).

    Example:

    ```mlir
    %y = "top.Reduce"(%x) {axes = [2], keepdims = true, mode = "ReduceSum"}
        : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$axes,
    BoolAttr:$keepdims,
    Top_ReduceModeAttr:$mode,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_TileOp : Top_Op<"Tile"> {
  let summary = "Repeats a tensor along axes";
  let description = [{
    The result is `tile[a]` copies along axis a; the shorter of shape and `tile` is extended with ones at its front. A
    constant `tileT` is moved into the attribute by shape inference.

    Constraints:
    1. Each repeat is at least 1.

    Example:

    ```mlir
    %y = "top.Tile"(%x) {tile = [2, 1, 4]} : (tensor<1x3x1xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Optional<AnyTensor>:$tileT,
    OptionalAttr<I64ArrayAttr>:$tile
  );
  let results = (outs AnyTensor:$output);
}

def Top_Depth2SpaceOp : Top_Op<"Depth2Space"> {
  let summary = "Moves blocks of channels to blocks of pixels";
  let description = [{
    A pixel of `block_h * block_w * C` channels becomes a block of pixels of C channels. With `is_CRD` the channel
    index is [C][block_h][block_w], otherwise [block_h][block_w][C] (`swap_cr` exchanges row and column there).
    `is_inversed` goes the other way. `in_is_NCHW` and `out_is_NCHW` = false mean [N, H, W, C].

    Constraints:
    1. `input` has rank 4; blocks are at least 1.
    2. The block divides the channels, or, inversed, height and width.

    Example:

    ```mlir
    %y = "top.Depth2Space"(%x) {block_h = 2 : i64, block_w = 2 : i64, is_CRD = false, is_inversed = false}
        : (tensor<1x8x4x4xf32>) -> tensor<1x2x8x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$block_h,
    I64Attr:$block_w,
    BoolAttr:$is_CRD,
    BoolAttr:$is_inversed,
    DefaultValuedAttr<BoolAttr, "true">:$in_is_NCHW,
    DefaultValuedAttr<BoolAttr, "true">:$out_is_NCHW,
    DefaultValuedAttr<BoolAttr, "false">:$swap_cr
  );
  let results = (outs AnyTensor:$output);
}
