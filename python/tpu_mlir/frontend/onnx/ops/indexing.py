"""Reading and writing at positions: Gather and Scatter in all forms, positions of extrema, the largest elements."""

from __future__ import annotations

import math

import numpy as np

from ...compose import Formula
from ...indexing import MAX_GATHERED, evenly_spaced
from ...moves import cut
from ..call import Call, Tensor, top_shape
from ..registry import ANY, onnx_op


def axis_of(call: Call, name: str, default: int, rank: int | None = None) -> int:
    """An axis attribute as a number >= 0; refused when it is out of range."""
    size, axis = len(call.shape(0)) if rank is None else rank, int(call.attr(name, default))
    if not -size <= axis < size:
        call.refuse(f"its attribute {name} = {axis} is out of range")
    return axis % size


@onnx_op("Gather", data=ANY)
def gather(call: Call) -> None:
    """Constant indices that are a few evenly spaced pieces are slices."""
    axis, indices = axis_of(call, "axis", 0), call.const(1)
    if indices is None:
        _gather_op(call, call.x(1), axis)
        return
    source, size = call.x(0), call.x(0).shape[axis]
    flat = [int(index) for index in indices.reshape(-1)]
    if any(not -size <= index < size for index in flat) or not flat:
        call.refuse(f"its indices are empty or outside of the axis of size {size}")
    flat = [index + size if index < 0 else index for index in flat]
    runs = evenly_spaced(flat)
    if len(runs) > MAX_GATHERED:
        _gather_op(call, call.x(1), axis)
        return
    pieces = [_run(call, source, axis, run, f"run{number}") for number, run in enumerate(runs)]
    if len(pieces) == 1:
        call.bind(pieces[0])
        return
    shape = list(source.shape)
    shape[axis] = len(flat)
    call.bind(call.step("joined", "Concat", [pieces], shape, axis=axis))


def _gather_op(call: Call, indices: Tensor, axis: int) -> None:
    """A scalar index, in the module a list of one, removes the axis."""
    attributes: dict[str, bool] = {}
    if not call.shape(1):
        attributes["keepdims"] = False
        if not call.out_shape():
            attributes["is_scalar"] = True
    call.finish("Gather", [call.x(0), indices], axis=axis, **attributes)


def _run(call: Call, source: Tensor, axis: int, run: list[int], suffix: str) -> Tensor:
    step = run[1] - run[0] if len(run) > 1 else 1
    end = run[-1] + (1 if step > 0 else -1)
    begins, ends, steps = [0] * source.rank, list(source.shape), [1] * source.rank
    begins[axis], ends[axis], steps[axis] = run[0], end if end >= 0 else -(source.shape[axis] + 1), step
    return cut(call, source, begins, ends, steps, suffix)


@onnx_op("GatherElements", since=11, data=ANY)
def gather_elements(call: Call) -> None:
    call.finish("GatherElements", [call.x(0), call.x(1)], axis=axis_of(call, "axis", 0))


@onnx_op("GatherND", since=11, data=ANY)
def gather_nd(call: Call) -> None:
    call.finish("GatherND", [call.x(0), call.x(1)], batch_dims=int(call.attr("batch_dims", 0)))


REDUCTIONS = {"none": 0, "add": 1, "max": 3, "min": 4, "mul": 5}
"""The numbers by which Top's scatters name what happens to the element that is there already."""


def _reduction(call: Call) -> int:
    word = call.attr("reduction", "none")
    if word not in REDUCTIONS:
        call.refuse(f"its attribute reduction = '{word}' is not known")
    return REDUCTIONS[word]


@onnx_op("ScatterElements", "Scatter", since=9, data=ANY)
def scatter_elements(call: Call) -> None:
    axis = axis_of(call, "axis", 0)
    operands = [call.x(index) for index in range(3)]
    call.finish("ScatterElements", operands, axis=axis, reduction=_reduction(call))


@onnx_op("ScatterND", since=11, data=ANY)
def scatter_nd(call: Call) -> None:
    call.finish("ScatterND", [call.x(index) for index in range(3)], reduction=_reduction(call))


@onnx_op("ArgMax", "ArgMin", data=ANY)
def arg(call: Call) -> None:
    attributes = {
        "axis": axis_of(call, "axis", 0),
        "keepdims": bool(call.attr("keepdims", 1)),
        "mode": call.node.op_type,
        "select_last_index": bool(call.attr("select_last_index", 0)),
    }
    name = call.module.unique(f"{call.node.outputs[0]}_{call.node.op_type}")
    found, _ = call.emit_all([name, None], "Arg", [call.x(0)], [call.out_shape(), []], attributes)
    call.bind(found)


@onnx_op("TopK", data=ANY)
def top_k(call: Call) -> None:
    """The number of elements must be constant: an attribute, or input 1 since operator set 10."""
    source = call.x(0)
    axis = axis_of(call, "axis", -1)
    count = call.ints(1, "the number of elements")[0] if call.node.opset >= 10 else int(call.attr("k"))
    if not 1 <= count <= source.shape[axis]:
        call.refuse(f"{count} elements of an axis of size {source.shape[axis]} are wanted")
    attributes = {
        "axis": axis,
        "K": count,
        "largest": bool(call.attr("largest", 1)),
        "sorted": bool(call.attr("sorted", 1)),
    }
    shape = [count if place == axis else size for place, size in enumerate(source.shape)]
    names = [call.module.unique(f"{n}_TopK") if call.uses(i) else None for i, n in enumerate(call.node.outputs)]
    results = call.emit_all(names, "TopK", [source], [shape, shape], attributes)
    for index, name in enumerate(names):
        if name is not None:
            call.bind(results[index], index)


