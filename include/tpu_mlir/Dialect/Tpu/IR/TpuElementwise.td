// Tpu ops: arithmetic of tensors and of a tensor with a constant. Verifiers: lib/Dialect/Tpu/IR.

def Tpu_AddOp : Tpu_Op<"Add", [SupportFuseRelu]> {
  let summary = "Sum of tensors";
  let description = [{
    `output = inputs[0] + inputs[1] + ...`, element by element. Early strides (`do_early_stride`) keep only every n-th
    row and column. `do_relu` applies a Relu with `relu_limit` afterwards. Quantized operands are dequantized, added in
    f32 (constants stay f32), and the sum is quantized; `multipliers` and `rshifts` belong to upstream's integer form.

    Constraints:
    1. There are at least two operands; `coeff`, `multipliers` and `rshifts`, if present, have one value for each.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Add"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    OptionalAttr<BoolAttr>:$do_early_stride,
    OptionalAttr<I32Attr>:$early_stride_h,
    OptionalAttr<I32Attr>:$early_stride_w,
    OptionalAttr<I64ArrayAttr>:$multipliers,
    OptionalAttr<I64ArrayAttr>:$rshifts,
    OptionalAttr<F64ArrayAttr>:$f8_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_SubOp : Tpu_Op<"Sub", [SupportFuseRelu]> {
  let summary = "Difference of two tensors";
  let description = [{
    `output = inputs[0] - inputs[1]`, element by element. `is_reverse` exchanges the operands. `do_relu` applies
    a Relu with `relu_limit` afterwards. Quantized operands are treated as in Add.

    Constraints:
    1. There are exactly two operands; `coeff`, `multipliers` and `rshifts`, if present, have one value for each.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Sub"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    OptionalAttr<I64ArrayAttr>:$multipliers,
    OptionalAttr<I64ArrayAttr>:$rshifts,
    OptionalAttr<F64ArrayAttr>:$f8_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_MulOp : Tpu_Op<"Mul", [SupportFuseRelu]> {
  let summary = "Product of tensors";
  let description = [{
    `output = inputs[0] * inputs[1] * ...`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.
    Quantized operands are treated as in Add.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Mul"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    DefaultValuedAttr<Tpu_RequantModeAttr, "::tpu_mlir::tpu::RequantMode::MultiplierShift">:$quant_mode,
    OptionalAttr<F64ArrayAttr>:$out_f8_scales,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_DivOp : Tpu_Op<"Div"> {
  let summary = "Quotient of two tensors";
  let description = [{
    `output = inputs[0] / inputs[1]`, element by element. `is_reverse` exchanges the operands. `do_relu` applies a
    Relu with `relu_limit` afterwards.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Div"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_MaxOp : Tpu_Op<"Max"> {
  let summary = "Maximum of tensors";
  let description = [{
    `output = max(inputs[0], inputs[1], ...)`, element by element. Quantized operands are treated as in Add.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Max"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    OptionalAttr<I64ArrayAttr>:$multipliers,
    OptionalAttr<I64ArrayAttr>:$rshifts,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_MinOp : Tpu_Op<"Min"> {
  let summary = "Minimum of tensors";
  let description = [{
    `output = min(inputs[0], inputs[1], ...)`, element by element. Quantized operands are treated as in Add.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "tpu.Min"(%a, %b) : (tensor<1x8x4x4xf16>, tensor<1x8x1x1xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    OptionalAttr<I64ArrayAttr>:$multipliers,
    OptionalAttr<I64ArrayAttr>:$rshifts,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
  let hasVerifier = 1;
}

def Tpu_AddConstOp : Tpu_Op<"AddConst", [InOutSameShape, SupportFuseRelu]> {
  let summary = "Sum of a tensor and a constant";
  let description = [{
    `output = input + const_val`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.
    A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.AddConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    DefaultValuedAttr<F64Attr, "1.0">:$f8_scale,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_SubConstOp : Tpu_Op<"SubConst", [InOutSameShape, SupportFuseRelu]> {
  let summary = "Difference of a tensor and a constant";
  let description = [{
    `output = input - const_val`, element by element. With `is_reverse`, const_val - input. `do_relu` applies a Relu
    with `relu_limit` afterwards. A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.SubConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    DefaultValuedAttr<F64Attr, "1.0">:$f8_scale,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_MulConstOp : Tpu_Op<"MulConst", [InOutSameShape, SupportFuseRelu]> {
  let summary = "Product of a tensor and a constant";
  let description = [{
    `output = input * const_val`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.
    A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.MulConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyRankedTensor:$output);
}

def Tpu_MaxConstOp : Tpu_Op<"MaxConst", [InOutSameShape]> {
  let summary = "Maximum of a tensor and a constant";
  let description = [{
    `output = max(input, const_val)`, element by element. A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.MaxConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyTensor:$output);
}

def Tpu_MinConstOp : Tpu_Op<"MinConst", [InOutSameShape]> {
  let summary = "Minimum of a tensor and a constant";
  let description = [{
    `output = min(input, const_val)`, element by element. A quantized input is treated as in Add.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "tpu.MinConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf16>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<SI32Attr, "1">:$multiplier,
    DefaultValuedAttr<SI32Attr, "0">:$rshift,
    OptionalAttr<Tpu_LayerGroupAttr>:$ginfo,
    OptionalAttr<BoolAttr>:$multicore,
    OptionalAttr<BoolAttr>:$do_core_parallel
  );
  let results = (outs AnyTensor:$output);
}
