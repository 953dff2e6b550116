"""Pooling windows. Rounding up the output size (ceil_mode) is expressed by wider end pads, which is exact because pads
never win a maximum and are not counted in an average."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...emit import Tensor
from ...moves import cut_axis, pad
from ...resizing import axis_product, check_matrix
from ..call import Call
from ..registry import torch_op


def _per_axis(call: Call, name: str, rank: int, default: list[int]) -> list[int]:
    values = [int(value) for value in call.get(name) or default]
    return values * rank if len(values) == 1 else values


def _batched(call: Call, rank: int) -> Tensor:
    """The input with a batch axis."""
    shape, source = call.shape(), call.x()
    return (
        source if len(shape) == rank + 2 else call.reshape(source, [1] * (rank + 2 - len(shape)) + list(shape), "batch")
    )


def _window(call: Call, rank: int, sizes: tuple[int, ...]) -> tuple[list[int], list[int], list[int], list[int]]:
    """kernel, strides, the stated pads, and the pads widened so that the output size is reached by rounding down."""
    kernel = _per_axis(call, "kernel_size", rank, [])
    strides = _per_axis(call, "stride", rank, kernel)
    padding = _per_axis(call, "padding", rank, [0])
    if any(value != 1 for value in _per_axis(call, "dilation", rank, [1])):
        call.refuse("a pool with dilations has no Top op")
    pads, wide = padding * 2, padding * 2
    for axis, target in enumerate(call.out_shape()[-rank:]):
        missing = (target - 1) * strides[axis] + kernel[axis] - sizes[axis] - 2 * padding[axis]
        wide[rank + axis] += max(0, missing)
        if wide[rank + axis] >= kernel[axis] and wide[rank + axis] > pads[axis]:
            call.refuse(f"its windows of size {kernel} reach pads of {wide}")
    return kernel, strides, pads, wide


def _finish(call: Call, kind: str, source: Tensor, rank: int, attributes: dict[str, Any]) -> None:
    out = call.out_shape()
    if len(out) == source.rank:
        call.finish(kind, [source], **attributes)
    else:
        target = [*source.shape[:2], *out[-rank:]]
        call.bind(call.step("pooled", kind, [source], target, **attributes))


@torch_op("aten.max_pool1d", "aten.max_pool2d", "aten.max_pool3d", "aten.max_pool2d_with_indices",
          "aten.max_pool3d_with_indices", "aten.max_pool1d_with_indices")  # fmt: skip
def max_pool(call: Call) -> None:
    rank = int(call.operator[8])
    source = _batched(call, rank)
    kernel, strides, pads, wide = _window(call, rank, source.shape[2:])
    attributes = {"kernel_shape": kernel, "strides": strides, "pads": wide, "ceil_mode": False, "auto_pad": "NOTSET"}
    if call.uses(1):
        _with_indices(call, rank, source, attributes, pads == wide)
    else:
        _finish(call, "MaxPool", source, rank, attributes)


def _with_indices(call: Call, rank: int, source: Tensor, attributes: dict[str, Any], exact: bool) -> None:
    if rank != 2 or len(call.shape()) != 4 or not exact:
        call.refuse("positions of maxima only have a Top op for batches of images, without ceil_mode")
    call.finish_all("MaxPoolWithMask", [source], [0, 1], **attributes)


@torch_op("aten.avg_pool1d", "aten.avg_pool2d", "aten.avg_pool3d")
def avg_pool(call: Call) -> None:
    rank = int(call.operator[8])
    source = _batched(call, rank)
    kernel, strides, stated, pads = _window(call, rank, source.shape[2:])
    counted = bool(call.get("count_include_pad", True))
    if counted and pads != stated:
        # the stated pads count, the ones from rounding up do not: make the former real zeros
        source = pad(call, source, [0, 0, *stated[:rank], 0, 0, *stated[rank:]], 0.0, "constant", "pad")
        pads = [wide - plain for wide, plain in zip(pads, stated, strict=True)]
        counted = False
    attributes = {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": pads,
        "ceil_mode": False,
        "auto_pad": "NOTSET",
        "count_include_pad": counted,
    }
    divisor = call.get("divisor_override")
    if divisor is None:
        _finish(call, "AvgPool", source, rank, attributes)
        return
    attributes["count_include_pad"] = True
    target = [*source.shape[:2], *call.out_shape()[-rank:]]
    if pads != [0] * len(pads):
        source = pad(call, source, [0, 0, *pads[:rank], 0, 0, *pads[rank:]], 0.0, "constant", "pad")
        attributes["pads"] = [0] * len(pads)
    mean = call.step("mean", "AvgPool", [source], target, **attributes)
    factor = math.prod(kernel) / int(divisor)
    call.bind(call.step("sum", "MulConst", [mean], target, const_val=factor))


def _windows(size: int, target: int) -> list[tuple[int, int]]:
    """The windows of an adaptive pool."""
    return [(place * size // target, -(-(place + 1) * size // target)) for place in range(target)]


@torch_op("aten.adaptive_avg_pool1d", "aten.adaptive_avg_pool2d", "aten._adaptive_avg_pool2d",
          "aten.adaptive_avg_pool3d", "aten._adaptive_avg_pool3d")  # fmt: skip
def adaptive_avg_pool(call: Call) -> None:
    """Equal windows are an average pool; windows of several sizes are products with a matrix per axis."""
    rank = int(call.operator.strip("_")[17])
    source = _batched(call, rank)
    targets, sizes = call.out_shape()[-rank:], source.shape[2:]
    if all(size % target == 0 for size, target in zip(sizes, targets, strict=True)):
        kernel = [size // target for size, target in zip(sizes, targets, strict=True)]
        attributes = {"kernel_shape": kernel, "strides": kernel, "pads": [0] * (2 * rank), "count_include_pad": True}
        _finish(call, "AvgPool", source, rank, attributes)
        return
    current = source
    for axis, (size, target) in enumerate(zip(sizes, targets, strict=True)):
        if size == target:
            continue
        check_matrix(call, size, target)
        matrix = np.zeros((target, size))
        for row, (begin, end) in enumerate(_windows(size, target)):
            matrix[row, begin:end] = 1 / (end - begin)
        current = axis_product(call, current, axis + 2, matrix)
    call.bind(current)


@torch_op("aten.adaptive_max_pool1d", "aten.adaptive_max_pool2d", "aten.adaptive_max_pool3d")
def adaptive_max_pool(call: Call) -> None:
    """Equal windows are a maximum pool; others a join of maxima over slices, axis by axis."""
    rank = int(call.operator[17])
    if call.uses(1):
        call.refuse("positions of maxima of an adaptive pool have no Top op")
    source = _batched(call, rank)
    targets, sizes = call.out_shape()[-rank:], source.shape[2:]
    if all(size % target == 0 for size, target in zip(sizes, targets, strict=True)):
        kernel = [size // target for size, target in zip(sizes, targets, strict=True)]
        attributes = {"kernel_shape": kernel, "strides": kernel, "pads": [0] * (2 * rank), "ceil_mode": False,
                      "auto_pad": "NOTSET"}  # fmt: skip
        _finish(call, "MaxPool", source, rank, attributes)
        return
    current = source
    for axis, (size, target) in enumerate(zip(sizes, targets, strict=True), 2):
        shape = [*current.shape[:axis], 1, *current.shape[axis + 1 :]]
        rows = []
        for place, (begin, end) in enumerate(_windows(size, target)):
            part = cut_axis(call, current, axis, begin, end, f"window{axis}_{place}")
            rows.append(
                call.step(f"row{axis}_{place}", "Reduce", [part], shape, axes=[axis], keepdims=True, mode="ReduceMax")
            )
        target_shape = [*current.shape[:axis], target, *current.shape[axis + 1 :]]
        current = call.step(f"axis{axis}", "Concat", [rows], target_shape, axis=axis) if target > 1 else rows[0]
    call.bind(current)
