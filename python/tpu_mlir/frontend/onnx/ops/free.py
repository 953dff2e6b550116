"""Operators that the ONNX standard does not have, under the name and with the attributes of the Top op that they mean:
exporters write them in a domain of their own. Each has its shape rule beside its converter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ...errors import UnsupportedNodeError
from ..call import Call, Tensor
from ..registry import OWN, Sources, free_op


class _Node(Protocol):
    """What shape rules and converters have in common."""

    def attr(self, name: str, default: Any = None) -> Any: ...

    def const(self, index: int) -> Any: ...


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise UnsupportedNodeError(reason)


def _like_first(source: Sources) -> Sequence[int]:
    return source.shape(0)


def _parameter(node: _Node, name: str, index: int) -> Any:
    """An attribute, or the constant input in its place."""
    value = node.attr(name)
    if value is None:
        value = node.const(index)
    _need(value is not None, f"it has neither an attribute '{name}' nor a constant input {index}")
    return value


# element by element


@free_op("GELU", shape=_like_first)
def _gelu(call: Call) -> None:
    mode = call.attr("approx_mode", "normal")
    _need(mode in ("normal", "tanh", "sigm"), f"its approx_mode '{mode}' is not normal, tanh or sigm")
    call.finish("GELU", [call.x(0)], approx_mode=mode)


@free_op("Rsqrt", shape=_like_first)
def _rsqrt(call: Call) -> None:
    call.finish("Rsqrt", [call.x(0)])


@free_op("DivConst", shape=_like_first)
def _div_const(call: Call) -> None:
    """The quotient is rounded down."""
    value = _parameter(call, "const_val", 1)
    number = float(getattr(value, "item", lambda: value)())
    _need(math.isfinite(number), "its const_val is not finite")
    flags = {name: bool(call.attr(name, 0)) for name in ("is_reverse", "do_relu")}
    call.finish("DivConst", [call.x(0)], const_val=number, relu_limit=float(call.attr("relu_limit", -1.0)), **flags)


# pictures


def _normalized(source: Sources) -> Sequence[int]:
    shape, order = source.shape(0), source.attr("channel_order", "nchw")
    _need(order in ("nchw", "nhwc"), f"its channel_order '{order}' is not nchw or nhwc")
    _need(len(shape) >= 2, f"an input of shape {list(shape)} has no channels")
    channels = shape[1] if order == "nchw" else shape[-1]
    for name in ("mean", "std"):
        values = source.attr(name)
        _need(values is not None, f"it has no attribute '{name}'")
        _need(len(values) in (1, channels), f"its {name} has {len(values)} values for {channels} channels")
        _need(all(map(math.isfinite, values)), f"its {name} is not finite")
    _need(all(source.attr("std")), "its std has a 0")
    return shape


@free_op("MeanStdScale", shape=_normalized, data=OWN)
def _mean_std_scale(call: Call) -> None:
    order = call.attr("channel_order", "nchw")
    spatial = call.shape(0)[2:] if order == "nchw" else call.shape(0)[1:-1]
    call.finish(
        "MeanStdScale",
        [call.x(0)],
        quant_mode=call.attr("quant_mode", "MultiplierShift"),
        customization_format=call.attr("customization_format", "RGB_PLANAR"),
        channel_order=order,
        sign=bool(call.attr("sign", 1)),
        resize_dims=[int(size) for size in call.attr("resize_dims", spatial)],
        rounding_mode=call.attr("rounding_mode", "HalfToEven"),
        **{
            name: [float(value) for value in call.attr(name, default)]
            for name, default in (("scale", [1.0]), ("std", []), ("mean", []), ("zero_points", [0.0]))
        },
    )


# windows and norms


def _output_size(node: _Node) -> list[int]:
    return [int(size) for size in _parameter(node, "output_size", 1)]


def _adaptive(source: Sources) -> Sequence[int]:
    shape, sizes = source.shape(0), _output_size(source)
    _need(1 <= len(sizes) <= 3 and len(shape) == len(sizes) + 2, f"its output_size {sizes} does not fit {list(shape)}")
    _need(min(sizes) >= 1, f"its output_size {sizes} has a size below 1")
    return [*shape[:2], *sizes]


@free_op("AdaptiveAvgPool", shape=_adaptive)
def _adaptive_average_pool(call: Call) -> None:
    call.finish("AdaptiveAvgPool", [call.x(0)], output_size=_output_size(call))


def _pixels(source: Sources) -> Sequence[int]:
    shape = source.shape(0)
    _need(len(shape) >= 2, f"an input of shape {list(shape)} has no channels")
    for index in (1, 2):
        if source.node.input(index):
            count = math.prod(source.shape(index))
            _need(count == shape[1], f"its input {index} has {count} values for {shape[1]} channels")
    _need(float(source.attr("eps", 1e-5)) >= 0, "its eps is negative")
    return shape


@free_op("PixelNormalization", shape=_pixels)
def _pixel_normalization(call: Call) -> None:
    channels = [1, call.shape(0)[1]] + [1] * (len(call.shape(0)) - 2)
    operands = [
        call.reshape(call.x(index), channels, f"parameter{index}") if call.has(index) else call.none for index in (1, 2)
    ]
    call.finish("PixelNorm", [call.x(0), *operands], eps=float(call.attr("eps", 1e-5)))


# stereo matching


def _stereo(source: Sources) -> tuple[tuple[int, ...], int]:
    left, right, displacements = source.shape(0), source.shape(1), int(source.attr("max_disp", 0))
    _need(len(left) == 4 and left == right, f"its inputs have the shapes {list(left)} and {list(right)}")
    _need(displacements >= 1, f"its max_disp is {displacements}, not at least 1")
    return left, displacements


def _volume(source: Sources) -> Sequence[int]:
    (batch, channels, *spatial), displacements = _stereo(source)
    return [batch, 2 * channels, displacements, *spatial]


@free_op("ConcatVolume", shape=_volume)
def _concat_volume(call: Call) -> None:
    call.finish("ConcatVolume", [[call.x(0), call.x(1)]], max_disp=int(call.attr("max_disp")))


def _correlated(source: Sources) -> Sequence[int]:
    (batch, channels, *spatial), displacements = _stereo(source)
    groups = int(source.attr("num_groups", 1))
    _need(batch == 1, f"its batch is {batch}, not 1")
    _need(groups >= 1 and channels % groups == 0, f"{groups} groups do not divide {channels} channels")
    return [groups, displacements, *spatial]


@free_op("Correlation", shape=_correlated)
def _correlation(call: Call) -> None:
    attributes = {"max_disp": int(call.attr("max_disp")), "num_groups": int(call.attr("num_groups", 1))}
    call.finish("Correlation", [[call.x(0), call.x(1)]], **attributes)


# detection


def _kept(node: _Node) -> int:
    """The largest number of boxes per batch and class."""
    value = _parameter(node, "max_output_size", 2)
    return int(getattr(value, "item", lambda: value)())


def _suppressed(source: Sources) -> Sequence[int]:
    boxes, scores = source.shape(0), source.shape(1)
    fits = len(boxes) == len(scores) == 3 and boxes[2] == 4 and scores[::2] == boxes[:2]
    _need(fits, f"its boxes and scores have the shapes {list(boxes)} and {list(scores)}")
    _need(_kept(source) >= 1, "it may keep no box at all")
    _need(source.attr("center_point_box", 0) in (0, 1), "its center_point_box is not 0 or 1")
    for index in (2, 3, 4):
        _need(not source.node.input(index) or math.prod(source.shape(index)) == 1, f"its input {index} is no number")
    return [boxes[0] * scores[1] * min(_kept(source), boxes[1]), 3]


@free_op("Nms", shape=_suppressed, data=OWN)
def _nms(call: Call) -> None:
    """Unlike NonMaxSuppression, it has as many rows as there can be; those that are left over are -1."""
    limit = _kept(call)
    last = max(index for index in range(5) if call.has(index))
    operands: list[Tensor] = []
    for index in range(last + 1):
        if call.has(index):
            operands.append(call.x(index))
        else:
            operands.append(call.own_weight(f"default{index}", _default(index, limit)))
    center = int(call.attr("center_point_box", 0))
    call.finish("Nms", [operands], center_point_box=center, max_output_size=limit)


def _default(index: int, limit: int) -> np.ndarray:
    """What a missing limit of Nms stands for: as many boxes as may be, any overlap is too much."""
    return np.asarray([limit if index == 2 else 0], np.float32)


# training and state spaces


def _lists(node: _Node, rank: int) -> dict[str, list[int]]:
    """stride, dilations and padding of a convolution over so many axes."""
    defaults = {"stride": [1] * rank, "dilations": [1] * rank, "padding": [0] * (2 * rank)}
    return {name: [int(value) for value in node.attr(name, default)] for name, default in defaults.items()}


def _filter(source: Sources) -> Sequence[int]:
    kernel = [int(size) for size in source.attr("kernel_shape", [])]
    image, gradient = source.shape(0), source.shape(1)
    rank, groups = len(image) - 2, int(source.attr("groups", 1))
    _need(1 <= rank <= 3 and len(kernel) == len(image), f"its kernel_shape {kernel} does not fit {list(image)}")
    _need(min(kernel) >= 1, f"its kernel_shape {kernel} has a size below 1")
    lists = _lists(source, rank)
    _need(
        len(lists["stride"]) == len(lists["dilations"]) == rank
        and len(lists["padding"]) == 2 * rank
        and min(lists["stride"] + lists["dilations"]) >= 1
        and min(lists["padding"]) >= 0,
        f"its stride, dilations and padding {list(lists.values())} do not fit {rank} axes",
    )
    _need(groups >= 1 and kernel[0] % groups == 0 and kernel[1] * groups == image[1], f"it has {groups} groups")
    sizes = [
        (
            image[2 + i]
            + lists["padding"][i]
            + lists["padding"][rank + i]
            - lists["dilations"][i] * (kernel[2 + i] - 1)
            - 1
        )
        // lists["stride"][i]
        + 1
        for i in range(rank)
    ]
    wanted = [image[0], kernel[0], *sizes]
    _need(list(gradient) == wanted, f"the gradient has the shape {list(gradient)}, the convolution gives {wanted}")
    for name, shape in (("input_shape", image), ("grad_out_shape", gradient)):
        stated = source.attr(name)
        _need(stated is None or list(stated) == list(shape), f"its {name} {stated} is not {list(shape)}")
    _need(not source.attr("grad_bias_enable", 0), "the gradient of the bias is a ReduceSum of its own")
    return kernel


_FILTER_GRADIENT = "ConvBwd_Weight"


@free_op(_FILTER_GRADIENT, shape=_filter)
def _filter_gradient(call: Call) -> None:
    image, gradient = call.x(0), call.x(1)
    order = [1, 0, *range(2, gradient.rank)]
    call.finish(
        _FILTER_GRADIENT.replace("_", ""),  # the op's class has no underscore
        [image, gradient, call.permute(gradient, order, "transposed")],
        groups=int(call.attr("groups", 1)),
        input_shape=list(call.shape(0)),
        grad_out_shape=list(call.shape(1)),
        kernel_shape=list(call.out_shape()),
        grad_bias_enable=False,
        **_lists(call, image.rank - 2),
    )


def _scanned(source: Sources) -> Sequence[int]:
    state, shape = source.shape(0), source.shape(3)
    _need(len(state) == 4 and source.shape(1) == source.shape(2) == state, "Cs, deltaA and deltaB_u differ in shape")
    _need(shape == (state[0], state[1], state[3]), f"us has the shape {list(shape)} beside {list(state)}")
    if source.node.input(4):
        _need(math.prod(source.shape(4)) == state[1], f"Ds has not one value for each of {state[1]} channels")
    return shape


@free_op("SelectiveScan", shape=_scanned)
def _selective_scan(call: Call) -> None:
    last = call.x(4) if call.has(4) else call.none
    call.finish("SelectiveScan", [*(call.x(index) for index in range(4)), last])
