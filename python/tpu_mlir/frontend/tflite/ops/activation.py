"""Functions of one tensor, in whatever order its axes are stored; conversions between element types."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compose import Formula
from ..call import Call
from ..graph import BYTE_TYPES, FLOAT_TYPES, INTEGER_TYPES
from ..registry import ANY, FLOAT, NUMERIC, tflite_op


def _plain(source: str, target: str, data: str = FLOAT, **attributes: Any) -> None:
    @tflite_op(source, data=data)
    def convert(call: Call) -> None:
        order = call.order(0)
        call.finish(target, [call.x(0, order)], call.shape(0), order, **attributes)


for _source, _target in {
    "TANH": "Tanh",
    "LOGISTIC": "Sigmoid",
    "EXP": "Exp",
    "LOG": "Log",
    "SQRT": "Sqrt",
    "RSQRT": "Rsqrt",
    "CEIL": "Ceil",
    "FLOOR": "Floor",
    "ROUND": "Round",
    "SIN": "Sin",
    "COS": "Cos",
    "HARD_SWISH": "HardSwish",
}.items():
    _plain(_source, _target)
_plain("ABS", "Abs", NUMERIC)
_plain("SIGN", "Sign", NUMERIC)
_plain("RELU", "Relu", NUMERIC)
_plain("NEG", "MulConst", NUMERIC, const_val=-1.0)
_plain("RELU6", "Relu", relu_limit=6.0)
_plain("RELU_N1_TO_1", "Clip", min=-1.0, max=1.0)
_plain("RELU_0_TO_1", "Clip", min=0.0, max=1.0)
_plain("ELU", "Elu", alpha=1.0)


@tflite_op("SQUARE")
def square(call: Call) -> None:
    order = call.order(0)
    call.finish("Mul", [[call.x(0, order), call.x(0, order)]], call.shape(0), order)


@tflite_op("LEAKY_RELU")
def leaky_relu(call: Call) -> None:
    order = call.order(0)
    call.finish("LeakyRelu", [call.x(0, order)], call.shape(0), order, alpha=float(call.option("Alpha")))


@tflite_op("GELU")
def gelu(call: Call) -> None:
    order = call.order(0)
    mode = "tanh" if call.option("Approximate", False) else "normal"
    call.finish("GELU", [call.x(0, order)], call.shape(0), order, approx_mode=mode)


@tflite_op("PRELU")
def prelu(call: Call) -> None:
    """The slope is broadcast; one per channel is the usual case."""
    shape, order = call.shape(0), call.order(0)
    found = call.real(1)
    if found is None:
        call.refuse(f"its slope '{call.info(1).name}' is not constant")
    slope = found[0]
    if slope.size == 1:
        call.finish("LeakyRelu", [call.x(0, order)], shape, order, alpha=float(slope.reshape(-1)[0]))
        return
    if slope.ndim > len(shape) or np.broadcast_shapes(slope.shape, shape) != shape:
        call.refuse(f"its slope of shape {list(slope.shape)} does not fit the input {list(shape)}")
    if len(shape) > 2 and slope.size == shape[-1] and slope.shape[-1:] == shape[-1:]:
        order = (0, len(shape) - 1, *range(1, len(shape) - 1))  # channels second, as the op has them
    call.finish("PRelu", [call.x(0, order), call.x(1, order, len(shape))], shape, order)


@tflite_op("SOFTMAX")
def softmax(call: Call) -> None:
    beta = float(call.option("Beta"))
    _softmax(call, beta=beta)


@tflite_op("LOG_SOFTMAX")
def log_softmax(call: Call) -> None:
    _softmax(call, log=True)


def _softmax(call: Call, **attributes: Any) -> None:
    """Along the last axis of the file, wherever that is stored."""
    shape = call.shape(0)
    if not shape:
        call.refuse("a scalar has no axis")
    order = call.order(0)
    axis = order.index(len(shape) - 1)
    call.finish("Softmax", [call.x(0, order)], shape, order, axis=axis, **attributes)


@tflite_op("L2_NORMALIZATION")
def l2_normalization(call: Call) -> None:
    """x / sqrt(max(sum of squares along the last axis, 1e-6))."""
    shape, order = call.shape(0), call.order(0)
    source, axis = call.x(0, order), order.index(len(shape) - 1)
    reduced = [1 if place == axis else size for place, size in enumerate(source.shape)]
    squares = call.step("squares", "Mul", [[source, source]], source.shape)
    total = call.step("sum", "Reduce", [squares], reduced, axes=[axis], keepdims=True, mode="ReduceSum")
    bounded = call.step("bounded", "MaxConst", [total], reduced, const_val=1e-6)
    factor = call.step("factor", "Rsqrt", [bounded], reduced)
    call.activated("Mul", [[source, factor]], shape, order)


@tflite_op("QUANTIZE", "DEQUANTIZE")
def convert_quantization(call: Call) -> None:
    """Real values stay what they are; the result's own quantization, if it has one, does the rounding."""
    value = call.value(0)
    if call.out_info().element in BYTE_TYPES and call.out_info().quantization is None:
        call.refuse("its result has no scale")
    call.alias(value)


