"""Layers that move data or change shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer


def cut(call: Call, source: Tensor, begins: Sequence[int], sizes: Sequence[int], index: int = 0) -> None:
    """Result ``index`` is the part of the tensor that begins there."""
    ends = [begin + size for begin, size in zip(begins, sizes, strict=True)]
    if list(sizes) == list(source.shape):
        call.bind(source, index)
        return
    attributes = {"offset": list(begins), "ends": ends, "steps": [1] * len(ends), "axes": []}
    call.finish("Slice", [source, call.none, call.none, call.none], sizes, index, **attributes)


def _reshaped(call: Call, shape: Sequence[int]) -> None:
    if tuple(shape) == call.shape():
        call.bind(call.x())
    else:
        call.finish("Reshape", [call.x()], shape, shape=list(shape))


@caffe_layer("Concat")
def concat(call: Call) -> None:
    given = call.parameters("concat_param")
    shape = call.shape()
    axis = call.axis(given.concat_dim if given.HasField("concat_dim") else given.axis, len(shape))
    shapes = [call.shape(index) for index in range(call.count)]
    if any(len(s) != len(shape) or s[:axis] + s[axis + 1 :] != shape[:axis] + shape[axis + 1 :] for s in shapes):
        call.refuse(f"inputs of {[list(s) for s in shapes]} cannot be joined along axis {axis}")
    operands = [call.x(index) for index in range(call.count)]
    if len(operands) == 1:
        call.bind(operands[0])
        return
    result = [*shape[:axis], sum(s[axis] for s in shapes), *shape[axis + 1 :]]
    call.finish("Concat", [operands], result, axis=axis)


@caffe_layer("Slice")
def slice_(call: Call) -> None:
    """Cut at the given points, or into equal parts."""
    given = call.parameters("slice_param")
    call.only(1)
    shape = call.shape()
    axis = call.axis(given.slice_dim if given.HasField("slice_dim") else given.axis, len(shape))
    size, points = shape[axis], [int(point) for point in given.slice_point]
    if not points:
        if size % call.tops:
            call.refuse(f"axis {axis} of the input {list(shape)} cannot be cut into {call.tops} equal parts")
        points = [size // call.tops * part for part in range(1, call.tops)]
    limits = [0, *points, size]
    if len(limits) != call.tops + 1 or any(a >= b for a, b in zip(limits, limits[1:], strict=False)):
        call.refuse(f"its points {points} do not cut {size} positions of axis {axis} into {call.tops} parts")
    for index, (begin, end) in enumerate(zip(limits, limits[1:], strict=False)):
        begins, sizes = [0] * len(shape), list(shape)
        begins[axis], sizes[axis] = begin, end - begin
        cut(call, call.x(), begins, sizes, index)


@caffe_layer("Crop")
def crop(call: Call) -> None:
    """The second input only says the size."""
    given = call.parameters("crop_param")
    call.only(2)
    shape, target = call.shape(), call.shape(1)
    axis = call.axis(given.axis, len(shape))
    offsets = [int(value) for value in given.offset] or [0]
    if len(offsets) not in (1, len(shape) - axis) or len(target) != len(shape):
        call.refuse(f"its offsets {offsets} or the size {list(target)} do not fit the input {list(shape)}")
    offsets = offsets * (len(shape) - axis) if len(offsets) == 1 else offsets
    begins, sizes = [0] * axis + offsets, [*shape[:axis], *target[axis:]]
    if any(begin + size > limit for begin, size, limit in zip(begins, sizes, shape, strict=True)):
        call.refuse(f"a part of {sizes} at {begins} exceeds the input {list(shape)}")
    cut(call, call.x(), begins, sizes)


@caffe_layer("Flatten")
def flatten(call: Call) -> None:
    given = call.parameters("flatten_param")
    call.only(1)
    shape = call.shape()
    begin, end = call.axis(given.axis, len(shape)), call.axis(given.end_axis, len(shape))
    if end < begin:
        call.refuse(f"its end_axis {given.end_axis} lies before its axis {given.axis}")
    _reshaped(call, [*shape[:begin], math.prod(shape[begin : end + 1]), *shape[end + 1 :]])


@caffe_layer("Reshape")
def reshape(call: Call) -> None:
    """0 keeps a size, -1 takes what is left; axes outside of axis and num_axes stay."""
    given = call.parameters("reshape_param")
    call.only(1)
    shape = call.shape()
    begin = call.axis(given.axis, len(shape), past_end=True)
    end = len(shape) if given.num_axes == -1 else begin + given.num_axes
    wanted = [int(size) for size in given.shape.dim]
    if not begin <= end <= len(shape) or any(size < -1 for size in wanted) or wanted.count(-1) > 1:
        call.refuse(f"its shape {wanted} for the axes {begin} to {end} of {list(shape)} is not valid")
    if any(size == 0 and begin + place >= end for place, size in enumerate(wanted)):
        call.refuse(f"its shape {wanted} keeps axes that the input {list(shape)} does not have")
    sizes = [shape[begin + place] if size == 0 else size for place, size in enumerate(wanted)]
    count, known = math.prod(shape[begin:end]), math.prod(size for size in sizes if size != -1)
    if count % known or (-1 not in sizes and count != known):
        call.refuse(f"its shape {wanted} does not hold the {count} values of {list(shape)}")
    sizes = [count // known if size == -1 else size for size in sizes]
    _reshaped(call, [*shape[:begin], *sizes, *shape[end:]] or [1])


@caffe_layer("Permute")
def permute(call: Call) -> None:
    """Axes that are not named keep their order behind the others."""
    call.only(1)
    shape = call.shape()
    order = [int(axis) for axis in call.parameters("permute_param").order]
    if len(set(order)) != len(order) or any(axis >= len(shape) for axis in order):
        call.refuse(f"its order {order} does not fit the input {list(shape)}")
    order += [axis for axis in range(len(shape)) if axis not in order]
    if order == sorted(order):
        call.bind(call.x())
    else:
        call.finish("Permute", [call.x()], [shape[axis] for axis in order], order=order)


@caffe_layer("Tile")
def tile(call: Call) -> None:
    given = call.parameters("tile_param")
    call.only(1)
    shape = call.shape()
    axis = call.axis(given.axis, len(shape))
    if given.tiles < 1:
        call.refuse(f"its number of tiles {given.tiles} is not positive")
    repeats = [given.tiles if place == axis else 1 for place in range(len(shape))]
    result = [size * count for size, count in zip(shape, repeats, strict=True)]
    call.finish("Tile", [call.x()], result, tile=repeats)


@caffe_layer("Reverse")
def reverse(call: Call) -> None:
    call.only(1)
    shape = call.shape()
    axis = call.axis(call.parameters("reverse_param").axis, len(shape))
    turned = [place == axis and shape[place] > 1 for place in range(len(shape))]
    offset = [size - 1 if turn else 0 for size, turn in zip(shape, turned, strict=True)]
    ends = [-(size + 1) if turn else size for size, turn in zip(shape, turned, strict=True)]
    steps = [-1 if turn else 1 for turn in turned]
    operands = [call.x(), call.none, call.none, call.none]
    call.finish("Slice", operands, shape, offset=offset, ends=ends, steps=steps, axes=[])


@caffe_layer("ShuffleChannel")
def shuffle_channel(call: Call) -> None:
    """Channels as [group, rest] become [rest, group]."""
    call.only(1)
    shape, group = call.shape(), int(call.parameters("shuffle_channel_param").group)
    if len(shape) < 2 or group < 1 or shape[1] % group:
        call.refuse(f"the input {list(shape)} has no channels for {group} groups")
    split = [shape[0], group, shape[1] // group, math.prod(shape[2:])]
    parts = call.reshape(call.x(), split, "groups")
    mixed = call.permute(parts, [0, 2, 1, 3], "mixed")
    call.finish("Reshape", [mixed], shape, shape=list(shape))


_REDUCTIONS = {"SUM": "ReduceSum", "ASUM": "ReduceL1", "MEAN": "ReduceMean", "SUMSQ": "ReduceSum"}


@caffe_layer("Reduction")
def reduction(call: Call) -> None:
    """All axes from ``axis`` on vanish."""
    given = call.parameters("reduction_param")
    call.only(1)
    shape, source, operation = call.shape(), call.x(), call.word(given, "operation")
    axis = call.axis(given.axis, len(shape))
    if operation not in _REDUCTIONS:
        call.refuse(f"its operation {operation} is none of {', '.join(_REDUCTIONS)}")
    if operation == "SUMSQ":
        source = call.step("squares", "Mul", [[source, source]], shape)
    attributes = {"axes": list(range(axis, len(shape))), "keepdims": False, "mode": _REDUCTIONS[operation]}
    if axis == 0:
        attributes["is_scalar"] = True
    result = shape[:axis] or (1,)
    if given.coeff == 1:
        call.finish("Reduce", [source], result, **attributes)
        return
    total = call.step("total", "Reduce", [source], result, **attributes)
    call.finish("MulConst", [total], result, const_val=float(given.coeff))


@caffe_layer("DummyData")
def dummy_data(call: Call) -> None:
    """Constant values; random ones have no meaning outside of training."""
    given = call.parameters("dummy_data_param")
    sizes = [list(shape.dim) for shape in given.shape]
    if not sizes:
        old = (given.num, given.channels, given.height, given.width)
        sizes = [list(shape) for shape in zip(*old, strict=False)]
    if len(sizes) not in (1, call.tops) or any(size < 1 for shape in sizes for size in shape):
        call.refuse(f"its shapes {sizes} do not fit its {call.tops} results")
    fillers = list(given.data_filler)
    if len(fillers) not in (0, 1, call.tops) or any(f.type not in ("", "constant") for f in fillers):
        call.refuse("its values are not constant; make the blob an input of the network")
    for index in range(call.tops):
        filler = fillers[index if len(fillers) > 1 else 0] if fillers else None
        shape = sizes[index if len(sizes) > 1 else 0]
        call.filled(shape, filler.value if filler else 0.0, index)


@caffe_layer("Parameter")
def parameter(call: Call) -> None:
    """A stored tensor."""
    call.only(0)
    shape = [int(size) for size in call.parameters("parameter_param").shape.dim]
    if any(size < 1 for size in shape):
        call.refuse(f"its shape {shape} is not positive")
    call.constant(call.blob(0, shape, "values"))
