"""Arithmetic with NumPy broadcasting. A constant with one element becomes the *Const form of an op, any other constant
a weight in the order of axes of the other operand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...compose import Formula
from ..call import Call, Order
from ..graph import INTEGER_TYPES
from ..registry import ANY, NUMERIC, tflite_op


def broadcast(call: Call, left: int = 0, right: int = 1) -> tuple[tuple[int, ...], Order]:
    """The common shape of two inputs, and the order of axes in which to compute."""
    try:
        shape = tuple(np.broadcast_shapes(call.shape(left), call.shape(right)))
    except ValueError:
        call.refuse(f"shapes {list(call.shape(left))} and {list(call.shape(right))} do not broadcast")
    return shape, call.order(left, right, rank=len(shape))


def constant_side(call: Call, shape: tuple[int, ...]) -> int | None:
    """The input that is a constant with one element, when the other one is an activation of the result's shape."""
    for index in (0, 1):
        if call.scalar(index) is not None and call.const(1 - index) is None and call.shape(1 - index) == shape:
            return index
    return None


def _binary(kind: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        shape, order = broadcast(call)
        side = constant_side(call, shape)
        value = call.scalar(side) if side is not None else None
        if side is None or value is None:
            operands = [call.x(index, order, len(shape)) for index in (0, 1)]
            call.activated(kind, [operands], shape, order)
            return
        reverse = {"is_reverse": side == 0} if kind == "Sub" else {}
        call.activated(kind + "Const", [call.x(1 - side, order)], shape, order, const_val=value, **reverse)

    return convert


tflite_op("ADD", data=NUMERIC)(_binary("Add"))
tflite_op("SUB", data=NUMERIC)(_binary("Sub"))
tflite_op("MUL", data=NUMERIC)(_binary("Mul"))
tflite_op("MAXIMUM", data=NUMERIC)(_binary("Max"))
tflite_op("MINIMUM", data=NUMERIC)(_binary("Min"))


@tflite_op("DIV", data=NUMERIC)
def div(call: Call) -> None:
    """Whole numbers are divided as in C, towards zero."""
    shape, order = broadcast(call)
    if is_whole(call):
        f = Formula(call)
        quotient = f.truncate(f.div(*(call.x(index, order, len(shape)) for index in (0, 1))))
        call.activated("Reshape", [quotient], shape, order, shape=list(quotient.shape))
        return
    side = constant_side(call, shape)
    value = call.scalar(side) if side is not None else None
    if side == 0 and value is not None:
        call.activated("Reciprocal", [call.x(1, order)], shape, order, const_val=value)
    elif value and math.isfinite(1 / value) and abs(1 / value) >= np.finfo(np.float32).tiny:
        call.activated("MulConst", [call.x(0, order)], shape, order, const_val=1 / value)
    else:
        call.activated("Div", [[call.x(index, order, len(shape)) for index in (0, 1)]], shape, order)


def is_whole(call: Call) -> bool:
    """Whether the operator computes on integers that are not quantized."""
    info = call.out_info()
    return info.element in INTEGER_TYPES and not info.is_quantized


@tflite_op("FLOOR_MOD", data=NUMERIC)
def floor_mod(call: Call) -> None:
    """The remainder has the sign of the divisor."""
    shape, order = broadcast(call)
    call.finish("Remainder", [[call.x(index, order, len(shape)) for index in (0, 1)]], shape, order)


@tflite_op("FLOOR_DIV", data=NUMERIC)
def floor_div(call: Call) -> None:
    shape, order = broadcast(call)
    operands = [call.x(index, order, len(shape)) for index in (0, 1)]
    quotient = call.step("quotient", "Div", [operands], [shape[axis] for axis in order])
    call.finish("Floor", [quotient], shape, order)


@tflite_op("SQUARED_DIFFERENCE")
def squared_difference(call: Call) -> None:
    shape, order = broadcast(call)
    operands = [call.x(index, order, len(shape)) for index in (0, 1)]
    difference = call.step("difference", "Sub", [operands], [shape[axis] for axis in order])
    call.finish("Mul", [[difference, difference]], shape, order)


@tflite_op("ADD_N", data=NUMERIC)
def add_n(call: Call) -> None:
    indices = range(len(call.node.inputs))
    shape, order = call.shape(0), call.order(*indices)
    if any(call.shape(index) != shape for index in indices):
        call.refuse("its operands have different shapes")
    if len(indices) == 1:
        call.alias(call.value(0))
        return
    call.finish("Add", [[call.x(index, order) for index in indices]], shape, order)


@tflite_op("POW", data=NUMERIC)
def power(call: Call) -> None:
    """A power with a constant exponent or base has its own op; usual exponents are products and roots."""
    shape, order = broadcast(call)
    side = constant_side(call, shape)
    value = call.scalar(side) if side is not None else None
    if is_whole(call) and not (side == 1 and value in (1, 2)):
        _whole_power(call)
    elif side is None or value is None:
        call.finish("Pow3", [[call.x(index, order, len(shape)) for index in (0, 1)]], shape, order)
    elif side == 0:
        call.finish("Pow2", [call.x(1, order)], shape, order, const_val=value)
    elif value == 1:
        call.alias(call.value(0))
    elif value == 2:
        call.finish("Mul", [[call.x(0, order), call.x(0, order)]], shape, order)
    elif value == 0.5:
        call.finish("Sqrt", [call.x(0, order)], shape, order)
    elif value == -1:
        call.finish("Reciprocal", [call.x(0, order)], shape, order, const_val=1.0)
    else:
        call.finish("Pow", [call.x(0, order)], shape, order, exponent=value)


def _whole_power(call: Call) -> None:
    """Powers of integers; the exponent is constant, because a computed one may be negative."""
    shape, order = broadcast(call)
    exponents = call.ints(1, "the exponent")
    if min(exponents, default=0) < 0:
        call.refuse("powers of integers with a negative exponent are not defined")
    f = Formula(call)
    operands = [call.x(index, order, len(shape)) for index in (0, 1)]
    exact = f.call.step("power", "Pow3", [operands], [shape[axis] for axis in order])
    call.finish("Round", [exact], shape, order)


def _logical(kind: str) -> Callable[[Call], None]:
    """Booleans are 0 and 1 in the module."""

    def convert(call: Call) -> None:
        shape, order = broadcast(call)
        call.finish(kind, [[call.x(index, order, len(shape)) for index in (0, 1)]], shape, order)

    return convert


tflite_op("LOGICAL_AND", data=ANY)(_logical("Mul"))
tflite_op("LOGICAL_OR", data=ANY)(_logical("Max"))


@tflite_op("LOGICAL_NOT", data=ANY)
def logical_not(call: Call) -> None:
    order = call.order(0)
    call.finish("SubConst", [call.x(0, order)], call.shape(0), order, const_val=1.0, is_reverse=True)
