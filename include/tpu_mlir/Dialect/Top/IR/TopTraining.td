// Top ops: training. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_TRAINING
#define TPU_MLIR_TOP_TRAINING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_BatchNormTrainOp : Top_Op<"BatchNormTrain"> {
  let summary = "Normalization by the statistics of the batch";
  let description = [{
    `output = (input - m) * r * gamma + beta` per channel, where m is the mean of the channel over batch and positions,
    v its biased variance and r = 1 / sqrt(v + epsilon); without `gamma` or `beta`, 1 and 0. `mean_out` is m,
    `saved_invstd` r; `running_mean` is (1 - momentum) * mean + momentum * m, `running_var` the same of `var` and the
    unbiased variance v * n / (n - 1) of the n values of a channel. `do_relu` applies a Relu with `relu_limit` to
    `output` afterwards.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. Each of `mean`, `var` and, unless none, `gamma` and `beta` has one value per channel.
    3. `epsilon` is not negative.
    4. `output` has the shape of `input`, the other results [1, channels, 1...] of its rank.

    Example:

    ```mlir
    %y, %m, %r, %rm, %rv = "top.BatchNormTrain"(%x, %mean, %var, %g, %b) {epsilon = 1.0e-05 : f64, momentum = 0.1 : f64}
        : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
        -> (tensor<2x8x4x4xf32>, tensor<1x8x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x8x1x1xf32>, tensor<1x8x1x1xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$mean,
    AnyTensor:$var,
    AnyTensorOrNone:$gamma,
    AnyTensorOrNone:$beta,
    DefaultValuedAttr<F64Attr, "1e-05">:$epsilon,
    DefaultValuedAttr<F64Attr, "0.1">:$momentum,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output, AnyTensor:$mean_out, AnyTensor:$saved_invstd, AnyTensor:$running_mean,
                 AnyTensor:$running_var);
}

def Top_BatchNormBwdOp : Top_Op<"BatchNormBwd"> {
  let summary = "Gradients of a batch normalization in training";
  let description = [{
    With x = (input - saved_mean) * saved_invstd, per channel and for its n values: `bias_grad` is the sum of `grad_out`,
    `weight_grad` that of grad_out * x, and `grad_in = weight * saved_invstd * (grad_out - bias_grad / n - x *
    weight_grad / n)`. Without `weight_opt`, 1; without `saved_mean` or `saved_invstd` they are computed, the latter
    with `epsilon`.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels. `grad_out` has its shape.
    2. Each of `weight_opt`, `saved_mean` and `saved_invstd` is none or has one value per channel.
    3. `epsilon` is not negative.
    4. `grad_in` has the shape of `input`, the other results [1, channels, 1...] of its rank; they may be none.

    Example:

    ```mlir
    %dx, %dw, %db = "top.BatchNormBwd"(%g, %x, %w, %m, %r) {epsilon = 1.0e-05 : f64}
        : (tensor<2x8x4x4xf32>, tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
        -> (tensor<2x8x4x4xf32>, tensor<1x8x1x1xf32>, none)
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_out,
    AnyTensor:$input,
    AnyTensorOrNone:$weight_opt,
    AnyTensorOrNone:$saved_mean,
    AnyTensorOrNone:$saved_invstd,
    DefaultValuedAttr<F64Attr, "1e-05">:$epsilon
  );
  let results = (outs AnyTensor:$grad_in, AnyTensorOrNone:$weight_grad, AnyTensorOrNone:$bias_grad);
}

def Top_GroupNormTrainOp : Top_Op<"GroupNormTrain"> {
  let summary = "GroupNorm with its statistics";
  let description = [{
    `output` is that of GroupNorm; `mean` and `rstd` are the mean and 1 / sqrt(variance + eps) of each batch element's
    groups.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. `num_groups` divides the number of channels.
    3. Each of `weight` and `bias` is none or has one value per channel.
    4. `eps` is not negative.
    5. `output` has the shape of `input`, `mean` and `rstd` are [batch, num_groups].

    Example:

    ```mlir
    %y, %m, %r = "top.GroupNormTrain"(%x, %w, %b) {eps = 1.0e-05 : f64, num_groups = 2 : i64}
        : (tensor<3x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>)
        -> (tensor<3x8x4x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    I64Attr:$num_groups,
    F64Attr:$eps
  );
  let results = (outs AnyTensor:$output, AnyTensor:$mean, AnyTensor:$rstd);
}

def Top_LayerNormTrainOp : Top_Op<"LayerNormTrain"> {
  let summary = "LayerNorm with its statistics";
  let description = [{
    `output` is that of LayerNorm; `mean` and `variance` are the mean and, in spite of the name, 1 / sqrt(variance + eps)
    of each block of axes from `axis` on, as PyTorch's native_layer_norm gives them.

    Constraints:
    1. `axis` is within the rank of `input` (negative: from the end).
    2. `normalized_shape` is the shape of `input` from `axis` on; each of `weight` and `bias` is none or has as
       many values.
    3. `eps` is not negative.
    4. `output` has the shape of `input`, `mean` and `variance` have it with 1 from `axis` on.

    Example:

    ```mlir
    %y, %m, %r = "top.LayerNormTrain"(%x, %w, %b) {axis = 2 : si32, eps = 1.0e-05 : f64, normalized_shape = [16]}
        : (tensor<2x5x16xf32>, tensor<16xf32>, tensor<16xf32>)
        -> (tensor<2x5x16xf32>, tensor<2x5x1xf32>, tensor<2x5x1xf32>)
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
  let results = (outs AnyTensor:$output, AnyTensor:$mean, AnyTensor:$variance);
}

def Top_LayerNormBwdOp : Top_Op<"LayerNormBwd"> {
  let summary = "Gradients of a LayerNorm";
  let description = [{
    With x = (input - mean) * variance, where `mean` and `variance` are those of LayerNormTrain (the latter is 1 /
    sqrt(variance + eps)): `grad_bias` is the sum of `grad_out` over all blocks of the axes of `normalized_shape`,
    `grad_weight` that of grad_out * x, and `grad_input = variance * (h - mean of h - x * mean of h * x)` with the means
    over each block of n values and h = grad_out * weight. Without `weight`, 1; the values of `bias` have no influence.

    Constraints:
    1. `grad_out` has the shape of `input`, which ends with `normalized_shape`.
    2. Each of `mean` and `variance` has one value per block; each of `weight` and `bias` is none or has as many values
       as a block.
    3. `grad_input` has the shape of `input`, the other results have `normalized_shape`; each may be none.

    Example:

    ```mlir
    %dx, %dw, %db = "top.LayerNormBwd"(%g, %x, %m, %r, %w, %b) {normalized_shape = [16]}
        : (tensor<2x5x16xf32>, tensor<2x5x16xf32>, tensor<2x5x1xf32>, tensor<2x5x1xf32>, tensor<16xf32>,
           tensor<16xf32>) -> (tensor<2x5x16xf32>, tensor<16xf32>, none)
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_out,
    AnyTensor:$input,
    AnyTensor:$mean,
    AnyTensor:$variance,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    I64ArrayAttr:$normalized_shape
  );
  let results = (outs AnyTensorOrNone:$grad_input, AnyTensorOrNone:$grad_weight, AnyTensorOrNone:$grad_bias);
}

def Top_MeanRstdOp : Top_Op<"MeanRstd"> {
  let summary = "Statistics of a batch, as a Scale needs them";
  let description = [{
    Per channel over batch and positions: `mean` is the mean m, `rstd` r = 1 / sqrt(v + eps) with the biased variance v;
    `running_mean_update` is (1 - momentum) * running_mean + momentum * m, `running_var_update` the same of
    `running_var` and the unbiased variance; `scale` is weight * r and `bias_new` bias - m * scale, so that
    Scale(input, scale, bias_new) is the batch normalization.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. Each other operand has one value per channel.
    3. `eps` is not negative.
    4. The results have the shape of `running_mean`.

    Example:

    ```mlir
    %m, %r, %rm, %rv, %s, %n = "top.MeanRstd"(%x, %mean, %var, %w, %b) {eps = 1.0e-05 : f64, momentum = 0.1 : f64}
        : (tensor<2x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
        -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$running_mean,
    AnyTensor:$running_var,
    AnyTensor:$weight,
    AnyTensor:$bias,
    F64Attr:$eps,
    F64Attr:$momentum
  );
  let results = (outs AnyTensor:$mean, AnyTensor:$rstd, AnyTensor:$running_mean_update, AnyTensor:$running_var_update,
                 AnyTensor:$scale, AnyTensor:$bias_new);
}

def Top_SoftmaxBwdOp : Top_Op<"SoftmaxBwd"> {
  let summary = "Gradient of a Softmax";
  let description = [{
    `grad_input = output * (grad_output - s)`, where s is the sum of grad_output * output along `dim` and `output` the
    result of the Softmax.

    Constraints:
    1. `dim` is within the rank of `output` (negative: from the end).
    2. `grad_output` has the shape of `output`, and so has the result.

    Example:

    ```mlir
    %y = "top.SoftmaxBwd"(%g, %o) {dim = 1 : si32} : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_output,
    AnyTensor:$output,
    SI32Attr:$dim
  );
  let results = (outs AnyRankedTensor:$grad_input);
}

def Top_ConvbwdOp : Top_Op<"Convbwd"> {
  let summary = "Gradients of a convolution";
  let description = [{
    The gradients of Conv(input, kernel) with respect to its input, its filter and its bias where that of its result is
    `grad_out`: the transposed convolution of `grad_out` with `kernel`, the correlation of `input` with `grad_out`, and
    the sum of `grad_out` per channel. Results are wanted by `grad_input_enable`, `grad_weight_enable` and
    `grad_bias_enable`; others are none. `inserts` are the zeros that the chip's form of the first gradient puts between
    the values of `grad_out`; they follow from the stride and do not change the meaning.

    Constraints:
    1. `kernel` is [output channels, input channels / groups, kernel extents...] with n = 1, 2 or 3 extents; `input` has
       rank n + 2.
    2. `stride` and `dilations` have n values of at least 1; `padding` has 2n values of at least 0: all begins, then
       all ends; each value of `inserts`, if it has any, is 0 or the stride less one.
    3. `groups` divides the number of input channels and of output channels.
    4. `input_shape`, `grad_out_shape` and `kernel_shape` are the shapes of `input`, `grad_out` and `kernel`.
    5. `grad_out` has the shape that the convolution gives.
    6. The results have the shapes of `input` and `kernel`, and [output channels].

    Example:

    ```mlir
    %dx, %dw, %db = "top.Convbwd"(%g, %x, %k) {dilations = [1, 1], grad_bias_enable = true, grad_input_enable = true,
        grad_out_shape = [1, 8, 6, 6], grad_weight_enable = false, groups = 1 : i64, input_shape = [1, 4, 6, 6],
        inserts = [0, 0], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1], stride = [1, 1]}
        : (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>, tensor<8x4x3x3xf32>) -> (tensor<1x4x6x6xf32>, none, tensor<8xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_out,
    AnyTensor:$input,
    AnyTensor:$kernel,
    I64Attr:$groups,
    I64ArrayAttr:$input_shape,
    I64ArrayAttr:$grad_out_shape,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$stride,
    I64ArrayAttr:$dilations,
    I64ArrayAttr:$padding,
    I64ArrayAttr:$inserts,
    BoolAttr:$grad_input_enable,
    BoolAttr:$grad_weight_enable,
    BoolAttr:$grad_bias_enable
  );
  let results = (outs AnyTensorOrNone:$grad_input, AnyTensorOrNone:$grad_weight, AnyTensorOrNone:$grad_bias);
}

def Top_ConvBwdWeightOp : Top_Op<"ConvBwd_Weight"> {
  let summary = "Gradient of a convolution's filter";
  let description = [{
    The gradient of a Conv of `input` with respect to its filter where that of its result is `gradout`.
    `gradout_transpose` is `gradout` with batch and channels exchanged, the form in which the chip reads it; its values
    have no influence here.

    Constraints:
    1. `kernel_shape` is [output channels, input channels / groups, kernel extents...] with n = 1, 2 or 3 extents;
       `input` has rank n + 2.
    2. `stride` and `dilations` have n values of at least 1; `padding` has 2n values of at least 0: all begins, then
       all ends.
    3. `groups` divides the number of input channels and of output channels.
    4. `input_shape` and `grad_out_shape` are the shapes of `input` and `gradout`; `gradout_transpose` has the latter
       with its first two extents exchanged.
    5. `gradout` has the shape that the convolution gives.
    6. `grad_bias_enable` is false: there is no result for that gradient.
    7. The result has the shape `kernel_shape`.

    Example:

    ```mlir
    %dw = "top.ConvBwd_Weight"(%x, %g, %t) {dilations = [1, 1], grad_bias_enable = false, grad_out_shape = [1, 8, 6, 6],
        groups = 1 : i64, input_shape = [1, 4, 6, 6], kernel_shape = [8, 4, 3, 3], padding = [1, 1, 1, 1],
        stride = [1, 1]}
        : (tensor<1x4x6x6xf32>, tensor<1x8x6x6xf32>, tensor<8x1x6x6xf32>) -> tensor<8x4x3x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$gradout,
    AnyTensor:$gradout_transpose,
    I64Attr:$groups,
    I64ArrayAttr:$input_shape,
    I64ArrayAttr:$grad_out_shape,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$stride,
    I64ArrayAttr:$dilations,
    I64ArrayAttr:$padding,
    BoolAttr:$grad_bias_enable
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaxPoolingIndicesBwdOp : Top_Op<"MaxPoolingIndicesBwd"> {
  let summary = "Gradient of a maximum pooling";
  let description = [{
    `grad_input[b, c]` is a plane of zeros to which each value of `grad_output[b, c]` is added at its row-major index in
    `indices[b, c]`, those of MaxPoolWithMask. The attributes of the window say where the indices come from.

    Constraints:
    1. `input_shape` has rank 3, 4 or 5, and a plane of it at most 2^24 values.
    2. `kernel_shape`, `strides` and `dilations` have one value of at least 1 per axis of the plane; `pads` has two of
       at least 0: all begins, then all ends.
    3. `indices` has the shape of `grad_output`, which has batch and channels of `input_shape` and its rank.
    4. Each value of `indices` is the index of a value of a plane; evaluation refuses others.
    5. The result has the shape `input_shape`.

    Example:

    ```mlir
    // %i: integers 0 to 35
    %y = "top.MaxPoolingIndicesBwd"(%g, %i) {dilations = [1, 1], input_shape = [1, 2, 6, 6], kernel_shape = [2, 2],
        pads = [0, 0, 0, 0], strides = [2, 2]} : (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<1x2x6x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_output,
    AnyTensor:$indices,
    I64ArrayAttr:$kernel_shape,
    I64ArrayAttr:$strides,
    I64ArrayAttr:$pads,
    I64ArrayAttr:$dilations,
    I64ArrayAttr:$input_shape
  );
  let results = (outs AnyTensor:$grad_input);
}
#endif
