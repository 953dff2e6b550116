"""Operators that read and write at positions: gathers, scatters, extrema with their places, reversed sequences."""

from __future__ import annotations

import math

import numpy as np

from ...compose import Formula
from ...emit import Tensor
from ...indexing import MAX_GATHERED, evenly_spaced
from ..call import Call, Order, plain
from ..registry import ANY, tflite_op
from .join import axis_in

MAX_ELEMENTS = 1 << 26
"""Larger results are not written into zeros, which the file of weights would hold."""


@tflite_op("GATHER", data=ANY)
def gather(call: Call) -> None:
    """A few evenly spaced constant indices are slices, all others an op of their own."""
    shape, places = call.shape(0), call.shape(1)
    axis, batch = axis_in(call, int(call.option("Axis", 0)), len(shape)), int(call.option("BatchDims", 0))
    batch += len(places) if batch < 0 else 0
    if not 0 <= batch <= min(axis, len(places)) or shape[:batch] != places[:batch]:
        call.refuse(f"{batch} common axes do not fit the input {list(shape)} and the indices {list(places)}")
    if 0 in places:
        call.refuse("its list of indices is empty")
    if call.const(1) is not None:
        _check_indices(call, call.integers(1, "the list of indices"), shape[axis])
    if batch:
        _gather_in_batches(call, axis, batch)
    elif call.const(1) is None or call.const(0) is not None or not _gather_slices(call, axis):
        result = (*shape[:axis], *places, *shape[axis + 1 :])
        attributes = {"axis": axis, "keepdims": bool(places), "is_scalar": not result}
        call.finish("Gather", [call.x(0), call.x(1)], result, plain(len(result)), **attributes)


def _check_indices(call: Call, indices: np.ndarray, size: int) -> None:
    if indices.min() < 0 or indices.max() >= size:
        call.refuse(f"its indices {indices.min()}..{indices.max()} are outside of an axis of size {size}")


def _gather_in_batches(call: Call, axis: int, batch: int) -> None:
    """Each entry of the common axes has indices of its own."""
    shape, places = call.shape(0), call.shape(1)
    f, rank = Formula(call), len(shape)
    source = f.permute(call.x(0), [*range(batch), axis, *range(batch, axis), *range(axis + 1, rank)])
    tuples = f.reshape(call.x(1), (*places, 1))
    found_shape = [*places, *source.shape[batch + 1 :]]
    between, own = axis - batch, len(places) - batch
    result = (*shape[:axis], *places[batch:], *shape[axis + 1 :])
    attributes = {"batch_dims": batch, "indice_dims": 1}
    if not between or not own:
        call.finish("GatherND", [source, tuples], result, plain(len(result)), **attributes)
        return
    found = call.step("found", "GatherND", [source, tuples], found_shape, **attributes)
    moved = [*range(batch, batch + own)]
    front = [*range(batch), *range(batch + own, batch + own + between)]
    order = [*front, *moved, *range(batch + own + between, len(found_shape))]
    call.finish("Permute", [found], result, plain(len(result)), order=order)


def _gather_slices(call: Call, axis: int) -> bool:
    """Joins slices, unless the constant indices are too irregular."""
    shape, indices = call.shape(0), call.integers(1, "the list of indices")
    runs = evenly_spaced([int(index) for index in indices.reshape(-1)])
    if len(runs) > MAX_GATHERED:
        return False
    order = call.order(0) if indices.ndim == 1 else plain(len(shape))
    source, place = call.x(0, order), order.index(axis)
    pieces = [_run(call, source, place, run, f"run{number}") for number, run in enumerate(runs)]
    result = (*shape[:axis], *indices.shape, *shape[axis + 1 :])
    if indices.ndim == 1 and len(pieces) > 1:
        call.finish("Concat", [pieces], result, order, axis=place)
        return True
    joined = Formula(call).join(pieces, place)
    if indices.ndim == 1:
        call.bind(joined, result, order)
    else:
        call.finish("Reshape", [joined], result, plain(len(result)), shape=list(result) or [1])
    return True


