// Top ops: normalizations beyond the core. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_NORM
#define TPU_MLIR_TOP_NORM
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_GroupNormOp : Top_Op<"GroupNorm"> {
  let summary = "Normalization over groups of channels";
  let description = [{
    `output = (input - mean) / sqrt(variance + eps) * weight[channel] + bias[channel]`, where mean and variance
    (the biased one) are those of each batch element's `num_groups` groups of neighbouring channels, over all of their
    positions. Without `weight` or `bias`, 1 and 0.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. `num_groups` divides the number of channels.
    3. Each of `weight` and `bias` is none or has one value per channel.
    4. `eps` is not negative.
    5. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.GroupNorm"(%x, %w, %b) {eps = 1.0e-05 : f64, num_groups = 2 : i64}
        : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    I64Attr:$num_groups,
    F64Attr:$eps
  );
  let results = (outs AnyTensor:$output);
}

def Top_InstanceNormOp : Top_Op<"InstanceNorm"> {
  let summary = "Normalization of every channel";
  let description = [{
    `output = (input - mean) / sqrt(variance + eps) * weight[channel] + bias[channel]`, where mean and variance
    (the biased one) are those of each channel of each batch element. Without `weight` or `bias`, 1 and 0. What stands
    between two Reshapes and computes the same as a GroupNorm is canonicalized to it.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. Each of `weight` and `bias` is none or has one value per channel.
    3. `eps` is not negative.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.InstanceNorm"(%x, %w, %b) {eps = 1.0e-05 : f64}
        : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    F64Attr:$eps
  );
  let results = (outs AnyTensor:$output);
}

def Top_RMSNormOp : Top_Op<"RMSNorm"> {
  let summary = "Division by the root of the mean square";
  let description = [{
    `output = input / sqrt(mean of input^2 + eps) * gamma` along the last axis; without `gamma`, 1.
    `weight_keep_f32` asks that `gamma` stays f32 where the rest of the network is lowered to half precision.

    Constraints:
    1. `input` has rank 1 or more.
    2. `gamma` is none or has one value per position of the last axis.
    3. `eps` is not negative.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.RMSNorm"(%x, %g) {eps = 1.0e-06 : f64} : (tensor<2x5x16xf32>, tensor<16xf32>) -> tensor<2x5x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$gamma,
    F64Attr:$eps,
    DefaultValuedAttr<BoolAttr, "false">:$weight_keep_f32
  );
  let results = (outs AnyTensor:$output);
}

def Top_PixelNormOp : Top_Op<"PixelNorm"> {
  let summary = "Normalization of every pixel over its channels";
  let description = [{
    `output = (input - mean) / sqrt(variance + eps) * weight[channel] + bias[channel]`, where mean and variance
    (the biased one) are those over the channels of each position: a LayerNorm of channels that are not the last axis.
    Without `weight` or `bias`, 1 and 0.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. Each of `weight` and `bias` is none or has one value per channel.
    3. `eps` is not negative.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.PixelNorm"(%x, %w, %b) {eps = 1.0e-05 : f64}
        : (tensor<1x8x4x4xf32>, tensor<1x8x1x1xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$weight,
    AnyTensorOrNone:$bias,
    F64Attr:$eps
  );
  let results = (outs AnyTensor:$output);
}

def Top_LRNOp : Top_Op<"LRN"> {
  let summary = "Local response normalization over channels";
  let description = [{
    `output[b, c, ...] = input[b, c, ...] / (bias + alpha / size * s)^beta`, where s is the sum of the squares of the
    `size` channels around c, those from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) that exist.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. `size` is at least 1.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.LRN"(%x) {alpha = 1.0e-04 : f64, beta = 0.75 : f64, bias = 1.0 : f64, size = 5 : i64}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$size,
    DefaultValuedAttr<F64Attr, "0.0001">:$alpha,
    DefaultValuedAttr<F64Attr, "0.75">:$beta,
    DefaultValuedAttr<F64Attr, "1.0">:$bias
  );
  let results = (outs AnyTensor:$output);
}

def Top_NormalizeOp : Top_Op<"Normalize"> {
  let summary = "Division by the Euclidean norm, as Caffe's SSD layer";
  let description = [{
    `output[b, c, ...] = input[b, c, ...] / sqrt(s + 1e-10) * scale[c]`, where s is the sum of squares over the channels
    of each position, or with `across_spatial` over the channels and positions of each batch element.
    `channel_shared`: `scale` is one value for all channels. With a constant `scale` canonicalization expresses it by
    ops of the core.

    Constraints:
    1. `input` has rank 2 or more; axis 1 are the channels.
    2. `scale` has one value with `channel_shared`, otherwise one per channel.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Normalize"(%x, %s) {across_spatial = false, channel_shared = false}
        : (tensor<1x8x4x4xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$scale,
    DefaultValuedAttr<BoolAttr, "false">:$across_spatial,
    DefaultValuedAttr<BoolAttr, "true">:$channel_shared
  );
  let results = (outs AnyTensor:$output);
}

def Top_VarianceOp : Top_Op<"Variance"> {
  let summary = "Variance over axes";
  let description = [{
    The sum of squared differences from the mean over the axes of `reduce_list`, divided by max(0, n - `correction`) for
    n elements; an empty list stands for all axes. With `keep_dims` the axes stay with extent 1, otherwise they are
    dropped; a result without axes has the shape [1]. Canonicalization expresses it by reductions.

    Constraints:
    1. Each value of `reduce_list` is within the rank of `input` (negative: from the end), and none comes twice.
    2. `correction` is finite.

    Example:

    ```mlir
    %y = "top.Variance"(%x) {correction = 1.0 : f64, keep_dims = true, reduce_list = [2, 3]}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x1x1xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$reduce_list,
    F64Attr:$correction,
    DefaultValuedAttr<BoolAttr, "false">:$keep_dims
  );
  let results = (outs AnyTensor:$output);
}
#endif
