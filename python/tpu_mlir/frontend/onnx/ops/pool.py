"""Pooling windows and global pools. Rounding up the output size (ceil_mode) is expressed by wider end pads, which is
exact because pads never win a maximum and are not counted in an average. Windows that Top's pools do not have (dilated
ones, or pads as wide as the kernel) are taken apart: one strided slice per position of the kernel and axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import ANY, onnx_op
from .window import explicit_pads, spatial


@dataclass(frozen=True)
class Window:
    """A window per spatial axis. stated: pads [begins..., ends...] of the node. pads: widened so that the output size
    is reached by rounding down. plain: whether Top's pools have such a window."""

    sizes: list[int]
    target: list[int]
    kernel: list[int]
    strides: list[int]
    dilations: list[int]
    stated: list[int]
    pads: list[int]
    plain: bool

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return len(self.sizes)

    def read(self, axis: int) -> np.ndarray:
        """[target, kernel]: positions in the input that are read, which may lie in pads."""
        starts = np.arange(self.target[axis])[:, None] * self.strides[axis] - self.pads[axis]
        return starts + np.arange(self.kernel[axis])[None, :] * self.dilations[axis]

    def counts(self, padded: bool) -> np.ndarray:
        """[1, 1, target...]: how many elements each window has, those of the stated pads included or not."""
        total = np.ones([1, 1] + [1] * self.rank)
        for axis in range(self.rank):
            low = -self.stated[axis] if padded else 0
            high = self.sizes[axis] + (self.stated[self.rank + axis] if padded else 0)
            read = self.read(axis)
            count = ((read >= low) & (read < high)).sum(axis=1)
            total = total * count.reshape(
                [self.target[axis] if place == axis + 2 else 1 for place in range(total.ndim)]
            )
        return total


