"""Normalizations by stored or computed statistics."""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer


def _channels(call: Call) -> int:
    call.only(1)
    if len(call.shape()) < 2:
        call.refuse(f"an input of {len(call.shape())} dimensions has no channels")
    return call.shape()[1]


@caffe_layer("BatchNorm")
def batch_norm(call: Call) -> None:
    """Mean and variance are stored as sums; the third weight says by what to divide them."""
    given = call.parameters("batch_norm_param")
    channels = _channels(call)
    if not given.use_global_stats:
        call.refuse("it computes the statistics of its input; set use_global_stats to true in the test phase")
    if not given.eps >= 0:
        call.refuse(f"its eps {given.eps:g} is not positive")
    if len(call.layer.blobs) > 3 or given.scale_bias:
        call.refuse("it has factors of its own; give them to a Scale layer after it")
    divisor = float(call.blob(2, [1], "divisor")[0])
    factor = np.float32(1 / divisor if divisor else 0)
    mean = call.weight("mean", call.blob(0, [channels], "mean") * factor)
    variance = call.weight("variance", call.blob(1, [channels], "variance") * factor)
    operands = [call.x(), mean, variance, call.none, call.none]
    call.finish("BatchNorm", operands, call.shape(), epsilon=float(given.eps))


@caffe_layer("BN")
def bn(call: Call) -> None:
    """Two public variants: slope, bias, mean and variance; or factor and addend that hold the statistics already."""
    given = call.parameters("bn_param")
    channels, count = _channels(call), len(call.layer.blobs)
    if count == 2 and call.word(given, "bn_mode") == "INFERENCE":
        operands = [call.x(), *(_stored(call, index, what) for index, what in enumerate(("factor", "addend")))]
        call.finish("Scale", operands, call.shape())
        return
    if not given.eps >= 0:
        call.refuse(f"its eps {given.eps:g} is not positive")
    if count != 4:
        call.refuse(f"it has {count} weights instead of slope, bias, mean and variance of {channels} channels")
    gamma, beta, mean, variance = (
        _stored(call, index, what) for index, what in enumerate(("slope", "bias", "mean", "variance"))
    )
    call.finish("BatchNorm", [call.x(), mean, variance, gamma, beta], call.shape(), epsilon=float(given.eps))


def _stored(call: Call, index: int, what: str) -> Tensor:
    return call.weight(what, call.blob(index, [call.shape()[1]], what))


def _reduced(call: Call, source: Tensor, suffix: str, axes: list[int], mode: str) -> Tensor:
    shape = [1 if axis in axes else size for axis, size in enumerate(source.shape)]
    return call.step(suffix, "Reduce", [source], shape, axes=axes, keepdims=True, mode=mode)


@caffe_layer("MVN")
def mvn(call: Call) -> None:
    """(x - mean) / (deviation + eps), of each channel or of all of them."""
    given = call.parameters("mvn_param")
    _channels(call)
    source, shape = call.x(), call.shape()
    axes = list(range(1 if given.across_channels else 2, len(shape)))
    if not axes:
        call.refuse(f"the input {list(shape)} has no axes to take a mean of")
    mean = _reduced(call, source, "mean", axes, "ReduceMean")
    if not given.normalize_variance:
        call.finish("Sub", [[source, mean]], shape)
        return
    centered = call.step("centered", "Sub", [[source, mean]], shape)
    squares = call.step("squares", "Mul", [[centered, centered]], shape)
    variance = _reduced(call, squares, "variance", axes, "ReduceMean")
    deviation = call.step("deviation", "Sqrt", [variance], variance.shape)
    divisor = call.step("divisor", "AddConst", [deviation], variance.shape, const_val=float(given.eps))
    call.finish("Div", [[centered, divisor]], shape)


@caffe_layer("Normalize")
def normalize(call: Call) -> None:
    """x / sqrt(sum of squares + eps) over the channels of a pixel or over everything, times a learned factor."""
    given = call.parameters("norm_param")
    channels = _channels(call)
    source, shape = call.x(), call.shape()
    axes = list(range(1, len(shape))) if given.across_spatial else [1]
    squares = call.step("squares", "Mul", [[source, source]], shape)
    total = _reduced(call, squares, "total", axes, "ReduceSum")
    shifted = call.step("shifted", "AddConst", [total], total.shape, const_val=float(given.eps))
    length = call.step("length", "Sqrt", [shifted], total.shape)
    unit = call.step("unit", "Div", [[source, length]], shape)
    factor = call.blob(0, [1 if given.channel_shared else channels], "factor")
    if given.channel_shared:
        call.finish("MulConst", [unit], shape, const_val=float(factor[0]))
        return
    zeros = call.weight("addend", np.zeros(channels, np.float32))
    call.finish("Scale", [unit, call.weight("factor", factor), zeros], shape)


@caffe_layer("LRN")
def lrn(call: Call) -> None:
    """x / (k + alpha * mean of squares) ** beta, the mean over neighbouring channels, or over a window of pixels where
    k is 1 in every case. Positions outside of the input count as zeros."""
    given = call.parameters("lrn_param")
    _channels(call)
    shape, size = call.shape(), int(given.local_size)
    alpha, beta = float(given.alpha), float(given.beta)
    if size % 2 == 0 or size >= 1 << 31:
        call.refuse(f"its local_size {size} is not an odd number")
    if not all(math.isfinite(value) for value in (alpha, beta, given.k)):
        call.refuse("its alpha, beta or k is not finite")
    if call.word(given, "norm_region") == "ACROSS_CHANNELS":
        call.finish("LRN", [call.x()], shape, size=size, alpha=alpha, beta=beta, bias=float(given.k))
        return
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    source, pads = call.x(), [size // 2] * 4
    squares = call.step("squares", "Mul", [[source, source]], shape)
    window = {"kernel_shape": [size, size], "strides": [1, 1], "pads": pads, "count_include_pad": True}
    means = call.step("means", "AvgPool", [squares], shape, **window)
    scaled = call.step("scaled", "MulConst", [means], shape, const_val=alpha)
    base = call.step("base", "AddConst", [scaled], shape, const_val=1.0)
    if beta == 0.75:
        half = call.step("half", "Rsqrt", [base], shape)
        factors = [half, call.step("quarter", "Sqrt", [half], shape)]
    elif beta == 0.5:
        factors = [call.step("factor", "Rsqrt", [base], shape)]
    else:
        factors = [call.step("factor", "Pow", [base], shape, exponent=-beta)]
    call.finish("Mul", [[source, *factors]], shape)
