"""Looking up and replacing elements by indices."""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor, top_shape
from ...indexing import MAX_GATHERED, evenly_spaced
from ...moves import cut_axis, spread
from ..call import Call
from ..graph import Value
from ..registry import torch_op


def _gather(call: Call, source: Tensor, indices: Tensor, axis: int, shape: tuple[int, ...]) -> None:
    """Finishes with slices of an axis; ``indices`` may be a scalar, which Top stores as [1]."""
    if top_shape(call.out_shape()) == shape:
        call.finish("Gather", [source, indices], axis=axis)
    else:
        call.bind(call.step("rows", "Gather", [source, indices], shape, axis=axis))


def _looked_up(call: Call, source_name: str, index_name: str, axis: int) -> None:
    """An axis of a tensor replaced by the axes of indices; few constant ones become slices."""
    indices, shape = call.const(index_name), top_shape(call.shape(source_name))
    if indices is not None and call.const(source_name) is None:
        runs = _runs(call, indices, shape[axis])
        if len(runs) <= MAX_GATHERED:
            _sliced(call, call.x(source_name), axis, runs)
            return
    table, found = call.x(source_name), call.x(index_name)
    _gather(call, table, found, axis, (*shape[:axis], *found.shape, *shape[axis + 1 :]))


def _runs(call: Call, indices: np.ndarray, size: int) -> list[list[int]]:
    flat = [int(index) for index in indices.reshape(-1)]
    if any(not -size <= index < size for index in flat) or not flat:
        call.refuse(f"its indices are empty or outside of the axis of size {size}")
    return evenly_spaced([index + size if index < 0 else index for index in flat])


def _sliced(call: Call, source: Tensor, axis: int, runs: list[list[int]]) -> None:
    pieces = []
    for number, run in enumerate(runs):
        step = run[1] - run[0] if len(run) > 1 else 1
        end = run[-1] + (1 if step > 0 else -1)
        pieces.append(
            cut_axis(call, source, axis, run[0], end if end >= 0 else -(source.shape[axis] + 1), f"run{number}", step)
        )
    if len(pieces) == 1:
        call.bind(pieces[0])
        return
    joined = [*source.shape[:axis], sum(len(run) for run in runs), *source.shape[axis + 1 :]]
    call.bind(call.step("joined", "Concat", [pieces], joined, axis=axis))


@torch_op("aten.embedding")
def embedding(call: Call) -> None:
    _looked_up(call, "weight", "indices", 0)


@torch_op("aten.index_select")
def index_select(call: Call) -> None:
    if not call.shape():
        call.bind(call.x())
    else:
        _looked_up(call, "self", "index", call.axis(int(call.get("dim"))))


@torch_op("aten.gather")
def gather(call: Call) -> None:
    if not call.shape() or not call.shape("index"):
        call.refuse("a scalar has no axis")
    call.finish("GatherElements", [call.x(), call.x("index")], axis=call.axis(int(call.get("dim"))))


@torch_op("aten.scatter", "aten.scatter_add", "aten.scatter_reduce")
def scatter(call: Call) -> None:
    shape, indexed = call.shape(), call.shape("index")
    if not shape:
        call.refuse("a scalar has no axis")
    modes = {"add": 1, "sum": 1, "amax": 3, "amin": 4, "multiply": 5, "prod": 5}
    word = "add" if call.operator == "scatter_add" else call.get("reduce")
    if word is not None and (word not in modes or call.get("include_self") is False):
        call.refuse(f"its way to combine values '{word}' has no Top op")
    if call.has("src"):
        updates = call.x("src")
        for axis, size in enumerate(indexed):  # what no index belongs to is not read
            updates = cut_axis(call, updates, axis, 0, size, f"read{axis}")
    else:
        number = call.scalar("value")
        if number is None:
            call.refuse("its value is computed")
        updates = call.own_weight("value", np.full(indexed, number, np.float32))
    operands = [call.x(), call.x("index"), updates]
    call.finish("ScatterElements", operands, axis=call.axis(int(call.get("dim"))), reduction=modes[word] if word else 0)


def _given_indices(call: Call) -> list[tuple[int, Value]]:
    """The axes that have indices, with these."""
    return [(axis, value) for axis, value in enumerate(call.get("indices")) if isinstance(value, Value)]


