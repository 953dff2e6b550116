// Tpu ops: ops that move data or change shapes. Verifiers: lib/Dialect/Tpu/IR.

def Tpu_ReshapeOp : Tpu_Op<"Reshape"> {
  let summary = "The same elements in another shape";
  let description = [{
    Row-major order stays; on the chip usually no work.

    Constraints:
    1. The number of elements stays.

    Example:

    ```mlir
    %y = "tpu.Reshape"(%x) {shape = [1, 128]} : (tensor<1x8x4x4xf16>) -> tensor<1x128xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    Optional<AnyTensorOrNone>:$buffer,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$shape,
    DefaultValuedAttr<I64Attr, "-1">:$flatten_start_dim
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_SqueezeOp : Tpu_Op<"Squeeze"> {
  let summary = "Drops axes of extent 1";
  let description = [{
    As top.Squeeze.

    Constraints:
    1. The number of elements stays.

    Example:

    ```mlir
    %y = "tpu.Squeeze"(%x) {axes = [1]} : (tensor<2x1x4xf16>) -> tensor<2x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    I64ArrayAttr:$axes
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_UnsqueezeOp : Tpu_Op<"Unsqueeze"> {
  let summary = "Adds axes of extent 1";
  let description = [{
    As top.Unsqueeze.

    Constraints:
    1. The number of elements stays.

    Example:

    ```mlir
    %y = "tpu.Unsqueeze"(%x) {axes = [1]} : (tensor<2x4xf16>) -> tensor<2x1x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    I64ArrayAttr:$axes
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_PermuteOp : Tpu_Op<"Permute"> {
  let summary = "Reorders axes";
  let description = [{
    Axis i of the result is axis `order[i]` of the input.

    Constraints:
    1. `order` is a permutation of the input's axes; the result has the permuted shape.

    Example:

    ```mlir
    %y = "tpu.Permute"(%x, %n) {order = [0, 3, 1, 2]} : (tensor<1x4x6x3xf16>, none) -> tensor<1x3x4x6xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$buffer,
    I64ArrayAttr:$order,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_ConcatOp : Tpu_Op<"Concat"> {
  let summary = "Joins tensors along an axis";
  let description = [{
    The inputs lie one after the other along `axis`; with `only_merge` they already do so in memory. `do_relu`
    applies a Relu with `relu_limit` afterwards. Quantized inputs and result have one quantization; `multipliers` and
    `rshifts` belong to upstream's integer form.

    Constraints:
    1. There is at least one input.
    2. `axis` is within the rank; all other extents are equal, and that of the result is the sum.

    Example:

    ```mlir
    %y = "tpu.Concat"(%a, %b) {axis = 1 : si32}
        : (tensor<1x2x4x4xf16>, tensor<1x3x4x4xf16>) -> tensor<1x5x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    SI32Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$only_merge,
    OptionalAttr<I64ArrayAttr>:$multipliers,
    OptionalAttr<I64ArrayAttr>:$rshifts,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_SliceOp : Tpu_Op<"Slice"> {
  let summary = "Every n-th element of a range per axis";
  let description = [{
    As top.Slice with all axes listed.

    Constraints:
    1. `offset`, `steps` and `ends` have one entry per axis; no step is 0.
    2. Offsets and the last elements are within the input.

    Example:

    ```mlir
    %y = "tpu.Slice"(%x, %n, %n, %n, %n) {axes = [], ends = [4, 8], offset = [0, 2], steps = [1, 2]}
        : (tensor<4x8xf16>, none, none, none, none) -> tensor<4x3xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$offsetT,
    AnyTensorOrNone:$endsT,
    AnyTensorOrNone:$stepsT,
    AnyTensorOrNone:$buffer,
    I64ArrayAttr:$offset,
    I64ArrayAttr:$steps,
    I64ArrayAttr:$ends,
    DefaultValuedAttr<I64ArrayAttr, "{1}">:$axes,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$hasparamConvert_axes,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_PadOp : Tpu_Op<"Pad"> {
  let summary = "Adds elements around a tensor";
  let description = [{
    As top.Pad.

    Constraints:
    1. `paddings` has two entries per axis, none negative; the result is longer by them.

    Example:

    ```mlir
    %y = "tpu.Pad"(%x, %n, %n, %n, %n) {mode = #tpu<Pad_Mode constant>, paddings = [0, 0, 1, 1, 0, 0, 1, 1], val =
        0.0 : f64}
        : (tensor<1x3x4x4xf16>, none, none, none, none) -> tensor<1x3x6x6xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    Optional<AnyTensorOrNone>:$paddingsT,
    AnyTensorOrNone:$left_select,
    AnyTensorOrNone:$right_select,
    AnyTensorOrNone:$buffer,
    I64ArrayAttr:$paddings,
    DefaultValuedAttr<F64Attr, "0.0">:$val,
    DefaultValuedAttr<Tpu_PaddingModeAttr, "::tpu_mlir::tpu::PaddingMode::constant">:$mode,
    DefaultValuedAttr<BoolAttr, "false">:$with_insert_zero,
    OptionalAttr<I64ArrayAttr>:$insert_zeros,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_UpsampleOp : Tpu_Op<"Upsample", [SupportFuseRelu]> {
  let summary = "Repeats pixels";
  let description = [{
    `output[n, c, h, w] = input[n, c, h / scale_h, w / scale_w]`. `do_relu` applies a Relu with `relu_limit`
    afterwards.

    Constraints:
    1. `input` has rank 4; `scale_h` and `scale_w` are at least 1.
    2. The result is the input enlarged by them.

    Example:

    ```mlir
    %y = "tpu.Upsample"(%x, %n) {scale_h = 2 : i64, scale_w = 2 : i64}
        : (tensor<1x8x4x4xf16>, none) -> tensor<1x8x8x8xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$indices,
    I64Attr:$scale_h,
    I64Attr:$scale_w,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_InterpOp : Tpu_Op<"Interp"> {
  let summary = "Resizes images";
  let description = [{
    As top.Interp; `scale_h` and `scale_w` are the scales of the source network, which the coordinates use.

    Constraints:
    1. `input` and result have one rank, 3 or 4, with equal batch and channels.

    Example:

    ```mlir
    %y = "tpu.Interp"(%x, %n, %n) {coord_mode = #tpu<coord_mode half_pixel>, mode = #tpu<mode linear>, scale_h = 1.5
        : f64, scale_w = 1.5 : f64}
        : (tensor<1x8x4x4xf16>, none, none) -> tensor<1x8x6x6xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$shapeT,
    AnyTensorOrNone:$buffer,
    F64Attr:$scale_h,
    F64Attr:$scale_w,
    Tpu_ResizeModeAttr:$mode,
    Tpu_ResizeCoordModeAttr:$coord_mode,
    DefaultValuedAttr<BoolAttr, "false">:$ppl_flag,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_ReduceOp : Tpu_Op<"Reduce"> {
  let summary = "Combines the elements along axes";
  let description = [{
    As top.Reduce. Operands and result have the chip's number types; half-precision operands are computed in f32 and
    rounded once.

    Constraints:
    1. Each axis is within the rank.
    2. The result has extent 1 at the axes, or lacks them without `keepdims`.

    Example:

    ```mlir
    %y = "tpu.Reduce"(%x, %n, %n) {axes = [2], keepdims = true, mode = "ReduceSum"}
        : (tensor<2x3x4xf16>, none, none) -> tensor<2x3x1xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$buffer,
    AnyTensorOrNone:$reciprocal_mantissa_table,
    I64ArrayAttr:$axes,
    BoolAttr:$keepdims,
    Tpu_ReduceModeAttr:$mode,
    OptionalAttr<I64ArrayAttr>:$multiplier,
    OptionalAttr<I64ArrayAttr>:$rshift,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_TileOp : Tpu_Op<"Tile"> {
  let summary = "Repeats a tensor along axes";
  let description = [{
    As top.Tile.

    Constraints:
    1. Each extent of the result is a multiple of the input's.

    Example:

    ```mlir
    %y = "tpu.Tile"(%x, %n) {tile = [2, 1, 4]} : (tensor<1x3x1xf16>, none) -> tensor<2x3x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    Optional<AnyTensor>:$tileT,
    AnyTensorOrNone:$buffer,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$tile,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_Depth2SpaceOp : Tpu_Op<"Depth2Space"> {
  let summary = "Moves blocks of channels to blocks of pixels";
  let description = [{
    As top.Depth2Space.

    Constraints:
    1. The number of elements stays; input and result have rank 4.

    Example:

    ```mlir
    %y = "tpu.Depth2Space"(%x) {block_h = 2 : i64, block_w = 2 : i64, is_CRD = false, is_inversed = false}
        : (tensor<1x8x4x4xf16>) -> tensor<1x2x8x8xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    I64Attr:$block_h,
    I64Attr:$block_w,
    BoolAttr:$is_CRD,
    BoolAttr:$is_inversed,
    DefaultValuedAttr<BoolAttr, "true">:$in_is_NCHW,
    DefaultValuedAttr<BoolAttr, "true">:$out_is_NCHW,
    DefaultValuedAttr<BoolAttr, "false">:$swap_cr,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}
