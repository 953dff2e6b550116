"""Our simulator and the vendor's run the same bmodels with equal bits, for every row of the operator tables."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import harness
import integers
import numpy as np
import pytest
import test_activations
import test_elementwise
import test_matmul
import test_movement
import test_quantized_matmul
import test_quantized_windows
import test_reductions
import test_resize
import test_windows
from harness import Row

HOME = os.environ.get("TPU_MLIR_HOME", "")
RUNNER = Path(__file__).resolve().parents[2] / "vendor" / "vendor_run.py"

# The vendor's simulator spends about 0.2 ms per TIU cycle of half-precision products and 0.005 ms otherwise; longer
# rows only run with TPU_MLIR_NIGHTLY=1, which keeps CI short.
LONGEST_CYCLES = {"F32": 500_000, "F16": 20_000, "BF16": 20_000}
NIGHTLY = os.environ.get("TPU_MLIR_NIGHTLY") == "1"

TABLES = (
    test_activations,
    test_elementwise,
    test_matmul,
    test_movement,
    test_reductions,
    test_resize,
    test_windows,
)
LARGEST = 400_000
"""Elements of a row's inputs; larger ones keep the vendor's simulator busy for minutes."""

ROWS = [row for table in TABLES for row in table.ROWS if sum(math.prod(shape) for shape in row.shapes) <= LARGEST]

pytestmark = [
    pytest.mark.vendor,
    pytest.mark.skipif(not HOME, reason="TPU_MLIR_HOME does not name the vendor's tpu_mlir package"),
]


BYTES = [
    *((test_quantized_windows, row) for row in (*test_quantized_windows.WINDOWS, *test_quantized_windows.POOLINGS)),
    *((test_quantized_matmul, row) for row in test_quantized_matmul.ROWS),
]
LONGEST_CYCLES_OF_BYTES = 60_000


def run_vendor(model: Path, inputs: dict[str, np.ndarray], *options: str) -> list[np.ndarray]:
    """The results of the vendor's simulator."""
    folder = model.parent
    np.savez(folder / "in.npz", **inputs)
    command = [sys.executable, str(RUNNER), "--home", HOME, "--timeout", "250", *options]
    command += [str(model), "in.npz", "out.npz"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-500:]
    with np.load(folder / "out.npz") as theirs:
        return [theirs[name] for name in theirs]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_simulators_agree(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    from tpu_mlir.runtime.bmodel import BModel

    stages = harness.compile_row(row, mode, tmp_path)
    bmodel = BModel(stages.model)
    cycles = bmodel.cycles()["tiu_cycles"]
    if cycles > LONGEST_CYCLES[mode] and not NIGHTLY:
        pytest.skip(f"{cycles} TIU cycles take the vendor's simulator too long; TPU_MLIR_NIGHTLY=1 runs them")
    ours = bmodel.run(stages.inputs)
    theirs = run_vendor(stages.model, stages.inputs)
    for wanted, value in zip(ours.values(), theirs, strict=True):
        np.testing.assert_array_equal(value.astype(np.float32).reshape(wanted.shape), wanted)


@pytest.mark.parametrize(("table", "row"), BYTES, ids=[row.id for _, row in BYTES])
def test_simulators_agree_on_bytes(table: ModuleType, row: Any, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    built = table.build(row)
    path = integers.compile_built(built, tmp_path)
    cycles = BModel(path).cycles()["tiu_cycles"]
    if cycles > LONGEST_CYCLES_OF_BYTES and not NIGHTLY:
        pytest.skip(f"{cycles} TIU cycles take the vendor's simulator too long; TPU_MLIR_NIGHTLY=1 runs them")
    (value,) = run_vendor(path, built.inputs, "--raw")
    integers.assert_equal("the vendor's simulator", value, built.wanted)
