// Top ops: selection, search, gathering and scattering. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR. Indices
// are whole numbers in tensors of any number type; one outside of its axis is an error of the evaluation.
#ifndef TPU_MLIR_TOP_INDEXING
#define TPU_MLIR_TOP_INDEXING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_ArgOp : Top_Op<"Arg"> {
  let summary = "Position and value of an extremum along an axis";
  let description = [{
    `indices` are the positions of the largest (`mode` ArgMax) or smallest (ArgMin) elements along `axis`, `values` the
    elements. Of equal ones the last counts, or the first without `select_last_index`; a NaN is the extremum in both
    modes. With `keepdims` the axis stays with extent 1; a result without axes has the shape [1].

    Constraints:
    1. `axis` is within the rank (negative: from the end) and has at least one element.

    Example:

    ```mlir
    %i, %v = "top.Arg"(%x) {axis = 1 : i64, keepdims = true, mode = "ArgMax"}
        : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$axis,
    BoolAttr:$keepdims,
    Top_ArgModeAttr:$mode,
    DefaultValuedAttr<BoolAttr, "true">:$select_last_index
  );
  let results = (outs AnyTensor:$indices, AnyTensorOrNone:$values);
}

def Top_SortOp : Top_Op<"Sort"> {
  let summary = "Elements in order along an axis";
  let description = [{
    `values` are the elements along `axis` from the largest to the smallest, or ascending without `descending`;
    `indices` are where they were. Equal elements keep their order; a NaN counts as the largest.

    Constraints:
    1. `axis` is within the rank (negative: from the end).

    Example:

    ```mlir
    %v, %i = "top.Sort"(%x) {axis = 1 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x8x4xf32>, tensor<2x8x4xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64Attr:$axis,
    DefaultValuedAttr<BoolAttr, "true">:$descending
  );
  let results = (outs AnyTensorOrNone:$values, AnyTensor:$indices);
}

def Top_TopKOp : Top_Op<"TopK"> {
  let summary = "The largest or smallest elements along an axis";
  let description = [{
    `values` are the `K` largest elements along `axis`, or the smallest without `largest`, `indices` where they are.
    They come in order, best first, also where `sorted` does not ask for it; of equal elements the first comes first; a
    NaN counts as the largest. A constant `kT` is moved into `K` by shape inference. `use_hau` chooses the chip's unit and
    `replace_topk_indices` takes part in comparisons with other tools only; neither changes the result.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. `K` is between 1 and the axis's extent.

    Example:

    ```mlir
    %v, %i = "top.TopK"(%x) {K = 3 : i64, axis = 1 : i64} : (tensor<2x8xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Optional<AnyTensor>:$kT,
    I64Attr:$axis,
    DefaultValuedAttr<I64Attr, "-1">:$K,
    DefaultValuedAttr<BoolAttr, "true">:$largest,
    DefaultValuedAttr<BoolAttr, "true">:$sorted,
    DefaultValuedAttr<BoolAttr, "false">:$replace_topk_indices,
    DefaultValuedAttr<BoolAttr, "true">:$use_hau
  );
  let results = (outs AnyTensorOrNone:$values, AnyTensorOrNone:$indices);
}

def Top_GatherOp : Top_Op<"Gather"> {
  let summary = "Slices of a tensor by indices along an axis";
  let description = [{
    The axis `axis` is replaced by the axes of `indices`: for axis 1, `output[i, j..., k] = input[i, indices[j...], k]`.
    Indices of shape [1] without `keepdims` are a single index, whose axis is dropped; a result without axes has the
    shape [1] (`is_scalar`). `is_lora` marks the table of an adapter that may be replaced after compilation.

    Constraints:
    1. `axis` is within the rank (negative: from the end).
    2. Indices are between -extent and extent - 1 of the axis; negative ones count from the end.

    Example:

    ```mlir
    // %i: integers -8 to 7
    %y = "top.Gather"(%x, %i) {axis = 1 : si32} : (tensor<2x8x4xf32>, tensor<3x5xf32>) -> tensor<2x3x5x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$indices,
    DefaultValuedAttr<BoolAttr, "true">:$keepdims,
    DefaultValuedAttr<SI32Attr, "0">:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$is_scalar,
    DefaultValuedAttr<BoolAttr, "false">:$is_lora
  );
  let results = (outs AnyTensor:$output);
}

def Top_GatherElementsOp : Top_Op<"GatherElements"> {
  let summary = "Elements of a tensor, an index for each along an axis";
  let description = [{
    The result has the shape of `indices`; for axis 1, `output[i, j, k] = input[i, indices[i, j, k], k]`.

    Constraints:
    1. `input` and `indices` have one rank; `axis` is within it (negative: from the end).
    2. Other axes of `indices` are not longer than those of `input`.
    3. Indices are between -extent and extent - 1 of the axis; negative ones count from the end.

    Example:

    ```mlir
    // %i: integers -8 to 7
    %y = "top.GatherElements"(%x, %i) {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$indices,
    DefaultValuedAttr<I64Attr, "2">:$axis
  );
  let results = (outs AnyTensor:$output);
}

def Top_GatherNDOp : Top_Op<"GatherND"> {
  let summary = "Slices of a tensor by tuples of indices";
  let description = [{
    The last axis of `indices` holds tuples of q indices for the q axes of `input` that follow the first `batch_dims`
    ones, which both operands share. The result has the axes of `indices` without the last and then the axes of `input`
    that no index belongs to; one without axes has the shape [1]. `indice_dims`, where given, is q.

    Constraints:
    1. `batch_dims` is at least 0, below the rank of `indices` and not above that of `input`.
    2. The first `batch_dims` extents of the operands are equal.
    3. q is at least 1 and `batch_dims` + q not more than the rank of `input`.
    4. Indices are between -extent and extent - 1 of their axes; negative ones count from the end.

    Example:

    ```mlir
    // %i: integers -4 to 3
    %y = "top.GatherND"(%x, %i) {batch_dims = 1 : i64} : (tensor<2x8x4x5xf32>, tensor<2x3x2xf32>) -> tensor<2x3x5xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$indices,
    OptionalAttr<I64Attr>:$indice_dims,
    DefaultValuedAttr<I64Attr, "0">:$batch_dims
  );
  let results = (outs AnyTensor:$output);
}

def Top_ScatterElementsOp : Top_Op<"ScatterElements"> {
  let summary = "A tensor with elements replaced, an index for each along an axis";
  let description = [{
    A copy of `input` in which, for axis 1, `output[i, indices[i, j, k], k]` becomes `updates[i, j, k]`. `reduction`
    combines it with what is there instead: 1 adds, 2 subtracts, 3 takes the maximum, 4 the minimum, 5 multiplies. Of
    several replacements of one element the last counts. `nc_can_split` is a hint for tiling.

    Constraints:
    1. All operands have one rank; `axis` is within it (negative: from the end).
    2. `updates` has the shape of `indices`, whose other axes are not longer than those of `input`.
    3. Indices are between -extent and extent - 1 of the axis; negative ones count from the end.
    4. `reduction` is between 0 and 5.

    Example:

    ```mlir
    // %i: integers -8 to 7
    %y = "top.ScatterElements"(%x, %i, %u) {axis = 1 : i64}
        : (tensor<2x8x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x8x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$indices,
    AnyTensor:$updates,
    I64Attr:$axis,
    DefaultValuedAttr<I64Attr, "0">:$reduction,
    DefaultValuedAttr<BoolAttr, "false">:$nc_can_split
  );
  let results = (outs AnyTensor:$output);
}

def Top_ScatterNDOp : Top_Op<"ScatterND"> {
  let summary = "A tensor with slices replaced by tuples of indices";
  let description = [{
    A copy of `input_data` in which the slice that a tuple of indices (the last axis of `indices`) selects becomes the
    slice of `updates` at the tuple's position. `reduction` as in ScatterElements.

    Constraints:
    1. The tuples have at least one index and not more than `input_data` has axes.
    2. `updates` has the axes of `indices` without the last and then the axes of `input_data` that no index belongs to.
    3. Indices are between -extent and extent - 1 of their axes; negative ones count from the end.
    4. `reduction` is between 0 and 5.

    Example:

    ```mlir
    // %i: integers -2 to 1
    %y = "top.ScatterND"(%x, %i, %u)
        : (tensor<2x8x4xf32>, tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<2x8x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input_data,
    AnyTensor:$indices,
    AnyTensor:$updates,
    DefaultValuedAttr<I32Attr, "0">:$reduction
  );
  let results = (outs AnyTensor:$output);
}

def Top_NonZeroOp : Top_Op<"NonZero"> {
  let summary = "Positions of the elements other than zero";
  let description = [{
    One tuple of indices per element of `input` that is other than 0, in the elements' order. With `order` ColMajor the
    result is [elements, rank], a tuple per row; with RowMajor it is [rank, elements], a tuple per column. The shape is
    that of an input without zeros; what is left behind the last tuple is -1.

    Constraints:
    1. `input` has at least rank 1.

    Example:

    ```mlir
    // %x: integers 0 to 1
    %y = "top.NonZero"(%x) {order = "RowMajor"} : (tensor<2x3x4xf32>) -> tensor<3x24xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    Top_NonZeroOrderAttr:$order
  );
  let results = (outs AnyTensor:$output);
}

def Top_NmsOp : Top_Op<"Nms"> {
  let summary = "Non-maximum suppression";
  let description = [{
    The inputs are boxes [batch, boxes, 4], scores [batch, classes, boxes] and up to three tensors of one element: the
    largest number of boxes per batch and class (`max_output_size` bounds it), the intersection over union above
    which a box is suppressed by a better one (0 if not given) and the score that a box must exceed (none if not given).
    A box is [y1, x1, y2, x2] (two opposite corners), or, with `center_point_box` = 1, [x, y, width, height] around its
    centre. Rows of the result are [batch, class, box], ordered by batch, class and descending score (of equal scores
    the first box); what is left behind the last row is -1. There are batch * classes * min(max_output_size, boxes)
    rows; a given shape may have more, up to batch * classes * max_output_size.

    Constraints:
    1. There are two to five operands of the shapes above.
    2. `center_point_box` is 0 or 1, `max_output_size` at least 1.

    Example:

    ```mlir
    // %b: values 0 to 9
    %y = "top.Nms"(%b, %s, %m, %t) {center_point_box = 0 : i64, max_output_size = 4 : i64}
        : (tensor<1x20x4xf32>, tensor<1x3x20xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<12x3xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    I64Attr:$center_point_box,
    I64Attr:$max_output_size
  );
  let results = (outs AnyTensor:$output);
}

def Top_IndexPutOp : Top_Op<"IndexPut"> {
  let summary = "A tensor with rows replaced or added to";
  let description = [{
    A copy of `input` in which `output[indices[i...]]` becomes `values[i...]`, or, with `accumulate`, the sum of both.
    `values` may be broadcast. Of several replacements of one row the last counts.

    Constraints:
    1. `values` broadcasts to the axes of `indices` followed by those of `input` without the first.
    2. Indices are between -extent and extent - 1 of the first axis; negative ones count from the end.

    Example:

    ```mlir
    // %i: integers -8 to 7
    %y = "top.IndexPut"(%x, %i, %v) {accumulate = true}
        : (tensor<8x4xf32>, tensor<3xf32>, tensor<3x4xf32>) -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    AnyTensor:$indices,
    AnyTensor:$values,
    DefaultValuedAttr<BoolAttr, "false">:$accumulate
  );
  let results = (outs AnyTensor:$output);
}

def Top_EmbDenseBwdOp : Top_Op<"EmbDenseBwd"> {
  let summary = "Gradient of the table of an embedding";
  let description = [{
    Row r of the result [`num_weights`, D] is the sum of the rows of `grad_output` [..., D] whose entry of `indices` is
    r.

    Constraints:
    1. `grad_output` has the axes of `indices` and one more.
    2. `num_weights` is at least 1.
    3. Indices are between 0 and `num_weights` - 1.

    Example:

    ```mlir
    // %i: integers 0 to 9
    %y = "top.EmbDenseBwd"(%g, %i) {num_weights = 10 : si32} : (tensor<2x3x8xf32>, tensor<2x3xf32>) -> tensor<10x8xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$grad_output,
    AnyTensor:$indices,
    SI32Attr:$num_weights
  );
  let results = (outs AnyTensor:$output);
}
#endif
