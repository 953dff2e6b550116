"""Pools. Their size is rounded up, which wider end pads express. Stated pads count in an average, those do not."""

from __future__ import annotations

from typing import Any

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer
from .window import positive, spatial


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
    if kind == "STOCHASTIC":
        call.refuse("stochastic pooling has no Top op; train the network with MAX or AVE")
    if any(call.is_used(index) for index in range(1, call.tops)):
        call.refuse("its mask (second result) is used, only the maximum can be computed")
    op = "MaxPool" if kind == "MAX" else "AvgPool"
    if parameters.global_pooling:
        result = [*shape[:2], 1, 1]
        call.finish(op, [call.x()], result, kernel_shape=[], strides=[], pads=[], count_include_pad=True)
        return
    up = parameters.ceil_mode and call.word(parameters, "round_mode") == "CEIL"
    kernel = spatial(call, parameters, "kernel_size", 2, None, "kernel")
    strides = spatial(call, parameters, "stride", 2, 1, "stride")
    pads = spatial(call, parameters, "pad", 2, 0, "pad")
    if any(value != 1 for value in parameters.dilation):
        call.refuse("a pool with dilations has no Top op")
    positive(call, kernel_size=kernel, stride=strides)
    counts, ends = [], []
    for size, width, stride, pad in zip(shape[2:], kernel, strides, pads, strict=True):
        count = _count(size, width, stride, pad, up)
        end = max(0, (count - 1) * stride + width - size - pad)
        if count < 1 or pad >= width or (count - 1) * stride >= size + pad:
            call.refuse(f"its windows of {kernel} with pads {pads} do not all see the input {list(shape)}")
        counts.append(count)
        ends.append(end)
    window = {"kernel_shape": kernel, "strides": strides, "ceil_mode": False, "auto_pad": "NOTSET"}
    result = [*shape[:2], *counts]
    if kind == "MAX":
        call.finish("MaxPool", [call.x()], result, pads=pads + ends, **window)
    else:
        _average(call, pads, ends, result, window)


def _average(call: Call, pads: list[int], ends: list[int], result: list[int], window: dict[str, Any]) -> None:
    counted = [min(end, pad) for end, pad in zip(ends, pads, strict=True)]
    extra = [end - pad for end, pad in zip(ends, counted, strict=True)]
    if not any(extra):
        call.finish("AvgPool", [call.x()], result, pads=pads + ends, count_include_pad=True, **window)
        return
    source = _zeros_around(call, call.x(), pads, counted)
    call.finish("AvgPool", [source], result, pads=[0, 0, *extra], count_include_pad=False, **window)


def _zeros_around(call: Call, source: Tensor, begins: list[int], ends: list[int]) -> Tensor:
    if not any(begins) and not any(ends):
        return source
    added = [0, 0, *(begin + end for begin, end in zip(begins, ends, strict=True))]
    shape = [size + more for size, more in zip(source.shape, added, strict=True)]
    return call.step("pad", "Pad", [source], shape, paddings=[0, 0, *begins, 0, 0, *ends], val=0.0, mode="constant")
