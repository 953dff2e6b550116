"""Convolutions. Filters are constants; they and their scales are put in Top's order of axes here."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...emit import Tensor
from ..call import Call, channels_first
from ..registry import tflite_op
from .window import SAME, window


def constant_filter(
    call: Call, index: int, order: tuple[int, ...], channel: int
) -> tuple[np.ndarray, tuple[float, ...] | None]:
    """The real values of a filter with its axes in ``order``, and its scales along its axis ``channel`` of before."""
    found = call.real(index)
    if found is None:
        call.refuse(f"its filter '{call.info(index).name}' is not constant")
    values, scales = found
    if values.ndim != len(order):
        call.refuse(f"its filter has {values.ndim} dimensions, not {len(order)}")
    return values.transpose(order), scales.along(channel) if scales is not None else None


def bias(call: Call, index: int, channels: int) -> Tensor | None:
    """The bias as a weight, None where there is none or all is zero."""
    if not call.has(index):
        return None
    found = call.real(index)
    if found is None:
        call.refuse(f"its bias '{call.info(index).name}' is not constant")
    if found[0].size != channels:
        call.refuse(f"its bias has {found[0].size} elements for {channels} output channels")
    return call.weight(index, found[0].reshape(-1), "") if np.any(found[0]) else None


def _image(call: Call, index: int, rank: int) -> tuple[int, ...]:
    shape = call.shape(index)
    if len(shape) != rank:
        call.refuse(f"an input of {len(shape)} dimensions is no image of {rank}")
    return shape


def _finish(call: Call, values: np.ndarray, scales: tuple[float, ...] | None, group: int, pads: list[int]) -> None:
    """A Conv with the filter [outputs, inputs / group, kernel...]."""
    shape = call.shape(0)
    rank = len(shape)
    axes = ("D", "H", "W")[5 - rank :]
    strides = [int(call.option(f"Stride{axis}")) for axis in axes]
    dilations = [int(call.option(f"Dilation{axis}Factor", 1)) for axis in axes]
    kernel = list(values.shape[2:])
    _, sizes = window(call, shape[1:-1], kernel, strides, dilations)
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": pads,
        "group": group,
        "dilations": dilations,
        "auto_pad": "NOTSET",
        "weight_is_coeff": 1,
    }
    order = channels_first(rank)
    weight = call.weight(1, values, f"filter of {group} groups", scales)
    operands = [call.x(0, order), weight, bias(call, 2, values.shape[0]) or call.none]
    call.activated("Conv", operands, (shape[0], *sizes, values.shape[0]), order, **attributes)


def _pads(call: Call, kernel: tuple[int, ...]) -> list[int]:
    shape = call.shape(0)
    axes = ("D", "H", "W")[5 - len(shape) :]
    strides = [int(call.option(f"Stride{axis}")) for axis in axes]
    dilations = [int(call.option(f"Dilation{axis}Factor", 1)) for axis in axes]
    return window(call, shape[1:-1], kernel, strides, dilations)[0]


@tflite_op("CONV_2D")
def conv_2d(call: Call) -> None:
    """The filter is [outputs, height, width, inputs / groups]."""
    shape = _image(call, 0, 4)
    values, scales = constant_filter(call, 1, (0, 3, 1, 2), 0)
    group, rest = divmod(shape[3], values.shape[1])
    if rest or group < 1 or values.shape[0] % group:
        call.refuse(f"{shape[3]} input channels and a filter of shape {list(call.shape(1))} contradict each other")
    _finish(call, values, scales, group, _pads(call, values.shape[2:]))


@tflite_op("DEPTHWISE_CONV_2D")
def depthwise_conv_2d(call: Call) -> None:
    """The filter is [1, height, width, outputs]; neighbouring outputs read one input channel."""
    shape = _image(call, 0, 4)
    values, scales = constant_filter(call, 1, (3, 0, 1, 2), 3)
    if values.shape[1] != 1 or values.shape[0] % shape[3]:
        call.refuse(f"{shape[3]} input channels and a filter of shape {list(call.shape(1))} contradict each other")
    _finish(call, values, scales, shape[3], _pads(call, values.shape[2:]))


@tflite_op("CONV_3D")
def conv_3d(call: Call) -> None:
    """The filter is [depth, height, width, inputs / groups, outputs]."""
    shape = _image(call, 0, 5)
    values, scales = constant_filter(call, 1, (4, 3, 0, 1, 2), 4)
    if values.shape[1] != shape[4]:
        call.refuse(f"{shape[4]} input channels and a filter of shape {list(call.shape(1))} contradict each other")
    _finish(call, values, scales, 1, _pads(call, values.shape[2:]))


@tflite_op("TRANSPOSE_CONV")
def transpose_conv(call: Call) -> None:
    """The first operand is the shape of the result; the filter is [outputs, height, width, inputs]."""
    target, shape = call.ints(0, "the shape of its result"), _image(call, 2, 4)
    values, scales = constant_filter(call, 1, (0, 3, 1, 2), 0)
    strides = [int(call.option("StrideH")), int(call.option("StrideW"))]
    if len(target) != 4 or target[0] != shape[0] or target[3] != values.shape[0] or values.shape[1] != shape[3]:
        call.refuse(f"the result {target}, the input {list(shape)} and the filter {list(call.shape(1))} contradict")
    kernel = list(values.shape[2:])
    begins, ends, extra = [], [], []
    for size, out, width, stride in zip(shape[1:3], target[1:3], kernel, strides, strict=True):
        if stride < 1 or out < 1:
            call.refuse(f"its strides {strides} or the result {target} are not positive")
        expected = -(-out // stride) if call.option("Padding", SAME) == SAME else (out - width) // stride + 1
        if expected != size:
            call.refuse(f"the result {target} does not belong to the input {list(shape)}")
        total = (size - 1) * stride + width - out
        begin = max(total, 0) // 2
        begins.append(begin)
        ends.append(max(total, 0) - begin)
        extra.append(max(-total, 0))
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": begins + ends,
        "group": 1,
        "dilations": [1, 1],
        "output_padding": extra,
    }
    order = channels_first(4)
    weight = call.weight(1, values, "transposed filter", scales)
    operands = [call.x(2, order), weight, bias(call, 3, values.shape[0]) or call.none]
    call.activated("Deconv", operands, target, order, **attributes)
