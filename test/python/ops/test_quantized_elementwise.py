"""Elementwise ops and casts with 8-bit operands and results: evaluation and simulator agree in every bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, bits_of, check, quantized

LIMITS = {"i8": (-128, 128, np.int8), "u8": (0, 256, np.uint8)}
GENERATOR = np.random.default_rng(5)


def stored(shape: tuple[int, ...], storage: str, scale: float, zero_point: int = 0) -> Operand:
    """An operand with every number of its type."""
    low, high, kind = LIMITS[storage]
    return Operand(shape, quantized(storage, scale, zero_point), GENERATOR.integers(low, high, shape).astype(kind))


def real(shape: tuple[int, ...], element: str, size: float = 4.0, *, is_weight: bool = False) -> Operand:
    """An operand of f32, f16 or bf16, with ties of the scales that the tests use."""
    values = (GENERATOR.integers(-255, 256, shape) * size / 255).astype(np.float32)
    if element == "f16":
        return Operand(shape, element, values.astype(np.float16), is_weight)
    if element == "bf16":
        return Operand(shape, element, (values.view(np.uint32) & 0xFFFF0000).view(np.float32), is_weight)
    return Operand(shape, element, values, is_weight)


S, Z, U = quantized("i8", 0.0625), quantized("i8", 0.05, -128), quantized("u8", 0.0390625)
A, B = (2, 70, 5, 9), (1, 70, 1, 1)

BROADCASTS = [
    ((1, 16, 28, 28), (1, 16, 28, 28)),
    ((3, 5), (5,)),
    ((2, 3, 4, 5), (1,)),
    ((1,), (1,)),
    (A, B),
    (A, (2, 1, 5, 9)),
    (A, (5, 1)),
    (A, (1, 1, 1, 9)),
    ((3, 1, 40), (1, 70, 1)),
    ((130, 1), (1, 67)),
    ((2, 3, 1, 5, 1, 7), (2, 3, 4, 5, 6, 7)),
    ((1, 70, 100, 101), (70, 1, 101)),
    ((3, 211, 57), (211, 57)),
]


def common(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(np.broadcast_shapes(a, b))


ROWS = [
    *(
        Single("Add", [stored(a, "i8", 0.05, 3), stored(b, "u8", 0.02)], common(a, b), S, "do_relu = false")
        for a, b in BROADCASTS
    ),
    Single("Add", [stored(A, "i8", 0.0625), stored(A, "i8", 0.03125)], A, S, name="ties"),
    Single("Add", [stored(A, "i8", 0.1, -5), stored(A, "i8", 0.07, 127)], A, Z, "do_relu = true"),
    Single("Add", [stored(A, "i8", 0.1), stored(A, "i8", 0.07)], A, U, "do_relu = true"),
    Single("Add", [stored(A, "i8", 0.1), stored(A, "i8", 0.07)], A, S, "do_relu = true, relu_limit = 6.0 : f64"),
    Single("Add", [stored(A, "i8", 0.1), stored(A, "i8", 0.07)], A, S, "coeff = [0.3, -1.7]"),
    Single("Add", [stored(A, "i8", 0.02)] * 3, A, S, name="three"),
    Single("Add", [stored(A, "i8", 0.02), real(A, "f16")], A, S),
    Single("Add", [stored(A, "i8", 0.02), real(A, "f16")], A, "f16"),
    Single("Add", [stored(A, "i8", 0.02), real(A, "bf16")], A, "bf16"),
    Single("Add", [real(A, "f32"), stored(B, "u8", 0.02)], A, "f32"),
    Single("Add", [stored(A, "i8", 0.02), real(B, "f32", is_weight=True)], A, S, name="weight"),
    Single("Sub", [stored(A, "i8", 0.05, 3), stored(B, "u8", 0.02)], A, Z),
    Single("Sub", [stored(A, "i8", 0.05, 3), stored(B, "u8", 0.02)], A, Z, "is_reverse = true", name="reverse"),
    Single("Mul", [stored(A, "i8", 0.05, -7), stored(B, "u8", 0.02)], A, S),
    Single("Mul", [stored(A, "i8", 0.05), stored(A, "i8", 0.05)], A, quantized("i8", 0.4)),
    Single("Mul", [stored(A, "u8", 1 / 255), stored(A, "u8", 0.05)], A, U),
    Single("Max", [stored(A, "i8", 0.0625), stored(B, "i8", 0.0625)], A, S, name="one scale"),
    Single("Min", [stored(A, "i8", 0.05, -128), stored(A, "i8", 0.05, -128)], A, Z, name="one scale"),
    Single("Max", [stored(A, "u8", 0.0390625), stored(B, "u8", 0.0390625)], A, U, name="one unsigned scale"),
    Single("Max", [stored(A, "i8", 0.06), stored(B, "i8", 0.0625)], A, S),
    Single("Min", [stored(A, "u8", 0.06), stored(B, "i8", 0.0625)], A, Z),
    *(
        Single(f"{op}Const", [stored(A, "i8", 0.05, 9)], A, S, f"const_val = {value} : f64", name=f"{value}")
        for op in ("Add", "Sub", "Mul", "Max", "Min")
        for value in (1.3, -0.7)
    ),
    Single("SubConst", [stored(A, "i8", 0.05)], A, S, "const_val = 1.0 : f64, is_reverse = true", name="reverse"),
    Single("Relu", [stored(A, "i8", 0.0625)], A, S, name="one scale"),
    Single("Relu", [stored(A, "i8", 0.05, -12)], A, quantized("i8", 0.05, -12), name="one zero point"),
    Single("Relu", [stored(A, "i8", 0.05)], A, U),
    Single("Relu", [stored(A, "i8", 0.05)], A, Z, "relu_limit = 2.0 : f64"),
    Single("LeakyRelu", [stored(A, "i8", 0.05, 4)], A, S, "alpha = 0.1 : f64"),
    Single("PReluOp", [stored(A, "i8", 0.05, 4), real(B, "f32", 0.5, is_weight=True)], A, S),
    Single("Clip", [stored(A, "i8", 0.05, 4)], A, Z, "min = -1.0 : f64, max = 2.5 : f64"),
    Single("Active", [stored(A, "i8", 0.05, 4)], A, U, "mode = #tpu<active_mode ABSVAL>", name="abs"),
    Single("Active", [stored(A, "i8", 0.05, 4)], A, U, "mode = #tpu<active_mode SQUARE>", name="square"),
]

ROUNDINGS = ("HalfAwayFromZero", "HalfToEven", "HalfUp", "HalfDown", "TowardsZero", "Up", "Down")


def cast(operand: Operand, element: str, rounding: str = "HalfAwayFromZero", with_scale: bool = True) -> Single:
    attributes = f"round_mode = #tpu<round_mode {rounding}>, with_scale = {str(with_scale).lower()}"
    name = f"{operand.element}-{element}-{rounding}-{with_scale}".replace("!quant.uniform", "").replace(" ", "")
    return Single("Cast", [operand], operand.shape, element, attributes, name)


SHAPE = (1, 7, 33, 65)
CASTS = [
    *(
        cast(real(SHAPE, source, 16), target, rounding)
        for source in ("f32", "f16", "bf16")
        for target in (S, Z, U)
        for rounding in (ROUNDINGS if source == "f32" else ROUNDINGS[:1])
    ),
    *(
        cast(stored(SHAPE, storage, scale, zero_point), target)
        for storage, scale, zero_point in (("i8", 0.05, 0), ("i8", 0.3, -77), ("u8", 0.0173, 0), ("u8", 0.02, 128))
        for target in ("f32", "f16", "bf16", S, Z, U)
    ),
    *(cast(stored(SHAPE, "i8", 0.03125), S, rounding) for rounding in ROUNDINGS),
    cast(stored(SHAPE, "i8", 0.0625), S),
    *(cast(real(SHAPE, "f32", 700), element, rounding, False) for element in (S, U) for rounding in ROUNDINGS),
    *(cast(stored(SHAPE, "i8", 0.1, 5), element, with_scale=False) for element in ("f32", "f16", "bf16", U, Z)),
    cast(stored(SHAPE, "u8", 0.1), S, with_scale=False),
]


@pytest.mark.parametrize("single", ROWS, ids=lambda single: single.id)
def test_arithmetic(single: Single, tmp_path: Path) -> None:
    check(single, tmp_path)


@pytest.mark.parametrize("single", CASTS, ids=lambda single: single.id)
def test_casts(single: Single, tmp_path: Path) -> None:
    check(single, tmp_path)


def test_saturation_and_rounding_of_known_values(tmp_path: Path) -> None:
    values = np.array([[0.03125, 0.09375, -0.03125, -0.09375, 100, -100, 0, 7.9375]], np.float32)
    operand = Operand(values.shape, "f32", values)
    for rounding, wanted in (
        ("HalfAwayFromZero", [1, 2, -1, -2, 127, -128, 0, 127]),
        ("HalfToEven", [0, 2, 0, -2, 127, -128, 0, 127]),
        ("HalfUp", [1, 2, 0, -1, 127, -128, 0, 127]),
        ("HalfDown", [0, 1, -1, -2, 127, -128, 0, 127]),
    ):
        folder = tmp_path / rounding
        folder.mkdir()
        compiled = check(cast(operand, S, rounding), folder)
        np.testing.assert_array_equal(bits_of(compiled.evaluated)[0], wanted, err_msg=rounding)
