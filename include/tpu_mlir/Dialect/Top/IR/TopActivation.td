// Top ops: elementwise functions of one tensor. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.

def Top_ReluOp : Top_Op<"Relu"> {
  let summary = "Rectifier, with an optional upper limit";
  let description = [{
    `output = max(input, 0)`, element by element. With a positive `relu_limit`, also min(output, relu_limit).

    Constraints:
    1. `relu_limit` is positive, or negative for no limit.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Relu"(%x) {relu_limit = 6.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}

def Top_LeakyReluOp : Top_Op<"LeakyRelu"> {
  let summary = "Rectifier with a slope below zero";
  let description = [{
    `output = input > 0 ? input : alpha * input`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.LeakyRelu"(%x) {alpha = 0.1 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$alpha,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_PReluOp : Top_Op<"PRelu"> {
  let summary = "Rectifier with a learned slope below zero";
  let description = [{
    `output = input > 0 ? input : slope * input`; `slope` is broadcast.

    Constraints:
    1. `slope` broadcasts to the shape of `input` (numpy rules).
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.PRelu"(%x, %s) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$slope
  );
  let results = (outs AnyTensor:$output);
}

def Top_ClipOp : Top_Op<"Clip"> {
  let summary = "Limits values to a range";
  let description = [{
    `output = min(max(inputs, min), max)`, element by element.

    Constraints:
    1. `min` is not greater than `max`; neither is NaN.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Clip"(%x) {max = 1.0 : f64, min = -1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$inputs,
    F64Attr:$min,
    F64Attr:$max
  );
  let results = (outs AnyTensor:$output);
}

def Top_SigmoidOp : Top_Op<"Sigmoid"> {
  let summary = "Logistic function";
  let description = [{
    `output = scale / (1 + exp(-input)) + bias`, element by element. With `log`, the logarithm of the logistic
    function.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Sigmoid"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<F64Attr, "1">:$scale,
    DefaultValuedAttr<F64Attr, "0">:$bias,
    DefaultValuedAttr<BoolAttr, "false">:$log,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_SiLUOp : Top_Op<"SiLU"> {
  let summary = "x * sigmoid(x)";
  let description = [{
    `output = input / (1 + exp(-input))`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.SiLU"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_TanhOp : Top_Op<"Tanh"> {
  let summary = "Hyperbolic tangent";
  let description = [{
    `output = tanh(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Tanh"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_ExpOp : Top_Op<"Exp"> {
  let summary = "Exponential function";
  let description = [{
    `output = exp(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Exp"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_LogOp : Top_Op<"Log"> {
  let summary = "Natural logarithm";
  let description = [{
    `output = ln(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Log"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SqrtOp : Top_Op<"Sqrt"> {
  let summary = "Square root";
  let description = [{
    `output = sqrt(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Sqrt"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_RsqrtOp : Top_Op<"Rsqrt"> {
  let summary = "Reciprocal square root";
  let description = [{
    `output = 1 / sqrt(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Rsqrt"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_AbsOp : Top_Op<"Abs"> {
  let summary = "Absolute value";
  let description = [{
    `output = |input|`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Abs"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_CeilOp : Top_Op<"Ceil"> {
  let summary = "Rounding up";
  let description = [{
    `output = the smallest integer not below input`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Ceil"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_FloorOp : Top_Op<"Floor"> {
  let summary = "Rounding down";
  let description = [{
    `output = the largest integer not above input`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Floor"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_RoundOp : Top_Op<"Round"> {
  let summary = "Rounding to the nearest integer";
  let description = [{
    `output = the integer nearest to input, halves to even`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Round"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SignOp : Top_Op<"Sign"> {
  let summary = "Sign";
  let description = [{
    `output = -1, 0 or 1`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Sign"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SinOp : Top_Op<"Sin"> {
  let summary = "Sine";
  let description = [{
    `output = sin(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Sin"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_CosOp : Top_Op<"Cos"> {
  let summary = "Cosine";
  let description = [{
    `output = cos(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Cos"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_ErfOp : Top_Op<"Erf"> {
  let summary = "Error function";
  let description = [{
    `output = erf(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Erf"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_GELUOp : Top_Op<"GELU"> {
  let summary = "Gaussian error linear unit";
  let description = [{
    `output = input / 2 * (1 + erf(input / sqrt(2)))`, element by element. With `approx_mode` "tanh", input / 2 * (1 +
    tanh(sqrt(2 / pi) * (input + 0.044715 input^3))); with "sigm", input * sigmoid(1.702 input).

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.GELU"(%x) {approx_mode = "tanh"} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode,
    DefaultValuedAttr<Top_GELUModeAttr, "\"normal\"">:$approx_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_EluOp : Top_Op<"Elu"> {
  let summary = "Exponential linear unit";
  let description = [{
    `output = input > 0 ? input : alpha * (exp(input) - 1)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Elu"(%x) {alpha = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$alpha
  );
  let results = (outs AnyTensor:$output);
}

def Top_HardSigmoidOp : Top_Op<"HardSigmoid"> {
  let summary = "Piecewise linear sigmoid";
  let description = [{
    `output = min(max(alpha * input + beta, 0), 1)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.HardSigmoid"(%x) {alpha = 0.2 : f64, beta = 0.5 : f64}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$alpha,
    F64Attr:$beta
  );
  let results = (outs AnyTensor:$output);
}

def Top_HardSwishOp : Top_Op<"HardSwish"> {
  let summary = "x * hardsigmoid(x)";
  let description = [{
    `output = input * min(max(input / 6 + 1/2, 0), 1)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.HardSwish"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_MishOp : Top_Op<"Mish"> {
  let summary = "x * tanh(softplus(x))";
  let description = [{
    `output = input * tanh(ln(1 + exp(input)))`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Mish"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SoftplusOp : Top_Op<"Softplus"> {
  let summary = "Smooth rectifier";
  let description = [{
    `output = ln(1 + exp(input))`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Softplus"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SoftsignOp : Top_Op<"Softsign"> {
  let summary = "x / (1 + |x|)";
  let description = [{
    `output = input / (1 + |input|)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Softsign"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_ReciprocalOp : Top_Op<"Reciprocal", [SupportFuseRelu]> {
  let summary = "A constant divided by a tensor";
  let description = [{
    `output = const_val / input`, element by element. `do_relu` applies a Relu afterwards.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Reciprocal"(%x) {const_val = 1.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<F64Attr, "1.0">:$const_val,
    DefaultValuedAttr<BoolAttr, "false">:$do_relu,
    DefaultValuedAttr<F64Attr, "-1.0">:$relu_limit
  );
  let results = (outs AnyTensor:$output);
}
