// Top ops: recurrent layers. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_RECURRENT
#define TPU_MLIR_TOP_RECURRENT
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_GRUOp : Top_Op<"GRU"> {
  let summary = "Gated recurrent unit";
  let description = [{
    A layer with the state h that reads a sequence x, in ONNX's order of gates z (update), r (reset), n (new):

        z = sigmoid(Wz x + Wbz + Rz h + Rbz)
        r = sigmoid(Wr x + Wbr + Rr h + Rbr)
        n = tanh(Wn x + Wbn + r * (Rn h + Rbn))          with linear_before_reset
        n = tanh(Wn x + Wbn + Rn (r * h) + Rbn)          without
        h = (1 - z) * n + z * h

    The letters of shapes: S steps, B batch, I input values, H = `hidden_size`, D directions (2 with `bidirectional`: the
    second one reads the sequence from its end; its results stand at the steps whose input they saw last).
    `filter` holds [Wz; Wr; Wn] of each direction, `recurrence` [Rz; Rr; Rn], `bias` [Wbz Wbr Wbn Rbz Rbr Rbn];
    without it biases are 0, without `initial_h` the state begins as 0.
    `Y` has the state after every step, `Y_h` the last one of each direction; either may be none.
    `batch_first`: batch comes before steps and, in states, before directions.

    Constraints:
    1. `input` is [S, B, I], or [B, S, I] with `batch_first`.
    2. `hidden_size` is at least 1.
    3. `filter` is [D, 3 H, I] or [D * 3 H, I], `recurrence` is [D, 3 H, H] or [D * 3 H, H]; `bias` is none, [D, 6 H]
       or [D * 6 H].
    4. `initial_h` is none or [D, B, H]; with `batch_first` [B, D, H].
    5. `Y` is [S, D, B, H]; with `batch_first`, [B, S, D, H]; and [S, B, D, H] where the attribute `module.platform` of
       the module is TORCH. `Y_h` has the shape of `initial_h`.

    Example:

    ```mlir
    %y, %last = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64}
        : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, none)
        -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$filter,
    AnyTensor:$recurrence,
    AnyTensorOrNone:$bias,
    AnyTensorOrNone:$initial_h,
    I64Attr:$hidden_size,
    BoolAttr:$bidirectional,
    DefaultValuedAttr<BoolAttr, "true">:$linear_before_reset,
    DefaultValuedAttr<BoolAttr, "false">:$batch_first
  );
  let results = (outs AnyTensorOrNone:$Y, AnyTensorOrNone:$Y_h);
}

def Top_LSTMOp : Top_Op<"LSTM"> {
  let summary = "Long short-term memory";
  let description = [{
    A layer with the states h and c that reads a sequence x, in ONNX's order of gates i (input), o (output), f (forget),
    g (cell):

        i, o, f = sigmoid(W x + Wb + R h + Rb)    with the rows of each gate
        g = tanh(Wg x + Wbg + Rg h + Rbg)
        c = f * c + i * g
        h = o * tanh(c)

    The letters of shapes: S steps, B batch, I input values, H = `hidden_size`, D directions (2 with `bidirectional`: the
    second one reads the sequence from its end; its results stand at the steps whose input they saw last).
    `filter` holds [Wi; Wo; Wf; Wg] of each direction, `recurrence` [Ri; Ro; Rf; Rg], `bias` [Wb Rb], each in the
    same order; without it biases are 0, without `initial_h` or `initial_c` that state begins as 0.
    `cont` (Caffe's continuation marks): both states are multiplied by its value of the step before the step uses them,
    so that 0 begins a new sequence.
    `Y` has h after every step, `Y_h` and `Y_c` the last states of each direction; each may be none.
    `batch_first`: batch comes before steps and, in states, before directions.

    Constraints:
    1. `input` is [S, B, I], or [B, S, I] with `batch_first`.
    2. `hidden_size` is at least 1.
    3. `filter` is [D, 4 H, I] or [D * 4 H, I], `recurrence` is [D, 4 H, H] or [D * 4 H, H]; `bias` is none, [D, 8 H]
       or [D * 8 H].
    4. Each of `initial_h` and `initial_c` is none or [D, B, H]; with `batch_first` [B, D, H].
    5. `cont` is none or [S, B], also with `batch_first`.
    6. `Y` is [S, D, B, H]; with `batch_first`, [B, S, D, H]; and [S, B, D, H] where the attribute `module.platform` of
       the module is TORCH. `Y_h` and `Y_c` have the shape of `initial_h`.

    Example:

    ```mlir
    %y, %h, %c = "top.LSTM"(%x, %w, %r, %b, %h0, %c0, %none)
        {batch_first = true, bidirectional = true, hidden_size = 4 : i64}
        : (tensor<2x5x3xf32>, tensor<2x16x3xf32>, tensor<2x16x4xf32>, tensor<2x32xf32>, tensor<2x2x4xf32>,
           tensor<2x2x4xf32>, none) -> (tensor<2x5x2x4xf32>, tensor<2x2x4xf32>, none)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$filter,
    AnyTensor:$recurrence,
    AnyTensorOrNone:$bias,
    AnyTensorOrNone:$initial_h,
    AnyTensorOrNone:$initial_c,
    AnyTensorOrNone:$cont,
    I64Attr:$hidden_size,
    BoolAttr:$bidirectional,
    DefaultValuedAttr<BoolAttr, "false">:$batch_first
  );
  let results = (outs AnyTensorOrNone:$Y, AnyTensorOrNone:$Y_h, AnyTensorOrNone:$Y_c);
}
#endif
