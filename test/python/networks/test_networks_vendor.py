"""Whole networks on the vendor's runtime and simulator and on ours: output bytes equal.

F32 takes the vendor's simulator 5 to 20 seconds a network; F16 and BF16 take minutes and run with TPU_MLIR_NIGHTLY=1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TEST = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TEST.parent / "regression"))

from networks import NETWORKS, can_make_networks, ensure_network  # noqa: E402
from tpu_mlir.cli import model_deploy, model_transform  # noqa: E402
from tpu_mlir.runtime.bmodel import BModel  # noqa: E402

HOME = os.environ.get("TPU_MLIR_HOME", "")
NIGHTLY = os.environ.get("TPU_MLIR_NIGHTLY") == "1"
QUICK = ["resnet18", "mobilenet_v2", "squeezenet"]
CASES = [(name, mode) for name in NETWORKS if name != "lenet" for mode in ("F32", "F16", "BF16")]

pytestmark = [
    pytest.mark.network,
    pytest.mark.vendor,
    pytest.mark.skipif(not HOME, reason="TPU_MLIR_HOME does not name the vendor's tpu_mlir package"),
]


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_network_gives_the_vendors_bits(name, mode, tmp_path, monkeypatch):
    if not NIGHTLY and (mode != "F32" or name not in QUICK):
        pytest.skip("takes the vendor's simulator minutes; TPU_MLIR_NIGHTLY=1 runs it")
    if not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name)
    monkeypatch.chdir(tmp_path)
    shapes = json.loads((source / "meta.json").read_text())["inputs"]
    model = str(source / f"{name}.onnx")
    arguments = ["--model_name", name, "--model_def", model, "--mlir", "net.mlir"]
    assert not model_transform.main([*arguments, "--input_shapes", json.dumps(list(shapes.values()))])
    arguments = ["--mlir", "net.mlir", "--quantize", mode, "--processor", "bm1684x", "--model", "net.bmodel"]
    assert not model_deploy.main(arguments)
    with np.load(source / "in.npz") as archive:
        ours = BModel("net.bmodel").run(dict(archive))
    runner = str(TEST / "vendor" / "vendor_run.py")
    command = [sys.executable, runner, "--home", HOME, "--timeout", "1500"]
    run = subprocess.run(
        [*command, "net.bmodel", str(source / "in.npz"), "out.npz"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-500:]
    with np.load("out.npz") as theirs:
        for key, value in ours.items():
            np.testing.assert_array_equal(theirs[key].reshape(value.shape), value)