def _window(call: Call) -> Window:
    sizes = list(call.shape(0)[2:])
    rank = len(sizes)
    if rank not in (1, 2, 3):
        call.refuse(f"an input of {rank + 2} dimensions is not a 1-D to 3-D pool")
    kernel = spatial(call, "kernel_shape", rank, 1)
    strides = spatial(call, "strides", rank, 1)
    dilations = spatial(call, "dilations", rank, 1)
    pads = explicit_pads(call, sizes, kernel, strides, dilations)
    wide, target, plain = list(pads), list(call.out_shape()[2:]), all(value == 1 for value in dilations)
    for axis, count in enumerate(target):
        needed = (count - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
        padded = sizes[axis] + pads[axis] + pads[rank + axis]
        reached = (padded - (kernel[axis] - 1) * dilations[axis] - 1) // strides[axis] + 1
        if reached != count:
            wide[rank + axis] = max(0, needed - sizes[axis] - pads[axis])
        starts_in_pad = (count - 1) * strides[axis] >= sizes[axis] + pads[axis]
        wider = pads[axis] >= kernel[axis] or wide[rank + axis] >= kernel[axis]
        plain &= not wider and not starts_in_pad and reached <= count
    window = Window(sizes, target, kernel, strides, dilations, pads, wide, plain)
    if np.any(window.counts(False) == 0):
        call.refuse(f"pads {wide} leave windows of size {kernel} without any input")
    return window


def _taken_apart(
    f: Formula, x: Tensor, window: Window, fill: float, combine: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """Combines what each window reads, axis by axis; pads read ``fill``."""
    begins, ends = [0, 0], [0, 0]
    for axis in range(window.rank):
        read = window.read(axis)
        begins.append(window.pads[axis])
        ends.append(max(0, int(read.max()) + 1 - window.sizes[axis]))
    x = f.pad(x, begins, ends, fill)
    for axis in range(window.rank):
        reach = (window.target[axis] - 1) * window.strides[axis] + 1
        total = None
        for position in range(window.kernel[axis]):
            first = position * window.dilations[axis]
            item = f.part(x, axis + 2, first, first + reach, window.strides[axis])
            total = item if total is None else combine(total, item)
        assert total is not None
        x = total
    return x


@onnx_op("MaxPool", data=ANY)
def max_pool(call: Call) -> None:
    f, window = Formula(call), _window(call)
    if call.uses(1):
        _max_with_indices(call, f, window)
    elif window.plain:
        pads = window.pads
        attributes = {"kernel_shape": window.kernel, "strides": window.strides, "pads": pads}
        call.finish("MaxPool", [call.x(0)], **attributes, ceil_mode=False, auto_pad="NOTSET")
    else:
        call.bind(_taken_apart(f, call.x(0), window, -math.inf, f.maximum))


MAX_WINDOW = 256
"""Windows whose positions are asked for have at most this many elements, because each one is an op."""


def _max_with_indices(call: Call, f: Formula, window: Window) -> None:
    """Position by position in the order of the kernel, so that the first maximum is kept. Indices count the elements of
    the whole tensor, by rows or (storage_order) by columns."""
    if math.prod(window.kernel) > MAX_WINDOW:
        call.refuse(f"positions of maxima in windows of {window.kernel} take too many ops")
    x, shape = call.x(0), call.shape(0)
    begins = [0, 0, *window.pads[: window.rank]]
    ends = [0, 0]
    for axis in range(window.rank):
        ends.append(max(0, int(window.read(axis).max()) + 1 - window.sizes[axis]))
    padded = f.pad(x, begins, ends, -math.inf)
    strides = _element_strides(window.sizes, bool(call.attr("storage_order", 0)))
    planes = np.arange(shape[0] * shape[1]).reshape([shape[0], shape[1]] + [1] * window.rank) * math.prod(window.sizes)
    best, where = None, None
    for place in np.ndindex(*window.kernel):
        item, index = padded, planes.astype(np.int64)
        for axis, position in enumerate(place):
            first = position * window.dilations[axis]
            reach = (window.target[axis] - 1) * window.strides[axis] + 1
            item = f.part(item, axis + 2, first, first + reach, window.strides[axis])
            read = window.read(axis)[:, position] * strides[axis]
            index = index + read.reshape([-1 if at == axis + 2 else 1 for at in range(len(shape))])
        here = f.weight("index", np.broadcast_to(index, call.out_shape()))
        if best is None or where is None:
            best, where = item, here
            continue
        where = f.where(f.compare("Greater", item, best), here, where)
        best = f.maximum(best, item)
    assert best is not None and where is not None
    call.bind(best)
    call.bind(where, 1)


def _element_strides(sizes: list[int], columns: bool) -> list[int]:
    """How far apart neighbours along each spatial axis are."""
    if columns:
        return [math.prod(sizes[:axis]) for axis in range(len(sizes))]
    return [math.prod(sizes[axis + 1 :]) for axis in range(len(sizes))]


@onnx_op("AveragePool")
def average_pool(call: Call) -> None:
    f, window = Formula(call), _window(call)
    counted, source, pads = bool(call.attr("count_include_pad", 0)), call.x(0), window.pads
    if not window.plain:
        total = _taken_apart(f, source, window, 0.0, f.add)
        call.bind(f.mul(total, f.weight("share", 1 / window.counts(counted))))
        return
    if counted and pads != window.stated:
        # the stated pads count, the ones from rounding up do not: make the former real zeros
        rank = window.rank
        source = f.pad(source, [0, 0, *window.stated[:rank]], [0, 0, *window.stated[rank:]])
        pads = [wide - plain for wide, plain in zip(pads, window.stated, strict=True)]
        counted = False
    attributes = {"kernel_shape": window.kernel, "strides": window.strides, "pads": pads}
    call.finish("AvgPool", [source], **attributes, ceil_mode=False, auto_pad="NOTSET", count_include_pad=counted)


def _check_global(call: Call) -> None:
    if len(call.shape(0)) not in (3, 4, 5):
        call.refuse(f"an input of {len(call.shape(0))} dimensions is not a 1-D to 3-D pool")


@onnx_op("GlobalAveragePool")
def global_average_pool(call: Call) -> None:
    _check_global(call)
    call.finish("AvgPool", [call.x(0)], kernel_shape=[], strides=[], pads=[], count_include_pad=True)


@onnx_op("GlobalMaxPool")
def global_max_pool(call: Call) -> None:
    _check_global(call)
    call.finish("MaxPool", [call.x(0)], kernel_shape=[], strides=[], pads=[], count_include_pad=True)


def _order(call: Call) -> int:
    order = call.attr("p", 2)
    if order < 1 or order > 64 or int(order) != order:
        call.refuse(f"its attribute p = {order} is not a whole number from 1 to 64")
    return int(order)


def root(f: Formula, total: Tensor, order: int) -> Tensor:
    """The root of a sum of powers, which is not negative."""
    if order == 1:
        return total
    if order & (order - 1) == 0:
        return root(f, f.unary("Sqrt", total), order // 2)
    return f.unary("Exp", f.mul(f.unary("Log", total), 1 / order))


def norm_power(f: Formula, x: Tensor, order: int) -> Tensor:
    """|x| to the order of a norm."""
    return f.power(x if order % 2 == 0 else f.unary("Abs", x), order)


@onnx_op("LpPool", since=2)
def lp_pool(call: Call) -> None:
    f, window, order = Formula(call), _window(call), _order(call)
    powered = norm_power(f, call.x(0), order)
    if not window.plain or order > 2:
        call.bind(root(f, _taken_apart(f, powered, window, 0.0, f.add), order))
        return
    pads, rank = window.pads, window.rank
    if pads != window.stated:
        powered, pads = f.pad(powered, [0, 0, *pads[:rank]], [0, 0, *pads[rank:]]), [0] * len(pads)
    attributes = {"kernel_shape": window.kernel, "strides": window.strides, "pads": pads, "count_include_pad": True}
    mean = call.step("mean", "AvgPool", [powered], call.out_shape(), **attributes)
    call.bind(root(f, f.mul(mean, float(math.prod(window.kernel))), order))


@onnx_op("GlobalLpPool", since=2)
def global_lp_pool(call: Call) -> None:
    f, order = Formula(call), _order(call)
    powered = norm_power(f, call.x(0), order)
    call.bind(root(f, f.reduce("ReduceSum", powered, list(range(2, powered.rank))), order))


@onnx_op("LpNormalization")
def lp_normalization(call: Call) -> None:
    """Divided by the norm; what has the norm 0 is 0 and stays."""
    f, x, rank = Formula(call), call.x(0), len(call.shape(0))
    axis, order = int(call.attr("axis", -1)), int(call.attr("p", 2))
    if order not in (1, 2) or not -rank <= axis < rank:
        call.refuse(f"its attributes p = {order}, axis = {axis} are not valid")
    norm = f.reduce(f"ReduceL{order}", x, [axis % rank])
    call.bind(f.div(x, f.maximum(norm, float(np.finfo(np.float32).tiny))))


@onnx_op("LRN")
def local_response_normalization(call: Call) -> None:
    """x / (bias + alpha * mean of squares of neighbouring channels)^beta; the mean is an average pool over channels."""
    f, x, shape = Formula(call), call.x(0), call.shape(0)
    size = int(call.attr("size", 0))
    alpha, beta, bias = (float(call.attr(n, v)) for n, v in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    if len(shape) < 2 or size < 1:
        call.refuse(f"its attribute size = {size} does not fit an input of {len(shape)} dimensions")
    image = f.reshape(f.mul(x, x), [shape[0], 1, shape[1], math.prod(shape[2:])])
    low, high = (size - 1) // 2, size - 1 - (size - 1) // 2
    attributes = {"kernel_shape": [size, 1], "strides": [1, 1], "pads": [low, 0, high, 0], "count_include_pad": True}
    mean = call.step("mean", "AvgPool", [image], image.shape, **attributes)
    base = f.add(f.mul(mean, alpha), bias)
    if beta == 0.5:
        factor = f.unary("Rsqrt", base)
    elif beta == 0.75:
        half = f.unary("Rsqrt", base)
        factor = f.mul(half, f.unary("Sqrt", half))
    elif beta == 1:
        factor = f.div(1.0, base)
    else:
        factor = f.unary("Exp", f.mul(f.unary("Log", base), -beta))
    call.bind(f.mul(x, f.reshape(factor, shape)))
