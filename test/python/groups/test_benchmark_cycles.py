"""`regression/benchmark --cycles`: its figures are those of the bmodels, its ratios those of the recorded ones."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

REGRESSION = Path(__file__).resolve().parents[3] / "regression"
sys.path.insert(0, str(REGRESSION))

import cycles  # noqa: E402
from tpu_mlir.cli import model_deploy, model_transform, run_calibration  # noqa: E402
from tpu_mlir.runtime.bmodel import BModel  # noqa: E402

COMMANDS = {
    "model_deploy.py": model_deploy,
    "model_transform.py": model_transform,
    "run_calibration.py": run_calibration,
}


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, whose commands run in this process."""
    loader = SourceFileLoader("benchmark", str(REGRESSION / "benchmark"))
    spec = importlib.util.spec_from_loader("benchmark", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark"] = module
    loader.exec_module(module)

    def run(command: list[str], folder: Path) -> tuple[float, float]:
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            assert not COMMANDS[command[0]].main(command[1:])
        return 1.0, 0.0

    monkeypatch.setattr(module, "run", run)
    return module


def test_figures_are_those_of_the_bmodels(benchmark, tmp_path, monkeypatch, capsys):
    arguments = ["--cycles", "--networks", "lenet", "--work", str(tmp_path), "--json", str(tmp_path / "figures.json")]
    monkeypatch.setattr(sys, "argv", ["benchmark", *arguments])
    assert benchmark.main() == 0
    out = capsys.readouterr().out
    lines = [line.split("|")[1:-1] for line in out.splitlines() if line.startswith("| lenet")]
    assert [line[1].strip() for line in lines] == cycles.MODES
    recorded = benchmark.json.loads((REGRESSION / "upstream.json").read_text())["networks"]["lenet"]
    ratios = []
    for line, mode in zip(lines, cycles.MODES, strict=True):
        report = BModel(tmp_path / "lenet" / f"cycles_{mode}" / "lenet.bmodel").cycles()
        assert int(line[2].replace(",", "")) == report["total_cycles"]
        assert int(line[7].replace(",", "")) == report["bytes_read"] + report["bytes_written"]
        ratios.append(report["total_cycles"] / recorded[mode]["cycles"])
        assert abs(float(line[4]) - ratios[-1]) < 1e-3
        assert 0 < float(line[6]) <= float(line[5]) <= 1
    assert f"all: geometric mean of cycles / upstream {cycles.mean(ratios):.3f}" in out
    assert f"the largest {max(ratios):.3f}" in out


def test_unknown_networks_are_refused(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmark", "--cycles", "--networks", "letnet"])
    assert benchmark.main() == 1
    assert "unknown network 'letnet'" in capsys.readouterr().err


def test_roofline_is_arithmetic_or_moves():
    final = "module.FLOPs = 32768000 : i64 module.coeff_size = 58000 : i64"
    assert cycles.roofline(final, "F32", [580, 440]) == 16_000
    assert cycles.roofline(final, "INT8", [580, 440]) == 1_020
