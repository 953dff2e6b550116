"""Reductions over axes, given as an attribute or, in newer operator sets, as an input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call import Call, Tensor, top_shape
from ..registry import ANY, FLOAT, NUMERIC, onnx_op

AXES_INPUT_SINCE = {"ReduceSum": 13}
"""First operator set with axes as an input; 18 for all others."""


def _axes(call: Call) -> list[int] | None:
    """Sorted non-negative axes; None when the node reduces nothing."""
    rank = len(call.shape(0))
    since = AXES_INPUT_SINCE.get(call.node.op_type, 18)
    if call.node.opset >= since:
        axes = call.ints(1, "the list of axes") if call.has(1) else []
        if not axes and call.attr("noop_with_empty_axes", 0):
            return None
    else:
        axes = [int(axis) for axis in call.attr("axes") or []]
    if any(not -rank <= axis < rank for axis in axes):
        call.refuse(f"its axes {axes} are out of range")
    return sorted({axis + rank if axis < 0 else axis for axis in axes}) or list(range(rank))


def _reduced(shape: tuple[int, ...], axes: list[int], keep: bool) -> tuple[int, ...]:
    sizes = [(1 if axis in axes else size) for axis, size in enumerate(shape) if keep or axis not in axes]
    return top_shape(sizes)


def _attributes(call: Call, axes: list[int], mode: str, keep: bool) -> dict[str, Any]:
    attributes: dict[str, Any] = {"axes": axes, "keepdims": keep, "mode": mode}
    if not keep and len(axes) == len(call.shape(0)):
        attributes["is_scalar"] = True
    return attributes


def _reduction(mode: str, before: str = "", after: str = "") -> Callable[[Call], None]:
    """A reduction with an op in front (for one operand) and one behind."""

    def convert(call: Call) -> None:
        axes = _axes(call)
        source = _prepared(call, before)
        if axes is None or not call.shape(0):
            _without_axes(call, source, mode, after)
            return
        attributes = _attributes(call, axes, mode, bool(call.attr("keepdims", 1)))
        if not after:
            call.finish("Reduce", [source], **attributes)
            return
        total = call.step("total", "Reduce", [source], call.out_shape(), **attributes)
        call.finish(after, [total])

    return convert


def _prepared(call: Call, before: str) -> Tensor:
    source = call.x(0)
    if not before:
        return source
    operands = [[source, source]] if before == "Mul" else [source]
    return call.step("prepared", before, operands, source.shape)


def _without_axes(call: Call, source: Tensor, mode: str, after: str) -> None:
    """A reduction over no axis, or of a scalar: only the functions around the sum remain."""
    if mode in ("ReduceL1", "ReduceL2"):
        call.finish("Abs", [source])
    elif after:
        call.finish(after, [source])
    else:
        call.bind(source)


for _name, _data in {
    "ReduceSum": NUMERIC,
    "ReduceMean": FLOAT,
    "ReduceMax": ANY,
    "ReduceMin": ANY,
    "ReduceProd": NUMERIC,
}.items():
    onnx_op(_name, data=_data)(_reduction(_name))
onnx_op("ReduceL1", data=NUMERIC)(_reduction("ReduceL1"))
onnx_op("ReduceL2")(_reduction("ReduceL2"))
onnx_op("ReduceSumSquare", data=NUMERIC)(_reduction("ReduceSum", before="Mul"))
onnx_op("ReduceLogSum")(_reduction("ReduceSum", after="Log"))


@onnx_op("ReduceLogSumExp")
def reduce_log_sum_exp(call: Call) -> None:
    """Shifted by the maximum so that exp cannot overflow."""
    axes = _axes(call)
    if axes is None or not call.shape(0):
        call.bind(call.x(0))
        return
    shape = call.shape(0)
    kept = _reduced(shape, axes, True)
    top = call.step("maximum", "Reduce", [call.x(0)], kept, axes=axes, keepdims=True, mode="ReduceMax")
    shifted = call.step("shifted", "Sub", [[call.x(0), top]], shape)
    powers = call.step("powers", "Exp", [shifted], shape)
    total = call.step("total", "Reduce", [powers], kept, axes=axes, keepdims=True, mode="ReduceSum")
    logarithm = call.step("log", "Log", [total], kept)
    if call.attr("keepdims", 1):
        call.finish("Add", [[logarithm, top]])
    else:
        call.bind(call.step("sum", "Add", [[logarithm, top]], kept))
