"""Whole networks from ONNX to the simulated bmodel, in every mode; the similarity is that of the last output with
onnxruntime. The networks are made by regression/models/models.py, which needs PyTorch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

REGRESSION = Path(__file__).resolve().parents[3] / "regression"
sys.path.insert(0, str(REGRESSION))

from network_arrays import cosine, load  # noqa: E402
from networks import NETWORKS, can_make_networks, ensure_network  # noqa: E402
from tpu_mlir.cli import model_deploy, model_transform  # noqa: E402
from tpu_mlir.runtime.bmodel import BModel  # noqa: E402

# F16 keeps 11 bits and BF16 8; yolov5s's random weights amplify rounding noise.
LOWEST_COSINE = {"F32": 0.99999, "F16": 0.999, "BF16": 0.99}
EXCEPTIONS = {("yolov5s_320", "BF16"): 0.97}

pytestmark = pytest.mark.network


@pytest.mark.parametrize("name", NETWORKS)
def test_network_keeps_its_outputs_in_every_mode(name, tmp_path, monkeypatch):
    if name != "lenet" and not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name)
    monkeypatch.chdir(tmp_path)
    shapes = json.loads((source / "meta.json").read_text())["inputs"]
    arguments = ["--model_name", name, "--model_def", str(source / f"{name}.onnx"), "--mlir", "net.mlir"]
    arguments += ["--input_shapes", json.dumps(list(shapes.values()))]
    arguments += ["--test_input", str(source / "in.npz"), "--test_result", "top.npz"]
    assert not model_transform.main(arguments)
    inputs, expected = load(source / "in.npz"), load(source / "ref.npz")
    for mode, bound in LOWEST_COSINE.items():
        arguments = ["--mlir", "net.mlir", "--quantize", mode, "--processor", "bm1684x", "--model", f"{mode}.bmodel"]
        assert not model_deploy.main(arguments)
        bmodel = BModel(f"{mode}.bmodel")
        assert bmodel.hazards() == []
        outputs = bmodel.run(inputs)
        reached = [cosine(got, want) for got, want in zip(outputs.values(), expected.values(), strict=True)]
        assert min(reached) >= EXCEPTIONS.get((name, mode), bound), (mode, reached)
        # Whichever engine goes first where the ids permit both, the result is the same, bit for bit.
        for schedule in ("tiu", "random"):
            again = bmodel.run(inputs, schedule=schedule, seed=1)
            assert all(np.array_equal(again[key], outputs[key], equal_nan=True) for key in outputs)
