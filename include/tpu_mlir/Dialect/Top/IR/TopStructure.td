// TopStructure: generated skeleton

def Top_NoneOp : Top_BaseOp<"None", [Pure]> {
  let arguments = (ins);
  let results = (outs NoneType:$None);
}

def Top_WeightOp : Top_BaseOp<"Weight"> {
  let arguments = (ins
    OptionalAttr<F64ArrayAttr>:$scale,
    OptionalAttr<Top_StoreModeAttr>:$store_mode,
    OptionalAttr<I64ArrayAttr>:$allow_split,
    OptionalAttr<I64ArrayAttr>:$indices_idx,
    OptionalAttr<I64ArrayAttr>:$indices_slice,
    OptionalAttr<StrAttr>:$path,
    OptionalAttr<Top_PlaceHolderAttr>:$placeholder,
    OptionalAttr<BoolAttr>:$do_compress,
    OptionalAttr<I64Attr>:$bias0,
    OptionalAttr<I64Attr>:$bias1,
    OptionalAttr<BoolAttr>:$is_signed,
    OptionalAttr<BoolAttr>:$zero_guard,
    OptionalAttr<StrAttr>:$inline_bytes
  );
  // Two weights of one type have different values, so they must not look alike to a general CSE: the result is an
  // allocation, which still allows dead-code removal.
  let results = (outs Res<AnyRankedTensor, "the values", [MemAlloc]>:$output);
  let hasVerifier = 1;
}

def Top_InputOp : Top_Op<"Input"> {
  let arguments = (ins
    AnyRankedTensor:$input,
    OptionalAttr<I64ArrayAttr>:$shape_tensor,
    DefaultValuedAttr<BoolAttr, "false">:$do_preprocess,
    OptionalAttr<Top_PixelFormatAttr>:$pixel_format,
    OptionalAttr<Top_ChannelFormatAttr>:$channel_format,
    OptionalAttr<I64ArrayAttr>:$resize_dims,
    OptionalAttr<BoolAttr>:$keep_aspect_ratio,
    OptionalAttr<StrAttr>:$keep_ratio_mode,
    OptionalAttr<I64Attr>:$pad_value,
    OptionalAttr<Top_PadModeAttr>:$pad_type,
    OptionalAttr<F64ArrayAttr>:$scale,
    OptionalAttr<F64ArrayAttr>:$mean,
    OptionalAttr<StrAttr>:$customization_format,
    OptionalAttr<BoolAttr>:$aligned,
    OptionalAttr<StrAttr>:$yuv_type
  );
  let results = (outs AnyTensor:$output);
}