@onnx_op("OneHot", since=9, data=ANY)
def one_hot(call: Call) -> None:
    """Compares indices, negative ones counted from the end, with all positions; other indices are off everywhere."""
    f = Formula(call)
    depth = call.ints(1, "the number of classes")[0]
    values = call.x(2)
    rank = len(call.shape(0))
    axis = int(call.attr("axis", -1))
    if not -rank - 1 <= axis <= rank:
        call.refuse(f"its attribute axis = {axis} is out of range")
    axis %= rank + 1
    indices = call.x(0)
    negative = f.compare("Less", indices, 0.0)
    indices = f.add(indices, f.mul(negative, float(depth)))
    shape = list(call.shape(0))
    spread = f.reshape(indices, [*shape[:axis], 1, *shape[axis:]])
    positions = f.weight("positions", np.arange(depth).reshape([depth] + [1] * (rank - axis)))
    hit = f.compare("Equal", f.spread(spread, [*shape[:axis], depth, *shape[axis:]]), positions)
    known = call.const(2)
    if known is not None:
        off, on = (float(value) for value in known.reshape(-1))
        call.bind(hit if (off, on) == (0.0, 1.0) else f.where(hit, on, off))
        return
    off_value, on_value = f.part(values, 0, 0, 1), f.part(values, 0, 1, 2)
    call.bind(f.where(hit, on_value, off_value))


@onnx_op("Compress", since=9, data=ANY)
def compress(call: Call) -> None:
    """Which elements remain must be known, or the size of the result would depend on data."""
    condition = call.need_const(1, "its condition, on which the size of the result depends,").reshape(-1)
    source = call.x(0)
    given = call.attr("axis")
    if given is None:
        source, axis = call.reshape(source, [math.prod(source.shape)], "flat"), 0
    else:
        axis = axis_of(call, "axis", 0)
    chosen = [int(index) for index in np.flatnonzero(condition) if index < source.shape[axis]]
    if not chosen:
        call.refuse("its condition leaves no element")
    _bind_any_shape(call, _chosen(call, source, axis, chosen))


def _chosen(call: Call, source: Tensor, axis: int, chosen: list[int]) -> Tensor:
    runs = evenly_spaced(chosen)
    if len(runs) > MAX_GATHERED:
        f = Formula(call)
        return f.gather(source, f.weight("chosen", np.array(chosen)), axis)
    return Formula(call).join([_run(call, source, axis, run, f"run{n}") for n, run in enumerate(runs)], axis)


def _bind_any_shape(call: Call, result: Tensor) -> None:
    """Binds a result whose shape only its converter knows."""
    call.bound[call.node.outputs[0]] = result
    name = call.node.outputs[0]
    info = call.module.graph.info[name]
    if info.shape is not None and top_shape(info.shape) != result.shape:
        call.refuse(f"its result has the shape {list(result.shape)}, the model says {list(info.shape)}")


@onnx_op("ArrayFeatureExtractor", domain="ai.onnx.ml", data=ANY)
def array_feature_extractor(call: Call) -> None:
    source = call.x(0)
    indices = call.reshape(call.x(1), [math.prod(call.x(1).shape)], "flat")
    result = Formula(call).gather(source, indices, source.rank - 1)
    call.bind(result)


@onnx_op("TensorScatter", since=24, data=ANY)
def tensor_scatter(call: Call) -> None:
    """Rows of the cache that belong to the update are read from it; whether one does is a comparison of positions."""
    f, cache, update = Formula(call), call.x(0), call.x(1)
    axis = axis_of(call, "axis", -2)
    size, count, batch = cache.shape[axis], update.shape[axis], cache.shape[0]
    mode = call.attr("mode", "linear")
    if mode not in ("linear", "circular") or axis == 0:
        call.refuse(f"its mode '{mode}' along axis {axis} is not known")
    shape = [size if place == axis else 1 for place in range(cache.rank)]
    positions = f.weight("positions", np.arange(size).reshape(shape))
    if call.has(2):
        start = f.reshape(call.x(2), [batch] + [1] * (cache.rank - 1))
        shape[0] = batch
        source = f.sub(f.spread(positions, shape), start)
        if mode == "circular":
            source = f.where(f.compare("Less", source, 0.0), f.add(source, float(size)), source)
    else:
        shape[0] = batch
        source = f.spread(positions, shape)
    inside = f.mul(f.compare("GreaterOrEqual", source, 0.0), f.compare("Less", source, float(count)))
    index = f.spread(f.clip(source, 0, count - 1), cache.shape)
    call.bind(f.where(inside, f.gather_elements(update, index, axis), cache))


@onnx_op("ReverseSequence", since=10, data=ANY)
def reverse_sequence(call: Call) -> None:
    """Element t of a sequence of length n comes from n - 1 - t; those behind its end stay."""
    f, x = Formula(call), call.x(0)
    time, batch = axis_of(call, "time_axis", 0), axis_of(call, "batch_axis", 1)
    lengths = f.reshape(call.x(1), [x.shape[batch] if place == batch else 1 for place in range(x.rank)])
    steps = np.arange(x.shape[time]).reshape([x.shape[time] if place == time else 1 for place in range(x.rank)])
    positions = f.weight("positions", steps)
    mirrored = f.sub(f.sub(lengths, 1.0), positions)
    outside = f.compare("Less", mirrored, 0.0)
    index = f.where(outside, f.spread(positions, mirrored.shape), mirrored)
    call.bind(f.gather_elements(x, f.spread(index, x.shape), time))
