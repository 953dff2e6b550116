"""Normalizations."""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor, top_shape
from ..call import Call
from ..registry import torch_op


@torch_op("aten._native_batch_norm_legit_no_training", "aten.batch_norm")
def batch_norm(call: Call) -> None:
    if call.get("training") or call.uses(1) or call.uses(2):
        call.refuse("it is in training mode; export the model in evaluation mode")
    epsilon, channels = float(call.get("eps", 1e-5)), call.shape("input")[1]
    statistics = {name: call.const(name) for name in ("running_mean", "running_var")}
    affine = {name: call.const(name) for name in ("weight", "bias") if call.has(name)}
    if any(value is None for value in (*statistics.values(), *affine.values())):
        _computed_batch_norm(call, epsilon)
        return
    operands = [call.x("input"), call.x("running_mean"), call.x("running_var")]
    ones, zeros = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    gamma = call.x("weight") if call.has("weight") else call.own_weight("gamma", ones)
    beta = call.x("bias") if call.has("bias") else call.own_weight("beta", zeros)
    call.finish("BatchNorm", [*operands, gamma, beta], epsilon=epsilon)


def _per_channel(call: Call, name: str, rank: int) -> Tensor:
    return call.reshape(call.x(name), [1, math.prod(call.shape(name))] + [1] * (rank - 2), f"channelwise_{name}")


def _computed_batch_norm(call: Call, epsilon: float) -> None:
    """Written out, because a statistic or a factor is computed."""
    shape = call.shape("input")
    variance = _per_channel(call, "running_var", len(shape))
    shifted = call.step("variance", "AddConst", [variance], variance.shape, const_val=epsilon)
    factor = call.step("inverse", "Rsqrt", [shifted], shifted.shape)
    if call.has("weight"):
        weight = _per_channel(call, "weight", len(shape))
        factor = call.step("factor", "Mul", [[factor, weight]], factor.shape)
    mean = _per_channel(call, "running_mean", len(shape))
    centered = call.step("centered", "Sub", [[call.x("input"), mean]], shape)
    if not call.has("bias"):
        call.finish("Mul", [[centered, factor]])
        return
    product = call.step("scaled", "Mul", [[centered, factor]], shape)
    call.finish("Add", [[product, _per_channel(call, "bias", len(shape))]])


@torch_op(
    "aten._native_batch_norm_legit.no_stats", "aten._native_batch_norm_legit_functional",
    "aten._native_batch_norm_legit",
)  # fmt: skip
def batch_statistics(call: Call) -> None:
    """Normalizes by the mean and variance of the batch itself."""
    if any(call.uses(index) for index in range(1, len(call.node.results))):
        call.refuse("its running statistics are read; export the model in evaluation mode")
    source, shape = call.x("input"), call.shape("input")
    axes = [axis for axis in range(len(shape)) if axis != 1]
    statistics = [1 if axis in axes else size for axis, size in enumerate(shape)]
    mean = call.step("mean", "Reduce", [source], statistics, axes=axes, keepdims=True, mode="ReduceMean")
    centered = call.step("centered", "Sub", [[source, mean]], shape)
    square = call.step("square", "Mul", [[centered, centered]], shape)
    variance = call.step("variance", "Reduce", [square], statistics, axes=axes, keepdims=True, mode="ReduceMean")
    shifted = call.step("shifted", "AddConst", [variance], statistics, const_val=float(call.get("eps", 1e-5)))
    inverse = call.step("inverse", "Rsqrt", [shifted], statistics)
    normalized = call.step("normalized", "Mul", [[centered, inverse]], shape)
    for name, kind in (("weight", "Mul"), ("bias", "Add")):
        if call.has(name):
            normalized = call.step(name, kind, [[normalized, _per_channel(call, name, len(shape))]], shape)
    call.bind(normalized)