@torch_op("aten.index.Tensor", "aten._unsafe_index.Tensor")
def index(call: Call) -> None:
    """Advanced indexing: one axis is a Gather; several adjacent ones are flattened to one that is looked up."""
    given = _given_indices(call)
    if any(value.dtype in ("bool", "uint8") for _, value in given):
        call.refuse("the shape of a selection by a mask is not known before the network runs; use torch.where")
    axes = [axis for axis, _ in given]
    shape, source = top_shape(call.shape()), call.x()
    if not axes:
        call.bind(source)
        return
    first, after = axes[0], axes[-1] + 1
    adjacent = axes == list(range(first, after))
    common = np.broadcast_shapes(*(value.shape for _, value in given))
    if not adjacent:  # the axes of the indices come first then
        rest = [axis for axis in range(len(shape)) if axis not in axes]
        source = call.permute(source, [*axes, *rest], "arranged")
        shape, first, after = source.shape, 0, len(axes)
    flat, extent = _flat_indices(call, given, [call.shape()[axis] for axis in axes], common)
    merged = [*shape[:first], extent, *shape[after:]]
    table = call.reshape(source, merged, "merged")
    result = (*shape[:first], *top_shape(common), *shape[after:])
    if isinstance(flat, np.ndarray):
        runs = evenly_spaced([int(position) for position in flat.reshape(-1)]) if flat.size else []
        if runs and len(runs) <= MAX_GATHERED:
            _sliced(call, table, first, runs)
            return
        _gather(call, table, call.own_weight("positions", flat.reshape(top_shape(common))), first, result)
    else:
        _gather(call, table, flat, first, result)


def _flat_indices(
    call: Call, given: list[tuple[int, Value]], extents: list[int], common: tuple[int, ...]
) -> tuple[Tensor | np.ndarray, int]:
    """One index into the flattened axes for each tuple, and how many there are; an array when all are constant."""
    constants = [call.module.graph.constants.get(value.name) for _, value in given]
    extent = math.prod(extents)
    known = [value for value in constants if value is not None]
    if len(known) == len(given):
        places = np.zeros(common, np.int64)
        for array, size in zip(known, extents, strict=True):
            if array.size and (array.min() < -size or array.max() >= size):
                call.refuse(f"an index is outside of an axis of size {size}")
            places = places * size + np.broadcast_to(np.where(array < 0, array + size, array), common)
        return places, extent
    if len(given) == 1:
        return call.tensor(given[0][1]), extent
    total: Tensor | None = None
    for place, ((_, value), size) in enumerate(zip(given, extents, strict=True)):
        part = _counted_from_front(call, call.tensor(value), size, place)
        if total is None:
            total = part
            continue
        rows = call.step(f"rows{place}", "MulConst", [total], total.shape, const_val=float(size))
        shape = np.broadcast_shapes(rows.shape, part.shape)
        total = call.step(f"position{place}", "Add", [[rows, part]], shape)
    assert total is not None
    return total, extent


def _counted_from_front(call: Call, indices: Tensor, size: int, place: int) -> Tensor:
    """Indices in which negative ones, which count from the end, are put right."""
    shape = indices.shape
    options = {"mode": "Less", "const_val": 0.0, "inversed": False}
    negative = call.step(f"negative{place}", "CompareConst", [indices], shape, **options)
    shift = call.step(f"shift{place}", "MulConst", [negative], shape, const_val=float(size))
    return call.step(f"index{place}", "Add", [[indices, shift]], shape)


@torch_op("aten.index_put", "aten._unsafe_index_put")
def index_put(call: Call) -> None:
    """Rows replaced or added to; several indexed axes are flattened to one."""
    given = _given_indices(call)
    if len(given) == 1 and given[0][1].dtype == "bool":
        _put_mask(call, given[0][0], given[0][1])
        return
    if any(value.dtype in ("bool", "uint8") for _, value in given):
        call.refuse("several masks select an unknown number of elements; use torch.where")
    axes = [axis for axis, _ in given]
    common = np.broadcast_shapes(*(value.shape for _, value in given))
    if not axes:
        call.refuse("it has no indices")
    if axes == list(range(len(axes))):
        call.bind(_put(call, call.x(), call.x("values"), given, common))
        return
    # the indexed axes come first, as those of the values, and go back afterwards
    rank = len(call.shape())
    rest = [axis for axis in range(rank) if axis not in axes]
    adjacent = axes == list(range(axes[0], axes[-1] + 1))
    before = axes[0] if adjacent else 0
    sizes = [call.shape()[axis] for axis in rest]
    values = spread(call, call.x("values"), [*sizes[:before], *common, *sizes[before:]], "given")
    places = range(before, before + len(common))
    values = call.permute(values, [*places, *(a for a in range(values.rank) if a not in places)], "values")
    order = [*axes, *rest]
    put = _put(call, call.permute(call.x(), order, "arranged"), values, given, common)
    call.bind(call.permute(put, [order.index(axis) for axis in range(rank)], "back"))


