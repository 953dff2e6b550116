"""Operators that only move data: reshapes, permutations, joins, cuts, padding and repetition. Every list that newer
operator sets take as an input must be constant; the static output shape is known in any case."""

from __future__ import annotations

from ...compose import Formula
from ...moves import cut
from ..call import Call, Tensor, top_shape
from ..registry import ANY, onnx_op


@onnx_op("Reshape", since=5, data=ANY)
def reshape(call: Call) -> None:
    call.finish("Reshape", [call.x(0)], shape=list(top_shape(call.out_shape())))


@onnx_op("Flatten", data=ANY)
def flatten(call: Call) -> None:
    if int(call.attr("axis", 1)) == 1 and len(call.shape(0)) >= 2:
        call.finish("Flatten", [call.x(0)], start_dim=1, end_dim=-1)
    else:
        call.finish("Reshape", [call.x(0)], shape=list(top_shape(call.out_shape())))


def _axes(call: Call, rank: int, since: int = 13) -> list[int] | None:
    """The axes attribute, or from operator set ``since`` on input 1; None when there are none."""
    if call.node.opset >= since:
        if not call.has(1):
            return None
        axes = call.ints(1, "the list of axes")
    else:
        given = call.attr("axes")
        if given is None:
            return None
        axes = [int(axis) for axis in given]
    if any(not -rank <= axis < rank for axis in axes):
        call.refuse(f"its axes {axes} are out of range")
    return sorted(axis + rank if axis < 0 else axis for axis in axes)


@onnx_op("Squeeze", data=ANY)
def squeeze(call: Call) -> None:
    shape = call.shape(0)
    axes = _axes(call, len(shape))
    if axes is None:
        axes = [axis for axis, size in enumerate(shape) if size == 1]
    if not axes:
        call.bind(call.x(0))
    elif not shape:
        call.refuse("a scalar has no axis to remove")
    else:
        scalar = {"is_scalar": True} if not call.out_shape() else {}
        call.finish("Squeeze", [call.x(0)], axes=axes, **scalar)


@onnx_op("Unsqueeze", data=ANY)
def unsqueeze(call: Call) -> None:
    axes = _axes(call, len(call.out_shape()))
    if axes is None:
        call.refuse("it has no axes")
    if not call.shape(0):
        call.bind(call.x(0))
    else:
        call.finish("Unsqueeze", [call.x(0)], axes=axes)


@onnx_op("Transpose", data=ANY)
def transpose(call: Call) -> None:
    rank = len(call.shape(0))
    order = [int(axis) for axis in call.attr("perm") or range(rank - 1, -1, -1)]
    if rank < 2:
        call.bind(call.x(0))
    else:
        call.finish("Permute", [call.x(0)], order=order)


@onnx_op("Concat", data=ANY)
def concat(call: Call) -> None:
    rank = len(call.out_shape())
    axis = int(call.attr("axis", 1))
    axis += rank if axis < 0 else 0
    inputs = [call.x(index) for index in range(len(call.node.inputs)) if 0 not in call.shape(index)]
    if len(inputs) == 1:
        call.bind(inputs[0])
    else:
        call.finish("Concat", [inputs], axis=axis)


def _finish_cut(call: Call, index: int, source: Tensor, begins: list[int], ends: list[int], steps: list[int]) -> None:
    if top_shape(call.out_shape(index)) == source.shape and all(step == 1 for step in steps):
        call.bind(source, index)
        return
    operands = [source, call.none, call.none, call.none]
    call.finish("Slice", operands, index, offset=begins, steps=steps, ends=ends, axes=[])


@onnx_op("Split", data=ANY)
def split(call: Call) -> None:
    source, axis = call.x(0), int(call.attr("axis", 0))
    axis += source.rank if axis < 0 else 0
    position = 0
    for index, name in enumerate(call.node.outputs):
        if not name:
            call.refuse("one of its outputs has no name")
        size = call.out_shape(index)[axis]
        begins, ends = [0] * source.rank, list(source.shape)
        begins[axis], ends[axis] = position, position + size
        position += size
        if call.uses(index):
            _finish_cut(call, index, source, begins, ends, [1] * source.rank)


@onnx_op("Slice", data=ANY)
def slice_attributes(call: Call) -> None:
    starts = [int(value) for value in call.attr("starts")]
    ends = [int(value) for value in call.attr("ends")]
    axes = [int(value) for value in call.attr("axes") or range(len(starts))]
    _slice(call, starts, ends, axes, [1] * len(starts))


@onnx_op("Slice", since=10, data=ANY)
def slice_inputs(call: Call) -> None:
    starts, ends = call.ints(1, "the list of starts"), call.ints(2, "the list of ends")
    axes = call.ints(3, "the list of axes") if call.has(3) else list(range(len(starts)))
    steps = call.ints(4, "the list of steps") if call.has(4) else [1] * len(starts)
    _slice(call, starts, ends, axes, steps)


def _slice(call: Call, starts: list[int], ends: list[int], axes: list[int], steps: list[int]) -> None:
    source = call.x(0)
    rank = source.rank
    if not len(starts) == len(ends) == len(axes) == len(steps):
        call.refuse("its lists of starts, ends, axes and steps differ in length")
    first, last, stride = [0] * rank, list(source.shape), [1] * rank
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step == 0 or not -rank <= axis < rank:
            call.refuse(f"its step {step} on axis {axis} is not valid")
        axis += rank if axis < 0 else 0
        first[axis], last[axis], stride[axis] = _range(start, end, step, source.shape[axis])
    _finish_cut(call, 0, source, first, last, stride)


