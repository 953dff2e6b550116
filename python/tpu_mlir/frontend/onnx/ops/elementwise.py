"""Arithmetic with NumPy broadcasting. A constant with one element becomes the *Const form of an op, any other constant
a weight; operators with many inputs become chains."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor, top_shape
from ..registry import ANY, onnx_op
from .integers import IntegerType, integer_type, product, quotient, remainder, settled


def _broadcast(call: Call, left: Tensor, right: Tensor) -> tuple[int, ...]:
    try:
        return tuple(np.broadcast_shapes(left.shape, right.shape))
    except ValueError:
        call.refuse(f"shapes {list(left.shape)} and {list(right.shape)} do not broadcast")


def _scalar_side(call: Call) -> tuple[Tensor, float, bool] | None:
    """(activation, constant, whether the constant comes first) when one operand is a constant with one element."""
    for index in (0, 1):
        value = call.scalar(index)
        if value is not None and call.const(1 - index) is None:
            other = call.x(1 - index)
            # a constant such as [[2.0]] can raise the rank of the result
            return call.reshape(other, top_shape(call.out_shape()), "operand"), value, index == 0
    return None


def constant_op(call: Call, kind: str, source: Tensor, value: float, suffix: str, **attributes: object) -> Tensor:
    """An op with a scalar constant; the shape stays."""
    return call.step(suffix, kind, [source], source.shape, const_val=value, **attributes)


def _integers(call: Call, combine: Callable[[Formula, Tensor, Tensor, IntegerType], Tensor]) -> bool:
    """Makes the result by whole numbers where f32 arithmetic alone would not give it."""
    kind = integer_type(call.element(0))
    if kind is None or not kind.narrow:
        return False
    call.bind(combine(Formula(call), call.x(0), call.x(1), kind))
    return True


@onnx_op("Add", since=7, data=ANY)
def add(call: Call) -> None:
    if _integers(call, lambda f, a, b, kind: settled(f, f.add(a, b), kind)):
        return
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("AddConst", [scalar[0]], const_val=scalar[1])
    else:
        call.finish("Add", [[call.x(0), call.x(1)]])


@onnx_op("Sub", since=7, data=ANY)
def sub(call: Call) -> None:
    if _integers(call, lambda f, a, b, kind: settled(f, f.sub(a, b), kind)):
        return
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("SubConst", [scalar[0]], const_val=scalar[1], is_reverse=scalar[2])
    else:
        call.finish("Sub", [[call.x(0), call.x(1)]])


@onnx_op("Mul", since=7, data=ANY)
def mul(call: Call) -> None:
    if _integers(call, product):
        return
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("MulConst", [scalar[0]], const_val=scalar[1])
    else:
        call.finish("Mul", [[call.x(0), call.x(1)]])


@onnx_op("Div", since=7, data=ANY)
def div(call: Call) -> None:
    kind = integer_type(call.element(0))
    if kind is not None:
        divisor = (call.scalar(1) or None) if call.const(0) is None else None
        right = call.x(1) if divisor is None else divisor
        call.bind(quotient(Formula(call), call.x(0), right, kind, call.const(1) is not None))
        return
    scalar = _scalar_side(call)
    if scalar is None:
        call.finish("Div", [[call.x(0), call.x(1)]])
    elif scalar[2]:
        call.finish("Reciprocal", [scalar[0]], const_val=scalar[1])
    elif scalar[1] != 0 and math.isfinite(1.0 / scalar[1]) and abs(1.0 / scalar[1]) >= np.finfo(np.float32).tiny:
        call.finish("MulConst", [scalar[0]], const_val=1.0 / scalar[1])
    else:
        call.finish("Div", [[scalar[0], call.own_weight("divisor", np.array([scalar[1]]))]])


@onnx_op("Neg", data=ANY)
def neg(call: Call) -> None:
    f = Formula(call)
    call.bind(settled(f, f.mul(call.x(0), -1.0), integer_type(call.element(0))))


@onnx_op("Mod", since=10, data=ANY)
def mod(call: Call) -> None:
    """With the sign of the divisor, or of the dividend when the attribute fmod is set."""
    truncated, kind = bool(call.attr("fmod", 0)), integer_type(call.element(0))
    if kind is not None:
        call.bind(remainder(Formula(call), call.x(0), call.x(1), kind, truncated))
    else:
        call.finish("Mod" if truncated else "Remainder", [[call.x(0), call.x(1)]])


def _chain(call: Call, kind: str) -> None:
    """Folds all inputs from left to right with a binary op; the last one makes the output."""
    inputs = [index for index in range(len(call.node.inputs)) if call.has(index)]
    total = call.x(inputs[0])
    if len(inputs) == 1:
        call.bind(total)
        return
    for position, index in enumerate(inputs[1:], 1):
        right = call.x(index)
        if position == len(inputs) - 1:
            call.finish(kind, [[total, right]])
        else:
            total = call.step(f"part{position}", kind, [[total, right]], _broadcast(call, total, right))


def _extremum(kind: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        scalar = _scalar_side(call) if len(call.node.inputs) == 2 else None
        if scalar is not None and not math.isnan(scalar[1]):
            call.finish(kind + "Const", [scalar[0]], const_val=scalar[1])
        else:
            _chain(call, kind)

    return convert


onnx_op("Max", since=8, data=ANY)(_extremum("Max"))
onnx_op("Min", since=8, data=ANY)(_extremum("Min"))


@onnx_op("Sum", since=8)
def sum_of(call: Call) -> None:
    _chain(call, "Add")


@onnx_op("Mean", since=8)
def mean_of(call: Call) -> None:
    inputs = [call.x(index) for index in range(len(call.node.inputs))]
    total = inputs[0]
    for position, right in enumerate(inputs[1:], 1):
        total = call.step(f"part{position}", "Add", [[total, right]], _broadcast(call, total, right))
    call.finish("MulConst", [total], const_val=1.0 / len(inputs))
