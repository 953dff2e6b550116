"""Functions of one value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer


def _simple(kind: str, top: str, **attributes: Any) -> None:
    @caffe_layer(kind)
    def convert(call: Call) -> None:
        call.only(1)
        call.finish(top, [call.x()], call.shape(), **attributes)


for _kind, _top in {"Sigmoid": "Sigmoid", "TanH": "Tanh", "AbsVal": "Abs", "BNLL": "Softplus", "Mish": "Mish"}.items():
    _simple(_kind, _top)


@caffe_layer("ReLU")
def relu(call: Call) -> None:
    call.only(1)
    slope = float(call.parameters("relu_param").negative_slope)
    if slope:
        call.finish("LeakyRelu", [call.x()], call.shape(), alpha=slope)
    else:
        call.finish("Relu", [call.x()], call.shape())


@caffe_layer("ReLU6")
def relu6(call: Call) -> None:
    call.only(1)
    call.finish("Relu", [call.x()], call.shape(), relu_limit=6.0)


@caffe_layer("PReLU")
def prelu(call: Call) -> None:
    """One slope, or one per channel."""
    call.only(1)
    shape = call.shape()
    if len(shape) < 2:
        call.refuse(f"an input of {len(shape)} dimensions has no channels")
    channels = 1 if call.parameters("prelu_param").channel_shared else shape[1]
    values = call.blob(0, [channels], "slope")
    slope = call.weight("slope", values.reshape([1, channels] + [1] * (len(shape) - 2)))
    call.finish("PRelu", [call.x(), slope], shape)


@caffe_layer("ELU")
def elu(call: Call) -> None:
    call.only(1)
    call.finish("Elu", [call.x()], call.shape(), alpha=float(call.parameters("elu_param").alpha))


@caffe_layer("Clip")
def clip(call: Call) -> None:
    call.only(1)
    limits = call.parameters("clip_param")
    if not (limits.HasField("min") and limits.HasField("max") and limits.min <= limits.max):
        call.refuse("its min and max are missing or contradict each other")
    call.finish("Clip", [call.x()], call.shape(), min=float(limits.min), max=float(limits.max))


@caffe_layer("Swish")
def swish(call: Call) -> None:
    """x * sigmoid(beta * x)."""
    call.only(1)
    source, beta = call.x(), float(call.parameters("swish_param").beta)
    if beta == 1:
        call.finish("SiLU", [source], source.shape)
        return
    scaled = call.step("scaled", "MulConst", [source], source.shape, const_val=beta)
    gate = call.step("gate", "Sigmoid", [scaled], source.shape)
    call.finish("Mul", [[source, gate]], source.shape)


def _steps(call: Call, last: list[tuple[str, dict[str, Any]]], scale: float, shift: float) -> None:
    """The result of ``last`` ops, one after another, on x * scale + shift."""
    ops: list[tuple[str, dict[str, Any]]] = []
    if scale != 1:
        ops.append(("MulConst", {"const_val": scale}))
    if shift:
        ops.append(("AddConst", {"const_val": shift}))
    ops += last
    current = call.x()
    for number, (kind, attributes) in enumerate(ops[:-1]):
        current = call.step(f"step{number}", *_op(kind, current), current.shape, **attributes)
    if not ops:
        call.bind(current)
        return
    kind, attributes = ops[-1]
    call.finish(*_op(kind, current), current.shape, **attributes)


def _op(kind: str, source: Tensor) -> tuple[str, list[Any]]:
    """The Top op and its operands; a square and a cube are products."""
    factors = {"Square": 2, "Cube": 3}.get(kind)
    return ("Mul", [[source] * factors]) if factors else (kind, [source])


_POWERS: dict[float, list[tuple[str, dict[str, Any]]]] = {
    1.0: [],
    2.0: [("Square", {})],
    3.0: [("Cube", {})],
    4.0: [("Square", {}), ("Square", {})],
    0.5: [("Sqrt", {})],
    0.25: [("Sqrt", {}), ("Sqrt", {})],
    -0.5: [("Rsqrt", {})],
    -1.0: [("Reciprocal", {"const_val": 1.0})],
    -2.0: [("Square", {}), ("Reciprocal", {"const_val": 1.0})],
}
"""Powers that need no general power function."""


@caffe_layer("Power")
def power(call: Call) -> None:
    """(shift + scale * x) ** power."""
    call.only(1)
    given = call.parameters("power_param")
    exponent = float(given.power)
    scale, shift = float(given.scale), float(given.shift)
    if not all(math.isfinite(value) for value in (exponent, scale, shift)):
        call.refuse(f"its power {exponent:g}, scale {scale:g} and shift {shift:g} are not all finite")
    if exponent == 0 or scale == 0:  # as in Caffe this holds for inputs that are not finite as well
        with np.errstate(all="ignore"):
            call.filled(call.shape(), float(np.power(np.float32(shift), np.float32(exponent))))
        return
    _steps(call, _POWERS.get(exponent, [("Pow", {"exponent": exponent})]), scale, shift)


def _base(call: Call, base: float) -> float:
    """The natural logarithm of a base, -1 stands for e."""
    if base == -1:
        return 1.0
    if base <= 0 or base == 1:
        call.refuse(f"its base {base:g} is not a positive number other than 1")
    return math.log(base)


@caffe_layer("Exp")
def exp(call: Call) -> None:
    """base ** (shift + scale * x)."""
    call.only(1)
    given = call.parameters("exp_param")
    factor = _base(call, float(given.base))
    _steps(call, [("Exp", {})], float(given.scale) * factor, float(given.shift) * factor)


@caffe_layer("Log")
def log(call: Call) -> None:
    """The logarithm to a base of shift + scale * x."""
    call.only(1)
    given = call.parameters("log_param")
    factor = _base(call, float(given.base))
    last: list[tuple[str, dict[str, Any]]] = [("Log", {})]
    if factor != 1:
        last.append(("MulConst", {"const_val": 1 / factor}))
    _steps(call, last, float(given.scale), float(given.shift))


@caffe_layer("Threshold")
def threshold(call: Call) -> None:
    """1 above the threshold, else 0."""
    call.only(1)
    limit = float(call.parameters("threshold_param").threshold)
    call.finish("CompareConst", [call.x()], call.shape(), mode="Greater", const_val=limit, inversed=False)


@caffe_layer("Softmax")
def softmax(call: Call) -> None:
    call.only(1)
    axis = call.axis(call.parameters("softmax_param").axis, len(call.shape()))
    call.finish("Softmax", [call.x()], call.shape(), axis=axis)


@caffe_layer("Dropout", "Split")
def same(call: Call) -> None:
    """Dropout does nothing in the test phase, unless it scales only there; a split gives its input several names."""
    call.only(1)
    given = call.parameters("dropout_param")
    if call.layer.kind == "Dropout" and not given.scale_train:
        call.finish("MulConst", [call.x()], call.shape(), const_val=float(1 - given.dropout_ratio))
        return
    for index in range(call.tops):
        call.bind(call.x(), index)
        if call.layer.bottoms[0] in call.module.constants:
            call.module.constants[call.layer.tops[index]] = call.module.constants[call.layer.bottoms[0]]


@caffe_layer("Silence")
def silence(call: Call) -> None:
    """Reads values that nobody needs."""
