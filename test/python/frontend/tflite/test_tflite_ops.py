"""Elementwise operators, reductions, products and moves of TFLite against LiteRT, on pictures whose channels are stored
second and on tensors in the file's order."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tflite_models import NONE, RELU, RELU6, RELU_N1_TO_1, Network, check, kinds, values  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import parse  # noqa: E402

COUNT = settings(max_examples=40, deadline=None)
SHAPES = st.sampled_from([(2, 3, 4, 5), (1, 3, 1, 4), (2, 3, 4), (3, 4), (5,), (2, 1, 3, 2, 4)])


def unary(kind: str, x: np.ndarray, **options: Any) -> list[str]:
    net = Network()
    source = net.input("x", x.shape)
    data = net.build(net.op(kind, [source], "y", x.shape, **options))
    check(data, {"x": x})
    return kinds(convert_tflite(parse(data, "net"), "net", directory=None))


@pytest.mark.parametrize("shape", [(1, 3, 4, 5), (2, 6)])
@pytest.mark.parametrize(
    "kind, options",
    [
        ("RELU", {}), ("RELU6", {}), ("RELU_N1_TO_1", {}), ("RELU_0_TO_1", {}), ("ELU", {}), ("TANH", {}),
        ("LOGISTIC", {}), ("EXP", {}), ("FLOOR", {}), ("CEIL", {}), ("ROUND", {}), ("SIN", {}), ("COS", {}),
        ("ABS", {}), ("NEG", {}), ("SQUARE", {}), ("HARD_SWISH", {}), ("LEAKY_RELU", {"Alpha": 0.2}),
        ("GELU", {"Approximate": False}), ("GELU", {"Approximate": True}), ("SOFTMAX", {"Beta": 0.5}),
        ("LOG_SOFTMAX", {}), ("L2_NORMALIZATION", {}), ("SIGN", {}),
    ],
)  # fmt: skip
def test_functions(kind: str, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    made = unary(kind, values(*shape) * 3, **options)
    assert made.count("Permute") == (len(shape) == 4)


@pytest.mark.parametrize("kind", ["LOG", "SQRT", "RSQRT"])
def test_functions_of_positive_values(kind: str) -> None:
    unary(kind, np.abs(values(1, 3, 4, 5)) + np.float32(0.1))


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes that broadcast to each other; LiteRT takes up to four axes."""
    shape = draw(SHAPES.filter(lambda s: len(s) <= 4))
    other = tuple(draw(st.sampled_from([1, size])) for size in shape)[draw(st.integers(0, len(shape) - 1)) :]
    return (shape, other) if draw(st.booleans()) else (other, shape)


@COUNT
@given(
    broadcasts(),
    st.sampled_from(["ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"]),
    st.sampled_from([NONE, RELU, RELU6, RELU_N1_TO_1]),
    st.sampled_from(["both", "left", "right"]),
)
def test_arithmetic(shapes: tuple[tuple[int, ...], tuple[int, ...]], kind: str, activation: int, given_: str) -> None:
    net, feeds, operands = Network(), {}, []
    for name, side, shape, seed in (("a", "left", shapes[0], 1), ("b", "right", shapes[1], 2)):
        array = values(*shape, seed=seed)
        array = array + np.sign(array)  # no division by almost zero
        if given_ in ("both", side):
            operands.append(net.input(name, shape))
            feeds[name] = array
        else:
            operands.append(net.constant(name, array))
    options = {"FusedActivationFunction": activation} if kind in ("ADD", "SUB", "MUL", "DIV") else {}
    y = net.op(kind, operands, "y", np.broadcast_shapes(*shapes), **options)
    check(net.build(y), feeds)


@pytest.mark.parametrize("exponent", [1.0, 2.0, 0.5, -1.0])
def test_powers(exponent: float) -> None:
    net = Network()
    x = net.input("x", [1, 2, 3, 4])
    y = net.op("POW", [x, net.constant("e", np.float32(exponent))], "y", [1, 2, 3, 4])
    check(net.build(net.op("RELU", [y], "z", [1, 2, 3, 4])), {"x": np.abs(values(1, 2, 3, 4)) + np.float32(0.1)})


