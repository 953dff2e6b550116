"""Operators that join, cut, pad and repeat tensors, in the order of axes in which they are stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..call import Call, plain
from ..registry import ANY, tflite_op


def axis_in(call: Call, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        call.refuse(f"its axis {axis} is out of range")
    return axis % rank


@tflite_op("CONCATENATION", data=ANY)
def concatenation(call: Call) -> None:
    indices = [index for index in range(len(call.node.inputs)) if 0 not in call.shape(index)]
    if not indices:
        call.refuse("it joins nothing")
    shapes = [call.shape(index) for index in indices]
    axis = axis_in(call, int(call.option("Axis")), len(shapes[0]))
    if any(s[:axis] + s[axis + 1 :] != shapes[0][:axis] + shapes[0][axis + 1 :] for s in shapes):
        call.refuse(f"the shapes {[list(s) for s in shapes]} cannot be joined along axis {axis}")
    shape = (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])
    order = call.order(*indices)
    operands = [call.x(index, order) for index in indices]
    call.activated("Concat", [operands], shape, order, axis=order.index(axis))


@tflite_op("PACK", data=ANY)
def pack(call: Call) -> None:
    """A new axis, along which the operands lie."""
    indices = range(len(call.node.inputs))
    shapes = [call.shape(index) for index in indices]
    if not shapes or any(shape != shapes[0] for shape in shapes):
        call.refuse("its operands have different shapes")
    axis = axis_in(call, int(call.option("Axis", 0)), len(shapes[0]) + 1)
    each = (*shapes[0][:axis], 1, *shapes[0][axis:])
    operands = [call.reshape(call.x(index), each, f"operand{index}") for index in indices]
    shape = (*each[:axis], len(operands), *each[axis + 1 :])
    call.finish("Concat", [operands], shape, plain(len(shape)), axis=axis)


def cut(
    call: Call, begins: Sequence[int], sizes: Sequence[int], steps: Sequence[int], index: int = 0, source: int = 0
) -> None:
    """Output ``index`` is ``sizes`` elements of input ``source`` per axis of the file, from ``begins`` in ``steps``."""
    shape = call.shape(source)
    if tuple(sizes) == shape and all(step == 1 for step in steps):
        call.alias(call.value(source), index, source)
        return
    order = call.order(source)
    ends = []
    for begin, count, step, size in zip(begins, sizes, steps, shape, strict=True):
        end = begin + (count - 1) * step + (1 if step > 0 else -1)
        ends.append(end if end >= 0 else -(size + 1))
    attributes = {
        "offset": [begins[axis] for axis in order],
        "ends": [ends[axis] for axis in order],
        "steps": [steps[axis] for axis in order],
        "axes": [],
    }
    operands = [call.x(source, order), call.none, call.none, call.none]
    call.finish("Slice", operands, tuple(sizes), order, index, **attributes)


def _parts(call: Call, source: int, axis: int, counts: Sequence[int]) -> None:
    shape, position = call.shape(source), 0
    if len(counts) != len(call.node.outputs) or sum(counts) != shape[axis] or min(counts) < 1:
        call.refuse(f"it cannot cut axis {axis} of the input {list(shape)} into {list(counts)}")
    for index, count in enumerate(counts):
        begins, sizes = [0] * len(shape), list(shape)
        begins[axis], sizes[axis] = position, count
        position += count
        cut(call, begins, sizes, [1] * len(shape), index, source)


@tflite_op("SPLIT", data=ANY)
def split(call: Call) -> None:
    """The axis is the first operand."""
    shape, count = call.shape(1), len(call.node.outputs)
    axis = axis_in(call, call.ints(0, "its axis")[0], len(shape))
    if shape[axis] % count:
        call.refuse(f"it cannot cut axis {axis} of the input {list(shape)} into {count} equal parts")
    _parts(call, 1, axis, [shape[axis] // count] * count)


@tflite_op("SPLIT_V", data=ANY)
def split_v(call: Call) -> None:
    counts, shape = call.ints(1, "the list of sizes"), call.shape(0)
    axis = axis_in(call, call.ints(2, "its axis")[0], len(shape))
    rest = shape[axis] - sum(count for count in counts if count != -1)
    _parts(call, 0, axis, [rest if count == -1 else count for count in counts])


@tflite_op("UNPACK", data=ANY)
def unpack(call: Call) -> None:
    shape = call.shape(0)
    axis = axis_in(call, int(call.option("Axis", 0)), len(shape))
    if shape[axis] != len(call.node.outputs):
        call.refuse(f"it has {len(call.node.outputs)} results for {shape[axis]} entries of axis {axis}")
    source, rest = call.x(0), (*shape[:axis], *shape[axis + 1 :])
    one = [1 if place == axis else size for place, size in enumerate(shape)]
    for index in range(shape[axis]):
        begins, ends = [0] * len(shape), list(shape)
        begins[axis], ends[axis] = index, index + 1
        operands = [source, call.none, call.none, call.none]
        steps = [1] * len(shape)
        entry = call.step(f"entry{index}", "Slice", operands, one, offset=begins, ends=ends, steps=steps, axes=[])
        call.finish("Reshape", [entry], rest, plain(len(rest)), index, shape=list(rest) or [1])


@tflite_op("SLICE", data=ANY)
def slice_(call: Call) -> None:
    shape, begins, sizes = call.shape(0), call.ints(1, "where it begins"), call.ints(2, "its sizes")
    if not len(begins) == len(sizes) == len(shape):
        call.refuse(f"its beginnings {begins} and sizes {sizes} do not fit the input {list(shape)}")
    sizes = [shape[axis] - begins[axis] if size == -1 else size for axis, size in enumerate(sizes)]
    if min(sizes, default=1) == 0 and call.empty(sizes):
        return
    for begin, count, size in zip(begins, sizes, shape, strict=True):
        if begin < 0 or count < 1 or begin + count > size:
            call.refuse(f"its beginnings {begins} and sizes {sizes} exceed the input {list(shape)}")
    cut(call, begins, sizes, [1] * len(shape))


_NEW = "new"
_Entry = tuple[int | None, int | None, int, bool]
"""Begin and end (None: not given), step, and whether the axis is dropped."""


def _entries(call: Call, rank: int) -> list[_Entry | str]:
    """One entry per axis of the input, and ``_NEW`` where an axis of size 1 is put in between.

    Masks by bits of the list: Begin and End say that the limit is not given, Ellipsis stands for all axes that no other
    entry is for, NewAxis for a new one, ShrinkAxis for a single position.
    """
    lists = [call.ints(index, what) for index, what in ((1, "where it begins"), (2, "where it ends"), (3, "its steps"))]
    masks = {name: int(call.option(f"{name}Mask", 0)) for name in ("Begin", "End", "Ellipsis", "NewAxis", "ShrinkAxis")}
    if len({len(part) for part in lists}) != 1:
        call.refuse(f"its lists {lists} have different lengths")
    places = range(len(lists[0]))
    whole = [place for place in places if masks["Ellipsis"] >> place & 1]
    new = [place for place in places if masks["NewAxis"] >> place & 1 and place not in whole]
    rest = rank - (len(places) - len(whole) - len(new))
    if rest < 0 or len(whole) > 1:
        call.refuse(f"its lists {lists} do not fit {rank} axes")
    full: _Entry = (None, None, 1, False)
    found: list[_Entry | str] = []
    for place, begin, end, step in zip(places, *lists, strict=True):
        if place in whole:
            found += [full] * rest
        elif place in new:
            found.append(_NEW)
        else:
            last = begin + end if call.option("Offset", False) else end
            first = None if masks["Begin"] >> place & 1 else begin
            limit = None if masks["End"] >> place & 1 else last
            drop = bool(masks["ShrinkAxis"] >> place & 1)
            found.append((begin if drop else first, limit, step, drop))
    return found if whole else found + [full] * rest


@tflite_op("STRIDED_SLICE", data=ANY)
def strided_slice(call: Call) -> None:
    shape = call.shape(0)
    begins, sizes, steps, result = [0] * len(shape), list(shape), [1] * len(shape), []
    axis = -1
    for entry in _entries(call, len(shape)):
        if isinstance(entry, str):
            result.append(1)
            continue
        axis += 1
        begin, end, step, drop = entry
        size = shape[axis]
        if step == 0:
            call.refuse("one of its steps is 0")
        if drop:
            if begin is None or not -size <= begin < size:
                call.refuse(f"its entry {begin} is out of range")
            begins[axis], sizes[axis] = begin % size, 1
            continue
        chosen = range(size)[slice(begin, end, step)]
        if not len(chosen):
            call.refuse("its result has no elements")
        begins[axis], sizes[axis], steps[axis] = chosen[0], len(chosen), step if len(chosen) > 1 else 1
        result.append(len(chosen))
    if result == sizes:
        cut(call, begins, sizes, steps)
        return
    ends = [b + (n - 1) * s + (1 if s > 0 else -1) for b, n, s in zip(begins, sizes, steps, strict=True)]
    ends = [end if end >= 0 else -(size + 1) for end, size in zip(ends, shape, strict=True)]
    operands = [call.x(0), call.none, call.none, call.none]
    part = call.step("part", "Slice", operands, sizes, offset=begins, ends=ends, steps=steps, axes=[])
    call.finish("Reshape", [part], result, plain(len(result)), shape=result or [1])


def _paddings(call: Call) -> np.ndarray:
    pads = call.integers(1, "the list of pads")
    rank = len(call.shape(0))
    if pads.shape != (rank, 2) or pads.min(initial=0) < 0:
        call.refuse(f"its pads of shape {list(pads.shape)} do not fit an input of {rank} dimensions")
    return pads


def _pad(call: Call, mode: str, value: float) -> None:
    pads, shape, order = _paddings(call), call.shape(0), call.order(0)
    result = tuple(size + int(pads[axis].sum()) for axis, size in enumerate(shape))
    if result == shape:
        call.alias(call.value(0))
        return
    paddings = [int(pads[axis][side]) for side in (0, 1) for axis in order]
    call.finish("Pad", [call.x(0, order)], result, order, paddings=paddings, val=value, mode=mode)


@tflite_op("PAD", data=ANY)
def pad(call: Call) -> None:
    """Zeros; real ones where values are quantized."""
    _pad(call, "constant", 0.0)


@tflite_op("PADV2", data=ANY)
def pad_v2(call: Call) -> None:
    value = call.scalar(2)
    if value is None:
        call.refuse("its padding value is not constant")
    _pad(call, "constant", value)


@tflite_op("MIRROR_PAD", data=ANY)
def mirror_pad(call: Call) -> None:
    """Reflected without the edge (mode 0) or with it (mode 1)."""
    mode = "reflect" if call.option("Mode") == 0 else "symmetric"
    pads, shape = _paddings(call), call.shape(0)
    for axis, size in enumerate(shape):
        if pads[axis].max() > size - (mode == "reflect"):
            call.refuse(f"its pads mirror more than the input {list(shape)} has")
    _pad(call, mode, 0.0)


@tflite_op("TILE", data=ANY)
def tile(call: Call) -> None:
    repeats, shape = call.ints(1, "the list of repeats"), call.shape(0)
    if len(repeats) != len(shape) or min(repeats, default=1) < 1:
        call.refuse(f"its repeats {repeats} do not fit the input {list(shape)}")
    _tile(call, repeats, shape)


def _tile(call: Call, repeats: Sequence[int], shape: tuple[int, ...]) -> None:
    if all(count == 1 for count in repeats) and shape == call.shape(0):
        call.alias(call.value(0))
        return
    order = call.order(0, rank=len(shape))
    result = tuple(size * count for size, count in zip(shape, repeats, strict=True))
    call.finish("Tile", [call.x(0, order, len(shape))], result, order, tile=[repeats[axis] for axis in order])


@tflite_op("BROADCAST_TO", data=ANY)
def broadcast_to(call: Call) -> None:
    target, shape = call.ints(1, "its shape"), call.shape(0)
    aligned = (1,) * (len(target) - len(shape)) + shape
    if len(aligned) != len(target) or any(a not in (1, t) for a, t in zip(aligned, target, strict=True)):
        call.refuse(f"the shape {target} does not extend the input {list(shape)}")
    _tile(call, [t // a for a, t in zip(aligned, target, strict=True)], aligned)


@tflite_op("REVERSE_V2", data=ANY)
def reverse(call: Call) -> None:
    shape = call.shape(0)
    axes = {axis_in(call, axis, len(shape)) for axis in call.ints(1, "the list of axes")}
    turned = {axis for axis in axes if shape[axis] > 1}
    begins = [size - 1 if axis in turned else 0 for axis, size in enumerate(shape)]
    cut(call, begins, shape, [-1 if axis in turned else 1 for axis in range(len(shape))])
