"""Functions of one tensor: activations, rounding and elementary functions."""

from __future__ import annotations

import math

from ...compose import Formula
from ...limits import clip
from ..call import Call, Tensor
from ..registry import ANY, onnx_op
from .elementwise import constant_op
from .integers import integer_type, settled


def _plain(source: str, target: str) -> None:
    @onnx_op(source)
    def convert(call: Call) -> None:
        call.finish(target, [call.x(0)])


for _source, _target in {
    "Tanh": "Tanh",
    "Exp": "Exp",
    "Log": "Log",
    "Sqrt": "Sqrt",
    "Ceil": "Ceil",
    "Floor": "Floor",
    "Round": "Round",
    "Sin": "Sin",
    "Cos": "Cos",
    "Erf": "Erf",
    "Mish": "Mish",
    "Softplus": "Softplus",
    "Softsign": "Softsign",
    "HardSwish": "HardSwish",
    "Sigmoid": "Sigmoid",
}.items():
    _plain(_source, _target)


@onnx_op("Abs", data=ANY)
def absolute(call: Call) -> None:
    """The lowest integer of a type is its own magnitude, because the positive one does not exist."""
    kind = integer_type(call.element(0))
    if kind is None or not (kind.narrow and kind.signed):
        call.finish("Abs", [call.x(0)])
    else:
        f = Formula(call)
        call.bind(settled(f, f.unary("Abs", call.x(0)), kind))


@onnx_op("Sign", data=ANY)
def sign(call: Call) -> None:
    call.finish("Sign", [call.x(0)])


@onnx_op("Relu", data=ANY)
def relu(call: Call) -> None:
    call.finish("Relu", [call.x(0)])


@onnx_op("Reciprocal")
def reciprocal(call: Call) -> None:
    call.finish("Reciprocal", [call.x(0)], const_val=1.0)


@onnx_op("LeakyRelu")
def leaky_relu(call: Call) -> None:
    call.finish("LeakyRelu", [call.x(0)], alpha=float(call.attr("alpha", 0.01)))


@onnx_op("Elu")
def elu(call: Call) -> None:
    call.finish("Elu", [call.x(0)], alpha=float(call.attr("alpha", 1.0)))


@onnx_op("Selu", since=6)
def selu(call: Call) -> None:
    alpha = float(call.attr("alpha", 1.67326319217681884765625))
    gamma = float(call.attr("gamma", 1.05070102214813232421875))
    inner = call.step("elu", "Elu", [call.x(0)], call.shape(0), alpha=alpha)
    call.finish("MulConst", [inner], const_val=gamma)


@onnx_op("Celu", since=12)
def celu(call: Call) -> None:
    alpha = float(call.attr("alpha", 1.0))
    if alpha == 1.0:
        call.finish("Elu", [call.x(0)], alpha=1.0)
        return
    if alpha == 0 or not math.isfinite(alpha):
        call.refuse(f"its attribute alpha = {alpha} divides by zero")
    scaled = constant_op(call, "MulConst", call.x(0), 1.0 / alpha, "scaled")
    inner = call.step("elu", "Elu", [scaled], scaled.shape, alpha=1.0)
    call.finish("MulConst", [inner], const_val=alpha)


@onnx_op("HardSigmoid")
def hard_sigmoid(call: Call) -> None:
    alpha, beta = float(call.attr("alpha", 0.2)), float(call.attr("beta", 0.5))
    call.finish("HardSigmoid", [call.x(0)], alpha=alpha, beta=beta)


@onnx_op("Gelu", since=20)
def gelu(call: Call) -> None:
    mode = call.attr("approximate", "none")
    if mode not in ("none", "tanh"):
        call.refuse(f"its attribute approximate = '{mode}' is not known")
    call.finish("GELU", [call.x(0)], approx_mode="tanh" if mode == "tanh" else "normal")


@onnx_op("Swish", since=24)
def swish(call: Call) -> None:
    alpha = float(call.attr("alpha", 1.0))
    if alpha == 1.0:
        call.finish("SiLU", [call.x(0)])
        return
    scaled = constant_op(call, "MulConst", call.x(0), alpha, "scaled")
    gate = call.step("gate", "Sigmoid", [scaled], scaled.shape)
    call.finish("Mul", [[call.x(0), gate]])


@onnx_op("PRelu", since=7)
def prelu(call: Call) -> None:
    shape, slope = call.shape(0), call.const(1)
    if slope is not None and slope.size == 1:
        call.finish("LeakyRelu", [call.x(0)], alpha=float(slope.reshape(-1)[0]))
        return
    if slope is not None and len(shape) > 1 and slope.size == shape[1]:
        channelwise = [1, shape[1]] + [1] * (len(shape) - 2)
        aligned = [1] * (len(shape) - slope.ndim) + list(slope.shape)
        if aligned == channelwise:
            weight = call.weight(1, slope.reshape(channelwise), "" if list(slope.shape) == channelwise else "aligned")
            call.finish("PRelu", [call.x(0), weight])
            return
    positive = call.step("positive", "Relu", [call.x(0)], shape)
    negative = constant_op(call, "MinConst", call.x(0), 0.0, "negative")
    scaled = call.step("scaled", "Mul", [[negative, call.x(1)]], shape)
    call.finish("Add", [[positive, scaled]])


@onnx_op("Clip", since=1, data=ANY)
def clip_attributes(call: Call) -> None:
    clip(call, call.x(0), call.attr("min"), call.attr("max"))


@onnx_op("Clip", since=11, data=ANY)
def clip_inputs(call: Call) -> None:
    limits: list[float | None] = []
    for index in (1, 2):
        if call.has(index) and call.const(index) is None:
            _clip_dynamic(call)
            return
        limits.append(call.scalar(index) if call.has(index) else None)
    clip(call, call.x(0), limits[0], limits[1])


def _clip_dynamic(call: Call) -> None:
    current: Tensor = call.x(0)
    kinds = [("Max", 1), ("Min", 2)]
    used = [(kind, index) for kind, index in kinds if call.has(index)]
    for position, (kind, index) in enumerate(used, 1):
        if position == len(used):
            call.finish(kind, [[current, call.x(index)]])
        else:
            current = call.step("raised", kind, [[current, call.x(index)]], call.shape(0))
