"""Pools. Their size is rounded up, which wider end pads express. Stated pads count in an average, those do not."""

from __future__ import annotations

import math
from typing import Any

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer
from .window import positive, spatial

LARGEST = 1 << 24
"""Most positions of which f32 holds every number."""


def _count(size: int, kernel: int, stride: int, pad: int, up: bool) -> int:
    """The number of windows on one axis; the last one may not begin after the input and the first pad."""
    span = size + 2 * pad - kernel
    count = (-(-span // stride) if up else span // stride) + 1
    return count - 1 if pad and (count - 1) * stride >= size + pad else count


@caffe_layer("Pooling")
def pooling(call: Call) -> None:
    parameters = call.parameters("pooling_param")
    call.only(1)
    shape, kind = call.shape(), call.word(parameters, "pool")
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    _check_kind(call, kind)
    masked = call.tops > 1 and call.is_used(1)
    if call.tops > 2 or masked and (kind != "MAX" or shape[2] * shape[3] > LARGEST):
        call.refuse("it has more results than the maximum and the mask of not more than 2^24 positions")
    if parameters.global_pooling:
        window: dict[str, Any] = {"kernel_shape": [], "strides": [], "pads": []}
        if masked:
            _with_mask(call, [*shape[:2], 1, 1], window)
        elif kind == "MAX":
            call.finish("MaxPool", [call.x()], [*shape[:2], 1, 1], count_include_pad=True, **window)
        else:
            call.finish("AvgPool", [call.x()], [*shape[:2], 1, 1], count_include_pad=True, **window)
        return
    up = parameters.ceil_mode and call.word(parameters, "round_mode") == "CEIL"
    kernel = spatial(call, parameters, "kernel_size", 2, None, "kernel")
    strides = spatial(call, parameters, "stride", 2, 1, "stride")
    pads = spatial(call, parameters, "pad", 2, 0, "pad")
    if any(value != 1 for value in parameters.dilation):
        call.refuse("a pool with dilations has no Top op")
    positive(call, kernel_size=kernel, stride=strides)
    counts, ends = _windows(call, kernel, strides, pads, up)
    window = {"kernel_shape": kernel, "strides": strides, "ceil_mode": False, "auto_pad": "NOTSET"}
    result = [*shape[:2], *counts]
    if masked:
        _with_mask(call, result, {"pads": pads + ends, **window})
    elif kind == "MAX":
        call.finish("MaxPool", [call.x()], result, pads=pads + ends, **window)
    else:
        source, attributes = _average(call, pads, ends)
        call.finish("AvgPool", [source], result, **attributes, **window)


def _check_kind(call: Call, kind: str) -> None:
    if kind == "STOCHASTIC":
        call.refuse("stochastic pooling has no Top op; train the network with MAX or AVE")


def _with_mask(call: Call, result: list[int], attributes: dict[str, Any]) -> None:
    """The maximum and where in its plane it was: the first one of several."""
    names = [call.module.unique(call.layer.tops[index]) for index in range(2)]
    for index, tensor in enumerate(call.emit_all(names, "MaxPoolWithMask", [call.x()], [result, result], attributes)):
        call.bind(tensor, index)


def _windows(
    call: Call, kernel: list[int], strides: list[int], pads: list[int], up: bool
) -> tuple[list[int], list[int]]:
    """How many windows there are on each axis, and the pads behind the input that they need."""
    shape, counts, ends = call.shape(), [], []
    for size, width, stride, pad in zip(shape[2:], kernel, strides, pads, strict=True):
        count = _count(size, width, stride, pad, up)
        end = max(0, (count - 1) * stride + width - size - pad)
        if count < 1 or pad >= width or (count - 1) * stride >= size + pad:
            call.refuse(f"its windows of {kernel} with pads {pads} do not all see the input {list(shape)}")
        counts.append(count)
        ends.append(end)
    return counts, ends


def _average(call: Call, pads: list[int], ends: list[int]) -> tuple[Tensor, dict[str, Any]]:
    """What is averaged and which pads count."""
    counted = [min(end, pad) for end, pad in zip(ends, pads, strict=True)]
    extra = [end - pad for end, pad in zip(ends, counted, strict=True)]
    if not any(extra):
        return call.x(), {"pads": pads + ends, "count_include_pad": True}
    return _zeros_around(call, call.x(), pads, counted), {"pads": [0, 0, *extra], "count_include_pad": False}


def _zeros_around(call: Call, source: Tensor, begins: list[int], ends: list[int]) -> Tensor:
    if not any(begins) and not any(ends):
        return source
    added = [0, 0, *(begin + end for begin, end in zip(begins, ends, strict=True))]
    shape = [size + more for size, more in zip(source.shape, added, strict=True)]
    return call.step("pad", "Pad", [source], shape, paddings=[0, 0, *begins, 0, 0, *ends], val=0.0, mode="constant")


@caffe_layer("SPP")
def spatial_pyramid(call: Call) -> None:
    """Pools of 1, 2, 4, ... windows on each axis, one vector of all."""
    parameters = call.parameters("spp_param")
    call.only(1)
    shape, kind, levels = call.shape(), call.word(parameters, "pool"), int(parameters.pyramid_height)
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    _check_kind(call, kind)
    if not 1 <= levels <= 16:
        call.refuse(f"its pyramid_height {levels} is not one of 1 to 16")
    op, vectors = "MaxPool" if kind == "MAX" else "AvgPool", []
    for level in range(levels):
        kernel = [-(-size // 2**level) for size in shape[2:]]
        pads = [(width * 2**level - size + 1) // 2 for width, size in zip(kernel, shape[2:], strict=True)]
        counts, ends = _windows(call, kernel, kernel, pads, True)
        source, attributes = (call.x(), {"pads": pads + ends}) if kind == "MAX" else _average(call, pads, ends)
        attributes |= {"kernel_shape": kernel, "strides": kernel, "ceil_mode": False, "auto_pad": "NOTSET"}
        result = [*shape[:2], *counts]
        if levels == 1:
            call.finish(op, [source], result, **attributes)
            return
        pooled = call.step(f"level{level}", op, [source], result, **attributes)
        vectors.append(call.reshape(pooled, [shape[0], math.prod(result[1:])], f"vector{level}"))
    call.finish("Concat", [vectors], [shape[0], sum(vector.shape[1] for vector in vectors)], axis=1)
