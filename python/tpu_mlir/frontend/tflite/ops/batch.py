"""Blocks of pixels as entries of the batch and back, as old exporters wrote dilated convolutions."""

from __future__ import annotations

import math

from ..call import Call, plain
from ..registry import ANY, tflite_op


def _operands(call: Call, what: str) -> tuple[tuple[int, ...], list[int], list[list[int]]]:
    """The input's shape, the block and the pairs of ``what``, one per axis behind the batch."""
    shape, block = call.shape(0), call.ints(1, "its block")
    pairs = call.integers(2, f"the list of {what}")
    if not 1 <= len(block) <= len(shape) - 1 or min(block) < 1 or pairs.shape != (len(block), 2) or pairs.min() < 0:
        call.refuse(f"its block {block} and its {what} do not fit the input {list(shape)}")
    return shape, block, [[int(low), int(high)] for low, high in pairs]


@tflite_op("SPACE_TO_BATCH_ND", data=ANY)
def space_to_batch(call: Call) -> None:
    shape, block, pads = _operands(call, "pads")
    count, rank = len(block), len(shape)
    padded = [size + sum(pads[axis - 1]) if 1 <= axis <= count else size for axis, size in enumerate(shape)]
    if any(padded[axis + 1] % size for axis, size in enumerate(block)):
        call.refuse(f"its block {block} does not divide the padded input {padded}")
    source = call.x(0)
    if padded != list(shape):
        sides = [[0] * rank, [0] * rank]
        for axis, pair in enumerate(pads, 1):
            sides[0][axis], sides[1][axis] = pair
        source = call.step("padded", "Pad", [source], padded, paddings=sides[0] + sides[1], val=0.0, mode="constant")
    split = [n for axis, size in enumerate(block) for n in (padded[axis + 1] // size, size)]
    blocks = call.reshape(source, [shape[0], *split, *shape[count + 1 :]], "blocks")
    rest = range(2 * count + 1, blocks.rank)
    order = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count, 2), *rest]
    moved = call.permute(blocks, order, "moved")
    sizes = [padded[axis + 1] // size for axis, size in enumerate(block)]
    result = [shape[0] * math.prod(block), *sizes, *shape[count + 1 :]]
    call.finish("Reshape", [moved], result, plain(rank), shape=result)


@tflite_op("BATCH_TO_SPACE_ND", data=ANY)
def batch_to_space(call: Call) -> None:
    shape, block, crops = _operands(call, "crops")
    count, rank, times = len(block), len(shape), math.prod(block)
    if shape[0] % times:
        call.refuse(f"its block {block} does not divide the batch of the input {list(shape)}")
    batch = shape[0] // times
    blocks = call.reshape(call.x(0), [*block, batch, *shape[1:]], "blocks")
    pairs = [place for axis in range(count) for place in (count + 1 + axis, axis)]
    moved = call.permute(blocks, [count, *pairs, *range(2 * count + 1, blocks.rank)], "moved")
    full = [batch, *(shape[axis + 1] * size for axis, size in enumerate(block)), *shape[count + 1 :]]
    begins, ends = [0] * rank, list(full)
    for axis, (low, high) in enumerate(crops, 1):
        begins[axis], ends[axis] = low, full[axis] - high
    result = [end - begin for begin, end in zip(begins, ends, strict=True)]
    if min(result) < 1:
        call.refuse(f"its crops {crops} leave nothing of {full}")
    if result == full:
        call.finish("Reshape", [moved], result, plain(rank), shape=result)
        return
    whole = call.reshape(moved, full, "whole")
    operands = [whole, call.none, call.none, call.none]
    call.finish("Slice", operands, result, plain(rank), offset=begins, ends=ends, steps=[1] * rank, axes=[])
