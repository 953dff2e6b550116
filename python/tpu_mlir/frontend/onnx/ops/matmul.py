"""Matrix products: MatMul, Gemm and the Einsum equations that are one product of two tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..call import Call, Tensor
from ..registry import onnx_op
from .elementwise import constant_op


@onnx_op("MatMul")
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


@onnx_op("Einsum", since=12)
def einsum(call: Call) -> None:
    """Two operands without repeated indices: permute to [batch, rows, inner] x [batch, inner, columns] and multiply."""
    equation = str(call.attr("equation", "")).replace(" ", "")
    if "." in equation or len(call.node.inputs) != 2:
        call.refuse(f"the equation '{equation}' is not a product of two tensors")
    sources, arrow, target = equation.partition("->")
    terms = sources.split(",")
    if len(terms) != 2 or not arrow or any(len(set(term)) != len(term) for term in (*terms, target)):
        call.refuse(f"the equation '{equation}' is not a product of two tensors")
    left, right = terms
    if set(target) - set(left) - set(right):
        call.refuse(f"the equation '{equation}' has an unknown result index")
    sizes = dict(zip(left, call.shape(0), strict=True)) | dict(zip(right, call.shape(1), strict=True))
    if any(sizes[c] != size for c, size in zip(left, call.shape(0), strict=True)):
        call.refuse(f"the equation '{equation}' broadcasts a dimension of size 1")
    batch = [c for c in left if c in right and c in target]
    inner = [c for c in left if c in right and c not in target]
    rows = [c for c in left if c not in right]
    columns = [c for c in right if c not in left]
    if any(c not in target for c in (*rows, *columns)):
        call.refuse(f"the equation '{equation}' sums over an index of one operand only")

    def arranged(index: int, term: str, first: Sequence[str], second: Sequence[str]) -> Tensor:
        order = [term.index(c) for c in (*batch, *first, *second)]
        moved = call.permute(call.x(index), order, f"operand{index}") if len(term) > 1 else call.x(index)
        shape = [*(sizes[c] for c in batch), _product(sizes, first), _product(sizes, second)]
        return call.reshape(moved, shape, f"matrix{index}")

    a, b = arranged(0, left, rows, inner), arranged(1, right, inner, columns)
    shape = [*(sizes[c] for c in batch), _product(sizes, rows), _product(sizes, columns)]
    made = [*batch, *rows, *columns]
    product = call.step("product", "MatMul", [a, b, call.none], shape)
    spread = call.reshape(product, [sizes[c] for c in made], "spread")
    call.bind(call.permute(spread, [made.index(c) for c in target], "order") if len(target) > 1 else spread)


def _product(sizes: dict[str, int], names: Sequence[str]) -> int:
    return math.prod(sizes[c] for c in names)
