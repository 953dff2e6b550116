// TpuStructure: generated skeleton

def Tpu_GroupOp : Tpu_Op<"Group"> {
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    I64Attr:$nsecs,
    I64Attr:$hsecs,
    I64Attr:$dsecs,
    I64Attr:$wsecs,
    I64Attr:$csecs,
    I64Attr:$swpipl_stage_num,
    I64Attr:$group_type,
    DefaultValuedAttr<I64ArrayAttr, "{0}">:$flow,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$self_up_overlap_op,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$self_down_overlap_op,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$other_up_overlap_op,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$other_down_overlap_op,
    DefaultValuedAttr<BoolAttr, "true">:$support_compress,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$run_core_id,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$core_slice_ncdhw
  );
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
}

def Tpu_LoadOp : Tpu_Op<"Load", [InOutSameShape]> {
  let arguments = (ins
    AnyRankedTensor:$input,
    DefaultValuedAttr<BoolAttr, "false">:$do_bcast,
    DefaultValuedAttr<I64Attr, "0">:$use_3ic_optimize,
    DefaultValuedAttr<I64Attr, "0">:$lmem_type,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    DefaultValuedAttr<BoolAttr, "true">:$support_compress,
    DefaultValuedAttr<BoolAttr, "false">:$is_idx_weight
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_StoreOp : Tpu_Op<"Store", [InOutSameShape]> {
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$buffer,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    DefaultValuedAttr<BoolAttr, "true">:$support_compress,
    OptionalAttr<I64ArrayAttr>:$paddings,
    OptionalAttr<F64Attr>:$pad_const_val
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_YieldOp : Tpu_Op<"Yield", [Terminator]> {
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs );
}

def Tpu_CastOp : Tpu_Op<"Cast", [InOutSameShape]> {
  let arguments = (ins
    AnyRankedTensor:$input,
    OptionalAttr<BoolAttr>:$extra_input,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    DefaultValuedAttr<BoolAttr, "true">:$with_scale,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$round_mode,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}
