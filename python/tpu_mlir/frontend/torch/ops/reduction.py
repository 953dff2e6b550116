"""Reductions over axes, running sums, positions of extrema, sorting."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...emit import Tensor, top_shape
from ..call import Call
from ..registry import torch_op
from .logic import truth


def _axes(call: Call, name: str = "dim") -> list[int]:
    """Sorted axes; without the argument, or with an empty list, all."""
    rank, given = len(call.shape()), call.get(name)
    listed = [given] if isinstance(given, int) else list(given or [])
    return sorted({call.axis(int(axis)) for axis in listed}) or list(range(rank))


def _kept(shape: tuple[int, ...], axes: list[int]) -> list[int]:
    return [1 if axis in axes else size for axis, size in enumerate(shape)]


def _reduce(call: Call, source: Tensor, mode: str, axes: list[int], index: int = 0) -> None:
    """Finishes with a reduction of a source that has the shape of self."""
    if not call.shape():
        call.bind(source, index)
        return
    keep = len(call.out_shape(index)) == len(call.shape())
    attributes: dict[str, object] = {"axes": axes, "keepdims": keep, "mode": mode}
    if not keep and len(axes) == len(call.shape()):
        attributes["is_scalar"] = True
    call.finish("Reduce", [source], index, **attributes)


def _middle(call: Call, source: Tensor, mode: str, axes: list[int], suffix: str) -> Tensor:
    """A reduction in the middle that keeps its axes."""
    if not call.shape():
        return source
    return call.step(suffix, "Reduce", [source], _kept(source.shape, axes), axes=axes, keepdims=True, mode=mode)


def _reduction(mode: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        _reduce(call, call.x(), mode, _axes(call))

    return convert


for _name, _mode in {
    "mean": "ReduceMean",
    "sum": "ReduceSum",
    "amax": "ReduceMax",
    "amin": "ReduceMin",
    "prod": "ReduceProd",
    "max.default": "ReduceMax",
    "min.default": "ReduceMin",
}.items():
    torch_op(f"aten.{_name}")(_reduction(_mode))


@torch_op("aten.any", "aten.all")
def any_of(call: Call) -> None:
    mode = "ReduceMax" if call.operator == "any" else "ReduceMin"
    _reduce(call, truth(call, "self", "truth"), mode, _axes(call))


@torch_op("aten.logsumexp")
def logsumexp(call: Call) -> None:
    """Shifted by the maximum so that exp cannot overflow."""
    axes, source = _axes(call), call.x()
    top = _middle(call, source, "ReduceMax", axes, "maximum")
    shifted = call.step("shifted", "Sub", [[source, top]], source.shape)
    powers = call.step("powers", "Exp", [shifted], source.shape)
    total = _middle(call, powers, "ReduceSum", axes, "total")
    logarithm = call.step("log", "Log", [total], total.shape)
    call.bind(call.step("sum", "Add", [[logarithm, top]], total.shape))


@torch_op("aten.linalg_vector_norm", "aten.norm.ScalarOpt_dim", "aten.norm.Scalar", "aten.norm.ScalarOpt_dim_dtype",
          "aten.frobenius_norm")  # fmt: skip
def vector_norm(call: Call) -> None:
    order = 2.0 if call.operator == "frobenius_norm" else float(call.get("ord", call.get("p", 2)))
    axes, source = _axes(call), call.x()
    if order in (1, 2):
        _reduce(call, source, "ReduceL1" if order == 1 else "ReduceL2", axes)
        return
    size = call.step("size", "Abs", [source], source.shape)
    if math.isinf(order):
        _reduce(call, size, "ReduceMax" if order > 0 else "ReduceMin", axes)
    elif order == 0:
        other = {"mode": "NotEqual", "const_val": 0.0, "inversed": False}
        _reduce(call, call.step("other", "CompareConst", [source], source.shape, **other), "ReduceSum", axes)
    else:
        powers = call.step("powers", "Pow", [size], source.shape, exponent=order)
        total = _middle(call, powers, "ReduceSum", axes, "total")
        call.bind(call.step("root", "Pow", [total], total.shape, exponent=1 / order))


def _variance(call: Call, suffix: str) -> tuple[Tensor, Tensor]:
    """Variance and mean, both with the reduced axes kept."""
    axes, source = _axes(call), call.x()
    count = math.prod(source.shape[axis] for axis in axes)
    correction = call.get("correction")
    if correction is None:
        correction = int(call.get("unbiased", True))
    divisor = count - float(correction)
    if divisor <= 0:
        call.refuse(f"{count} values less a correction of {correction} leave nothing to divide by")
    mean = _middle(call, source, "ReduceMean", axes, "mean")
    centered = call.step("centered", "Sub", [[source, mean]], source.shape)
    square = call.step("square", "Mul", [[centered, centered]], source.shape)
    value = _middle(call, square, "ReduceMean", axes, suffix)
    if divisor != count:
        value = call.step(f"{suffix}_corrected", "MulConst", [value], value.shape, const_val=count / divisor)
    return value, mean


@torch_op("aten.var", "aten.var_mean")
def variance(call: Call) -> None:
    value, mean = _variance(call, "variance")
    if call.uses(0):
        call.bind(value, 0)
    if call.uses(1):
        call.bind(mean, 1)


@torch_op("aten.std", "aten.std_mean")
def deviation(call: Call) -> None:
    value, mean = _variance(call, "variance")
    if call.uses(0):
        call.bind(call.step("deviation", "Sqrt", [value], value.shape), 0)
    if call.uses(1):
        call.bind(mean, 1)


@torch_op("aten.argmax", "aten.argmin")
def arg(call: Call) -> None:
    """The first of equal extrema; without an axis, of the flat tensor."""
    source, axis = call.x(), call.get("dim")
    if axis is None:
        source, axis = call.reshape(source, [math.prod(source.shape)], "flat"), 0
    place = int(axis) % source.rank
    keep = len(call.out_shape()) == len(call.shape()) and source.shape == top_shape(call.shape())
    mode = "ArgMax" if call.operator == "argmax" else "ArgMin"
    shape = [1 if i == place else size for i, size in enumerate(source.shape) if keep or i != place]
    names = [call.module.unique(f"{call.prefix}_position"), None]
    attributes = {"axis": place, "keepdims": keep, "mode": mode, "select_last_index": False}
    made = call.emit_all(names, "Arg", [source], [shape, []], attributes)
    call.bind(made[0])


@torch_op("aten.max.dim", "aten.min.dim")
def extremum(call: Call) -> None:
    """Values and positions along an axis."""
    place = call.axis(int(call.get("dim")))
    mode = "ReduceMax" if call.operator == "max" else "ReduceMin"
    if not call.shape():
        call.refuse("a scalar has no axis")
    if not call.uses(1):
        _reduce(call, call.x(), mode, [place])
        return
    attributes = {
        "axis": place,
        "keepdims": len(call.out_shape(1)) == len(call.shape()),
        "mode": "ArgMax" if call.operator == "max" else "ArgMin",
        "select_last_index": False,
    }
    call.finish_all("Arg", [call.x()], [1, 0], **attributes)


@torch_op("aten.cumsum")
def cumsum(call: Call) -> None:
    if not call.shape():
        call.bind(call.x())
    else:
        call.finish("CumSum", [call.x(), call.none], axis=call.axis(int(call.get("dim"))))


@torch_op("aten.topk", "aten.sort", "aten.sort.stable", "aten.argsort")
def topk(call: Call) -> None:
    """The largest or smallest values in order, with their positions; sorting is all of them."""
    shape = call.shape()
    if not shape:
        call.refuse("a scalar has no axis")
    axis = call.axis(int(call.get("dim", -1)))
    sorting = call.operator != "topk"
    count = shape[axis] if sorting else int(call.get("k"))
    largest = bool(call.get("descending", False)) if sorting else bool(call.get("largest", True))
    results = [None, 0] if call.operator == "argsort" else [0, 1]
    # Optional operands in front of attributes are left out, so that the module's text is upstream's.
    call.finish_all("TopK", [call.x()], results, axis=axis, K=count, largest=largest, sorted=True)
