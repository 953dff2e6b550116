"""Integer arithmetic of quantized networks against Python's exact fractions: equal, without any tolerance."""

from __future__ import annotations

import sys
from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate  # noqa: E402
from small_modules import interpreter  # noqa: E402
from tpu_mlir._tpu_mlir import MLIRError  # noqa: E402

MODES = [
    "HalfAwayFromZero",
    "HalfUp",
    "HalfDown",
    "HalfToEven",
    "HalfToOdd",
    "HalfTowardsZero",
    "TowardsZero",
    "Up",
    "Down",
]


def rounded(value: Fraction, mode: str) -> int:
    low = floor(value)
    rest = value - low
    if rest == 0:
        return low
    if not mode.startswith("Half"):
        return {"Up": low + 1, "Down": low, "TowardsZero": low + (value < 0)}[mode]
    if rest != Fraction(1, 2):
        return low + (rest > Fraction(1, 2))
    up = {
        "HalfUp": True,
        "HalfDown": False,
        "HalfToEven": low % 2 == 1,
        "HalfToOdd": low % 2 == 0,
        "HalfTowardsZero": value < 0,
        "HalfAwayFromZero": value > 0,
    }
    return low + up[mode]


def limited(value: int, low: int = -(2**31), high: int = 2**31 - 1) -> int:
    return min(max(value, low), high)


def high_product(value: int, multiplier: int) -> int:
    return limited(rounded(Fraction(value * multiplier, 2**31), "HalfUp"))


def shifted(value: int, right: int, mode: str) -> int:
    return rounded(Fraction(value) / Fraction(2) ** right, mode)


def requantized(x: int, multiplier: int, right: int, quant_mode: str, mode: str) -> int:
    if quant_mode == "MultiplierShift":
        return shifted(x * multiplier, right, mode)
    if quant_mode == "OnlyShift":
        return shifted(x, right, mode)
    if quant_mode == "TFLite_LShift" and right < 0:
        return high_product(x << -right, multiplier)
    return shifted(high_product(x, multiplier), right, mode)


