"""Tensors filled with one value, and running sums. Results that depend on shapes only are folded before."""

from __future__ import annotations

import numpy as np

from ...compose import Formula
from ..call import Call, plain
from ..registry import ANY, tflite_op
from .join import axis_in


@tflite_op("FILL", data=ANY)
def fill(call: Call) -> None:
    """The value may be computed, the shape not."""
    target = tuple(call.ints(0, "its shape"))
    if min(target, default=1) < 1 or int(np.prod(call.shape(1))) != 1:
        call.refuse(f"the shape {list(target)} of its result is not supported")
    value = call.reshape(call.x(1), (1,) * len(target), "value")
    call.finish("Tile", [value], target, plain(len(target)), tile=list(target) or [1])


@tflite_op("CUMSUM", data=ANY)
def cumulative_sum(call: Call) -> None:
    """Exclusive: without the element itself; Reverse: from the end."""
    shape, axes = call.shape(0), call.ints(1, "its axis")
    if len(axes) != 1:
        call.refuse(f"its axis {axes} is not one number")
    axis, order, f = axis_in(call, axes[0], len(shape)), call.order(0), Formula(call)
    place, source = order.index(axis), call.x(0, order)
    if call.option("Reverse", False):
        source = f.flip(source, place)
    total = call.step("sum", "CumSum", [source, call.none], source.shape, axis=place)
    if call.option("Exclusive", False):
        begins = [1 if position == place else 0 for position in range(total.rank)]
        ends = [0] * total.rank
        if shape[axis] > 1:
            total = f.pad(f.part(total, place, 0, shape[axis] - 1), begins, ends)
        else:
            total = f.weight("zeros", np.zeros(source.shape))
    if call.option("Reverse", False):
        total = f.flip(total, place)
    call.bind(total, shape, order)
