"""Operators that only move data: reshapes, permutations, joins, cuts, padding and repetition. Shapes are static."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...emit import Tensor, top_shape
from ...moves import cut, cut_axis, pad, spread
from ..call import Call
from ..registry import torch_op


@torch_op("aten.view", "aten._unsafe_view", "aten.reshape", "aten._reshape_alias", "aten.unflatten", "aten.view_copy")
def reshape(call: Call) -> None:
    if call.get("dtype") is not None:
        call.refuse("it reads the bits of a number as another type")
    _to_result(call, call.x())


def _to_result(call: Call, source: Tensor) -> None:
    """A reshape to the shape of the result."""
    wanted = top_shape(call.out_shape())
    if source.shape == wanted:
        call.bind(source)
    else:
        call.finish("Reshape", [source], shape=list(wanted))


@torch_op("aten.flatten")
def flatten(call: Call) -> None:
    rank = len(call.shape())
    if rank < 2:
        _to_result(call, call.x())
        return
    start, end = call.axis(int(call.get("start_dim", 0))), call.axis(int(call.get("end_dim", -1)))
    call.finish("Flatten", [call.x()], start_dim=start, end_dim=end)


@torch_op("aten.squeeze", "aten.squeeze_copy")
def squeeze(call: Call) -> None:
    shape, given = call.shape(), call.get("dim")
    axes = range(len(shape)) if given is None else [given] if isinstance(given, int) else given
    gone = sorted({call.axis(int(axis)) for axis in axes if shape and shape[call.axis(int(axis))] == 1})
    if not gone or len(gone) == len(shape):
        _to_result(call, call.x())
    else:
        call.finish("Squeeze", [call.x()], axes=gone)


@torch_op("aten.unsqueeze", "aten.unsqueeze_copy")
def unsqueeze(call: Call) -> None:
    if not call.shape():
        call.bind(call.x())
    else:
        call.finish("Unsqueeze", [call.x()], axes=[call.axis(int(call.get("dim")), len(call.out_shape()))])


@torch_op("aten.permute", "aten.permute_copy")
def permute(call: Call) -> None:
    _permuted(call, [call.axis(int(axis)) for axis in call.get("dims")])


@torch_op("aten.transpose.int", "aten.transpose_copy.int")
def transpose(call: Call) -> None:
    order = list(range(len(call.shape())))
    if order:
        first, second = call.axis(int(call.get("dim0"))), call.axis(int(call.get("dim1")))
        order[first], order[second] = order[second], order[first]
    _permuted(call, order)


@torch_op("aten.t", "aten.t_copy")
def transpose_matrix(call: Call) -> None:
    _permuted(call, list(range(len(call.shape())))[::-1])


def _permuted(call: Call, order: Sequence[int]) -> None:
    if list(order) == sorted(order):
        call.bind(call.x())
    else:
        call.finish("Permute", [call.x()], order=list(order))


@torch_op(
    "aten.clone", "aten.contiguous", "aten.detach", "aten.alias", "aten.lift_fresh_copy", "aten.lift_fresh",
    "aten.expand_copy", "aten.resolve_conj", "aten.resolve_neg", "aten.positive", "aten.dropout",
    "aten.feature_dropout", "aten.alpha_dropout", "aten._conj", "aten.real",
)  # fmt: skip
def same(call: Call) -> None:
    """The same values."""
    if call.get("train"):
        call.refuse("it is in training mode; export the model in evaluation mode")
    name = next(name for name in ("self", "input") if call.has(name))
    call.bind(call.x(name))


@torch_op("aten.cat", "aten.concat")
def cat(call: Call) -> None:
    rank = len(call.out_shape())
    # PyTorch lets one-dimensional tensors without elements take part in any join.
    parts = [call.tensor(value) for value in call.get("tensors") if 0 not in value.shape]
    if len(parts) == 1:
        call.bind(parts[0])
    else:
        call.finish("Concat", [parts], axis=call.axis(int(call.get("dim", 0)), rank))


@torch_op("aten.stack")
def stack(call: Call) -> None:
    parts, shape = call.xs("tensors"), call.out_shape()
    axis = call.axis(int(call.get("dim", 0)), len(shape))
    single = [*shape[:axis], 1, *shape[axis + 1 :]]
    if len(shape) == 1:
        raised = parts
    else:
        raised = [
            call.step(f"part{place}", "Unsqueeze", [part], single, axes=[axis]) for place, part in enumerate(parts)
        ]
    if len(raised) == 1:
        call.bind(raised[0])
    else:
        call.finish("Concat", [raised], axis=axis)


@torch_op("aten.slice.Tensor", "aten.slice_copy.Tensor")
def slice_axis(call: Call) -> None:
    shape, axis = call.shape(), call.axis(int(call.get("dim", 0)))
    begin, end, step = slice(call.get("start"), call.get("end"), call.get("step", 1)).indices(shape[axis])
    _finish_cut(call, 0, call.x(), axis, begin, end, step)


def _finish_cut(call: Call, index: int, source: Tensor, axis: int, begin: int, end: int, step: int = 1) -> None:
    if call.out_shape(index) == call.shape():
        call.bind(source, index)
        return
    begins, ends, steps = [0] * source.rank, list(source.shape), [1] * source.rank
    begins[axis], ends[axis], steps[axis] = begin, end, step
    operands = [source, call.none, call.none, call.none]
    call.finish("Slice", operands, index, offset=begins, steps=steps, ends=ends, axes=[])


@torch_op("aten.select.int", "aten.select_copy.int")
def select(call: Call) -> None:
    """One position of an axis, which vanishes."""
    shape, axis = call.shape(), call.axis(int(call.get("dim")))
    if call.has("index"):  # computed
        _chosen(call, axis)
        return
    place = int(call.get("index")) % shape[axis]
    piece = cut_axis(call, call.x(), axis, place, place + 1, "piece")
    if len(shape) == 1:
        call.bind(piece)
    else:
        call.finish("Squeeze", [piece], axes=[axis])


def _chosen(call: Call, axis: int) -> None:
    """A position that is computed."""
    source, place = call.x(), call.reshape(call.x("index"), [1], "place")
    single = [*source.shape[:axis], 1, *source.shape[axis + 1 :]]
    call.bind(call.step("row", "Gather", [source, place], single, axis=axis))


@torch_op(
    "aten.split", "aten.split_with_sizes", "aten.chunk", "aten.tensor_split.sections", "aten.tensor_split.indices"
)
def split(call: Call) -> None:
    """Pieces along an axis; their sizes are those of the results."""
    axis, name = call.axis(int(call.get("dim", 0))), "self"
    sizes = _piece_sizes(call, call.shape(name)[axis])
    source, begin = call.x(name), 0
    for index, size in enumerate(sizes):
        if call.uses(index):
            _finish_cut(call, index, source, axis, begin, begin + size)
        begin += size


def _piece_sizes(call: Call, size: int) -> list[int]:
    given = call.get("split_size", call.get("split_sizes"))
    if isinstance(given, list):
        return [int(item) for item in given]
    count = len(call.node.results)
    if call.operator == "tensor_split":
        indices = call.get("indices")
        if indices is None:
            return [size // count + (place < size % count) for place in range(count)]
        limits = [0, *(min(max(int(i) + (size if i < 0 else 0), 0), size) for i in indices), size]
        return [max(0, after - before) for before, after in zip(limits, limits[1:], strict=False)]
    step = int(given) if given is not None else -(-size // int(call.get("chunks")))
    return [min(step, size - place * step) for place in range(count)]


@torch_op("aten.unbind.int")
def unbind(call: Call) -> None:
    shape, axis, source = call.shape(), call.axis(int(call.get("dim", 0))), call.x()
    for index in range(shape[axis]):
        if not call.uses(index):
            continue
        piece = cut_axis(call, source, axis, index, index + 1, f"piece{index}")
        if len(shape) == 1:
            call.bind(piece, index)
        else:
            call.finish("Squeeze", [piece], index, axes=[axis])


@torch_op("aten.expand", "aten.expand_as", "aten.broadcast_to")
def expand(call: Call) -> None:
    _spread_result(call, call.x())


def _spread_result(call: Call, source: Tensor) -> None:
    target = top_shape(call.out_shape())
    aligned = call.reshape(source, [1] * (len(target) - source.rank) + list(source.shape), "aligned")
    if aligned.shape == target:
        call.bind(aligned)
    else:
        call.finish("Tile", [aligned], tile=[new // old for new, old in zip(target, aligned.shape, strict=True)])


@torch_op("aten.copy")
def copy(call: Call) -> None:
    """The values of src in the shape of self."""
    if call.value("src").is_float and not call.out().is_float:
        call.refuse("it writes floats into a tensor of integers")
    _spread_result(call, call.x("src"))


@torch_op("aten.repeat", "aten.tile")
def repeat(call: Call) -> None:
    target = call.out_shape()
    repeats = [int(count) for count in call.get("repeats", call.get("dims"))]
    source = call.reshape(call.x(), [1] * (len(target) - len(call.shape())) + list(call.shape()), "aligned")
    repeats = [1] * (len(target) - len(repeats)) + repeats
    if all(count == 1 for count in repeats):
        call.bind(source)
    else:
        call.finish("Tile", [source], tile=repeats or [1])


@torch_op("aten.repeat_interleave.self_int")
def repeat_interleave(call: Call) -> None:
    """Every element of an axis several times; without axis of the flat tensor."""
    count, axis = int(call.get("repeats")), call.get("dim")
    shape = [math.prod(call.shape())] if axis is None else list(call.shape())
    place = 0 if axis is None else call.axis(int(axis))
    columns = [*shape[: place + 1], 1, *shape[place + 1 :]]
    source = call.reshape(call.reshape(call.x(), shape, "flat"), columns, "columns")
    call.bind(spread(call, source, [*shape[: place + 1], count, *shape[place + 1 :]], "repeated"))


@torch_op("aten.flip")
def flip(call: Call) -> None:
    shape = top_shape(call.shape())
    axes = {call.axis(int(axis)) for axis in call.get("dims")}
    turned = [axis in axes and size > 1 for axis, size in enumerate(shape)]
    if not any(turned):
        call.bind(call.x())
        return
    offset = [size - 1 if turn else 0 for size, turn in zip(shape, turned, strict=True)]
    ends = [-(size + 1) if turn else size for size, turn in zip(shape, turned, strict=True)]
    steps = [-1 if turn else 1 for turn in turned]
    operands = [call.x(), call.none, call.none, call.none]
    call.finish("Slice", operands, offset=offset, ends=ends, steps=steps, axes=[])


@torch_op("aten.roll")
def roll(call: Call) -> None:
    """Every axis is cut where its end shall be, and joined the other way round."""
    shape = call.shape()
    shifts, axes = [int(shift) for shift in call.get("shifts")], [int(axis) for axis in call.get("dims", [])]
    current = call.x()
    if not axes:
        current, axes = call.reshape(current, [math.prod(shape)], "flat"), [0]
    for shift, axis in zip(shifts, axes, strict=True):
        place = call.axis(axis, current.rank)
        size = current.shape[place]
        first = -shift % size
        if first == 0:
            continue
        tail = cut_axis(call, current, place, first, size, "tail")
        head = cut_axis(call, current, place, 0, first, "head")
        current = call.step("rolled", "Concat", [[tail, head]], current.shape, axis=place)
    call.bind(current)


@torch_op("aten.constant_pad_nd", "aten.pad")
def constant_pad(call: Call) -> None:
    """Pads come from the last axis to the first; negative ones cut."""
    value = float(call.get("value", 0.0))
    if call.get("mode") == "circular":
        _circular(call)
        return
    mode = {"replicate": "edge"}.get(call.get("mode", "constant"), call.get("mode", "constant"))
    if mode not in ("constant", "reflect", "edge"):
        call.refuse(f"its mode '{mode}' has no Top op")
    padded(call, value, mode)


def _circular(call: Call) -> None:
    """What leaves on one side comes in on the other."""
    current, given = call.x(), [int(size) for size in call.get("pad")]
    for place in range(len(given) // 2):
        axis, (begin, end) = current.rank - 1 - place, given[2 * place : 2 * place + 2]
        size = current.shape[axis]
        if begin < 0 or end < 0:
            call.refuse(f"its pads {given} are negative, which has no Top op for the mode 'circular'")
        parts = [current]
        if begin:
            parts.insert(0, cut_axis(call, current, axis, size - begin, size, f"tail{axis}"))
        if end:
            parts.append(cut_axis(call, current, axis, 0, end, f"head{axis}"))
        if len(parts) > 1:
            shape = [*current.shape[:axis], begin + size + end, *current.shape[axis + 1 :]]
            current = call.step(f"around{axis}", "Concat", [parts], shape, axis=axis)
    call.bind(current)


@torch_op("aten.reflection_pad1d", "aten.reflection_pad2d", "aten.reflection_pad3d")
def reflection_pad(call: Call) -> None:
    padded(call, 0.0, "reflect")


@torch_op("aten.replication_pad1d", "aten.replication_pad2d", "aten.replication_pad3d")
def replication_pad(call: Call) -> None:
    padded(call, 0.0, "edge")


def padded(call: Call, value: float, mode: str) -> None:
    """Finishes with the padded input."""
    source, given = call.x(), [int(size) for size in call.get("pad", call.get("padding"))]
    rank = source.rank
    begins, ends = [0] * rank, [0] * rank
    for place in range(len(given) // 2):
        begins[rank - 1 - place], ends[rank - 1 - place] = given[2 * place], given[2 * place + 1]
    first = [max(0, -begin) for begin in begins]
    last = [size - max(0, -end) for size, end in zip(source.shape, ends, strict=True)]
    source = cut(call, source, first, last, [1] * rank, "cut")
    pads = [max(0, size) for size in (*begins, *ends)]
    if not any(pads):
        call.bind(source)
    else:
        call.finish("Pad", [source], paddings=pads, val=value, mode=mode)


@torch_op("aten.pixel_shuffle")
def pixel_shuffle(call: Call) -> None:
    _blocks(call, int(call.get("upscale_factor")), False)


@torch_op("aten.pixel_unshuffle")
def pixel_unshuffle(call: Call) -> None:
    _blocks(call, int(call.get("downscale_factor")), True)


def _blocks(call: Call, block: int, inversed: bool) -> None:
    shape, out = call.shape(), call.out_shape()
    images = call.reshape(call.x(), [math.prod(shape[:-3]), *shape[-3:]], "images")
    target = [images.shape[0], *out[-3:]]
    attributes = {"block_h": block, "block_w": block, "is_CRD": True, "is_inversed": inversed}
    if len(shape) == 4:
        call.finish("Depth2Space", [images], **attributes)
    else:
        call.bind(call.step("shuffled", "Depth2Space", [images], target, **attributes))


@torch_op("aten.channel_shuffle", "aten.native_channel_shuffle")
def channel_shuffle(call: Call) -> None:
    """Channels as [group, rest] become [rest, group]."""
    shape, groups = call.shape(), int(call.get("groups"))
    parts = call.reshape(call.x(), [shape[0], groups, shape[1] // groups, math.prod(shape[2:])], "groups")
    call.bind(call.permute(parts, [0, 2, 1, 3], "mixed"))


@torch_op("aten.slice_scatter")
def slice_scatter(call: Call) -> None:
    """A slice of self replaced by src: what is before, src, what is behind; with gaps, a choice of rows."""
    shape, axis = call.shape(), call.axis(int(call.get("dim", 0)))
    begin, end, step = slice(call.get("start"), call.get("end"), call.get("step", 1)).indices(shape[axis])
    if len(range(begin, end, step)) == shape[axis]:
        call.bind(call.x("src"))
    elif step == 1:
        _replaced(call, call.x("src"), axis, begin, max(begin, end))
    else:
        _scattered_rows(call, axis, list(range(begin, end, step)))


def _replaced(call: Call, middle: Tensor, axis: int, begin: int, end: int) -> None:
    size = call.shape()[axis]
    if begin == end:
        call.bind(call.x())
        return
    parts = [middle]
    if begin > 0:
        parts.insert(0, cut_axis(call, call.x(), axis, 0, begin, "before"))
    if end < size:
        parts.append(cut_axis(call, call.x(), axis, end, size, "behind"))
    if len(parts) == 1:
        call.bind(parts[0])
    else:
        call.finish("Concat", [parts], axis=axis)


def _scattered_rows(call: Call, axis: int, places: list[int]) -> None:
    """Moves src to its places with a product and chooses between it and self by a mask."""
    shape = call.shape()
    pieces = []
    source, base = call.x("src"), call.x()
    for number, place in enumerate(places):
        before = places[number - 1] + 1 if number else 0
        if place > before:
            pieces.append(cut_axis(call, base, axis, before, place, f"kept{number}"))
        pieces.append(cut_axis(call, source, axis, number, number + 1, f"row{number}"))
    if places[-1] + 1 < shape[axis]:
        pieces.append(cut_axis(call, base, axis, places[-1] + 1, shape[axis], "rest"))
    call.finish("Concat", [pieces], axis=axis)


@torch_op("aten.select_scatter")
def select_scatter(call: Call) -> None:
    shape, axis = call.shape(), call.axis(int(call.get("dim")))
    place = int(call.get("index")) % shape[axis]
    middle = call.reshape(call.x("src"), [*shape[:axis], 1, *shape[axis + 1 :]], "row")
    _replaced(call, middle, axis, place, place + 1)


@torch_op("aten.unfold")
def unfold(call: Call) -> None:
    """Windows of an axis, each a new row at the end: one strided slice per position in the window."""
    shape, axis = call.shape(), call.axis(int(call.get("dimension")))
    size, step = int(call.get("size")), int(call.get("step"))
    count = (shape[axis] - size) // step + 1
    single = [*shape[:axis], count, *shape[axis + 1 :], 1]
    columns = []
    for offset in range(size):
        rows = cut_axis(call, call.x(), axis, offset, offset + (count - 1) * step + 1, f"at{offset}", step)
        columns.append(call.reshape(rows, single, f"column{offset}"))
    if len(columns) == 1:
        call.bind(columns[0])
    else:
        call.finish("Concat", [columns], axis=len(single) - 1)


@torch_op("aten.meshgrid", "aten.meshgrid.indexing")
def meshgrid(call: Call) -> None:
    """Every vector along its own axis, repeated along the others."""
    parts = call.xs("tensors")
    order = list(range(len(parts)))
    if call.get("indexing", "ij") == "xy" and len(parts) > 1:
        order[0], order[1] = 1, 0
    for index, part in enumerate(parts):
        if call.uses(index):
            target = call.out_shape(index)
            along = [1] * len(target)
            along[order[index]] = target[order[index]]
            call.bind(spread(call, call.reshape(part, along, f"axis{index}"), target, f"grid{index}"), index)


@torch_op("aten.triu", "aten.tril")
def triangle(call: Call) -> None:
    call.finish("Trilu", [call.x()], upper=int(call.operator == "triu"), diagonal=int(call.get("diagonal", 0)))


@torch_op("aten.diagonal", "aten.diagonal_copy")
def diagonal(call: Call) -> None:
    """Every (n+1)-th element of flat matrices."""
    shape = call.shape()
    first, second = call.axis(int(call.get("dim1", 0))), call.axis(int(call.get("dim2", 1)))
    offset = int(call.get("offset", 0))
    rest = [axis for axis in range(len(shape)) if axis not in (first, second)]
    moved = call.permute(call.x(), [*rest, first, second], "moved")
    rows, columns = shape[first], shape[second]
    flat = call.reshape(moved, [*(shape[axis] for axis in rest), rows * columns], "flat")
    start = offset if offset >= 0 else -offset * columns
    count = call.out_shape()[-1]
    end = start + (count - 1) * (columns + 1) + 1
    call.bind(cut_axis(call, flat, len(rest), start, end, "line", columns + 1))


@torch_op("aten.im2col")
def im2col(call: Call) -> None:
    """Windows as columns: a convolution with one filter per channel and position, whose only tap is 1."""
    kernel, stride = [int(v) for v in call.get("kernel_size")], [int(v) for v in call.get("stride")]
    dilation, padding = [int(v) for v in call.get("dilation")], [int(v) for v in call.get("padding")]
    shape = call.shape()
    images = call.reshape(call.x(), [math.prod(shape[:-3]), *shape[-3:]], "images")
    channels, taps = images.shape[1], math.prod(kernel)
    filters = np.tile(np.eye(taps, dtype=np.float32).reshape(taps, 1, *kernel), (channels, 1, 1, 1))
    padded_image = pad(call, images, [0, 0, *padding, 0, 0, *padding], 0.0, "constant", "pad")
    sizes = [
        (padded_image.shape[axis + 2] - dilation[axis] * (kernel[axis] - 1) - 1) // stride[axis] + 1
        for axis in range(2)
    ]
    windows = call.step(
        "windows",
        "Conv",
        [padded_image, call.own_weight("taps", filters), call.none],
        [images.shape[0], channels * taps, *sizes],
        kernel_shape=kernel,
        strides=stride,
        pads=[0, 0, 0, 0],
        group=channels,
        dilations=dilation,
        auto_pad="NOTSET",
        weight_is_coeff=1,
    )
    call.bind(windows)
