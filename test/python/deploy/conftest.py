"""A small network with calibration samples and a table, for the tests of model_deploy in quantized modes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

for folder in (Path(__file__).parent, Path(__file__).parents[1]):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

Deploy = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small.onnx, small.mlir, its weights, top.npz, in.npz, cali/*.npz and the table small_cali_table."""
    from command_support import small_network
    from tpu_mlir.cli import model_transform, run_calibration

    folder = tmp_path_factory.mktemp("calibrated")
    small_network(folder / "small.onnx")
    random = np.random.default_rng(1)
    np.savez(folder / "in.npz", x=random.standard_normal((1, 3, 8, 8), dtype=np.float32))
    (folder / "cali").mkdir()
    for index in range(8):
        np.savez(folder / "cali" / f"{index}.npz", x=random.standard_normal((1, 3, 8, 8), dtype=np.float32))
    f = f"{folder}/"
    assert (
        model_transform.main(
            ["--model_name", "small", "--model_def", f + "small.onnx", "--mlir", f + "small.mlir"]
            + ["--test_input", f + "in.npz", "--test_result", f + "top.npz"]
        )
        == 0
    )
    arguments = [f + "small.mlir", "--dataset", f + "cali", "-o", f + "small_cali_table"]
    assert run_calibration.main(arguments) == 0
    return folder


@pytest.fixture
def deploy(run: Callable[..., tuple[int, str, str]], calibrated: Path) -> Deploy:
    """deploy(options…) compiles the small network in tmp_path, with checks; gives status, stdout and stderr."""

    def call(*options: object) -> tuple[int, str, str]:
        words = [str(option) for option in options]
        words = [word.replace("TABLE", str(calibrated / "small_cali_table")) for word in words]
        common = ["--mlir", calibrated / "small.mlir", "--chip", "bm1684x", "--model", "small.bmodel"]
        check = ["--test_input", calibrated / "in.npz", "--test_reference", calibrated / "top.npz"]
        return run("model_deploy", *common, *check, *words)

    return call
