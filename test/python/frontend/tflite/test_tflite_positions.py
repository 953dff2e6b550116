"""Operators of TFLite that read and write at positions, and constants made of shapes, against LiteRT."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from hypothesis import assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from test_tflite_choices import refused, whole  # noqa: E402
from tflite_models import Network, check, kinds, values  # noqa: E402

COUNT = settings(max_examples=25, deadline=None)
SHAPES = st.sampled_from([(2, 3, 4, 5), (1, 3, 1, 4), (2, 3, 4), (3, 4), (5,)])


class Inputs:
    """A network and what it is fed with."""

    def __init__(self) -> None:
        self.net = Network()
        self.feeds: dict[str, np.ndarray] = {}

    def add(self, name: str, array: np.ndarray, constant: bool = False) -> int:
        if constant:
            return self.net.constant(name, array)
        self.feeds[name] = array
        return self.net.input(name, array.shape, array.dtype)

    def check(self, *outputs: int) -> list[str]:
        return kinds(check(self.net.build(*outputs), self.feeds))


@COUNT
@given(SHAPES, st.sampled_from([(), (1,), (4,), (2, 3)]), st.sampled_from([np.int32, np.int64]), st.data())
def test_gather(shape: tuple[int, ...], places: tuple[int, ...], dtype: Any, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    constant = data.draw(st.booleans())
    g = Inputs()
    indices = whole(*places, low=0, high=shape[axis], dtype=dtype, seed=data.draw(st.integers(0, 9)))
    operands = [g.add("x", values(*shape)), g.add("i", indices, constant)]
    at = axis % len(shape)
    g.check(g.net.op("GATHER", operands, "y", [*shape[:at], *places, *shape[at + 1 :]], Axis=axis))


@pytest.mark.parametrize(
    "axis, batch, places", [(1, 1, (2, 4)), (2, 1, (2, 4)), (2, 1, (2,)), (2, 2, (2, 3, 2)), (3, 2, (2, 3))]
)
@pytest.mark.parametrize("constant", [False, True])
def test_gather_in_batches(axis: int, batch: int, places: tuple[int, ...], constant: bool) -> None:
    shape, g = (2, 3, 4, 5), Inputs()
    indices = whole(*places, low=0, high=shape[axis])
    operands = [g.add("x", values(*shape)), g.add("i", indices, constant)]
    result = [*shape[:axis], *places[batch:], *shape[axis + 1 :]]
    g.check(g.net.op("GATHER", operands, "y", result, Axis=axis, BatchDims=batch))


def test_rows_of_a_table() -> None:
    for kind in ("GATHER", "EMBEDDING_LOOKUP"):
        g = Inputs()
        operands = [g.add("i", whole(6, low=0, high=20)), g.add("table", values(20, 8), True)]
        y = g.net.op(kind, operands if kind != "GATHER" else operands[::-1], "y", [6, 8])
        assert g.check(y) == ["Gather"]


def test_many_irregular_constant_indices() -> None:
    g = Inputs()
    operands = [g.add("x", values(400)), g.add("i", np.random.default_rng(0).permutation(400).astype(np.int32), True)]
    g.check(g.net.op("GATHER", operands, "y", [400]))


@pytest.mark.parametrize("index", [-1, 4])
def test_indices_out_of_range_are_refused(index: int) -> None:
    g = Inputs()
    operands = [g.add("x", values(2, 4)), g.add("i", np.array([0, index], np.int32), True)]
    refused(g.net.build(g.net.op("GATHER", operands, "y", [2, 2], Axis=1)), "outside of an axis")


@COUNT
@given(SHAPES, st.sampled_from([(), (3,), (2, 3)]), st.booleans(), st.data())
def test_gather_nd(shape: tuple[int, ...], places: tuple[int, ...], constant: bool, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(shape)))
    indices = np.stack([whole(*places, low=0, high=size, seed=axis) for axis, size in enumerate(shape[:count])], -1)
    g = Inputs()
    operands = [g.add("x", values(*shape)), g.add("i", indices, constant)]
    g.check(g.net.op("GATHER_ND", operands, "y", [*places, *shape[count:]]))


@COUNT
@given(SHAPES, st.sampled_from([(3,), (2, 3)]), st.booleans(), st.data())
def test_scatter_nd(shape: tuple[int, ...], places: tuple[int, ...], constant: bool, data: st.DataObject) -> None:
    """Updates of one place add up."""
    count = data.draw(st.integers(1, len(shape)))
    indices = np.stack([whole(*places, low=0, high=size, seed=axis) for axis, size in enumerate(shape[:count])], -1)
    g = Inputs()
    operands = [g.add("i", indices, constant), g.add("u", values(*places, *shape[count:])), g.net.ints("s", *shape)]
    g.check(g.net.op("SCATTER_ND", operands, "y", shape))


@COUNT
@given(SHAPES, st.sampled_from(["ARG_MAX", "ARG_MIN"]), st.sampled_from([np.int32, np.int64]), st.data())
def test_places_of_extrema(shape: tuple[int, ...], kind: str, dtype: Any, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    g = Inputs()
    x = whole(*shape, dtype=np.float32)
    result = [size for place, size in enumerate(shape) if place != axis % len(shape)]
    code = 2 if dtype is np.int32 else 4
    g.check(g.net.op(kind, [g.add("x", x), g.net.ints("a", axis)], "y", result, dtype, OutputType=code))


@COUNT
@given(SHAPES, st.booleans(), st.data())
def test_largest(shape: tuple[int, ...], equal: bool, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, shape[-1]))
    g = Inputs()
    x = whole(*shape, dtype=np.float32) if equal else values(*shape)
    result = [*shape[:-1], count]
    operands = [g.add("x", x), g.net.constant("k", np.int32(count))]
    g.check(*g.net.ops("TOPK_V2", operands, {"v": result, "i": result}, {"i": np.int32}))


def test_extrema_of_bytes() -> None:
    net, scale = Network(), {"scales": [0.05], "zeros": [3]}
    x = net.input("x", [1, 3, 4, 5], np.int8, **scale)
    place = net.op("ARG_MAX", [x, net.ints("a", -1)], "place", [1, 3, 4], np.int32, OutputType=2)
    entry = net.op("GATHER", [x, net.ints("i", 4, 0, 1)], "entry", [1, 3, 4, 3], np.int8, **scale, Axis=-1)
    check(net.build(place, entry), {"x": values(1, 3, 4, 5)}, steps=0)


@COUNT
@given(
    st.sampled_from([(), (3,), (2, 3), (2, 3, 2)]),
    st.integers(1, 5),
    st.sampled_from([(1.0, 0.0), (5.0, -2.0), (0.1, 0.7), (1e8, 1.0)]),
    st.sampled_from(["both", "on", "none"]),
    st.data(),
)
def test_one_hot(
    places: tuple[int, ...], depth: int, pair: tuple[float, float], given_: str, data: st.DataObject
) -> None:
    axis = data.draw(st.integers(-1, len(places)))
    g = Inputs()
    operands = [g.add("i", whole(*places, low=-1, high=6)), g.net.constant("d", np.int32(depth))]
    operands.append(g.add("on", np.float32(pair[0]), given_ == "none"))
    operands.append(g.add("off", np.float32(pair[1]), given_ != "both"))
    at = axis if axis >= 0 else len(places)
    g.check(g.net.op("ONE_HOT", operands, "y", [*places[:at], depth, *places[at:]], Axis=axis))


@COUNT
@given(SHAPES, st.booleans(), st.booleans(), st.sampled_from([np.float32, np.int32]), st.data())
def test_running_sums(shape: tuple[int, ...], exclusive: bool, reverse: bool, dtype: Any, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    g = Inputs()
    x = values(*shape) if dtype is np.float32 else whole(*shape)
    operands = [g.add("x", x), g.net.constant("a", np.int32(axis))]
    total = g.net.op("CUMSUM", operands, "total", shape, dtype, Exclusive=exclusive, Reverse=reverse)
    g.check(g.net.op("ADD", [total, operands[0]], "y", shape, dtype))  # an exclusive sum of one element is constant


@pytest.mark.parametrize("axis, batch", [(1, 0), (0, 1), (2, 0), (3, 1), (1, 3)])
@pytest.mark.parametrize("constant", [False, True])
def test_reversed_sequences(axis: int, batch: int, constant: bool) -> None:
    shape, g = (2, 3, 4, 5), Inputs()
    lengths = whole(shape[batch], low=1, high=shape[axis] + 1)
    operands = [g.add("x", values(*shape)), g.add("l", lengths, constant)]
    g.check(g.net.op("REVERSE_SEQUENCE", operands, "y", shape, SeqDim=axis, BatchDim=batch))


def test_values_everywhere() -> None:
    g = Inputs()
    filled = g.net.op("FILL", [g.net.ints("s", 2, 3, 4), g.add("v", np.float32(2.5))], "filled", [2, 3, 4])
    g.check(g.net.op("ADD", [filled, g.add("x", values(3, 4))], "y", [2, 3, 4]))


def test_constants_made_of_shapes() -> None:
    """Shape, rank, ranges, fills and what is computed of them leave no op."""
    g, net = Inputs(), Network()
    g.net = net
    x = g.add("x", values(2, 6, 3))
    rank = net.op("RANK", [x], "rank", [], np.int32)
    one = net.constant("one", np.int32(1))
    last = net.op("SUB", [rank, one], "last", [], np.int32)
    steps = net.op("RANGE", [net.constant("zero", np.int32(0)), rank, one], "steps", [3], np.int32)
    small = net.op("LESS", [steps, last], "small", [3], bool)
    chosen = net.op("SELECT_V2", [small, one, net.constant("ten", np.int32(10))], "chosen", [3], np.int32)
    real = net.op("CAST", [chosen], "real", [3])
    zeros = net.op("ZEROS_LIKE", [x], "zeros", [2, 6, 3])
    bias = net.op("ADD", [zeros, real], "bias", [2, 6, 3])
    assert g.check(net.op("MUL", [x, bias], "y", [2, 6, 3])) in (["Mul"], ["Add", "Mul"])


def test_computed_ranges_are_refused() -> None:
    net = Network()
    one = net.constant("one", np.int32(1))
    y = net.op("RANGE", [net.constant("zero", np.int32(0)), net.input("x", [], np.int32), one], "y", [3], np.int32)
    refused(net.build(y), "depends on values")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(2, 3, 4, 5), (2, 3, 4), (3, 4), (5,)]), st.data())
def test_strided_slices(shape: tuple[int, ...], data: st.DataObject) -> None:
    """NumPy's indices with ellipses, new axes and single positions."""
    index: list[Any] = []
    masks = dict.fromkeys(("Begin", "End", "Ellipsis", "NewAxis", "ShrinkAxis"), 0)
    lists: list[list[int]] = [[], [], []]
    axis = 0
    count = data.draw(st.integers(1, len(shape)))
    ellipsis = data.draw(st.integers(-1, count))
    entries = [data.draw(st.sampled_from(["slice", "one", "new"])) for _ in range(count)]
    # LiteRT takes an ellipsis for at least one axis, TensorFlow does not
    assume(ellipsis < 0 or sum(kind != "new" for kind in entries) < len(shape))
    behind = sum(kind != "new" for kind in entries[max(ellipsis, 0) :])
    place = 0
    for number, kind in enumerate([*entries, "end"]):
        if number == ellipsis:
            masks["Ellipsis"] |= 1 << place
            index.append(Ellipsis)
            for part in lists:
                part.append(1)
            axis = len(shape) - behind
            place += 1
        if kind == "end":
            break
        begin, end = data.draw(st.integers(-3, 2)), data.draw(st.integers(-3, 6))
        step = data.draw(st.sampled_from([1, 2, -1]))
        if kind == "new":
            masks["NewAxis"] |= 1 << place
            index.append(None)
        elif kind == "one":
            begin, end, step = data.draw(st.integers(-shape[axis], shape[axis] - 1)), 0, 1
            masks["ShrinkAxis"] |= 1 << place
            index.append(begin)
            end = begin + 1
        else:
            open_ = [data.draw(st.booleans()) for _ in range(2)]
            masks["Begin"] |= open_[0] << place
            masks["End"] |= open_[1] << place
            index.append(slice(None if open_[0] else begin, None if open_[1] else end, step))
        axis += kind != "new"
        for part, value in zip(lists, (begin, end, step), strict=True):
            part.append(value)
        place += 1
    x = values(*shape)
    want = x[tuple(index)]
    assume(want.size > 0 and want.ndim <= 5)
    g = Inputs()
    operands = [g.add("x", x), *(g.net.ints(name, *part) for name, part in zip("bes", lists, strict=True))]
    y = g.net.op("STRIDED_SLICE", operands, "y", want.shape, **{f"{name}Mask": mask for name, mask in masks.items()})
    g.check(y)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 4)])
