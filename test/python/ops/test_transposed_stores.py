"""Convolutions whose result is permuted to positions before channels: the permutation, and the cast to f32 behind it,
are how the result is stored."""

from __future__ import annotations

from pathlib import Path

import harness
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

# Anchors, channels of each, rows, columns: several anchors, channels that wrap around the lanes, a large plane.
SHAPES = [(3, 30, 9, 7), (1, 140, 6, 5), (2, 70, 40, 52)]
INPUTS = 20


def head(shape: tuple[int, int, int, int]) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """A 1x1 convolution, seen as [1, anchors, channels, h, w] and permuted to [1, anchors, h, w, channels]."""
    anchors, channels, h, w = shape
    generator = np.random.default_rng(sum(shape))
    filters = 0.1 * generator.standard_normal((anchors * channels, INPUTS, 1, 1))
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("Reshape", ["c", "s"], ["r"]),
        helper.make_node("Transpose", ["r"], ["y"], perm=[0, 1, 3, 4, 2]),
    ]
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, INPUTS, h, w])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(filters.astype(np.float32), "w"),
            numpy_helper.from_array(np.array([1, anchors, channels, h, w], np.int64), "s"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", harness.OPSET)], ir_version=8)
    return model, {"x": generator.standard_normal((1, INPUTS, h, w)).astype(np.float32)}


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_stores_are_transposed(shape: tuple[int, int, int, int], mode: str, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model, inputs = head(shape)
    stages = harness.compile_model(model, inputs, mode, tmp_path)
    bmodel = BModel(stages.model)
    (value,) = bmodel.run(stages.inputs).values()
    size = float(np.abs(stages.tpu[0]).max())
    harness.assert_close("Tpu / bmodel", [value], stages.tpu, 0, 4 * harness.EPSILON[mode] * size)
    np.testing.assert_array_equal(next(iter(bmodel.run(stages.inputs, schedule="tiu").values())), value)
    if shape == SHAPES[-1]:
        # The result in f32 and no other tensor that is as large; the input as the mode takes it.
        assert bmodel.cycles()["bytes_written"] < 1.3 * value.nbytes