def _run(call: Call, source: Tensor, axis: int, run: list[int], suffix: str) -> Tensor:
    step = run[1] - run[0] if len(run) > 1 else 1
    end = run[-1] + (1 if step > 0 else -1)
    begins, ends, steps = [0] * source.rank, list(source.shape), [1] * source.rank
    begins[axis], ends[axis], steps[axis] = run[0], end if end >= 0 else -(source.shape[axis] + 1), step
    shape = [len(run) if place == axis else size for place, size in enumerate(source.shape)]
    operands = [source, call.none, call.none, call.none]
    return call.step(suffix, "Slice", operands, shape, offset=begins, ends=ends, steps=steps, axes=[])


@tflite_op("EMBEDDING_LOOKUP", data=ANY)
def embedding_lookup(call: Call) -> None:
    """Rows of a table; the first operand says which."""
    places, table = call.shape(0), call.shape(1)
    if len(places) != 1 or len(table) < 2:
        call.refuse(f"positions of shape {list(places)} in a table of shape {list(table)} are not supported")
    if call.const(0) is not None:
        _check_indices(call, call.integers(0, "the list of positions"), table[0])
    result = (*places, *table[1:])
    call.finish("Gather", [call.x(1), call.x(0)], result, plain(len(result)), axis=0)


def _check_tuples(call: Call, index: int, shape: tuple[int, ...]) -> int:
    """The number of axes that tuples of positions in a tensor of this shape choose; refuses other tuples."""
    places = call.shape(index)
    if not places or 0 in places or not 1 <= places[-1] <= len(shape):
        call.refuse(f"positions of shape {list(places)} do not fit a tensor of shape {list(shape)}")
    if call.const(index) is not None:
        for axis, size in enumerate(shape[: places[-1]]):
            _check_indices(call, call.integers(index, "the list of positions")[..., axis], size)
    return places[-1]


@tflite_op("GATHER_ND", data=ANY)
def gather_nd(call: Call) -> None:
    """The last axis of the second operand holds positions in the first axes of the first one."""
    shape = call.shape(0)
    count = _check_tuples(call, 1, shape)
    result = (*call.shape(1)[:-1], *shape[count:])
    call.finish("GatherND", [call.x(0), call.x(1)], result, plain(len(result)), indice_dims=count)


@tflite_op("SCATTER_ND", data=ANY)
def scatter_nd(call: Call) -> None:
    """Zeros, to which updates are added; those of one place add up."""
    target = tuple(call.ints(2, "its shape"))
    if not target or min(target) < 1 or math.prod(target) > MAX_ELEMENTS:
        call.refuse(f"the shape {list(target)} of its result is not supported")
    if call.out_info().is_quantized and any(call.out_info().quantization.zeros):  # type: ignore[union-attr]
        call.refuse("it adds stored bytes to 0, which is no zero for these scales; use a zero point of 0")
    count = _check_tuples(call, 0, target)
    if call.shape(1) != (*call.shape(0)[:-1], *target[count:]):
        call.refuse(f"updates of shape {list(call.shape(1))} do not fit the result {list(target)}")
    zeros = call.own_weight("zeros", np.zeros(target, np.float32))
    call.finish("ScatterND", [zeros, call.x(0), call.x(1)], target, plain(len(target)), reduction=1)


def _dropped(order: Order, axis: int) -> Order:
    """The order of axes without one of them."""
    return tuple(place - (place > axis) for place in order if place != axis)


def _extremum(call: Call, mode: str) -> None:
    """The place of the first one of several equal ones."""
    shape, axes = call.shape(0), call.ints(1, "its axis")
    if len(axes) != 1:
        call.refuse(f"its axis {axes} is not one number")
    axis, order = axis_in(call, axes[0], len(shape)), call.order(0)
    result, rest = (*shape[:axis], *shape[axis + 1 :]), _dropped(order, axis)
    attributes = {"axis": order.index(axis), "keepdims": False, "mode": mode, "select_last_index": False}
    sizes = [result[place] for place in rest]
    name = call.result_name(result, rest)
    found, _ = call.emit_all([name, None], "Arg", [call.x(0, order)], [sizes, []], attributes)
    call.bind(found, result, rest)


