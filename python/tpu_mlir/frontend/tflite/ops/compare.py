"""Comparisons, and choices by them. Truth is 1 and 0 in the module."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..call import Call
from ..registry import ANY, tflite_op
from .elementwise import broadcast, constant_side

_TURNED = {
    "Equal": "Equal",
    "NotEqual": "NotEqual",
    "Less": "Greater",
    "LessOrEqual": "GreaterOrEqual",
    "Greater": "Less",
    "GreaterOrEqual": "LessOrEqual",
}
"""The same question with its operands exchanged."""


def _comparison(mode: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        shape, order = broadcast(call)
        side = constant_side(call, shape)
        value = call.scalar(side) if side is not None else None
        if side is None or value is None:
            operands = [call.x(index, order, len(shape)) for index in (0, 1)]
            call.finish("Compare", operands, shape, order, mode=mode)
            return
        attributes = {"mode": mode if side == 1 else _TURNED[mode], "const_val": value, "inversed": False}
        call.finish("CompareConst", [call.x(1 - side, order)], shape, order, **attributes)

    return convert


tflite_op("EQUAL", data=ANY)(_comparison("Equal"))
tflite_op("NOT_EQUAL", data=ANY)(_comparison("NotEqual"))
tflite_op("LESS", data=ANY)(_comparison("Less"))
tflite_op("LESS_EQUAL", data=ANY)(_comparison("LessOrEqual"))
tflite_op("GREATER", data=ANY)(_comparison("Greater"))
tflite_op("GREATER_EQUAL", data=ANY)(_comparison("GreaterOrEqual"))


@tflite_op("SELECT", data=ANY)
def select(call: Call) -> None:
    """The branches have one shape; a condition with one entry per entry of their first axis chooses whole entries."""
    shape, condition = call.shape(1), call.shape(0)
    if call.shape(2) != shape:
        call.refuse(f"its branches have the shapes {list(shape)} and {list(call.shape(2))}")
    if condition == shape or condition in ((), (1,)):
        _choose(call)
    elif len(condition) == 1 and shape and condition[0] == shape[0]:
        order = call.order(1, 2)
        rows = [shape[0] if axis == 0 else 1 for axis in order]
        operands = [call.reshape(call.x(0), rows, "condition"), call.x(1, order), call.x(2, order)]
        call.finish("Where", operands, shape, order)
    else:
        call.refuse(f"its condition of shape {list(condition)} does not fit the branches {list(shape)}")


@tflite_op("SELECT_V2", data=ANY)
def select_v2(call: Call) -> None:
    _choose(call)


@tflite_op("WHERE", data=ANY)
def where(call: Call) -> None:
    """Only the form with branches; the other one gives as many positions as there are ones in the condition."""
    if len(call.node.inputs) != 3:
        call.refuse("the number of positions that it finds depends on values")
    _choose(call)


def _choose(call: Call) -> None:
    shapes = [call.shape(index) for index in range(3)]
    try:
        shape = tuple(np.broadcast_shapes(*shapes))
    except ValueError:
        call.refuse(f"the shapes {[list(item) for item in shapes]} do not broadcast")
    order = call.order(0, 1, 2, rank=len(shape))
    numbers = {index: value for index in (1, 2) if (value := call.scalar(index)) is not None}
    if tuple(np.broadcast_shapes(*(item for index, item in enumerate(shapes) if index not in numbers))) != shape:
        numbers = {}  # their axes take part in the result's shape
    operands = [call.none if index in numbers else call.x(index, order, len(shape)) for index in range(3)]
    attributes: dict[str, object] = {}
    for index, value in numbers.items():
        letter = " xy"[index]
        attributes |= {f"{letter}_is_const": True, f"{letter}_const_val": value}
    call.finish("Where", operands, shape, order, **attributes)
