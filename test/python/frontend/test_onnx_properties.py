"""Properties of ONNX operators by family: random shapes, axes and attributes, compared with onnxruntime."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx_models import check, convert, model, node, values

EXAMPLES = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
SEEDS = st.integers(0, 1000)


def whole(shape: tuple[int, ...], low: int, high: int, seed: int, kind: Any = np.int64) -> np.ndarray:
    """Random whole numbers from low to high, both included."""
    return np.random.default_rng(seed).integers(low, high, shape, dtype=np.int64, endpoint=True).astype(kind)


def axis_of(data: st.DataObject, rank: int) -> int:
    return data.draw(st.integers(-rank, rank - 1))


def broadcast_pair(data: st.DataObject) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast."""
    shape = data.draw(SHAPES)
    pair = []
    for _ in range(2):
        kept = [data.draw(st.sampled_from([size, 1])) for size in shape]
        pair.append(tuple(kept[data.draw(st.integers(0, len(kept) - 1)) :]))
    return pair[0], pair[1]


@EXAMPLES
@given(st.data(), st.sampled_from(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"]), SEEDS)
def test_comparisons(data: st.DataObject, kind: str, seed: int) -> None:
    left, right = broadcast_pair(data)
    integers = data.draw(st.booleans())
    a, b = (whole(s, -2, 2, seed + n, np.int64 if integers else np.float32) for n, s in enumerate((left, right)))
    constant = data.draw(st.sampled_from([None, "a", "b"]))
    feeds = {name: array for name, array in (("a", a), ("b", b)) if name != constant}
    nodes = [node(kind, "a b", "t"), node("Cast", "t", to=1)]
    check(model(nodes, feeds, {constant: a if constant == "a" else b} if constant else {}), feeds)


@EXAMPLES
@given(st.data(), SEEDS)
def test_where(data: st.DataObject, seed: int) -> None:
    left, right = broadcast_pair(data)
    feeds = {"c": whole(left, 0, 1, seed, bool), "a": values(*right, seed=seed), "b": values(*left, seed=seed + 1)}
    constant = data.draw(st.sampled_from([(), ("a",), ("b",), ("a", "b")]))
    scalar = {name: np.float32(seed - 500) for name in constant}
    given_values = {name: array for name, array in feeds.items() if name not in constant}
    check(model(node("Where", "c a b"), given_values, scalar), given_values)


NARROW = [np.int8, np.uint8, np.int16, np.uint16]


@pytest.mark.parametrize("kind", NARROW)
@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul"])
def test_narrow_integers_wrap(operator: str, kind: type[np.integer[Any]]) -> None:
    """onnxruntime has no such arithmetic, NumPy wraps in the same way."""
    limits = np.iinfo(kind)
    edges = np.array([limits.min, limits.min + 1, 0, 1, 2, limits.max - 1, limits.max], kind)
    a = np.concatenate([np.repeat(edges, edges.size), whole((400,), limits.min, limits.max, 1, kind)])
    b = np.concatenate([np.tile(edges, edges.size), whole((400,), limits.min, limits.max, 2, kind)])
    with np.errstate(all="ignore"):
        expected = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}[operator](a, b)
    _, builder = convert(model(node(operator, "a b"), {"a": a, "b": b}), {"a": a, "b": b})
    np.testing.assert_array_equal(builder.results[0], expected)


@pytest.mark.parametrize("kind", [*NARROW, np.int32, np.int64])
@pytest.mark.parametrize("fmod", [0, 1])
@EXAMPLES
@given(seed=SEEDS)
def test_division_and_remainder(kind: type[np.integer[Any]], fmod: int, seed: int) -> None:
    low, high = max(np.iinfo(kind).min, -(2**24) + 1), min(np.iinfo(kind).max, 2**24 - 1)
    a, b = whole((200,), low, high, seed, kind), whole((200,), low, high, seed + 1, kind)
    small = whole((200,), max(low, -9), 9, seed + 2, kind)
    b = np.where(np.arange(200) % 2, b, small).astype(kind)
    b[b == 0] = 1
    feeds = {"a": a, "b": b}
    check(model(node("Mod", "a b", fmod=fmod), feeds), feeds, 0)
    if kind in (np.int32, np.int64):
        check(model(node("Div", "a b"), feeds), feeds, 0)


@pytest.mark.parametrize("operator", ["BitwiseAnd", "BitwiseOr", "BitwiseXor"])
@pytest.mark.parametrize("kind", NARROW)
def test_bits(operator: str, kind: type[np.integer[Any]]) -> None:
    limits = np.iinfo(kind)
    a, b = whole((3, 1, 50), limits.min, limits.max, 1, kind), whole((4, 50), limits.min, limits.max, 2, kind)
    check(model(node(operator, "a b"), {"a": a, "b": b}, opset=18), {"a": a, "b": b}, 0)
    check(model(node(operator, "a b"), {"a": a}, {"b": b}, opset=18), {"a": a}, 0)


@pytest.mark.parametrize("direction", ["LEFT", "RIGHT"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.uint64])
@pytest.mark.parametrize("constant", [False, True])
def test_bit_shifts(direction: str, kind: type[np.integer[Any]], constant: bool) -> None:
    bits = np.iinfo(kind).bits
    x = whole((300,), 0, min(np.iinfo(kind).max, 2**24 - 1), 1, kind)
    y = whole((300,), 0, bits - 1, 2, kind)
    expected = x << y if direction == "LEFT" else x >> y
    shift = node("BitShift", "x s", direction=direction)
    feeds = {"x": x} if constant else {"x": x, "s": y}
    _, builder = convert(model(shift, feeds, {"s": y} if constant else {}), feeds)
    np.testing.assert_array_equal(builder.results[0].astype(np.float64), expected.astype(np.float64))


@EXAMPLES
@given(st.data(), SEEDS)
def test_gather(data: st.DataObject, seed: int) -> None:
    shape, where = data.draw(SHAPES), data.draw(st.one_of(SHAPES, st.just(())))
    axis = axis_of(data, len(shape))
    size = shape[axis]
    feeds = {"x": values(*shape, seed=seed), "i": whole(where, -size, size - 1, seed)}
    check(model(node("Gather", "x i", axis=axis), feeds), feeds)
    only = {"x": feeds["x"]}
    check(model(node("Gather", "x i", axis=axis), only, {"i": feeds["i"]}), only)


@EXAMPLES
@given(st.data(), SEEDS)
def test_elements(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    axis = axis_of(data, len(shape))
    where = tuple(data.draw(st.integers(1, size)) for size in shape)
    index = whole(where, -shape[axis], shape[axis] - 1, seed)
    feeds = {"x": values(*shape, seed=seed), "i": index}
    check(model(node("GatherElements", "x i", axis=axis), feeds), feeds)
    reduction = data.draw(st.sampled_from(["none", "add", "mul", "max", "min"]))
    if reduction == "none":  # several writes to one place have no order
        index = np.argsort(np.random.default_rng(seed).random(shape), axis=axis)
        index = index[tuple(slice(0, size) for size in where)]
    feeds = {"x": values(*shape, seed=seed), "i": index, "u": values(*where, seed=seed + 1)}
    scatter = node("ScatterElements", "x i u", axis=axis, reduction=reduction)
    check(model(scatter, feeds, opset=18), feeds)


@EXAMPLES
@given(st.data(), SEEDS)
def test_tuples(data: st.DataObject, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(2, 4), min_size=2, max_size=4).map(tuple))
    batch = data.draw(st.integers(0, len(shape) - 1))
    depth = data.draw(st.integers(1, len(shape) - batch))
    middle = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    index = np.stack([whole((*shape[:batch], *middle), -s, s - 1, seed) for s in shape[batch : batch + depth]], -1)
    feeds = {"x": values(*shape, seed=seed), "i": index}
    check(model(node("GatherND", "x i", batch_dims=batch), feeds), feeds)
    count = math.prod(shape[:depth])
    chosen = np.random.default_rng(seed).permutation(count)[: data.draw(st.integers(1, count))]
    places = np.stack(np.unravel_index(chosen, shape[:depth]), -1)
    updates = values(len(chosen), *shape[depth:], seed=seed + 2)
    feeds = {"x": values(*shape, seed=seed), "i": places, "u": updates}
    reduction = data.draw(st.sampled_from(["none", "add", "mul", "max", "min"]))
    check(model(node("ScatterND", "x i u", reduction=reduction), feeds, opset=18), feeds)


@EXAMPLES
@given(st.data(), SEEDS, st.sampled_from(["ArgMax", "ArgMin"]))
def test_positions_of_extrema(data: st.DataObject, seed: int, kind: str) -> None:
    shape = data.draw(SHAPES)
    x = whole(shape, -2, 2, seed, np.float32)
    attributes = {"axis": axis_of(data, len(shape)), "keepdims": data.draw(st.integers(0, 1))}
    attributes["select_last_index"] = data.draw(st.integers(0, 1))
    check(model(node(kind, "x", **attributes), {"x": x}), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_largest(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    axis = axis_of(data, len(shape))
    count, largest = data.draw(st.integers(1, shape[axis])), data.draw(st.integers(0, 1))
    x = values(*shape, seed=seed)
    check(
        model(node("TopK", "x k", "y i", axis=axis, largest=largest), {"x": x}, {"k": np.array([count])}, "y i"),
        {"x": x},
    )
    check(
        model(node("Hardmax", "x", axis=axis), {"x": whole(shape, 0, 2, seed, np.float32)}),
        {"x": whole(shape, 0, 2, seed, np.float32)},
    )


@EXAMPLES
@given(st.data(), SEEDS)
def test_one_hot(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    axis, depth = data.draw(st.integers(-len(shape) - 1, len(shape))), data.draw(st.integers(1, 5))
    feeds = {"i": whole(shape, -depth, depth - 1, seed)}
    constants = {"d": np.array([depth]), "v": np.array([2.5, -1], np.float32)}
    check(model(node("OneHot", "i d v", axis=axis), feeds, constants), feeds)


@EXAMPLES
@given(st.data(), SEEDS)
def test_compress(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    size = math.prod(shape) if axis is None else shape[axis]
    condition = np.array([True, *data.draw(st.lists(st.booleans(), max_size=size - 1))])
    attributes = {} if axis is None else {"axis": axis}
    x = values(*shape, seed=seed)
    check(model(node("Compress", "x c", **attributes), {"x": x}, {"c": condition}), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_running_sums(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    constants = {"a": np.array(axis_of(data, len(shape)))}
    exclusive = int(shape[constants["a"]] > 1 and data.draw(st.booleans()))  # else nothing is left of the input
    attributes = {"exclusive": exclusive, "reverse": data.draw(st.integers(0, 1))}
    x = values(*shape, seed=seed)
    check(model(node("CumSum", "x a", **attributes), {"x": x}, constants), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_triangles(data: st.DataObject, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple))
    constants = {"k": np.array(data.draw(st.integers(-7, 7)))}
    x = values(*shape, seed=seed)
    check(model(node("Trilu", "x k", upper=data.draw(st.integers(0, 1))), {"x": x}, constants), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_reversed_sequences(data: st.DataObject, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple))
    time = data.draw(st.integers(0, 1))
    feeds = {"x": values(*shape, seed=seed), "n": whole((shape[1 - time],), 1, shape[time], seed)}
    check(model(node("ReverseSequence", "x n", time_axis=time, batch_axis=1 - time), feeds), feeds)


@pytest.mark.parametrize("kind", ["Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Tan"])
def test_elementary_functions(kind: str) -> None:
    wide = np.concatenate([np.linspace(-4, 4, 201), [-0.0, 1e-20, 1e-4, 30]]).astype(np.float32)
    limits = {"Asin": (-1, 1), "Acos": (-1, 1), "Acosh": (1, 9), "Atanh": (-0.999, 0.999)}.get(kind, (-9, 9))
    x = np.clip(wide, *limits)
    if kind in ("Atan", "Asinh", "Acosh"):
        x = np.concatenate([x, np.array([1e9, 3e20, np.inf], np.float32)])
    check(model(node(kind, "x"), {"x": x}), {"x": x}, 1e-5)


@EXAMPLES
@given(st.data(), SEEDS)
def test_powers(data: st.DataObject, seed: int) -> None:
    left, right = broadcast_pair(data)
    kinds = [data.draw(st.sampled_from([np.float32, np.int64])) for _ in range(2)]
    a = whole(left, 1, 5, seed, kinds[0])
    b = whole(right, 0, 6, seed + 1, kinds[1])
    check(model(node("Pow", "a b"), {"a": a, "b": b}), {"a": a, "b": b})
    check(model([node("Pow", "a b", "t"), node("Add", "t a")], {"a": a}, {"b": b}), {"a": a})


@EXAMPLES
@given(st.data(), SEEDS, st.sampled_from(["MaxPool", "AveragePool", "LpPool"]))
def test_pools(data: st.DataObject, seed: int, kind: str) -> None:
    rank = data.draw(st.integers(1, 3))
    draw = lambda low, high: [data.draw(st.integers(low, high)) for _ in range(rank)]  # noqa: E731
    kernel, dilations = draw(1, 3), draw(1, 3)
    if kind == "LpPool":
        dilations = [1] * rank
    pads = [data.draw(st.integers(0, size - 1)) for size in kernel * 2]
    sizes = [(k - 1) * d + 1 + data.draw(st.integers(0, 4)) for k, d in zip(kernel, dilations, strict=True)]
    attributes: dict[str, Any] = {"kernel_shape": kernel, "pads": pads, "strides": draw(1, 3)}
    if kind == "LpPool":
        attributes["p"] = data.draw(st.integers(1, 4))
    else:
        attributes |= {"dilations": dilations, "ceil_mode": 0}
    if kind == "AveragePool":
        attributes["count_include_pad"] = data.draw(st.integers(0, 1))
    x = values(2, 2, *sizes, seed=seed)
    check(model(node(kind, "x", **attributes), {"x": x}, opset=19 if kind != "LpPool" else 18), {"x": x})


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@EXAMPLES
@given(data=st.data(), seed=SEEDS)
def test_recurrent_layers(kind: str, data: st.DataObject, seed: int) -> None:
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    steps, batch, size, hidden = (data.draw(st.integers(1, 4)) for _ in range(4))
    direction = data.draw(st.sampled_from(["forward", "reverse", "bidirectional"]))
    count = 2 if direction == "bidirectional" else 1
    constants = {
        "w": values(count, gates * hidden, size, seed=seed, low=-1, high=1),
        "r": values(count, gates * hidden, hidden, seed=seed + 1, low=-1, high=1),
    }
    inputs = ["x", "w", "r", "-", "-", "-"]
    if data.draw(st.booleans()):
        inputs[3], constants["b"] = "b", values(count, 2 * gates * hidden, seed=seed + 2, low=-1, high=1)
    feeds = {"x": values(steps, batch, size, seed=seed + 3)}
    if data.draw(st.booleans()):
        inputs[4], feeds["n"] = "n", whole((batch,), 1, steps, seed, np.int32)
    if data.draw(st.booleans()):
        inputs[5], feeds["h"] = "h", values(count, batch, hidden, seed=seed + 4)
    attributes: dict[str, Any] = {"hidden_size": hidden, "direction": direction}
    if data.draw(st.booleans()):
        attributes["clip"] = 0.5
    if kind == "GRU":
        attributes["linear_before_reset"] = data.draw(st.integers(0, 1))
    if kind == "LSTM" and data.draw(st.booleans()):
        inputs += ["-", "p"]
        constants["p"] = values(count, 3 * hidden, seed=seed + 5, low=-1, high=1)
    if kind == "RNN" and data.draw(st.booleans()):
        attributes["activations"] = [data.draw(st.sampled_from(["Relu", "Sigmoid", "Softsign"])) for _ in range(count)]
    outputs = "y last cell" if kind == "LSTM" else "y last"
    check(model(node(kind, " ".join(inputs), outputs, **attributes), feeds, constants, outputs, opset=14), feeds)


@EXAMPLES
@given(st.data(), SEEDS)
def test_grids(data: st.DataObject, seed: int) -> None:
    sizes = [data.draw(st.integers(1, 5)) for _ in range(data.draw(st.sampled_from([2, 2, 3])))]
    target = [data.draw(st.integers(1, 4)) for _ in sizes]
    mode = data.draw(st.sampled_from(["linear", "nearest", "cubic"] if len(sizes) == 2 else ["linear", "nearest"]))
    attributes = {"mode": mode, "padding_mode": data.draw(st.sampled_from(["zeros", "border", "reflection"]))}
    grid = values(2, *target, len(sizes), seed=seed, low=-1.7, high=1.7)
    feeds = {"x": values(2, 3, *sizes, seed=seed), "g": grid}
    align = data.draw(st.integers(0, 1))
    check(model(node("GridSample", "x g", align_corners=align, **attributes), feeds, opset=20), feeds, 1e-3)


@EXAMPLES
@given(st.data(), SEEDS)
def test_transforms(data: st.DataObject, seed: int) -> None:
    shape = (*data.draw(st.lists(st.integers(1, 6), min_size=2, max_size=3)), data.draw(st.sampled_from([1, 2])))
    axis = data.draw(st.integers(1, len(shape) - 2))
    inverse = data.draw(st.integers(0, 1))
    attributes = {"inverse": inverse, "onesided": int(shape[-1] == 1 and not inverse and data.draw(st.booleans()))}
    x = values(*shape, seed=seed)
    check(model(node("DFT", "x", axis=axis, **attributes), {"x": x}), {"x": x}, 1e-3)


@EXAMPLES
@given(st.data(), SEEDS)
def test_columns(data: st.DataObject, seed: int) -> None:
    block = [data.draw(st.integers(1, 3)) for _ in range(2)]
    dilations = [data.draw(st.integers(1, 2)) for _ in range(2)]
    strides = [data.draw(st.integers(1, 3)) for _ in range(2)]
    pads = [data.draw(st.integers(0, 1)) for _ in range(4)]
    reach = [(b - 1) * d + 1 for b, d in zip(block, dilations, strict=True)]
    image = [max(1, r - pads[a] - pads[a + 2]) + data.draw(st.integers(0, 4)) for a, r in enumerate(reach)]
    counts = [(image[a] + pads[a] + pads[a + 2] - reach[a]) // strides[a] + 1 for a in range(2)]
    x = values(2, 3 * math.prod(block), math.prod(counts), seed=seed)
    constants = {"s": np.array(image), "b": np.array(block)}
    columns = node("Col2Im", "x s b", pads=pads, strides=strides, dilations=dilations)
    check(model(columns, {"x": x}, constants, opset=18), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_norms(data: st.DataObject, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), min_size=3, max_size=4).map(tuple))
    x = values(*shape, seed=seed)
    order = data.draw(st.integers(1, 2))
    check(model(node("LpNormalization", "x", axis=axis_of(data, len(shape)), p=order), {"x": x}), {"x": x})
    lrn = node(
        "LRN",
        "x",
        size=data.draw(st.sampled_from([1, 3, 5])),
        alpha=0.3,
        beta=data.draw(st.sampled_from([0.5, 0.75, 1.3])),
    )
    if len(shape) == 4:
        check(model(lrn, {"x": x}), {"x": x})


@EXAMPLES
@given(st.data(), SEEDS)
def test_integer_products(data: st.DataObject, seed: int) -> None:
    rows, inner, columns = (data.draw(st.integers(1, 6)) for _ in range(3))
    kinds = [data.draw(st.sampled_from([np.int8, np.uint8])) for _ in range(2)]
    limits = [np.iinfo(kind) for kind in kinds]
    feeds = {"a": whole((2, rows, inner), limits[0].min, limits[0].max, seed, kinds[0])}
    constants = {"az": whole((), limits[0].min, limits[0].max, seed, kinds[0])}
    right = whole((inner, columns), limits[1].min, limits[1].max, seed + 1, kinds[1])
    zero = whole(data.draw(st.sampled_from([(), (columns,)])), limits[1].min, limits[1].max, seed + 2, kinds[1])
    (feeds if data.draw(st.booleans()) else constants)["b"] = right
    constants["bz"] = zero
    check(model(node("MatMulInteger", "a b az bz"), feeds, constants), feeds, 0)


@EXAMPLES
@given(st.data(), SEEDS)
def test_dynamic_quantization(data: st.DataObject, seed: int) -> None:
    shape = data.draw(SHAPES)
    x = values(
        *shape, seed=seed, low=data.draw(st.sampled_from([-3, 0.5])), high=data.draw(st.sampled_from([0.6, 4.0]))
    )
    nodes = [node("DynamicQuantizeLinear", "x", "q s z"), node("DequantizeLinear", "q s z")]
    check(model(nodes, {"x": x}, outputs="q y"), {"x": x}, 1e-3)


EQUATIONS = [
    ("ij->ji", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("ji", [(2, 3)]),
    ("i,i", [(4,), (4,)]),
    ("...ii->...i", [(2, 3, 3)]),
    ("iij->j", [(3, 3, 2)]),
    ("iiij->ij", [(3, 3, 3, 2)]),
    ("bhid,bhjd->bhij", [(2, 2, 3, 4), (2, 2, 5, 4)]),
    ("...ij,...jk", [(1, 3, 4), (5, 4, 2)]),
    ("i,j->ij", [(3,), (4,)]),
    ("ij,ij->ij", [(3, 4), (3, 4)]),
    ("ab,bc,cd->ad", [(2, 3), (3, 4), (4, 5)]),
    ("ab,ab,ac->bc", [(2, 3), (2, 3), (2, 4)]),
    ("abc,cd->ab", [(2, 3, 4), (4, 5)]),
    ("ibnd,jbnd->bnij", [(3, 1, 2, 4), (5, 1, 2, 4)]),
    ("a...->...a", [(2, 3, 4)]),
    ("ab,b->", [(2, 3), (3,)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    feeds = {f"x{place}": values(*shape, seed=place) for place, shape in enumerate(shapes)}
    check(model(node("Einsum", " ".join(feeds), equation=equation), feeds), feeds)
