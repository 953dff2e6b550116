"""Matrix products, fully connected layers and attention."""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor, top_shape
from ..call import Call
from ..registry import torch_op
from .elementwise import scaled


@torch_op("aten.linear")
def linear(call: Call) -> None:
    """input x weight^T + bias."""
    shape, weight = call.shape("input"), call.const("weight")
    source = call.x("input")
    if len(shape) == 1:
        source = call.reshape(source, [1, *shape], "row")
    if len(call.shape("weight")) == 1:
        matrix = call.reshape(call.x("weight"), [shape[-1], 1], "column")
    elif weight is not None:
        matrix = call.derived("weight", weight.T, "transposed")
    else:
        matrix = call.permute(call.x("weight"), [1, 0], "weight")
    target = [*source.shape[:-1], matrix.shape[1]]
    bias = call.const("bias")
    if bias is not None and bias.size == target[-1] and np.any(bias):
        _product(call, source, matrix, target, call.derived("bias", bias.reshape(-1), ""))
    elif call.has("bias") and bias is None:
        product = call.step("product", "MatMul", [source, matrix, call.none], target)
        call.bind(call.step("sum", "Add", [[product, call.x("bias")]], target))
    else:
        _product(call, source, matrix, target)


def _product(call: Call, left: Tensor, right: Tensor, shape: list[int], bias: Tensor | None = None) -> None:
    """Finishes with a matrix product, which may need another shape."""
    operands = [left, right, bias or call.none]
    if top_shape(call.out_shape()) == tuple(shape):
        call.finish("MatMul", operands)
    else:
        call.bind(call.step("matrix", "MatMul", operands, shape))


@torch_op("aten.matmul", "aten.mm", "aten.bmm", "aten.mv", "aten.dot", "aten.vdot")
def matmul(call: Call) -> None:
    right_name = next(name for name in ("other", "mat2", "vec", "tensor") if call.has(name))
    left, right = call.x(), call.x(right_name)
    if len(call.shape()) == 1:
        left = call.reshape(left, [1, *left.shape], "row")
    if len(call.shape(right_name)) == 1:
        right = call.reshape(right, [*right.shape, 1], "column")
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    _product(call, left, right, [*batch, left.shape[-2], right.shape[-1]])


@torch_op("aten.addmm", "aten.baddbmm", "aten.addmv")
def addmm(call: Call) -> None:
    """beta * self + alpha * (left x right)."""
    alpha, beta = float(call.get("alpha", 1)), float(call.get("beta", 1))
    names = {"addmm": ("mat1", "mat2"), "addmv": ("mat", "vec")}.get(call.operator, ("batch1", "batch2"))
    left, right = call.x(names[0]), call.x(names[1])
    if right.rank == 1:
        right = call.reshape(right, [*right.shape, 1], "column")
    target = [*left.shape[:-1], right.shape[-1]]
    bias = call.const("self")
    fused = bias is not None and bias.size == target[-1] and bias.shape[-1:] == (target[-1],) and alpha == beta == 1
    if bias is not None and fused:
        _product(call, left, right, target, call.derived("self", bias.reshape(-1), "flat" if bias.ndim > 1 else ""))
        return
    product = call.step("product", "MatMul", [left, right, call.none], target)
    if beta == 0:
        call.bind(scaled(call, product, alpha, "scaled"))
        return
    product = call.reshape(scaled(call, product, alpha, "scaled"), call.out_shape(), "vector")
    call.finish("Add", [[product, scaled(call, call.x(), beta, "addend")]])


@torch_op("aten.scaled_dot_product_attention")
def attention(call: Call) -> None:
    """softmax(query x key^T * scale + mask) x value; with enable_gqa a key serves several heads in a row."""
    if float(call.get("dropout_p", 0.0)) != 0:
        call.refuse("it drops values at random, as in training; export the model in evaluation mode")
    query, key, value = call.x("query"), call.x("key"), call.x("value")
    if call.get("enable_gqa"):
        key, value = _repeated_heads(call, key, query, "key"), _repeated_heads(call, value, query, "value")
    rank, inner = query.rank, query.shape[-1]
    factor = call.get("scale")
    factor = 1 / math.sqrt(inner) if factor is None else float(factor)
    columns = call.permute(key, [*range(key.rank - 2), key.rank - 1, key.rank - 2], "key")
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
    shape = [*batch, query.shape[-2], key.shape[-2]]
    scores = call.step("product", "MatMul", [query, columns, call.none], shape)
    scores = call.step("scores", "MulConst", [scores], shape, const_val=factor)
    weights = call.step("weights", "Softmax", [_masked(call, scores)], shape, axis=len(shape) - 1)
    assert rank == len(shape) or batch
    _product(call, weights, value, [*np.broadcast_shapes(batch, value.shape[:-2]), shape[-2], value.shape[-1]])


def _repeated_heads(call: Call, tensor: Tensor, query: Tensor, name: str) -> Tensor:
    """[batch, heads, ...] with every head repeated until there are as many as in the query."""
    axis = tensor.rank - 3
    count = query.shape[query.rank - 3] // tensor.shape[axis]
    if count == 1:
        return tensor
    single = call.reshape(tensor, [*tensor.shape[: axis + 1], 1, *tensor.shape[axis + 1 :]], f"{name}_group")
    spread = [*tensor.shape[: axis + 1], count, *tensor.shape[axis + 1 :]]
    repeats = [count if place == axis + 1 else 1 for place in range(len(spread))]
    tiled = call.step(f"{name}_heads", "Tile", [single], spread, tile=repeats)
    return call.reshape(tiled, [*tensor.shape[:axis], count * tensor.shape[axis], *tensor.shape[axis + 1 :]], name)


_FORBIDDEN = -10000.0 * 1000
"""Stands for minus infinity in a mask: exp of it is 0 in f32 beside any score."""


def _masked(call: Call, scores: Tensor) -> Tensor:
    if call.get("is_causal"):
        rows, columns = scores.shape[-2:]
        mask = np.where(np.tril(np.ones((rows, columns), bool)), 0.0, _FORBIDDEN).astype(np.float32)
        return call.step("masked", "Add", [[scores, call.own_weight("causal", mask)]], scores.shape)
    if not call.has("attn_mask"):
        return scores
    constant, boolean = call.const("attn_mask"), call.value("attn_mask").dtype == "bool"
    if constant is not None:
        plain = np.where(constant, 0.0, _FORBIDDEN) if boolean else np.maximum(constant, _FORBIDDEN)
        addend = call.own_weight("mask", plain.astype(np.float32))
    elif boolean:
        return call.step(
            "masked", "MaskedFill", [call.x("attn_mask"), scores], scores.shape, inversed=False, const_val=_FORBIDDEN
        )
    else:
        addend = call.x("attn_mask")
    return call.step("masked", "Add", [[scores, addend]], scores.shape)
