"""Arithmetic with NumPy broadcasting. A constant with one element becomes the *Const form of an op, any other constant
a weight; operators with many inputs become chains."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..call import Call, Tensor, top_shape
from ..registry import ANY, NUMERIC, onnx_op


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


@onnx_op("Add", since=7, data=NUMERIC)
def add(call: Call) -> None:
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("AddConst", [scalar[0]], const_val=scalar[1])
    else:
        call.finish("Add", [[call.x(0), call.x(1)]])


@onnx_op("Sub", since=7, data=NUMERIC)
def sub(call: Call) -> None:
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("SubConst", [scalar[0]], const_val=scalar[1], is_reverse=scalar[2])
    else:
        call.finish("Sub", [[call.x(0), call.x(1)]])


@onnx_op("Mul", since=7, data=NUMERIC)
def mul(call: Call) -> None:
    scalar = _scalar_side(call)
    if scalar is not None:
        call.finish("MulConst", [scalar[0]], const_val=scalar[1])
    else:
        call.finish("Mul", [[call.x(0), call.x(1)]])


@onnx_op("Div", since=7)
def div(call: Call) -> None:
    scalar = _scalar_side(call)
    if scalar is None:
        call.finish("Div", [[call.x(0), call.x(1)]])
    elif scalar[2]:
        call.finish("Reciprocal", [scalar[0]], const_val=scalar[1])
    elif scalar[1] != 0 and math.isfinite(1.0 / scalar[1]) and abs(1.0 / scalar[1]) >= np.finfo(np.float32).tiny:
        call.finish("MulConst", [scalar[0]], const_val=1.0 / scalar[1])
    else:
        call.finish("Div", [[scalar[0], call.own_weight("divisor", np.array([scalar[1]]))]])


@onnx_op("Neg", data=NUMERIC)
def neg(call: Call) -> None:
    call.finish("MulConst", [call.x(0)], const_val=-1.0)


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


LARGEST_POWER = 16
"""Whole exponents up to this size are computed by repeated multiplication."""


@onnx_op("Pow", since=7)
def pow_of(call: Call) -> None:
    exponent = call.const(1)
    base = call.scalar(0)
    if exponent is None and base is not None and base > 0 and call.is_float(1):
        source = call.reshape(call.x(1), top_shape(call.out_shape()), "operand")
        call.finish("Exp", [constant_op(call, "MulConst", source, math.log(base), "scaled")])
        return
    if exponent is None or exponent.size == 0 or np.any(exponent != exponent.reshape(-1)[0]):
        call.refuse("only a power with one constant exponent, or of one positive constant, has Top ops")
    value = float(exponent.reshape(-1)[0])
    if not math.isfinite(value):
        call.refuse(f"the exponent {value} is not finite")
    source = call.x(0)
    shape = top_shape(call.out_shape())
    if source.shape != shape:
        if math.prod(source.shape) != math.prod(shape):
            call.refuse(f"the exponent of shape {list(exponent.shape)} broadcasts the base {list(call.shape(0))}")
        source = call.reshape(source, shape, "operand")
    _constant_power(call, source, value)


def _constant_power(call: Call, source: Tensor, value: float) -> None:
    if value == 0:
        call.refuse("a power with exponent 0 is the constant 1; remove the node")
    if value == 1:
        call.bind(source)
    elif value == 0.5:
        call.finish("Sqrt", [source])
    elif value == -0.5:
        call.finish("Rsqrt", [source])
    elif value == -1:
        call.finish("Reciprocal", [source], const_val=1.0)
    elif value.is_integer() and abs(value) <= LARGEST_POWER:
        _whole_power(call, source, int(value))
    elif value.is_integer():
        call.refuse(f"the whole exponent {int(value)} is larger than {LARGEST_POWER}")
    else:
        logarithm = call.step("log", "Log", [source], source.shape)
        call.finish("Exp", [constant_op(call, "MulConst", logarithm, value, "scaled")])


def _whole_power(call: Call, source: Tensor, exponent: int) -> None:
    """Repeated squaring; the last multiplication, or the reciprocal, makes the output."""
    factors = []
    square, rest, bit = source, abs(exponent), 1
    while rest:
        if rest & 1:
            factors.append(square)
        rest >>= 1
        bit *= 2
        if rest and not (rest == 1 and not factors and exponent > 0):
            square = call.step(f"power{bit}", "Mul", [[square, square]], source.shape)
        elif rest:
            call.finish("Mul", [[square, square]])
            return
    total = factors[0]
    for position, factor in enumerate(factors[1:], 2):
        if position == len(factors) and exponent > 0:
            call.finish("Mul", [[total, factor]])
            return
        total = call.step(f"product{position}", "Mul", [[total, factor]], source.shape)
    call.finish("Reciprocal", [total], const_val=1.0)
