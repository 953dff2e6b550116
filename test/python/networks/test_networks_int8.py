"""Whole networks in INT8, symmetric and asymmetric: closer to onnxruntime than upstream on the same inputs, and the
simulated bmodel equal to the evaluation, bit for bit.
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
from networks import can_make_networks, ensure_network  # noqa: E402
from tpu_mlir import ir, pipelines  # noqa: E402
from tpu_mlir.cli import model_deploy, model_transform, run_calibration  # noqa: E402
from tpu_mlir.evaluation import ModuleInterpreter  # noqa: E402
from tpu_mlir.runtime.bmodel import BModel  # noqa: E402

NETWORKS = ["resnet18", "resnet50", "mobilenet_v2", "squeezenet", "unet"]

pytestmark = pytest.mark.network


@pytest.mark.parametrize("name", NETWORKS)
def test_int8_is_closer_to_float_than_upstream(name, tmp_path, monkeypatch):
    if not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name)
    monkeypatch.chdir(tmp_path)
    shapes = json.loads((source / "meta.json").read_text())["inputs"]
    arguments = ["--model_name", name, "--model_def", str(source / f"{name}.onnx"), "--mlir", "net.mlir"]
    assert not model_transform.main([*arguments, "--input_shapes", json.dumps(list(shapes.values()))])
    calibration = ["net.mlir", "--dataset", str(source / "cali"), "--cali_method", "auto", "-o", "table"]
    assert not run_calibration.main(calibration)
    inputs, expected = load(source / "in.npz"), load(source / "ref.npz")
    upstream = json.loads((REGRESSION / "upstream.json").read_text())["networks"][name]
    for mode, options in (("INT8", []), ("INT8_ASYM", ["--asymmetric"])):
        arguments = ["--mlir", "net.mlir", "--quantize", "INT8", "--calibration_table", "table", *options]
        assert not model_deploy.main([*arguments, "--chip", "bm1684x", "--model", f"{mode}.bmodel", "--debug"])
        word = "asym" if options else "sym"
        tpu = ModuleInterpreter(pipelines.load(f"{name}_bm1684x_int8_{word}_tpu.mlir", ir.Context()))
        bmodel = BModel(f"{mode}.bmodel")
        assert bmodel.hazards() == []
        outputs = bmodel.run(inputs)
        for got, evaluated in zip(outputs.values(), tpu.run(inputs).in_order(), strict=True):
            np.testing.assert_array_equal(got, evaluated)
        for schedule in ("tiu", "random"):
            again = bmodel.run(inputs, schedule=schedule, seed=1)
            assert all(np.array_equal(again[key], outputs[key]) for key in outputs)
        reached = [cosine(got, want) for got, want in zip(outputs.values(), expected.values(), strict=True)]
        assert min(reached) > upstream[mode]["cosine"], mode
