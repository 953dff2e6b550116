// Top ops: inputs, weights and absent operands. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.

def Top_NoneOp : Top_BaseOp<"None", [Pure]> {
  let summary = "An operand that is absent";
  let description = [{
    Stands in for an operand that an op does not use, so that every op has a fixed number of operands.

    Example:

    ```mlir
    %n = "top.None"() : () -> none
    ```
  }];
  let arguments = (ins);
  let results = (outs NoneType:$None);
}

def Top_WeightOp : Top_BaseOp<"Weight"> {
  let summary = "A constant tensor of the network";
  let description = [{
    Has a name (its location) and a type; the values are the array of that name in the `.npz` file that the module
    attribute `module.weight_file` names. Files hold F16 and BF16 as uint16. After weight reordering the type is the
    shape in the chip's layout, and after address assignment it carries the address.

    The result is declared as an allocation so that a general CSE never merges two weights that merely have one type.

    Constraints:
    1. The type is ranked and static.
    2. The location is a name; the array of that name has the type's element type and number of elements (checked
       when the value is read).

    Example:

    ```mlir
    %w = "top.Weight"() : () -> tensor<8x3x3x3xf32>
    ```
  }];
  let arguments = (ins
    OptionalAttr<F64ArrayAttr>:$scale,
    OptionalAttr<Top_StoreModeAttr>:$store_mode,
    OptionalAttr<I64ArrayAttr>:$allow_split,
    OptionalAttr<I64ArrayAttr>:$indices_idx,
    OptionalAttr<I64ArrayAttr>:$indices_slice,
    OptionalAttr<StrAttr>:$path,
    OptionalAttr<Top_PlaceHolderAttr>:$placeholder,
    OptionalAttr<BoolAttr>:$do_compress,
    OptionalAttr<I64Attr>:$bias0,
    OptionalAttr<I64Attr>:$bias1,
    OptionalAttr<BoolAttr>:$is_signed,
    OptionalAttr<BoolAttr>:$zero_guard,
    OptionalAttr<StrAttr>:$inline_bytes
  );
  // Two weights of one type have different values, so they must not look alike to a general CSE: the result is an
  // allocation, which still allows dead-code removal.
  let results = (outs Res<AnyRankedTensor, "the values", [MemAlloc]>:$output);
  let hasVerifier = 1;
}

def Top_InputOp : Top_Op<"Input"> {
  let summary = "An input of the network";
  let description = [{
    Passes a function argument on. The attributes say how a picture becomes this tensor: resize to `resize_dims`
    (keeping the aspect ratio with `pad_value` around it), order of channels, subtraction of `mean`, multiplication by
    `scale`. The op itself computes nothing; commands prepare pictures by these attributes, and a fused preprocessing
    puts them into the network.

    Constraints:
    1. `resize_dims`, if present and not empty, has two values, height and width.
    2. `mean` and `scale` have equally many values.
    3. The result has the type's shape of `input`.

    Example:

    ```mlir
    %y = "top.Input"(%x) {channel_format = "nchw", do_preprocess = true, mean = [0.0, 0.0, 0.0], pixel_format =
        "bgr", resize_dims = [16, 16], scale = [1.0, 1.0, 1.0]}
        : (tensor<1x3x16x16xf32>) -> tensor<1x3x16x16xf32>
    ```
  }];
  let arguments = (ins
    AnyRankedTensor:$input,
    OptionalAttr<I64ArrayAttr>:$shape_tensor,
    DefaultValuedAttr<BoolAttr, "false">:$do_preprocess,
    OptionalAttr<Top_PixelFormatAttr>:$pixel_format,
    OptionalAttr<Top_ChannelFormatAttr>:$channel_format,
    OptionalAttr<I64ArrayAttr>:$resize_dims,
    OptionalAttr<BoolAttr>:$keep_aspect_ratio,
    OptionalAttr<StrAttr>:$keep_ratio_mode,
    OptionalAttr<I64Attr>:$pad_value,
    OptionalAttr<Top_PadModeAttr>:$pad_type,
    OptionalAttr<F64ArrayAttr>:$scale,
    OptionalAttr<F64ArrayAttr>:$mean,
    OptionalAttr<StrAttr>:$customization_format,
    OptionalAttr<BoolAttr>:$aligned,
    OptionalAttr<StrAttr>:$yuv_type
  );
  let results = (outs AnyTensor:$output);
}

def Top_QuantizeLinearOp : Top_Op<"QuantizeLinear"> {
  let summary = "Float values to 8-bit integers, as QAT exports have them";
  let description = [{
    `output = saturate(round(input / y_scale) + y_zero_point)`, ties to even; the result's type is `!quant.uniform` of the
    same scale and zero point (per axis: the integer type). There is one scale and zero point, or one per position of `axis`.

    Constraints:
    1. `y_scale` and `y_zero_point` have equally many values: one, or as many as `axis` has positions. Scales are
       positive and finite.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.QuantizeLinear"(%x) {axis = 1 : i64, y_scale = [0.5], y_zero_point = [0 : i32]}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64ArrayAttr:$y_scale,
    I32ArrayAttr:$y_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_DequantizeLinearOp : Top_Op<"DequantizeLinear"> {
  let summary = "8-bit integers back to float values";
  let description = [{
    `output = (input - x_zero_point) * x_scale`. There is one scale and zero point, or one per position of `axis`.

    Constraints:
    1. `x_scale` and `x_zero_point` have equally many values: one, or as many as `axis` has positions. Scales are
       positive and finite.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.DequantizeLinear"(%x) {axis = 1 : i64, x_scale = [0.5], x_zero_point = [0 : i32]}
        : (tensor<1x8x4x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64ArrayAttr:$x_scale,
    I32ArrayAttr:$x_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis
  );
  let results = (outs AnyTensor:$output);
}
