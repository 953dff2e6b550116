"""Convolutions and their transposes in one to three dimensions; one filter serves every pair of input and result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...compose import Formula
from ...emit import Tensor
from ...moves import cut
from ..call import Call
from ..registry import caffe_layer
from .window import positive, spatial


def _window(call: Call, parameters: Any, rank: int) -> dict[str, list[int]]:
    kernel = spatial(call, parameters, "kernel_size", rank, None, "kernel")
    strides = spatial(call, parameters, "stride", rank, 1, "stride")
    pads = spatial(call, parameters, "pad", rank, 0, "pad")
    dilations = spatial(call, parameters, "dilation", rank, 1)
    positive(call, kernel_size=kernel, stride=strides, dilation=dilations)
    return {"kernel_shape": kernel, "strides": strides, "pads": pads + pads, "dilations": dilations}


def _check(call: Call, parameters: Any) -> int:
    """The number of spatial axes."""
    rank = len(call.shape()) - 2
    if rank not in (1, 2, 3) or call.axis(parameters.axis, rank + 2) != 1:
        call.refuse(f"an input of {rank + 2} dimensions with channels on axis {parameters.axis} is not supported")
    if call.count != call.tops or any(call.shape(index) != call.shape() for index in range(call.count)):
        call.refuse("it needs one result for each input, and inputs of one shape")
    return rank


def _groups(call: Call, group: int, channels: int, outputs: int) -> None:
    if group < 1 or outputs < 1 or channels % group or outputs % group:
        call.refuse(f"{channels} input channels, {outputs} output channels and group {group} contradict each other")


def _bias(call: Call, parameters: Any, outputs: int) -> Tensor | None:
    if not parameters.bias_term:
        return None
    value = call.blob(1, [outputs], "bias")
    return call.weight("bias", value) if np.any(value) else None


@caffe_layer("Convolution", "ConvolutionDepthwise", "DepthwiseConvolution")
def convolution(call: Call) -> None:
    """The depthwise types have as many groups as input channels."""
    parameters = call.parameters("convolution_param")
    rank = _check(call, parameters)
    shape, outputs = call.shape(), int(parameters.num_output)
    group = int(parameters.group) if call.layer.kind == "Convolution" else shape[1]
    _groups(call, group, shape[1], outputs)
    window = _window(call, parameters, rank)
    values = call.blob(0, [outputs, shape[1] // group, *window["kernel_shape"]], "filter")
    bias = _bias(call, parameters, outputs)
    weight = call.weight("filter", values)
    sizes = []
    for axis in range(rank):
        reach = window["dilations"][axis] * (window["kernel_shape"][axis] - 1) + 1
        sizes.append((shape[axis + 2] + 2 * window["pads"][axis] - reach) // window["strides"][axis] + 1)
    for index in range(call.count):
        operands = [call.x(index), weight, bias or call.none]
        result = [shape[0], outputs, *sizes]
        call.finish("Conv", operands, result, index, group=group, auto_pad="NOTSET", weight_is_coeff=1, **window)


@caffe_layer("Deconvolution")
def deconvolution(call: Call) -> None:
    """The filter is [inputs, outputs / group, kernel...]."""
    parameters = call.parameters("convolution_param")
    rank = _check(call, parameters)
    shape, outputs, group = call.shape(), int(parameters.num_output), int(parameters.group)
    _groups(call, group, shape[1], outputs)
    window = _window(call, parameters, rank)
    values = call.blob(0, [shape[1], outputs // group, *window["kernel_shape"]], "filter")
    bias = _bias(call, parameters, outputs)
    weight = call.weight("filter", values.swapaxes(0, 1))
    sizes = []
    for axis in range(rank):
        reach = window["dilations"][axis] * (window["kernel_shape"][axis] - 1) + 1
        sizes.append((shape[axis + 2] - 1) * window["strides"][axis] + reach - 2 * window["pads"][axis])
    for index in range(call.count):
        operands = [call.x(index), weight, bias or call.none]
        call.finish(
            "Deconv", operands, [shape[0], outputs, *sizes], index, group=group, output_padding=[0] * rank, **window
        )


@caffe_layer("Im2col")
def im2col(call: Call) -> None:
    """The values under a kernel as channels, those of one input channel together."""
    parameters = call.parameters("convolution_param")
    rank = _check(call, parameters)
    call.only(1)
    window = _window(call, parameters, rank)
    kernel, strides, dilations = window["kernel_shape"], window["strides"], window["dilations"]
    pads = [0, 0, *window["pads"][:rank]]
    if math.prod(kernel) > MAX_KERNEL:
        call.refuse(f"its kernel {kernel} has more than {MAX_KERNEL} positions")
    source = Formula(call).pad(call.x(), pads, pads)
    batch, channels = source.shape[:2]
    sizes = [
        (size - dilation * (width - 1) - 1) // stride + 1
        for size, dilation, width, stride in zip(source.shape[2:], dilations, kernel, strides, strict=True)
    ]
    if any(size < 1 for size in sizes):
        call.refuse(f"its kernel {kernel} is larger than the input {list(call.shape())}")
    parts = []
    for place in np.ndindex(*kernel):
        begins = [int(index) * dilation for index, dilation in zip(place, dilations, strict=True)]
        ends = [begin + (size - 1) * stride + 1 for begin, size, stride in zip(begins, sizes, strides, strict=True)]
        whole = [batch, channels]
        part = cut(call, source, [0, 0, *begins], [*whole, *ends], [1, 1, *strides], "part")
        parts.append(call.reshape(part, [*whole, 1, math.prod(sizes)], "rows"))
    result = [batch, channels * len(parts), *sizes]
    call.finish("Reshape", [Formula(call).join(parts, 2)], result, shape=result)


MAX_KERNEL = 1 << 10
"""Most positions of a kernel of which each becomes an op."""
