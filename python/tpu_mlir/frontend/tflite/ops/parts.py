"""Operators that put values at known places: diagonals, parts of tensors, sums of segments."""

from __future__ import annotations

import numpy as np

from ...compose import Formula
from ..call import Call, plain
from ..registry import ANY, NUMERIC, tflite_op


@tflite_op("MATRIX_DIAG", data=ANY)
def matrix_diag(call: Call) -> None:
    """The last axis on the diagonals of matrices that are 0 elsewhere."""
    shape = call.shape(0)
    if not shape:
        call.refuse("a scalar is no diagonal")
    f, result = Formula(call), (*shape, shape[-1])
    diagonal = f.weight("diagonal", np.eye(shape[-1]).reshape([1] * (len(shape) - 1) + [shape[-1]] * 2))
    rows = f.reshape(call.x(0), (*shape, 1))
    attributes = {"y_is_const": True, "y_const_val": 0.0}
    call.finish("Where", [diagonal, rows, call.none], result, plain(len(result)), **attributes)


@tflite_op("DYNAMIC_UPDATE_SLICE", data=ANY)
def dynamic_update_slice(call: Call) -> None:
    """A part is replaced, which is moved inside where it would stick out; it begins at a constant place."""
    shape, part, begins = call.shape(0), call.shape(1), call.ints(2, "where the part begins")
    if len(begins) != len(shape) or len(part) != len(shape) or any(n > m for n, m in zip(part, shape, strict=True)):
        call.refuse(f"a part of shape {list(part)} at {begins} does not fit the input {list(shape)}")
    first = [min(max(begin, 0), m - n) for begin, n, m in zip(begins, part, shape, strict=True)]
    if part == shape:
        call.bind(call.x(1), shape, plain(len(shape)))
        return
    inside = np.zeros(shape, np.float32)
    inside[tuple(slice(begin, begin + n) for begin, n in zip(first, part, strict=True))] = 1
    f = Formula(call)
    ends = [m - n - begin for begin, n, m in zip(first, part, shape, strict=True)]
    operands = [f.weight("inside", inside), f.pad(call.x(1), first, ends), call.x(0)]
    call.finish("Where", operands, shape, plain(len(shape)))


@tflite_op("UNSORTED_SEGMENT_SUM", data=NUMERIC)
def unsorted_segment_sum(call: Call) -> None:
    """Sums of the entries that have the same number; how many sums there are is constant."""
    shape, places, counts = call.shape(0), call.shape(1), call.ints(2, "the number of segments")
    if len(counts) != 1 or counts[0] < 1 or shape[: len(places)] != places or not places:
        call.refuse(f"{counts} segments with numbers of shape {list(places)} do not fit the input {list(shape)}")
    numbers = call.const(1)
    if numbers is not None and (numbers.min() < 0 or numbers.max() >= counts[0]):
        call.refuse(f"its numbers {numbers.min()}..{numbers.max()} are outside of {counts[0]} segments")
    result = (counts[0], *shape[len(places) :])
    f = Formula(call)
    operands = [f.weight("zeros", np.zeros(result)), f.reshape(call.x(1), (*places, 1)), call.x(0)]
    call.finish("ScatterND", operands, result, plain(len(result)), reduction=1)