def integers(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Integers that f32 holds exactly, small ones included, where ties are frequent."""
    bits = generator.integers(1, 25, shape)
    return (generator.integers(-(2**24), 2**24, shape) >> (24 - bits)).astype(np.float32)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("quant_mode", ["MultiplierShift", "OnlyShift", "TFLite", "TFLite_LShift", "QDM"])
def test_requant_int(mode, quant_mode):
    generator = np.random.default_rng(1)
    x = integers(generator, 2, 3, 4, 40)
    small = quant_mode in ("MultiplierShift", "OnlyShift")
    multiplier = [3, -5, 127] if small else [2**30, -(2**31) + 1, 2**31 - 1]
    shift = [4, 9, 0] if small else [5, 0, -3]
    attributes = f'multiplier = {multiplier}, rshift = {shift}, quant_mode = "{quant_mode}", round_mode = "{mode}"'
    (y,) = evaluate("RequantInt", [x], attributes, [x.shape])
    expected = [
        limited(requantized(int(v), multiplier[c], shift[c], quant_mode, mode))
        for c in range(3)
        for v in x[:, c].reshape(-1)
    ]
    np.testing.assert_array_equal(np.moveaxis(y, 1, 0).reshape(-1), np.array(expected, np.float32))


@pytest.mark.parametrize("axis", [-1, 0, 2])
def test_requant_int_along_an_axis(axis):
    generator = np.random.default_rng(2)
    x = integers(generator, 2, 3, 4)
    count = x.shape[axis]
    multiplier = list(range(3, 3 + count))
    attributes = f'multiplier = {multiplier}, rshift = [3], quant_mode = "MultiplierShift", rq_axis = {axis} : si32'
    (y,) = evaluate("RequantInt", [x], attributes, [x.shape])
    shape = [1] * 3
    shape[axis] = count
    products = x.astype(np.int64) * np.reshape(multiplier, shape)
    expected = [limited(shifted(int(p), 3, "HalfAwayFromZero")) for p in products.reshape(-1)]
    np.testing.assert_array_equal(y.reshape(-1), np.array(expected, np.float32))


@pytest.mark.parametrize(
    ("type_", "low", "high", "zero"),
    [("i8:f32, 0.5:7", -128, 127, 7), ("u8:f32, 0.25:100", 0, 255, 100), ("i8:f32, 1.0", -128, 127, 0)],
)
def test_quantized_results_have_zero_point_and_limits(tmp_path, type_, low, high, zero):
    generator = np.random.default_rng(3)
    x = integers(generator, 1, 2, 300)
    result = f"tensor<1x2x300x!quant.uniform<{type_}>>"
    for op, attributes, expected in (
        (
            "RequantInt",
            'multiplier = [5, 9], rshift = [6], quant_mode = "MultiplierShift"',
            [
                limited(shifted(int(v) * m, 6, "HalfAwayFromZero") + zero, low, high)
                for m, r in ((5, x[0, 0]), (9, x[0, 1]))
                for v in r
            ],
        ),
        (
            "RequantFp",
            'scale = [0.25, 0.5], offset = [3.0], quant_mode = "OnlyScale"',
            [
                limited(rounded(Fraction(int(v)) * s + 3, "HalfAwayFromZero"), low, high)
                for s, r in ((Fraction(1, 4), x[0, 0]), (Fraction(1, 2), x[0, 1]))
                for v in r
            ],
        ),
    ):
        run = interpreter(
            tmp_path,
            {"x": "tensor<1x2x300xf32>"},
            {"w": (np.zeros(1, np.float32), "tensor<1xf32>")},
            [
                f'%y = "top.{op}"(%x) {{{attributes}}} : (tensor<1x2x300xf32>) -> {result} loc("y")',
                f"return %y : {result}",
            ],
        )
        stored = run.run({"x": x}, native_types=True).values["y"]
        np.testing.assert_array_equal(stored.reshape(-1), expected)


@pytest.mark.parametrize("mode", MODES)
def test_requant_fp(mode):
    generator = np.random.default_rng(4)
    x = integers(generator, 2, 3, 40)
    scale, offset = [0.25, -0.5, 0.0078125], [0.0, 3.0, -1.25]
    attributes = f'scale = {scale}, offset = {offset}, quant_mode = "OnlyScale", round_mode = "{mode}"'
    (y,) = evaluate("RequantFp", [x], attributes, [x.shape])
    # Powers of two: the products are exact, the sums as f32 rounds them.
    sums = x * np.array(scale, np.float32)[:, None] + np.array(offset, np.float32)[:, None]
    expected = [limited(rounded(Fraction(float(v)), mode)) for v in sums.reshape(-1)]
    np.testing.assert_array_equal(y.reshape(-1), np.array(expected, np.float32))


@pytest.mark.parametrize("mode", MODES)
def test_wide_integers_become_floats_as_asked(tmp_path, mode):
    generator = np.random.default_rng(5)
    x = generator.integers(-(2**31), 2**31, (1, 1, 500)).astype(np.int32)
    x[0, 0, :4] = [2**24 + 1, -(2**24) - 1, 2**25 + 2, 2**25 + 6]
    attributes = f'scale = [1.0], offset = [0.0], quant_mode = "OnlyScale", first_round_mode = "{mode}"'
    run = interpreter(
        tmp_path,
        {"x": "tensor<1x1x500xf32>"},
        {"w": (x, "tensor<1x1x500xi32>")},
        [
            f'%y = "top.RequantFp"(%w) {{{attributes}}} : (tensor<1x1x500xi32>) -> tensor<1x1x500xf32> loc("y")',
            '%z = "top.Add"(%x, %y) : (tensor<1x1x500xf32>, tensor<1x1x500xf32>) -> tensor<1x1x500xf32> loc("z")',
            "return %z : tensor<1x1x500xf32>",
        ],
    )
    y = run.run({"x": np.zeros((1, 1, 500), np.float32)}).values["z"].reshape(-1)

    def as_float(value: int) -> int:
        excess = max(abs(value).bit_length() - 24, 0)
        return limited(rounded(Fraction(value, 2**excess), mode) * 2**excess)

    expected = np.array([as_float(int(v)) for v in x.reshape(-1)], np.float64).astype(np.float32)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("quant_mode", "left"), [("Normal", 0), ("TFLite", 0), ("TFLite", 12)])
def test_dequant_int(mode, quant_mode, left):
    generator = np.random.default_rng(6)
    x = generator.integers(-128, 128, (2, 3, 40)).astype(np.float32)
    multiplier = [3, 77, -9] if quant_mode == "Normal" else [2**30, 2**31 - 1, -(2**30) - 12345]
    shift = [2, -3, 5]
    attributes = f'multiplier = {multiplier}, shift = {shift}, lshift = {left}, quant_mode = "{quant_mode}"'
    (y,) = evaluate("DequantInt", [x], f'{attributes}, round_mode = "{mode}"', [x.shape])

    def dequantized(value: int, c: int) -> int:
        product = value * multiplier[c] if quant_mode == "Normal" else high_product(value << left, multiplier[c])
        return limited(shifted(product, shift[c], mode))

    expected = [dequantized(int(v), c) for b in range(2) for c in range(3) for v in x[b, c]]
    np.testing.assert_array_equal(y.reshape(-1), np.array(expected, np.float32))


def test_dequant_int_takes_the_zero_point_off(tmp_path):
    x = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    type_ = "tensor<1x1x256x!quant.uniform<i8:f32, 0.5:7>>"
    run = interpreter(
        tmp_path,
        {"x": type_},
        {"w": (np.zeros(1, np.float32), "tensor<1xf32>")},
        [
            '%y = "top.DequantInt"(%x) {multiplier = [5], shift = [1], quant_mode = "Normal"} : '
            f'({type_}) -> tensor<1x1x256xf32> loc("y")',
            "return %y : tensor<1x1x256xf32>",
        ],
    )
    y = run.run({"x": x}).values["y"].reshape(-1)
    expected = [shifted((int(v) - 7) * 5, 1, "HalfAwayFromZero") for v in x.reshape(-1)]
    np.testing.assert_array_equal(y, expected)


def test_copies():
    x = np.random.default_rng(7).standard_normal((2, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(evaluate("WeightReorder", [x], "reorder_mode = 3", [x.shape])[0], x)
    alone = "nranks = 1, chip_map = [0]"
    np.testing.assert_array_equal(evaluate("C2CAllReduce", [x, 0 * x], alone, [x.shape])[0], x)
    np.testing.assert_array_equal(evaluate("C2CBroadcast", [x], alone, [x.shape])[0], x)


@pytest.mark.parametrize(("op", "count"), [("C2CAllReduce", 2), ("C2CBroadcast", 1)])
def test_several_devices_are_refused(op, count):
    x = np.ones((2, 3), np.float32)
    with pytest.raises(MLIRError, match="exchanges values of 2 devices; the evaluation knows one"):
        evaluate(op, [x] * count, "nranks = 2, chip_map = [0, 1]", [x.shape])
