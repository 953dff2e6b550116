"""Reductions over axes of the file, wherever they are stored."""

from __future__ import annotations

from ..call import Call, Order
from ..registry import ANY, FLOAT, NUMERIC, tflite_op


def _axes(call: Call) -> list[int]:
    rank = len(call.shape(0))
    axes = call.ints(1, "the list of axes")
    if any(not -rank <= axis < rank for axis in axes):
        call.refuse(f"its axes {axes} are out of range")
    return sorted({axis % rank for axis in axes})


def _reduce(call: Call, mode: str) -> None:
    shape, axes = call.shape(0), _axes(call)
    if not axes:
        call.alias(call.value(0))
        return
    order, keep = call.order(0), bool(call.option("KeepDims", False))
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    result, remaining = (kept, order) if keep else _dropped(shape, order, axes)
    if mode == "ReduceMean" and len(shape) == 4 and axes == [1, 2] and order == (0, 3, 1, 2):
        _global_average(call, kept, result, remaining, order)
        return
    places = sorted(order.index(axis) for axis in axes)
    scalar = {"is_scalar": True} if not keep and len(axes) == len(shape) else {}
    call.finish("Reduce", [call.x(0, order)], result, remaining, axes=places, keepdims=keep, mode=mode, **scalar)


def _dropped(shape: tuple[int, ...], order: Order, axes: list[int]) -> tuple[tuple[int, ...], Order]:
    """Shape and order without the axes."""
    rest = [axis for axis in range(len(shape)) if axis not in axes]
    return tuple(shape[axis] for axis in rest), tuple(rest.index(axis) for axis in order if axis not in axes)


def _global_average(call: Call, kept: tuple[int, ...], result: tuple[int, ...], remaining: Order, order: Order) -> None:
    """The mean of whole channels is a pool, which has an integer form."""
    attributes = {"kernel_shape": [], "strides": [], "pads": [], "count_include_pad": True}
    if len(result) == len(kept):
        call.finish("AvgPool", [call.x(0, order)], result, order, **attributes)
        return
    pooled = call.step("pooled", "AvgPool", [call.x(0, order)], [kept[axis] for axis in order], **attributes)
    stored = [result[axis] for axis in remaining]
    call.finish("Reshape", [pooled], result, remaining, shape=stored)


for _kind, _mode, _data in (
    ("MEAN", "ReduceMean", FLOAT),
    ("SUM", "ReduceSum", NUMERIC),
    ("REDUCE_MAX", "ReduceMax", ANY),
    ("REDUCE_MIN", "ReduceMin", ANY),
    ("REDUCE_PROD", "ReduceProd", FLOAT),
    ("REDUCE_ANY", "ReduceMax", ANY),
    ("REDUCE_ALL", "ReduceMin", ANY),
):

    @tflite_op(_kind, data=_data)
    def _convert(call: Call, mode: str = _mode) -> None:
        _reduce(call, mode)
