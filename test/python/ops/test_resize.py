"""Resize of the last two axes, nearest and linear."""

from __future__ import annotations

from pathlib import Path

import harness
import numpy as np
import pytest
from harness import Row


def resize_row(
    shape: tuple[int, ...], size: tuple[int, int], mode: str, coordinates: str, nearest: str = "round_prefer_floor"
) -> Row:
    """A resize to a constant size."""
    attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
    if mode == "nearest":
        attributes["nearest_mode"] = nearest
    constants: dict[int, np.ndarray | tuple[int, ...]] = {
        1: np.zeros(0, np.float32),
        2: np.zeros(0, np.float32),
        3: np.array([*shape[:2], *size], np.int64),
    }
    name = f"{shape}-{size}-{mode}-{coordinates}-{nearest}".translate(str.maketrans(", ", "x_", "()[]"))
    return Row("Resize", [shape], attributes, constants=constants, name=name, floor=0.5)


ROWS = [
    resize_row((1, 3, 10, 12), (20, 24), "nearest", "asymmetric", "floor"),
    resize_row((2, 70, 7, 9), (21, 18), "nearest", "asymmetric", "floor"),
    resize_row((1, 3, 10, 12), (15, 7), "nearest", "half_pixel"),
    resize_row((1, 3, 10, 12), (20, 24), "linear", "half_pixel"),
    resize_row((2, 70, 7, 9), (14, 18), "linear", "align_corners"),
    resize_row((1, 5, 8, 8), (12, 20), "linear", "half_pixel"),
    resize_row((1, 5, 20, 22), (11, 10), "linear", "half_pixel"),
    resize_row((1, 5, 8, 8), (13, 1), "linear", "pytorch_half_pixel"),
    resize_row((1, 5, 8, 8), (16, 24), "linear", "asymmetric"),
    resize_row((1, 64, 90, 100), (180, 200), "linear", "half_pixel"),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_resize(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
