// Tpu ops: layer groups, their transfers, and casts. Verifiers: lib/Dialect/Tpu/IR.

def Tpu_GroupOp : Tpu_Op<"Group"> {
  let summary = "A layer group: ops that run tile by tile in local memory";
  let description = [{
    The body computes the outputs from the inputs slice by slice; Load and Store move slices between global and local
    memory, every op carries its slices and its place in local memory in `ginfo` (see LayerGroupAttr). `nsecs` ...
    `wsecs` are the numbers of slices per axis, `flow` the order of the time steps (negative numbers separate them),
    `swpipl_stage_num` the stages of the software pipeline.

    Constraints:
    1. The body is one block that ends with Yield; the yielded values are the outputs, in order and of the same
       types.
    2. `nsecs`, `csecs`, `dsecs`, `hsecs` and `wsecs` are at least 1.

    Example:

    ```mlir
    %y = "tpu.Group"(%x) ({
      %0 = "tpu.Load"(%x) {lmem_type = 1 : i64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
      %1 = "tpu.Relu"(%0) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
      %2 = "tpu.Store"(%1, %n) : (tensor<1x8x4x4xf16>, none) -> tensor<1x8x4x4xf16>
      "tpu.Yield"(%2) : (tensor<1x8x4x4xf16>) -> ()
    }) {csecs = 1 : i64, dsecs = 1 : i64, flow = [-1, 1, -2, 0, 2], group_type = 0 : i64, hsecs = 1 : i64, nsecs = 1 : i64,
        swpipl_stage_num = 3 : i64, wsecs = 1 : i64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
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
  let hasVerifier = 1;
}

def Tpu_LoadOp : Tpu_Op<"Load", [InOutSameShape]> {
  let summary = "Brings a value from global to local memory";
  let description = [{
    Inside of a Group. `lmem_type` 0 is a parameter, 1 an activation.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Load"(%x) {lmem_type = 1 : i64} : (tensor<1x3x16x16xf32>) -> tensor<1x3x16x16xf32>
    ```
  }];
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
  let summary = "Brings a value from local to global memory";
  let description = [{
    Inside of a Group.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Store"(%x, %n) : (tensor<1x3x16x16xf32>, none) -> tensor<1x3x16x16xf32>
    ```
  }];
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

def Tpu_YieldOp : Tpu_Op<"Yield", [Terminator, HasParent<"GroupOp">]> {
  let summary = "Ends the body of a Group";
  let description = [{
    Its operands are the outputs of the Group.

    Constraints:
    1. The parent is a Group.

    Example:

    ```mlir
    %y = "tpu.Group"(%x) ({
      %0 = "tpu.Load"(%x) {lmem_type = 1 : i64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
      %1 = "tpu.Relu"(%0) : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
      %2 = "tpu.Store"(%1, %n) : (tensor<1x8x4x4xf16>, none) -> tensor<1x8x4x4xf16>
      "tpu.Yield"(%2) : (tensor<1x8x4x4xf16>) -> ()
    }) {csecs = 1 : i64, dsecs = 1 : i64, flow = [-1, 1, -2, 0, 2], group_type = 0 : i64, hsecs = 1 : i64, nsecs = 1 : i64,
        swpipl_stage_num = 3 : i64, wsecs = 1 : i64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs );
}

def Tpu_CastOp : Tpu_Op<"Cast", [InOutSameShape]> {
  let summary = "Converts between number types";
  let description = [{
    Float to float rounds to nearest even; a quantized operand or result is scaled by its type unless `with_scale` is
    false, and rounded by `round_mode`.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Cast"(%x) : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf16>
    ```
  }];
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