def _put(call: Call, source: Tensor, values: Tensor, given: list[tuple[int, Value]], common: tuple[int, ...]) -> Tensor:
    """A tensor whose first axes have the indices, with elements replaced or added to."""
    shape, axes = source.shape, range(len(given))
    flat, extent = _flat_indices(call, given, [shape[axis] for axis in axes], common)
    rest = list(shape[len(axes) :])
    count = math.prod(common)
    if isinstance(flat, np.ndarray):
        positions = call.own_weight("positions", flat.reshape(count))
    else:
        positions = _flat(call, flat, common)
    table = call.reshape(source, [extent, *rest], "merged")
    target = [*common, *rest]
    if math.prod(values.shape) != 1 and values.shape != tuple(target):
        aligned = call.reshape(values, [1] * (len(target) - values.rank) + list(values.shape), "aligned")
        repeats = [new // old for new, old in zip(target, aligned.shape, strict=True)]
        values = call.step("spread", "Tile", [aligned], target, tile=repeats)
    if math.prod(values.shape) == 1:
        values = call.reshape(values, [1] * (1 + len(rest)), "value")
    else:
        values = call.reshape(values, [count, *rest], "rows")
    accumulate = bool(call.get("accumulate", False))
    put = call.step("put", "IndexPut", [table, positions, values], table.shape, accumulate=accumulate)
    return call.reshape(put, shape, "unmerged")


def _flat(call: Call, indices: Tensor, common: tuple[int, ...]) -> Tensor:
    target = top_shape(common)
    if indices.shape != target:
        aligned = call.reshape(indices, [1] * (len(target) - indices.rank) + list(indices.shape), "indices")
        repeats = [new // old for new, old in zip(target, aligned.shape, strict=True)]
        indices = call.step("spread", "Tile", [aligned], target, tile=repeats)
    return call.reshape(indices, [math.prod(target)], "flat")


def _put_mask(call: Call, axis: int, mask: Value) -> None:
    """Elements replaced by one value where a mask holds."""
    if axis != 0 or math.prod(call.shape("values") if call.has("values") else ()) != 1:
        values = call.get("values")
        if axis != 0 or not isinstance(values, Value) or math.prod(values.shape) != 1:
            call.refuse("values behind a mask are only known to fit when there is one; use torch.where")
    shape = top_shape(call.shape())
    condition = call.reshape(call.tensor(mask), [*mask.shape, *[1] * (len(shape) - len(mask.shape))], "mask")
    if call.get("accumulate"):
        call.refuse("values cannot be added behind a mask; use torch.where")
    call.finish("Where", [condition, call.x("values"), call.x()])


@torch_op("aten.nonzero")
def nonzero(call: Call) -> None:
    call.refuse("the number of its results is not known before the network runs")


@torch_op("aten._embedding_bag", "aten._embedding_bag_forward_only")
def embedding_bag(call: Call) -> None:
    """Rows of a table looked up and summed, averaged or compared within bags of one size."""
    offsets, shape, mode = call.const("offsets"), call.shape("weight"), int(call.get("mode", 0))
    total = math.prod(call.shape("indices"))
    if offsets is None:
        call.refuse("where its bags begin is only known when the network runs")
    if int(call.get("padding_idx", -1)) >= 0:
        call.refuse("it leaves out an index (padding_idx), which makes the size of its bags depend on values")
    starts = [int(start) for start in offsets.reshape(-1)]
    bags = len(starts) - bool(call.get("include_last_offset"))
    size = total // max(bags, 1)
    if not size or starts[:bags] != [bag * size for bag in range(bags)] or size * bags != total:
        call.refuse(f"its bags begin at {starts[:8]}, and only bags of one size are supported")
    if any(call.uses(index) for index in (1, 2, 3)):
        call.refuse("what it keeps for gradients has no Top op")
    found = call.reshape(call.x("indices"), [bags, size], "bags")
    rows = call.step("rows", "Gather", [call.x("weight"), found], [bags, size, shape[1]], axis=0)
    if call.has("per_sample_weights"):
        factors = call.reshape(call.x("per_sample_weights"), [bags, size, 1], "factors")
        rows = call.step("weighted", "Mul", [[rows, factors]], rows.shape)
    call.finish("Reduce", [rows], axes=[1], keepdims=False, mode=("ReduceSum", "ReduceMean", "ReduceMax")[mode])
