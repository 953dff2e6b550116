"""Comparisons, choices, casts, powers and remainders of TFLite against LiteRT."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tflite_models import Network, check, kinds, values  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import parse  # noqa: E402

COUNT = settings(max_examples=25, deadline=None)
COMPARISONS = ["EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"]
SHAPES = [(2, 3, 4, 5), (2, 3, 4), (3, 4), (5,)]


def whole(*shape: int, seed: int = 0, low: int = -3, high: int = 4, dtype: Any = np.int32) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high, shape).astype(dtype)


def refused(data: bytes, text: str) -> None:
    with pytest.raises(FrontendError, match=text):
        convert_tflite(parse(data, "net"), "net", directory=None)


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    shape = draw(st.sampled_from(SHAPES))
    other = tuple(draw(st.sampled_from([1, size])) for size in shape)[draw(st.integers(0, len(shape) - 1)) :]
    return (shape, other) if draw(st.booleans()) else (other, shape)


@COUNT
@given(
    broadcasts(),
    st.sampled_from(COMPARISONS),
    st.sampled_from([np.float32, np.int32, np.int64]),
    st.sampled_from(["both", "left", "right"]),
)
def test_comparisons(shapes: tuple[tuple[int, ...], tuple[int, ...]], kind: str, dtype: Any, given_: str) -> None:
    net, feeds, operands = Network(), {}, []
    for name, side, shape, seed in (("a", "left", shapes[0], 1), ("b", "right", shapes[1], 2)):
        array = whole(*shape, seed=seed, dtype=dtype)
        if given_ in ("both", side):
            operands.append(net.input(name, shape, dtype))
            feeds[name] = array
        else:
            operands.append(net.constant(name, array))
    check(net.build(net.op(kind, operands, "y", np.broadcast_shapes(*shapes), bool)), feeds)


@pytest.mark.parametrize("kind", COMPARISONS)
@pytest.mark.parametrize("first", [False, True])
def test_comparisons_with_a_number(kind: str, first: bool) -> None:
    net = Network()
    operands = [net.input("x", [1, 2, 3, 4]), net.constant("c", np.float32(1.0))]
    y = net.op(kind, operands[::-1] if first else operands, "y", [1, 2, 3, 4], bool)
    made = check(net.build(y), {"x": whole(1, 2, 3, 4, dtype=np.float32)})
    assert "CompareConst" in kinds(made)


@pytest.mark.parametrize("kind", COMPARISONS)
def test_comparisons_of_bytes(kind: str) -> None:
    net = Network()
    shape, scale = [1, 3, 4, 5], {"scales": [0.05], "zeros": [3]}
    a, b = (net.input(name, shape, np.int8, **scale) for name in "ab")
    check(net.build(net.op(kind, [a, b], "y", shape, bool)), {"a": values(*shape), "b": values(*shape, seed=1)})


@COUNT
@given(st.sampled_from(SHAPES), st.data())
def test_choices(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Conditions and branches of any shapes, some of them constants."""
    kind = data.draw(st.sampled_from(["SELECT", "SELECT_V2"]))
    net, feeds, operands, sizes = Network(), {}, [], []
    for name in "cab":
        size = shape if kind == "SELECT" else tuple(data.draw(st.sampled_from([1, n])) for n in shape)
        sizes.append(size)
        array = values(*size, seed=ord(name))
        if name != "c" and data.draw(st.booleans()):
            operands.append(net.constant(name, array))
        else:
            operands.append(net.input(name, size))
            feeds[name] = array
    zero = net.constant("zero", np.float32(0))
    operands[0] = net.op("GREATER", [operands[0], zero], "condition", sizes[0], bool)
    check(net.build(net.op(kind, operands, "y", np.broadcast_shapes(*sizes))), feeds)


@pytest.mark.parametrize("shape", [(3, 2, 2, 4), (3, 4), (3,)])
def test_choices_of_rows(shape: tuple[int, ...]) -> None:
    net = Network()
    c, a, b = net.input("c", [3], bool), net.input("a", shape), net.input("b", shape)
    feeds = {"c": np.array([1, 0, 1]), "a": values(*shape), "b": values(*shape, seed=1)}
    check(net.build(net.op("SELECT", [c, a, b], "y", shape)), feeds)


def test_a_choice_drops_what_is_not_taken() -> None:
    net = Network()
    x = net.input("x", [2, 3])
    root = net.op("SQRT", [x], "root", [2, 3])
    condition = net.op("GREATER", [x, net.constant("zero", np.float32(0))], "condition", [2, 3], bool)
    y = net.op("SELECT_V2", [condition, root, net.constant("other", np.float32(-1))], "y", [2, 3])
    check(net.build(y), {"x": np.array([[-1, 4, 9], [-4, 1, -9]], np.float32)})


