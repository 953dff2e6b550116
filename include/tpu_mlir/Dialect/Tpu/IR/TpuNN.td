// Tpu ops: convolution, pooling, matrix product and normalization. Verifiers: lib/Dialect/Tpu/IR.

def Tpu_Conv2DOp : Tpu_Op<"Conv2D", [SupportFuseRelu]> {
  let summary = "Convolution of images";
  let description = [{
    As top.Conv with two spatial axes. `filter` has the framework's layout [output channels, input channels / group,
    kernel] until weight reordering, then the chip's; the verifier therefore checks neither. Accumulation is in f32
    (floats) or i32 (integers); the bias is f32 in all float modes. `do_relu` applies a Relu with `relu_limit`
    afterwards.

    Quantized input and result: with acc = sum of x * w over the window (padding has the input's zero point) + bias
    (i32, which also takes the input's zero point off), `quant_mode` OnlyScale gives
    saturate(even(f32(f32(acc) * out_scales[c]) + offset[c])) with offset[c] = f32(bias[c] * out_scales[c] + zero
    point), where acc is without the bias; MultiplierShift gives saturate(round((acc + bias[c]) * multiplier[c] >>
    rshift[c]) + zero point) with `round_mode`. A float input with an integer filter is the weight-only form: filter
    value = q * out_scales[c], rounded to the input's type; `weight_bits` = 4 says that q is within -8 ... 7.

    Constraints:
    1. `input` and result have rank 4, with equal batch; `kernel_shape`, `strides` and `dilations` have two values
       of at least 1, `pads` four of at least 0 (top, left, bottom, right).
    2. `group` divides the input's and the result's channels.
    3. `with_bias` says whether there is a bias: the operand, or one merged into the filter (`coeff_merged`).
    4. Each result extent is floor((extent + pads - dilation * (kernel - 1) - 1) / stride) + 1.

    Example:

    ```mlir
    %y = "tpu.Conv2D"(%x, %w, %b) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [1, 1], with_bias = true}
        : (tensor<1x3x16x16xf16>, tensor<8x3x3x3xf16>, tensor<8xf32>) -> tensor<1x8x16x16xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$filter,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group,
    OptionalAttr<I64ArrayAttr>:$dilations,
    OptionalAttr<I64ArrayAttr>:$inserts,
    OptionalAttr<BoolAttr>:$do_kernel_rotate,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    BoolAttr:$with_bias,
    DefaultValuedAttr<I64Attr, "1">:$weight_is_coeff,
    DefaultValuedAttr<BoolAttr, "false">:$coeff_merged,
    DefaultValuedAttr<I64Attr, "0">:$use_3ic_optimize,
    DefaultValuedAttr<I64Attr, "0">:$kernel_zp,
    OptionalAttr<I64Attr>:$use_winograd,
    OptionalAttr<I64ArrayAttr>:$multiplier,
    OptionalAttr<I64ArrayAttr>:$rshift,
    OptionalAttr<I64Attr>:$weight_bits,
    DefaultValuedAttr<Tpu_RequantModeAttr, "::tpu_mlir::tpu::RequantMode::MultiplierShift">:$quant_mode,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfUp">:$round_mode,
    OptionalAttr<F64ArrayAttr>:$out_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$do_leaky_relu,
    OptionalAttr<F64Attr>:$neg_slope,
    OptionalAttr<SI32Attr>:$multiplier_pos,
    OptionalAttr<SI32Attr>:$multiplier_neg,
    OptionalAttr<SI32Attr>:$rshift_pos,
    OptionalAttr<SI32Attr>:$rshift_neg,
    OptionalAttr<F64ArrayAttr>:$out_f8_scales,
    DefaultValuedAttr<BoolAttr, "true">:$support_compress,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_DeconvOp : Tpu_Op<"Deconv", [SupportFuseRelu]> {
  let summary = "Transposed convolution of images";
  let description = [{
    As top.Deconv with two spatial axes; layouts as in Conv2D. `do_relu` applies a Relu with `relu_limit` afterwards.
    The quantized form is that of Conv2D on the stretched input, where inserted positions hold the zero point.

    Constraints:
    1. `input` and result have rank 4, with equal batch; `kernel_shape`, `strides` and `dilations` have two values
       of at least 1, `pads` four of at least 0.
    2. `group` divides the input's and the result's channels.
    3. `with_bias` says whether there is a bias: the operand, or one merged into the filter (`coeff_merged`).
    4. Each result extent is (extent - 1) * stride + dilation * (kernel - 1) + 1 + output_padding - pads.

    Example:

    ```mlir
    %y = "tpu.Deconv"(%x, %w, %b) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2], with_bias = true}
        : (tensor<1x3x16x16xf16>, tensor<8x3x2x2xf16>, tensor<8xf32>) -> tensor<1x8x32x32xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$filter,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group,
    OptionalAttr<I64ArrayAttr>:$dilations,
    OptionalAttr<I64ArrayAttr>:$output_padding,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    BoolAttr:$with_bias,
    OptionalAttr<I64ArrayAttr>:$multiplier,
    OptionalAttr<I64ArrayAttr>:$rshift,
    DefaultValuedAttr<Tpu_RequantModeAttr, "::tpu_mlir::tpu::RequantMode::MultiplierShift">:$quant_mode,
    OptionalAttr<F64ArrayAttr>:$out_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_Pool2DOp : Tpu_Op<"Pool2D", [SupportFuseRelu]> {
  let summary = "Maximum or mean of windows";
  let description = [{
    As top.MaxPool and top.AvgPool with two spatial axes; `pool_mode` chooses. Operands and result have the chip's
    number types; half-precision operands are computed in f32 and rounded once.  `do_relu` applies a Relu with
    `relu_limit` afterwards.

    The maximum of quantized values is that of their integers, in one quantization. Their mean is, with S the sum of a
    window of T taps (padding has the zero point zx) of which k count, saturate(even(f32(f32(S) * scale) + offset)),
    where scale = f32(sx / (k * sy)) and offset = f32(zy - zx * T * scale).

    Constraints:
    1. `input` has rank 4; `kernel_shape` and `strides` have two values of at least 1, `pads` four of at least 0,
       each smaller than its kernel.
    2. `is_adaptive` is false.
    3. Each result extent is floor((extent + pads - kernel) / stride) + 1; with `keepdims` = false the spatial
       axes are dropped.

    Example:

    ```mlir
    %y = "tpu.Pool2D"(%x) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>, strides =
        [2, 2]}
        : (tensor<1x8x16x16xf16>) -> tensor<1x8x8x8xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    Tpu_PoolModeAttr:$pool_mode,
    DefaultValuedAttr<I64Attr, "0">:$pad_value,
    DefaultValuedAttr<BoolAttr, "false">:$is_adaptive,
    DefaultValuedAttr<BoolAttr, "false">:$count_include_pad,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<BoolAttr>:$ceil_mode,
    OptionalAttr<SI32Attr>:$multiplier,
    OptionalAttr<SI32Attr>:$rshift,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<F64Attr>:$offset,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$round_mode,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$first_round_mode,
    OptionalAttr<Tpu_LayerGroupAttr>:$layer_group,
    OptionalAttr<F64Attr>:$fp8_out_scale,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_ScaleOp : Tpu_Op<"Scale", [InOutSameShape, SupportFuseRelu]> {
  let summary = "Multiply-add per channel";
  let description = [{
    `output[b, c, ...] = input[b, c, ...] * scale[c] + bias[c]`; `lshift` belongs to upstream's integer form. `do_relu`
    applies a Relu with `relu_limit` afterwards. A quantized input is treated as in Add; scale and bias are f32 then.

    Constraints:
    1. `scale` and `bias` have one value per channel (axis 1).
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Scale"(%x, %s, %b, %n)
        : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>, tensor<1x8x1x1xf16>, none) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$scale,
    AnyRankedTensor:$bias,
    AnyTensorOrNone:$lshift,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_MatMulOp : Tpu_Op<"MatMul", [SupportFuseRelu]> {
  let summary = "Matrix product";
  let description = [{
    As top.MatMul. `multi` and `buffer` are operands of multi-step forms, `left_reuse` a hint for the schedule. `do_relu`
    applies a Relu with `relu_limit` afterwards.

    Quantized operands are multiplied as integers, less `right_zp` on the right, and rescaled as in Conv2D: a constant
    right matrix has a factor per column (or one), two computed matrices have one. The i32 bias takes the zero point of
    the left operand off a constant right matrix.

    Constraints:
    1. `bias` is none, or has as many values as the result has columns, or one.

    Example:

    ```mlir
    %y = "tpu.MatMul"(%x, %w, %b, %n, %n)
        : (tensor<1x8xf16>, tensor<8x10xf16>, tensor<10xf32>, none, none) -> tensor<1x10xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$right,
    AnyTensorOrNone:$bias,
    AnyTensorOrNone:$multi,
    AnyTensorOrNone:$buffer,
    DefaultValuedAttr<BoolAttr, "false">:$left_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$right_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$output_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$hdim_is_batch,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<I64ArrayAttr, "{1}">:$multipliers,
    DefaultValuedAttr<I64ArrayAttr, "{0}">:$rshifts,
    DefaultValuedAttr<I64Attr, "0">:$right_zp,
    DefaultValuedAttr<I64Attr, "0">:$input_zp,
    DefaultValuedAttr<Tpu_RequantModeAttr, "::tpu_mlir::tpu::RequantMode::MultiplierShift">:$quant_mode,
    DefaultValuedAttr<I64Attr, "1">:$left_reuse,
    OptionalAttr<F64ArrayAttr>:$out_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multi_core,
    DefaultValuedAttr<BoolAttr, "false">:$fuse_rq,
    DefaultValuedAttr<BoolAttr, "false">:$is_lora,
    OptionalAttr<I64Attr>:$weight_bits,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$round_mode,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel,
    DefaultValuedAttr<Tpu_DqTypeAttr, "\"NONE\"">:$dq_type,
    DefaultValuedAttr<I64Attr, "0">:$q_group_size
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_A16MatMulOp : Tpu_Op<"A16MatMul"> {
  let summary = "Matrix product of half-precision values with integer weights";
  let description = [{
    As MatMul with a constant right matrix that is kept as integers of `weight_bits` 8 or 4 bits and widened before the
    product: value = f(f(q - zp) * scale), each step rounded to the input's type, with one `scale` and `zp` per output
    column and group of `q_group_size` values of the inner axis (0: one group). `weight` is [N, K] with `w_transpose`
    (else [K, N]), u8 with `zp`; 4-bit values are packed in pairs along K, the even one in the low bits. `sign` without
    `zp` says that q is two's complement. The bias is added in f32.

    Constraints:
    1. `weight_bits` is 8 or 4, `q_group_size` is 0 or divides K.
    2. `scale` (and `zp`, if present) are [N, K / q_group_size], or [N, 1] for one group.

    Example:

    ```mlir
    %y = "tpu.A16MatMul"(%x, %w, %s, %z, %n) {q_group_size = 64 : i64, sign = true, w_transpose = true,
        weight_bits = 4 : i64}
        : (tensor<1x4x256xf16>, tensor<64x128xui8>, tensor<64x4xf16>, tensor<64x4xui8>, none) -> tensor<1x4x64xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$weight,
    AnyTensorOrNone:$scale,
    AnyTensorOrNone:$zp,
    AnyTensorOrNone:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$w_transpose,
    I64Attr:$weight_bits,
    DefaultValuedAttr<BoolAttr, "true">:$sign,
    DefaultValuedAttr<I64Attr, "0">:$q_group_size,
    DefaultValuedAttr<Tpu_DqTypeAttr, "\"NONE\"">:$dq_type,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_LayerNormOp : Tpu_Op<"LayerNorm"> {
  let summary = "Normalization over the last axes";
  let description = [{
    As top.LayerNorm; the tables belong to other chips. Operands and result have the chip's number types;
    half-precision operands are computed in f32 and rounded once.

    Constraints:
    1. `axis` is within the rank of `input`.
    2. `normalized_shape` is the shape of `input` from `axis` on.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.LayerNorm"(%x, %w, %b, %n, %n) {axis = 2 : si32, eps = 1.0e-05 : f64, normalized_shape = [16]}
        : (tensor<2x5x16xf16>, tensor<16xf16>, tensor<16xf16>, none, none) -> tensor<2x5x16xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    AnyTensorOrNone:$table,
    AnyTensorOrNone:$mantissa_table,
    I64ArrayAttr:$normalized_shape,
    SI32Attr:$axis,
    F64Attr:$eps,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_SoftmaxOp : Tpu_Op<"Softmax", [InOutSameShape]> {
  let summary = "Exponentials that sum to one";
  let description = [{
    As top.Softmax; the tables belong to quantized forms. Operands and result have the chip's number types;
    half-precision operands are computed in f32 and rounded once.

    Constraints:
    1. `axis` is within the rank of `input`.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Softmax"(%x, %n, %n, %n, %n, %n) {axis = 1 : si32}
        : (tensor<1x10xf16>, none, none, none, none, none) -> tensor<1x10xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyTensorOrNone:$table,
    AnyTensorOrNone:$slope_table,
    AnyTensorOrNone:$reciprocal_table,
    AnyTensorOrNone:$reciprocal_mantissa_table,
    AnyTensorOrNone:$buffer,
    SI32Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$log,
    DefaultValuedAttr<F64Attr, "1.0">:$beta,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$round_mode,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}