def test_whole_quotients() -> None:
    net = Network()
    x, d = net.input("x", [1, 2, 3, 4]), net.constant("d", np.array([0.7, -1.3, 2.0, 0.5], np.float32))
    check(net.build(net.op("FLOOR_DIV", [x, d], "y", [1, 2, 3, 4])), {"x": values(1, 2, 3, 4) * 5})


def test_a_sum_of_many() -> None:
    net = Network()
    xs = [net.input(name, [1, 2, 3, 4]) for name in "abc"]
    y = net.op("ADD_N", xs, "y", [1, 2, 3, 4])
    check(net.build(y), {name: values(1, 2, 3, 4, seed=seed) for seed, name in enumerate("abc")})


@pytest.mark.parametrize("slope", [(1, 1, 4), (1,), (2, 3, 4), (1, 3, 4)])
def test_prelu(slope: tuple[int, ...]) -> None:
    net = Network()
    x, a = net.input("x", [1, 2, 3, 4]), net.constant("a", values(*slope, seed=3))
    check(net.build(net.op("PRELU", [x, a], "y", [1, 2, 3, 4])), {"x": values(1, 2, 3, 4)})


@COUNT
@given(SHAPES, st.sampled_from(["MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"]), st.booleans(), st.data())
def test_reductions(shape: tuple[int, ...], kind: str, keep: bool, data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=3))
    chosen = {axis % len(shape) for axis in axes}
    result = [1 if axis in chosen else n for axis, n in enumerate(shape) if keep or axis not in chosen]
    net = Network()
    x = net.input("x", shape)
    y = net.op(kind, [x, net.ints("axes", *axes)], "y", result, KeepDims=keep)
    check(net.build(y), {"x": values(*shape)})


def test_the_mean_of_channels_is_a_pool() -> None:
    net = Network()
    x = net.input("x", [2, 3, 4, 5])
    y = net.op("MEAN", [x, net.ints("axes", 1, 2)], "y", [2, 5], KeepDims=False)
    data = net.build(y)
    check(data, {"x": values(2, 3, 4, 5)})
    assert kinds(convert_tflite(parse(data, "net"), "net", directory=None)) == ["AvgPool", "Reshape"]


