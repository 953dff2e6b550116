// Top ops: integer arithmetic of quantized networks, and exchange between devices. Shape rules, verifiers and FLOPs:
// lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_QUANT
#define TPU_MLIR_TOP_QUANT
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

def Top_RequantIntOp : Top_Op<"RequantInt"> {
  let summary = "Integers scaled by a multiplier and a shift";
  let description = [{
    Exact integer arithmetic on each value x, rounded half up to an integer first; m and s are `multiplier` and `rshift`
    of its position along `rq_axis`, a >> s shifts right with `round_mode` (left for a negative s), and p(a) is a * m
    / 2^31, rounded half up and limited to 32 bits:

    - MultiplierShift: (x * m) >> s
    - OnlyShift: x >> s; the multiplier does not matter
    - TFLite and QDM: p(x) >> s
    - TFLite_LShift: p(x) >> s, but for a negative s the left shift comes first: p(x << -s)

    A quantized result adds its zero point and is limited to its range; its values are the integers that its type
    stores. Any other result holds the integers, limited to 32 bits. `fuse_rq` lets a preceding product take over the
    op; values do not depend on it.

    Constraints:
    1. `multiplier` and `rshift` have one value, or one per position of `rq_axis` (negative: from the end).
    2. Each multiplier has 32 bits, each shift is within -31 to 63.
    3. `quant_mode` is not OnlyScale.
    4. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: integers 0 to 1000
    %y = "top.RequantInt"(%x) {multiplier = [5, 7, 9], quant_mode = "MultiplierShift", rshift = [4, 4, 5]}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$multiplier,
    I64ArrayAttr:$rshift,
    Top_RequantModeAttr:$quant_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode,
    DefaultValuedAttr<SI32Attr, "1">:$rq_axis,
    DefaultValuedAttr<BoolAttr, "false">:$fuse_rq
  );
  let results = (outs AnyTensor:$output);
}

def Top_RequantFpOp : Top_Op<"RequantFp"> {
  let summary = "Integers scaled by a float";
  let description = [{
    `output = round(float(input) * scale + offset)`, product and sum in f32, with `scale` and `offset` of the position
    along axis 1. The conversion to float rounds as `first_round_mode` says, the last step as `round_mode`. A quantized
    result is limited to its range and its values are the integers that its type stores; any other result holds the
    integers, limited to 32 bits. `quant_mode` says how a chip without floats would do it; values do not depend on it.

    Constraints:
    1. `scale` and `offset` have one value, or one per position of axis 1; all are finite.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: integers 0 to 1000
    %y = "top.RequantFp"(%x) {offset = [3.0], quant_mode = "MultiplierShift", scale = [0.25]}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    F64ArrayAttr:$scale,
    F64ArrayAttr:$offset,
    Top_RequantModeAttr:$quant_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfUp\"">:$first_round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_DequantIntOp : Top_Op<"DequantInt"> {
  let summary = "Integers made wider by a multiplier and a shift";
  let description = [{
    Exact integer arithmetic on each value x less the zero point of a quantized input; m and s are `multiplier` and
    `shift` of its position along axis 1, a >> s shifts right with `round_mode` (left for a negative s), and p(a) is
    a * m / 2^31, rounded half up and limited to 32 bits:

    - Normal: (x * m) >> s
    - TFLite: p(x << lshift) >> s

    The result holds the integers, limited to 32 bits. The values of a quantized input are the integers that its type
    stores.

    Constraints:
    1. `multiplier` and `shift` have one value, or one per position of axis 1.
    2. Each multiplier has 32 bits, each shift is within -31 to 63, `lshift` within 0 to 31.
    3. The result has the shape of `input`.

    Example:

    ```mlir
    // %x: integers 0 to 100
    %y = "top.DequantInt"(%x) {lshift = 8 : i64, multiplier = [1073741824], quant_mode = "TFLite", shift = [3]}
        : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    I64ArrayAttr:$multiplier,
    I64ArrayAttr:$shift,
    DefaultValuedAttr<I64Attr, "0">:$lshift,
    Top_DequantModeAttr:$quant_mode,
    DefaultValuedAttr<Top_RoundModeAttr, "\"HalfAwayFromZero\"">:$round_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_WeightReorderOp : Top_Op<"WeightReorder"> {
  let summary = "Computed weights in the order that the chip reads";
  let description = [{
    `output = input`: the order `reorder_mode` concerns the chip's memory, not the values.

    Constraints:
    1. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.WeightReorder"(%x) : (tensor<8x3x3x3xf32>) -> tensor<8x3x3x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<I64Attr, "0">:$reorder_mode
  );
  let results = (outs AnyTensor:$output);
}

def Top_C2CAllReduceOp : Top_Op<"C2CAllReduce"> {
  let summary = "Reduction over devices";
  let description = [{
    Every one of `nranks` devices gives `send` and gets all of them, reduced as `reduce_method` says; `recv` is room for
    that. `sccl_algo` chooses the algorithm of the exchange, `chip_map` names the devices by rank. With one rank,
    `output = send`; the evaluation knows one device and refuses more.

    Constraints:
    1. `nranks` is at least 1, `rank` within 0 to `nranks` - 1, and `chip_map` has a device for each rank.
    2. `recv` and the result have the shape of `send`.

    Example:

    ```mlir
    %y = "top.C2CAllReduce"(%x, %r) {chip_map = [0], nranks = 1 : i64}
        : (tensor<1x8x16xf32>, tensor<1x8x16xf32>) -> tensor<1x8x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$send,
    AnyTensor:$recv,
    DefaultValuedAttr<I64Attr, "1">:$reduce_method,
    DefaultValuedAttr<I64Attr, "2">:$nranks,
    DefaultValuedAttr<I64Attr, "0">:$rank,
    DefaultValuedAttr<I64Attr, "0">:$sccl_algo,
    DefaultValuedAttr<I64ArrayAttr, "{0, 1}">:$chip_map
  );
  let results = (outs AnyTensor:$output);
}

def Top_C2CBroadcastOp : Top_Op<"C2CBroadcast"> {
  let summary = "A value of one device for all devices";
  let description = [{
    Every one of `nranks` devices gets `input` of the device `root`. `sccl_algo` chooses the algorithm of the exchange,
    `chip_map` names the devices by rank. With one rank, `output = input`; the evaluation knows one device and refuses
    more.

    Constraints:
    1. `nranks` is at least 1, `rank` and `root` are within 0 to `nranks` - 1, and `chip_map` has a device for each
       rank.
    2. The result has the shape of `input`.

    Example:

    ```mlir
    %y = "top.C2CBroadcast"(%x) {chip_map = [0], nranks = 1 : i64} : (tensor<1x8x16xf32>) -> tensor<1x8x16xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$input,
    DefaultValuedAttr<I64Attr, "0">:$root,
    DefaultValuedAttr<I64Attr, "2">:$nranks,
    DefaultValuedAttr<I64Attr, "0">:$rank,
    DefaultValuedAttr<I64Attr, "0">:$sccl_algo,
    DefaultValuedAttr<I64ArrayAttr, "{0, 1}">:$chip_map
  );
  let results = (outs AnyTensor:$output);
}
#endif
