"""Pictures and their preprocessing against their formulas in NumPy and against OpenCV.

Every value takes a few f32 steps on numbers of up to 255: 1e-5 relative to that. Bytes are equal, or differ by the one
step that two roundings of the same formula may lie apart.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate  # noqa: E402

TOLERANCE = {"rtol": 1e-5, "atol": 3e-3}


def pixels(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.integers(0, 256, shape).astype(np.float32)


def mean_std_scale(order: str, mean: list[float], std: list[float]) -> str:
    return (
        f'channel_order = "{order}", mean = {mean}, std = {std}, scale = [1.0], zero_points = [0.0], resize_dims = [], '
        'quant_mode = "MultiplierShift", customization_format = "RGB_PLANAR", rounding_mode = "HalfToEven"'
    )


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 3), (4, 3, 2, 5, 6)])
@pytest.mark.parametrize("order", ["nchw", "nhwc"])
def test_mean_std_scale(shape, order):
    x = pixels(np.random.default_rng(1), *shape)
    mean, std = [1.0, 2.5, 103.5], [58.4, 2.0, -4.0]
    if order == "nhwc":
        x = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    (y,) = evaluate("MeanStdScale", [x], mean_std_scale(order, mean, std), [x.shape])
    values = x if order == "nhwc" else np.moveaxis(x, 1, -1)
    expected = (values - np.array(mean)) / np.array(std)
    np.testing.assert_allclose(y if order == "nhwc" else np.moveaxis(y, 1, -1), expected, **TOLERANCE)
    (y,) = evaluate("MeanStdScale", [x], mean_std_scale(order, [3.0], [2.0]), [x.shape])
    np.testing.assert_array_equal(y, (x - 3) / 2)


def test_scale_lut():
    x = pixels(np.random.default_rng(2), 2, 3, 4, 5)
    scale, bias = np.array([0.5, 1.0, 2.25]), np.array([1.0, -3.0, 0.25])
    (y,) = evaluate("ScaleLut", [x], f"scale = {scale.tolist()}, bias = {bias.tolist()}", [x.shape])
    np.testing.assert_allclose(y, x * scale[:, None, None] + bias[:, None, None], **TOLERANCE)


@pytest.mark.parametrize("order", [[2, 1, 0], [0, 1, 2], [1, 1, 0]])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 3), (2, 3, 2, 3, 2)])
def test_swap_channel(order, shape):
    x = pixels(np.random.default_rng(3), *shape)
    np.testing.assert_array_equal(evaluate("SwapChannel", [x], f"channel_order = {order}", [shape])[0], x[:, order])


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (1, 2), (4, 6)])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 0, 1]])
def test_depack_raw(rows, columns, order):
    x = np.random.default_rng(4).uniform(0, 1, (2, 4, 4, 6)).astype(np.float32)
    attributes = f"padding_h = {rows}, padding_w = {columns}, white_level = 4095.0 : f64, black_level = 112.0 : f64"
    shape = (2, 1, 2 * (4 - rows), 2 * (6 - columns))
    (y,) = evaluate("DepackRaw", [x], f"{attributes}, channel_order = {order}", [shape])
    cut = x[:, order, : 4 - rows, : 6 - columns].reshape(2, 2, 2, 4 - rows, 6 - columns)
    expected = cut.transpose(0, 3, 1, 4, 2).reshape(shape) * 3983 + 112
    np.testing.assert_allclose(y, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 4, 3), (5,), (2, 0)])
def test_mmap_to_rgbmap(shape):
    x = np.random.default_rng(5).uniform(0, 1, shape).astype(np.float32)
    result = (*shape[:-1], 6 * shape[-1])
    np.testing.assert_array_equal(evaluate("Mmap2Rgbmap", [x], "", [result])[0], np.repeat(x, 6, -1))


def colors(frame: np.ndarray, source: int, limited: bool) -> np.ndarray:
    """[..., 3, h, w] of frames [..., 3h/2, w], before rounding."""
    *batch, rows, width = frame.shape
    height = rows // 3 * 2
    flat = frame.reshape(-1, rows * width).astype(np.float64)
    luma, chroma = flat[:, : height * width].reshape(-1, height, width), flat[:, height * width :]
    half = height * width // 4
    parts = [chroma[:, :half], chroma[:, half:]] if source < 2 else [chroma[:, 0::2], chroma[:, 1::2]]
    u, v = parts[::-1] if source in (1, 3) else parts
    u, v = (np.kron(p.reshape(-1, height // 2, width // 2), np.ones((1, 2, 2))) - 128 for p in (u, v))
    if limited:
        luma, u, v = (luma - 16) * 255 / 219, u * 255 / 224, v * 255 / 224
    rgb = np.stack([luma + 1.402 * v, luma - 0.344136286 * u - 0.714136286 * v, luma + 1.772 * u], 1)
    return np.clip(rgb, 0, 255).reshape(*batch, 3, height, width)


@pytest.mark.parametrize("source", range(4))
@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("bgr", [False, True])
@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_yuv_to_rgb(source, limited, bgr, batch):
    x = pixels(np.random.default_rng(6), *batch, 12, 6)
    expected = colors(x, source, limited)
    expected = expected[..., ::-1, :, :] if bgr else expected
    mode = "_601_limited" if limited else "_601_full"
    attributes = f'src_format = {source} : ui32, dst_format = {5 if bgr else 4} : ui32, formula_mode = "{mode}"'
    for kind in ("FLOAT32", "UINT8"):
        (y,) = evaluate("Yuv2rgbFormula", [x], f'{attributes}, image_format = "{kind}"', [(*batch, 3, 8, 6)])
        if kind == "FLOAT32":
            np.testing.assert_allclose(y, expected, **TOLERANCE)
        else:
            assert (y == np.round(y)).all()
            assert np.abs(y - expected).max() <= 0.5 + 1e-4


@pytest.mark.parametrize(
    ("source", "code"),
    [(0, "COLOR_YUV2RGB_I420"), (1, "COLOR_YUV2RGB_YV12"), (2, "COLOR_YUV2RGB_NV12"), (3, "COLOR_YUV2RGB_NV21")],
)
def test_yuv_is_opencvs(source, code):
    """OpenCV computes with 20 bits, its rounding may be one step off; it takes luma below 16 for 16."""
    cv2 = pytest.importorskip("cv2")
    x = np.maximum(pixels(np.random.default_rng(7), 48, 32), 16)
    expected = cv2.cvtColor(x.astype(np.uint8), getattr(cv2, code)).transpose(2, 0, 1)
    attributes = 'dst_format = 4 : ui32, formula_mode = "_601_limited", image_format = "UINT8"'
    (y,) = evaluate("Yuv2rgbFormula", [x], f"src_format = {source} : ui32, {attributes}", [(3, 32, 32)])
    assert np.abs(y - expected).max() <= 1


FORMATS = {
    "RGB_PLANAR": "rgb",
    "BGR_PLANAR": "bgr",
    "RGBA_PLANAR": "rgba",
    "GRAYSCALE": "gray",
    "RGB_PACKED": "rgb",
    "bgr_packed": "bgr",
    "YUV420_PLANAR": "yuv",
    "YUV_NV12": "yuv",
    "YUV_NV21": "yuv",
}


# The orders of channels that each format can be brought into.
ORDERS = {"gray": ["gray"], "rgba": ["rgba", "rgb", "bgr"]}


@pytest.mark.parametrize(
    ("name", "order"), [(n, o) for n, own in FORMATS.items() for o in ORDERS.get(own, ["rgb", "bgr"])]
)
@pytest.mark.parametrize("size", [(8, 6), (4, 4), (5, 3)])
def test_preprocess(name, order, size):
    own = FORMATS[name]
    generator = np.random.default_rng(8)
    if own == "yuv":
        frame = pixels(generator, 2, 1, 12, 6)
        source = {"YUV420_PLANAR": 0, "YUV_NV12": 2, "YUV_NV21": 3}[name]
        planes, own = colors(frame[:, 0], source, True), "rgb"
    else:
        channels = {"gray": 1, "rgba": 4}.get(own, 3)
        planes = pixels(generator, 2, channels, 8, 6)
        packed = name.upper().endswith("PACKED")
        frame = np.ascontiguousarray(planes.transpose(0, 2, 3, 1)) if packed else planes
    wanted = "g" if order == "gray" else order
    planes = planes[:, [own.index(c) for c in wanted]]
    top, left = (8 - size[0]) // 2, (6 - size[1]) // 2
    planes = planes[:, :, top : top + size[0], left : left + size[1]]
    mean, scale = (generator.uniform(0.5, 100, planes.shape[1]) for _ in range(2))
    attributes = f'customization_format = "{name}", channel_order = "{order}", resize_dims = [8, 6], quant_mode = ""'
    attributes += f", mean = {mean.tolist()}, scale = {scale.tolist()}"
    (y,) = evaluate("Preprocess", [frame], attributes, [planes.shape])
    expected = (planes - mean[:, None, None]) * scale[:, None, None]
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-2)