@COUNT
@given(SHAPES.filter(lambda s: len(s) <= 4), st.booleans(), st.sampled_from([NONE, RELU]), st.booleans())
def test_fully_connected(shape: tuple[int, ...], keep: bool, activation: int, with_bias: bool) -> None:
    inner = shape[-1] if keep or len(shape) < 4 else int(np.prod(shape[1:]))
    net = Network()
    x, w = net.input("x", shape), net.constant("w", values(7, inner))
    operands = [x, w, net.constant("b", values(7)) if with_bias else -1]
    result = [*shape[:-1], 7] if keep else [int(np.prod(shape)) // inner, 7]
    y = net.op("FULLY_CONNECTED", operands, "y", result, KeepNumDims=keep, FusedActivationFunction=activation)
    check(net.build(y), {"x": values(*shape)}, tolerance=1e-4)


@pytest.mark.parametrize("adjoint", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("constant", [False, True])
def test_batch_matmul(adjoint: tuple[bool, bool], constant: bool) -> None:
    net, feeds = Network(), {"a": values(2, 3, 4, 5), "b": values(2, 3, 5, 6)}
    feeds["a"] = feeds["a"].swapaxes(2, 3) if adjoint[0] else feeds["a"]
    feeds["b"] = feeds["b"].swapaxes(2, 3) if adjoint[1] else feeds["b"]
    a = net.input("a", feeds["a"].shape)
    b = net.constant("b", feeds.pop("b")) if constant else net.input("b", feeds["b"].shape)
    y = net.op("BATCH_MATMUL", [a, b], "y", [2, 3, 4, 6], AdjX=adjoint[0], AdjY=adjoint[1])
    check(net.build(y), feeds)


@COUNT
@given(st.permutations([0, 1, 2, 3]), st.permutations([0, 1, 2, 3]))
def test_transpositions_are_free_until_the_end(first: list[int], second: list[int]) -> None:
    net = Network()
    x = net.input("x", [2, 3, 4, 5])
    shape = [[2, 3, 4, 5][axis] for axis in first]
    t = net.op("TRANSPOSE", [x, net.ints("first", *first)], "t", shape)
    r = net.op("RELU", [t], "r", shape)
    back = [shape[axis] for axis in second]
    y = net.op("TRANSPOSE", [r, net.ints("second", *second)], "y", back)
    data = net.build(y)
    check(data, {"x": values(2, 3, 4, 5)})
    assert kinds(convert_tflite(parse(data, "net"), "net", directory=None)).count("Permute") <= 1


@COUNT
@given(st.sampled_from([(2, 3, 4, 5), (1, 1, 4, 5), (2, 6, 1, 1)]), st.data())
def test_reshape(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Also to and from shapes with axes of size 1, which keep the order in which a picture is stored."""
    size = int(np.prod(shape))
    sizes = [n for n in shape if n != 1]
    targets = [[size], [shape[0], size // shape[0]], [-1, shape[-1]], [*sizes], [1, *sizes], [*sizes, 1], [1, *shape]]
    target = data.draw(st.sampled_from([t for t in targets if len(t) <= 5]))
    known = int(np.prod([n for n in target if n != -1]))
    result = [size // known if n == -1 else n for n in target]
    net = Network()
    x = net.input("x", shape)
    r = net.op("RELU", [net.op("RESHAPE", [x, net.ints("to", *target)], "r", result)], "a", result)
    y = net.op("RESHAPE", [r, net.ints("back", *shape)], "y", shape)
    check(net.build(y, r), {"x": values(*shape)})


def one_move(
    kind: str, shape: tuple[int, ...], result: tuple[int, ...], operands: Callable[[Network], list[int]], **options: Any
) -> None:
    net = Network()
    x = net.input("x", shape)
    y = net.op(kind, [x, *operands(net)], "y", result, **options)
    check(net.build(y), {"x": values(*shape)})


MOVES: dict[str, tuple[str, tuple[int, ...], tuple[int, ...], Callable[[Network], list[int]], dict[str, Any]]] = {
    "squeeze": ("SQUEEZE", (2, 1, 3, 1), (2, 3), lambda n: [], {"SqueezeDims": [1, -1]}),
    "squeeze all": ("SQUEEZE", (2, 1, 3, 1), (2, 3), lambda n: [], {}),
    "expand": ("EXPAND_DIMS", (2, 3, 4), (2, 3, 1, 4), lambda n: [n.ints("axis", -2)], {}),
    "slice": ("SLICE", (2, 5, 4, 3), (1, 2, 4, 2), lambda n: [n.ints("b", 1, 2, 0, 1), n.ints("s", 1, 2, -1, 2)], {}),
    "strided": (
        "STRIDED_SLICE", (2, 5, 4, 3), (2, 2, 4, 2),
        lambda n: [n.ints("b", 0, 3, 3, 0), n.ints("e", 2, 0, -9, 9), n.ints("s", 1, -2, -1, 2)], {"BeginMask": 1},
    ),
    "shrunk": (
        "STRIDED_SLICE", (2, 5, 4, 3), (5, 3),
        lambda n: [n.ints("b", 1, 0, -1), n.ints("e", 2, 5, 0), n.ints("s", 1, 1, 1)],
        {"ShrinkAxisMask": 5, "EndMask": 2},
    ),
    "pad": ("PAD", (1, 3, 4, 2), (1, 6, 5, 4), lambda n: [pads(n, 0, 0, 1, 2, 0, 1, 2, 0)], {}),
    "padv2": (
        "PADV2", (2, 3), (3, 5), lambda n: [pads(n, 1, 0, 0, 2), n.constant("v", np.float32(-1.5))], {},
    ),
    "reflect": ("MIRROR_PAD", (1, 3, 4, 2), (1, 7, 5, 2), lambda n: [pads(n, 0, 0, 2, 2, 0, 1, 0, 0)], {"Mode": 0}),
    "symmetric": ("MIRROR_PAD", (1, 3, 4, 2), (1, 8, 5, 2), lambda n: [pads(n, 0, 0, 3, 2, 0, 1, 0, 0)], {"Mode": 1}),
    "tile": ("TILE", (1, 3, 2, 2), (2, 3, 4, 6), lambda n: [n.ints("r", 2, 1, 2, 3)], {}),
    "broadcast": ("BROADCAST_TO", (3, 1), (2, 3, 4), lambda n: [n.ints("s", 2, 3, 4)], {}),
    "reverse": ("REVERSE_V2", (1, 3, 4, 2), (1, 3, 4, 2), lambda n: [n.ints("axes", 1)], {}),
}  # fmt: skip


def pads(net: Network, *sizes: int) -> int:
    return net.constant("pads", np.array(sizes, np.int32).reshape(-1, 2))


@pytest.mark.parametrize("name", MOVES)
def test_moves(name: str) -> None:
    kind, shape, result, operands, options = MOVES[name]
    one_move(kind, shape, result, operands, **options)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_joins_and_cuts(axis: int) -> None:
    net = Network()
    shape = [2, 4, 6, 8]
    a, b = net.input("a", shape), net.input("b", shape)
    joined = [n * (2 if place == axis % 4 else 1) for place, n in enumerate(shape)]
    c = net.op("CONCATENATION", [a, b], "c", joined, Axis=axis)
    half = [n // 2 if place == axis % 4 else n for place, n in enumerate(joined)]
    halves = net.ops("SPLIT", [net.ints("axis", axis), c], {"h0": half, "h1": half}, NumSplits=2)
    parts = {f"p{i}": [size if place == axis % 4 else n for place, n in enumerate(shape)]
             for i, size in enumerate((1, shape[axis] - 1))}  # fmt: skip
    sizes = net.ints("sizes", 1, -1)
    pieces = net.ops("SPLIT_V", [halves[1], sizes, net.ints("axis_v", axis)], parts, NumSplits=2)
    outputs = [net.op("RELU", [piece], f"y{piece}", net.tensors[piece]["shape"]) for piece in (halves[0], *pieces)]
    check(net.build(*outputs), {"a": values(*shape), "b": values(*shape, seed=1)})


@pytest.mark.parametrize("axis", [0, 1, 3, -1])
def test_pack_and_unpack(axis: int) -> None:
    net = Network()
    a, b = net.input("a", [2, 3, 4]), net.input("b", [2, 3, 4])
    shape = list(np.stack([np.empty((2, 3, 4))] * 2, axis).shape)
    p = net.op("PACK", [a, b], "p", shape, ValuesCount=2, Axis=axis)
    parts = net.ops("UNPACK", [p], {"u": [2, 3, 4], "v": [2, 3, 4]}, Num=2, Axis=axis)
    check(net.build(net.op("SUB", parts, "y", [2, 3, 4]), p), {"a": values(2, 3, 4), "b": values(2, 3, 4, seed=1)})


@pytest.mark.parametrize("align, half", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("size", [(4, 5), (8, 10), (12, 5), (2, 3), (7, 9), (1, 1), (3, 20)])
@pytest.mark.parametrize("kind", ["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"])
def test_resizing(kind: str, size: tuple[int, int], align: bool, half: bool) -> None:
    one_move(
        kind, (2, 4, 5, 3), (2, *size, 3), lambda n: [n.ints("size", *size)], AlignCorners=align, HalfPixelCenters=half
    )


@pytest.mark.parametrize("kind, result", [("DEPTH_TO_SPACE", (1, 8, 12, 2)), ("SPACE_TO_DEPTH", (1, 2, 3, 32))])
def test_blocks(kind: str, result: tuple[int, ...]) -> None:
    one_move(kind, (1, 4, 6, 8), result, lambda n: [], BlockSize=2)


@pytest.mark.parametrize("axis", [1, 3, -1])
@pytest.mark.parametrize("indices", [[0, 2, 4], [3, 2, 1, 0], [1, 1, 4, 0], [2], 3])
def test_gather_of_constant_indices(indices: Any, axis: int) -> None:
    chosen = np.array(indices, np.int32)
    result = np.take(np.empty((2, 5, 3, 5)), chosen, axis).shape
    one_move("GATHER", (2, 5, 3, 5), result, lambda n: [n.constant("i", chosen)], Axis=axis)


@pytest.mark.parametrize("crops", [(0, 1, 1, 0), (0, 0, 0, 0)])
@pytest.mark.parametrize("block, pads_", [((2, 2), (1, 0, 0, 1)), ((3, 2), (0, 1, 1, 0))])
def test_blocks_as_batches(block: tuple[int, int], pads_: tuple[int, ...], crops: tuple[int, ...]) -> None:
    net = Network()
    height, width = (5 + pads_[0] + pads_[1]) // block[0], (7 + sum(pads_[2:])) // block[1]
    batch = 2 * block[0] * block[1]
    x, size = net.input("x", [2, 5, 7, 3]), net.ints("block", *block)
    s = net.op("SPACE_TO_BATCH_ND", [x, size, pads(net, *pads_)], "s", [batch, height, width, 3])
    r = net.op("RELU", [s], "r", [batch, height, width, 3])
    back = [2, height * block[0] - crops[0] - crops[1], width * block[1] - sum(crops[2:]), 3]
    y = net.op("BATCH_TO_SPACE_ND", [r, size, pads(net, *crops)], "y", back)
    check(net.build(y, s), {"x": values(2, 5, 7, 3)})


@pytest.mark.parametrize("kind", ["LOGICAL_AND", "LOGICAL_OR"])
def test_logic(kind: str) -> None:
    net = Network()
    a, b = net.input("a", [2, 2], np.bool_), net.input("b", [2, 2], np.bool_)
    n = net.op("LOGICAL_NOT", [a], "n", [2, 2], np.bool_)
    y = net.op(kind, [n, b], "y", [2, 2], np.bool_)
    any_ = net.op("REDUCE_ANY", [y, net.ints("axis", 1)], "any", [2], np.bool_, KeepDims=False)
    all_ = net.op("REDUCE_ALL", [b, net.ints("axis_all", 0)], "all", [2], np.bool_, KeepDims=False)
    check(
        net.build(y, any_, all_), {"a": np.array([[0, 0], [1, 1]], np.int32), "b": np.array([[0, 1], [0, 1]], np.int32)}
    )


def test_shapes_are_computed() -> None:
    """What exporters write for x.reshape(-1, x.shape[-1])."""
    net = Network()
    x = net.input("x", [2, 3, 4, 5])
    s = net.op("SHAPE", [x], "s", [4], np.int32, OutType=2)
    last = [net.ints("b", 3), net.ints("e", 4), net.ints("st", 1)]
    n = net.op("STRIDED_SLICE", [s, *last], "n", [], np.int32, ShrinkAxisMask=1)
    target = net.op("PACK", [net.constant("minus", np.int32(-1)), n], "target", [2], np.int32, ValuesCount=2, Axis=0)
    y = net.op("RESHAPE", [x, target], "y", [24, 5])
    check(net.build(y), {"x": values(2, 3, 4, 5)})


def test_integers_and_casts() -> None:
    net = Network()
    i, x = net.input("i", [2, 3], np.int32), net.input("x", [2, 3])
    f = net.op("CAST", [i], "f", [2, 3], InDataType=2, OutDataType=0)
    t = net.op("CAST", [net.op("MUL", [f, x], "m", [2, 3])], "t", [2, 3], np.int32, InDataType=0, OutDataType=2)
    y = net.op("ADD", [t, i], "y", [2, 3], np.int32)
    check(net.build(y), {"i": np.arange(-3, 3, dtype=np.int32).reshape(2, 3), "x": values(2, 3) * 4})


def test_what_has_no_converter_is_named_with_the_remedy() -> None:
    net = Network()
    x = net.input("x", [1, 4])
    y = net.op("Mfcc", [x], "y", [1, 4])
    with pytest.raises(
        FrontendError,
        match=r"node 'y' \(operator Mfcc\) is not supported: custom operators have no "
        "converter; cut the network before it with --output_names",
    ):
        convert_tflite(parse(net.build(y), "net"), "net", directory=None)
    z = net.op("RELU", [x], "z", [1, 4])
    assert convert_tflite(parse(net.build(y, z), "n"), "n", output_names=["z"], directory=None).outputs == {"z": "z"}