def test_diagonals(shape: tuple[int, ...]) -> None:
    g = Inputs()
    g.check(g.net.op("MATRIX_DIAG", [g.add("x", values(*shape))], "y", [*shape, shape[-1]]))


@pytest.mark.parametrize("begins", [(0, 0, 0), (0, 1, 2), (1, 2, 1), (-3, 9, 1)])
def test_replaced_parts(begins: tuple[int, ...]) -> None:
    """A part that would stick out is moved inside."""
    g = Inputs()
    operands = [g.add("x", values(2, 3, 4)), g.add("part", values(1, 2, 2, seed=1)), g.net.ints("begins", *begins)]
    g.check(g.net.op("DYNAMIC_UPDATE_SLICE", operands, "y", [2, 3, 4]))


@pytest.mark.parametrize("places, shape", [((5,), (5, 2, 3)), ((2, 3), (2, 3, 4)), ((4,), (4,))])
@pytest.mark.parametrize("constant", [False, True])
def test_sums_of_segments(places: tuple[int, ...], shape: tuple[int, ...], constant: bool) -> None:
    g = Inputs()
    operands = [g.add("x", values(*shape)), g.add("ids", whole(*places, low=0, high=4), constant)]
    operands.append(g.net.constant("count", np.int32(4)))
    g.check(g.net.op("UNSORTED_SEGMENT_SUM", operands, "y", [4, *shape[len(places) :]]))