def _range(start: int, end: int, step: int, size: int) -> tuple[int, int, int]:
    """Limits of one axis, clamped by the standard's rule (not Python's, where a far start can miss the first element).

    One element needs no step.
    """
    low, high = (limit + size if limit < 0 else limit for limit in (start, end))
    if step > 0:
        low, high = min(max(low, 0), size), min(max(high, 0), size)
    else:
        low, high = min(max(low, 0), size - 1), min(max(high, -1), size - 1)
    count = len(range(low, high, step))
    if count == 1:
        return low, low + 1, 1
    if step < 0 and high < 0:
        return low, -(size + 1), step
    return low, high, step


@onnx_op("Pad", since=2, data=ANY)
def pad_attributes(call: Call) -> None:
    _pad(call, [int(value) for value in call.attr("pads")], float(call.attr("value", 0.0)))


@onnx_op("Pad", since=11, data=ANY)
def pad_inputs(call: Call) -> None:
    value = 0.0
    if call.has(2):
        value = float(call.need_const(2, "the padding value").reshape(-1)[0])
    pads = call.ints(1, "the list of pads")
    rank = len(call.shape(0))
    if call.has(3):
        axes = [axis % rank for axis in call.ints(3, "the list of axes")]
        if len(pads) != 2 * len(axes):
            call.refuse(f"it has {len(pads)} pads for {len(axes)} axes")
        full = [0] * (2 * rank)
        for position, axis in enumerate(axes):
            full[axis], full[rank + axis] = pads[position], pads[len(axes) + position]
        pads = full
    _pad(call, pads, value)


def _pad(call: Call, pads: list[int], value: float) -> None:
    source, mode = call.x(0), call.attr("mode", "constant")
    rank = source.rank
    if len(pads) != 2 * rank:
        call.refuse(f"it has {len(pads)} pads for {rank} dimensions")
    if mode not in ("constant", "reflect", "edge", "wrap"):
        call.refuse(f"its attribute mode = '{mode}' has no Top op")
    begins, ends = pads[:rank], pads[rank:]
    if mode == "wrap":
        _wrap(call, source, begins, ends)
        return
    if any(value < 0 for value in pads):
        if mode != "constant":
            call.refuse(f"negative pads {pads} with mode '{mode}' have no Top op")
        first = [max(0, -begin) for begin in begins]
        last = [size - max(0, -end) for size, end in zip(source.shape, ends, strict=True)]
        if any(low >= high for low, high in zip(first, last, strict=True)):
            call.refuse(f"its pads {pads} remove the whole input")
        source = cut(call, source, first, last, [1] * rank, "cut")
        begins, ends = [max(0, begin) for begin in begins], [max(0, end) for end in ends]
    widest = [max(begin, end) for begin, end in zip(begins, ends, strict=True)]
    if mode == "reflect" and any(wide >= size for wide, size in zip(widest, source.shape, strict=True)):
        call.refuse(f"its pads {pads} reflect more than the input {list(source.shape)} has")
    if not any(widest):
        call.bind(source)
    else:
        call.finish("Pad", [source], paddings=begins + ends, val=value, mode=mode)


def _wrap(call: Call, source: Tensor, begins: list[int], ends: list[int]) -> None:
    """Every axis continued by its own other end, as often as it takes."""
    f = Formula(call)
    for axis, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        size = source.shape[axis]
        if begin < 0 or end < 0:
            call.refuse(f"negative pads {[*begins, *ends]} with mode 'wrap' have no Top op")
        first = -begin % size
        total = begin + size + end
        repeats = -(-(first + total) // size)
        source = f.part(f.repeat(source, axis, repeats), axis, first, first + total)
    call.bind(source)


@onnx_op("Tile", since=6, data=ANY)
def tile(call: Call) -> None:
    repeats = call.ints(1, "the list of repeats")
    _tile(call, call.x(0), repeats)


def _tile(call: Call, source: Tensor, repeats: list[int]) -> None:
    if all(count == 1 for count in repeats):
        call.bind(source)
    else:
        call.finish("Tile", [source], tile=repeats)


@onnx_op("Expand", since=8, data=ANY)
def expand(call: Call) -> None:
    target = top_shape(call.out_shape())
    source = call.x(0)
    aligned = [1] * (len(target) - source.rank) + list(source.shape)
    source = call.reshape(source, aligned, "aligned")
    _tile(call, source, [new // old for new, old in zip(target, aligned, strict=True)])


@onnx_op("DepthToSpace", data=ANY)
def depth_to_space(call: Call) -> None:
    _blocks(call, False)


def _blocks(call: Call, inversed: bool) -> None:
    block, mode = int(call.attr("blocksize", 0)), call.attr("mode", "DCR")
    if mode not in ("DCR", "CRD"):
        call.refuse(f"its attribute mode = '{mode}' is not known")
    if len(call.shape(0)) != 4 or block < 1:
        call.refuse(f"an input of {len(call.shape(0))} dimensions with blocks of {block} is no image")
    call.finish("Depth2Space", [call.x(0)], block_h=block, block_w=block, is_CRD=mode == "CRD", is_inversed=inversed)


@onnx_op("SpaceToDepth", data=ANY)
def space_to_depth(call: Call) -> None:
    _blocks(call, True)
