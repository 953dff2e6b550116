"""Canonical modules of transformers, recurrent, volumetric and upsampling networks go both ways between our commands and
upstream's: each evaluates the other's file to the tensors that the other found.

Needs TPU_MLIR_VENDOR_TOOLS as test_interchange.py, and PyTorch, which makes the networks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "regression"))

from networks import can_make_networks, ensure_network  # noqa: E402
from tpu_mlir.cli import model_runner, model_transform  # noqa: E402

NETWORKS = ["lstm", "gru", "bert_mini", "vit_tiny", "conv3d", "superres"]
SMALLEST_COSINE = 1 - 1e-9

pytestmark = [
    pytest.mark.network,
    pytest.mark.vendor,
    pytest.mark.skipif(not can_make_networks(), reason="making the networks needs PyTorch"),
]


def arguments_of(name: str, folder: Path) -> list[str]:
    """The arguments of model_transform, ours and upstream's, for a network whose results go to a folder."""
    source = ensure_network(name)
    graph = onnx.load(source / f"{name}.onnx", load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    shapes = [
        [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
        for value in graph.input
        if value.name not in constants
    ]
    options = ["--model_name", name, "--model_def", source / f"{name}.onnx", "--mlir", folder / "net.mlir"]
    options += ["--input_shapes", str(shapes).replace(" ", "")]
    options += ["--test_input", source / "in.npz", "--test_result", folder / "top.npz"]
    return [str(option) for option in options]


def smallest_cosine(computed: Path, expected: Path) -> float:
    """Over all tensors, which must be the same ones."""
    with np.load(computed) as left, np.load(expected) as right:
        assert set(left.files) == set(right.files)
        found = []
        for name in right.files:
            a, b = (array[name].reshape(-1).astype(np.float64) for array in (left, right))
            assert a.size == b.size, name
            lengths = np.linalg.norm(a) * np.linalg.norm(b)
            found.append(float(a @ b / lengths) if lengths else float(np.array_equal(a, b)))
    return min(found)


@pytest.mark.parametrize("name", NETWORKS)
def test_we_evaluate_and_transform_their_module(upstream: Callable[..., str], tmp_path: Path, name: str) -> None:
    upstream(tmp_path, "model_transform.py", *arguments_of(name, tmp_path))
    given = str(ensure_network(name) / "in.npz")
    options = ["--model", str(tmp_path / "net.mlir"), "--input", given, "--output", str(tmp_path / "o.npz")]
    assert model_runner.main([*options, "--dump_all_tensors"]) == 0
    assert smallest_cosine(tmp_path / "o.npz", tmp_path / "top.npz") >= SMALLEST_COSINE
    options = [
        "--model_name",
        "again",
        "--model_def",
        str(tmp_path / "net.mlir"),
        "--mlir",
        str(tmp_path / "again.mlir"),
    ]
    options += ["--test_input", given, "--test_result", str(tmp_path / "again.npz"), "--tolerance", "0.99999,0.999"]
    assert model_transform.main(options) == 0


@pytest.mark.parametrize("name", NETWORKS)
def test_they_evaluate_our_module(upstream: Callable[..., str], tmp_path: Path, name: str) -> None:
    assert model_transform.main(arguments_of(name, tmp_path)) == 0
    given = ensure_network(name) / "in.npz"
    options = ["--model", "net.mlir", "--input", given, "--output", "o.npz", "--dump_all_tensors"]
    upstream(tmp_path, "model_runner.py", *options)
    assert smallest_cosine(tmp_path / "o.npz", tmp_path / "top.npz") >= SMALLEST_COSINE
