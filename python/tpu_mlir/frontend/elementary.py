"""Elementary functions that are several Top ops, accurate to about 1e-7."""

from __future__ import annotations

import math

from .compose import Formula
from .emit import Tensor

_LARGE = 1e9
"""From here on x^2 + 1 and x^2 are the same number in f32, and x^2 still exists."""


def arcsine(f: Formula, x: Tensor) -> Tensor:
    """pi / 2 - arccos(x)."""
    return f.sub(math.pi / 2, f.unary("Arccos", x))


def arctangent(f: Formula, x: Tensor) -> Tensor:
    """By the angle whose cosine is r / sqrt(1 + r^2), with r the smaller one of |x| and 1 / |x|, which keeps the arc
    cosine away from 1 where it is inaccurate."""
    magnitude = f.unary("Abs", x)
    ratio = f.minimum(magnitude, f.div(1.0, magnitude))
    cosine = f.mul(ratio, f.unary("Rsqrt", f.add(f.mul(ratio, ratio), 1.0)))
    steep = f.unary("Arccos", cosine)
    angle = f.where(f.compare("Greater", magnitude, 1.0), steep, f.sub(math.pi / 2, steep))
    return f.mul(angle, f.unary("Sign", x))


def area_sine(f: Formula, x: Tensor) -> Tensor:
    """arsinh: artanh(x / sqrt(1 + x^2)) near 0, then log(x + sqrt(x^2 + 1)), and log(2 x) where x^2 is too large."""
    magnitude = f.unary("Abs", x)
    root = f.unary("Sqrt", f.add(f.mul(magnitude, magnitude), 1.0))
    near = f.unary("Arctanh", f.div(magnitude, root))
    middle = f.unary("Log", f.add(magnitude, root))
    far = f.add(f.unary("Log", magnitude), math.log(2))
    beyond = f.where(f.compare("Less", magnitude, _LARGE), middle, far)
    return f.mul(f.where(f.compare("Less", magnitude, 1.0), near, beyond), f.unary("Sign", x))


def area_cosine(f: Formula, x: Tensor) -> Tensor:
    """arcosh: 2 artanh(sqrt((x - 1) / (x + 1))) near 1, then log(x + sqrt(x^2 - 1)), and log(2 x) as above."""
    below, above = f.unary("Sqrt", f.sub(x, 1.0)), f.unary("Sqrt", f.add(x, 1.0))
    near = f.mul(f.unary("Arctanh", f.div(below, above)), 2.0)
    middle = f.unary("Log", f.add(x, f.mul(below, above)))
    far = f.add(f.unary("Log", x), math.log(2))
    beyond = f.where(f.compare("Less", x, _LARGE), middle, far)
    return f.where(f.compare("Less", x, 2.0), near, beyond)
