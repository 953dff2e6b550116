"""Random small networks, grouped: the vendor's simulator gives the bits of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from graphs import Graph
from hypothesis import HealthCheck, given, settings
from random_graphs import SPATIAL, graphs
from variants import Variant, compile_variant, lower

HOME = os.environ.get("TPU_MLIR_HOME", "")
RUNNER = Path(__file__).resolve().parents[2] / "vendor" / "vendor_run.py"
NIGHTLY = os.environ.get("TPU_MLIR_NIGHTLY") == "1"

LONGEST_CYCLES = {"F32": 200_000, "F16": 12_000, "INT8": 60_000}
"""The vendor's simulator is slow, most of all with products of halves."""

pytestmark = [
    pytest.mark.vendor,
    pytest.mark.skipif(not HOME, reason="TPU_MLIR_HOME does not name the vendor's tpu_mlir package"),
]


def check_on_both(graph: Graph, mode: str, folder: Path) -> None:
    from tpu_mlir.runtime.bmodel import STORED, BModel

    lowered = lower(graph, mode, folder)
    path = compile_variant(lowered, Variant())
    model = BModel(path)
    if model.cycles()["tiu_cycles"] > LONGEST_CYCLES[mode]:
        return
    ours = model.run(lowered.inputs, raw_outputs=True)
    np.savez(folder / "in.npz", **lowered.inputs)  # type: ignore[arg-type]
    command = [sys.executable, str(RUNNER), "--home", HOME, "--timeout", "100", "--raw", str(path), "in.npz", "out.npz"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=150, check=False)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-500:]
    with np.load(folder / "out.npz") as theirs:
        for spec in model.outputs():
            stored = np.ascontiguousarray(theirs[spec.name]).view(STORED[spec.dtype])
            np.testing.assert_array_equal(stored.reshape(-1), ours[spec.name].reshape(-1), err_msg=spec.name)


@pytest.mark.parametrize("mode", LONGEST_CYCLES)
def test_simulators_agree(mode: str) -> None:
    @settings(
        max_examples=100 if NIGHTLY else 6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(graph=graphs(SPATIAL, most_steps=12))
    def holds(graph: Graph) -> None:
        with tempfile.TemporaryDirectory() as folder:
            check_on_both(graph, mode, Path(folder))

    holds()
