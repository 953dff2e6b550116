"""Operators that combine whole axes: reductions, softmax, layer normalization."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import harness
import numpy as np
import pytest
from harness import Row, uniform

NEAR_ONE = uniform(0.8, 1.25)


def reduce_row(op: str, shape: tuple[int, ...], axes: list[int] | None, keep: int = 1, **options: Any) -> Row:
    """A reduction with constant axes, as operand or attribute as the operator wants it."""
    name = f"{shape}-{axes}-{keep}".translate(str.maketrans(", ", "x_", "()[]"))
    if op == "ReduceSum":
        constants = {} if axes is None else {1: np.array(axes, np.int64)}
        return Row(op, [shape], {"keepdims": keep}, constants=constants, name=name, **options)
    attributes = {"keepdims": keep} | ({} if axes is None else {"axes": axes})
    return Row(op, [shape], attributes, name=name, **options)


# Sums of both signs cancel, so errors are measured against the largest result.
SUMS: dict[str, Any] = {"floor": 1.0, "tolerance": 8}

ROWS = [
    reduce_row("ReduceMean", (2, 70, 7, 9), [2, 3], **SUMS),
    reduce_row("ReduceMean", (2, 70, 7, 9), [1], **SUMS),
    reduce_row("ReduceMean", (2, 70, 7, 9), [-1], 0, **SUMS),
    reduce_row("ReduceMean", (1, 50, 768), [2], **SUMS),
    reduce_row("ReduceMean", (2, 5, 6, 7), [0, 2], 0, **SUMS),
    reduce_row("ReduceMean", (2, 5, 6, 7), [0, 1, 3], **SUMS),
    reduce_row("ReduceMean", (2, 5, 6, 7), None, 0, **SUMS),
    reduce_row("ReduceMean", (2, 3, 4, 5, 6), [1, 3], **SUMS),
    reduce_row("ReduceSum", (3, 4, 50, 51), [1], **SUMS),
    reduce_row("ReduceSum", (3, 200), [0], **SUMS),
    reduce_row("ReduceSum", (1, 1 << 20), [1], modes=("F32",), floor=1.0, tolerance=400),
    reduce_row("ReduceSum", (2, 96 * 1024), [1], modes=("F32", "F16"), floor=4.0, tolerance=64),
    reduce_row("ReduceMax", (2, 70, 7, 9), [1]),
    reduce_row("ReduceMax", (2, 70, 7, 9), [3], 0),
    reduce_row("ReduceMax", (4, 4096), [1]),
    reduce_row("ReduceMin", (2, 70, 7, 9), [2]),
    reduce_row("ReduceMin", (300, 11), [0, 1], 0),
    reduce_row("ReduceL1", (2, 7, 33), [1], **SUMS),
    reduce_row("ReduceL2", (2, 7, 33), [2], **SUMS),
    reduce_row("ReduceProd", (2, 7, 33), [1], values=NEAR_ONE, tolerance=16),
    reduce_row("ReduceProd", (2, 7, 13), [2], values=NEAR_ONE, tolerance=24),
    Row("Softmax", [(2, 10)], {"axis": 1}, floor=0.1),
    Row("Softmax", [(5, 1000)], {"axis": -1}, floor=0.1),
    Row("Softmax", [(2, 12, 49, 49)], {"axis": -1}, floor=0.1),
    Row("Softmax", [(1, 21, 33, 35)], {"axis": 1}, floor=0.1),
    Row("Softmax", [(2, 3, 40, 5)], {"axis": 2}, floor=0.1),
    Row("Softmax", [(64, 30, 7)], {"axis": 1}, floor=0.1),
    Row("Softmax", [(1, 50257)], {"axis": -1}, floor=0.1),
    Row("Softmax", [(7, 30, 30)], {"axis": 0}, values=uniform(-60, 60), floor=1, tolerance=64),
    Row("LogSoftmax", [(5, 100)], {"axis": -1}, floor=0.5),
    Row("LogSoftmax", [(2, 6, 20, 11)], {"axis": 1}, floor=0.5),
    Row("LayerNormalization", [(2, 50, 64)], {"axis": -1}, constants={1: (64,), 2: (64,)}, floor=0.5, tolerance=8),
    Row("LayerNormalization", [(197, 768)], {"axis": -1}, constants={1: (768,), 2: (768,)}, floor=0.5, tolerance=8),
    Row("LayerNormalization", [(1, 4, 10, 33)], {"axis": 2}, constants={1: (10, 33)}, floor=0.5, tolerance=8),
    Row("LayerNormalization", [(2, 16384)], {"axis": -1}, constants={1: (16384,), 2: (16384,)}, floor=0.5, tolerance=8),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_reduction(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
