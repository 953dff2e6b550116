"""Matrix products: MatMul and Gemm."""

from __future__ import annotations

import numpy as np

from ..call import Call, Tensor
from ..registry import NUMERIC, onnx_op
from .elementwise import constant_op


@onnx_op("MatMul", data=NUMERIC)
def matmul(call: Call) -> None:
    left_rank, right_rank = len(call.shape(0)), len(call.shape(1))
    if left_rank == 0 or right_rank == 0:
        call.refuse("a scalar operand is not a matrix")
    left, right = call.x(0), call.x(1, channel=-1)
    if left_rank > 1 and right_rank > 1:
        call.finish("MatMul", [left, right, call.none])
        return
    # vectors become matrices with one row or one column
    if left_rank == 1:
        left = call.reshape(left, [1, *left.shape], "row")
    if right_rank == 1:
        right = call.reshape(right, [*right.shape, 1], "column")
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    shape = [*batch, left.shape[-2], right.shape[-1]]
    call.bind(call.step("matrix", "MatMul", [left, right, call.none], shape))


@onnx_op("Gemm", since=7)
def gemm(call: Call) -> None:
    alpha, beta = float(call.attr("alpha", 1.0)), float(call.attr("beta", 1.0))
    left = _matrix(call, 0, bool(call.attr("transA", 0)), 1.0)
    folded = call.const(1) is not None
    right = _matrix(call, 1, bool(call.attr("transB", 0)), alpha if folded else 1.0)
    shape = call.out_shape()
    bias = call.const(2) if call.has(2) and beta != 0 else None
    fused_bias = bias is not None and bias.size == shape[1] and bias.shape[-1:] == (shape[1],)
    dynamic = call.has(2) and beta != 0 and not fused_bias
    scale = 1.0 if folded else alpha
    if scale != 1.0 or dynamic:
        product = call.step("product", "MatMul", [left, right, call.none], shape)
        _add_scaled(call, product, scale, beta)
        return
    operand = call.none
    if fused_bias and bias is not None:
        flat = bias.reshape(-1)
        operand = call.weight(2, flat if beta == 1.0 else flat.astype(np.float32) * np.float32(beta), _variant(beta))
    call.finish("MatMul", [left, right, operand])


def _variant(factor: float) -> str:
    return "" if factor == 1.0 else f"times {factor}"


def _matrix(call: Call, index: int, transposed: bool, factor: float) -> Tensor:
    value = call.const(index)
    if value is None:
        return call.permute(call.x(index), [1, 0], f"operand{index}") if transposed else call.x(index)
    scales = call.scales(index, 0 if transposed else 1) if factor == 1.0 else None
    variant = ("transposed " if transposed else "") + _variant(factor)
    data = value.T if transposed else value
    if factor != 1.0:
        data = data.astype(np.float32) * np.float32(factor)
    return call.weight(index, data, variant, scales)


def _add_scaled(call: Call, product: Tensor, scale: float, beta: float) -> None:
    """scale * product + beta * C for a C that is no plain bias vector, or is absent."""
    last = not (call.has(2) and beta != 0)
    if scale != 1.0:
        if last:
            call.finish("MulConst", [product], const_val=scale)
            return
        product = constant_op(call, "MulConst", product, scale, "scaled")
    value = call.const(2)
    if value is not None:
        data = value if beta == 1.0 else value.astype(np.float32) * np.float32(beta)
        addend = call.weight(2, data, _variant(beta))
    else:
        addend = call.x(2)
        if beta != 1.0:
            addend = constant_op(call, "MulConst", addend, beta, "addend")
    call.finish("Add", [[product, addend]])
