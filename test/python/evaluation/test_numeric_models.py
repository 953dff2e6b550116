"""Quantized convolution, pooling and casts against the NumPy models of the chip's instructions, composed as the chip
composes them: an i32 convolution, then a requantization."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "vendor" / "numerics"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import model_compute as model  # noqa: E402
from small_modules import interpreter  # noqa: E402

IN_SCALE, OUT_SCALE = 0.05, 0.2
KINDS = {"i8": (np.int8, True), "u8": (np.uint8, False)}


def uniform(storage: str, scale: float, zero: int = 0) -> str:
    return f"!quant.uniform<{storage}:f32, {scale!r}{f':{zero}' if zero else ''}>"


def random_bytes(generator: np.random.Generator, shape: tuple[int, ...], storage: str) -> np.ndarray:
    limits = np.iinfo(KINDS[storage][0])
    return generator.integers(limits.min, limits.max + 1, shape).astype(KINDS[storage][0])


@pytest.mark.parametrize("storage", KINDS)
@pytest.mark.parametrize("result", KINDS)
@pytest.mark.parametrize("form", ["OnlyScale", "MultiplierShift"])
@pytest.mark.parametrize(("channels", "outputs", "kernel", "stride", "pads"), [
    (5, 7, (3, 3), (1, 2), (1, 0, 2, 1)),
    (16, 9, (1, 1), (1, 1), (0, 0, 0, 0)),
    (3, 33, (5, 2), (2, 1), (2, 1, 2, 0)),
])  # fmt: skip
def test_convolution(tmp_path, storage, result, form, channels, outputs, kernel, stride, pads):
    generator = np.random.default_rng(zlib.crc32(f"{storage} {result} {form} {channels}".encode()))
    zero = 0 if storage == "u8" else -7
    out_zero = 0 if result == "u8" else 11
    x = random_bytes(generator, (2, channels, 9, 11), storage)
    w = random_bytes(generator, (outputs, channels, *kernel), "i8")
    bias = generator.integers(-20000, 20000, outputs).astype(np.int32)
    scales = generator.uniform(1e-5, 4e-3, outputs)
    multipliers, shifts = generator.integers(1 << 29, 1 << 31, outputs), generator.integers(36, 43, outputs)
    win = model.windows(x, kernel, stride, (1, 1), (pads[0], pads[2], pads[1], pads[3]), zero)
    sums = model.conv_int8(win, w)
    signed = KINDS[result][1]
    if form == "OnlyScale":
        factor = scales.astype(np.float32)
        offset = (bias.astype(np.float64) * factor.astype(np.float64) + out_zero).astype(np.float32)
        wanted = model.rq0(sums, factor, offset, model.I8, signed, model.RM_EVEN, model.RM_EVEN)
        attributes = f"quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [{', '.join(map(repr, scales.tolist()))}]"
    else:
        wanted = model.rq1(
            sums + bias.reshape(1, -1, 1, 1), multipliers, -shifts, out_zero, model.I8, signed, model.RM_HALF_UP
        )
        attributes = f"multiplier = {multipliers.tolist()}, rshift = {shifts.tolist()}"
    shape = "x".join(map(str, wanted.shape))
    in_type = f"tensor<2x{channels}x9x11x{uniform(storage, IN_SCALE, zero)}>"
    out_type = f"tensor<{shape}x{uniform(result, OUT_SCALE, out_zero)}>"
    w_type = f"tensor<{'x'.join(map(str, w.shape))}xsi8>"
    b_type = f"tensor<1x{outputs}x1x1xi32>"
    runner = interpreter(
        tmp_path,
        {"x": in_type},
        {"w": (w, w_type), "b": (bias.reshape(1, -1, 1, 1), b_type)},
        [
            f'%y = "tpu.Conv2D"(%x, %w, %b) {{kernel_shape = {list(kernel)}, strides = {list(stride)}, '
            f"pads = {list(pads)}, with_bias = true, {attributes}}} : ({in_type}, {w_type}, {b_type}) -> {out_type} "
            'loc("y")',
            f"return %y : {out_type}",
        ],
    )
    found = runner.run({"x": x}, native_types=True).values["y"]
    assert found.dtype == KINDS[result][0]
    np.testing.assert_array_equal(found, wanted)
    real = runner.run({"x": x}).values["y"]
    np.testing.assert_array_equal(real, (wanted - out_zero).astype(np.float32) * np.float32(OUT_SCALE))


@pytest.mark.parametrize("storage", KINDS)
@pytest.mark.parametrize(("mode", "code"), [
    ("HalfAwayFromZero", 1), ("HalfToEven", 0), ("TowardsZero", 2), ("Down", 3), ("Up", 4),
])  # fmt: skip
def test_quantizing_cast(tmp_path, storage, mode, code):
    """f32 times the inverse scale, plus the zero point, cast to an integer."""
    zero, scale = (0 if storage == "u8" else 5), 0.37
    x = np.concatenate([
        np.random.default_rng(code).normal(0, 40, 1000),
        np.arange(-300, 300) * (scale / 2),  # ties, nearly
        [np.inf, -np.inf, 1e-42, 0.0],
    ]).astype(np.float32)  # fmt: skip
    factor = np.float32(1 / scale)
    moved = model.daz(model.daz(x * factor) + np.float32(zero))
    wanted = model.float_to_int(moved, model.I8, KINDS[storage][1], code)
    out_type = f"tensor<{x.size}x{uniform(storage, scale, zero)}>"
    runner = interpreter(
        tmp_path,
        {"x": f"tensor<{x.size}xf32>"},
        {},
        [
            f'%y = "tpu.Cast"(%x) {{round_mode = #tpu<round_mode {mode}>}} : (tensor<{x.size}xf32>) -> {out_type} '
            'loc("y")',
            f"return %y : {out_type}",
        ],
    )
    np.testing.assert_array_equal(runner.run({"x": x}, native_types=True).values["y"], wanted)
