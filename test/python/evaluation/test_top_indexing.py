"""The ops of the Indexing family against NumPy and PyTorch, on random shapes, axes and attributes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tpu_mlir._tpu_mlir import MLIRError

sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate, flag  # noqa: E402

Generator = np.random.Generator
REDUCTIONS = {0: None, 1: "sum", 3: "amax", 4: "amin", 5: "prod"}


def random_shape(generator: Generator, least: int = 1, most: int = 4) -> list[int]:
    return [int(extent) for extent in generator.integers(1, 7, generator.integers(least, most + 1))]


def values(generator: Generator, shape: list[int], whole: bool = True) -> np.ndarray:
    """Whole numbers, of which many are equal, or reals."""
    if whole:
        return generator.integers(-3, 4, shape).astype(np.float32)
    return generator.standard_normal(shape).astype(np.float32)


def random_axis(generator: Generator, rank: int) -> int:
    return int(generator.integers(-rank, rank))


def indices(generator: Generator, extent: int, shape: list[int]) -> np.ndarray:
    """Valid indices, negative ones too."""
    return generator.integers(-extent, extent, shape).astype(np.float32)


@pytest.mark.parametrize("mode", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [False, True])
def test_arg(mode: str, last: bool) -> None:
    generator = np.random.default_rng(1)
    for _ in range(40):
        shape = random_shape(generator)
        axis, keep = random_axis(generator, len(shape)), bool(generator.integers(2))
        x = values(generator, shape)
        function = np.argmax if mode == "ArgMax" else np.argmin
        if last:
            want = shape[axis] - 1 - function(np.flip(x, axis), axis, keepdims=True)
        else:
            want = function(x, axis, keepdims=True)
        picked = np.take_along_axis(x, want, axis)
        kept = want.shape if keep else np.squeeze(want, axis).shape or (1,)
        attributes = f'axis = {axis} : i64, keepdims = {flag(keep)}, mode = "{mode}", select_last_index = {flag(last)}'
        places, found = evaluate("Arg", [x], attributes, [kept, kept])
        np.testing.assert_array_equal(places, want.reshape(kept))
        np.testing.assert_array_equal(found, picked.reshape(kept))
        (places, nothing) = evaluate("Arg", [x], attributes, [kept, None])
        assert nothing is None
        np.testing.assert_array_equal(places, want.reshape(kept))


def test_arg_takes_a_nan() -> None:
    x = np.array([[1, np.nan, 5, np.nan, 2], [3, 2, 1, 1, 3]], np.float32)
    for mode, last, want in [
        ("ArgMax", False, [1, 0]),
        ("ArgMax", True, [3, 4]),
        ("ArgMin", False, [1, 2]),
        ("ArgMin", True, [3, 3]),
    ]:
        attributes = f'axis = 1 : i64, keepdims = false, mode = "{mode}", select_last_index = {flag(last)}'
        np.testing.assert_array_equal(evaluate("Arg", [x], attributes, [[2], None])[0], want)


def test_arg_of_large_tensors() -> None:
    x = values(np.random.default_rng(2), [3, 200, 700], False)
    for axis in range(3):
        attributes = f'axis = {axis} : i64, keepdims = false, mode = "ArgMax"'
        want = np.argmax(x, axis)
        np.testing.assert_array_equal(evaluate("Arg", [x], attributes, [want.shape, None])[0], want)


def ordered(x: np.ndarray, axis: int, descending: bool) -> np.ndarray:
    """Where the elements are in order, equal ones in their own, a NaN as the largest."""
    x = np.where(np.isnan(x), np.inf, x)
    return np.argsort(-x if descending else x, axis, kind="stable")


@pytest.mark.parametrize("descending", [False, True])
def test_sort(descending: bool) -> None:
    generator = np.random.default_rng(3)
    for _ in range(30):
        shape = random_shape(generator)
        axis = random_axis(generator, len(shape))
        x = values(generator, shape)
        x.flat[0], x.flat[-1] = np.nan, -0.0
        want = ordered(x, axis, descending)
        attributes = f"axis = {axis} : i64, descending = {flag(descending)}"
        found, places = evaluate("Sort", [x], attributes, [shape, shape])
        np.testing.assert_array_equal(places, want)
        np.testing.assert_array_equal(found, np.take_along_axis(x, want, axis))
        np.testing.assert_array_equal(evaluate("Sort", [x], attributes, [None, shape])[1], want)


@pytest.mark.parametrize("largest", [False, True])
def test_topk(largest: bool) -> None:
    generator = np.random.default_rng(4)
    for _ in range(40):
        shape = random_shape(generator)
        axis = random_axis(generator, len(shape))
        shape[axis] *= int(generator.choice([1, 20]))
        count = int(generator.integers(1, shape[axis] + 1))
        x = values(generator, shape, bool(generator.integers(2)))
        want = np.take(ordered(x, axis, largest), range(count), axis)
        attributes = f"K = {count} : i64, axis = {axis} : i64, largest = {flag(largest)}"
        found, places = evaluate("TopK", [x], attributes, [want.shape, want.shape])
        np.testing.assert_array_equal(places, want)
        np.testing.assert_array_equal(found, np.take_along_axis(x, want, axis))
        np.testing.assert_array_equal(evaluate("TopK", [x], attributes, [None, want.shape])[1], want)
        np.testing.assert_array_equal(evaluate("TopK", [x], attributes, [want.shape, None])[0], found)


def test_gather() -> None:
    generator = np.random.default_rng(5)
    for _ in range(40):
        shape = random_shape(generator)
        axis = random_axis(generator, len(shape))
        x, places = values(generator, shape), indices(generator, shape[axis], random_shape(generator, 1, 3))
        want = np.take(x, places.astype(int), axis)
        (result,) = evaluate("Gather", [x, places], f"axis = {axis} : si32", [want.shape])
        np.testing.assert_array_equal(result, want)
        single = places.reshape(-1)[:1]
        want = np.take(x, int(single[0]), axis)
        shape = want.shape or (1,)
        (result,) = evaluate("Gather", [x, single], f"axis = {axis} : si32, keepdims = false", [shape])
        np.testing.assert_array_equal(result, want.reshape(shape))


def test_gather_elements() -> None:
    generator = np.random.default_rng(6)
    for _ in range(40):
        shape = random_shape(generator)
        axis = random_axis(generator, len(shape))
        smaller = [int(generator.integers(1, extent + 1)) for extent in shape]
        smaller[axis] = int(generator.integers(1, 9))
        x, places = values(generator, shape), indices(generator, shape[axis], smaller)
        want = torch.gather(torch.from_numpy(x), axis, torch.from_numpy(places % shape[axis]).long()).numpy()
        (result,) = evaluate("GatherElements", [x, places], f"axis = {axis} : i64", [want.shape])
        np.testing.assert_array_equal(result, want)


def tuples(generator: Generator, shape: list[int], count: list[int], width: int) -> np.ndarray:
    """Tuples of valid indices into the leading axes of a shape."""
    return np.stack([indices(generator, shape[axis], count) for axis in range(width)], -1)


def test_gather_nd() -> None:
    generator = np.random.default_rng(7)
    for _ in range(60):
        shape = random_shape(generator)
        batch = int(generator.integers(0, len(shape)))
        width = int(generator.integers(1, len(shape) - batch + 1))
        count = random_shape(generator, 0 if batch else 1, 2)
        x = values(generator, shape)
        places = tuples(generator, shape[batch:], [*shape[:batch], *count], width)
        want = np.empty([*shape[:batch], *count, *shape[batch + width :]], np.float32)
        for at in np.ndindex(*shape[:batch], *count):
            want[at] = x[(*at[:batch], *places[at].astype(int))]
        attributes = f"batch_dims = {batch} : i64, indice_dims = {width} : i64"
        (result,) = evaluate("GatherND", [x, places], attributes, [want.shape])
        np.testing.assert_array_equal(result, want)
    (result,) = evaluate("GatherND", [x, np.zeros([x.ndim], np.float32)], "", [[1]])
    assert result[0] == x.flat[0]


@pytest.mark.parametrize("reduction", range(6))
def test_scatter_elements(reduction: int) -> None:
    generator = np.random.default_rng(8)
    combine = [lambda a, b: b, np.add, np.subtract, np.maximum, np.minimum, np.multiply][reduction]
    for _ in range(30):
        shape = random_shape(generator)
        axis = random_axis(generator, len(shape))
        smaller = [int(generator.integers(1, extent + 1)) for extent in shape]
        x, updates, places = (
            values(generator, shape),
            values(generator, smaller),
            indices(generator, shape[axis], smaller),
        )
        want = x.copy()
        for at in np.ndindex(*smaller):
            to = list(at)
            to[axis] = int(places[at])
            want[tuple(to)] = combine(want[tuple(to)], updates[at])
        attributes = f"axis = {axis} : i64, reduction = {reduction} : i64"
        (result,) = evaluate("ScatterElements", [x, places, updates], attributes, [shape])
        np.testing.assert_array_equal(result, want)
        if reduction in (1, 3, 4, 5):
            kind = REDUCTIONS[reduction]
            where = torch.from_numpy(places % shape[axis]).long()
            torches = torch.from_numpy(x).scatter_reduce(axis, where, torch.from_numpy(updates), kind)
            np.testing.assert_array_equal(result, torches.numpy())


@pytest.mark.parametrize("reduction", range(6))
def test_scatter_nd(reduction: int) -> None:
    generator = np.random.default_rng(9)
    combine = [lambda a, b: b, np.add, np.subtract, np.maximum, np.minimum, np.multiply][reduction]
    for _ in range(30):
        shape = random_shape(generator)
        width = int(generator.integers(1, len(shape) + 1))
        count = random_shape(generator, 1, 2)
        x, places = values(generator, shape), tuples(generator, shape, count, width)
        updates = values(generator, [*count, *shape[width:]])
        want = x.copy()
        for at in np.ndindex(*count):
            to = tuple(places[at].astype(int))
            want[to] = combine(want[to], updates[at])
        (result,) = evaluate("ScatterND", [x, places, updates], f"reduction = {reduction} : i32", [shape])
        np.testing.assert_array_equal(result, want)


@pytest.mark.parametrize("accumulate", [False, True])
def test_index_put(accumulate: bool) -> None:
    generator = np.random.default_rng(10)
    for _ in range(30):
        shape = random_shape(generator)
        places = indices(generator, shape[0], random_shape(generator, 1, 2))
        selected = [*places.shape, *shape[1:]]
        given = [extent if generator.random() < 0.7 else 1 for extent in selected]
        x, updates = values(generator, shape), values(generator, given)
        want = x.copy()
        rows = np.broadcast_to(updates, selected)
        for at in np.ndindex(*places.shape):
            want[int(places[at])] = want[int(places[at])] + rows[at] if accumulate else rows[at]
        (result,) = evaluate("IndexPut", [x, places, updates], f"accumulate = {flag(accumulate)}", [shape])
        np.testing.assert_array_equal(result, want)


def test_emb_dense_bwd() -> None:
    generator = np.random.default_rng(11)
    places = generator.integers(0, 10, [3, 40])
    gradient = values(generator, [3, 40, 16], False)
    want = torch.ops.aten.embedding_dense_backward(torch.from_numpy(gradient), torch.from_numpy(places), 10, -1, False)
    (result,) = evaluate("EmbDenseBwd", [gradient, places.astype(np.float32)], "num_weights = 10 : si32", [[10, 16]])
    np.testing.assert_allclose(result, want.numpy(), rtol=1e-5, atol=1e-5)
    with pytest.raises(MLIRError, match="negative index"):
        evaluate("EmbDenseBwd", [gradient, -places.astype(np.float32)], "num_weights = 10 : si32", [[10, 16]])


def test_non_zero() -> None:
    generator = np.random.default_rng(12)
    for _ in range(20):
        x = values(generator, random_shape(generator))
        want = np.full([x.size, x.ndim], -1)
        found = np.argwhere(x)
        want[: len(found)] = found
        (rows,) = evaluate("NonZero", [x], 'order = "ColMajor"', [want.shape])
        (columns,) = evaluate("NonZero", [x], 'order = "RowMajor"', [want.T.shape])
        np.testing.assert_array_equal(rows, want)
        np.testing.assert_array_equal(columns, want.T)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of boxes given by two corners (low, high)."""
    sides = np.minimum(a[1], b[1]) - np.maximum(a[0], b[0])
    shared = float(np.prod(np.maximum(sides, 0)))
    whole = float(np.prod(a[1] - a[0]) + np.prod(b[1] - b[0])) - shared
    return shared / whole if whole > 0 else 0.0


