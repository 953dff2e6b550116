"""Pooling windows and global pools. Rounding up the output size (ceil_mode) is expressed by wider end pads, which is
exact because pads never win a maximum and are not counted in an average."""

from __future__ import annotations

import math

from ..call import Call, Tensor
from ..registry import ANY, onnx_op
from .window import explicit_pads, spatial


def _window(call: Call) -> tuple[list[int], list[int], list[int], list[int]]:
    """kernel, strides, the stated pads, and the pads widened so that the output size is reached by rounding down."""
    sizes = call.shape(0)[2:]
    rank = len(sizes)
    if rank not in (1, 2, 3):
        call.refuse(f"an input of {rank + 2} dimensions is not a 1-D to 3-D pool")
    kernel = spatial(call, "kernel_shape", rank, 1)
    strides = spatial(call, "strides", rank, 1)
    dilations = spatial(call, "dilations", rank, 1)
    if any(value != 1 for value in dilations):
        call.refuse(f"a pool with dilations {dilations} has no Top op")
    pads = explicit_pads(call, sizes, kernel, strides, dilations)
    wide = list(pads)
    for axis, target in enumerate(call.out_shape()[2:]):
        padded = sizes[axis] + pads[axis] + pads[rank + axis]
        reached = (padded - kernel[axis]) // strides[axis] + 1
        if reached != target:
            wide[rank + axis] += (target - 1) * strides[axis] + kernel[axis] - padded
        starts_in_pad = (target - 1) * strides[axis] >= sizes[axis] + pads[axis]
        if pads[axis] >= kernel[axis] or wide[rank + axis] >= kernel[axis] or starts_in_pad or reached > target:
            call.refuse(f"pads {wide} leave windows of size {kernel} without any input")
    return kernel, strides, pads, wide


@onnx_op("MaxPool", data=ANY)
def max_pool(call: Call) -> None:
    call.only_first_output()
    kernel, strides, _, pads = _window(call)
    call.finish(
        "MaxPool", [call.x(0)], kernel_shape=kernel, strides=strides, pads=pads, ceil_mode=False, auto_pad="NOTSET"
    )


@onnx_op("AveragePool")
def average_pool(call: Call) -> None:
    kernel, strides, stated, pads = _window(call)
    counted = bool(call.attr("count_include_pad", 0))
    source = call.x(0)
    if counted and pads != stated:
        # the stated pads count, the ones from rounding up do not: make the former real zeros
        source = _zero_pad(call, source, stated)
        pads = [wide - plain for wide, plain in zip(pads, stated, strict=True)]
        counted = False
    _average(call, source, kernel, strides, pads, counted)


def _average(call: Call, source: Tensor, kernel: list[int], strides: list[int], pads: list[int], counted: bool) -> None:
    call.finish(
        "AvgPool",
        [source],
        kernel_shape=kernel,
        strides=strides,
        pads=pads,
        ceil_mode=False,
        auto_pad="NOTSET",
        count_include_pad=counted,
    )


def _zero_pad(call: Call, source: Tensor, pads: list[int]) -> Tensor:
    if not any(pads):
        return source
    rank = len(pads) // 2
    paddings = [0, 0, *pads[:rank], 0, 0, *pads[rank:]]
    shape = [size + paddings[axis] + paddings[axis + rank + 2] for axis, size in enumerate(source.shape)]
    return call.step("pad", "Pad", [source], shape, paddings=paddings, val=0.0, mode="constant")


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


def _power(call: Call, order: int) -> Tensor:
    """|x|^order for the norms that need no general power."""
    source = call.x(0)
    if order == 1:
        return call.step("abs", "Abs", [source], source.shape)
    if order == 2:
        return call.step("square", "Mul", [[source, source]], source.shape)
    call.refuse(f"a pool with p = {order} has no Top op, only p = 1 and p = 2 have")


def _root(call: Call, total: Tensor, order: int) -> None:
    if order == 1:
        call.bind(total)
    else:
        call.finish("Sqrt", [total])


@onnx_op("LpPool", since=2)
def lp_pool(call: Call) -> None:
    order = int(call.attr("p", 2))
    kernel, strides, stated, pads = _window(call)
    powered = _power(call, order)
    shape = call.out_shape()
    if pads != stated:
        powered, pads = _zero_pad(call, powered, pads), [0] * len(pads)
    mean = call.step(
        "mean", "AvgPool", [powered], shape, kernel_shape=kernel, strides=strides, pads=pads, count_include_pad=True
    )
    _root(call, call.step("sum", "MulConst", [mean], shape, const_val=float(math.prod(kernel))), order)


@onnx_op("GlobalLpPool", since=2)
def global_lp_pool(call: Call) -> None:
    order = int(call.attr("p", 2))
    powered = _power(call, order)
    axes = list(range(2, powered.rank))
    total = call.step("sum", "Reduce", [powered], call.out_shape(), axes=axes, keepdims=True, mode="ReduceSum")
    _root(call, total, order)
