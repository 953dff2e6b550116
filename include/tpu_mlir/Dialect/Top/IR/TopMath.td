// Top ops: elementwise arithmetic, comparisons and functions beyond the core. Shape rules, verifiers and FLOPs:
// lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_MATH
#define TPU_MLIR_TOP_MATH
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_CompareOp : Top_Op<"Compare"> {
  let summary = "Comparison of two tensors";
  let description = [{
    1 where the condition holds, 0 elsewhere, element by element. `mode` is Equal, NotEqual, Greater, GreaterOrEqual,
    Less or LessOrEqual (`lhs` compared with `rhs`; a NaN is only NotEqual), And or Xor (of truth values: anything but 0
    is true), or Not (1 where `lhs` is 0; `rhs` only takes part in the shape).

    Constraints:
    1. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Compare"(%a, %b) {mode = "Greater"} : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$lhs,
    AnyTensor:$rhs,
    Top_CompareModeAttr:$mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_CompareConstOp : Top_Op<"CompareConst"> {
  let summary = "Comparison of a tensor with a constant";
  let description = [{
    1 where the condition holds, 0 elsewhere, element by element: `input` compared with `const_val`, or `const_val` with
    `input` if `inversed`. `mode` as in Compare; Not is 1 where `input` is 0, whatever the constant.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.CompareConst"(%x) {const_val = 1.0 : f64, inversed = false, mode = "Less"}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Top_CompareModeAttr:$mode,
    F64Attr:$const_val,
    BoolAttr:$inversed,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar
  );
  let results = (outs AnyTensor:$output);
}

def Top_LogicalAndOp : Top_Op<"LogicalAnd"> {
  let summary = "Conjunction of two tensors";
  let description = [{
    1 where both operands are other than 0, else 0, element by element.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    // %a: integers 0 to 1
    // %b: integers 0 to 1
    %y = "top.LogicalAnd"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_WhereOp : Top_Op<"Where"> {
  let summary = "Choice between two tensors or constants by a condition";
  let description = [{
    `tbrn` where `cond` is other than 0, `fbrn` elsewhere, element by element. With `x_is_const`, the constant
    `x_const_val` stands for `tbrn`, with `y_is_const`, `y_const_val` for `fbrn`.

    Constraints:
    1. A branch of type none has a constant.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    // %c: integers 0 to 1
    %y = "top.Where"(%c, %a, %n) {y_const_val = -1.0 : f64, y_is_const = true}
        : (tensor<4x4xf32>, tensor<1x8x4x4xf32>, none) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$cond,
    AnyTensorOrNone:$tbrn,
    AnyTensorOrNone:$fbrn,
    DefaultValuedAttr<BoolAttr, "false">:$x_is_const,
    DefaultValuedAttr<BoolAttr, "false">:$y_is_const,
    DefaultValuedAttr<F64Attr, "0.0">:$x_const_val,
    DefaultValuedAttr<F64Attr, "0.0">:$y_const_val
  );
  let results = (outs AnyTensor:$output);
}

def Top_MaskedFillOp : Top_Op<"MaskedFill"> {
  let summary = "Replaces elements by a constant where a condition holds";
  let description = [{
    `brn` where `cond` is other than 0, `const_val` elsewhere, element by element. With `inversed` the other way round:
    `const_val` where `cond` is other than 0, `brn` elsewhere.

    Constraints:
    1. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    // %c: integers 0 to 1
    %y = "top.MaskedFill"(%c, %x) {const_val = -10000.0 : f64, inversed = true}
        : (tensor<4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$cond,
    AnyTensor:$brn,
    BoolAttr:$inversed,
    F64Attr:$const_val
  );
  let results = (outs AnyTensor:$output);
}

def Top_PowOp : Top_Op<"Pow"> {
  let summary = "A tensor to the power of a constant";
  let description = [{
    `output = input ^ exponent`, element by element. Canonicalization replaces the exponents 1, 2, 3, 1/2, -1/2 and -1
    by cheaper ops.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Pow"(%x) {exponent = 1.7 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$exponent
  );
  let results = (outs AnyTensor:$output);
}

def Top_Pow2Op : Top_Op<"Pow2"> {
  let summary = "A constant to the power of a tensor";
  let description = [{
    `output = const_val ^ input`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Pow2"(%x) {const_val = 2.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$const_val
  );
  let results = (outs AnyTensor:$output);
}

def Top_Pow3Op : Top_Op<"Pow3"> {
  let summary = "A tensor to the power of a tensor";
  let description = [{
    `output = inputs[0] ^ inputs[1]`, element by element.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Pow3"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_DivConstOp : Top_Op<"DivConst", [SupportFuseRelu]> {
  let summary = "Quotient of whole numbers, one of them constant";
  let description = [{
    `output = floor(input / const_val)`, element by element. With `is_reverse`, floor(const_val / input). `do_relu`
    applies a Relu with `relu_limit` afterwards. (A quotient that is not rounded is a MulConst or a Reciprocal.)

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.DivConst"(%x) {const_val = 3.0 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
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

def Top_ModOp : Top_Op<"Mod"> {
  let summary = "What is left of a division that is rounded towards zero";
  let description = [{
    `output = a - trunc(a / b) * b` for `a, b = inputs`, element by element: the sign is that of `a`, as in C.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Mod"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_RemainderOp : Top_Op<"Remainder"> {
  let summary = "What is left of a division that is rounded down";
  let description = [{
    `output = a - floor(a / b) * b` for `a, b = inputs`, element by element: the sign is that of `b`, as in Python.

    Constraints:
    1. There are exactly two operands.
    2. The operands broadcast to each other (numpy rules); the result has the common shape.

    Example:

    ```mlir
    %y = "top.Remainder"(%a, %b) : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_CumSumOp : Top_Op<"CumSum"> {
  let summary = "Running sum along an axis";
  let description = [{
    Element i of the result along `axis` is the sum of the elements 0 to i of the input. A constant `dim` is moved into
    `axis` by shape inference.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. `dim`, if it is not of type none, has one element.

    Example:

    ```mlir
    %y = "top.CumSum"(%x, %n) {axis = 1 : i64} : (tensor<2x8x4xf32>, none) -> tensor<2x8x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensorOrNone:$dim,
    I64Attr:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_TriluOp : Top_Op<"Trilu"> {
  let summary = "Upper or lower triangles of matrices";
  let description = [{
    The last two axes are matrices. With `upper` = 1, elements with column >= row + `diagonal` stay, with `upper` = 0,
    those with column <= row + `diagonal`; the others become 0.

    Constraints:
    1. `input` has at least rank 2.
    2. `upper` is 0 or 1.

    Example:

    ```mlir
    %y = "top.Trilu"(%x) {diagonal = 1 : si32, upper = 1 : si32} : (tensor<2x5x6xf32>) -> tensor<2x5x6xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$upper,
    SI32Attr:$diagonal
  );
  let results = (outs AnyTensor:$output);
}

def Top_CastOp : Top_Op<"Cast"> {
  let summary = "Values as another type can hold them";
  let description = [{
    `to` names the number type whose values come out, still as f32 (or in the result's type, quantized ones included).
    Empty and F32 change nothing; F16 and BF16 round to the nearest, halves to even; INT64, INT32, INT16, INT8, UINT64,
    UINT32, UINT16 and UINT8 round by `round_mode` and saturate, where NaN gives 0; BOOL gives 1 for anything but 0.

    Constraints:
    1. `to` is one of these names.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: values -9 to 9
    %y = "top.Cast"(%x) {round_mode = "TowardsZero", to = "INT32"} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode,
    DefaultValuedAttr<StrAttr, "\"\"">:$to
  );
  let results = (outs AnyTensor:$output);
}

def Top_DtypeCastOp : Top_Op<"DtypeCast"> {
  let summary = "Conversion to the result's float type";
  let description = [{
    The values of `input` in the element type of the result, rounded to the nearest, halves to even.

    Constraints:
    1. The result has the shape of `input` and elements of type f32, f16 or bf16.

    Example:

    ```mlir
    %y = "top.DtypeCast"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf16>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_LogBOp : Top_Op<"LogB"> {
  let summary = "Logarithm to a given base";
  let description = [{
    `output = log(input) / log(base)`, element by element.

    Constraints:
    1. `base` is at least 2.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.LogB"(%x) {base = 2 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$base
  );
  let results = (outs AnyTensor:$output);
}

def Top_TanOp : Top_Op<"Tan"> {
  let summary = "Tangent";
  let description = [{
    `output = tan(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Tan"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SinhOp : Top_Op<"Sinh"> {
  let summary = "Hyperbolic sine";
  let description = [{
    `output = sinh(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Sinh"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_CoshOp : Top_Op<"Cosh"> {
  let summary = "Hyperbolic cosine";
  let description = [{
    `output = cosh(input)`, element by element.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Cosh"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_ArccosOp : Top_Op<"Arccos"> {
  let summary = "Inverse cosine";
  let description = [{
    `output = acos(input)`, element by element; NaN outside of [-1, 1].

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: values -1 to 1
    %y = "top.Arccos"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_ArctanhOp : Top_Op<"Arctanh"> {
  let summary = "Inverse hyperbolic tangent";
  let description = [{
    `output = atanh(input)`, element by element; NaN outside of [-1, 1].

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: values -0.9 to 0.9
    %y = "top.Arctanh"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input
  );
  let results = (outs AnyTensor:$output);
}

def Top_SwishOp : Top_Op<"Swish"> {
  let summary = "Product with a sigmoid of itself";
  let description = [{
    `output = input * sigmoid(beta * input)`, element by element. `round_mode` is how a quantized result is rounded once
    the op is lowered; the evaluation in f32 does not depend on it.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.Swish"(%x) {beta = 1.5 : f64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$beta,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_BinaryShiftOp : Top_Op<"BinaryShift"> {
  let summary = "Integer arithmetic of two tensors with a shift";
  let description = [{
    `output = (input1 (op) input2) * 2^shift` on integers, where `mode` is Add, Sub or Mul; `is_reverse` exchanges the
    operands. A negative `shift` rounds by `round_mode`. The result is limited to what its type holds, or, without
    `saturation`, taken modulo its size; a float result is not limited. Float operands are rounded towards zero first.

    Constraints:
    1. The operands broadcast to each other (numpy rules); the result has the common shape.
    2. `shift` is between -63 and 31.

    Example:

    ```mlir
    %y = "top.BinaryShift"(%a, %b) {mode = "Mul", shift = -2 : si32}
        : (tensor<1x8x4xsi8>, tensor<8x1xsi8>) -> tensor<1x8x4xsi8>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input1,
    AnyTensor:$input2,
    Top_BinaryShiftAttr:$mode,
    SI32Attr:$shift,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "true">:$saturation,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_BinaryConstShiftOp : Top_Op<"BinaryConstShift"> {
  let summary = "Integer arithmetic of a tensor and a constant with a shift";
  let description = [{
    `output = (input (op) scale) * 2^shift` on integers; everything else as in BinaryShift.

    Constraints:
    1. The result has the shape of `input`.
    2. `shift` is between -63 and 31.

    Example:

    ```mlir
    %y = "top.BinaryConstShift"(%x) {mode = "Mul", scale = 3 : si32, shift = -2 : si32}
        : (tensor<1x8x4xsi8>) -> tensor<1x8x4xsi8>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$scale,
    Top_BinaryShiftAttr:$mode,
    SI32Attr:$shift,
    DefaultValuedAttr<BoolAttr, "false">:$is_reverse,
    DefaultValuedAttr<BoolAttr, "true">:$saturation,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_LutOp : Top_Op<"Lut"> {
  let summary = "Look-up in a table of 256 values";
  let description = [{
    `output = table[input]`, element by element. The input's values are bytes as they are stored, -128 to 255, where a
    negative one counts from the table's end.

    Constraints:
    1. `table` has 256 elements.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: integers -128 to 127
    %y = "top.Lut"(%x, %t) : (tensor<1x8x4x4xf32>, tensor<256xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$table
  );
  let results = (outs AnyTensor:$output);
}
#endif
