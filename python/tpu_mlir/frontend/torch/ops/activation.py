"""Functions of one tensor: activations, rounding and elementary functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...compose import Formula
from ...elementary import arcsine, arctangent, area_cosine, area_sine
from ...emit import Tensor, top_shape
from ...limits import clip
from ..call import Call
from ..registry import torch_op
from .elementwise import check_range, pair, scaled, truncate


def _plain(target: str, **attributes: Any) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        call.finish(target, [call.x()], **attributes)

    return convert


for _source, _target in {
    "cos": "Cos",
    "cosh": "Cosh",
    "erf": "Erf",
    "exp": "Exp",
    "hardswish": "HardSwish",
    "log": "Log",
    "mish": "Mish",
    "relu": "Relu",
    "rsqrt": "Rsqrt",
    "sigmoid": "Sigmoid",
    "sign": "Sign",
    "sgn": "Sign",
    "silu": "SiLU",
    "sin": "Sin",
    "sinh": "Sinh",
    "sqrt": "Sqrt",
    "tan": "Tan",
    "tanh": "Tanh",
    "acos": "Arccos",
    "atanh": "Arctanh",
}.items():
    torch_op(f"aten.{_source}")(_plain(_target))
torch_op("aten.log2")(_plain("LogB", base=2))
torch_op("aten.log10")(_plain("LogB", base=10))
torch_op("aten.reciprocal")(_plain("Reciprocal", const_val=1.0))
torch_op("aten.hardsigmoid")(_plain("HardSigmoid", alpha=1 / 6, beta=0.5))
torch_op("aten.exp2")(_plain("Pow2", const_val=2.0))


@torch_op("aten.abs")
def absolute(call: Call) -> None:
    check_range(call)
    call.finish("Abs", [call.x()])


def _rounding(target: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        if not call.value("self").is_float:
            call.bind(call.x())
        else:
            call.finish(target, [call.x()])

    return convert


torch_op("aten.ceil")(_rounding("Ceil"))
torch_op("aten.floor")(_rounding("Floor"))


@torch_op("aten.round.default", "aten.round.decimals")
def round_half_even(call: Call) -> None:
    decimals = int(call.get("decimals", 0))
    if decimals == 0:
        _rounding("Round")(call)
        return
    factor = 10.0**decimals
    rounded = call.step("rounded", "Round", [scaled(call, call.x(), factor, "scaled")], top_shape(call.shape()))
    call.finish("MulConst", [rounded], const_val=1 / factor)


def _elementary(function: Callable[[Formula, Tensor], Tensor]) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        call.bind(function(Formula(call), call.x()))

    return convert


torch_op("aten.asin")(_elementary(arcsine))
torch_op("aten.atan")(_elementary(arctangent))
torch_op("aten.asinh")(_elementary(area_sine))
torch_op("aten.acosh")(_elementary(area_cosine))


@torch_op("aten.atan2", "prims.atan2")
def atan2(call: Call) -> None:
    """arctan(y / x), and half a turn more towards the sign of y where x is negative."""
    f = Formula(call)
    y, x = pair(call, "self", "other") if call.has("self") else pair(call, "a", "b")
    half = f.where(f.compare("Less", y, 0.0), -math.pi, math.pi)
    turn = f.where(f.compare("Less", x, 0.0), half, 0.0)
    size = f.add(f.unary("Abs", x), f.unary("Abs", y))
    x = f.where(f.compare("Equal", size, 0.0), 1.0, x)  # the angle of nothing is 0
    call.bind(f.add(arctangent(f, f.div(y, x)), turn))


@torch_op("aten.log1p")
def log1p(call: Call) -> None:
    shifted = call.step("shifted", "AddConst", [call.x()], top_shape(call.shape()), const_val=1.0)
    call.finish("Log", [shifted])


@torch_op("aten.expm1")
def expm1(call: Call) -> None:
    power = call.step("power", "Exp", [call.x()], top_shape(call.shape()))
    call.finish("AddConst", [power], const_val=-1.0)


@torch_op("aten.erfc")
def erfc(call: Call) -> None:
    error = call.step("erf", "Erf", [call.x()], top_shape(call.shape()))
    call.finish("SubConst", [error], const_val=1.0, is_reverse=True)


@torch_op("aten.leaky_relu")
def leaky_relu(call: Call) -> None:
    call.finish("LeakyRelu", [call.x()], alpha=float(call.get("negative_slope", 0.01)))


@torch_op("aten.elu")
def elu(call: Call) -> None:
    alpha, scale = float(call.get("alpha", 1)), float(call.get("scale", 1))
    if float(call.get("input_scale", 1)) != 1:
        call.refuse("its argument input_scale has no Top op")
    if scale == 1:
        call.finish("Elu", [call.x()], alpha=alpha)
        return
    inner = call.step("elu", "Elu", [call.x()], top_shape(call.shape()), alpha=alpha)
    call.finish("MulConst", [inner], const_val=scale)


@torch_op("aten.gelu")
def gelu(call: Call) -> None:
    call.finish("GELU", [call.x()], approx_mode="tanh" if call.get("approximate") == "tanh" else "normal")


@torch_op("aten.softplus")
def softplus(call: Call) -> None:
    """log(1 + exp(beta x)) / beta; beyond the threshold PyTorch gives x, which f32 cannot tell from it."""
    beta, threshold = float(call.get("beta", 1)), float(call.get("threshold", 20))
    if threshold < 15 or beta <= 0:
        call.refuse(f"its threshold {threshold} or beta {beta} has no Top op")
    if beta == 1:
        call.finish("Softplus", [call.x()])
        return
    inner = scaled(call, call.x(), beta, "scaled")
    call.finish("MulConst", [call.step("plus", "Softplus", [inner], inner.shape)], const_val=1 / beta)


@torch_op("aten.log_sigmoid", "aten.log_sigmoid_forward")
def log_sigmoid(call: Call) -> None:
    """-log(1 + exp(-x))."""
    inner = scaled(call, call.x(), -1.0, "negative")
    call.finish("MulConst", [call.step("plus", "Softplus", [inner], inner.shape)], const_val=-1.0)


@torch_op("aten._softmax", "aten.softmax.int", "aten._safe_softmax")
def softmax(call: Call) -> None:
    _softmax(call, False)


@torch_op("aten._log_softmax", "aten.log_softmax.int")
def log_softmax(call: Call) -> None:
    _softmax(call, True)


def _softmax(call: Call, log: bool) -> None:
    axis = call.axis(int(call.get("dim", -1)))
    call.finish("Softmax", [call.x()], axis=axis, log=log)


@torch_op("aten._prelu_kernel", "aten.prelu")
def prelu(call: Call) -> None:
    shape, slope = call.shape(), call.const("weight")
    if slope is not None and slope.size == 1:
        call.finish("LeakyRelu", [call.x()], alpha=float(slope.reshape(-1)[0]))
        return
    channels = len(shape) > 1 and (slope is None or slope.size == shape[1])
    if slope is not None and channels:
        channelwise = [1, shape[1]] + [1] * (len(shape) - 2)
        call.finish("PRelu", [call.x(), call.derived("weight", slope.reshape(channelwise), "aligned")])
        return
    positive = call.step("positive", "Relu", [call.x()], shape)
    negative = call.step("negative", "MinConst", [call.x()], shape, const_val=0.0)
    factor = call.x("weight")
    if call.operator == "prelu" and channels:
        factor = call.reshape(factor, [1, shape[1]] + [1] * (len(shape) - 2), "slope")
    call.finish("Add", [[positive, call.step("scaled", "Mul", [[negative, factor]], shape)]])


@torch_op("aten.clamp", "aten.clamp_min", "aten.clamp_max", "aten.hardtanh")
def clamp(call: Call) -> None:
    low_name, high_name = ("min_val", "max_val") if call.operator == "hardtanh" else ("min", "max")
    if any(call.has(name) and call.scalar(name) is None for name in (low_name, high_name)):
        _clamp_tensors(call, low_name, high_name)
        return
    clip(call, call.x(), call.scalar(low_name), call.scalar(high_name))


def _clamp_tensors(call: Call, low: str, high: str) -> None:
    """Limits that are tensors."""
    current = call.x()
    used = [(kind, name) for kind, name in (("Max", low), ("Min", high)) if call.has(name)]
    for position, (kind, name) in enumerate(used, 1):
        if position == len(used):
            call.finish(kind, [[current, call.x(name)]])
        else:
            shape = np.broadcast_shapes(current.shape, top_shape(call.shape(name)))
            current = call.step("raised", kind, [[current, call.x(name)]], shape)


@torch_op("aten._to_copy", "aten.to", "aten.type_as", "aten.convert_element_type", "prims.convert_element_type")
def convert_type(call: Call) -> None:
    """Floats become integers towards zero; a truth value is whether a number is not 0."""
    source = call.x("a" if call.has("a") else "self")
    before, after = call.value("a" if call.has("a") else "self"), call.out()
    if after.dtype == "bool" and before.dtype != "bool":
        call.finish("CompareConst", [source], mode="NotEqual", const_val=0.0, inversed=False)
    elif before.is_float and not after.is_float and after.dtype in ("int64", "int32"):
        truncate(call, source)
    elif after.dtype in ("uint8", "int8", "int16") and before.dtype != "bool" and before.dtype != after.dtype:
        call.refuse(f"conversion from {before.dtype} to {after.dtype} wraps around, which f32 does not")
    else:
        call.bind(source)
