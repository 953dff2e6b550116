// Tpu ops: elementwise functions of one tensor. Verifiers: lib/Dialect/Tpu/IR.

def Tpu_ActiveOp : Tpu_Op<"Active", [InOutSameShape]> {
  let summary = "An elementwise function";
  let description = [{
    `mode` names it; `coeffs` are its parameters: ELU alpha; HSIGMOID alpha, beta; others none. Operands and result
    have the chip's number types; half-precision operands are computed in f32 and rounded once. ABSVAL takes and gives
    quantized values as Add does; other functions of them are Lut.

    Constraints:
    1. ELU has one coefficient, HSIGMOID two.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Active"(%x) {mode = #tpu<active_mode SILU>} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    Tpu_ActiveModeAttr:$mode,
    OptionalAttr<F64ArrayAttr>:$coeffs,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_ReluOp : Tpu_Op<"Relu", [InOutSameShape]> {
  let summary = "Rectifier, with an optional upper limit";
  let description = [{
    `output = max(input, 0)`; a positive `relu_limit` bounds it from above. A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Relu"(%x) {relu_limit = 6.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_LeakyReluOp : Tpu_Op<"LeakyRelu", [InOutSameShape]> {
  let summary = "Rectifier with a slope below zero";
  let description = [{
    `output = input > 0 ? input : alpha * input`. A quantized input is treated as in Add; the multipliers and shifts
    belong to upstream's integer form.

    Constraints:
    1. A float input needs `alpha`.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.LeakyRelu"(%x) {alpha = 0.1 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    OptionalAttr<F64Attr>:$alpha,
    OptionalAttr<SI32Attr>:$multiplier,
    OptionalAttr<SI32Attr>:$multiplier_neg,
    OptionalAttr<SI32Attr>:$rshift,
    OptionalAttr<SI32Attr>:$rshift_neg,
    DefaultValuedAttr<Tpu_RoundModeAttr, "::tpu_mlir::tpu::RoundMode::HalfAwayFromZero">:$round_mode,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_PReluOp : Tpu_Op<"PReluOp", [InOutSameShape]> {
  let summary = "Rectifier with a learned slope below zero";
  let description = [{
    `output = input > 0 ? input : slope * input`. The name is upstream's. A quantized input is treated as in Add; the
    slope is a constant in f32 then.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.PReluOp"(%x, %s) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$slope,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    OptionalAttr<SI32Attr>:$rshift_pos,
    OptionalAttr<SI32Attr>:$multiplier_pos,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_ClipOp : Tpu_Op<"Clip", [InOutSameShape]> {
  let summary = "Limits values to a range";
  let description = [{
    `output = min(max(input, min), max)`. A quantized input is treated as in Add.

    Constraints:
    1. `min` is not greater than `max`.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Clip"(%x) {max = 1.0 : f64, min = -1.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    F64Attr:$min,
    F64Attr:$max,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_ReciprocalOp : Tpu_Op<"Reciprocal", [InOutSameShape, SupportFuseRelu]> {
  let summary = "A constant divided by a tensor";
  let description = [{
    `output = const_val / input`. Operands and result have the chip's number types; half-precision operands are
    computed in f32 and rounded once.  `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Reciprocal"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    DefaultValuedAttr<F64Attr, "1.0">:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_LutOp : Tpu_Op<"Lut", [InOutSameShape]> {
  let summary = "Look-up of 8-bit values in a table";
  let description = [{
    `output = table[input]`; a signed input indexes by its two's complement byte (0 ... 127, then -128 ... -1).

    Constraints:
    1. `input` and result have 8-bit elements; `table` has 256 elements of the result's storage type.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.Lut"(%x, %t) : (tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5>>, tensor<1x1x1x256xsi8>)
        -> tensor<1x8x4x4x!quant.uniform<i8:f32, 0.25>>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    AnyRankedTensor:$table,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}
