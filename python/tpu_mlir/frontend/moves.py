"""Cuts, repetitions and paddings as Top ops, for front ends of frameworks that count axes and limits as NumPy does."""

from __future__ import annotations

from collections.abc import Sequence

from .emit import NodeEmitter, Tensor


def cut(
    call: NodeEmitter, source: Tensor, begins: Sequence[int], ends: Sequence[int], steps: Sequence[int], suffix: str
) -> Tensor:
    """A Slice op with one non-negative entry per axis; a negative step may end at -(size + 1), before the first."""
    shape = []
    for begin, end, step, size in zip(begins, ends, steps, source.shape, strict=True):
        last = end + size if end < 0 else end
        shape.append(max(0, -((begin - last) // step)))
    if tuple(shape) == source.shape and all(step == 1 for step in steps):
        return source
    operands = [source, call.none, call.none, call.none]
    attributes = {"offset": list(begins), "steps": list(steps), "ends": list(ends), "axes": []}
    return call.step(suffix, "Slice", operands, shape, **attributes)


def cut_axis(call: NodeEmitter, source: Tensor, axis: int, begin: int, end: int, suffix: str, step: int = 1) -> Tensor:
    """Positions begin, begin + step, ... before ``end`` (not negative) of one axis."""
    begins, ends, steps = [0] * source.rank, list(source.shape), [1] * source.rank
    begins[axis], ends[axis], steps[axis] = begin, end, step
    return cut(call, source, begins, ends, steps, suffix)


def spread(call: NodeEmitter, source: Tensor, shape: Sequence[int], suffix: str) -> Tensor:
    """A tensor repeated along axes of size 1, and new ones in front, until it has the shape."""
    aligned = call.reshape(source, [1] * (len(shape) - source.rank) + list(source.shape), f"{suffix}_aligned")
    if aligned.shape == tuple(shape):
        return aligned
    repeats = [new // old for new, old in zip(shape, aligned.shape, strict=True)]
    return call.step(suffix, "Tile", [aligned], shape, tile=repeats)


def pad(call: NodeEmitter, source: Tensor, pads: Sequence[int], value: float, mode: str, suffix: str) -> Tensor:
    """pads: of all axes, begins before ends, none negative. mode: "constant", "reflect" or "edge"."""
    if not any(pads):
        return source
    rank = source.rank
    shape = [size + pads[axis] + pads[rank + axis] for axis, size in enumerate(source.shape)]
    return call.step(suffix, "Pad", [source], shape, paddings=list(pads), val=value, mode=mode)
