// Top ops: attention, feed-forward and state-space blocks. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_ATTENTION
#define TPU_MLIR_TOP_ATTENTION
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_ScaleDotProductAttentionOp : Top_Op<"ScaleDotProductAttention"> {
  let summary = "Attention of queries to keys";
  let description = [{
    `output = softmax(scale * query * key^T + mask) * value`, the softmax along the keys, for every index of the leading
    axes. A `scale` of 0 stands for 1 / sqrt(e), e being the last extent of `query`. `is_causal` lets query i see the
    keys 0 to i only. `dropout_p` belongs to training; values do not depend on it. Canonicalization turns the op into
    MatMul, MulConst, Add and Softmax; with `is_causal`, whose mask is infinite, that is left to the lowering.

    Constraints:
    1. `query` is [batch..., l, e], `key` [batch..., s, e], `value` [batch..., s, v]; the batch axes broadcast to each
       other (numpy rules). The result is [batch..., l, v].
    2. `mask` is none or broadcasts to [batch..., l, s]; it is added, so that a key is excluded by a large negative
       value. With `is_causal` there is none.
    3. `scale` is finite and not negative; `dropout_p` is at least 0 and less than 1.

    Example:

    ```mlir
    %y = "top.ScaleDotProductAttention"(%q, %k, %v, %m) {scale = 0.25 : f64}
        : (tensor<1x2x4x16xf32>, tensor<1x2x6x16xf32>, tensor<1x2x6x8xf32>, tensor<4x6xf32>) -> tensor<1x2x4x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$query,
    AnyTensor:$key,
    AnyTensor:$value,
    AnyTensorOrNone:$mask,
    DefaultValuedAttr<F64Attr, "0.0">:$dropout_p,
    DefaultValuedAttr<BoolAttr, "false">:$is_causal,
    DefaultValuedAttr<F64Attr, "0.0">:$scale
  );
  let results = (outs AnyTensor:$output);
}

def Top_AttentionOp : Top_Op<"Attention"> {
  let summary = "Multi-head attention with its projections";
  let description = [{
    Queries, keys and values are `input`, `keys` and `values` times their weights plus their biases; head h takes the
    columns from h * `dim` on. The heads' attention softmax(scale * q * k^T + mask) * v, side by side, times
    `out_weight` plus `out_bias` is the result. A `dim` of 0 stands for the columns of `queries_weight` divided by
    `head`. `scale_param`, `zp_param` and `has_bias` say to integer arithmetic what the operands say themselves; values
    do not depend on them.

    Constraints:
    1. `input` is [b, m, i], `keys` [b, n, k], `values` [b, n, v].
    2. `queries_weight` is [i, head * dim], `keys_weight` [k, head * dim], `values_weight` [v, head * dim], `out_weight`
       [head * dim, o]. Each bias is none or has one value per column of its weight.
    3. `mask` is none or broadcasts to [b, head, m, n].
    4. The result is [b, m, o].

    Example:

    ```mlir
    %y = "top.Attention"(%x, %k, %v, %qw, %qb, %kw, %n, %vw, %vb, %ow, %ob, %n)
        {dim = 4 : i64, head = 2 : i64, scale = 0.5 : f64}
        : (tensor<1x3x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<6x8xf32>, tensor<8xf32>, tensor<6x8xf32>,
           none, tensor<6x8xf32>, tensor<8xf32>, tensor<8x6xf32>, tensor<6xf32>, none) -> tensor<1x3x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$keys,
    AnyTensor:$values,
    AnyTensor:$queries_weight,
    AnyTensorOrNone:$queries_bias,
    AnyTensor:$keys_weight,
    AnyTensorOrNone:$keys_bias,
    AnyTensor:$values_weight,
    AnyTensorOrNone:$values_bias,
    AnyTensor:$out_weight,
    AnyTensorOrNone:$out_bias,
    AnyTensorOrNone:$mask,
    F64Attr:$scale,
    I64Attr:$head,
    DefaultValuedAttr<I64Attr, "0">:$dim,
    DefaultValuedAttr<F64ArrayAttr, "{1.0}">:$scale_param,
    DefaultValuedAttr<I64ArrayAttr, "{0}">:$zp_param,
    DefaultValuedAttr<I64Attr, "0">:$has_bias
  );
  let results = (outs AnyTensor:$output);
}

def Top_FAttentionOp : Top_Op<"FAttention"> {
  let summary = "Attention whose heads are an inner axis";
  let description = [{
    `output[b, :, h, :] = softmax(scale * q * k^T + mask) * v`, where q, k and v are the matrices of batch index b and
    head h; head h of the queries uses head h / (q_head / kv_head) of keys and values. `buffer` is room for the chip,
    and `mask_size` says how much of the mask the chip loads at once; values do not depend on them.

    Constraints:
    1. `batch`, `q_head`, `kv_head`, `dim`, `mq` and `mk` are at least 1; `kv_head` divides `q_head`.
    2. `queries` is [batch, mq, q_head, dim], or [batch, mq, q_head * dim]; `keys` and `values` are
       [batch, mk, kv_head, dim], or the same with the last axes as one.
    3. `mask` is none or broadcasts to [batch, q_head, mq, mk].
    4. The result has the shape of `queries`; without `keep_dims` it is [batch, mq, q_head * dim].

    Example:

    ```mlir
    %y = "top.FAttention"(%q, %k, %v, %m, %n) {batch = 1 : i64, dim = 8 : i64, keep_dims = false, kv_head = 2 : i64,
        mk = 5 : i64, mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
        : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, tensor<1x1x3x5xf32>, none)
        -> tensor<1x3x32xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$queries,
    AnyTensor:$keys,
    AnyTensor:$values,
    AnyTensorOrNone:$mask,
    AnyTensorOrNone:$buffer,
    F64Attr:$scale,
    I64Attr:$batch,
    I64Attr:$q_head,
    I64Attr:$kv_head,
    I64Attr:$dim,
    I64Attr:$mq,
    I64Attr:$mk,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims,
    DefaultValuedAttr<SI32Attr, "0">:$mask_size
  );
  let results = (outs AnyTensor:$output);
}

def Top_FAttentionLseOp : Top_Op<"FAttentionLse"> {
  let summary = "Attention that also gives the logarithm of its sums";
  let description = [{
    `output` is that of FAttention; `lse[b, m, h]` is the logarithm of the sum of exp(scale * q * k^T + mask) over the
    keys, by which attention to several parts of the keys can be joined.

    Constraints:
    1. Operands, attributes and `output` are as with FAttention.
    2. `lse` is [batch, mq, q_head, 1] where the result has an axis for heads, otherwise [batch, mq, q_head].

    Example:

    ```mlir
    %y, %l = "top.FAttentionLse"(%q, %k, %v, %n, %n) {batch = 1 : i64, dim = 8 : i64, kv_head = 2 : i64, mk = 5 : i64,
        mq = 3 : i64, q_head = 4 : i64, scale = 0.35 : f64}
        : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>, none, none)
        -> (tensor<1x3x4x8xf32>, tensor<1x3x4x1xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$queries,
    AnyTensor:$keys,
    AnyTensor:$values,
    AnyTensorOrNone:$mask,
    AnyTensorOrNone:$buffer,
    F64Attr:$scale,
    I64Attr:$batch,
    I64Attr:$q_head,
    I64Attr:$kv_head,
    I64Attr:$dim,
    I64Attr:$mq,
    I64Attr:$mk,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims,
    DefaultValuedAttr<SI32Attr, "0">:$mask_size
  );
  let results = (outs AnyTensor:$output, AnyTensor:$lse);
}

def Top_FlexAttentionOp : Top_Op<"FlexAttention"> {
  let summary = "Attention with values of another width and a map of masked blocks";
  let description = [{
    As FAttentionLse, with `qk_d` values per query and key and `v_d` per value. `block_bitmap` tells the chip in which
    blocks of `flex_block` x `flex_block` queries and keys the mask leaves anything, so that it passes over the others;
    the mask says the same, and values do not depend on the map. `has_lse` says whether `lse` is used.

    Constraints:
    1. `batch`, `q_head`, `kv_head`, `qk_d`, `v_d`, `mq`, `mk` and `flex_block` are at least 1; `kv_head` divides
       `q_head`.
    2. `queries` is [batch, mq, q_head, qk_d], `keys` [batch, mk, kv_head, qk_d], `values` [batch, mk, kv_head, v_d],
       each possibly with the last axes as one.
    3. `mask` is none or broadcasts to [batch, q_head, mq, mk].
    4. `output` is [batch, mq, q_head, v_d] and `lse` [batch, mq, q_head, 1]; without `keep_dims`, or where the last
       axes of `queries` are one, [batch, mq, q_head * v_d] and [batch, mq, q_head].

    Example:

    ```mlir
    %y, %l = "top.FlexAttention"(%q, %k, %v, %m, %n, %n) {batch = 1 : i64, kv_head = 2 : i64, mk = 5 : i64,
        mq = 3 : i64, q_head = 4 : i64, qk_d = 8 : i64, scale = 0.35 : f64, v_d = 6 : i64}
        : (tensor<1x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x6xf32>, tensor<3x5xf32>, none, none)
        -> (tensor<1x3x4x6xf32>, tensor<1x3x4x1xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$queries,
    AnyTensor:$keys,
    AnyTensor:$values,
    AnyTensorOrNone:$mask,
    AnyTensorOrNone:$block_bitmap,
    AnyTensorOrNone:$buffer,
    F64Attr:$scale,
    I64Attr:$batch,
    I64Attr:$q_head,
    I64Attr:$kv_head,
    I64Attr:$qk_d,
    I64Attr:$v_d,
    I64Attr:$mq,
    I64Attr:$mk,
    DefaultValuedAttr<BoolAttr, "false">:$has_lse,
    DefaultValuedAttr<SI32Attr, "128">:$flex_block,
    DefaultValuedAttr<BoolAttr, "true">:$keep_dims,
    DefaultValuedAttr<SI32Attr, "0">:$mask_size
  );
  let results = (outs AnyTensor:$output, AnyTensor:$lse);
}

def Top_RopeOp : Top_Op<"Rope"> {
  let summary = "Rotary position embedding";
  let description = [{
    `output = input1 * input3 + r * input2`, where `input2` holds sines, `input3` cosines, and r is `input1` turned by a
    right angle within pairs of the last axis: (-b, a) for the pair (a, b). `rope_mode` interleaved_pairs makes pairs of
    neighbours, contiguous_halves of elements half an axis apart. With `is_permute_optimize` the tables belong to axis 1
    of `input1` instead of the last but one: [n, positions, heads, d]. The rounding modes, shifts and saturations belong
    to integer arithmetic, `force_f32` to half precision; values do not depend on them.

    Constraints:
    1. The last extent of `input1` is even, and that of `input2` and `input3`.
    2. `input2` and `input3` broadcast to `input1`; with `is_permute_optimize`, `input1` has rank 4 and both are
       matrices [extent of axis 1, last extent].
    3. The result has the shape of `input1`.

    Example:

    ```mlir
    %y = "top.Rope"(%x, %s, %c) {rope_mode = "contiguous_halves"}
        : (tensor<1x2x6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<1x2x6x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input1,
    AnyTensor:$input2,
    AnyTensor:$input3,
    DefaultValuedAttr<Top_RopeModeAttr, "\"interleaved_pairs\"">:$rope_mode,
    DefaultValuedAttr<BoolAttr, "false">:$is_permute_optimize,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$mul1_round_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$mul2_round_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$add_round_mode,
    DefaultValuedAttr<SI32Attr, "0">:$mul1_shift,
    DefaultValuedAttr<SI32Attr, "0">:$mul2_shift,
    DefaultValuedAttr<SI32Attr, "0">:$add_shift,
    DefaultValuedAttr<BoolAttr, "true">:$mul1_saturation,
    DefaultValuedAttr<BoolAttr, "true">:$mul2_saturation,
    DefaultValuedAttr<BoolAttr, "true">:$add_saturation,
    DefaultValuedAttr<BoolAttr, "false">:$force_f32
  );
  let results = (outs AnyTensor:$output);
}

def Top_MlpOp : Top_Op<"Mlp"> {
  let summary = "Gated feed-forward block";
  let description = [{
    `output = down(silu(gate(input)) * up(input))`, where gate, up and down are products with a weight plus a bias. A
    weight is [columns, inner] where its `right_transpose_*` is true, else [inner, columns].

    With `quantized`, weights are integers as with A16MatMul (`weight_bits`, `q_group_size`; scale and zp of each).
    With `is_expert`, weights (and biases, scales, zps) have a leading axis of `num_expert`, and `expert_id` names
    `num_expert_per_tok` experts for each row of `input`, whose results stand side by side along axis 1.

    Constraints:
    1. The inner extent of gate and up is the last of `input`; they have as many columns as down has inner values.
    2. Each bias is none or has one value per column (and expert).
    3. Without `quantized` every scale and zp is none; with it none is.
    4. Without `is_expert`, `expert_id` is none, and the result has the shape of `input` but for its last extent.
    5. With `is_expert`, `expert_id` has `num_expert_per_tok` values (0 to `num_expert` - 1) per row of `input`, and the
       result is [rows, num_expert_per_tok, columns of down].

    Example:

    ```mlir
    %y = "top.Mlp"(%x, %g, %u, %d, %n, %n, %b, %n, %n, %n, %n, %n, %n, %n) {}
        : (tensor<1x3x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x8xf32>, none, none, tensor<8xf32>, none,
           none, none, none, none, none, none) -> tensor<1x3x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$weight_gate,
    AnyTensor:$weight_up,
    AnyTensor:$weight_down,
    AnyTensorOrNone:$bias_gate,
    AnyTensorOrNone:$bias_up,
    AnyTensorOrNone:$bias_down,
    AnyTensorOrNone:$expert_id,
    AnyTensorOrNone:$scale_gate,
    AnyTensorOrNone:$scale_up,
    AnyTensorOrNone:$scale_down,
    AnyTensorOrNone:$zp_gate,
    AnyTensorOrNone:$zp_up,
    AnyTensorOrNone:$zp_down,
    DefaultValuedAttr<BoolAttr, "true">:$right_transpose_gate,
    DefaultValuedAttr<BoolAttr, "true">:$right_transpose_up,
    DefaultValuedAttr<BoolAttr, "false">:$right_transpose_down,
    DefaultValuedAttr<BoolAttr, "false">:$is_expert,
    DefaultValuedAttr<BoolAttr, "false">:$quantized,
    DefaultValuedAttr<I64Attr, "128">:$q_group_size,
    DefaultValuedAttr<I64Attr, "8">:$weight_bits,
    DefaultValuedAttr<I64Attr, "1">:$num_expert,
    DefaultValuedAttr<I64Attr, "1">:$num_expert_per_tok
  );
  let results = (outs AnyTensor:$output);
}

def Top_A16MatMulOp : Top_Op<"A16MatMul"> {
  let summary = "Matrix product with integer weights";
  let description = [{
    As MatMul with a right matrix w = (q - zp) * scale, where q are the integers of `weight`: one `scale` and `zp` per
    column and group of `q_group_size` values of the inner axis (0: the whole axis is one group). With `weight_bits` 4,
    two integers share a byte, along the inner axis, the even one in the low bits. With `right_transpose` the weight is
    [columns, inner], else [inner, columns].

    Constraints:
    1. `weight_bits` is 8 or 4; `q_group_size` is 0 or divides the inner extent, the last of `input`.
    2. `weight` is a matrix; with 4 bits its inner axis holds half as many bytes.
    3. `scale` and `zp` have columns * groups values, [columns, groups]; `bias` is none or has one value per column.
    4. `dq_type` is NONE, INT8 or INT4; other number types of weights are not evaluated.
    5. The result has the shape of `input` but for its last extent, the columns.

    Example:

    ```mlir
    // %w: integers 0 to 255
    %y = "top.A16MatMul"(%x, %w, %s, %z, %n) {q_group_size = 8 : i64, right_transpose = true, weight_bits = 4 : i64}
        : (tensor<1x2x16xf32>, tensor<4x8xui8>, tensor<4x2xf32>, tensor<4x2xf32>, none) -> tensor<1x2x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$weight,
    AnyTensor:$scale,
    AnyTensor:$zp,
    AnyTensorOrNone:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$right_transpose,
    DefaultValuedAttr<I64Attr, "128">:$q_group_size,
    DefaultValuedAttr<I64Attr, "8">:$weight_bits,
    DefaultValuedAttr<Top_DqTypeAttr, "\"NONE\"">:$dq_type
  );
  let results = (outs AnyTensor:$output);
}

def Top_A16GatherOp : Top_Op<"A16Gather"> {
  let summary = "Rows of a matrix of integer weights";
  let description = [{
    `output[i..., :] = (q - zp) * scale` of row indices[i...] of `weight`, whose integers q, scales and zero points lie
    as those of an A16MatMul with `right_transpose`: one group per `q_group_size` values of a row (0: the whole row).
    With `keepdims` an axis of extent 1 stands before the last.

    Constraints:
    1. `axis` is 0; `weight_bits` is 8 or 4; `q_group_size` is 0 or divides the length of a row.
    2. `weight` is [rows, length], with 4 bits [rows, length / 2]; `scale` and `zp` have rows * groups values.
    3. Each index is within the rows (negative: from the end).
    4. The result is [indices..., length], with `keepdims` [indices..., 1, length].

    Example:

    ```mlir
    // %w: integers 0 to 255
    // %i: integers 0 to 5
    %y = "top.A16Gather"(%w, %i, %s, %z) {q_group_size = 8 : i64, weight_bits = 4 : i64}
        : (tensor<6x8xui8>, tensor<1x3xf32>, tensor<6x2xf32>, tensor<6x2xf32>) -> tensor<1x3x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$weight,
    AnyTensor:$indices,
    AnyTensor:$scale,
    AnyTensor:$zp,
    DefaultValuedAttr<SI32Attr, "0">:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$keepdims,
    DefaultValuedAttr<I64Attr, "32">:$q_group_size,
    DefaultValuedAttr<I64Attr, "8">:$weight_bits
  );
  let results = (outs AnyTensor:$output);
}

def Top_Fp8MatMulOp : Top_Op<"Fp8MatMul"> {
  let summary = "Matrix product with weights of 8-bit floats";
  let description = [{
    As MatMul with a right matrix of f8E4M3 values, each block of `block_size` x `block_size` of which is multiplied by
    its `weight_scale`. Weights of an integer type are the bits of such values, those of a float type the values. With
    `weight_transpose` the weight is [columns, inner], else [inner, columns].

    Constraints:
    1. `block_size` is at least 1.
    2. `weight` is a matrix whose inner extent is the last of `input`.
    3. `weight_scale` has one value per block, in the weight's order; the last block of an axis may be incomplete.
    4. `bias` is none or has one value per column.
    5. The result has the shape of `input` but for its last extent, the columns.

    Example:

    ```mlir
    %y = "top.Fp8MatMul"(%x, %w, %s, %b) {block_size = 4 : i64, weight_transpose = true}
        : (tensor<1x2x8xf32>, tensor<6x8xf32>, tensor<2x2xf32>, tensor<6xf32>) -> tensor<1x2x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$weight,
    AnyTensor:$weight_scale,
    AnyTensorOrNone:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$weight_transpose,
    DefaultValuedAttr<I64Attr, "128">:$block_size
  );
  let results = (outs AnyTensor:$output);
}

def Top_SelectiveScanOp : Top_Op<"SelectiveScan"> {
  let summary = "Scan of a state-space model";
  let description = [{
    With a state h[c, :, b] of n values for each channel c and batch index b, 0 at first, every position l of axis 0
    gives `h = deltaA[l] * h + deltaB_u[l]` and `output[l, c, b] = sum over n of Cs[l, c, :, b] * h[c, :, b] + Ds[c] *
    us[l, c, b]`; without `Ds` the last term is left out.

    Constraints:
    1. `Cs`, `deltaA` and `deltaB_u` are [positions, channels, n, batch].
    2. `us` and the result are [positions, channels, batch]; `Ds` is none or has one value per channel.

    Example:

    ```mlir
    %y = "top.SelectiveScan"(%c, %a, %b, %u, %d)
        : (tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x3x2xf32>, tensor<6x4x2xf32>, tensor<4xf32>)
        -> tensor<6x4x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$Cs,
    AnyTensor:$deltaA,
    AnyTensor:$deltaB_u,
    AnyTensor:$us,
    AnyTensorOrNone:$Ds
  );
  let results = (outs AnyTensor:$output);
}

def Top_ChunkGatedDeltaRuleOp : Top_Op<"ChunkGatedDeltaRule"> {
  let summary = "Linear attention with a gated delta rule over a sequence";
  let description = [{
    For each batch index and head of the values, a matrix S [d, d], at first `recurrent_state`, is updated at every
    position: `S = exp(g) * S; S = S + k * (beta * (v - k^T S))^T`, and the result is `scale * q^T S`. Head h of the
    values uses head h / (num_v_heads / num_k_heads) of `query` and `key`, which `use_qk_l2norm` divides by
    sqrt(sum of squares + 1e-6) first. The chip computes chunks of `chunk_size` positions at once, for which it needs
    the three triangular masks and the identity; values do not depend on them.

    Constraints:
    1. `num_k_heads`, `num_v_heads`, `d` and `chunk_size` are at least 1; `num_k_heads` divides `num_v_heads`.
    2. `query` and `key` are [batch, positions, num_k_heads, d], `value` and the result [batch, positions, num_v_heads,
       d], `g` and `beta` [batch, positions, num_v_heads], `recurrent_state` [batch, num_v_heads, d, d].
    3. The masks and `eye` are [chunk_size, chunk_size].

    Example:

    ```mlir
    %y = "top.ChunkGatedDeltaRule"(%q, %k, %v, %g, %b, %s, %m, %m, %m, %m) {chunk_size = 2 : i64, d = 4 : i64,
        num_k_heads = 1 : i64, num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = true}
        : (tensor<1x6x1x4xf32>, tensor<1x6x1x4xf32>, tensor<1x6x2x4xf32>, tensor<1x6x2xf32>, tensor<1x6x2xf32>,
           tensor<1x2x4x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
        -> tensor<1x6x2x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$query,
    AnyTensor:$key,
    AnyTensor:$value,
    AnyTensor:$g,
    AnyTensor:$beta,
    AnyTensor:$recurrent_state,
    AnyTensor:$triu_mask,
    AnyTensor:$strict_triu_mask,
    AnyTensor:$tril_mask,
    AnyTensor:$eye,
    I64Attr:$num_k_heads,
    I64Attr:$num_v_heads,
    I64Attr:$d,
    I64Attr:$chunk_size,
    BoolAttr:$use_qk_l2norm,
    F64Attr:$scale
  );
  let results = (outs AnyTensor:$attn_out);
}

def Top_RecurrentGatedDeltaRuleOp : Top_Op<"RecurrentGatedDeltaRule"> {
  let summary = "One step of linear attention with a gated delta rule";
  let description = [{
    ChunkGatedDeltaRule for one position.

    Constraints:
    1. `num_k_heads`, `num_v_heads` and `d` are at least 1; `num_k_heads` divides `num_v_heads`.
    2. `query` and `key` are [batch, 1, num_k_heads, d], `value` and the result [batch, 1, num_v_heads, d], `g` and
       `beta` [batch, 1, num_v_heads], `recurrent_state` [batch, num_v_heads, d, d].

    Example:

    ```mlir
    %y = "top.RecurrentGatedDeltaRule"(%q, %k, %v, %g, %b, %s) {d = 4 : i64, num_k_heads = 1 : i64,
        num_v_heads = 2 : i64, scale = 0.5 : f64, use_qk_l2norm = false}
        : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>,
           tensor<1x2x4x4xf32>) -> tensor<1x1x2x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$query,
    AnyTensor:$key,
    AnyTensor:$value,
    AnyTensor:$g,
    AnyTensor:$beta,
    AnyTensor:$recurrent_state,
    I64Attr:$num_k_heads,
    I64Attr:$num_v_heads,
    I64Attr:$d,
    BoolAttr:$use_qk_l2norm,
    F64Attr:$scale
  );
  let results = (outs AnyTensor:$attn_out);
}
#endif
