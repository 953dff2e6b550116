"""Whole networks of every kind (convolutional, transformer, recurrent, 3-D, super-resolution) from ONNX to the
canonical Top module, whose float evaluation agrees with onnxruntime in every tensor that both know."""

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
from tpu_mlir.cli import model_transform  # noqa: E402
from tpu_mlir.evaluation import evaluate_module  # noqa: E402

NETWORKS = ["squeezenet", "mobilenet_v2", "vit_tiny", "bert_mini", "lstm", "gru", "conv3d", "superres"]
LARGEST_ERROR = 1e-4
"""Of an output, relative to its largest value: two f32 programs that sum in different orders, through many layers."""


@pytest.mark.parametrize("name", NETWORKS)
def test_the_canonical_module_equals_the_source(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name)
    monkeypatch.chdir(tmp_path)
    shapes = json.loads((source / "meta.json").read_text())["inputs"]
    arguments = ["--model_name", name, "--model_def", str(source / f"{name}.onnx"), "--mlir", "net.mlir"]
    arguments += ["--input_shapes", json.dumps(list(shapes.values()))]
    arguments += ["--test_input", str(source / "in.npz"), "--test_result", "top.npz", "--tolerance", "0.99999,0.999"]
    assert model_transform.main(arguments) == 0
    inputs, expected = load(source / "in.npz"), load(source / "ref.npz")
    outputs = evaluate_module(pipelines.load(tmp_path / "net.mlir", ir.Context()), inputs).in_order()
    for got, want in zip(outputs, expected.values(), strict=True):
        assert cosine(got, want) >= 0.99999
        assert np.abs(got.reshape(want.shape) - want).max() <= LARGEST_ERROR * np.abs(want).max()
