"""Calibration tables go both ways: upstream's compiler takes ours, we take upstream's, and every range arrives.

TPU_MLIR_VENDOR_TOOLS names a virtual environment with upstream's command-line tools; without it the tests skip.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.table import Entry, mismatch, read_table
from tpu_mlir.cli import model_transform, run_calibration
from tpu_mlir.search.graph import graph_of

LENET = Path(__file__).resolve().parents[2] / "regression" / "models" / "lenet"

Upstream = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with lenet.mlir of our making."""
    made = tmp_path_factory.mktemp("tables")
    arguments = ["--model_name", "lenet", "--model_def", LENET / "lenet.onnx", "--mlir", made / "lenet.mlir"]
    assert model_transform.main([str(argument) for argument in arguments]) == 0
    return made


@pytest.fixture(scope="module")
def upstream(folder: Path) -> Upstream:
    """upstream(command, argument...) runs one of upstream's commands in the folder."""
    home = os.environ.get("TPU_MLIR_VENDOR_TOOLS")
    if not home or not Path(home, "bin", "tpuc-opt").exists():
        pytest.skip("TPU_MLIR_VENDOR_TOOLS does not name a virtual environment with upstream's commands")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TPU_MLIR"))}
    environment = {**clean, "VIRTUAL_ENV": home, "PATH": f"{home}/bin:{clean['PATH']}"}

    def run(command: str, *arguments: object) -> str:
        words = [f"{home}/bin/{command}", *map(str, arguments)]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    return run


def ranges(text: str) -> list[tuple[float, float]]:
    """The calibrated ranges of a module's results, in order."""
    found = re.findall(r"calibrated<f32<([-0-9.eE+]+):([-0-9.eE+]+)>>[^\n]*loc\(", text)
    return [(float(low), float(high)) for low, high in found]


def limits(entry: Entry, asymmetric: bool) -> tuple[float, float]:
    if asymmetric:
        return entry.minimum, entry.maximum
    return (-entry.threshold if entry.minimum < 0 else 0.0), entry.threshold


@pytest.mark.parametrize("asymmetric", [False, True])
def test_upstream_takes_our_table(folder: Path, upstream: Upstream, asymmetric: bool) -> None:
    table = folder / "ours"
    arguments = [folder / "lenet.mlir", "--dataset", LENET / "cali", "--cali_method", "mse", "-o", table]
    assert run_calibration.main([str(argument) for argument in arguments]) == 0
    text = upstream(
        "tpuc-opt", "lenet.mlir", "--processor-assign=chip=bm1684x mode=INT8 num_device=1 num_core=1 addr_mode=auto",
        f"--import-calibration-table=file=ours asymmetric={str(asymmetric).lower()}", "--mlir-print-debuginfo",
    )  # fmt: skip
    wanted = [limits(entry, asymmetric) for entry in read_table(table).entries.values()]
    found = ranges(text)
    for low, high in wanted:
        assert any(a == pytest.approx(low, abs=1e-6) and b == pytest.approx(high, abs=1e-6) for a, b in found)


def test_we_take_upstreams_table(folder: Path, upstream: Upstream) -> None:
    upstream(
        "run_calibration.py", "lenet.mlir", "--dataset", LENET / "cali", "--input_num", 10, "-o", "theirs",
    )  # fmt: skip
    table = read_table(folder / "theirs")
    module = pipelines.load(folder / "lenet.mlir", ir.Context())
    graph = graph_of(module)
    found = mismatch(table, [*graph.inputs, *graph.by_name])
    assert not found.unknown
    assert not found.missing
    passes = pipelines.lowering(
        "bm1684x", "INT8", str(folder / "w.npz"), calibration_table=str(folder / "theirs"), asymmetric=False
    )
    pipelines.run(module, passes)
    assert "quant.uniform" in str(module)
