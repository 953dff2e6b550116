"""Powers, and elementary functions that are made of others."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...compose import Formula
from ...elementary import arcsine, arctangent, area_cosine, area_sine
from ..call import Call, Tensor, top_shape
from ..registry import ANY, onnx_op
from .integers import integer_type

LARGEST_POWER = 16
"""Whole exponents up to this size are computed by repeated multiplication."""


@onnx_op("Pow", since=7, data=ANY)
def pow_of(call: Call) -> None:
    """The result has the type of the base; powers of integers are cut to whole numbers."""
    f, exponent, base = Formula(call), call.scalar(1), call.scalar(0)
    if exponent is not None and call.const(0) is None:
        shape = top_shape(call.out_shape())
        result = _constant_power(f, call.reshape(call.x(0), shape, "operand"), exponent)
    elif base is not None and base > 0 and call.const(1) is None:
        result = f.unary("Exp", f.mul(call.x(1), math.log(base)))
    else:
        shape = np.broadcast_shapes(call.x(0).shape, call.x(1).shape)
        result = call.step("power", "Pow3", [[call.x(0), call.x(1)]], shape)
    if integer_type(call.element(0)) is not None and not (exponent is not None and exponent >= 0):
        # a whole result may be off by the last bit, a fraction is at most a half
        result = f.truncate(f.add(result, f.mul(f.unary("Sign", result), 0.25)))
    call.bind(result)


def _constant_power(f: Formula, source: Tensor, value: float) -> Tensor:
    if value == 0:
        return f.weight("one", np.ones(source.shape))
    if value == 0.5:
        return f.unary("Sqrt", source)
    if value == -0.5:
        return f.unary("Rsqrt", source)
    if value.is_integer() and abs(value) <= LARGEST_POWER:
        result = f.power(source, int(abs(value)))
        return result if value > 0 else f.div(1.0, result)
    if value.is_integer() or not math.isfinite(value):
        return f.unary("Pow", source, exponent=value)
    return f.unary("Exp", f.mul(f.unary("Log", source), value))


def _plain(source: str, target: str, since: int) -> None:
    @onnx_op(source, since=since)
    def convert(call: Call) -> None:
        call.finish(target, [call.x(0)])


def _composed(source: str, function: Callable[[Formula, Tensor], Tensor], since: int) -> None:
    @onnx_op(source, since=since)
    def convert(call: Call) -> None:
        call.bind(function(Formula(call), call.x(0)))


for _source, _target, _since in (
    ("Tan", "Tan", 7),
    ("Sinh", "Sinh", 9),
    ("Cosh", "Cosh", 9),
    ("Acos", "Arccos", 7),
    ("Atanh", "Arctanh", 9),
):
    _plain(_source, _target, _since)


for _source, _function, _since in (
    ("Asin", arcsine, 7),
    ("Atan", arctangent, 7),
    ("Asinh", area_sine, 9),
    ("Acosh", area_cosine, 9),
):
    _composed(_source, _function, _since)


LARGEST_DETERMINANT = 4
"""Determinants are written out up to this size."""


@onnx_op("Det", since=11)
def det(call: Call) -> None:
    """Expanded along the first row."""
    f, shape = Formula(call), call.shape(0)
    size = shape[-1] if len(shape) > 1 else 0
    if size < 1 or size > LARGEST_DETERMINANT or shape[-2] != size:
        call.refuse(f"the determinant of matrices {list(shape[-2:])} is not written out beyond {LARGEST_DETERMINANT}")
    x = f.reshape(call.x(0), [int(np.prod(shape[:-2])), size * size])
    element = [
        [f.part(x, 1, row * size + column, row * size + column + 1) for column in range(size)] for row in range(size)
    ]

    def minor(row: int, columns: list[int]) -> Tensor:
        if len(columns) == 1:
            return element[row][columns[0]]
        total = None
        for place, column in enumerate(columns):
            term = f.mul(element[row][column], minor(row + 1, [item for item in columns if item != column]))
            total = term if total is None else f.sub(total, term) if place % 2 else f.add(total, term)
        assert total is not None
        return total

    call.bind(minor(0, list(range(size))))