@tflite_op("ARG_MAX", data=ANY)
def arg_max(call: Call) -> None:
    _extremum(call, "ArgMax")


@tflite_op("ARG_MIN", data=ANY)
def arg_min(call: Call) -> None:
    _extremum(call, "ArgMin")


@tflite_op("TOPK_V2", data=ANY)
def top_k(call: Call) -> None:
    """The largest along the last axis, in order, and where they are."""
    shape, counts, order = call.shape(0), call.ints(1, "the number of elements"), call.order(0)
    if not shape or len(counts) != 1 or not 1 <= counts[0] <= shape[-1]:
        call.refuse(f"{counts} elements of the last axis of {list(shape)} are wanted")
    result = (*shape[:-1], counts[0])
    attributes = {"axis": order.index(len(shape) - 1), "K": counts[0], "largest": True, "sorted": True}
    stored = [result[axis] for axis in order]
    names = [call.result_name(result, order, index) for index in range(2)]
    found = call.emit_all(names, "TopK", [call.x(0, order)], [stored, stored], attributes)
    for index, tensor in enumerate(found[: len(call.node.outputs)]):
        call.bind(tensor, result, order, index)


@tflite_op("ONE_HOT", data=ANY)
def one_hot(call: Call) -> None:
    """A new axis in which the place of the index has one value and all others another one."""
    places, depths = call.shape(0), call.ints(1, "its depth")
    if len(depths) != 1 or not 1 <= depths[0] <= MAX_ELEMENTS:
        call.refuse(f"its depth {depths} is not one positive number")
    depth = depths[0]
    if any(math.prod(call.shape(index)) != 1 for index in (2, 3)):
        call.refuse("its two values have more than one element")
    axis = int(call.option("Axis", -1))
    axis = axis_in(call, axis, len(places) + 1)
    f = Formula(call)
    indices = f.reshape(call.x(0), (*places[:axis], 1, *places[axis:]))
    classes = np.arange(depth).reshape([depth if place == axis else 1 for place in range(len(places) + 1)])
    result = (*places[:axis], depth, *places[axis:])
    hit = f.compare("Equal", indices, f.weight("classes", classes))
    on, off = call.scalar(2), call.scalar(3)
    rank = len(result)
    if on is None or off is None:
        operands = [hit, *(call.x(index, rank=rank) for index in (2, 3))]
        call.finish("Where", operands, result, plain(rank))
        return
    if np.float32(np.float32(on - off) + np.float32(off)) != np.float32(on):
        constants = {"x_is_const": True, "x_const_val": on, "y_is_const": True, "y_const_val": off}
        call.finish("Where", [hit, call.none, call.none], result, plain(rank), **constants)
        return
    scaled = f.mul(hit, on - off)
    call.finish("AddConst", [scaled], result, plain(rank), const_val=off)


@tflite_op("REVERSE_SEQUENCE", data=ANY)
def reverse_sequence(call: Call) -> None:
    """The first elements of every sequence in reverse order; how many, the second operand says per sequence."""
    shape, lengths = call.shape(0), call.shape(1)
    rank = len(shape)
    axis = axis_in(call, int(call.option("SeqDim", 0)), rank)
    batch = axis_in(call, int(call.option("BatchDim", 0)), rank)
    if axis == batch or lengths != (shape[batch],):
        call.refuse(f"lengths of shape {list(lengths)} do not fit axis {batch} of the input {list(shape)}")
    size = shape[axis]
    if call.const(1) is not None:
        _check_indices(call, call.integers(1, "the list of lengths"), size + 1)
    f = Formula(call)
    per_batch = f.reshape(call.x(1), [shape[batch] if place == batch else 1 for place in range(rank)])
    steps = f.weight("steps", np.arange(size).reshape([size if place == axis else 1 for place in range(rank)]))
    turned = f.sub(f.sub(per_batch, 1.0), steps)
    places = f.where(f.compare("Less", steps, per_batch), turned, steps)
    call.finish("GatherElements", [call.x(0), f.spread(places, shape)], shape, plain(rank), axis=axis)
