"""Operator families on random shapes, axes and attributes against PyTorch."""

from __future__ import annotations

import math
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("hypothesis", reason="hypothesis is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from hypothesis import HealthCheck, Phase, assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch_models import EAGER, Function, check, integers, normal, uniform  # noqa: E402
from tpu_mlir.frontend.errors import FrontendError  # noqa: E402

few = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),  # an example takes too long to be made smaller
)
SHAPES = st.lists(st.integers(1, 5), min_size=0, max_size=4)


def agrees(function: Any, *inputs: torch.Tensor, tolerance: float = 2e-5) -> None:
    check(function, *inputs, tolerance=tolerance, through=(EAGER,))


def broadcast_partner(draw: st.DrawFn, shape: list[int]) -> list[int]:
    """A shape that broadcasts with another one."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return [size if draw(st.booleans()) else 1 for size in kept]


@few
@given(st.data())
def test_arithmetic_broadcasts(data: st.DataObject) -> None:
    left = data.draw(SHAPES)
    right = broadcast_partner(data.draw, left)
    if data.draw(st.booleans()):
        left, right = right, left
    a, b = normal(*left), uniform(*right, low=0.3, high=2, seed=1)
    number = data.draw(st.sampled_from([0.0, 1.0, -2.5, 3.0]))
    agrees(
        lambda a, b: [a + b, a - b, a * b, a / b, torch.maximum(a, b), a + number, number - a, torch.remainder(a, b)],
        a,
        b,
    )
    agrees(lambda a, b: [a > b, a == b, torch.where(a > number, a, b), torch.logical_and(a > 0, b > 1)], a, b)


@few
@given(st.data())
def test_integers_stay_exact(data: st.DataObject) -> None:
    shape = data.draw(SHAPES)
    a, b = integers(*shape, high=1000, low=-1000), integers(*shape, high=30, low=1, seed=1)
    agrees(lambda a, b: [a * b, a // b, a % b, torch.fmod(a, b), torch.div(a, b, rounding_mode="trunc"), -a], a, b)


@few
@given(st.data())
def test_reductions_over_axes(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    axes = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda a: a % len(shape), min_size=1))
    keep = data.draw(st.booleans())
    x = normal(*shape)
    agrees(lambda x: [x.sum(axes, keep), x.mean(axes, keep), x.amax(axes, keep), x.amin(axes, keep)], x)
    agrees(lambda x: [torch.linalg.vector_norm(x, 2, axes, keep), torch.logsumexp(x, axes, keep)], x)
    agrees(lambda x: torch.var(x, axes, correction=0, keepdim=keep), x)
    axis = axes[0]
    agrees(lambda x: [*x.max(axis, keep), x.argmin(axis, keep), x.cumsum(axis), torch.softmax(x, axis)], x)


@few
@given(st.data())
def test_slices_and_selections(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    places: list[Any] = []
    for size in shape[: data.draw(st.integers(1, len(shape)))]:
        start = data.draw(st.integers(-size, size - 1))
        if data.draw(st.booleans()):
            places.append(start)
        else:
            places.append(
                slice(start, data.draw(st.one_of(st.none(), st.integers(-size, size))), data.draw(st.integers(1, 3)))
            )
    x = normal(*shape)
    assume(x[tuple(places)].numel() > 0)
    agrees(lambda x: x[tuple(places)] * 2, x)
    agrees(lambda x: _written(x, tuple(places)), x)


def _written(x: torch.Tensor, places: tuple[Any, ...]) -> torch.Tensor:
    result = x.clone()
    result[places] = 3.0
    result[places] += x[places]
    return result


@few
@given(st.data())
def test_indices(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(2, 5), min_size=2, max_size=4))
    axis = data.draw(st.integers(0, len(shape) - 1))
    size = shape[axis]
    wanted = data.draw(st.lists(st.integers(1, 4), max_size=2))
    x, index = normal(*shape), integers(*wanted, high=size, low=-size)
    places = (slice(None),) * axis
    agrees(lambda x, i: x[(*places, i)], x, index)
    if axis + 1 < len(shape):
        other = integers(*wanted, high=shape[axis + 1], seed=3)
        agrees(lambda x, i, j: x[(*places, i, j)], x, index, other)
    elements = [data.draw(st.integers(1, extent)) for extent in shape]
    agrees(lambda x, i: torch.gather(x, axis, i), x, integers(*elements, high=size))
    agrees(lambda x, i: F.embedding(i, x.flatten(1)), x, integers(*wanted, high=shape[0]))


@few
@given(st.data())
def test_shapes_and_orders(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    order = data.draw(st.permutations(range(len(shape))))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    repeats = [data.draw(st.integers(1, 3)) for _ in shape]
    x = normal(*shape)
    agrees(lambda x: [x.permute(order) + 0, x.transpose(0, axis) * 1.5, x.flip([axis]), x.squeeze()], x)
    agrees(lambda x: [torch.cat([x, x * 2], axis), torch.stack([x, x + 1], axis), x.repeat(*repeats)], x)
    agrees(lambda x: [torch.roll(x, 3, axis), *x.unbind(axis), *x.split(2, axis), x.reshape(-1)], x)


@few
@given(st.data())
def test_paddings(data: st.DataObject) -> None:
    shape = [data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3)), *[data.draw(st.integers(4, 7)) for _ in "hw"]]
    pads = [data.draw(st.integers(0, 3)) for _ in range(4)]
    mode = data.draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
    agrees(lambda x: F.pad(x, pads, mode=mode), normal(*shape))
    cut = [data.draw(st.integers(-1, 2)) for _ in range(4)]
    agrees(lambda x: F.pad(x, cut, value=-1.5), normal(*shape))


@few
@given(st.data())
def test_convolutions(data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, 3))
    group = data.draw(st.integers(1, 3))
    inputs, outputs = group * data.draw(st.integers(1, 3)), group * data.draw(st.integers(1, 3))

    def per_axis(low: int, high: int) -> list[int]:
        return [data.draw(st.integers(low, high)) for _ in range(rank)]

    kernel, stride, pads, dilation = per_axis(1, 3), per_axis(1, 3), per_axis(0, 2), per_axis(1, 2)
    sizes = [(k - 1) * d + 1 + data.draw(st.integers(0, 4)) for k, d in zip(kernel, dilation, strict=True)]
    kind = [nn.Conv1d, nn.Conv2d, nn.Conv3d][rank - 1]
    bias = data.draw(st.booleans())
    agrees(kind(inputs, outputs, kernel, stride, pads, dilation, group, bias), normal(2, inputs, *sizes))
    if rank < 3:
        deconvolution = [nn.ConvTranspose1d, nn.ConvTranspose2d][rank - 1]
        extra = [data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
        small = [min(pad, (k - 1) * d) for pad, k, d in zip(pads, kernel, dilation, strict=True)]
        net = deconvolution(inputs, outputs, kernel, stride, small, extra, group, bias, dilation)
        x = normal(2, inputs, *sizes)
        assume(min(net(x).shape) > 0)
        agrees(net, x)


@few
@given(st.data())
def test_pools(data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, 3))

    def per_axis(low: int, high: int) -> list[int]:
        return [data.draw(st.integers(low, high)) for _ in range(rank)]

    kernel, stride = per_axis(1, 3), per_axis(1, 3)
    pads = [data.draw(st.integers(0, size // 2)) for size in kernel]
    x = normal(2, 3, *[size + data.draw(st.integers(0, 5)) for size in kernel])
    ceil, counted = data.draw(st.booleans()), data.draw(st.booleans())
    largest = [F.max_pool1d, F.max_pool2d, F.max_pool3d][rank - 1]
    average = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][rank - 1]
    adaptive = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][rank - 1]
    target = [data.draw(st.integers(1, size)) for size in x.shape[2:]]
    try:
        agrees(lambda x: largest(x, kernel, stride, pads, ceil_mode=ceil), x)
        agrees(lambda x: average(x, kernel, stride, pads, ceil, counted), x)
    except FrontendError as error:
        assert "reach pads" in str(error)
    agrees(lambda x: adaptive(x, target if rank > 1 else target[0]), x)


@few
@given(st.data())
def test_products(data: st.DataObject) -> None:
    batch = data.draw(st.lists(st.integers(1, 3), max_size=2))
    rows, inner, columns = (data.draw(st.integers(1, 6)) for _ in range(3))
    other = broadcast_partner(data.draw, batch)
    a, b = normal(*batch, rows, inner), normal(*other, inner, columns, seed=1)
    agrees(torch.matmul, a, b)
    agrees(lambda a, v: torch.matmul(a, v), a, normal(inner))
    agrees(nn.Linear(inner, columns, bias=data.draw(st.booleans())), a)
    agrees(lambda a, b: torch.einsum("...ij,...jk->...ik", a, b), a, b)


@few
@given(st.data())
def test_normalizations(data: st.DataObject) -> None:
    groups = data.draw(st.integers(1, 3))
    channels = groups * data.draw(st.integers(1, 3))
    sizes = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=3))
    x = normal(2, channels, *sizes)
    affine = data.draw(st.booleans())
    agrees(nn.GroupNorm(groups, channels, affine=affine), x, tolerance=1e-4)
    kind = [nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d][len(sizes) - 1]
    agrees(kind(channels, affine=affine), x, tolerance=1e-4)
    last = list(x.shape[data.draw(st.integers(1, x.ndim - 1)) :])
    assume(math.prod(last) > 1)
    agrees(nn.LayerNorm(last, elementwise_affine=affine), x, tolerance=1e-4)
    agrees(nn.RMSNorm(last, elementwise_affine=affine), x, tolerance=1e-4)


@few
@given(st.data())
def test_resizing(data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, 3))
    sizes = [data.draw(st.integers(1, 6)) for _ in range(rank)]
    target = [data.draw(st.integers(1, 12)) for _ in range(rank)]
    x = normal(2, 3, *sizes)
    linear = ["linear", "bilinear", "trilinear"][rank - 1]
    agrees(lambda x: F.interpolate(x, target), x)
    agrees(lambda x: F.interpolate(x, target, mode="nearest-exact"), x)
    agrees(lambda x: F.interpolate(x, target, mode=linear, align_corners=data.draw(st.just(False))), x)
    agrees(lambda x: F.interpolate(x, target, mode=linear, align_corners=True), x)
    factor = data.draw(st.sampled_from([0.5, 1.3, 2.0, 2.5]))
    assume(all(math.floor(size * factor) for size in sizes))
    agrees(lambda x: F.interpolate(x, scale_factor=factor), x)
    agrees(lambda x: F.interpolate(x, scale_factor=factor, mode=linear), x)


@few
@given(st.data())
def test_recurrent_layers(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([nn.LSTM, nn.GRU]))
    size, hidden, layers = (data.draw(st.integers(1, 4)) for _ in range(3))
    options = {name: data.draw(st.booleans()) for name in ("bias", "batch_first", "bidirectional")}
    layer = kind(size, hidden, min(layers, 2), **options)
    x = normal(data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3)), size)
    agrees(Function(lambda x, m: m(x), m=layer), x)


@few
@given(st.data())
def test_attention(data: st.DataObject) -> None:
    heads, queries, keys, inner = (data.draw(st.integers(1, 5)) for _ in range(4))
    q, k = normal(2, heads, queries, inner), normal(2, heads, keys, inner, seed=1)
    causal = data.draw(st.booleans())
    agrees(lambda q, k: F.scaled_dot_product_attention(q, k, k, is_causal=causal), q, k)
    mask = normal(queries, keys)
    agrees(lambda q, k, m: F.scaled_dot_product_attention(q, k, k, attn_mask=m), q, k, mask)
