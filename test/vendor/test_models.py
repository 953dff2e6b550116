"""Whole models: the vendor's runtime and functional simulator against ours, output bytes equal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
LENET = HERE.parents[1] / "regression" / "models" / "lenet"

pytestmark = pytest.mark.vendor


def run_vendor(home: Path, model: Path, inputs: dict[str, np.ndarray], folder: Path) -> dict[str, np.ndarray]:
    """Outputs of a bmodel on the vendor's runtime, in their stored types."""
    np.savez(folder / "in.npz", **inputs)
    command = [sys.executable, str(HERE / "vendor_run.py"), "--home", str(home), "--raw", "--timeout", "300"]
    result = subprocess.run(
        [*command, str(model), str(folder / "in.npz"), str(folder / "out.npz")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    with np.load(folder / "out.npz") as archive:
        return dict(archive)


def assert_same_outputs(simulator: Any, home: Path, model: Path, arrays: list[np.ndarray], folder: Path) -> None:
    """Runs a model on both sides, ours in every order of the engines, and compares the bytes of the outputs."""
    runner = simulator.ModelRunner(str(model))
    assert runner.hazards() == []
    expected = run_vendor(home, model, {t["name"]: a for t, a in zip(runner.inputs, arrays, strict=True)}, folder)
    for schedule in (simulator.Schedule.GDMA_FIRST, simulator.Schedule.TIU_FIRST, simulator.Schedule.RANDOM):
        for tensor, value in zip(runner.outputs, runner.run(arrays, schedule, seed=7), strict=True):
            reference = np.ascontiguousarray(expected[tensor["name"]])
            assert value.nbytes == reference.nbytes
            differing = int((value.ravel().view(np.uint8) != reference.ravel().view(np.uint8)).sum())
            assert differing == 0, f"{differing} of {value.nbytes} bytes of '{tensor['name']}' differ with {schedule}"


def test_model_of_the_vendors_compiler(simulator: Any, vendor_home: Path, tmp_path: Path) -> None:
    """The wheel brings one compiled model along: YUV to RGB, 8-bit, 101 instructions."""
    model = vendor_home / "python/tools/soc_infer/demo/Yuv2rgb_0_int8/compilation.bmodel"
    if not model.is_file():
        pytest.skip(f"this wheel has no {model.name} in its demo folder")
    random = np.random.default_rng(1)
    shapes = [t["shape"] for t in simulator.ModelRunner(str(model)).inputs]
    assert_same_outputs(
        simulator, vendor_home, model, [random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes], tmp_path
    )


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
def test_lenet_compiled_by_us(
    simulator: Any, vendor_home: Path, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tpu_mlir.cli import model_deploy, model_transform

    monkeypatch.chdir(tmp_path)
    shapes = list(json.loads((LENET / "meta.json").read_text())["inputs"].values())
    network = ["--model_name", "lenet", "--model_def", str(LENET / "lenet.onnx"), "--input_shapes", json.dumps(shapes)]
    assert not model_transform.main([*network, "--mlir", "lenet.mlir"])
    deploy = ["--mlir", "lenet.mlir", "--quantize", mode, "--processor", "bm1684x", "--model", "lenet.bmodel"]
    assert not model_deploy.main(deploy)
    with np.load(LENET / "in.npz") as archive:
        arrays = [archive[name].astype(np.float32) for name in archive.files]
    assert_same_outputs(simulator, vendor_home, tmp_path / "lenet.bmodel", arrays, tmp_path)
