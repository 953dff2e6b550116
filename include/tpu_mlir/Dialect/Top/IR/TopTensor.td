// Top ops: shapes, splitting, joining and filling. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_TENSOR
#define TPU_MLIR_TOP_TENSOR
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_SplitOp : Top_Op<"Split"> {
  let summary = "Cuts a tensor along an axis";
  let description = [{
    The results lie one after the other along `axis`. Their extents there are `split_size`, or, without it, `num` equal
    ones, the last of which may be smaller; shape inference writes `split_size`. Canonicalization makes Slices.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. There are `num` results, none of them empty.
    3. `split_size` has `num` entries, which add up to the extent of the axis.

    Example:

    ```mlir
    %y:2 = "top.Split"(%x) {axis = 1 : si32, num = 2 : i64, split_size = [3, 5]}
        : (tensor<1x8x4xf32>) -> (tensor<1x3x4xf32>, tensor<1x5x4xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$axis,
    I64Attr:$num,
    OptionalAttr<I64ArrayAttr>:$split_size
  );
  let results = (outs Variadic<AnyTensor>:$outputs);
}

def Top_PackOp : Top_Op<"Pack"> {
  let summary = "Joins tensors along a new axis";
  let description = [{
    Result position i along the new axis `axis` holds input i. Canonicalization makes Reshapes and a Concat.

    Constraints:
    1. There are `values_count` inputs, at least one, all of one shape.
    2. `axis` is within the rank of the result (negative: from the end).

    Example:

    ```mlir
    %y = "top.Pack"(%a, %b) {axis = 1 : si32, values_count = 2 : i64}
        : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x2x4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    SI32Attr:$axis,
    I64Attr:$values_count
  );
  let results = (outs AnyTensor:$output);
}

def Top_UnpackOp : Top_Op<"Unpack"> {
  let summary = "Takes a tensor apart along an axis";
  let description = [{
    Result i is position i of `axis`, without that axis; a result without axes has the shape [1]. Canonicalization
    makes Slices and Reshapes.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. There are as many results as the axis has positions.

    Example:

    ```mlir
    %y:2 = "top.Unpack"(%x) {axis = 1 : si32}
        : (tensor<3x2x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    SI32Attr:$axis
  );
  let results = (outs Variadic<AnyTensor>:$outputs);
}

def Top_ReverseOp : Top_Op<"Reverse"> {
  let summary = "Turns an axis around";
  let description = [{
    `output[.., i, ..] = input[.., extent - 1 - i, ..]` along `axis`.

    Constraints:
    1. `axis` is within the rank (negative: from the end).

    Example:

    ```mlir
    %y = "top.Reverse"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_ShuffleChannelOp : Top_Op<"ShuffleChannel"> {
  let summary = "Interleaves groups of channels";
  let description = [{
    Channels are seen as [`group`, C / `group`] and exchanged: `output[:, j * group + i] = input[:, i * (C / group) +
    j]`.

    Constraints:
    1. `input` has rank 2 or more.
    2. `group` is at least 1 and divides the channels.

    Example:

    ```mlir
    %y = "top.ShuffleChannel"(%x) {group = 2 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$group
  );
  let results = (outs AnyTensor:$output);
}

def Top_SwapDimInnerOp : Top_Op<"SwapDimInner"> {
  let summary = "Rotates axes";
  let description = [{
    `output[.., i, ..] = input[.., (i + offset[a]) mod extent, ..]` for every axis a: what lies before `offset[a]` goes
    to the end. Chains of it become one.

    Constraints:
    1. `offset` has one entry per axis, each at least 0 and less than the extent.

    Example:

    ```mlir
    %y = "top.SwapDimInner"(%x) {offset = [0, 1]} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$offset
  );
  let results = (outs AnyTensor:$output);
}

def Top_ViewOp : Top_Op<"View"> {
  let summary = "The same elements in the shape that an operand gives";
  let description = [{
    Row-major order stays. `shape` is a vector that must be known when shapes are inferred; one -1 stands for what is
    left. Canonicalization makes a Reshape.

    Constraints:
    1. The number of elements stays.
    2. At most one -1; no other value below 1.

    Example:

    ```mlir
    // %shape: constant 6 4
    %y = "top.View"(%x, %shape) : (tensor<2x3x4xf32>, tensor<2xf32>) -> tensor<6x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$shape
  );
  let results = (outs AnyTensor:$output);
}

def Top_SliceAxisOp : Top_Op<"SliceAxis"> {
  let summary = "A range of one axis, given by operands";
  let description = [{
    Elements `start`, `start + step` ... before `end` along `axis`. The operands have one element each and must be
    known when shapes are inferred; no `step` means 1. Negative positions count from the end, and both are clamped to
    the axis. Canonicalization makes a Slice.

    Constraints:
    1. `axis`, `start`, `step` and `end` have one element.
    2. `axis` is within the rank (negative: from the end); `step` is not 0.
    3. The result is not empty.

    Example:

    ```mlir
    // %axis: constant 1
    // %start: constant 1
    // %end: constant 4
    %y = "top.SliceAxis"(%x, %axis, %start, %n, %end)
        : (tensor<2x5xf32>, tensor<1xf32>, tensor<1xf32>, none, tensor<1xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$axis,
    AnyTensor:$start,
    AnyTensorOrNone:$step,
    AnyTensor:$end
  );
  let results = (outs AnyTensor:$output);
}

def Top_StridedSliceOp : Top_Op<"StridedSlice"> {
  let summary = "A range per axis, with masks";
  let description = [{
    As TensorFlow's: entry i of `starts`, `ends` and `strides` belongs to axis i of the input, and bit i of a mask to
    entry i. `begin_mask` and `end_mask` ignore the start or end. `ellipsis_mask` (one bit) leaves as many axes as are
    missing as they are. `new_axis_mask` adds an axis of extent 1 instead. `shrink_axis_mask` takes the one element at
    the start and drops the axis; a result without axes has the shape [1]. Axes without an entry stay. The operands
    must be known when shapes are inferred. Canonicalization makes a Slice and a Reshape.

    Constraints:
    1. `starts`, `ends` and `strides` have the same number of entries, at most 31 and not more than there are axes.
    2. No stride is 0; that of a dropped axis is positive, and its start is within the axis.
    3. The result is not empty.

    Example:

    ```mlir
    // %starts: constant 0 -1
    // %ends: constant 0 0
    // %strides: constant 1 1
    %y = "top.StridedSlice"(%x, %starts, %ends, %strides) {begin_mask = 1 : i64, ellipsis_mask = 0 : i64,
        end_mask = 1 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 2 : i64}
        : (tensor<4x6xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$starts,
    AnyTensor:$ends,
    AnyTensor:$strides,
    I64Attr:$begin_mask,
    I64Attr:$end_mask,
    I64Attr:$ellipsis_mask,
    I64Attr:$new_axis_mask,
    I64Attr:$shrink_axis_mask
  );
  let results = (outs AnyTensor:$output);
}

def Top_ConstantFillOp : Top_Op<"ConstantFill"> {
  let summary = "One value everywhere";
  let description = [{
    `input` is the shape of the result, a vector that must be known when shapes are inferred. Arithmetic with the
    result becomes arithmetic with a constant.

    Constraints:
    1. No extent is below 1.

    Example:

    ```mlir
    // %shape: constant 2 3
    %y = "top.ConstantFill"(%shape) {value = 0.5 : f64} : (tensor<2xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64Attr:$value
  );
  let results = (outs AnyTensor:$output);
}

def Top_RangeOp : Top_Op<"Range"> {
  let summary = "Equally spaced numbers";
  let description = [{
    `output[i] = start + i * delta`, before `limit`: ceil((limit - start) / delta) elements. The operands have one
    element each and must be known when shapes are inferred; no `start` means 0, no `delta` means 1.

    Constraints:
    1. `start`, `limit` and `delta` have one element.
    2. `delta` is not 0, and there is at least one number.

    Example:

    ```mlir
    // %limit: constant 2
    %y = "top.Range"(%n, %limit, %n) : (none, tensor<1xf32>, none) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensorOrNone:$start,
    AnyTensor:$limit,
    AnyTensorOrNone:$delta
  );
  let results = (outs AnyTensor:$output);
}

def Top_ArangeOp : Top_Op<"Arange"> {
  let summary = "Equally spaced numbers, as PyTorch has them";
  let description = [{
    `output[i] = start + i * step`, before `end`: ceil((end - start) / step) elements. The operands have one element
    each and must be known when shapes are inferred; no `start` means 0, no `step` means 1.

    Constraints:
    1. `start`, `end` and `step` have one element.
    2. `step` is not 0, and there is at least one number.

    Example:

    ```mlir
    // %end: constant 2
    %y = "top.Arange"(%n, %end, %n) : (none, tensor<1xf32>, none) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensorOrNone:$start,
    AnyTensor:$end,
    AnyTensorOrNone:$step
  );
  let results = (outs AnyTensor:$output);
}

def Top_ExpandOp : Top_Op<"Expand"> {
  let summary = "Broadcasts to a shape";
  let description = [{
    The input is broadcast together with a tensor of shape `shape`, as NumPy does it: axes are aligned at the end, an
    extent of 1 is repeated, the longer of both gives the rank. -1 keeps the input's extent. A constant `shapeT` is
    moved into the attribute by shape inference. Canonicalization makes a Reshape and a Tile.

    Constraints:
    1. Extents that meet are equal or one of them is 1.
    2. No entry is below -1 or 0.

    Example:

    ```mlir
    %y = "top.Expand"(%x) {shape = [2, 3, 4]} : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Optional<AnyTensor>:$shapeT,
    DefaultValuedAttr<I64ArrayAttr, "{}">:$shape
  );
  let results = (outs AnyTensor:$output);
}

def Top_RepeatOp : Top_Op<"Repeat"> {
  let summary = "Copies of a tensor along its axes";
  let description = [{
    `repeats` has the number of copies per axis, aligned at the end, and must be known when shapes are inferred; an
    input of lower rank gets axes of extent 1 in front. Canonicalization makes a Tile.

    Constraints:
    1. `repeats` has at least as many entries as the input has axes, each at least 1.

    Example:

    ```mlir
    // %repeats: constant 2 1 3
    %y = "top.Repeat"(%x, %repeats) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x2x9xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$repeats
  );
  let results = (outs AnyTensor:$output);
}

def Top_RandnLikeOp : Top_Op<"RandnLike"> {
  let summary = "Random numbers that the network brings along";
  let description = [{
    The result is `randn_data`: numbers drawn when the network was converted, so that every run gives the same. `input`
    only states the shape. Canonicalization uses the data themselves.

    Constraints:
    1. `randn_data` has the shape of `input`.

    Example:

    ```mlir
    %y = "top.RandnLike"(%x, %data) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$randn_data
  );
  let results = (outs AnyTensor:$output);
}

def Top_ShapeOp : Top_Op<"Shape"> {
  let summary = "The extents of a tensor";
  let description = [{
    A vector of the extents of the axes `start` (0), `start + step` (1) ... before `end` (the rank). Negative positions
    count from the end; both are clamped to the rank. A negative step goes from the last axis to the first unless `start`
    and `end` say otherwise. Canonicalization makes a Weight, since shapes are known.

    Constraints:
    1. `step` is not 0.
    2. The result is not empty.

    Example:

    ```mlir
    %y = "top.Shape"(%x) {start = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    OptionalAttr<I64Attr>:$start,
    OptionalAttr<I64Attr>:$end,
    OptionalAttr<I64Attr>:$step
  );
  let results = (outs AnyTensor:$output);
}

def Top_SizeOp : Top_Op<"Size"> {
  let summary = "The extent of an axis, or of all axes";
  let description = [{
    With `axis` a vector of one element, otherwise one element per axis. Canonicalization makes a Weight, since shapes
    are known.

    Constraints:
    1. `input` has at least one axis; `axis` is within the rank (negative: from the end).

    Example:

    ```mlir
    %y = "top.Size"(%x) {axis = 1 : si32} : (tensor<2x3x4xf32>) -> tensor<1xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    OptionalAttr<SI32Attr>:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_MeshGridOp : Top_Op<"MeshGrid"> {
  let summary = "Coordinates of a grid";
  let description = [{
    Result i repeats input i along the axes of all other inputs: `outputs[i][p0, p1, ..] = inputs[i][p_i]`. With
    `is_reverse` the axes of the results are in the reverse order of the inputs (for two inputs PyTorch's "xy").
    Canonicalization makes Reshapes and Tiles.

    Constraints:
    1. There is at least one input; all have rank 1.
    2. There are as many results as inputs.

    Example:

    ```mlir
    %y:2 = "top.MeshGrid"(%a, %b) {is_reverse = false}
        : (tensor<2xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    BoolAttr:$is_reverse
  );
  let results = (outs Variadic<AnyTensor>:$outputs);
}

def Top_ListOp : Top_Op<"List"> {
  let summary = "Vectors one after the other";
  let description = [{
    The list of numbers that a source framework makes of scalars, such as a shape: the inputs joined to one vector.
    Canonicalization makes a Concat.

    Constraints:
    1. There is at least one input; all have rank 1.

    Example:

    ```mlir
    %y = "top.List"(%a, %b) : (tensor<1xf32>, tensor<2xf32>) -> tensor<3xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_TupleOp : Top_Op<"Tuple"> {
  let summary = "Several tensors in one value";
  let description = [{
    The elements of all inputs, one input after the other, as a vector; only UnTuple knows which belongs where.

    Constraints:
    1. There is at least one input.

    Example:

    ```mlir
    %y = "top.Tuple"(%a, %b) : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<10xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs AnyTensor:$output);
}

def Top_UnTupleOp : Top_Op<"UnTuple"> {
  let summary = "The tensors of tuples";
  let description = [{
    The results are the inputs in order, where an input that Tuple made stands for the tensors it was made of.
    Canonicalization uses these tensors themselves.

    Constraints:
    1. There are as many results as inputs, those of tuples counted one by one.

    Example:

    ```mlir
    %y:2 = "top.UnTuple"(%a, %b)
        : (tensor<2x3xf32>, tensor<4xf32>) -> (tensor<2x3xf32>, tensor<4xf32>)
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs
  );
  let results = (outs Variadic<AnyTensor>:$outputs);
}

def Top_ConcatSliceOp : Top_Op<"ConcatSlice"> {
  let summary = "Appends to a window that keeps its length";
  let description = [{
    `in0` and `in1` one after the other along `axis`, of which the last elements remain, as many as `in0` has: a
    stream's history moves on by the extent of `in1`. Canonicalization makes a Slice and a Concat.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. All extents other than that of `axis` are equal; `in1` has at most as many elements there as `in0`.

    Example:

    ```mlir
    %y = "top.ConcatSlice"(%a, %b) {axis = 1 : i64} : (tensor<1x4x2xf32>, tensor<1x1x2xf32>) -> tensor<1x4x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$in0,
    AnyTensor:$in1,
    I64Attr:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_InsertOp : Top_Op<"Insert"> {
  let summary = "Replaces a range of an axis";
  let description = [{
    `input`, where positions `offset` ... of `axis` hold `rhs`. Canonicalization makes Slices and a Concat.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. All extents other than that of `axis` are equal.
    3. `offset` is not negative, and the range lies within the axis.

    Example:

    ```mlir
    %y = "top.Insert"(%a, %b) {axis = 1 : i64, offset = 2 : i64}
        : (tensor<1x4x2xf32>, tensor<1x2x2xf32>) -> tensor<1x4x2xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$rhs,
    I64Attr:$axis,
    I64Attr:$offset
  );
  let results = (outs AnyTensor:$output);
}

def Top_CopyOp : Top_Op<"Copy"> {
  let summary = "Copies elements with strides";
  let description = [{
    For every index of `shape`, the element at the dot product of index and `input_stride` goes to that of index and
    `output_stride`; both count elements from the tensor's begin. The result has the shape `shape`; positions that
    nothing is copied to are 0.

    Constraints:
    1. `shape`, `input_stride` and `output_stride` have one entry per axis; extents are at least 1, strides not
       negative.
    2. All positions are within the tensors.

    Example:

    ```mlir
    %y = "top.Copy"(%x) {input_stride = [1, 2], output_stride = [3, 1], shape = [2, 3]}
        : (tensor<3x2xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$shape,
    I64ArrayAttr:$input_stride,
    I64ArrayAttr:$output_stride
  );
  let results = (outs AnyTensor:$output);
}

def Top_EinsumOp : Top_Op<"Einsum"> {
  let summary = "Sums of products along named axes";
  let description = [{
    `mode` names the axes of every input with letters, then `->` and those of the result, such as "bij,bjk->bik". Axes
    of one name have one extent or the extent 1 (repeated); axes that the result does not name are summed. A name twice
    in one input takes its diagonal. "..." stands for all axes that are not named, aligned at the end. Without `->` the
    result has the names that occur once, in alphabetical order, after "...". A result without axes has the shape [1].
    Canonicalization makes Reshapes, Permutes, Reduces and MatMuls or Muls.

    Constraints:
    1. There is one list of names per input, and each names as many axes as the input has.
    2. The result names an axis at most once, and only axes of inputs.
    3. There are at most 26 + 26 names and 8 inputs.

    Example:

    ```mlir
    %y = "top.Einsum"(%a, %b) {mode = "bij,bkj->bik"} : (tensor<2x3x4xf32>, tensor<2x5x4xf32>) -> tensor<2x3x5xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    StrAttr:$mode
  );
  let results = (outs AnyTensor:$output);
}
#endif
