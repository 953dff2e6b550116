"""Arithmetic, activations, reductions and normalizations against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from onnx_models import check, convert, kinds, model, node, values
from tpu_mlir.frontend import FrontendError

COUNT = settings(max_examples=60, deadline=None)


@COUNT
@given(
    st.sampled_from(["Add", "Sub", "Mul", "Div", "Max", "Min"]),
    mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4),
    st.sampled_from(["first", "second", "none"]),
)
def test_binary_operators_broadcast(kind: str, shapes: Any, constant: str) -> None:
    arrays = {"a": values(*shapes.input_shapes[0], seed=1), "b": values(*shapes.input_shapes[1], seed=2, low=0.5)}
    constants = {"first": ["a"], "second": ["b"], "none": []}[constant]
    feeds = {name: array for name, array in arrays.items() if name not in constants}
    check(model(node(kind, "a b"), feeds, {name: arrays[name] for name in constants}), feeds)


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Max", "Min"])
@pytest.mark.parametrize("order", ["x c", "c x"])
def test_scalar_constants_become_attributes(kind: str, order: str) -> None:
    x = values(2, 3)
    builder = check(model(node(kind, order), {"x": x}, {"c": np.float32(1.5)}), {"x": x})
    assert kinds(builder) == [kind + "Const"] and not builder.weights


def test_division_by_a_constant_is_a_multiplication() -> None:
    x = values(2, 3)
    assert kinds(check(model(node("Div", "x c"), {"x": x}, {"c": np.float32(4)}), {"x": x})) == ["MulConst"]
    assert kinds(check(model(node("Div", "c x"), {"x": x}, {"c": np.float32(4)}), {"x": x})) == ["Reciprocal"]


def test_division_by_zero_keeps_its_meaning() -> None:
    x = np.array([-1.0, 0.0, 2.0], np.float32)
    check(model(node("Div", "x c"), {"x": x}, {"c": np.float32(0)}), {"x": x})


@pytest.mark.parametrize("exponent", [-4, -2, -1, -0.5, 0.5, 1, 2, 3, 4, 5, 7, 16, 1.7, -2.5])
def test_constant_powers(exponent: float) -> None:
    x = values(3, 4, low=0.3, high=1.8)
    check(model(node("Pow", "x p"), {"x": x}, {"p": np.float32(exponent)}), {"x": x})


def test_whole_powers_of_negative_numbers_and_powers_of_a_constant() -> None:
    x = values(3, 4)
    check(model(node("Pow", "x p"), {"x": x}, {"p": np.float32(3)}), {"x": x})
    check(model(node("Pow", "b x"), {"x": x}, {"b": np.float32(2)}), {"x": x})


@pytest.mark.parametrize("exponent", [np.float32(0), np.array([1, 2], np.float32), np.float32(33)])
def test_other_powers(exponent: np.ndarray) -> None:
    x = values(3, 2, low=0.9, high=1.1)
    check(model([node("Pow", "x p", "z"), node("Add", "z x")], {"x": x}, {"p": exponent}), {"x": x})


@pytest.mark.parametrize("kind", ["Max", "Min", "Sum", "Mean"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_many_inputs(kind: str, count: int) -> None:
    feeds = {f"x{i}": values(2, 3 if i % 2 else 1, seed=i) for i in range(count)}
    check(model(node(kind, " ".join(feeds)), feeds), feeds)


ACTIVATIONS: list[tuple[str, dict[str, Any], int]] = [
    ("Relu", {}, 17),
    ("Sigmoid", {}, 17),
    ("Tanh", {}, 17),
    ("Exp", {}, 17),
    ("Sqrt", {}, 17),
    ("Abs", {}, 17),
    ("Neg", {}, 17),
    ("Ceil", {}, 17),
    ("Floor", {}, 17),
    ("Round", {}, 17),
    ("Sign", {}, 17),
    ("Sin", {}, 17),
    ("Cos", {}, 17),
    ("Erf", {}, 17),
    ("Reciprocal", {}, 17),
    ("Softplus", {}, 17),
    ("Softsign", {}, 17),
    ("HardSwish", {}, 17),
    ("Mish", {}, 18),
    ("LeakyRelu", {"alpha": 0.2}, 17),
    ("LeakyRelu", {}, 17),
    ("Elu", {"alpha": 0.7}, 17),
    ("Selu", {}, 17),
    ("Selu", {"alpha": 2.0, "gamma": 3.0}, 17),
    ("Celu", {"alpha": 2.5}, 17),
    ("Celu", {}, 17),
    ("HardSigmoid", {}, 17),
    ("HardSigmoid", {"alpha": 0.4, "beta": 0.1}, 17),
    ("Gelu", {}, 20),
    ("Gelu", {"approximate": "tanh"}, 20),
    ("Shrink", {"bias": 0.5, "lambd": 0.5}, 17),
]


@pytest.mark.parametrize(("kind", "attributes", "opset"), ACTIVATIONS)
def test_activation(kind: str, attributes: dict[str, Any], opset: int) -> None:
    x = values(2, 3, 5, low=0.1 if kind in ("Sqrt", "Log") else -3)
    check(model(node(kind, "x", **attributes), {"x": x}, opset=opset), {"x": x})


@pytest.mark.parametrize(("bias", "limit"), [(0.0, 0.5), (0.5, 0.5), (0.3, 1.0)])
def test_shrink(bias: float, limit: float) -> None:
    check(model(node("Shrink", "x", lambd=limit, bias=bias), {"x": values(30)}), {"x": values(30)})


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 6.0, ["Relu"]),
        (0.0, None, ["Relu"]),
        (-1.0, 2.0, ["Clip"]),
        (-1.0, None, ["MaxConst"]),
        (None, 0.5, ["MinConst"]),
        (None, None, []),
        (1.0, -1.0, ["MaxConst", "MinConst"]),
    ],
)
@pytest.mark.parametrize("opset", [6 + 1, 11, 13])
def test_clip(low: float | None, high: float | None, expected: list[str], opset: int) -> None:
    if opset < 11 and expected == ["MaxConst", "MinConst"]:
        pytest.skip("onnxruntime refuses attributes min > max")
    x = values(4, 5)
    limits = {name: np.float32(v) for name, v in (("lo", low), ("hi", high)) if v is not None}
    if opset < 11:
        given_limits = {name: float(v) for name, v in (("min", low), ("max", high)) if v is not None}
        clip = node("Clip", "x", **given_limits)
        proto = model(clip, {"x": x}, opset=opset)
    else:
        proto = model(
            node("Clip", f"x {'lo' if low is not None else '-'} {'hi' if high is not None else '-'}"),
            {"x": x},
            limits,
            opset=opset,
        )
    assert kinds(check(proto, {"x": x})) == expected


def test_clip_with_limits_from_the_network() -> None:
    feeds = {"x": values(4, 5), "lo": np.array(-0.5, np.float32)}
    assert kinds(check(model(node("Clip", "x lo hi"), feeds, {"hi": np.float32(1)}), feeds)) == ["Max", "Min"]


@pytest.mark.parametrize("slope", [(1,), (3, 1, 1), (1, 3, 1, 1), (4,), (2, 1, 1, 1)])
@pytest.mark.parametrize("constant", [True, False])
def test_prelu(slope: tuple[int, ...], constant: bool) -> None:
    x, s = values(2, 3, 2, 4), values(*slope, seed=4)
    feeds = {"x": x} if constant else {"x": x, "s": s}
    check(model(node("PRelu", "x s"), feeds, {"s": s} if constant else {}), feeds)


@COUNT
@given(
    st.sampled_from(["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]),
    st.lists(st.integers(-3, 2), max_size=3),
    st.booleans(),
    st.sampled_from([11, 13, 18]),
)
def test_reductions(kind: str, axes: list[int], keep: bool, opset: int) -> None:
    x = values(2, 3, 4, low=0.2)
    axes = sorted({axis % 3 for axis in axes})
    as_input = opset >= (13 if kind == "Sum" else 18)
    attributes: dict[str, Any] = {"keepdims": int(keep)}
    constants = {}
    if axes and as_input:
        constants["axes"] = np.array(axes, np.int64)
    elif axes:
        attributes["axes"] = axes
    reduce = node("Reduce" + kind, "x axes" if constants else "x", **attributes)
    check(model(reduce, {"x": x}, constants, opset=opset), {"x": x})


def test_reduction_over_no_axes_is_the_identity() -> None:
    x = values(2, 3)
    reduce = node("ReduceSum", "x axes", noop_with_empty_axes=1)
    proto = model(reduce, {"x": x}, {"axes": np.array([], np.int64)})
    assert kinds(check(proto, {"x": x})) == []


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_softmax_before_and_after_opset_13(kind: str, opset: int, axis: int) -> None:
    x = values(2, 3, 4)
    check(model(node(kind, "x", axis=axis), {"x": x}, opset=opset), {"x": x})


@pytest.mark.parametrize("sizes", [(), (5,), (4, 4), (2, 3, 2)])
@pytest.mark.parametrize("constant", [True, False])
def test_batch_normalization(sizes: tuple[int, ...], constant: bool) -> None:
    x = values(2, 3, *sizes)
    parameters = {n: values(3, seed=i, low=0.2) for i, n in enumerate(["scale", "bias", "mean", "var"])}
    feeds = {"x": x} if constant else {"x": x, **parameters}
    norm = node("BatchNormalization", "x scale bias mean var", epsilon=1e-3)
    check(model(norm, feeds, parameters if constant else {}), feeds)


def test_training_mode() -> None:
    x = values(2, 3, 4)
    scale, bias, mean, var = (values(3, seed=i, low=0.2) for i in range(4))
    parameters = {"scale": scale, "bias": bias, "mean": mean, "var": var}
    norm = node("BatchNormalization", "x scale bias mean var", "y m v", training_mode=1, momentum=0.8)
    _, builder = convert(model(norm, {"x": x}, parameters, outputs="y m v"), {"x": x})
    now, spread = x.mean((0, 2)), x.var((0, 2))
    normal = (x - now[:, None]) / np.sqrt(spread[:, None] + 1e-5) * scale[:, None] + bias[:, None]
    expected = [normal, 0.8 * mean + 0.2 * now, 0.8 * var + 0.2 * spread]
    for want, got in zip(expected, builder.results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("inputs", ["x w b", "x w"])
@pytest.mark.parametrize("outputs", ["y", "y m i"])
@pytest.mark.parametrize("constant", [True, False])
def test_layer_normalization(axis: int, inputs: str, outputs: str, constant: bool) -> None:
    x = values(2, 3, 4)
    shape = x.shape[axis:]
    parameters = {name: values(*shape, seed=i) for i, name in enumerate(inputs.split()[1:])}
    feeds = {"x": x} if constant else {"x": x, **parameters}
    norm = node("LayerNormalization", inputs, outputs, axis=axis)
    check(model(norm, feeds, parameters if constant else {}, outputs=outputs), feeds)


@pytest.mark.parametrize("constant", [True, False])
def test_instance_and_group_normalization(constant: bool) -> None:
    x = values(2, 6, 4, 5)
    parameters = {"s": values(6, seed=1), "b": values(6, seed=2)}
    feeds = {"x": x} if constant else {"x": x, **parameters}
    weights = parameters if constant else {}
    check(model(node("InstanceNormalization", "x s b"), feeds, weights), feeds)
    check(model(node("GroupNormalization", "x s b", num_groups=3), feeds, weights, opset=21), feeds)


@COUNT
@given(
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, 0.5]),
    st.sampled_from([0.0, 1.0, 2.0]),
    st.sampled_from([None, (), (1,), (5,), (3, 5), (3, 1), (1, 5)]),
    st.sampled_from(["weights", "none", "left"]),
)
def test_gemm(ta: bool, tb: bool, alpha: float, beta: float, bias: tuple[int, ...] | None, constant: str) -> None:
    arrays = {"a": values(*((4, 3) if ta else (3, 4))), "b": values(*((5, 4) if tb else (4, 5)), seed=3)}
    if bias is not None:
        arrays["c"] = values(*bias, seed=5)
    fixed = {"weights": ["b", "c"], "none": [], "left": ["a"]}[constant]
    constants = {name: array for name, array in arrays.items() if name in fixed}
    feeds = {name: array for name, array in arrays.items() if name not in fixed}
    gemm = node("Gemm", " ".join(arrays), transA=int(ta), transB=int(tb), alpha=alpha, beta=beta)
    check(model(gemm, feeds, constants), feeds)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 4), (4, 5)),
        ((2, 3, 4), (4, 5)),
        ((2, 3, 4), (2, 4, 5)),
        ((2, 1, 3, 4), (3, 4, 5)),
        ((4,), (4, 5)),
        ((3, 4), (4,)),
        ((4,), (4,)),
        ((2, 3, 4), (4,)),
        ((4,), (2, 4, 5)),
    ],
)
@pytest.mark.parametrize("constant", ["a", "b", ""])
def test_matmul(left: tuple[int, ...], right: tuple[int, ...], constant: str) -> None:
    arrays = {"a": values(*left), "b": values(*right, seed=1)}
    feeds = {name: array for name, array in arrays.items() if name != constant}
    check(model(node("MatMul", "a b"), feeds, {constant: arrays[constant]} if constant else {}), feeds)


@pytest.mark.parametrize(
    "equation",
    [
        "ij,jk->ik",
        "bij,bjk->bik",
        "bhqd,bhkd->bhqk",
        "abc,cd->abd",
        "ij,kj->ki",
        "i,j->ij",
        "ijk,jk->i",
        "bij,bij->bij",
    ],
)
def test_einsum(equation: str) -> None:
    sizes = {letter: 2 + position for position, letter in enumerate("abcdhijkq")}
    terms = equation.split("->")[0].split(",")
    feeds = {f"x{n}": values(*(sizes[letter] for letter in term), seed=n) for n, term in enumerate(terms)}
    check(model(node("Einsum", " ".join(feeds), equation=equation), feeds), feeds)


@pytest.mark.parametrize("equation", ["ijk->i", "ij,jk,->ik", "i1->i", "i->i", "ij->k"])
def test_wrong_equations_are_refused(equation: str) -> None:
    feeds = {f"x{n}": values(3, 3, seed=n) for n in range(equation.count(",") + 1)}
    with pytest.raises(FrontendError, match="equation|consistent|belongs to no operand"):
        convert(model(node("Einsum", " ".join(feeds), equation=equation), feeds), feeds)


@pytest.mark.parametrize("kind", ["And", "Or", "Xor"])
def test_logic(kind: str) -> None:
    feeds = {"a": np.array([0, 0, 1, 1], bool), "b": np.array([0, 1, 0, 1], bool)}
    check(model(node(kind, "a b"), feeds), feeds)
    check(model(node("Not", "a"), {"a": feeds["a"]}), {"a": feeds["a"]})


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("float32", 1),
        ("float32", 11),
        ("int64", 1),
        ("bool", 1),
        ("float32", 7),
        ("float32", 9),
        ("uint8", 7),
        ("bool", 9),
    ],
)
def test_casts(source: str, target: int) -> None:
    x = values(3, 4) if source != "bool" else values(3, 4) > 0
    x = np.abs(x) if source == "uint8" else x
    feeds = {"x": x.astype(source)}
    check(model(node("Cast", "x", to=target), feeds), feeds)


@pytest.mark.parametrize("target", [2, 3])
def test_casts_to_narrow_integers(target: int) -> None:
    x = values(30, low=0, high=127)
    check(model(node("Cast", "x", to=target), {"x": x}), {"x": x})


def test_integer_division() -> None:
    feeds = {"a": np.array([7, -7, 8, -8, 2**24 - 1], np.int64), "b": np.array([2, 2, -3, -4, 3], np.int64)}
    check(model(node("Div", "a b"), feeds), feeds, 0)


@pytest.mark.parametrize("divisor", [3, -7, 49, 100, 2**20 + 1])
@pytest.mark.parametrize("kind", [np.int32, np.int64, np.uint32])
def test_integers_divided_by_constants(divisor: int, kind: type[np.integer[Any]]) -> None:
    """Multiples of the divisor and their neighbours, for which a product with its reciprocal is not exact enough."""
    divisor = abs(divisor) if kind is np.uint32 else divisor
    multiples = np.arange(1, 2**24 // abs(divisor), max(1, 2**24 // abs(divisor) // 500)) * abs(divisor)
    x = np.concatenate([multiples - 1, multiples, multiples + 1])
    x = (x if kind is np.uint32 else np.concatenate([x, -x])).astype(kind)
    for constant in (kind(divisor), np.full(x.shape, divisor, kind)):
        for operator in ("Div", "Mod"):
            check(model(node(operator, "a b"), {"a": x}, {"b": constant}), {"a": x}, 0)


def test_integers_that_f32_cannot_hold_are_refused() -> None:
    x = np.array([1, 2], np.int64)
    proto = model(node("Add", "x c"), {"x": x}, {"c": np.array([2**24 + 1, 0], np.int64)})
    with pytest.raises(FrontendError, match="f32 cannot represent"):
        convert(proto, {"x": x})
