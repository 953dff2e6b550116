"""Normalizations and softmax. Instance and group normalization are layer normalization of a reshaped tensor followed by
a per-channel scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import onnx_op
from .elementwise import constant_op


@onnx_op("BatchNormalization", since=7)
def batch_normalization(call: Call) -> None:
    if int(call.attr("training_mode", 0)):
        _trained(call)
        return
    if any(call.uses(index) for index in range(1, len(call.node.outputs))):
        call.refuse("it is in training mode; export the model in evaluation mode")
    if int(call.attr("spatial", 1)) != 1:
        call.refuse("its attribute spatial = 0 (statistics per pixel) has no Top op")
    shape = call.shape(0)
    if len(shape) < 2:
        call.refuse(f"an input of {len(shape)} dimensions has no channels")
    epsilon = float(call.attr("epsilon", 1e-5))
    if all(call.const(index) is not None for index in range(1, 5)):
        gamma, beta, mean, variance = (call.x(index) for index in range(1, 5))
        call.finish("BatchNorm", [call.x(0), mean, variance, gamma, beta], epsilon=epsilon)
        return
    gamma, beta, mean, variance = (_per_channel(call, call.x(index), len(shape), index) for index in range(1, 5))
    shifted = constant_op(call, "AddConst", variance, epsilon, "variance")
    inverse = call.step("inverse", "Rsqrt", [shifted], shifted.shape)
    factor = call.step("factor", "Mul", [[inverse, gamma]], inverse.shape)
    centered = call.step("centered", "Sub", [[call.x(0), mean]], shape)
    scaled = call.step("scaled", "Mul", [[centered, factor]], shape)
    call.finish("Add", [[scaled, beta]])


def _trained(call: Call) -> None:
    """Normalized by the statistics of the batch; the running ones move towards them."""
    f, x, shape = Formula(call), call.x(0), call.shape(0)
    axes = [axis for axis in range(len(shape)) if axis != 1]
    momentum = float(call.attr("momentum", 0.9))
    mean = f.reduce("ReduceMean", x, axes)
    centered = f.sub(x, mean)
    variance = f.reduce("ReduceMean", f.mul(centered, centered), axes)
    scale, bias = (_per_channel(call, call.x(index), len(shape), index) for index in (1, 2))
    inverse = f.unary("Rsqrt", f.add(variance, float(call.attr("epsilon", 1e-5))))
    call.bind(f.add(f.mul(centered, f.mul(inverse, scale)), bias))
    for index, value in ((1, mean), (2, variance)):
        if call.uses(index):
            kept = f.mul(f.reshape(call.x(index + 2), [shape[1]]), momentum)
            call.bind(f.add(kept, f.mul(f.reshape(value, [shape[1]]), 1 - momentum)), index)


def _per_channel(call: Call, tensor: Tensor, rank: int, index: int) -> Tensor:
    return call.reshape(tensor, [1, math.prod(tensor.shape)] + [1] * (rank - 2), f"channelwise{index}")


def _scale_channels(call: Call, source: Tensor, scale: int, bias: int) -> None:
    """Output = source * scale + bias with one value per channel (axis 1)."""
    factor, addend = call.const(scale), call.const(bias)
    if factor is not None and addend is not None:
        operands = [source, call.weight(scale, factor.reshape(-1)), call.weight(bias, addend.reshape(-1))]
        call.finish("Scale", operands)
        return
    scaled = call.step("scaled", "Mul", [[source, _per_channel(call, call.x(scale), source.rank, scale)]], source.shape)
    call.finish("Add", [[scaled, _per_channel(call, call.x(bias), source.rank, bias)]])


def _normalized(call: Call, source: Tensor, axis: int, epsilon: float, suffix: str) -> Tensor:
    return call.step(
        suffix,
        "LayerNorm",
        [source, call.none, call.none],
        source.shape,
        normalized_shape=list(source.shape[axis:]),
        axis=axis,
        eps=epsilon,
    )


@onnx_op("LayerNormalization", since=17)
def layer_normalization(call: Call) -> None:
    shape = call.shape(0)
    axis = int(call.attr("axis", -1))
    axis += len(shape) if axis < 0 else 0
    epsilon = float(call.attr("epsilon", 1e-5))
    if not 0 <= axis < len(shape):
        call.refuse(f"its attribute axis = {axis} is out of range")
    if call.uses(1) or call.uses(2):
        _statistics(call, axis, epsilon)
        return
    operands: list[object] = [call.x(0)]
    for index in (1, 2):
        if not call.has(index):
            operands.append(call.none)
            continue
        value = call.const(index)
        if value is None or value.ndim > len(shape) - axis:
            _late_affine(call, axis, epsilon)
            return
        spread = np.broadcast_to(value, shape[axis:])
        operands.append(call.weight(index, spread, "" if value.shape == spread.shape else f"spread to {shape[axis:]}"))
    call.finish("LayerNorm", operands, normalized_shape=list(shape[axis:]), axis=axis, eps=epsilon)


def _statistics(call: Call, axis: int, epsilon: float) -> None:
    """Written out, because the mean or the inverse deviation is an output too."""
    source, shape = call.x(0), call.shape(0)
    reduced = [*shape[:axis], *[1] * (len(shape) - axis)]
    axes = list(range(axis, len(shape)))
    mean = call.step("mean", "Reduce", [source], reduced, axes=axes, keepdims=True, mode="ReduceMean")
    centered = call.step("centered", "Sub", [[source, mean]], shape)
    square = call.step("square", "Mul", [[centered, centered]], shape)
    variance = call.step("variance", "Reduce", [square], reduced, axes=axes, keepdims=True, mode="ReduceMean")
    shifted = constant_op(call, "AddConst", variance, epsilon, "shifted")
    inverse = call.step("inverse", "Rsqrt", [shifted], reduced)
    for index, tensor in ((1, mean), (2, inverse)):
        if call.uses(index):
            call.bind(tensor, index)
    _affine(call, call.step("normalized", "Mul", [[centered, inverse]], shape))


def _late_affine(call: Call, axis: int, epsilon: float) -> None:
    _affine(call, _normalized(call, call.x(0), axis, epsilon, "normalized"))


def _affine(call: Call, current: Tensor) -> None:
    if not call.has(1) and not call.has(2):
        call.bind(current)
        return
    if call.has(1):
        scaled = [[current, call.x(1)]]
        if not call.has(2):
            call.finish("Mul", scaled)
            return
        current = call.step("scaled", "Mul", scaled, current.shape)
    call.finish("Add", [[current, call.x(2)]])


@onnx_op("RMSNormalization", since=23)
def rms_normalization(call: Call) -> None:
    shape = call.shape(0)
    axis = int(call.attr("axis", -1))
    axis += len(shape) if axis < 0 else 0
    source = call.x(0)
    square = call.step("square", "Mul", [[source, source]], shape)
    reduced = [*shape[:axis], *[1] * (len(shape) - axis)]
    axes = list(range(axis, len(shape)))
    mean = call.step("mean", "Reduce", [square], reduced, axes=axes, keepdims=True, mode="ReduceMean")
    shifted = constant_op(call, "AddConst", mean, float(call.attr("epsilon", 1e-5)), "shifted")
    inverse = call.step("inverse", "Rsqrt", [shifted], reduced)
    normalized = call.step("normalized", "Mul", [[source, inverse]], shape)
    call.finish("Mul", [[normalized, call.x(1)]])


def _grouped_norm(call: Call, groups: int, epsilon: float) -> Tensor:
    """Normalizes each group of channels of each sample; the shape stays."""
    shape = call.shape(0)
    flat = [shape[0], groups, math.prod(shape[1:]) // groups]
    grouped = call.reshape(call.x(0), flat, "grouped")
    normalized = _normalized(call, grouped, 2, epsilon, "normalized")
    return call.reshape(normalized, shape, "ungrouped")


@onnx_op("InstanceNormalization", since=6)
def instance_normalization(call: Call) -> None:
    shape = call.shape(0)
    if len(shape) < 3:
        call.refuse(f"an input of {len(shape)} dimensions has no spatial dimensions")
    _scale_channels(call, _grouped_norm(call, shape[1], float(call.attr("epsilon", 1e-5))), 1, 2)


@onnx_op("GroupNormalization", since=21)
def group_normalization(call: Call) -> None:
    _scale_channels(call, _grouped_norm(call, _groups(call), float(call.attr("epsilon", 1e-5))), 1, 2)


@onnx_op("GroupNormalization", since=18)
def group_normalization_per_group(call: Call) -> None:
    """Opset 18 to 20: scale and bias have one value per group."""
    groups = _groups(call)
    shape = call.shape(0)
    flat = [shape[0], groups, math.prod(shape[1:]) // groups]
    grouped = call.reshape(call.x(0), flat, "grouped")
    normalized = _normalized(call, grouped, 2, float(call.attr("epsilon", 1e-5)), "normalized")
    scale, bias = (_per_channel(call, call.x(index), 3, index) for index in (1, 2))
    scaled = call.step("scaled", "Mul", [[normalized, scale]], flat)
    call.bind(call.step("shifted", "Add", [[scaled, bias]], flat))


def _groups(call: Call) -> int:
    groups, channels = int(call.attr("num_groups", 0)), call.shape(0)[1]
    if groups < 1 or channels % groups:
        call.refuse(f"{channels} channels do not divide into {groups} groups")
    return groups


def _softmax(call: Call, axis: int, flatten: bool) -> None:
    log = call.node.op_type == "LogSoftmax"
    shape = call.shape(0)
    rank = len(shape)
    if rank == 0:
        call.refuse("a scalar has no softmax axis")
    axis += rank if axis < 0 else 0
    if not 0 <= axis < rank:
        call.refuse(f"its attribute axis = {axis} is out of range")
    if not flatten or math.prod(shape[axis + 1 :]) == 1:
        call.finish("Softmax", [call.x(0)], axis=axis, log=log)
        return
    matrix = call.reshape(call.x(0), [math.prod(shape[:axis]), math.prod(shape[axis:])], "matrix")
    call.bind(call.step("flat", "Softmax", [matrix], matrix.shape, axis=1, log=log))


@onnx_op("Softmax", "LogSoftmax", since=1)
def softmax_flattened(call: Call) -> None:
    """Before opset 13 all dimensions from ``axis`` on form one vector."""
    _softmax(call, int(call.attr("axis", 1)), True)


@onnx_op("Softmax", "LogSoftmax", since=13)
def softmax(call: Call) -> None:
    _softmax(call, int(call.attr("axis", -1)), False)


@onnx_op("MeanVarianceNormalization", since=9)
def mean_variance_normalization(call: Call) -> None:
    shape = call.shape(0)
    axes: Sequence[int] = sorted(int(axis) % len(shape) for axis in call.attr("axes", [0, 2, 3]))
    rest = [axis for axis in range(len(shape)) if axis not in axes]
    order = [*rest, *axes]
    moved = call.permute(call.x(0), order, "moved")
    matrix = [math.prod(shape[axis] for axis in rest), math.prod(shape[axis] for axis in axes)]
    flat = call.reshape(moved, matrix, "flat")
    normalized = _normalized(call, flat, 1, 1e-9, "normalized")
    spread = call.reshape(normalized, moved.shape, "spread")
    call.bind(call.permute(spread, [order.index(axis) for axis in range(len(shape))], "back"))
