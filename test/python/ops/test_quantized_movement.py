"""Moves, look-up and channel scaling of 8-bit tensors: evaluation and simulator agree in every bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, check, quantized
from test_quantized_elementwise import GENERATOR, LIMITS, real, stored

Q = ("i8", 0.05, -13)
E = quantized(*Q)


def move(
    op: str, shape: tuple[int, ...], result: tuple[int, ...], attributes: str = "", nones: int = 0, name: str = ""
) -> Single:
    """An op that takes one tensor to another of the same quantization."""
    dims = ["x".join(map(str, extents)) for extents in (shape, result)]
    label = f"{dims[0]}-{dims[1]}{name and '-'}{name}"
    return Single(op, [stored(shape, *Q), *[None] * nones], result, E, attributes, label)


def permute(shape: tuple[int, ...], order: Sequence[int]) -> Single:
    result = tuple(shape[axis] for axis in order)
    return move("Permute", shape, result, f"order = {list(order)}", 1, "".join(map(str, order)))


def cut(shape: tuple[int, ...], offset: Sequence[int], ends: Sequence[int], steps: Sequence[int]) -> Single:
    result = tuple(
        len(range(o, e, s) if s > 0 else range(o, e if e >= -n else -1, s))
        for n, o, e, s in zip(shape, offset, ends, steps, strict=True)
    )
    attributes = f"axes = [], offset = {list(offset)}, ends = {list(ends)}, steps = {list(steps)}"
    return move("Slice", shape, result, attributes, 4)


def pad(shape: tuple[int, ...], paddings: Sequence[int], mode: str, value: float = 0.0) -> Single:
    rank = len(shape)
    result = tuple(n + paddings[i] + paddings[i + rank] for i, n in enumerate(shape))
    attributes = f"mode = #tpu<Pad_Mode {mode}>, paddings = {list(paddings)}, val = {value} : f64"
    return move("Pad", shape, result, attributes, 4, f"{mode}{value}")


def concat(shapes: Sequence[tuple[int, ...]], axis: int) -> Single:
    extents = list(shapes[0])
    extents[axis] = sum(shape[axis] for shape in shapes)
    operands = [stored(shape, *Q) for shape in shapes]
    return Single("Concat", operands, tuple(extents), E, f"axis = {axis} : si32")


def upsample(shape: tuple[int, ...], h: int, w: int, more: str = "") -> Single:
    result = (shape[0], shape[1], shape[2] * h, shape[3] * w)
    return move("Upsample", shape, result, f"scale_h = {h} : i64, scale_w = {w} : i64{more}", 1, more)


def nearest(shape: tuple[int, ...], h: int, w: int, coordinates: str) -> Single:
    attributes = (
        f"mode = #tpu<mode nearest>, coord_mode = #tpu<coord_mode {coordinates}>, "
        f"scale_h = {h / shape[2]!r} : f64, scale_w = {w / shape[3]!r} : f64"
    )
    return move("Interp", shape, (shape[0], shape[1], h, w), attributes, 2, coordinates)


def blocks(shape: tuple[int, ...], result: tuple[int, ...], crd: bool, inverse: bool) -> Single:
    attributes = (
        f"block_h = 2 : i64, block_w = 2 : i64, is_CRD = {str(crd).lower()}, is_inversed = {str(inverse).lower()}"
    )
    return move("Depth2Space", shape, result, attributes, 0, f"{crd}{inverse}")


MOVES = [
    move("Reshape", (2, 70, 5, 9), (2, 3150), "shape = [2, 3150]"),
    move("Squeeze", (2, 1, 71), (2, 71), "axes = [1]"),
    permute((1, 3, 50, 61), (0, 2, 3, 1)),
    permute((2, 50, 61, 3), (0, 3, 1, 2)),
    permute((1, 12, 49, 32), (0, 2, 1, 3)),
    permute((2, 77, 65), (0, 2, 1)),
    permute((3, 5, 7, 9, 11), (4, 2, 0, 3, 1)),
    permute((1, 64, 320, 4), (0, 3, 2, 1)),
    cut((2, 70, 9, 31), (0, 3, 1, 0), (2, 69, 8, 31), (1, 1, 1, 1)),
    cut((2, 70, 9, 31), (0, 0, 1, 2), (2, 70, 9, 31), (1, 2, 2, 3)),
    cut((1, 3, 64, 64), (0, 0, 1, 0), (1, 3, 64, 64), (1, 1, 2, 2)),
    pad((1, 7, 9, 11), (0, 0, 1, 2, 0, 0, 3, 4), "constant", 0.0),
    pad((1, 7, 9, 11), (0, 1, 1, 2, 0, 2, 3, 4), "constant", 1.26),
    pad((1, 7, 9, 11), (0, 0, 1, 2, 0, 0, 3, 4), "constant", -1e9),
    pad((1, 7, 9, 11), (0, 0, 1, 2, 0, 0, 3, 4), "reflect"),
    pad((1, 7, 9, 11), (0, 0, 1, 2, 0, 0, 3, 4), "edge"),
    concat([(1, 7, 9, 11), (1, 13, 9, 11), (1, 1, 9, 11)], 1),
    concat([(2, 7, 9, 11), (2, 13, 9, 11)], 1),
    concat([(2, 7, 9, 11), (2, 7, 9, 3)], 3),
    upsample((1, 70, 13, 17), 2, 2),
    upsample((2, 5, 13, 17), 3, 1),
    upsample((1, 70, 13, 17), 2, 2, ", do_relu = true"),
    nearest((1, 70, 13, 17), 26, 34, "asymmetric"),
    nearest((2, 5, 13, 17), 20, 9, "half_pixel"),
    move("Tile", (1, 3, 1, 7), (2, 3, 4, 14), "tile = [2, 1, 4, 2]", 1),
    blocks((1, 16, 9, 11), (1, 4, 18, 22), crd=False, inverse=False),
    blocks((2, 16, 9, 11), (2, 4, 18, 22), crd=True, inverse=False),
    blocks((2, 4, 18, 22), (2, 16, 9, 11), crd=False, inverse=True),
]


def lut(shape: tuple[int, ...], storage: str, result: str) -> Single:
    low, high, kind = LIMITS[result]
    table = Operand(
        (1, 1, 1, 256),
        f"{'s' if result == 'i8' else 'u'}i8",
        GENERATOR.integers(low, high, (1, 1, 1, 256)).astype(kind),
        True,
    )
    return Single("Lut", [stored(shape, storage, 0.05), table], shape, quantized(result, 0.02))


LUTS = [
    lut(shape, storage, result)
    for shape in (
        (1, 16, 28, 28),
        (3, 5),
        (2, 130, 7, 9),
        (1, 3, 301, 303),
        (1, 1, 1, 1),
        (1, 300000),
        (1, 64, 160, 160),
    )
    for storage, result in (("i8", "u8"), ("u8", "i8"))
]


def scale(shape: tuple[int, ...], into: str, more: str = "", storage: str = "i8") -> Single:
    channels = (1, shape[1], *[1] * (len(shape) - 2))
    operands = [
        stored(shape, storage, 0.05, 3),
        real(channels, "f32", 2, is_weight=True),
        real(channels, "f32", 1, is_weight=True),
        None,
    ]
    return Single("Scale", operands, shape, into, more)


SCALES = [
    scale((1, 70, 9, 11), quantized("i8", 0.07, 5)),
    scale((2, 5, 33, 40), quantized("i8", 0.1)),
    scale((2, 130, 9, 11), quantized("u8", 0.03), "do_relu = true", "u8"),
    scale((1, 70, 9, 11), quantized("i8", 0.07), "do_relu = true, relu_limit = 3.0 : f64"),
    scale((1, 70, 9, 11), "f32"),
]


@pytest.mark.parametrize("single", MOVES, ids=lambda single: single.id)
def test_moves(single: Single, tmp_path: Path) -> None:
    check(single, tmp_path)


@pytest.mark.parametrize("single", LUTS, ids=lambda single: single.id)
def test_look_up(single: Single, tmp_path: Path) -> None:
    compiled = check(single, tmp_path)
    operand, table = single.operands
    assert operand is not None and table is not None
    np.testing.assert_array_equal(compiled.evaluated, table.values.reshape(-1)[operand.values.view(np.uint8)])


@pytest.mark.parametrize("single", SCALES, ids=lambda single: single.id)
def test_scales(single: Single, tmp_path: Path) -> None:
    check(single, tmp_path)
