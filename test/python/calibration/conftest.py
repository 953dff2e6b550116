"""Networks and samples that the tests of the calibration share."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

LENET = Path(__file__).resolve().parents[3] / "regression" / "models" / "lenet"


def transformed(model: Path, folder: Path, *options: str) -> Path:
    """The canonical module of an ONNX model."""
    from tpu_mlir.cli import model_transform

    target = folder / f"{model.stem}.mlir"
    with contextlib.redirect_stdout(io.StringIO()):
        status = model_transform.main(
            ["--model_name", model.stem, "--model_def", str(model), "--mlir", str(target), *options]
        )
    assert status == 0
    return target


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    """The digits network, with samples in lenet/cali."""
    return transformed(LENET / "lenet.onnx", tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Conv, Relu, MaxPool, Flatten, Gemm on images of 3 x 8 x 8 named x."""
    from command_support import small_network

    return transformed(small_network(tmp_path / "small.onnx"), tmp_path)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder of eight npz samples for ``small``."""
    folder = tmp_path / "samples"
    folder.mkdir()
    random = np.random.default_rng(5)
    for i in range(8):
        scale = np.float32(10.0 ** (i % 3))
        np.savez(folder / f"{i}.npz", x=random.standard_normal((1, 3, 8, 8)).astype(np.float32) * scale)
    return folder


def save_network(path: Path, nodes: list, weights: dict[str, np.ndarray], inputs: dict, outputs: dict) -> Path:
    """An ONNX model of the nodes; inputs and outputs are shapes by name."""
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return path
