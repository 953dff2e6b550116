"""Convolutions: Conv and ConvTranspose in one, two and three dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import OWN, onnx_op
from .quantize import centered
from .window import explicit_pads, spatial


def _check_rank(call: Call) -> int:
    rank = len(call.shape(0)) - 2
    if rank not in (1, 2, 3) or len(call.shape(1)) != rank + 2:
        call.refuse(
            f"inputs of {len(call.shape(0))} and {len(call.shape(1))} dimensions are not a 1-D to 3-D convolution"
        )
    return rank


def _kernel(call: Call, rank: int) -> list[int]:
    kernel = list(call.shape(1)[2:])
    stated = call.attr("kernel_shape")
    if stated is not None and list(stated) != kernel:
        call.refuse(f"its attribute kernel_shape = {list(stated)} contradicts the filter shape {list(call.shape(1))}")
    return kernel


def _bias(call: Call, channels: int) -> tuple[Tensor | None, bool]:
    """The bias operand when it is constant; the flag says that a dynamic one has to be added afterwards."""
    if not call.has(2):
        return None, False
    value = call.const(2)
    if value is None:
        return None, True
    if value.size != channels:
        call.refuse(f"its bias has {value.size} elements for {channels} output channels")
    if not np.any(value):
        return None, False
    return call.weight(2, value.reshape(-1)), False


def _finish(call: Call, kind: str, operands: list[object], attributes: dict[str, Any], late_bias: bool) -> None:
    if not late_bias:
        call.finish(kind, operands, **attributes)
        return
    shape = call.out_shape()
    plain = call.step("nobias", kind, operands, shape, **attributes)
    bias = call.reshape(call.x(2), [1, shape[1]] + [1] * (len(shape) - 2), "bias")
    call.finish("Add", [[plain, bias]])


def _form(call: Call) -> dict[str, Any]:
    """The attributes of Top's Conv."""
    rank = _check_rank(call)
    kernel = _kernel(call, rank)
    strides = spatial(call, "strides", rank, 1)
    dilations = spatial(call, "dilations", rank, 1)
    group = int(call.attr("group", 1))
    channels, filters = call.shape(0)[1], call.shape(1)
    if group < 1 or channels != filters[1] * group or filters[0] % group:
        call.refuse(f"group {group}, {channels} input channels and filter shape {list(filters)} contradict each other")
    return {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": explicit_pads(call, call.shape(0)[2:], kernel, strides, dilations),
        "group": group,
        "dilations": dilations,
        "auto_pad": "NOTSET",
        "weight_is_coeff": int(call.const(1) is not None),
    }


@onnx_op("Conv")
def conv(call: Call) -> None:
    attributes = _form(call)
    filter_operand = call.x(1, channel=0)
    bias, late = _bias(call, call.shape(1)[0])
    _finish(call, "Conv", [call.x(0), filter_operand, bias or call.none], attributes, late)


@onnx_op("ConvInteger", since=10, data=OWN)
def conv_integer(call: Call) -> None:
    """Of integers less their zero points, so that pads are zero points. Sums are exact up to 2^24."""
    f, attributes = Formula(call), _form(call)
    attributes["weight_is_coeff"] = int(call.const(1) is not None and (not call.has(3) or call.const(3) is not None))
    operands = [centered(call, f, 0, 2, 0), centered(call, f, 1, 3, 0), call.none]
    call.finish("Conv", operands, **attributes)


@onnx_op("ConvTranspose")
def conv_transpose(call: Call) -> None:
    rank = _check_rank(call)
    kernel = _kernel(call, rank)
    strides = spatial(call, "strides", rank, 1)
    dilations = spatial(call, "dilations", rank, 1)
    group = int(call.attr("group", 1))
    channels, filters = call.shape(0)[1], call.shape(1)
    if group < 1 or channels != filters[0] or channels % group:
        call.refuse(f"group {group}, {channels} input channels and filter shape {list(filters)} contradict each other")
    extra = [int(value) for value in call.attr("output_padding") or [0] * rank]
    pads = _transpose_pads(call, rank, kernel, strides, dilations, extra)
    filter_operand = _transpose_filter(call)
    bias, late = _bias(call, filters[1] * group)
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": pads,
        "group": group,
        "dilations": dilations,
        "output_padding": extra,
    }
    _finish(call, "Deconv", [call.x(0), filter_operand, bias or call.none], attributes, late)


def _transpose_pads(
    call: Call, rank: int, kernel: list[int], strides: list[int], dilations: list[int], extra: list[int]
) -> list[int]:
    """Explicit pads; output_shape and auto_pad are turned into them by the formula of the operator's definition."""
    mode = call.attr("auto_pad", "NOTSET") or "NOTSET"
    wanted = call.attr("output_shape")
    sizes = call.shape(0)[2:]
    if wanted is None and mode in ("NOTSET", "VALID"):
        pads = explicit_pads(call, sizes, kernel, strides, dilations)
    else:
        target = list(call.out_shape()[2:])
        begins, ends = [], []
        for axis in range(rank):
            full = strides[axis] * (sizes[axis] - 1) + extra[axis] + (kernel[axis] - 1) * dilations[axis] + 1
            total = full - target[axis]
            if total < 0:
                # the missing rows lie behind the last window and hold only the bias, like output_padding
                extra[axis] -= total
                total = 0
            small, large = total // 2, total - total // 2
            begins.append(small if mode == "SAME_UPPER" else large)
            ends.append(large if mode == "SAME_UPPER" else small)
        pads = begins + ends
    for axis in range(rank):
        if extra[axis] and extra[axis] >= max(strides[axis], dilations[axis]):
            call.refuse(f"its output padding {extra} is not smaller than the stride {strides}")
        if extra[axis] < 0:
            call.refuse(f"its attribute output_padding = {extra} is negative")
    return pads


def _transpose_filter(call: Call) -> Tensor:
    """The filter as Top stores it, [outputs / group, inputs, ...]: the first two dimensions swapped."""
    value = call.const(1)
    if value is not None:
        return call.weight(1, value.swapaxes(0, 1), "transposed", call.scales(1, 1))
    return call.permute(call.x(1), [1, 0, *range(2, len(call.shape(1)))], "filter")
