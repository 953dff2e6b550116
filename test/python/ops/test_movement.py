"""Operators that only move data: results are exact, whatever the mode rounds the inputs to."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import harness
import numpy as np
import pytest
from harness import Row


def integers(*values: int) -> np.ndarray:
    """An int64 constant."""
    return np.array(values, np.int64)


def slice_row(shape: tuple[int, ...], starts: list[int], ends: list[int], axes: list[int], steps: list[int]) -> Row:
    """A slice with constant parameters."""
    constants = {1: integers(*starts), 2: integers(*ends), 3: integers(*axes), 4: integers(*steps)}
    name = f"{shape}-{starts}-{ends}-{axes}-{steps}".translate(str.maketrans(", ", "x_", "()[]"))
    return Row("Slice", [shape], constants=constants, name=name)


def pad_row(shape: tuple[int, ...], pads: list[int], mode: str, value: float = 0.0) -> Row:
    """A padding with constant parameters."""
    constants: dict[int, np.ndarray | tuple[int, ...]] = {1: integers(*pads)}
    if mode == "constant":
        constants[2] = np.array(value, np.float32)
    name = f"{shape}-{pads}-{mode}".translate(str.maketrans(", ", "x_", "()[]"))
    return Row("Pad", [shape], {"mode": mode}, constants=constants, name=name)


ROWS = [
    *[Row("Transpose", [(2, 3, 4, 5)], {"perm": list(order)}) for order in permutations(range(4))],
    Row("Transpose", [(1, 70, 33, 65)], {"perm": [0, 2, 3, 1]}),
    Row("Transpose", [(1, 33, 65, 70)], {"perm": [0, 3, 1, 2]}),
    Row("Transpose", [(2, 50, 12, 64)], {"perm": [0, 2, 1, 3]}),
    Row("Transpose", [(300, 517)], {"perm": [1, 0]}),
    Row("Transpose", [(2, 3, 4, 5, 6)], {"perm": [4, 0, 2, 1, 3]}),
    Row("Transpose", [(2, 3, 4, 2, 6, 3)], {"perm": [0, 4, 2, 5, 3, 1]}),
    Row("Transpose", [(70000, 3)], {"perm": [1, 0]}, modes=("F16",)),
    # Short runs: pairs of transposes, and rearrangement within the lanes.
    Row("Transpose", [(3, 197, 9, 64)], {"perm": [0, 2, 1, 3]}),
    Row("Transpose", [(65, 40, 33)], {"perm": [1, 0, 2]}),
    Row("Transpose", [(2, 70, 9, 11, 13)], {"perm": [0, 1, 4, 2, 3]}),
    Row("Transpose", [(150, 6, 10, 7)], {"perm": [0, 3, 1, 2]}),
    Row("Transpose", [(9, 100, 6, 10, 7)], {"perm": [4, 1, 3, 0, 2]}),
    Row("DepthToSpace", [(1, 9, 70, 50)], {"blocksize": 3}),
    Row("DepthToSpace", [(2, 36, 33, 41)], {"blocksize": 2}),
    Row("SpaceToDepth", [(1, 5, 64, 66)], {"blocksize": 2}),
    slice_row((3, 80, 90), [0, 1], [80, 90], [1, 2], [2, 3]),
    # The slices of a space-to-depth stem.
    slice_row((1, 3, 128, 130), [0, 1], [128, 130], [2, 3], [2, 2]),
    slice_row((2, 70, 31, 101), [5], [101], [3], [4]),
    Row("Concat", [(1, 3, 8, 8), (1, 5, 8, 8)], {"axis": 1}),
    Row("Concat", [(2, 3, 8, 8), (2, 70, 8, 8)], {"axis": 1}),
    Row("Concat", [(2, 3, 8), (2, 3, 5), (2, 3, 1)], {"axis": -1}),
    Row("Concat", [(2, 3), (4, 3)], {"axis": 0}),
    slice_row((2, 10, 12, 13), [2], [9], [1], [1]),
    slice_row((1, 10, 12, 13), [2], [9], [1], [1]),
    slice_row((2, 10, 12, 13), [1, 3], [11, 10], [2, 3], [2, 3]),
    slice_row((2, 10, 12, 13), [-1], [-100], [3], [-1]),
    slice_row((5, 7), [-1, 6], [-100, 0], [0, 1], [-2, -1]),
    slice_row((100000,), [5], [99999], [0], [3]),
    pad_row((1, 3, 6, 7), [0, 0, 1, 2, 0, 0, 3, 4], "constant", 1.5),
    pad_row((2, 3, 6, 7), [1, 2, 0, 0, 0, 1, 0, 5], "constant"),
    pad_row((1, 3, 6, 7), [0, 0, 1, 2, 0, 0, 3, 4], "reflect"),
    pad_row((1, 3, 6, 7), [0, 1, 1, 2, 0, 2, 3, 4], "edge"),
    pad_row((20,), [3, 7], "reflect"),
    Row("Tile", [(2, 3, 5)], constants={1: integers(1, 4, 2)}),
    Row("Tile", [(1, 70, 1, 9)], constants={1: integers(3, 1, 5, 1)}),
    Row("Expand", [(3, 1, 5)], constants={1: integers(2, 3, 4, 5)}),
    Row("DepthToSpace", [(2, 12, 5, 7)], {"blocksize": 2}),
    Row("DepthToSpace", [(2, 12, 5, 7)], {"blocksize": 2, "mode": "CRD"}),
    Row("DepthToSpace", [(1, 27, 9, 8)], {"blocksize": 3}),
    Row("SpaceToDepth", [(2, 3, 8, 6)], {"blocksize": 2}),
    Row("Reshape", [(2, 12, 5, 7)], constants={1: integers(4, -1, 7)}),
    Row("Flatten", [(2, 12, 5, 7)], {"axis": 2}),
    Row("Squeeze", [(2, 1, 5, 1)], constants={1: integers(1, 3)}),
    Row("Unsqueeze", [(2, 5)], constants={1: integers(0, 2)}),
    Row("Split", [(2, 6, 4)], {"axis": 1}, constants={1: integers(6)}, name="one"),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_movement(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
