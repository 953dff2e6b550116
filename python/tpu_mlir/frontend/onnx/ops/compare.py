"""Comparisons, selections and what is made of them. Truth is 1 and 0 in the network."""

from __future__ import annotations

import numpy as np

from ...compose import Formula
from ..call import Call
from ..registry import ANY, FLOAT, onnx_op

_MIRRORED = {
    "Equal": "Equal",
    "Greater": "Less",
    "Less": "Greater",
    "GreaterOrEqual": "LessOrEqual",
    "LessOrEqual": "GreaterOrEqual",
}


def _comparison(op_type: str, mode: str, since: int) -> None:
    @onnx_op(op_type, since=since, data=ANY)
    def convert(call: Call) -> None:
        f = Formula(call)
        for index, word in ((1, mode), (0, _MIRRORED[mode])):
            number = call.scalar(index)
            if number is not None and call.const(1 - index) is None:
                call.bind(f.compare(word, call.x(1 - index), number))
                return
        call.finish("Compare", [call.x(0), call.x(1)], mode=mode)


_comparison("Equal", "Equal", 7)
_comparison("Greater", "Greater", 7)
_comparison("Less", "Less", 7)
_comparison("GreaterOrEqual", "GreaterOrEqual", 12)
_comparison("LessOrEqual", "LessOrEqual", 12)


@onnx_op("Where", since=9, data=ANY)
def where(call: Call) -> None:
    """A condition that is constant and the same everywhere chooses at once."""
    f, condition = Formula(call), call.const(0)
    if condition is not None and condition.size and not np.any(condition != condition.reshape(-1)[0]):
        call.bind(f.spread(call.x(1 if bool(condition.reshape(-1)[0]) else 2), call.out_shape()))
        return
    sides = [call.x(index) if (number := call.scalar(index)) is None else number for index in (1, 2)]
    call.bind(f.spread(f.where(call.x(0), sides[0], sides[1]), call.out_shape()))


_LARGEST = float(np.finfo(np.float32).max)


@onnx_op("IsNaN", since=9, data=ANY)
def is_nan(call: Call) -> None:
    """Only what is not a number differs from itself."""
    call.finish("Compare", [call.x(0), call.x(0)], mode="NotEqual")


@onnx_op("IsInf", since=10, data=ANY)
def is_inf(call: Call) -> None:
    f, x = Formula(call), call.x(0)
    positive, negative = bool(call.attr("detect_positive", 1)), bool(call.attr("detect_negative", 1))
    if positive and negative:
        call.bind(f.compare("Greater", f.unary("Abs", x), _LARGEST))
    elif positive:
        call.bind(f.compare("Greater", x, _LARGEST))
    elif negative:
        call.bind(f.compare("Less", x, -_LARGEST))
    else:
        call.refuse("it detects neither positive nor negative infinity, so its output is constant")


@onnx_op("ThresholdedRelu", since=10)
def thresholded_relu(call: Call) -> None:
    f, x = Formula(call), call.x(0)
    call.bind(f.where(f.compare("Greater", x, float(call.attr("alpha", 1.0))), x, 0.0))


@onnx_op("Shrink", since=9)
def shrink(call: Call) -> None:
    """x + bias below -lambd, x - bias above lambd, else 0."""
    f, x = Formula(call), call.x(0)
    bias, limit = float(call.attr("bias", 0.0)), float(call.attr("lambd", 0.5))
    if bias == limit >= 0:
        call.bind(f.sub(x, f.clip(x, -limit, limit)))
        return
    above = f.where(f.compare("Greater", x, limit), f.sub(x, bias), 0.0)
    call.bind(f.where(f.compare("Less", x, -limit), f.add(x, bias), above))


@onnx_op("Binarizer", domain="ai.onnx.ml", data=ANY)
def binarizer(call: Call) -> None:
    call.bind(Formula(call).compare("Greater", call.x(0), float(call.attr("threshold", 0.0))))


def _hardmax(call: Call, axis: int) -> None:
    """1 at the first maximum along the axis: the position where the running count of maxima is 1."""
    f, x = Formula(call), call.x(0)
    top = f.compare("Equal", x, f.reduce("ReduceMax", x, [axis]))
    size = x.shape[axis]
    if size > 1 << 24:
        call.refuse(f"positions along an axis of {size} cannot be told apart in f32")
    positions = f.weight("positions", np.arange(size).reshape([size] + [1] * (x.rank - axis - 1)))
    first = f.reduce("ReduceMin", f.where(top, positions, float(size)), [axis])
    call.bind(f.compare("Equal", f.spread(positions, x.shape), first))


@onnx_op("Hardmax", since=13)
def hardmax(call: Call) -> None:
    axis, rank = int(call.attr("axis", -1)), len(call.shape(0))
    if not -rank <= axis < rank:
        call.refuse(f"its attribute axis = {axis} is out of range")
    _hardmax(call, axis % rank)


@onnx_op("Hardmax")
def hardmax_flattened(call: Call) -> None:
    """Before opset 13 all dimensions from ``axis`` on form one vector."""
    axis, shape = int(call.attr("axis", 1)), call.shape(0)
    if int(np.prod(shape[axis % len(shape) + 1 :])) != 1:
        call.refuse("before operator set 13 it is one maximum over several axes; convert the model to a newer one")
    _hardmax(call, axis % len(shape))


@onnx_op("Dropout", since=7, data=FLOAT)
def dropout(call: Call) -> None:
    """In evaluation mode: its input, and a mask that keeps everything."""
    _pass_on(call)


@onnx_op("Dropout", since=12, data=ANY)
def dropout_with_mode(call: Call) -> None:
    if call.has(2) and bool(np.any(call.need_const(2, "the training mode"))):
        ratio = call.need_const(1, "the ratio") if call.has(1) else np.array(0.5)
        if float(ratio.reshape(-1)[0]) != 0:
            call.refuse("it is in training mode; export the model in evaluation mode")
    _pass_on(call)


def _pass_on(call: Call) -> None:
    call.bind(call.x(0))
    if call.uses(1):
        kept = np.ones(call.shape(0), np.float32)
        call.bind(call.own_weight("mask", kept), 1)
