"""Arithmetic of two and more tensors, with every form of broadcasting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import harness
import numpy as np
import pytest
from harness import Row, away_from_zero, uniform

POSITIVE = uniform(0.25, 4)


def sum_row(op: str, shapes: list[tuple[int, ...]], constants: dict | None = None, **options: Any) -> Row:
    """A sum or difference, which may cancel: errors are measured against the largest result."""
    return Row(op, shapes, constants=constants or {}, floor=1.0, **options)


ROWS = [
    sum_row("Add", [(1, 16, 28, 28), (1, 16, 28, 28)]),
    sum_row("Add", [(3, 5), (5,)]),
    sum_row("Add", [(197, 768), (768,)]),
    sum_row("Add", [(2, 3, 4, 5), (1,)]),
    sum_row("Add", [(1,), (1,)]),
    sum_row("Add", [(2, 100, 7, 9), (1, 100, 1, 1)]),
    sum_row("Add", [(2, 100, 7, 9), (2, 1, 7, 9)]),
    sum_row("Add", [(2, 100, 7, 9), (7, 1)]),
    sum_row("Add", [(2, 100, 7, 9), (1, 1, 1, 9)]),
    sum_row("Add", [(3, 1, 40), (1, 70, 1)]),
    sum_row("Add", [(130, 1), (1, 67)]),
    sum_row("Add", [(2, 3, 1, 5, 1, 7), (2, 3, 4, 5, 6, 7)], name="rank6"),
    sum_row("Add", [(5, 6, 7)], constants={1: (6, 1)}),
    sum_row("Add", [(1, 70, 300, 301), (70, 1, 301)], modes=("F32", "F16"), name="tiled-broadcast"),
    sum_row("Add", [(3, 511, 257), (511, 257)], name="tiled-batch-broadcast"),
    sum_row("Sub", [(4, 65, 9), (4, 65, 9)]),
    sum_row("Sub", [(65, 1), (4, 65, 9)]),
    sum_row("Sub", [(4, 33)], constants={1: np.array(1.5, np.float32)}),
    sum_row("Sub", [(4, 33)], constants={0: np.array([2.5], np.float32)}),
    Row("Mul", [(2, 12, 20, 20), (2, 12, 20, 20)]),
    Row("Mul", [(2, 12, 20, 20), (2, 12, 1, 1)]),
    Row("Mul", [(2, 12, 20, 20), (2, 1, 20, 20)]),
    Row("Mul", [(2, 12, 200)], constants={1: np.array(0.3, np.float32)}),
    Row("Div", [(9, 70), (9, 70)], values=away_from_zero()),
    Row("Div", [(2, 8, 5, 5), (2, 8, 1, 1)], values=POSITIVE),
    Row("Div", [(2, 8, 5, 5)], constants={1: np.array(3, np.float32)}),
    Row("Div", [(2, 8, 5, 5)], constants={0: np.array(3, np.float32)}, values=away_from_zero()),
    Row("Max", [(6, 50), (6, 50)]),
    Row("Max", [(6, 50), (50,), (6, 1)]),
    Row("Max", [(6, 50)], constants={1: np.array(0.25, np.float32)}),
    Row("Min", [(6, 50), (6, 50)]),
    Row("Min", [(6, 50)], constants={1: np.array(0.25, np.float32)}),
    sum_row("Sum", [(3, 20, 8), (3, 20, 8), (3, 20, 8)]),
    Row("Clip", [(2, 70, 5)], constants={1: np.array(-0.5, np.float32), 2: np.array(0.75, np.float32)}),
    Row("Clip", [(2, 70, 5)], constants={1: np.array(0, np.float32), 2: np.array(6, np.float32)}, name="relu6"),
    Row("Pow", [(4, 50)], constants={1: np.array(2, np.float32)}),
    Row("Pow", [(4, 50)], constants={1: np.array(0.5, np.float32)}, values=POSITIVE),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_elementwise(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)


def quotients(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Small integers, whose products and quotients are exact."""
    return generator.integers(1, 40, shape).astype(np.float32)


def test_exact_quotients_come_out_exact(tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model, inputs = harness.build(Row("Div", [(40, 40), (40, 40)], values=quotients))
    inputs["x0"] *= inputs["x1"]
    stages = harness.compile_model(model, inputs, "F32", tmp_path)
    (values,) = BModel(stages.model).run(stages.inputs).values()
    np.testing.assert_array_equal(values, inputs["x0"] / inputs["x1"])
