"""The vendor's simulator gives the bits of ours for ops with 8-bit operands, look-up and integer weights."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from single import Single, compile_single
from test_quantized_elementwise import CASTS
from test_quantized_elementwise import ROWS as ARITHMETIC
from test_quantized_movement import LUTS, MOVES, SCALES
from test_weight_only import CONVOLUTIONS, PRODUCTS

HOME = os.environ.get("TPU_MLIR_HOME", "")
RUNNER = Path(__file__).resolve().parents[2] / "vendor" / "vendor_run.py"
NIGHTLY = os.environ.get("TPU_MLIR_NIGHTLY") == "1"

LONGEST_CYCLES = 12_000
"""The vendor's simulator is slow with products of halves: longer rows only run with TPU_MLIR_NIGHTLY=1."""

LARGEST = 150_000
"""Elements of a result."""


def every(rows: list[Single], step: int) -> list[Single]:
    """Every ``step``-th row, all of them in nightly runs."""
    return [row for row in rows[:: 1 if NIGHTLY else step] if math.prod(row.shape) <= LARGEST]


ROWS = [
    *every(ARITHMETIC, 3),
    *every(CASTS, 5),
    *every(MOVES, 3),
    *every(LUTS, 3),
    *every(SCALES, 2),
    *every(PRODUCTS, 4),
    *every(CONVOLUTIONS, 2),
]

pytestmark = [
    pytest.mark.vendor,
    pytest.mark.skipif(not HOME, reason="TPU_MLIR_HOME does not name the vendor's tpu_mlir package"),
]


@pytest.mark.parametrize("single", ROWS, ids=lambda single: single.id)
def test_simulators_agree(single: Single, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import STORED, BModel

    compiled = compile_single(single, tmp_path)
    model = BModel(compiled.model)
    if model.cycles()["tiu_cycles"] > LONGEST_CYCLES and not NIGHTLY:
        pytest.skip("this row takes the vendor's simulator too long; TPU_MLIR_NIGHTLY=1 runs it")
    ours = model.run(compiled.inputs, raw_outputs=True)
    np.savez(tmp_path / "in.npz", **compiled.inputs)  # type: ignore[arg-type]
    command = [sys.executable, str(RUNNER), "--home", HOME, "--timeout", "100", "--raw"]
    command += [str(compiled.model), "in.npz", "out.npz"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-500:]
    with np.load(tmp_path / "out.npz") as theirs:
        for spec, name in zip(model.outputs(), theirs, strict=True):
            stored = np.ascontiguousarray(theirs[name]).view(STORED[spec.dtype])
            np.testing.assert_array_equal(stored.reshape(-1), ours[spec.name].reshape(-1))