@pytest.mark.parametrize("centered", [0, 1])
def test_nms(centered: int) -> None:
    generator = np.random.default_rng(13)
    for most, iou, threshold in [(3, 0.5, 0.2), (30, 0.3, None), (5, None, None), (1, 0.7, 0.9), (40, 0.95, 0.0)]:
        boxes = generator.uniform(0, 10, [2, 30, 4]).astype(np.float32)
        scores = generator.uniform(0, 1, [2, 3, 30]).astype(np.float32).round(2)
        want = []
        for b, c in np.ndindex(2, 3):
            chosen: list[int] = []
            corners = []
            for box in boxes[b]:
                low, high = (box[:2] - box[2:] / 2, box[:2] + box[2:] / 2) if centered else (box[:2], box[2:])
                corners.append((np.minimum(low, high), np.maximum(low, high)))
            for i in np.argsort(-scores[b, c], kind="stable"):
                better = any(overlap(corners[j], corners[i]) > (iou or 0) for j in chosen)
                if len(chosen) < most and not better and (threshold is None or scores[b, c, i] > threshold):
                    chosen.append(int(i))
            want += [(b, c, i) for i in chosen]
        limits = [np.array([value], np.float32) for value in (most, iou, threshold) if value is not None]
        rows = 6 * min(most, 30)
        attributes = f"center_point_box = {centered} : i64, max_output_size = {most} : i64"
        (result,) = evaluate("Nms", [boxes, scores, *limits], attributes, [[rows, 3]])
        np.testing.assert_array_equal(result[: len(want)], want)
        assert (result[len(want) :] == -1).all()


