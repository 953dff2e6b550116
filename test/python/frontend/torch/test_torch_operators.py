"""Every operator once through a TorchScript file and once through a program of torch.export, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch_models import Function, check, integers, normal, uniform  # noqa: E402

Case = tuple[Callable[..., Any], tuple[torch.Tensor, ...]]
IMAGE = normal(2, 4, 8, 6)
VECTORS = normal(3, 5)
POSITIVE = uniform(2, 4, 8, 6, low=0.2, high=3)
UNIT = uniform(2, 4, 8, 6, low=-0.95, high=0.95)


def on(function: Callable[..., Any], *inputs: torch.Tensor) -> Case:
    return function, inputs or (IMAGE,)


def seeded(module: nn.Module) -> nn.Module:
    """With parameters and statistics that are not the trivial ones of a new module."""
    torch.manual_seed(3)
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():
            nn.init.uniform_(tensor, 0.1, 0.9)
    return module


CASES: dict[str, Case] = {
    # functions of one tensor
    "abs": on(torch.abs),
    "acos": on(torch.acos, UNIT),
    "acosh": on(lambda x: torch.acosh(x + 1), POSITIVE),
    "asin": on(torch.asin, UNIT),
    "asinh": on(torch.asinh),
    "atan": on(lambda x: torch.atan(x * 4)),
    "atanh": on(torch.atanh, UNIT),
    "ceil": on(torch.ceil),
    "celu": on(lambda x: F.celu(x, 1.3)),
    "cos": on(torch.cos),
    "cosh": on(torch.cosh),
    "elu": on(lambda x: F.elu(x, 1.7)),
    "erf": on(torch.erf),
    "erfc": on(torch.erfc),
    "exp": on(torch.exp),
    "exp2": on(torch.exp2),
    "expm1": on(torch.expm1),
    "floor": on(torch.floor),
    "gelu": on(F.gelu),
    "gelu_tanh": on(lambda x: F.gelu(x, approximate="tanh")),
    "glu": on(lambda x: F.glu(x, 1)),
    "hardshrink": on(F.hardshrink),
    "hardsigmoid": on(F.hardsigmoid),
    "hardswish": on(F.hardswish),
    "hardtanh": on(lambda x: F.hardtanh(x, -0.4, 0.9)),
    "leaky_relu": on(lambda x: F.leaky_relu(x, 0.2)),
    "log": on(torch.log, POSITIVE),
    "log10": on(torch.log10, POSITIVE),
    "log1p": on(torch.log1p, POSITIVE),
    "log2": on(torch.log2, POSITIVE),
    "log_sigmoid": on(F.logsigmoid),
    "log_softmax": on(lambda x: F.log_softmax(x, 1)),
    "mish": on(F.mish),
    "neg": on(torch.neg),
    "prelu": on(seeded(nn.PReLU(4))),
    "prelu_one": on(nn.PReLU()),
    "reciprocal": on(torch.reciprocal, POSITIVE),
    "relu": on(torch.relu),
    "relu6": on(F.relu6),
    "round": on(lambda x: torch.round(x * 4)),
    "round_decimals": on(lambda x: torch.round(x, decimals=1)),
    "rsqrt": on(torch.rsqrt, POSITIVE),
    "selu": on(F.selu),
    "sigmoid": on(torch.sigmoid),
    "sign": on(torch.sign),
    "silu": on(F.silu),
    "sin": on(torch.sin),
    "sinh": on(torch.sinh),
    "softmax": on(lambda x: torch.softmax(x, -1)),
    "softmin": on(lambda x: F.softmin(x, 1)),
    "softplus": on(F.softplus),
    "softplus_beta": on(lambda x: F.softplus(x, 2.0, 40)),
    "softshrink": on(F.softshrink),
    "softsign": on(F.softsign),
    "sqrt": on(torch.sqrt, POSITIVE),
    "square": on(torch.square),
    "tan": on(torch.tan, UNIT),
    "tanh": on(torch.tanh),
    "tanhshrink": on(F.tanhshrink),
    "threshold": on(lambda x: F.threshold(x, 0.1, 7)),
    "trunc": on(lambda x: torch.trunc(x * 3)),
    "frac": on(lambda x: torch.frac(x * 3)),
    # arithmetic
    "atan2": on(torch.atan2, integers(5, 5, low=-2, high=3).float(), integers(5, 5, low=-2, high=3, seed=1).float()),
    "add": on(lambda a, b: torch.add(a, b, alpha=2), IMAGE, normal(4, 1, 6)),
    "add_number": on(lambda x: 3 + x * 2 + 1.5),
    "addcdiv": on(lambda a, b, c: torch.addcdiv(a, b, c, value=0.5), IMAGE, IMAGE, POSITIVE),
    "addcmul": on(lambda a, b: torch.addcmul(a, a, b, value=0.5), IMAGE, POSITIVE),
    "clamp": on(lambda x: torch.clamp(x, -0.5, 0.8)),
    "clamp_low": on(lambda x: torch.clamp(x, min=-0.5)),
    "clamp_high": on(lambda x: torch.clamp(x, max=0.5)),
    "clamp_tensors": on(lambda x, a, b: torch.clamp(x, a, b), IMAGE, normal(8, 1) - 1, normal(6) + 1),
    "div": on(lambda a, b: a / b, IMAGE, uniform(6)),
    "div_by_number": on(lambda x: x / 3),
    "div_number": on(lambda x: 3 / x, POSITIVE),
    "div_floor": on(lambda a, b: torch.div(a, b, rounding_mode="floor"), IMAGE, uniform(6)),
    "div_trunc": on(lambda x: torch.div(x, 0.3, rounding_mode="trunc")),
    "floor_divide": on(lambda x: torch.floor_divide(x, 0.3)),
    "fmod": on(lambda a, b: torch.fmod(a * 4, b), IMAGE, uniform(6)),
    "in_place": on(lambda x: x.clone().add_(1).mul_(2).relu_()),
    "lerp": on(lambda a, b: torch.lerp(a, b, 0.3), IMAGE, POSITIVE),
    "maximum": on(torch.maximum, IMAGE, normal(8, 1)),
    "max_other": on(lambda a, b: torch.max(a, b), IMAGE, normal(8, 1)),
    "minimum": on(torch.minimum, IMAGE, normal(8, 1)),
    "mul": on(lambda a, b: a * b, IMAGE, normal(1, 4, 1, 1)),
    "pow": on(lambda x: x**2 + x**3),
    "pow_fraction": on(lambda x: x**1.7, POSITIVE),
    "pow_half": on(lambda x: x**0.5 + x**-0.5 + x**-1, POSITIVE),
    "pow_of_number": on(lambda x: 2.5**x),
    "pow_tensor": on(torch.pow, POSITIVE, normal(6)),
    "remainder": on(lambda x: torch.remainder(x * 5, 0.7)),
    "remainder_tensor": on(lambda a, b: torch.remainder(a * 5, b), IMAGE, uniform(6)),
    "rsub": on(lambda x: torch.rsub(x, 1.5, alpha=2)),
    "sub": on(lambda a, b: torch.sub(a, b, alpha=3), IMAGE, normal(4, 1, 1)),
    "sub_number": on(lambda x: 1 - x - 2),
    "integers": on(lambda i: (i * 3 + 1) // 2 % 5, integers(3, 4, high=50)),
    # truth values and choices
    "bucketize": on(lambda x: torch.bucketize(x, torch.tensor([-1.0, 0.0, 1.0]))),
    "compare": on(lambda a, b: [a > b, a >= b, a < b, a <= b, a == b, a != b], integers(3, 4), integers(4)),
    "compare_number": on(lambda x: [x > 0.5, x >= 0.5, x < 0.5, x <= 0.5, x == 0.5, x != 0.5, torch.gt(x, 1)]),
    "logic": on(lambda a, b: [a & b, a | b, a ^ b, ~a, torch.logical_not(b)], VECTORS > 0, normal(5) > 0),
    "logic_of_numbers": on(lambda a, b: [torch.logical_and(a, b), torch.logical_or(a, b)], integers(3, 4), integers(4)),
    "isnan": on(lambda x: torch.isnan(x / x), integers(3, 4).float()),
    "masked_fill": on(lambda x, m: x.masked_fill(m, -7.0), IMAGE, normal(8, 6) > 0),
    "masked_fill_infinite": on(
        lambda x, m: torch.softmax(x.masked_fill(m, float("-inf")), -1), IMAGE, torch.arange(6) > 3
    ),
    "where": on(lambda c, a, b: torch.where(c, a, b), IMAGE > 0, IMAGE, normal(8, 1)),
    "where_number": on(lambda x: torch.where(x > 0, x, 0.25)),
    "where_constant": on(lambda x: torch.where(torch.arange(6) % 2 == 0, x, -x)),
    "to": on(lambda x: [x.to(torch.int32), x.to(torch.float64), (x > 0).to(torch.float32), x.bool()]),
    "type_as": on(lambda x, i: i.type_as(x) * x, VECTORS, integers(3, 5)),
    # shapes
    "cat": on(lambda a, b: torch.cat([a, b, a], 1), IMAGE, normal(2, 3, 8, 6)),
    "channel_shuffle": on(nn.ChannelShuffle(2)),
    "chunk": on(lambda x: torch.chunk(x, 3, 2)),
    "clone": on(lambda x: x.clone().contiguous().detach() + 0),
    "copy": on(lambda x, y: x.clone().copy_(y), IMAGE, normal(8, 1)),
    "diagonal": on(lambda x: torch.diagonal(x, 1, 2, 3)),
    "dropout": on(nn.Dropout(0.3)),
    "expand": on(lambda x: x.expand(2, 3, 5) + 0, normal(3, 1)),
    "expand_as": on(lambda a, b: a.expand_as(b) * b, normal(4, 1, 1), IMAGE),
    "flatten": on(lambda x: torch.flatten(x, 1, 2)),
    "flatten_all": on(torch.flatten),
    "flip": on(lambda x: torch.flip(x, [1, -1])),
    "fold": on(lambda x: F.fold(x, (4, 5), (2, 2)), normal(1, 12, 12)),
    "fold_unfold": on(lambda x: F.unfold(x, (3, 2), dilation=1, padding=1, stride=2)),
    "meshgrid": on(lambda a, b: torch.meshgrid(a, b, indexing="ij"), normal(3), normal(4)),
    "meshgrid_xy": on(lambda a, b: torch.meshgrid(a, b, indexing="xy"), normal(3), normal(4)),
    "movedim": on(lambda x: torch.movedim(x, 1, -1)),
    "narrow": on(lambda x: x.narrow(2, 1, 4)),
    "pad": on(lambda x: F.pad(x, (1, 2, 0, 3), value=0.5)),
    "pad_negative": on(lambda x: F.pad(x, (-1, 2, 1, -2))),
    "pad_reflect": on(lambda x: F.pad(x, (1, 2, 0, 3), mode="reflect")),
    "pad_replicate": on(lambda x: F.pad(x, (1, 2, 0, 3), mode="replicate")),
    "pad_circular": on(lambda x: F.pad(x, (1, 2, 0, 3), mode="circular")),
    "pad_reflect_1d": on(lambda x: F.pad(x, (1, 2), mode="reflect"), normal(2, 3, 6)),
    "permute": on(lambda x: x.permute(0, 2, 3, 1)),
    "pixel_shuffle": on(nn.PixelShuffle(2)),
    "pixel_unshuffle": on(nn.PixelUnshuffle(2)),
    "repeat": on(lambda x: x.repeat(2, 1, 3, 1, 1)),
    "repeat_interleave": on(lambda x: torch.repeat_interleave(x, 3, 1)),
    "reshape": on(lambda x: x.reshape(2, -1, 12)),
    "roll": on(lambda x: torch.roll(x, (3, -7), (1, 2))),
    "roll_flat": on(lambda x: torch.roll(x, 5)),
    "select": on(lambda x: x.select(1, -2) + x[:, 0]),
    "slice": on(lambda x: x[:, 1:3, ::2, -4:]),
    "slice_assignment": on(lambda x, y: _assigned(x, y), IMAGE, normal(2, 2, 8, 6)),
    "split": on(lambda x: torch.split(x, 3, 2)),
    "split_sizes": on(lambda x: torch.split(x, [1, 2, 5], 2)[1:]),
    "squeeze": on(lambda x: [x.squeeze(), x.squeeze(1), x.squeeze(0)], normal(2, 1, 3, 1)),
    "stack": on(lambda a, b: torch.stack([a, b], -1), VECTORS, VECTORS * 2),
    "t": on(torch.t, VECTORS),
    "tensor_split": on(lambda x: torch.tensor_split(x, 3, 2)),
    "tile": on(lambda x: torch.tile(x, (2, 3))),
    "transpose": on(lambda x: x.transpose(1, -1)),
    "triangles": on(lambda x: torch.triu(x, 1) + torch.tril(x, -1)),
    "unbind": on(lambda x: torch.unbind(x, 1)[::2]),
    "unflatten": on(lambda x: x.unflatten(2, (2, 4))),
    "unfold": on(lambda x: x.unfold(2, 3, 2)),
    "unsqueeze": on(lambda x: [x.unsqueeze(-1), x.unsqueeze(0), x.unsqueeze(2)]),
    "view": on(lambda x: x.view(8, 48)),
    # made of nothing
    "arange": on(lambda x: x + torch.arange(0, 6, 1) + torch.arange(6.0)),
    "empty_like": on(lambda x: torch.empty_like(x).fill_(2) + x),
    "full": on(lambda x: x + torch.full((8, 6), 2.5) + torch.ones(6) + torch.zeros(1)),
    "likes": on(lambda x: x + torch.ones_like(x) * 2 + torch.zeros_like(x) + torch.full_like(x, 0.5)),
    "news": on(lambda x: x + x.new_ones(6) + x.new_zeros(8, 1) + x.new_full((6,), 3.0)),
    # reductions
    "all": on(lambda x: [torch.all(x > -3, 1), torch.any(x > 1, 2, keepdim=True), torch.any(x > 9)]),
    "amax": on(lambda x: torch.amax(x, (1, 2))),
    "argmax": on(lambda x: [torch.argmax(x, 1), torch.argmax(x), torch.argmin(x, -1, keepdim=True)]),
    "cumsum": on(lambda x: torch.cumsum(x, 2)),
    "frobenius_norm": on(lambda x: torch.norm(x)),
    "linalg_norm": on(lambda x: torch.linalg.norm(x, dim=1)),
    "logsumexp": on(lambda x: torch.logsumexp(x, (1, 2))),
    "max": on(lambda x: [torch.max(x), *torch.max(x, 1)]),
    "max_values": on(lambda x: torch.max(x, 2, keepdim=True).values),
    "mean": on(lambda x: [torch.mean(x), torch.mean(x, (2, 3), keepdim=True), torch.mean(x, 1)]),
    "min": on(lambda x: [torch.min(x), torch.min(x, 1)[0], torch.min(x, 2)[1]]),
    "norms": on(lambda x: [torch.norm(x, 1, 1), torch.norm(x, float("inf"), 2), torch.norm(x, 3, 1)]),
    "normalize": on(lambda x: F.normalize(x, dim=1)),
    "prod": on(lambda x: torch.prod(x, 2)),
    "std": on(lambda x: [torch.std(x, 1), torch.var(x, (1, 2), unbiased=False), *torch.var_mean(x, 3)]),
    "sum": on(lambda x: [torch.sum(x), torch.sum(x, (1, 3)), x.sum(-1, keepdim=True)]),
    "sort": on(lambda x: tuple(torch.sort(x, 1, descending=True))),
    "argsort": on(lambda x: torch.argsort(x, -1)),
    "topk": on(lambda x: tuple(torch.topk(x, 3, 2))),
    "topk_values": on(lambda x: torch.topk(x, 2, 1, largest=False)[0]),
    # products
    "addmm": on(lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), normal(3, 4), VECTORS, normal(5, 4)),
    "baddbmm": on(lambda c, a, b: torch.baddbmm(c, a, b), normal(2, 3, 4), normal(2, 3, 5), normal(2, 5, 4)),
    "bmm": on(torch.bmm, normal(2, 3, 5), normal(2, 5, 4)),
    "dot": on(torch.dot, normal(7), normal(7, seed=1)),
    "einsum": on(lambda a, b: torch.einsum("bij,bkj->bik", a, b), normal(2, 3, 5), normal(2, 4, 5)),
    "einsum_heads": on(lambda a, b: torch.einsum("bhid,bhjd->bhij", a, b), normal(2, 3, 5, 4), normal(2, 3, 6, 4)),
    "linear": on(seeded(nn.Linear(6, 7))),
    "linear_without_bias": on(nn.Linear(6, 7, bias=False)),
    "linear_vector": on(nn.Linear(6, 7), normal(6)),
    "matmul": on(torch.matmul, normal(2, 1, 3, 5), normal(4, 5, 6)),
    "matmul_vector": on(lambda a, b: [torch.matmul(a, b), torch.matmul(b, a.transpose(-1, -2))], VECTORS, normal(5)),
    "mm": on(torch.mm, VECTORS, normal(5, 4)),
    "mv": on(torch.mv, VECTORS, normal(5)),
    "outer": on(torch.outer, normal(4), normal(5)),
    "weight_on_the_left": on(Function(lambda x, w: w @ x, w=normal(5, 8))),
    "attention": on(F.scaled_dot_product_attention, normal(2, 3, 5, 4), normal(2, 3, 7, 4), normal(2, 3, 7, 6)),
    "attention_causal": on(lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True), normal(2, 3, 5, 4)),
    "attention_mask": on(
        lambda q, m: F.scaled_dot_product_attention(q, q, q, attn_mask=m, scale=0.3), normal(2, 3, 5, 4), normal(5, 5)
    ),
    "attention_boolean_mask": on(
        lambda q, m: F.scaled_dot_product_attention(q, q, q, attn_mask=m),
        normal(2, 3, 5, 4),
        torch.ones(5, 5).tril().bool(),
    ),
    "attention_groups": on(
        lambda q, k: F.scaled_dot_product_attention(q, k, k, enable_gqa=True), normal(2, 6, 5, 4), normal(2, 2, 5, 4)
    ),
    "multihead_attention": on(
        Function(lambda x, m: m(x, x, x)[0], m=nn.MultiheadAttention(8, 2, batch_first=True)), normal(2, 5, 8)
    ),
    # convolutions
    "conv1d": on(seeded(nn.Conv1d(4, 6, 3, 2, 1)), normal(2, 4, 9)),
    "conv2d": on(seeded(nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), dilation=(2, 1), groups=2))),
    "conv2d_same": on(nn.Conv2d(4, 6, 3, padding="same")),
    "conv2d_same_even": on(nn.Conv2d(4, 6, (4, 3), padding="same", dilation=(1, 2))),
    "conv2d_reflect": on(nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect")),
    "conv2d_one_image": on(nn.Conv2d(4, 6, 3), normal(4, 8, 6)),
    "conv2d_computed": on(lambda x, w: F.conv2d(x, w), IMAGE, normal(5, 4, 3, 3)),
    "conv3d": on(seeded(nn.Conv3d(2, 3, 3, padding=1)), normal(1, 2, 5, 6, 4)),
    "conv_transpose1d": on(nn.ConvTranspose1d(4, 6, 3, 2, 1, 1), normal(2, 4, 9)),
    "conv_transpose2d": on(seeded(nn.ConvTranspose2d(4, 6, (3, 4), (2, 3), (1, 2), (1, 0), groups=2))),
    # normalizations
    "batch_norm": on(seeded(nn.BatchNorm2d(4))),
    "batch_norm_1d": on(seeded(nn.BatchNorm1d(5)), VECTORS),
    "batch_norm_plain": on(nn.BatchNorm2d(4, affine=False)),
    "batch_norm_of_batch": on(nn.BatchNorm2d(4, track_running_stats=False)),
    "group_norm": on(seeded(nn.GroupNorm(2, 4))),
    "instance_norm": on(seeded(nn.InstanceNorm2d(4, affine=True))),
    "layer_norm": on(seeded(nn.LayerNorm([8, 6]))),
    "layer_norm_plain": on(nn.LayerNorm(6, elementwise_affine=False)),
    "local_response_norm": on(nn.LocalResponseNorm(3)),
    "rms_norm": on(seeded(nn.RMSNorm(6))),
    # pools
    "adaptive_avg_pool1d": on(nn.AdaptiveAvgPool1d(4), normal(2, 3, 8)),
    "adaptive_avg_pool2d": on(nn.AdaptiveAvgPool2d((4, 3))),
    "adaptive_avg_pool2d_one": on(nn.AdaptiveAvgPool2d(1)),
    "adaptive_avg_pool2d_uneven": on(nn.AdaptiveAvgPool2d((3, 4))),
    "adaptive_avg_pool3d": on(nn.AdaptiveAvgPool3d((2, 3, 2)), normal(1, 2, 4, 6, 4)),
    "adaptive_max_pool2d": on(nn.AdaptiveMaxPool2d((3, 2))),
    "avg_pool1d": on(nn.AvgPool1d(3, 2, 1), normal(2, 3, 8)),
    "avg_pool2d": on(nn.AvgPool2d((3, 2), 2, (1, 0))),
    "avg_pool2d_ceil": on(nn.AvgPool2d(3, 2, 1, ceil_mode=True)),
    "avg_pool2d_valid": on(nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)),
    "avg_pool2d_divisor": on(nn.AvgPool2d(3, 2, 1, divisor_override=5)),
    "avg_pool3d": on(nn.AvgPool3d(2, 2), normal(1, 2, 4, 6, 4)),
    "max_pool1d": on(nn.MaxPool1d(3, 2, 1), normal(2, 3, 8)),
    "max_pool2d": on(nn.MaxPool2d((3, 2), 2, (1, 0))),
    "max_pool2d_ceil": on(nn.MaxPool2d(3, 2, ceil_mode=True)),
    "max_pool2d_one_image": on(nn.MaxPool2d(2), normal(4, 8, 6)),
    "max_pool3d": on(nn.MaxPool3d(2, 2), normal(1, 2, 4, 6, 4)),
    # resizing and sampling
    "upsample_bicubic": on(lambda x: F.interpolate(x, scale_factor=1.5, mode="bicubic")),
    "upsample_bilinear": on(lambda x: F.interpolate(x, (16, 9), mode="bilinear")),
    "upsample_bilinear_corners": on(lambda x: F.interpolate(x, (16, 9), mode="bilinear", align_corners=True)),
    "upsample_bilinear_factor": on(
        lambda x: F.interpolate(x, scale_factor=1.3, mode="bilinear", recompute_scale_factor=False)
    ),
    "upsample_bilinear_smooth": on(lambda x: F.interpolate(x, (3, 4), mode="bilinear", antialias=True)),
    "upsample_linear": on(lambda x: F.interpolate(x, 13, mode="linear"), normal(2, 3, 8)),
    "upsample_nearest": on(lambda x: F.interpolate(x, scale_factor=(2, 3))),
    "upsample_nearest_1d": on(lambda x: F.interpolate(x, 13), normal(2, 3, 8)),
    "upsample_nearest_3d": on(lambda x: F.interpolate(x, scale_factor=2), normal(1, 2, 3, 4, 3)),
    "upsample_nearest_down": on(lambda x: F.interpolate(x, (4, 5))),
    "upsample_nearest_exact": on(lambda x: F.interpolate(x, (11, 4), mode="nearest-exact")),
    "upsample_trilinear": on(lambda x: F.interpolate(x, (5, 6, 4), mode="trilinear"), normal(1, 2, 3, 4, 3)),
    # indices
    "embedding": on(nn.Embedding(10, 6), integers(2, 5, high=10)),
    "embedding_vector": on(nn.Embedding(10, 6), integers(5, high=10)),
    "gather": on(lambda x, i: torch.gather(x, 1, i), VECTORS, integers(3, 2, high=5)),
    "index": on(lambda x, i: x[:, i], IMAGE, integers(3, high=4)),
    "index_constant": on(lambda x: x[:, [2, 0, 1]] + x[:, [0, 1, 2]]),
    "index_irregular": on(lambda x: x[:, :, [[0, 5], [3, 1]], [[1, 2], [0, 4]]]),
    "index_pairs": on(lambda x, i, j: x[:, i, j], IMAGE, integers(3, high=4, low=-4), integers(3, high=8, seed=2)),
    "index_apart": on(lambda x, i, j: x[i, :, j], IMAGE, integers(3, high=2), integers(3, high=8, seed=2)),
    "index_put": on(
        lambda x, i, v: x.clone().index_put_((i,), v), normal(6, 3), torch.tensor([4, 0, 2]), VECTORS[:, :3]
    ),
    "index_put_later_axis": on(
        lambda x, v: torch.ops.aten.index_put(x, [None, torch.tensor([0, 2])], v), normal(3, 4, 2), normal(3, 2, 2)
    ),
    "index_put_apart": on(
        lambda x, v: torch.ops.aten.index_put(x, [torch.tensor([0, 2]), None, torch.tensor([1, 0])], v, True),
        normal(3, 4, 2),
        normal(2, 4),
    ),
    "index_put_pairs": on(
        lambda x, i, j: torch.index_put(x, (i, j), torch.tensor(5.0)),
        VECTORS,
        torch.tensor([0, 2]),
        torch.tensor([1, -1]),
    ),
    "index_put_mask": on(lambda x: _masked(x)),
    "index_select": on(lambda x, i: torch.index_select(x, 2, i), IMAGE, integers(5, high=8)),
    "scatter": on(
        lambda x, i, v: torch.scatter(x, 1, i, v), VECTORS, torch.tensor([[0, 1], [4, 2], [3, 0]]), normal(3, 2)
    ),
    "scatter_add": on(
        lambda x, i, v: torch.scatter_add(x, 1, i, v), VECTORS, torch.tensor([[0, 0], [4, 2], [3, 3]]), normal(3, 2)
    ),
    "scatter_value": on(lambda x, i: torch.scatter(x, 1, i, 7.0), VECTORS, torch.tensor([[0, 1], [4, 2], [3, 0]])),
    # sequences
    "lstm": on(Function(lambda x, m: m(x)[0], m=nn.LSTM(5, 4)), normal(6, 2, 5)),
    "lstm_states": on(
        Function(lambda x, h, c, m: m(x, (h, c)), m=nn.LSTM(5, 4, 2, bidirectional=True, batch_first=True)),
        normal(2, 6, 5),
        normal(4, 2, 4),
        normal(4, 2, 4, seed=1),
    ),
    "lstm_last": on(Function(lambda x, m: m(x)[1], m=nn.LSTM(5, 4, bias=False)), normal(6, 2, 5)),
    "gru": on(Function(lambda x, m: m(x), m=nn.GRU(5, 4, 2, bidirectional=True)), normal(6, 2, 5)),
    "gru_batch_first": on(
        Function(lambda x, h, m: m(x, h), m=nn.GRU(5, 4, batch_first=True)), normal(2, 6, 5), normal(1, 2, 4)
    ),
    "rnn": on(Function(lambda x, m: m(x)[0], m=nn.RNN(5, 4)), normal(3, 2, 5)),
    "lstm_cell": on(
        Function(lambda x, h, c, m: m(x, (h, c)), m=nn.LSTMCell(5, 4)), normal(2, 5), normal(2, 4), normal(2, 4, seed=1)
    ),
}


def _assigned(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    result = x.clone()
    result[:, 1:3] = y
    result[:, ::2, 3] = 1.0
    result[0] += 1
    return result


def _masked(x: torch.Tensor) -> torch.Tensor:
    result = x.clone()
    result[x > 0.5] = -1.0
    return result


@pytest.mark.parametrize("name", sorted(CASES))
def test_operator_agrees_with_pytorch(name: str) -> None:
    function, inputs = CASES[name]
    check(function, *inputs)