@tflite_op("CAST", data=ANY)
def cast(call: Call) -> None:
    """Fractions are cut towards zero, integers wrap around in a shorter type, and truth is what is not 0."""
    source, target = call.info(0), call.out_info()
    if source.is_quantized or target.is_quantized:
        call.refuse("a cast of quantized values is not defined")
    order, shape = call.order(0), call.shape(0)
    from_float = source.element in FLOAT_TYPES
    if target.element == "BOOL" and source.element != "BOOL":
        stored = call.x(0, order)
        call.finish("CompareConst", [stored], shape, order, mode="NotEqual", const_val=0.0, inversed=False)
    elif target.element in FLOAT_TYPES or target.element == source.element or _holds(target.element, source.element):
        call.alias(call.value(0))
    elif target.element not in INTEGER_TYPES or not (from_float or source.element in INTEGER_TYPES):
        call.refuse(f"a cast from {source.element} to {target.element} has no Top op")
    elif from_float:
        stored = call.x(0, order)
        magnitude = call.step("magnitude", "Abs", [stored], stored.shape)
        whole = call.step("whole", "Floor", [magnitude], stored.shape)
        sign = call.step("sign", "Sign", [stored], stored.shape)
        limits = _limits(target.element)
        if limits[1] >= 1 << 24 and limits[0] < 0:
            call.finish("Mul", [[whole, sign]], shape, order)
            return
        signed = call.step("signed", "Mul", [[whole, sign]], stored.shape)
        call.finish("Clip", [signed], shape, order, min=float(limits[0]), max=float(limits[1]))
    elif _limits(target.element)[1] < 1 << 24:
        low, high = _limits(target.element)
        f = Formula(call)
        stored = call.x(0, order)
        turns = f.floor(f.div(f.sub(stored, float(low)), float(high - low + 1)))
        wrapped = f.mul(turns, float(high - low + 1))
        call.finish("Sub", [[stored, wrapped]], shape, order)
    else:
        call.refuse(f"negative values wrap around in {target.element}, which f32 cannot hold")


def _limits(element: str) -> tuple[int, int]:
    """The range of an integer type."""
    if element == "BOOL":
        return 0, 1
    bits, signed = int(element.lstrip("UINT")), not element.startswith("U")
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def _holds(target: str, source: str) -> bool:
    """Whether an integer type has all values of another one, as far as f32 tells them apart (below 2^24)."""
    if target not in INTEGER_TYPES or source not in INTEGER_TYPES:
        return False
    (low, high), (begin, end) = _limits(target), _limits(source)
    exact = 1 << 24
    return low <= max(begin, -exact) and min(end, exact) <= high
