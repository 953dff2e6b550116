"""Elementary functions that are several Top ops, accurate to about 1e-7 absolutely."""

from __future__ import annotations

import math

from .emit import NodeEmitter, Tensor


def arcsine(call: NodeEmitter, source: Tensor, suffix: str) -> Tensor:
    """pi / 2 - arccos(x)."""
    angle = call.step(f"{suffix}_cosine", "Arccos", [source], source.shape)
    return call.step(suffix, "SubConst", [angle], source.shape, const_val=math.pi / 2, is_reverse=True)


def arctangent(call: NodeEmitter, source: Tensor) -> tuple[Tensor, Tensor]:
    """Two factors whose product is the arc tangent: that of |x|, and the sign.

    With m = min(|x|, 1 / |x|), which keeps the arc cosine away from 1 where it is inaccurate, the first is
    a = arcsin(m / sqrt(1 + m^2)) up to 1 and pi / 2 - a above.
    """
    shape = source.shape
    size = call.step("size", "Abs", [source], shape)
    inverse = call.step("inverse", "Reciprocal", [size], shape, const_val=1.0)
    least = call.step("least", "Min", [[size, inverse]], shape)
    square = call.step("square", "Mul", [[least, least]], shape)
    shifted = call.step("shifted", "AddConst", [square], shape, const_val=1.0)
    factor = call.step("factor", "Rsqrt", [shifted], shape)
    angle = arcsine(call, call.step("sine", "Mul", [[least, factor]], shape), "angle")
    other = call.step("other", "SubConst", [angle], shape, const_val=math.pi / 2, is_reverse=True)
    small = call.step("small", "CompareConst", [size], shape, mode="LessOrEqual", const_val=1.0, inversed=False)
    return call.step("positive", "Where", [small, angle, other], shape), call.step("sign", "Sign", [source], shape)