def test_nms_gives_what_an_operand_asks_for() -> None:
    boxes = np.array([[[0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]]], np.float32)
    scores = np.array([[[0.5, 0.9, 0.7]]], np.float32)
    attributes = "center_point_box = 0 : i64, max_output_size = 1000 : i64"
    for most, want in [(2, [1, 2]), (0, []), (-5, []), (np.nan, []), (1e30, [1, 2, 0])]:
        (result,) = evaluate("Nms", [boxes, scores, np.array([most], np.float32)], attributes, [[3, 3]])
        assert [int(row[2]) for row in result if row[2] >= 0] == want
    (wide,) = evaluate("Nms", [boxes, scores], attributes, [[1000, 3]])
    assert [int(row[2]) for row in wide if row[2] >= 0] == [1, 2, 0]


@pytest.mark.parametrize("bad", [5.0, -6.0, 1e30, np.nan, np.inf])
def test_indices_outside_are_refused(bad: float) -> None:
    x = np.zeros([5, 4], np.float32)
    place = np.array([[bad]], np.float32)
    update = np.zeros([1, 1], np.float32)
    calls = [
        ("Gather", [x, place], "axis = 0 : si32", [1, 1, 4]),
        ("GatherElements", [x, place], "axis = 0 : i64", [1, 1]),
        ("GatherND", [x, place], "", [1, 4]),
        ("ScatterElements", [x, place, update], "axis = 0 : i64", [5, 4]),
        ("ScatterND", [x, place, np.zeros([1, 4], np.float32)], "", [5, 4]),
        ("IndexPut", [x, place, update], "", [5, 4]),
    ]
    for kind, operands, attributes, shape in calls:
        with pytest.raises(MLIRError, match=r"has index .* for an axis of 5 elements"):
            evaluate(kind, operands, attributes, [shape])
