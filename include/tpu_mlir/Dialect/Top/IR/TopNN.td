// Top ops: convolution, pooling, matrix product and normalization. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.

def Top_ConvOp : Top_Op<"Conv", [SupportFuseRelu]> {
  let summary = "Convolution";
  let description = [{
    `output[b, o, p...] = bias[o] + sum over c, k... of input[b, g * C + c, p * stride + k * dilation - pad] *
    filter[o, c, k...]`, where `g` is the group of output channel `o` and `C` the number of input channels of a group.
    Values outside of the input are 0. `inserts` puts that many zeros between neighbouring input values first.
    `auto_pad` other than NOTSET asks shape inference to choose `pads`. `do_relu` applies a Relu with `relu_limit`
    afterwards.

    Constraints:
    1. `kernel_shape` has n = 1, 2 or 3 values; `input` has rank n + 2.
    2. `strides` and `dilations` have n values of at least 1; `pads` has 2n values of at least 0: all begins, then
       all ends.
    3. `group` divides the number of input channels and of output channels.
    4. `filter` is [output channels, input channels / group, kernel_shape...]; `bias` is none or has one value per
       output channel.
    5. Each result extent is floor((extent + pads - dilation * (kernel - 1) - 1) / stride) + 1 and at least 1.

    Example:

    ```mlir
    %y = "top.Conv"(%x, %w, %b) {dilations = [1, 1], group = 1 : i64, kernel_shape = [3, 3], pads = [1, 1, 1, 1],
        strides = [1, 1]}
        : (tensor<1x3x16x16xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x8x16x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$filter,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group,
    OptionalAttr<I64ArrayAttr>:$dilations,
    OptionalAttr<I64ArrayAttr>:$inserts,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$dynweight_reorderd,
    DefaultValuedAttr<I64Attr, "1">:$weight_is_coeff,
    OptionalAttr<BoolAttr>:$do_winograd,
    OptionalAttr<Top_AutoPadModeAttr>:$auto_pad,
    OptionalAttr<F64Attr>:$in_int4_scale,
    OptionalAttr<F64Attr>:$in_int4_zp,
    OptionalAttr<F64Attr>:$out_int8_scale,
    OptionalAttr<F64Attr>:$out_int8_zp,
    OptionalAttr<I64Attr>:$weight_bits
  );
  let results = (outs AnyTensor:$output);
}

def Top_DeconvOp : Top_Op<"Deconv", [SupportFuseRelu]> {
  let summary = "Transposed convolution";
  let description = [{
    The adjoint of a convolution: input value [b, c, p...] adds input * filter[o, c, k...] to output [b, g * O + o, p
    * stride + k * dilation - pad], where `g` is the group of input channel `c` and `O` the number of output channels
    of a group. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. `kernel_shape` has n = 1, 2 or 3 values; `input` has rank n + 2.
    2. `strides` and `dilations` have n values of at least 1; `pads` has 2n values of at least 0: all begins, then
       all ends.
    3. `group` divides the number of input channels.
    4. `filter` is [output channels / group, input channels, kernel_shape...]; `bias` is none or has one value per
       output channel.
    5. `output_padding` has n values, each smaller than the stride or the dilation; it lengthens the result at its
       end.
    6. Each result extent is (extent - 1) * stride + dilation * (kernel - 1) + 1 + output_padding - pads and at
       least 1.

    Example:

    ```mlir
    %y = "top.Deconv"(%x, %w, %b) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2]}
        : (tensor<1x3x16x16xf32>, tensor<8x3x2x2xf32>, tensor<8xf32>) -> tensor<1x8x32x32xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$filter,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group,
    OptionalAttr<I64ArrayAttr>:$dilations,
    OptionalAttr<I64ArrayAttr>:$output_padding,
    DefaultValuedAttr<BoolAttr, "false">:$dynweight_reorderd,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaxPoolOp : Top_Op<"MaxPool", [SupportFuseRelu]> {
  let summary = "Maximum of windows";
  let description = [{
    `output[b, c, p...] = max over the window of input[b, c, ...]`; pads never win. `do_relu` applies a Relu with
    `relu_limit` afterwards.

    Constraints:
    1. `kernel_shape` has n = 1, 2 or 3 values; `input` has rank n + 2.
    2. `strides` and `dilations` have n values of at least 1; `pads` has 2n values of at least 0: all begins, then
       all ends.
    3. An empty `kernel_shape` stands for the whole spatial extent.
    4. Each pad is smaller than the kernel, so that every window sees the input.
    5. Each result extent is floor((extent + pads - kernel) / stride) + 1, rounded up instead with `ceil_mode` (a
       window must begin before the end of the input).
    6. With `keepdims` = false the window covers the input, and the spatial axes are dropped.
    7. `is_adaptive` is false.

    Example:

    ```mlir
    %y = "top.MaxPool"(%x) {kernel_shape = [2, 2], pads = [0, 0, 0, 0], strides = [2, 2]}
        : (tensor<1x8x16x16xf32>) -> tensor<1x8x8x8xf32>
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
  let results = (outs AnyTensor:$output);
}

def Top_AvgPoolOp : Top_Op<"AvgPool", [SupportFuseRelu]> {
  let summary = "Mean of windows";
  let description = [{
    `output[b, c, p...]` is the sum of the window divided by the number of its elements; pads count in the divisor if
    `count_include_pad`. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. `kernel_shape` has n = 1, 2 or 3 values; `input` has rank n + 2.
    2. `strides` and `dilations` have n values of at least 1; `pads` has 2n values of at least 0: all begins, then
       all ends.
    3. An empty `kernel_shape` stands for the whole spatial extent.
    4. Each pad is smaller than the kernel, so that every window sees the input.
    5. Each result extent is floor((extent + pads - kernel) / stride) + 1, rounded up instead with `ceil_mode` (a
       window must begin before the end of the input).
    6. With `keepdims` = false the window covers the input, and the spatial axes are dropped.
    7. `is_adaptive` is false.

    Example:

    ```mlir
    %y = "top.AvgPool"(%x) {count_include_pad = true, kernel_shape = [16, 16], pads = [0, 0, 0, 0], strides = [1,
        1]}
        : (tensor<1x8x16x16xf32>) -> tensor<1x8x1x1xf32>
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
  let results = (outs AnyTensor:$output);
}

def Top_BatchNormOp : Top_Op<"BatchNorm", [SupportFuseRelu]> {
  let summary = "Normalization by stored statistics";
  let description = [{
    `output = (input - mean) / sqrt(variance + epsilon) * gamma + beta`, per channel. Canonicalization turns it into
    Scale. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. `input` has rank 2 or more.
    2. Each of `mean`, `variance` and, unless none, `gamma` and `beta` has one value per channel (axis 1 of
       `input`).
    3. `epsilon` is not negative.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.BatchNorm"(%x, %m, %v, %g, %b) {epsilon = 1.0e-05 : f64}
        : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$mean,
    AnyTensor:$variance,
    AnyTensorOrNone:$gamma,
    AnyTensorOrNone:$beta,
    DefaultValuedAttr<F64Attr, "1e-05">:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_ScaleOp : Top_Op<"Scale", [SupportFuseRelu]> {
  let summary = "Multiply-add per channel";
  let description = [{
    `output[b, c, ...] = input[b, c, ...] * scale[c] + bias[c]`. `do_relu` applies a Relu with `relu_limit`
    afterwards.

    Constraints:
    1. `input` has rank 2 or more.
    2. Each of `scale` and `bias` has one value per channel (axis 1 of `input`).
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Scale"(%x, %s, %b) : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$scale,
    AnyTensor:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_MatMulOp : Top_Op<"MatMul", [SupportFuseRelu]> {
  let summary = "Matrix product";
  let description = [{
    `output[..., m, n] = bias[n] + sum over k of input[..., m, k] * right[..., k, n]`. `left_transpose`,
    `right_transpose` and `output_transpose` exchange the last two axes of an operand or of the result. An operand of
    rank 1 is a row or column whose axis vanishes from the result. `keep_dims` = false merges all leading axes of the
    result into one. `hdim_is_batch`: axis 2 of operands of rank 4 is the batch: [B, M, H, K] times [B, K, H, N] is
    [B, M, H, N]. The `dq_type`, `q_group_size`, `weight_bits` and int4/int8 attributes belong to quantized weights,
    `is_lora` to adapters. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. The inner extents k are equal.
    2. The leading axes broadcast to each other (numpy rules).
    3. `bias` is none, or has n values or one.

    Example:

    ```mlir
    %y = "top.MatMul"(%x, %w, %b) : (tensor<2x4x8xf32>, tensor<8x10xf32>, tensor<10xf32>) -> tensor<2x4x10xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$right,
    AnyTensorOrNone:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$right_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$left_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$output_transpose,
    DefaultValuedAttr<BoolAttr, "false">:$hdim_is_batch,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_lora,
    OptionalAttr<I64Attr>:$weight_bits,
    OptionalAttr<F64Attr>:$in_int4_scale,
    OptionalAttr<F64Attr>:$in_int4_zp,
    OptionalAttr<F64Attr>:$out_int8_scale,
    OptionalAttr<F64Attr>:$out_int8_zp,
    DefaultValuedAttr<Top_DqTypeAttr, "\"NONE\"">:$dq_type,
    DefaultValuedAttr<I64Attr, "0">:$q_group_size
  );
  let results = (outs AnyTensor:$output);
}

def Top_LayerNormOp : Top_Op<"LayerNorm"> {
  let summary = "Normalization over the last axes";
  let description = [{
    `output = (input - mean) / sqrt(variance + eps) * weight + bias`, where mean and variance are those of each block
    of axes from `axis` on.

    Constraints:
    1. `axis` is within the rank of `input` (negative: from the end).
    2. `normalized_shape` is the shape of `input` from `axis` on; each of `weight` and `bias` is none or has as
       many values.
    3. `eps` is not negative.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.LayerNorm"(%x, %w, %b) {axis = 2 : si32, eps = 1.0e-05 : f64, normalized_shape = [16]}
        : (tensor<2x5x16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<2x5x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$normalized_shape,
    SI32Attr:$axis,
    F64Attr:$eps
  );
  let results = (outs AnyTensor:$output);
}

def Top_SoftmaxOp : Top_Op<"Softmax"> {
  let summary = "Exponentials that sum to one";
  let description = [{
    `output = exp(beta * (input - max)) / sum of the same` along `axis`; with `log`, its logarithm.

    Constraints:
    1. `axis` is within the rank of `input` (negative: from the end).
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Softmax"(%x) {axis = 1 : si32} : (tensor<1x10xf32>) -> tensor<1x10xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$log,
    DefaultValuedAttr<F64Attr, "1.0">:$beta,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}
