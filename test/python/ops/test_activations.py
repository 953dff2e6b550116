"""Functions of one tensor."""

from __future__ import annotations

from pathlib import Path

import harness
import pytest
from harness import Row, away_from_zero, uniform

WIDE = uniform(-30, 30)

ROWS = [
    Row("Relu", [(1, 16, 28, 28)]),
    Row("Relu", [(7,)]),
    Row("Relu", [(3, 100, 5, 7)]),
    Row("Sigmoid", [(2, 3, 17, 19)], values=WIDE, floor=1e-3),
    Row("Sigmoid", [(1, 65, 33)], values=uniform(-100, 100), floor=1e-3),
    Row("Tanh", [(5, 77)], values=WIDE, floor=0.1),
    Row("Tanh", [(1, 64, 64, 64)], floor=0.1),
    # A rounded argument is off by a part of its size, which the exponential turns into a factor.
    Row("Exp", [(2, 70, 9)], values=uniform(-10, 10), tolerance=12),
    Row("Exp", [(33,)], values=uniform(-90, 88), modes=("F32",), tolerance=80),
    Row("Log", [(4, 5, 6, 7)], values=uniform(1e-4, 100), floor=1),
    Row("Sqrt", [(3, 4, 50)], values=uniform(0, 100)),
    Row("Erf", [(2, 9, 31)], floor=0.1),
    Row("Abs", [(1, 3, 224, 224)]),
    Row("Ceil", [(6, 11)], values=WIDE, floor=1),
    Row("Floor", [(6, 11)], values=WIDE, floor=1),
    Row("Sign", [(6, 11)]),
    Row("Sin", [(2, 200)], values=uniform(-20, 20), floor=1, tolerance=24),
    Row("Cos", [(2, 200)], values=uniform(-20, 20), floor=1, tolerance=24),
    Row("LeakyRelu", [(1, 12, 30, 30)], {"alpha": 0.1}),
    Row("LeakyRelu", [(2, 5)]),
    Row("PRelu", [(2, 20, 13, 9)], constants={1: (20, 1, 1)}),
    Row("PRelu", [(2, 130, 5, 5)], constants={1: (130, 1, 1)}),
    Row("PRelu", [(2, 20, 13, 9)], constants={1: (1,)}),
    Row("Elu", [(3, 40, 8)], {"alpha": 0.7}, values=uniform(-10, 10)),
    Row("HardSigmoid", [(4, 99)], {"alpha": 0.2, "beta": 0.5}, values=uniform(-5, 5), floor=0.3),
    Row("HardSwish", [(1, 8, 14, 14)], values=uniform(-5, 5), floor=0.5),
    Row("Softplus", [(2, 6, 50)], values=WIDE, floor=0.1),
    Row("Softsign", [(2, 6, 50)], values=WIDE, floor=0.1),
    Row("Mish", [(2, 6, 50)], values=uniform(-10, 20), floor=0.1, opset=18),
    Row("Reciprocal", [(5, 41)], values=away_from_zero()),
    Row("Neg", [(5, 41)]),
    # 1 + erf cancels for negative arguments.
    Row("Gelu", [(2, 50, 64)], opset=20, floor=1),
    Row("Gelu", [(2, 50, 64)], {"approximate": "tanh"}, opset=20, floor=1),
    # Larger than local memory: several tiles, the last one incomplete.
    Row("Sigmoid", [(1, 33, 401, 403)], floor=1e-2, modes=("F32", "F16")),
    Row("Relu", [(70000, 33)], modes=("F16",)),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_activation(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
