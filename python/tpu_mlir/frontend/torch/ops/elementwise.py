"""Arithmetic with broadcasting. A number, or a constant with one element, becomes the *Const form of an op. Integers
and booleans are f32 in the module, exact up to 2^24."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...emit import Tensor, top_shape
from ..call import Call
from ..registry import torch_op


def scalar_side(call: Call, left: str = "self", right: str = "other") -> tuple[Tensor, float, bool] | None:
    """(tensor in the rank of the result, number, whether the number comes first) when one operand is a number."""
    for name, other in ((right, left), (left, right)):
        number = call.scalar(name)
        if number is not None and call.has(other) and call.const(other) is None:
            aligned = call.reshape(call.x(other), _aligned(call, other), "operand")
            if math.prod(aligned.shape) == math.prod(top_shape(call.out_shape())):
                return aligned, number, name == left
    return None


def _aligned(call: Call, name: str) -> list[int]:
    """The shape of an operand in the rank of the result; a constant such as [[2.0]] can raise it."""
    shape = call.shape(name)
    return [1] * (len(call.out_shape()) - len(shape)) + list(shape)


def pair(call: Call, left: str = "self", right: str = "other") -> list[Tensor]:
    """Both operands as tensors; a number becomes a weight."""
    return [operand(call, name) for name in (left, right)]


def operand(call: Call, name: str) -> Tensor:
    """An operand as a tensor; a number becomes a weight."""
    if call.has(name):
        return call.x(name)
    number = call.scalar(name)
    if number is None:
        call.refuse(f"its argument '{name}' is neither a tensor nor a number")
    return call.own_weight(name, np.array([number], np.float32))


def scaled(call: Call, source: Tensor, factor: float, suffix: str) -> Tensor:
    """A tensor times a number."""
    return source if factor == 1 else call.step(suffix, "MulConst", [source], source.shape, const_val=factor)


def integral(call: Call) -> bool:
    """Whether the result is an integer."""
    return not call.out().is_float


def check_range(call: Call) -> None:
    """Refuses element types whose arithmetic wraps around where f32 goes on."""
    if call.out().dtype in ("uint8", "int8", "int16"):
        call.refuse(f"arithmetic of {call.out().dtype} wraps around, which f32 does not")


@torch_op("aten.add")
def add(call: Call) -> None:
    check_range(call)
    if call.out().dtype == "bool":
        call.finish("Max", [pair(call)])
        return
    alpha = float(call.get("alpha", 1))
    side = scalar_side(call)
    if side is None:
        left, right = pair(call)
        call.finish("Add", [[left, scaled(call, right, alpha, "addend")]])
    elif side[2]:
        call.finish("AddConst", [scaled(call, side[0], alpha, "addend")], const_val=side[1])
    else:
        call.finish("AddConst", [side[0]], const_val=side[1] * alpha)


@torch_op("aten.sub")
def sub(call: Call) -> None:
    _subtract(call, "self", "other")


@torch_op("aten.rsub")
def rsub(call: Call) -> None:
    _subtract(call, "other", "self")


def _subtract(call: Call, left: str, right: str) -> None:
    check_range(call)
    alpha = float(call.get("alpha", 1))
    side = scalar_side(call, left, right)
    if side is None:
        minuend, subtrahend = pair(call, left, right)
        call.finish("Sub", [[minuend, scaled(call, subtrahend, alpha, "subtrahend")]])
    elif side[2]:
        call.finish("SubConst", [scaled(call, side[0], alpha, "subtrahend")], const_val=side[1], is_reverse=True)
    else:
        call.finish("SubConst", [side[0]], const_val=side[1] * alpha)


@torch_op("aten.mul")
def mul(call: Call) -> None:
    check_range(call)
    side = scalar_side(call)
    if side is not None:
        call.finish("MulConst", [side[0]], const_val=side[1])
    else:
        call.finish("Mul", [pair(call)])


@torch_op("aten.div")
def div(call: Call) -> None:
    mode = call.get("rounding_mode")
    if mode is None:
        _quotient(call, None)
        return
    check_range(call)
    inner = _quotient(call, "quotient")
    assert inner is not None
    if mode == "floor":
        call.finish("Floor", [inner])
    else:
        truncate(call, inner)


def _quotient(call: Call, suffix: str | None) -> Tensor | None:
    """self / other, as the result or as an op in the middle. A factor in place of a divisor may differ in the last
    bit, which rounding to integers would show."""
    side = scalar_side(call)
    shape = top_shape(call.out_shape())

    def make(kind: str, operands: list[object], **attributes: object) -> Tensor | None:
        if suffix is not None:
            return call.step(suffix, kind, operands, shape, **attributes)
        call.finish(kind, operands, **attributes)
        return None

    if side is None:
        return make("Div", [pair(call)])
    source, number, reverse = side
    if reverse:
        return make("Reciprocal", [source], const_val=number)
    inverse = 1 / number if number else 0.0
    if suffix is None and math.isfinite(inverse) and abs(inverse) >= np.finfo(np.float32).tiny:
        return make("MulConst", [source], const_val=inverse)
    return make("Div", [[source, call.own_weight("divisor", np.array([number], np.float32))]])


def truncate(call: Call, source: Tensor) -> None:
    """Finishes with the number rounded towards zero."""
    size = call.step("size", "Abs", [source], source.shape)
    whole = call.step("whole", "Floor", [size], source.shape)
    sign = call.step("sign", "Sign", [source], source.shape)
    call.finish("Mul", [[whole, sign]])


@torch_op("aten.trunc", "aten.fix")
def trunc(call: Call) -> None:
    if call.value("self").is_float:
        truncate(call, call.x())
    else:
        call.bind(call.x())


@torch_op("aten.floor_divide")
def floor_divide(call: Call) -> None:
    check_range(call)
    inner = _quotient(call, "quotient")
    call.finish("Floor", [inner])


def _rest(kind: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        check_range(call)
        call.finish(kind, [pair(call)])

    return convert


torch_op("aten.remainder")(_rest("Remainder"))
torch_op("aten.fmod")(_rest("Mod"))


@torch_op("aten.neg")
def neg(call: Call) -> None:
    check_range(call)
    call.finish("MulConst", [call.x()], const_val=-1.0)


@torch_op("aten.maximum", "aten.max.other")
def maximum(call: Call) -> None:
    _extremum(call, "Max")


@torch_op("aten.minimum", "aten.min.other")
def minimum(call: Call) -> None:
    _extremum(call, "Min")


def _extremum(call: Call, kind: str) -> None:
    side = scalar_side(call)
    if side is not None and not math.isnan(side[1]):
        call.finish(kind + "Const", [side[0]], const_val=side[1])
    else:
        call.finish(kind, [pair(call)])


@torch_op("aten.pow.Tensor_Scalar")
def pow_scalar(call: Call) -> None:
    """Exponents that have ops of their own; others are general powers."""
    check_range(call)
    exponent = float(call.get("exponent"))
    source = call.x()
    if exponent == 1:
        call.bind(source)
    elif exponent == 2:
        call.finish("Mul", [[source, source]])
    elif exponent == 0.5:
        call.finish("Sqrt", [source])
    elif exponent == -0.5:
        call.finish("Rsqrt", [source])
    elif exponent == -1:
        call.finish("Reciprocal", [source], const_val=1.0)
    else:
        call.finish("Pow", [source], exponent=exponent)


@torch_op("aten.pow.Tensor_Tensor")
def pow_tensor(call: Call) -> None:
    check_range(call)
    exponent = call.scalar("exponent")
    if exponent is not None and math.prod(call.shape()) == math.prod(call.out_shape()):
        source = call.reshape(call.x(), _aligned(call, "self"), "operand")
        call.finish("Pow", [source], exponent=exponent)
    else:
        call.finish("Pow3", [pair(call, "self", "exponent")])


@torch_op("aten.pow.Scalar")
def pow_base(call: Call) -> None:
    check_range(call)
    call.finish("Pow2", [call.x("exponent")], const_val=float(call.get("self")))


def _accumulated(call: Call, kind: str) -> None:
    """self + value * (tensor1 * tensor2), or the quotient."""
    first, second = call.x("tensor1"), call.x("tensor2")
    shape = np.broadcast_shapes(first.shape, second.shape)
    product = call.step("product", kind, [[first, second]], shape)
    call.finish("Add", [[call.x(), scaled(call, product, float(call.get("value", 1)), "scaled")]])


@torch_op("aten.addcmul")
def addcmul(call: Call) -> None:
    _accumulated(call, "Mul")


@torch_op("aten.addcdiv")
def addcdiv(call: Call) -> None:
    _accumulated(call, "Div")
