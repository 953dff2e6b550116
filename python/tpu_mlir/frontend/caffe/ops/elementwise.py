"""Arithmetic of several tensors, and of a tensor with learned values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer


@caffe_layer("Eltwise")
def eltwise(call: Call) -> None:
    given = call.parameters("eltwise_param")
    operation, shape = call.word(given, "operation"), call.shape()
    if call.count < 2 or any(call.shape(index) != shape for index in range(call.count)):
        shapes = [list(call.shape(index)) for index in range(call.count)]
        call.refuse(f"it needs at least two inputs of one shape, not {shapes}")
    operands = [call.x(index) for index in range(call.count)]
    factors = [float(value) for value in given.coeff]
    if factors and (operation != "SUM" or len(factors) != call.count):
        call.refuse(f"its coefficients {factors} do not fit {call.count} inputs of a {operation}")
    if any(factor != 1 for factor in factors):
        call.finish("Add", [operands], shape, coeff=factors)
        return
    call.finish({"PROD": "Mul", "SUM": "Add", "MAX": "Max", "MIN": "Min"}[operation], [operands], shape)


def _second(call: Call, axis: int, num_axes: int, what: str) -> Tensor | np.ndarray:
    """The second operand, whose first axis lies at ``axis`` of the first one: an input, or a stored weight."""
    shape = call.shape()
    if call.count == 2:
        begin = call.axis(axis, len(shape))
        part = call.shape(1)
        expected = shape[begin : begin + len(part)]
        if part != expected and part != (1,):
            call.refuse(f"its second input {list(part)} does not lie at axis {begin} of the first {list(shape)}")
        if part == (1,):
            return call.x(1)
        return call.reshape(call.x(1), _spread(shape, begin, len(part)), "spread")
    begin = call.axis(axis, len(shape))
    count = len(shape) - begin if num_axes == -1 else num_axes
    if count < 0 or begin + count > len(shape):
        call.refuse(f"its axis {axis} and num_axes {num_axes} do not fit the input {list(shape)}")
    return call.blob(0, shape[begin : begin + count], what).reshape(_spread(shape, begin, count))


def _spread(shape: Sequence[int], begin: int, count: int) -> list[int]:
    return [size if begin <= axis < begin + count else 1 for axis, size in enumerate(shape)]


def _per_channel(value: np.ndarray, rank: int) -> bool:
    """Whether there is one value per position of axis 1."""
    return rank > 1 and value.shape[1] == value.size and value.ndim == rank


@caffe_layer("Scale")
def scale(call: Call) -> None:
    """A product with a second input or with learned values, then a learned bias of the same shape."""
    given = call.parameters("scale_param")
    call.only(1, 2)
    shape = call.shape()
    factor = _second(call, given.axis, given.num_axes, "factor")
    # Of a product with a second input the bias is the only weight.
    place = 1 if call.count == 1 else 0
    bias = call.blob(place, factor.shape, "bias") if given.bias_term else None
    if isinstance(factor, np.ndarray) and _per_channel(factor, len(shape)) and factor.shape[1] == shape[1]:
        addend = bias if bias is not None else np.zeros(factor.size, np.float32)
        operands = [call.x(), call.weight("factor", factor.reshape(-1)), call.weight("addend", addend.reshape(-1))]
        call.finish("Scale", operands, shape)
        return
    second = call.weight("factor", factor) if isinstance(factor, np.ndarray) else factor
    if bias is None:
        call.finish("Mul", [[call.x(), second]], shape)
        return
    product = call.step("product", "Mul", [[call.x(), second]], shape)
    call.finish("Add", [[product, call.weight("addend", bias)]], shape)


@caffe_layer("Bias")
def bias(call: Call) -> None:
    given = call.parameters("bias_param")
    call.only(1, 2)
    addend = _second(call, given.axis, given.num_axes, "bias")
    operand = call.weight("addend", addend) if isinstance(addend, np.ndarray) else addend
    call.finish("Add", [[call.x(), operand]], call.shape())


@caffe_layer("Axpy")
def axpy(call: Call) -> None:
    """a * x + y with one factor a for each channel of an image."""
    call.only(3)
    factor, shape = call.shape(), call.shape(1)
    if len(shape) < 2 or call.shape(2) != shape or factor != (*shape[:2], *[1] * (len(factor) - 2)):
        shapes = [list(call.shape(index)) for index in range(3)]
        call.refuse(f"its inputs {shapes} are no factors and two tensors of one shape")
    spread = call.reshape(call.x(0), [*shape[:2], *[1] * (len(shape) - 2)], "factor")
    product = call.step("product", "Mul", [[call.x(1), spread]], shape)
    call.finish("Add", [[product, call.x(2)]], shape)
