"""Pooling, unpooling and sampling of the Top dialect against PyTorch, and NumPy where PyTorch has no such function."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate, flag  # noqa: E402
from tpu_mlir._tpu_mlir import MLIRError  # noqa: E402

# Weighted sums of at most a few hundred values of the order of 1, in f32 and in another order.
TOLERANCE = {"rtol": 1e-5, "atol": 2e-5}


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# ---- GridSampler

MODES = {0: "bilinear", 1: "nearest", 2: "bicubic"}
PADDINGS = {0: "zeros", 1: "border", 2: "reflection"}


def grid_sample(x: np.ndarray, grid: np.ndarray, mode: int, padding: int, align: bool) -> np.ndarray:
    return evaluate(
        "GridSampler",
        [x, grid],
        f"mode = {mode} : i64, padding_mode = {padding} : i64, align_corners = {flag(align)}",
        [(*x.shape[:2], *grid.shape[1:-1])],
    )[0]


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("shape", "places"),
    [
        ((2, 3, 7, 9), (11, 5)),
        ((1, 1, 1, 1), (3, 3)),
        ((1, 5, 1, 8), (40, 20)),
        ((1, 2, 5, 6, 7), (3, 4, 5)),
        ((2, 1, 1, 3, 2), (2, 3, 9)),
    ],
)
def test_grid_sampler(shape: tuple[int, ...], places: tuple[int, ...], mode: int, padding: int, align: bool) -> None:
    axes = len(places)
    if mode == 2 and axes == 3:
        pytest.skip("cubic convolution has two axes")
    x = normal(0, *shape)
    # Some places far outside, so that they are reflected several times.
    grid = np.random.default_rng(1).uniform(-1.3, 1.3, (shape[0], *places, axes)).astype(np.float32)
    grid.reshape(-1)[::7] *= 4
    expected = torch.nn.functional.grid_sample(
        torch.from_numpy(x), torch.from_numpy(grid), MODES[mode], PADDINGS[padding], align
    )
    # Places are found in f32; an error of 1e-6 of a coordinate moves the value by that times the slope.
    np.testing.assert_allclose(grid_sample(x, grid, mode, padding, align), expected.numpy(), rtol=1e-4, atol=1e-4)


def test_grid_sampler_takes_pixels_as_they_are() -> None:
    x = normal(0, 1, 2, 5, 6)
    y, x_ = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 6), indexing="ij")
    grid = np.stack([x_, y], -1)[None].astype(np.float32)
    for mode in MODES:
        np.testing.assert_allclose(grid_sample(x, grid, mode, 0, True), x, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", PADDINGS)
def test_grid_sampler_survives_any_number(mode: int, padding: int) -> None:
    x = normal(0, 1, 2, 5, 6)
    grid = np.full((1, 3, 4, 2), np.nan, np.float32)
    grid[0, 1] = np.inf
    grid[0, 2] = [-np.inf, 3e38]
    value = grid_sample(x, grid, mode, padding, False)
    assert np.isfinite(value).all()
    if padding == 0:
        assert not value.any()


# ---- AdaptiveAvgPool


@pytest.mark.parametrize(
    ("shape", "size"),
    [((2, 3, 10), (4,)), ((1, 2, 7, 9), (3, 9)), ((2, 1, 3, 4), (5, 8)), ((1, 2, 5, 6, 7), (2, 6, 3))],
)
def test_adaptive_avg_pool(shape: tuple[int, ...], size: tuple[int, ...]) -> None:
    x = normal(0, *shape)
    function = getattr(torch.nn.functional, f"adaptive_avg_pool{len(size)}d")
    expected = function(torch.from_numpy(x), size).numpy()
    found = evaluate("AdaptiveAvgPool", [x], f"output_size = {list(size)}", [expected.shape])[0]
    np.testing.assert_allclose(found, expected, **TOLERANCE)


# ---- MaxPoolWithMask, MaxUnpool


def pool_attributes(kernel: tuple[int, ...], strides: tuple[int, ...], pads: tuple[int, ...]) -> str:
    return f"kernel_shape = {list(kernel)}, strides = {list(strides)}, pads = {list(pads * 2)}"


@pytest.mark.parametrize(
    ("shape", "kernel", "strides", "pads"),
    [
        ((2, 3, 11), (3,), (2,), (1,)),
        ((2, 3, 8, 10), (2, 2), (2, 2), (0, 0)),
        ((1, 2, 9, 7), (3, 4), (2, 1), (1, 2)),
        ((1, 2, 5, 6, 7), (2, 3, 3), (1, 2, 2), (1, 0, 1)),
    ],
)
def test_max_pool_with_mask(
    shape: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, ...], pads: tuple[int, ...]
) -> None:
    x = np.round(normal(0, *shape))  # several equal values in a window
    function = getattr(torch.nn.functional, f"max_pool{len(kernel)}d")
    expected, where = function(torch.from_numpy(x), kernel, strides, pads, return_indices=True)
    found, mask = evaluate(
        "MaxPoolWithMask", [x], pool_attributes(kernel, strides, pads), [expected.shape, expected.shape]
    )
    np.testing.assert_array_equal(found, expected.numpy())
    np.testing.assert_array_equal(mask, where.numpy())


def test_max_pool_with_mask_finds_what_is_no_number() -> None:
    x = normal(0, 1, 1, 4, 4)
    x[0, 0, 1, 0] = x[0, 0, 1, 1] = np.nan
    x[0, 0, 2:, 2:] = -np.inf
    attributes = pool_attributes((2, 2), (2, 2), (0, 0)) + ", do_relu = true"
    found, mask = evaluate("MaxPoolWithMask", [x], attributes, [(1, 1, 2, 2)] * 2)
    assert np.isnan(found[0, 0, 0, 0]) and mask[0, 0, 0, 0] == 4
    assert found[0, 0, 1, 1] == 0 and mask[0, 0, 1, 1] == 10


@pytest.mark.parametrize("scales", [(2, 2), (1, 3), (4, 2)])
def test_max_unpool(scales: tuple[int, int]) -> None:
    x = normal(0, 2, 3, 8, 12)
    pooled, where = torch.nn.functional.max_pool2d(torch.from_numpy(x), scales, return_indices=True)
    expected = torch.nn.functional.max_unpool2d(pooled, where, scales).numpy()
    found = evaluate(
        "MaxUnpool",
        [pooled.numpy(), where.numpy().astype(np.float32)],
        f"scale_h = {scales[0]} : i64, scale_w = {scales[1]} : i64",
        [x.shape],
    )[0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("index", [-1.0, 64.0, 1e30, -1e30, np.nan, np.inf])
def test_max_unpool_refuses_what_is_no_index(index: float) -> None:
    mask = np.zeros((1, 2, 4, 4), np.float32)
    mask[0, 1, 2, 3] = index
    with pytest.raises(MLIRError, match="in its mask for planes of 64 values"):
        evaluate("MaxUnpool", [normal(0, 1, 2, 4, 4), mask], "scale_h = 2 : i64, scale_w = 2 : i64", [(1, 2, 8, 8)])


# ---- DeformConv2D


def deformed(
    x: np.ndarray,
    w: np.ndarray,
    offset: np.ndarray,
    mask: np.ndarray | None,
    strides: tuple[int, int],
    pads: tuple[int, int],
    dilations: tuple[int, int],
    groups: int,
    deform_groups: int,
) -> np.ndarray:
    """The definition, tap by tap, with PyTorch's grid_sample as interpolation (zeros outside)."""
    batch, channels, height, width = x.shape
    outputs, _, kh, kw = w.shape
    oh, ow = offset.shape[2:]
    offset = offset.reshape(batch, deform_groups, kh * kw, 2, oh, ow)
    weight = np.ones_like(offset[:, :, :, 0]) if mask is None else mask.reshape(batch, deform_groups, kh * kw, oh, ow)
    columns = np.zeros((batch, channels, kh * kw, oh, ow), np.float32)
    per_group = channels // deform_groups
    for g, tap in itertools.product(range(deform_groups), range(kh * kw)):
        rows = np.arange(oh)[:, None] * strides[0] - pads[0] + tap // kw * dilations[0] + offset[:, g, tap, 0]
        cols = np.arange(ow) * strides[1] - pads[1] + tap % kw * dilations[1] + offset[:, g, tap, 1]
        # Coordinates from -1 to 1 between the edges of the outer pixels.
        grid = np.stack([(cols * 2 + 1) / width - 1, (rows * 2 + 1) / height - 1], -1).astype(np.float64)
        part = torch.from_numpy(x[:, g * per_group : (g + 1) * per_group].astype(np.float64))
        value = torch.nn.functional.grid_sample(part, torch.from_numpy(grid), align_corners=False).numpy()
        columns[:, g * per_group : (g + 1) * per_group, tap] = value * weight[:, g, tap][:, None]
    grouped = columns.reshape(batch, groups, channels // groups * kh * kw, oh * ow)
    filters = w.reshape(groups, outputs // groups, -1)
    return np.einsum("goc,bgcp->bgop", filters, grouped).reshape(batch, outputs, oh, ow)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    ("shape", "outputs", "kernel", "strides", "pads", "dilations", "groups", "deform_groups"),
    [
        ((1, 4, 6, 7), 8, (3, 3), (1, 1), (1, 1), (1, 1), 1, 1),
        ((2, 6, 9, 8), 4, (3, 2), (2, 1), (1, 0), (1, 2), 2, 3),
        ((1, 3, 5, 5), 6, (1, 1), (1, 1), (0, 0), (1, 1), 3, 1),
        ((1, 16, 70, 60), 8, (3, 3), (1, 1), (1, 1), (1, 1), 4, 2),
    ],
)
def test_deform_conv(shape, outputs, kernel, strides, pads, dilations, groups, deform_groups, masked) -> None:
    batch, channels, *extents = shape
    result = [(extents[i] + 2 * pads[i] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1 for i in range(2)]
    taps = kernel[0] * kernel[1] * deform_groups
    x, bias = normal(0, *shape), normal(3, outputs)
    w = normal(1, outputs, channels // groups, *kernel)
    offset = 2 * normal(2, batch, 2 * taps, *result)
    mask = np.random.default_rng(4).uniform(0, 1, (batch, taps, *result)).astype(np.float32) if masked else None
    expected = deformed(x, w, offset, mask, strides, pads, dilations, groups, deform_groups)
    expected += bias.reshape(-1, 1, 1)
    attributes = (
        f"kernel_shape = {list(kernel)}, strides = {list(strides)}, pads = {list(pads * 2)}, "
        f"dilations = {list(dilations)}, group = {groups} : i64, deform_group = {deform_groups} : i64, "
        f"use_mask = {flag(masked)}"
    )
    found = evaluate("DeformConv2D", [x, w, offset, mask, bias], attributes, [expected.shape])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    limited = evaluate(
        "DeformConv2D",
        [x, w, offset, mask, bias],
        attributes + ", do_relu = true, relu_limit = 1.0 : f64",
        [expected.shape],
    )[0]
    np.testing.assert_array_equal(limited, np.clip(found, 0, 1))


def test_deform_conv_without_displacement_is_a_convolution() -> None:
    x, w = normal(0, 2, 8, 12, 10), normal(1, 6, 8, 3, 3)
    offset = np.zeros((2, 18, 12, 10), np.float32)
    expected = torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(w), padding=1).numpy()
    attributes = "kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]"
    found = evaluate("DeformConv2D", [x, w, offset, None, None], attributes, [expected.shape])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    offset[:] = [[[[np.nan]]]]
    assert not evaluate("DeformConv2D", [x, w, offset, None, None], attributes, [expected.shape])[0].any()


# ---- Correlation, ConcatVolume


@pytest.mark.parametrize("groups", [1, 2, 8])
@pytest.mark.parametrize("displacements", [1, 4, 9])
def test_correlation(displacements: int, groups: int) -> None:
    left, right = normal(0, 1, 8, 5, 7), normal(1, 1, 8, 5, 7)
    expected = np.zeros((groups, displacements, 5, 7))
    for d in range(min(displacements, 7)):
        product = left[0, :, :, d:] * right[0, :, :, : 7 - d]
        expected[:, d, :, d:] = product.reshape(groups, 8 // groups, 5, 7 - d).mean(1)
    attributes = f"max_disp = {displacements} : i64, num_groups = {groups} : i64"
    found = evaluate("Correlation", [left, right], attributes, [expected.shape])[0]
    np.testing.assert_allclose(found, expected, **TOLERANCE)


@pytest.mark.parametrize("displacements", [1, 3, 9])
def test_concat_volume(displacements: int) -> None:
    left, right = normal(0, 2, 3, 5, 7), normal(1, 2, 3, 5, 7)
    expected = np.zeros((2, 6, displacements, 5, 7), np.float32)
    for d in range(displacements):
        expected[:, :3, d] = left
        if d < 7:
            expected[:, 3:, d, :, d:] = right[..., : 7 - d]
    found = evaluate("ConcatVolume", [left, right], f"max_disp = {displacements} : i64", [expected.shape])[0]
    np.testing.assert_array_equal(found, expected)
