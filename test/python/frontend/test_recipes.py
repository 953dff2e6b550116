"""What TensorFlow's and Paddle's converters make (docs/import-tensorflow-paddle.md) gives what the frameworks gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx_models import compiler_is_built
from tpu_mlir import ir, pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.frontend.onnx import convert_onnx

pytestmark = pytest.mark.skipif(not compiler_is_built(), reason="the compiler is not built")

FOLDER = Path(__file__).with_name("recipes")


@pytest.mark.parametrize("model", sorted(FOLDER.glob("*.onnx")), ids=lambda path: path.stem)
def test_converted_networks_give_the_frameworks_results(model: Path, tmp_path: Path) -> None:
    with np.load(model.with_suffix(".npz")) as stored:
        arrays = dict(stored)
    expected = arrays.pop("expected")
    shapes = [array.shape for array in arrays.values()]
    converted = convert_onnx(model, "net", input_shapes=shapes, directory=tmp_path)
    assert converted.mlir_path is not None
    module = pipelines.load(converted.mlir_path, ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "net.mlir")
    values = ModuleInterpreter(module).run(arrays).in_order()
    np.testing.assert_allclose(values[0], expected, atol=1e-6)
    assert np.abs(expected).max() > 0.05
