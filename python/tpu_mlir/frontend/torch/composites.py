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

MAX_DIFFERENCES = 1 << 24
"""Elements of the table of differences behind a matrix of distances."""
MAX_CLOSED_FORM = 4
"""Largest matrix whose determinant and inverse are written out by minors."""

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


# running products, maxima and sums of exponentials: every step doubles how far back a position looks


def _earlier(x: torch.Tensor, dim: int, by: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The positions that have nothing ``by`` before them, the others, and what is before the others."""
    size = x.shape[dim]
    return x.narrow(dim, 0, by), x.narrow(dim, by, size - by), x.narrow(dim, 0, size - by)


def _scan(x: torch.Tensor, dim: int, combine: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> torch.Tensor:
    by = 1
    while x.dim() and by < x.shape[dim]:
        first, rest, before = _earlier(x, dim, by)
        x = torch.cat([first, combine(rest, before)], dim)
        by *= 2
    return x


@_composite(_aten.cumprod.default)
def cumulative_product(self: torch.Tensor, dim: int, *, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Integers are multiplied as int64 unless a type is given."""
    kind = dtype or (self.dtype if self.is_floating_point() else torch.int64)
    return _scan(self.to(kind), dim, torch.mul)


@_composite(_aten.logcumsumexp.default)
def cumulative_log_of_exponentials(self: torch.Tensor, dim: int) -> torch.Tensor:
    """The larger of two is taken out before exp, which cannot overflow then."""

    def combine(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.maximum(a, b) + torch.log1p(torch.exp(-torch.abs(a - b)))

    return _scan(self, dim, combine)


def _cumulative_extremum(x: torch.Tensor, dim: int, largest: bool) -> Any:
    """Values and the last of their positions."""
    if not x.dim():
        return NotImplemented
    dim %= x.dim()
    shape = [-1 if axis == dim else 1 for axis in range(x.dim())]
    places = torch.arange(x.shape[dim], device=x.device).reshape(shape).expand(x.shape)
    by = 1
    while by < x.shape[dim]:
        first, rest, before = _earlier(x, dim, by)
        place_first, place_rest, place_before = _earlier(places, dim, by)
        stays = rest >= before if largest else rest <= before
        x = torch.cat([first, torch.where(stays, rest, before)], dim)
        places = torch.cat([place_first, torch.where(stays, place_rest, place_before)], dim)
        by *= 2
    return x, places


@_composite(_aten.cummax.default)
def cumulative_maximum(self: torch.Tensor, dim: int) -> Any:
    return _cumulative_extremum(self, dim, True)


@_composite(_aten.cummin.default)
def cumulative_minimum(self: torch.Tensor, dim: int) -> Any:
    return _cumulative_extremum(self, dim, False)


# values by their rank


@_composite(_aten.kthvalue.default)
def value_of_rank(self: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest, counted from 1, with its position."""
    if not self.dim():
        return NotImplemented
    values, places = torch.sort(self, dim)
    values, places = values.narrow(dim, k - 1, 1), places.narrow(dim, k - 1, 1)
    return (values, places) if keepdim else (values.squeeze(dim), places.squeeze(dim))


@_composite(_aten.median.dim)
def median_along(self: torch.Tensor, dim: int, keepdim: bool = False) -> Any:
    """The lower of the two middle values of an even number."""
    return value_of_rank(self, (self.shape[dim] + 1) // 2, dim, keepdim) if self.dim() else NotImplemented


@_composite(_aten.median.default)
def median(self: torch.Tensor) -> Any:
    flat = self.reshape([-1])
    return median_along(flat, 0)[0]


# products


@_composite(_aten.addbmm.default)
def sum_of_products(
    self: torch.Tensor, batch1: torch.Tensor, batch2: torch.Tensor, *, beta: float = 1, alpha: float = 1
) -> torch.Tensor:
    """beta * self + alpha * the sum of all products, which is one product of matrices side by side."""
    count, rows, inner = batch1.shape
    left = batch1.permute(1, 0, 2).reshape(rows, count * inner)
    product = torch.mm(left, batch2.reshape(count * inner, batch2.shape[2])) * alpha
    return product + self * beta if beta else product


@_composite(_aten.bilinear.default)
def bilinear(
    input1: torch.Tensor, input2: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """y[o] = the sum over i, j of a[i] * weight[o, i, j] * b[j], plus bias[o]."""
    outputs, first, second = weight.shape
    table = weight.permute(1, 0, 2).reshape(first, outputs * second)
    left = torch.mm(input1.reshape(-1, first), table).reshape(-1, outputs, second)
    result = (left * input2.reshape(-1, 1, second)).sum(-1).reshape([*input1.shape[:-1], outputs])
    return result if bias is None else result + bias


@_composite(_aten._cdist_forward.default)
def distances(x1: torch.Tensor, x2: torch.Tensor, p: float, compute_mode: int | None) -> Any:
    """Between all rows of two matrices, from the table of all differences."""
    if x1.shape[-2] * x2.numel() > MAX_DIFFERENCES:
        return NotImplemented
    size = torch.abs(x1.unsqueeze(-2) - x2.unsqueeze(-3))
    if p == 2:
        return torch.sqrt((size * size).sum(-1))
    if math.isinf(p):
        return size.amax(-1)
    if p == 0:
        return (size != 0).to(x1.dtype).sum(-1)
    return size.sum(-1) if p == 1 else torch.pow(torch.pow(size, p).sum(-1), 1 / p)


# small matrices


class _Minors:
    """Determinants of parts of matrices [..., n, n], each made once."""

    def __init__(self, matrix: torch.Tensor) -> None:
        self.matrix = matrix
        self.known: dict[tuple[tuple[int, ...], tuple[int, ...]], torch.Tensor] = {}

    def of(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> torch.Tensor:
        """The determinant of the part with these rows and columns, along its first row."""
        if (rows, columns) not in self.known:
            self.known[rows, columns] = self._made(rows, columns)
        return self.known[rows, columns]

    def _made(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> torch.Tensor:
        if not rows:
            return torch.ones_like(self.matrix[..., 0, 0])
        if len(rows) == 1:
            return self.matrix[..., rows[0], columns[0]]
        total: Any = None
        for place, column in enumerate(columns):
            rest = columns[:place] + columns[place + 1 :]
            term = self.of(rows[:1], (column,)) * self.of(rows[1:], rest)
            total = term if total is None else total - term if place % 2 else total + term
        return total


def _is_small(matrix: torch.Tensor) -> bool:
    return 1 <= matrix.shape[-1] <= MAX_CLOSED_FORM


@_composite(_aten._linalg_det.default)
def determinant(A: torch.Tensor) -> Any:  # noqa: N803  the name of the operator's argument
    """The factors that PyTorch gives too, which only gradients read, stay empty of meaning."""
    if not _is_small(A):
        return NotImplemented
    every = tuple(range(A.shape[-1]))
    return _Minors(A).of(every, every), torch.zeros_like(A), A.new_zeros(A.shape[:-1], dtype=torch.int32)


def _inverse(matrix: torch.Tensor) -> torch.Tensor:
    minors, every = _Minors(matrix), tuple(range(matrix.shape[-1]))
    cells = []
    for row in every:
        for column in every:
            rows, columns = every[:column] + every[column + 1 :], every[:row] + every[row + 1 :]
            cell = minors.of(rows, columns)
            cells.append(-cell if (row + column) % 2 else cell)
    adjugate = torch.stack(cells, -1).reshape(matrix.shape)
    return adjugate / minors.of(every, every).unsqueeze(-1).unsqueeze(-1)


@_composite(_aten.linalg_inv_ex.default)
def inverse_with_state(A: torch.Tensor, *, check_errors: bool = False) -> Any:  # noqa: N803
    """The state, which says whether there is an inverse, is always 0; without an inverse the values are infinite."""
    return (_inverse(A), A.new_zeros(A.shape[:-2], dtype=torch.int32)) if _is_small(A) else NotImplemented


@_composite(_aten.inverse.default)
def inverse(self: torch.Tensor) -> torch.Tensor:
    """Without PyTorch's check of the values, which nobody could look at on the chip."""
    return torch.linalg.inv_ex(self)[0]


@_composite(_aten.linalg_inv.default)
def linear_inverse(A: torch.Tensor) -> torch.Tensor:  # noqa: N803
    return torch.linalg.inv_ex(A)[0]


# others


@_composite(_aten.rrelu_with_noise_functional.default)
def random_leaky_relu(
    self: torch.Tensor,
    noise: torch.Tensor,
    lower: float = 0.125,
    upper: float = 1 / 3,
    training: bool = False,
    generator: Any = None,
) -> Any:
    """In evaluation mode the slope is the mean of its limits."""
    return NotImplemented if training else (F.leaky_relu(self, (lower + upper) / 2), noise)


@_composite(_aten.max_unpool2d.default, _aten.max_unpool3d.default)
def max_unpool(
    self: torch.Tensor, indices: torch.Tensor, output_size: list[int], *window: Any, **options: Any
) -> torch.Tensor:
    """Indices count the positions of one plane of the result; all others are 0."""
    planes = list(self.shape[: self.dim() - len(output_size)])
    zeros = self.new_zeros([*planes, math.prod(output_size)])
    flat = zeros.scatter(-1, indices.reshape([*planes, -1]), self.reshape([*planes, -1]))
    return flat.reshape([*planes, *output_size])
