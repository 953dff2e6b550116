"""Networks for the tests of the calibration."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import onnx
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
