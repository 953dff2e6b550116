"""The ops of the Math family against NumPy, on random shapes, constants and modes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir import ir
from tpu_mlir._tpu_mlir import MLIRError
from tpu_mlir.evaluation import ModuleInterpreter

sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate, flag  # noqa: E402

Generator = np.random.Generator


def random_shape(generator: Generator, least: int = 1) -> list[int]:
    return [int(extent) for extent in generator.integers(1, 6, generator.integers(least, 5))]


def values(generator: Generator, shape: list[int], whole: bool = False) -> np.ndarray:
    """Random values; whole numbers between -3 and 3, among which many are equal, or reals."""
    if whole:
        return generator.integers(-3, 4, shape).astype(np.float32)
    return (3 * generator.standard_normal(shape)).astype(np.float32)


def broadcastable(generator: Generator, shape: list[int]) -> list[int]:
    """A shape that broadcasts to the given one."""
    kept = [extent if generator.random() < 0.6 else 1 for extent in shape]
    return kept[int(generator.integers(0, len(shape))) :]


def f64(value: float) -> str:
    return f"0x{int(np.float64(value).view(np.uint64)):016X} : f64"


COMPARISONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "Equal": np.equal,
    "NotEqual": np.not_equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "And": np.logical_and,
    "Xor": np.logical_xor,
    "Not": lambda a, b: np.logical_not(a) & np.full_like(b, True, bool),
}


@pytest.mark.parametrize("mode", COMPARISONS)
def test_compare(mode: str) -> None:
    generator = np.random.default_rng(1)
    for _ in range(20):
        shape = random_shape(generator)
        a, b = values(generator, shape, True), values(generator, broadcastable(generator, shape), True)
        a.flat[0] = np.nan if mode not in ("And", "Xor", "Not") else a.flat[0]
        if generator.random() < 0.5 and mode != "Not":
            a, b = b, a
        want = COMPARISONS[mode](a, b).astype(np.float32)
        (result,) = evaluate("Compare", [a, b], f'mode = "{mode}"', [want.shape])
        np.testing.assert_array_equal(result, want)


@pytest.mark.parametrize("mode", COMPARISONS)
@pytest.mark.parametrize("inversed", [False, True])
def test_compare_const(mode: str, inversed: bool) -> None:
    generator = np.random.default_rng(2)
    for constant in (0.0, 1.0, -2.0, 0.5):
        x = values(generator, random_shape(generator), True)
        c = np.full_like(x, constant)
        want = COMPARISONS[mode](*((c, x) if inversed and mode != "Not" else (x, c))).astype(np.float32)
        attributes = f'mode = "{mode}", const_val = {f64(constant)}, inversed = {flag(inversed)}'
        (result,) = evaluate("CompareConst", [x], attributes, [x.shape])
        np.testing.assert_array_equal(result, want)


def test_logical_and() -> None:
    generator = np.random.default_rng(3)
    for _ in range(10):
        shape = random_shape(generator)
        a, b = values(generator, shape, True), values(generator, broadcastable(generator, shape), True)
        (result,) = evaluate("LogicalAnd", [a, b], "", [shape])
        np.testing.assert_array_equal(result, np.logical_and(a, b).astype(np.float32))


@pytest.mark.parametrize("x_is_const", [False, True])
@pytest.mark.parametrize("y_is_const", [False, True])
def test_where(x_is_const: bool, y_is_const: bool) -> None:
    generator = np.random.default_rng(4)
    for _ in range(20):
        shape = random_shape(generator)
        cond = values(generator, shape if x_is_const and y_is_const else broadcastable(generator, shape), True)
        x = None if x_is_const else values(generator, shape)
        y = None if y_is_const else values(generator, shape if x_is_const else broadcastable(generator, shape))
        want = np.where(cond != 0, np.float32(2.5) if x is None else x, np.float32(np.inf) if y is None else y)
        attributes = (
            f"x_is_const = {flag(x_is_const)}, y_is_const = {flag(y_is_const)}, x_const_val = {f64(2.5)}, "
            f"y_const_val = {f64(np.inf)}"
        )
        (result,) = evaluate("Where", [cond, x, y], attributes, [want.shape])
        np.testing.assert_array_equal(result, want)


@pytest.mark.parametrize("inversed", [False, True])
def test_masked_fill(inversed: bool) -> None:
    generator = np.random.default_rng(5)
    for _ in range(20):
        shape = random_shape(generator)
        cond, x = values(generator, broadcastable(generator, shape), True), values(generator, shape)
        want = np.where((cond != 0) == inversed, np.float32(-1e4), x)
        (result,) = evaluate("MaskedFill", [cond, x], f"inversed = {flag(inversed)}, const_val = {f64(-1e4)}", [shape])
        np.testing.assert_array_equal(result, want)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, 0.5, -0.5, -1.0, 1.7, -2.3])
def test_pow(exponent: float) -> None:
    generator = np.random.default_rng(6)
    x = np.abs(values(generator, [3, 4, 5])) + np.float32(0.1)
    x = -x if exponent == int(exponent) else x
    (result,) = evaluate("Pow", [x], f"exponent = {f64(exponent)}", [x.shape])
    np.testing.assert_allclose(result, np.power(x, np.float32(exponent)), rtol=1e-5)


@pytest.mark.parametrize("base", [2.0, 0.5, np.e, 10.0, 1.0])
def test_pow2(base: float) -> None:
    x = values(np.random.default_rng(7), [3, 4, 5])
    (result,) = evaluate("Pow2", [x], f"const_val = {f64(base)}", [x.shape])
    np.testing.assert_allclose(result, np.power(np.float32(base), x), rtol=1e-5)


def test_pow3() -> None:
    generator = np.random.default_rng(8)
    for _ in range(10):
        shape = random_shape(generator)
        a, b = np.abs(values(generator, shape)) + np.float32(0.1), values(generator, broadcastable(generator, shape))
        (result,) = evaluate("Pow3", [a, b], "", [shape])
        np.testing.assert_allclose(result, np.power(a, b), rtol=1e-5)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("relu", [False, True])
def test_div_const(reverse: bool, relu: bool) -> None:
    x = values(np.random.default_rng(9), [3, 4, 5])
    attributes = f"const_val = {f64(3.0)}, is_reverse = {flag(reverse)}, do_relu = {flag(relu)}, relu_limit = {f64(6)}"
    (result,) = evaluate("DivConst", [x], attributes, [x.shape])
    want = np.floor(np.float32(3) / x if reverse else x / np.float32(3))
    np.testing.assert_array_equal(result, np.clip(want, 0, 6) if relu else want)


@pytest.mark.parametrize(("kind", "function"), [("Mod", np.fmod), ("Remainder", np.remainder)])
def test_remainders(kind: str, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    generator = np.random.default_rng(10)
    for whole in (False, True) * 10:
        shape = random_shape(generator)
        a, b = values(generator, shape, whole), values(generator, broadcastable(generator, shape), whole)
        b[b == 0] = 2
        (result,) = evaluate(kind, [a, b], "", [shape])
        np.testing.assert_allclose(result, function(a, b), rtol=1e-6, atol=1e-6)
        assert (np.sign(result) * np.sign(a if kind == "Mod" else b) >= 0).all()


def test_cumsum() -> None:
    generator = np.random.default_rng(11)
    for _ in range(30):
        shape = random_shape(generator)
        axis = int(generator.integers(-len(shape), len(shape)))
        x = values(generator, shape)
        (result,) = evaluate("CumSum", [x, None], f"axis = {axis} : i64", [shape])
        np.testing.assert_allclose(result, np.cumsum(x, axis), rtol=1e-5, atol=1e-5)


def test_cumsum_of_long_lines() -> None:
    x = values(np.random.default_rng(12), [2, 700, 300])
    for axis in range(3):
        (result,) = evaluate("CumSum", [x, None], f"axis = {axis} : i64", [x.shape])
        np.testing.assert_allclose(result, np.cumsum(x.astype(np.float64), axis), rtol=1e-6, atol=1e-5)


def test_cumsum_takes_its_axis_from_an_operand() -> None:
    x = values(np.random.default_rng(13), [3, 4])
    (result,) = evaluate("CumSum", [x, np.array([-2], np.float32)], "axis = 1 : i64", [x.shape])
    np.testing.assert_allclose(result, np.cumsum(x, 0), rtol=1e-6)


@pytest.mark.parametrize("upper", [0, 1])
def test_trilu(upper: int) -> None:
    generator = np.random.default_rng(14)
    for _ in range(30):
        x = values(generator, random_shape(generator, 2))
        diagonal = int(generator.integers(-6, 7))
        (result,) = evaluate("Trilu", [x], f"upper = {upper} : si32, diagonal = {diagonal} : si32", [x.shape])
        np.testing.assert_array_equal(result, np.triu(x, diagonal) if upper else np.tril(x, diagonal))
    for diagonal in (-(2**31), 2**31 - 1):
        (result,) = evaluate("Trilu", [x], f"upper = {upper} : si32, diagonal = {diagonal} : si32", [x.shape])
        np.testing.assert_array_equal(result, x if (diagonal < 0) == bool(upper) else np.zeros_like(x))


ROUNDINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "HalfAwayFromZero": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "HalfUp": lambda x: np.floor(x + 0.5),
    "HalfDown": lambda x: np.ceil(x - 0.5),
    "HalfToEven": np.rint,
    "HalfToOdd": np.rint,  # ties by `rounded`
    "HalfTowardsZero": lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5),
    "TowardsZero": np.trunc,
    "Up": np.ceil,
    "Down": np.floor,
}


def rounded(x: np.ndarray, mode: str) -> np.ndarray:
    """x rounded by a mode, in double."""
    if mode != "HalfToOdd":
        return ROUNDINGS[mode](x)
    low = np.floor(x)
    return np.where(x - low == 0.5, np.where(low % 2 == 1, low, low + 1), np.rint(x))


@pytest.mark.parametrize("mode", ROUNDINGS)
def test_cast_rounds(mode: str) -> None:
    x = np.arange(-40, 41, dtype=np.float32) / 8
    (result,) = evaluate("Cast", [x], f'to = "INT32", round_mode = "{mode}"', [x.shape])
    np.testing.assert_array_equal(result, rounded(x.astype(np.float64), mode))


@pytest.mark.parametrize("name", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_cast_saturates(name: str) -> None:
    x = np.array([-np.inf, -1e30, -70000, -200, -1, 0, 1, 200, 300, 70000, 1e30, np.inf, np.nan], np.float32)
    limits = np.iinfo(name)
    (result,) = evaluate("Cast", [x], f'to = "{name.upper()}", round_mode = "TowardsZero"', [x.shape])
    want = np.clip(np.nan_to_num(x.astype(np.float64), nan=0.0), limits.min, limits.max)
    np.testing.assert_array_equal(result, want.astype(np.float32))


def test_cast_to_other_types() -> None:
    x = values(np.random.default_rng(15), [40])
    x[:3] = 0, -0.0, np.nan
    for to in ("", "F32"):
        np.testing.assert_array_equal(evaluate("Cast", [x], f'to = "{to}"', [x.shape])[0], x)
    np.testing.assert_array_equal(evaluate("Cast", [x], 'to = "F16"', [x.shape])[0], x.astype(np.float16))
    bits = (x[3:].view(np.uint32) + 0x7FFF + (x[3:].view(np.uint32) >> 16 & 1)) & 0xFFFF0000
    np.testing.assert_array_equal(evaluate("Cast", [x], 'to = "BF16"', [x.shape])[0][3:], bits.view(np.float32))
    np.testing.assert_array_equal(evaluate("Cast", [x], 'to = "BOOL"', [x.shape])[0], (x != 0).astype(np.float32))


FUNCTIONS = {
    "Tan": np.tan,
    "Sinh": np.sinh,
    "Cosh": np.cosh,
    "Arccos": np.arccos,
    "Arctanh": np.arctanh,
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_functions(kind: str) -> None:
    x = np.linspace(-0.99, 0.99, 5000, dtype=np.float32).reshape(5, 1000)
    (result,) = evaluate(kind, [x], "", [x.shape])
    np.testing.assert_allclose(result, FUNCTIONS[kind](x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("base", [2, 3, 10, 2**40])
def test_logb(base: int) -> None:
    x = np.concatenate([2.0 ** np.arange(-20, 20), np.linspace(0.1, 50, 100)]).astype(np.float32)
    (result,) = evaluate("LogB", [x], f"base = {base} : i64", [x.shape])
    np.testing.assert_allclose(result, np.log(x.astype(np.float64)) / np.log(float(base)), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("beta", [1.0, 1.5, -0.5, 0.0])
def test_swish(beta: float) -> None:
    x = values(np.random.default_rng(16), [100])
    (result,) = evaluate("Swish", [x], f"beta = {f64(beta)}", [x.shape])
    np.testing.assert_allclose(result, x / (1 + np.exp(-beta * x.astype(np.float64))), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("element", ["f16", "bf16", "f32"])
def test_dtype_cast(element: str) -> None:
    x = values(np.random.default_rng(17), [50])
    result = run_typed("DtypeCast", {"x": (x, "f32")}, "", element, x.shape)
    digits = {"f16": 2**-11, "bf16": 2**-8, "f32": 0.0}[element]
    np.testing.assert_allclose(result, x, rtol=digits, atol=1e-7 if digits else 0)
    assert element == "f32" or (result != x).any()


def run_typed(
    kind: str, operands: dict[str, tuple[np.ndarray, str]], attributes: str, element: str, shape: tuple[int, ...]
) -> np.ndarray:
    """The result of one op whose operands and result have the given element types."""

    def tensor(extents: tuple[int, ...], of: str) -> str:
        return f"tensor<{''.join(f'{extent}x' for extent in extents)}{of}>"

    types = {name: tensor(array.shape, of) for name, (array, of) in operands.items()}
    result = tensor(shape, element)
    lines = ["module {", f"func.func @main({', '.join(f'%a{n}: {t}' for n, t in types.items())}) -> {result} {{"]
    lines += [f'%{n} = "top.Input"(%a{n}) : ({t}) -> {t} loc("{n}")' for n, t in types.items()]
    lines += [
        f'%y = "top.{kind}"({", ".join(f"%{n}" for n in types)}) {{{attributes}}} : ({", ".join(types.values())}) -> '
        f'{result} loc("y")',
        f"return %y : {result}",
        "}",
        "}",
    ]
    module = ir.Module.parse("\n".join(lines), ir.Context())
    return ModuleInterpreter(module).run({name: array for name, (array, _) in operands.items()}).values["y"]


INTEGERS = {"si8": np.int8, "ui8": np.uint8, "si16": np.int16, "ui16": np.uint16, "si32": np.int32}
ARITHMETIC = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}


@pytest.mark.parametrize("mode", ARITHMETIC)
@pytest.mark.parametrize("element", INTEGERS)
def test_binary_shift(mode: str, element: str) -> None:
    generator = np.random.default_rng(18)
    limits = np.iinfo(INTEGERS[element])
    for round_mode in ROUNDINGS:
        shift = int(generator.integers(-9, 4))
        reverse, saturate = bool(generator.integers(2)), bool(generator.integers(2))
        a = generator.integers(-128, 128, [3, 50]).astype(np.int8)
        b = generator.integers(-128, 128, [1, 50]).astype(np.int8)
        attributes = (
            f'mode = "{mode}", shift = {shift} : si32, is_reverse = {flag(reverse)}, saturation = {flag(saturate)}, '
            f'round_mode = "{round_mode}"'
        )
        left, right = (b, a) if reverse else (a, b)
        whole = ARITHMETIC[mode](left.astype(np.int64), right.astype(np.int64))
        want = rounded(whole * 2.0**shift, round_mode).astype(np.int64)
        want = np.clip(want, limits.min, limits.max) if saturate else want.astype(INTEGERS[element])
        result = run_typed("BinaryShift", {"x": (a, "si8"), "z": (b, "si8")}, attributes, element, (3, 50))
        np.testing.assert_array_equal(result, want)
        constant = int(generator.integers(-1000, 1000))
        left, right = (constant, a.astype(np.int64)) if reverse else (a.astype(np.int64), constant)
        want = rounded(ARITHMETIC[mode](left, right) * 2.0**shift, round_mode).astype(np.int64)
        want = np.clip(want, limits.min, limits.max) if saturate else want.astype(INTEGERS[element])
        attributes += f", scale = {constant} : si32"
        result = run_typed("BinaryConstShift", {"x": (a, "si8")}, attributes, element, (3, 50))
        np.testing.assert_array_equal(result, want)


def test_shift_of_extremes() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 3e38, 7.9], np.float32)
    attributes = 'mode = "Mul", scale = -2147483648 : si32, shift = 31 : si32'
    result = run_typed("BinaryConstShift", {"x": (x, "f32")}, attributes, "si32", (5,))
    np.testing.assert_array_equal(result, np.float32([0, -(2**31), 2**31 - 1, -(2**31), -(2**31)]))


def test_lut() -> None:
    generator = np.random.default_rng(19)
    table = generator.standard_normal(256).astype(np.float32)
    x = generator.integers(-128, 256, [4, 100]).astype(np.float32)
    (result,) = evaluate("Lut", [x, table], "", [x.shape])
    np.testing.assert_array_equal(result, table[x.astype(int) % 256])
    stored = generator.integers(-128, 128, [4, 100]).astype(np.int8)
    entries = generator.integers(-128, 128, 256).astype(np.int8)
    found = run_typed("Lut", {"x": (stored, "si8"), "t": (entries, "si8")}, "", "si8", stored.shape)
    np.testing.assert_array_equal(found, entries[stored.astype(int) % 256])
    with pytest.raises(MLIRError, match="looks up 300, which is no byte"):
        evaluate("Lut", [np.full([2], 300, np.float32), table], "", [[2]])
