"""Branches and loops of TFLite whose conditions are known, against LiteRT."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from test_tflite_choices import refused  # noqa: E402
from tflite_models import Network, check, kinds, values  # noqa: E402


def counting(limit: int, *shapes: list[int]) -> Network:
    """A condition: the first of the state's tensors, an integer, is below a limit."""
    net = Network()
    step = net.input("step", [], np.int32)
    for number, shape in enumerate(shapes):
        net.input(f"state{number}", shape)
    net.op("LESS", [step, net.constant("limit", np.int32(limit))], "more", [], bool)
    return net


def recurrent_layer(steps: int, batch: int, width: int, hidden: int) -> bytes:
    """A layer as Keras writes it: every step takes a row of the input, and puts a row into the result."""
    shapes = [[steps, batch, width], [batch, hidden], [steps, batch, hidden]]
    body = Network()
    step = body.input("step", [], np.int32)
    x, h, y = (body.input(name, shape) for name, shape in zip("xhy", shapes, strict=True))
    one = body.constant("one", np.int32(1))
    following = body.op("ADD", [step, one], "following", [], np.int32)
    row = body.op("GATHER", [x, step], "row", shapes[0][1:])
    w, r = (body.constant(name, values(hidden, n) * np.float32(0.5)) for name, n in (("w", width), ("r", hidden)))
    a = body.op("FULLY_CONNECTED", [row, w, -1], "a", shapes[1])
    b = body.op("FULLY_CONNECTED", [h, r, -1], "b", shapes[1])
    state = body.op("TANH", [body.op("ADD", [a, b], "sum", shapes[1])], "state", shapes[1])
    # y[:step], state, y[step + 1:]
    zero, all_ = body.ints("zero", 0), body.ints("all", -1)
    at = body.op("RESHAPE", [step, body.ints("list", 1)], "at", [1], np.int32)
    behind = body.op("RESHAPE", [following, body.ints("list2", 1)], "behind", [1], np.int32)
    rest = [body.ints("none", 0, 0), body.ints("whole", -1, -1)]
    begin0 = body.op("CONCATENATION", [zero, rest[0]], "begin0", [3], np.int32)
    size0 = body.op("CONCATENATION", [at, rest[1]], "size0", [3], np.int32)
    begin1 = body.op("CONCATENATION", [behind, rest[0]], "begin1", [3], np.int32)
    size1 = body.op("CONCATENATION", [all_, rest[1]], "size1", [3], np.int32)
    parts = []
    for name, begin, size in (("before", begin0, size0), ("after", begin1, size1)):
        part = body.tensor(name, [1, batch, hidden], signature=[-1, batch, hidden])
        body.nodes.append(("SLICE", [y, begin, size], [part], {}))
        parts.append(part)
    middle = body.op("EXPAND_DIMS", [state, body.constant("axis", np.int32(0))], "middle", [1, batch, hidden])
    joined = body.op("CONCATENATION", [parts[0], middle, parts[1]], "joined", shapes[2], Axis=0)

    net = Network()
    source = net.input("x", shapes[0])
    start = net.constant("start", np.int32(0))
    empty = [net.constant(f"zeros{n}", np.zeros(shape, np.float32)) for n, shape in enumerate(shapes[1:])]
    condition = counting(steps, *shapes)
    options = {
        "CondSubgraphIndex": net.subgraph(condition, condition.nodes[-1][2][0]),
        "BodySubgraphIndex": net.subgraph(body, following, x, state, joined),
    }
    names = {"last": [], "given": shapes[0], "final": shapes[1], "rows": shapes[2]}
    results = net.ops("WHILE", [start, source, *empty], names, {"last": np.int32}, **options)
    return net.build(results[2], net.op("NEG", [results[3]], "y", shapes[2]))


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_loops_with_a_known_count(steps: int) -> None:
    made = check(recurrent_layer(steps, 2, 3, 4), {"x": values(steps, 2, 3, seed=7)})
    assert kinds(made).count("Tanh") == steps
    assert set(made.outputs) == {"final", "y"}


def test_loops_that_depend_on_values_are_refused() -> None:
    net, body, shape = Network(), Network(), [2]
    step, x = body.input("step", [], np.int32), body.input("x", shape)
    following = body.op("ADD", [step, body.constant("one", np.int32(1))], "following", [], np.int32)
    double = body.op("ADD", [x, x], "double", shape)
    condition = counting(3, shape)
    options = {
        "CondSubgraphIndex": net.subgraph(condition, condition.nodes[-1][2][0]),
        "BodySubgraphIndex": net.subgraph(body, following, double),
    }
    operands = [net.input("n", [], np.int32), net.input("x", shape)]
    results = net.ops("WHILE", operands, {"m": [], "y": shape}, {"m": np.int32}, **options)
    refused(net.build(results[1]), "condition depends on values")


def test_loops_without_an_end_are_refused() -> None:
    net, body, shape = Network(), Network(), [2]
    step, x = body.input("step", [], np.int32), body.input("x", shape)
    double = body.op("ADD", [x, x], "double", shape)
    condition = counting(3, shape)
    options = {
        "CondSubgraphIndex": net.subgraph(condition, condition.nodes[-1][2][0]),
        "BodySubgraphIndex": net.subgraph(body, step, double),
    }
    operands = [net.constant("n", np.int32(0)), net.input("x", shape)]
    results = net.ops("WHILE", operands, {"m": [], "y": shape}, {"m": np.int32}, **options)
    refused(net.build(results[1]), "runs too often")


@pytest.mark.parametrize("size", [2, 3])
def test_branches_by_a_shape(size: int) -> None:
    """The condition compares a size with a number."""
    net, shape = Network(), [size, 4]
    branches = []
    for kind in ("NEG", "EXP"):
        branch = Network()
        branches.append(net.subgraph(branch, branch.op(kind, [branch.input("x", shape)], "made", shape)))
    x = net.input("x", shape)
    sizes = net.op("SHAPE", [x], "sizes", [2], np.int32, OutType=2)
    first = net.op("GATHER", [sizes, net.constant("zero", np.int32(0))], "first", [], np.int32)
    condition = net.op("EQUAL", [first, net.constant("two", np.int32(2))], "condition", [], bool)
    options = {"ThenSubgraphIndex": branches[0], "ElseSubgraphIndex": branches[1]}
    y = net.op("IF", [condition, x], "y", shape, **options)
    made = kinds(check(net.build(net.op("ABS", [y], "z", shape)), {"x": values(*shape)}))
    assert ("Exp" in made) == (size == 3)
