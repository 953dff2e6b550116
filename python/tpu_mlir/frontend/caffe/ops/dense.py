"""Fully connected layers."""

from __future__ import annotations

import math

import numpy as np

from ..call import Call
from ..registry import caffe_layer


@caffe_layer("InnerProduct")
def inner_product(call: Call) -> None:
    """Axes from ``axis`` on are one vector; the stored matrix is [outputs, inputs] unless it is transposed."""
    parameters = call.parameters("inner_product_param")
    call.only(1)
    shape, outputs = call.shape(), int(parameters.num_output)
    axis = call.axis(parameters.axis, len(shape))
    inputs = math.prod(shape[axis:])
    if outputs < 1:
        call.refuse("its num_output is missing")
    stored = [inputs, outputs] if parameters.transpose else [outputs, inputs]
    values = call.blob(0, stored, "matrix")
    matrix = call.weight("matrix", values if parameters.transpose else values.T)
    bias = call.blob(1, [outputs], "bias") if parameters.bias_term else np.zeros(0, np.float32)
    operands = [
        call.reshape(call.x(), [math.prod(shape[:axis]), inputs], "rows"),
        matrix,
        call.weight("bias", bias) if np.any(bias) else call.none,
    ]
    result = [*shape[:axis], outputs]
    if axis == 1:
        call.finish("MatMul", operands, result)
        return
    product = call.step("product", "MatMul", operands, [math.prod(shape[:axis]), outputs])
    call.finish("Reshape", [product], result, shape=result)


@caffe_layer("MatMul")
def matmul(call: Call) -> None:
    """The product of the last two axes of both inputs, whose other axes are equal."""
    call.only(2)
    first, second = call.shape(), call.shape(1)
    if min(len(first), len(second)) < 2 or first[:-2] != second[:-2] or first[-1] != second[-2]:
        call.refuse(f"its inputs {list(first)} and {list(second)} are no matrices that can be multiplied")
    call.finish("MatMul", [call.x(0), call.x(1), call.none], [*first[:-1], second[-1]])
