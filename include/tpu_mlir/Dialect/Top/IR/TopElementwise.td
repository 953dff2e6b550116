// Top ops: arithmetic of tensors and of a tensor with a constant. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.

def Top_AddOp : Top_Op<"Add", [SupportFuseRelu]> {
  let summary = "Sum of tensors";
  let description = [{
    `output = inputs[0] + inputs[1] + ...`, element by element. With `coeff`, each operand is first multiplied by its
    coefficient. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. There are at least two operands; `coeff` has one value for each.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Add"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_SubOp : Top_Op<"Sub", [SupportFuseRelu]> {
  let summary = "Difference of two tensors";
  let description = [{
    `output = inputs[0] - inputs[1]`, element by element. `is_reverse` exchanges the operands. With `coeff`, each
    operand is first multiplied by its coefficient. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. There are exactly two operands; `coeff` has one value for each.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Sub"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    OptionalAttr<F64ArrayAttr>:$coeff,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_MulOp : Top_Op<"Mul", [SupportFuseRelu]> {
  let summary = "Product of tensors";
  let description = [{
    `output = inputs[0] * inputs[1] * ...`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Mul"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_DivOp : Top_Op<"Div"> {
  let summary = "Quotient of two tensors";
  let description = [{
    `output = inputs[0] / inputs[1]`, element by element. `is_reverse` exchanges the operands. `do_relu` applies a
    Relu with `relu_limit` afterwards.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Div"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaxOp : Top_Op<"Max"> {
  let summary = "Maximum of tensors";
  let description = [{
    `output = max(inputs[0], inputs[1], ...)`, element by element.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Max"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_MinOp : Top_Op<"Min"> {
  let summary = "Minimum of tensors";
  let description = [{
    `output = min(inputs[0], inputs[1], ...)`, element by element.

    Constraints:
    1. There are at least two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Min"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_AddConstOp : Top_Op<"AddConst", [SupportFuseRelu]> {
  let summary = "Sum of a tensor and a constant";
  let description = [{
    `output = input + const_val`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.AddConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_SubConstOp : Top_Op<"SubConst", [SupportFuseRelu]> {
  let summary = "Difference of a tensor and a constant";
  let description = [{
    `output = input - const_val`, element by element. With `is_reverse`, const_val - input. `do_relu` applies a Relu
    with `relu_limit` afterwards.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.SubConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_MulConstOp : Top_Op<"MulConst", [SupportFuseRelu]> {
  let summary = "Product of a tensor and a constant";
  let description = [{
    `output = input * const_val`, element by element. `do_relu` applies a Relu with `relu_limit` afterwards.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.MulConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaxConstOp : Top_Op<"MaxConst"> {
  let summary = "Maximum of a tensor and a constant";
  let description = [{
    `output = max(input, const_val)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.MaxConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_MinConstOp : Top_Op<"MinConst"> {
  let summary = "Minimum of a tensor and a constant";
  let description = [{
    `output = min(input, const_val)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.MinConst"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}