def test_positions_of_ones_are_refused() -> None:
    net = Network()
    x = net.op("GREATER", [net.input("x", [4]), net.constant("zero", np.float32(0))], "c", [4], bool)
    refused(net.build(net.op("WHERE", [x], "y", [4, 1], np.int64)), "depends on values")


CASTS = [
    (np.float32, np.int32), (np.float32, np.int64), (np.float32, bool), (np.float32, np.uint8), (np.float32, np.int16),
    (np.int32, np.float32), (np.int64, np.int32), (np.int32, bool), (np.int32, np.uint8), (np.int32, np.int8),
    (np.int64, np.int16), (np.uint8, np.float32), (np.uint8, np.int32), (bool, np.float32), (bool, np.int32),
]  # fmt: skip


@pytest.mark.parametrize("source, target", CASTS)
def test_casts(source: Any, target: Any) -> None:
    shape = (1, 3, 4, 50)
    if source is np.float32:
        low = 0.0 if np.dtype(target).kind == "u" else -100.0
        x = np.random.default_rng(0).uniform(low, 100, shape).astype(np.float32)
        x[0, 0, 0, :3] = 0
    else:
        x = whole(*shape, low=0 if np.dtype(source).kind in "ub" else -999, high=2 if source is bool else 250)
    net = Network()
    check(net.build(net.op("CAST", [net.input("x", shape, source)], "y", shape, target)), {"x": x})


def test_casts_that_f32_cannot_hold_are_refused() -> None:
    net = Network()
    refused(net.build(net.op("CAST", [net.input("x", [4], np.int32)], "y", [4], np.uint32)), "wrap around")


@COUNT
@given(broadcasts(), st.sampled_from(["POW", "FLOOR_MOD", "FLOOR_DIV"]), st.sampled_from(["both", "left", "right"]))
def test_powers_and_remainders(shapes: tuple[tuple[int, ...], tuple[int, ...]], kind: str, given_: str) -> None:
    net, feeds, operands = Network(), {}, []
    for name, side, shape, seed in (("a", "left", shapes[0], 1), ("b", "right", shapes[1], 2)):
        array = values(*shape, seed=seed)
        array = np.abs(array) + np.float32(0.1) if kind == "POW" else array + np.sign(array)
        if given_ in ("both", side):
            operands.append(net.input(name, shape))
            feeds[name] = array
        else:
            operands.append(net.constant(name, array))
    check(net.build(net.op(kind, operands, "y", np.broadcast_shapes(*shapes))), feeds)


@pytest.mark.parametrize("exponent", [3.0, -2.0, 1.7, 0.0, -0.5])
@pytest.mark.parametrize("base", [False, True])
def test_powers_with_a_number(exponent: float, base: bool) -> None:
    net = Network()
    x, c = net.input("x", [1, 2, 3, 4]), net.constant("c", np.float32(abs(exponent) + 0.5 if base else exponent))
    y = net.op("POW", [c, x] if base else [x, c], "y", [1, 2, 3, 4])
    check(net.build(y), {"x": np.abs(values(1, 2, 3, 4)) + np.float32(0.1)})


@pytest.mark.parametrize("kind", ["DIV", "FLOOR_DIV", "FLOOR_MOD", "ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"])
@pytest.mark.parametrize("constant", [False, True])
def test_arithmetic_on_integers(kind: str, constant: bool) -> None:
    net = Network()
    a, divisor = net.input("a", [1, 3, 4, 5], np.int32), whole(1, 3, 4, 5, seed=1, low=1, high=9)
    divisor[..., ::2] *= -1
    feeds = {"a": whole(1, 3, 4, 5, low=-60, high=60)}
    if constant:
        b = net.constant("b", divisor)
    else:
        b, feeds["b"] = net.input("b", [1, 3, 4, 5], np.int32), divisor
    check(net.build(net.op(kind, [a, b], "y", [1, 3, 4, 5], np.int32)), feeds)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5])
def test_powers_of_integers(exponent: int) -> None:
    net = Network()
    x, c = net.input("x", [2, 5], np.int32), net.constant("c", np.int32(exponent))
    check(net.build(net.op("POW", [x, c], "y", [2, 5], np.int32)), {"x": whole(2, 5, low=-9, high=10)})


@pytest.mark.parametrize("radius, channels", [(0, 4), (1, 4), (2, 7), (5, 3)])
def test_local_response_normalization(radius: int, channels: int) -> None:
    net = Network()
    shape = [1, 3, 2, channels]
    options = {"Radius": radius, "Bias": 1.5, "Alpha": 0.3, "Beta": 0.75}
    y = net.op("LOCAL_RESPONSE_NORMALIZATION", [net.input("x", shape)], "y", shape, **options)
    check(net.build(y), {"x": values(*shape) * 2})