def _affine_operands(call: Call, shape: tuple[int, ...]) -> list[object] | None:
    """Constant weight and bias as operands of the given shape, absent ones as none; None when one is computed."""
    operands: list[object] = []
    for name in ("weight", "bias"):
        if not call.has(name):
            operands.append(call.none)
            continue
        value = call.const(name)
        if value is None:
            return None
        operands.append(call.derived(name, value.reshape(shape), ""))
    return operands


@torch_op("aten.layer_norm", "aten.native_layer_norm")
def layer_norm(call: Call) -> None:
    shape, normalized = call.shape("input"), [int(size) for size in call.get("normalized_shape")]
    axis, epsilon = len(shape) - len(normalized), float(call.get("eps", 1e-5))
    attributes = {"normalized_shape": normalized, "axis": axis, "eps": epsilon}
    if call.uses(1) or call.uses(2):
        call.refuse("its mean or deviation is read, which belongs to training")
    operands = _affine_operands(call, tuple(normalized))
    if operands is not None:
        call.finish("LayerNorm", [call.x("input"), *operands], **attributes)
        return
    current = call.step("normalized", "LayerNorm", [call.x("input"), call.none, call.none], shape, **attributes)
    _affine(call, current, lambda name: call.x(name))


def _affine(call: Call, current: Tensor, factor: object) -> None:
    """Multiplies by the weight and adds the bias, where they are given; makes the result."""
    assert callable(factor)
    steps = [(name, kind) for name, kind in (("weight", "Mul"), ("bias", "Add")) if call.has(name)]
    for name, kind in steps:
        current = call.step(name, kind, [[current, factor(name)]], current.shape)
    call.bind(current)


@torch_op("aten.rms_norm", "aten._fused_rms_norm")
def rms_norm(call: Call) -> None:
    """x / sqrt(mean(x^2) + eps) over the last axes, times the weight."""
    shape = call.shape("input")
    axis = len(shape) - len(call.get("normalized_shape"))
    epsilon = float(call.get("eps", float(np.finfo(np.float32).eps)))
    source = call.x("input")
    square = call.step("square", "Mul", [[source, source]], shape)
    reduced = [*shape[:axis], *[1] * (len(shape) - axis)]
    axes = list(range(axis, len(shape)))
    mean = call.step("mean", "Reduce", [square], reduced, axes=axes, keepdims=True, mode="ReduceMean")
    shifted = call.step("shifted", "AddConst", [mean], reduced, const_val=epsilon)
    inverse = call.step("inverse", "Rsqrt", [shifted], reduced)
    if not call.has("weight"):
        call.finish("Mul", [[source, inverse]])
        return
    normalized = call.step("normalized", "Mul", [[source, inverse]], shape)
    call.finish("Mul", [[normalized, call.x("weight")]])


@torch_op("aten.group_norm", "aten.native_group_norm")
def group_norm(call: Call) -> None:
    if call.uses(1) or call.uses(2):
        call.refuse("its mean or deviation is read, which belongs to training")
    groups = int(call.get("num_groups", call.get("group", 1)))
    _grouped(call, groups)


@torch_op("aten.instance_norm")
def instance_norm(call: Call) -> None:
    if not call.get("use_input_stats", True):
        call.refuse("it uses stored statistics; use a batch normalization in evaluation mode")
    _grouped(call, call.shape("input")[1])


def _grouped(call: Call, groups: int) -> None:
    """Layer normalization of each group of channels of each sample, then a factor per channel."""
    shape = call.shape("input")
    flat = [shape[0], groups, math.prod(shape[1:]) // groups]
    grouped = call.reshape(call.x("input"), flat, "grouped")
    attributes = {"normalized_shape": [flat[2]], "axis": 2, "eps": float(call.get("eps", 1e-5))}
    normalized = call.step("normalized", "LayerNorm", [grouped, call.none, call.none], flat, **attributes)
    current = call.reshape(normalized, top_shape(shape), "ungrouped")
    weight, bias = call.const("weight"), call.const("bias")
    if weight is not None and bias is not None and len(shape) > 1:
        call.finish("Scale", [current, call.x("weight"), call.x("bias")])
    else:
        _affine(call, current, lambda name: _per_channel(call, name, len(shape)))
