// TpuShape: generated skeleton

def Tpu_ReshapeOp : Tpu_Op<"Reshape"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    Optional<AnyTensorOrNone>:$buffer,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$shape,
    DefaultValuedAttr<I64Attr, "-1">:$flatten_start_dim
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_SqueezeOp : Tpu_Op<"Squeeze"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    I64ArrayAttr:$axes
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_UnsqueezeOp : Tpu_Op<"Unsqueeze"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    I64ArrayAttr:$axes
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_PermuteOp : Tpu_Op<"Permute"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$buffer,
    I64ArrayAttr:$order,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_ConcatOp : Tpu_Op<"Concat"> {
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
}

def Tpu_SliceOp : Tpu_Op<"Slice"> {
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
}

def Tpu_PadOp : Tpu_Op<"Pad"> {
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
}

def Tpu_UpsampleOp : Tpu_Op<"Upsample", [SupportFuseRelu]> {
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
}

def Tpu_InterpOp : Tpu_Op<"Interp"> {
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
}

def Tpu_ReduceOp : Tpu_Op<"Reduce"> {
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
}

def Tpu_TileOp : Tpu_Op<"Tile"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    Optional<AnyTensor>:$tileT,
    AnyTensorOrNone:$buffer,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$tile,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_Depth2SpaceOp : Tpu_Op<"Depth2Space"> {
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
}
