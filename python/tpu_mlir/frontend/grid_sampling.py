"""Reading images at computed positions tap by tap, for the modes that GridSampler does not have."""

from __future__ import annotations

import itertools
import math

from .compose import Formula
from .emit import NodeEmitter, Tensor

LARGEST_INDEX = 1 << 24
"""Positions are numbers in f32, which is exact up to here."""


def sampled_by_taps(call: NodeEmitter, x: Tensor, grid: Tensor, mode: str, padding: str, align: bool) -> Tensor:
    """An image [batch, channels, sizes] read at a grid [batch, positions, axis], the last axis first.

    mode: "nearest", "linear" or "cubic". padding: "zeros", "border" or "reflection". align: whether -1 and 1 are the
    middles of the outer pixels and not their edges.
    """
    f = Formula(call)
    batch, channels, *sizes = x.shape
    positions, rank = math.prod(grid.shape[1:-1]), len(sizes)
    if math.prod(sizes) > LARGEST_INDEX:
        call.refuse(f"an image of {sizes} has more positions than f32 can count")
    taps = []
    for axis, size in enumerate(sizes):
        plane = f.part(grid, grid.rank - 1, rank - 1 - axis, rank - axis)  # the last axis comes first
        taps.append(_taps(f, f.reshape(plane, [batch, 1, positions]), size, mode, padding, align))
    flat = f.reshape(x, [batch, channels, math.prod(sizes)])
    total = None
    for chosen in itertools.product(*taps):
        index, factor = None, None
        for axis, (place, weight) in enumerate(chosen):
            offset = f.mul(place, float(math.prod(sizes[axis + 1 :])))
            index = offset if index is None else f.add(index, offset)
            if weight is not None:
                factor = weight if factor is None else f.mul(factor, weight)
        assert index is not None
        value = f.gather_elements(flat, f.spread(index, [batch, channels, positions]), 2)
        term = value if factor is None else f.mul(value, factor)
        total = term if total is None else f.add(total, term)
    assert total is not None
    return f.reshape(total, [batch, channels, *grid.shape[1:-1]])


def _taps(
    f: Formula, coordinate: Tensor, size: int, mode: str, padding: str, align: bool
) -> list[tuple[Tensor, Tensor | None]]:
    """Positions that are read along one axis, each within the axis, with weights (None for 1)."""
    low, high = (0.0, size - 1.0) if align else (-0.5, size - 0.5)
    shifted = f.add(coordinate, 1.0)
    position = f.mul(shifted, (size - 1) / 2) if align else f.add(f.mul(shifted, size / 2), -0.5)
    if mode == "nearest":
        position = f.round(position)
    if padding == "border" and mode != "cubic":
        # a cubic read outside clamps each tap alone, as PyTorch and onnxruntime do and ONNX's reference does not
        position = f.clip(position, 0, size - 1)
    elif padding == "reflection":
        position = _reflected(f, position, low, high)
    weights: list[Tensor | None]
    if mode == "nearest":
        # reflection can leave a whole number by rounding errors only
        places, weights = [f.round(position)], [None]
    else:
        base = f.floor(position)
        rest = f.sub(position, base)
        reach = range(2) if mode == "linear" else range(-1, 3)
        places = [f.add(base, float(offset)) for offset in reach]
        weights = [f.opposite(rest), rest] if mode == "linear" else [*_cubic_weights(f, rest)]
    return [
        _within(f, place, weight, size, padding, (low, high)) for place, weight in zip(places, weights, strict=True)
    ]


def _within(
    f: Formula, place: Tensor, weight: Tensor | None, size: int, padding: str, limits: tuple[float, float]
) -> tuple[Tensor, Tensor | None]:
    """A position brought into the axis; where it was outside of a zero padding its weight is 0."""
    if padding == "reflection":
        place = f.round(_reflected(f, place, *limits))
    inside = f.clip(place, 0, size - 1)
    if padding == "zeros":
        exists = f.compare("Equal", inside, place)
        weight = exists if weight is None else f.mul(weight, exists)
    return inside, weight


def _reflected(f: Formula, x: Tensor, low: float, high: float) -> Tensor:
    """Mirrored at both limits until it lies between them."""
    span = high - low
    if span == 0:
        return f.clip(x, low, low)
    distance = f.unary("Abs", f.sub(x, low))
    turns = f.floor(f.mul(distance, 1 / (2 * span)))
    rest = f.sub(distance, f.mul(turns, 2 * span))
    return f.sub(high, f.unary("Abs", f.sub(rest, span)))


def _cubic_weights(f: Formula, rest: Tensor) -> list[Tensor]:
    """Keys' kernel with a = -0.75 at the distances 1 + rest, rest, 1 - rest and 2 - rest."""
    a = -0.75

    def near(d: Tensor) -> Tensor:
        return f.add(f.mul(f.mul(f.sub(f.mul(d, a + 2), a + 3), d), d), 1.0)

    def far(d: Tensor) -> Tensor:
        return f.sub(f.mul(f.add(f.mul(f.sub(f.mul(d, a), 5 * a), d), 8 * a), d), 4 * a)

    return [far(f.add(rest, 1.0)), near(rest), near(f.opposite(rest)), far(f.sub(2.0, rest))]
