"""Operators that PyTorch has no decomposition of, written with operators that it has a converter or a decomposition
for. A function returns NotImplemented for arguments that it does not cover; the operator is then refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812

COMPOSITES: dict[Any, Callable[..., Any]] = {}
"""Overload -> the same in simpler operators."""

_aten = torch.ops.aten


def _composite(*overloads: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for overload in overloads:
            COMPOSITES[overload] = function
        return function

    return register


# attention: what nn.MultiheadAttention and nn.TransformerEncoderLayer run in evaluation mode


_FORBIDDEN = -10000.0 * 1000
"""Stands for minus infinity in a mask: exp of it is 0 in f32 beside any score."""


def _addend(mask: torch.Tensor, mask_type: int | None, scores: torch.Tensor) -> torch.Tensor:
    """What is added to scores [batch, heads, queries, keys] where the mask, taken as booleans, forbids attention.
    mask_type: 0 for a mask [queries, keys], 1 for [batch, keys], 2 for a mask with the axes of the scores."""
    addend = mask.to(torch.bool).to(scores.dtype) * _FORBIDDEN
    if mask_type == 1 and mask.dim() == 2:
        return addend.reshape(mask.shape[0], 1, 1, mask.shape[1])
    return addend.reshape([1] * (4 - mask.dim()) + list(mask.shape))


@_composite(_aten._native_multi_head_attention.default)
def multi_head_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    embed_dim: int,
    num_head: int,
    qkv_weight: torch.Tensor,
    qkv_bias: torch.Tensor,
    proj_weight: torch.Tensor,
    proj_bias: torch.Tensor,
    mask: torch.Tensor | None = None,
    need_weights: bool = True,
    average_attn_weights: bool = True,
    mask_type: int | None = None,
) -> Any:
    """Tensors are [batch, length, features]; the second result is the attention itself where it is asked for."""
    if query.dim() != 3 or embed_dim % num_head:
        return NotImplemented
    size = embed_dim // num_head
    heads = []
    for place, source in enumerate((query, key, value)):
        rows = slice(place * embed_dim, (place + 1) * embed_dim)
        projected = F.linear(source, qkv_weight[rows], qkv_bias[rows])
        heads.append(projected.reshape(source.shape[0], source.shape[1], num_head, size).transpose(1, 2))
    scores = torch.matmul(heads[0] * (1 / math.sqrt(size)), heads[1].transpose(-2, -1))
    if mask is not None:
        scores = scores + _addend(mask, mask_type, scores)
    weights = torch.softmax(scores, -1)
    mixed = torch.matmul(weights, heads[2]).transpose(1, 2).reshape(query.shape[0], query.shape[1], embed_dim)
    result = F.linear(mixed, proj_weight, proj_bias)
    if not need_weights:
        return result, query.new_empty([0])
    return result, weights.mean(1) if average_attn_weights else weights


@_composite(_aten._transformer_encoder_layer_fwd.default)
def transformer_encoder_layer(
    src: torch.Tensor,
    embed_dim: int,
    num_heads: int,
    qkv_weight: torch.Tensor,
    qkv_bias: torch.Tensor,
    proj_weight: torch.Tensor,
    proj_bias: torch.Tensor,
    use_gelu: bool,
    norm_first: bool,
    eps: float,
    norm_weight_1: torch.Tensor,
    norm_bias_1: torch.Tensor,
    norm_weight_2: torch.Tensor,
    norm_bias_2: torch.Tensor,
    ffn_weight_1: torch.Tensor,
    ffn_bias_1: torch.Tensor,
    ffn_weight_2: torch.Tensor,
    ffn_bias_2: torch.Tensor,
    mask: torch.Tensor | None = None,
    mask_type: int | None = None,
) -> Any:
    """Attention and two linear layers, each added to what it was given, with a norm before or after each."""
    if src.dim() != 3:
        return NotImplemented

    def first(x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, [embed_dim], norm_weight_1, norm_bias_1, eps)

    def second(x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, [embed_dim], norm_weight_2, norm_bias_2, eps)

    x = first(src) if norm_first else src
    projections = (qkv_weight, qkv_bias, proj_weight, proj_bias)
    x, _ = multi_head_attention(x, x, x, embed_dim, num_heads, *projections, mask, False, True, mask_type)
    x = src + x
    between = x if norm_first else first(x)
    hidden = F.linear(second(between) if norm_first else between, ffn_weight_1, ffn_bias_1)
    hidden = F.gelu(hidden) if use_gelu else F.relu(hidden)
    x = between + F.linear(hidden, ffn_weight_2, ffn_bias_2)
    return x if norm_first else second(x)
