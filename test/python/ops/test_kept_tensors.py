"""Results that stay in local memory: later operators do not load them again, also over branches, never a stale one."""

from __future__ import annotations

from pathlib import Path

import harness
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

CHANNELS, EXTENT, LAYERS = 96, 14, 6


def residual_network() -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Convolutions of which every second one adds the tensor before the last two, then a pooling."""
    generator = np.random.default_rng(5)
    nodes, weights, value, skipped = [], [], "x", "x"
    for i in range(LAYERS):
        filters = 0.03 * generator.standard_normal((CHANNELS, CHANNELS, 3, 3))
        weights.append(numpy_helper.from_array(filters.astype(np.float32), f"w{i}"))
        nodes.append(helper.make_node("Conv", [value, f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1]))
        value = f"c{i}"
        if i % 2:
            nodes.append(helper.make_node("Add", [value, skipped], [f"s{i}"]))
            nodes.append(helper.make_node("Relu", [f"s{i}"], [f"r{i}"]))
            value = skipped = f"r{i}"
    nodes.append(helper.make_node("MaxPool", [value], ["y"], kernel_shape=[2, 2], strides=[2, 2]))
    shape = [1, CHANNELS, EXTENT, EXTENT]
    graph = helper.make_graph(
        nodes,
        "residual",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", harness.OPSET)], ir_version=8)
    return model, {"x": generator.standard_normal(shape).astype(np.float32)}


@pytest.mark.parametrize("mode", harness.MODES)
def test_results_are_not_loaded_again(mode: str, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model, inputs = residual_network()
    stages = harness.compile_model(model, inputs, mode, tmp_path)
    bmodel = BModel(stages.model)
    (value,) = bmodel.run(stages.inputs).values()
    size = float(np.abs(stages.tpu[0]).max())
    harness.assert_close("Tpu / bmodel", [value], stages.tpu, 0, 64 * harness.EPSILON[mode] * size)
    np.testing.assert_array_equal(next(iter(bmodel.run(stages.inputs, schedule="tiu").values())), value)
    item = 4 if mode == "F32" else 2
    tensor, filters = CHANNELS * EXTENT**2 * item, LAYERS * CHANNELS**2 * 9 * item
    # The input, in f32 for the cast, and once more for the first convolution and the first sum; little else.
    assert bmodel.cycles()["bytes_read"] < 1.1 * filters + 6 * tensor
    # The casts at both ends; nothing in between.
    assert bmodel.cycles()["bytes_written"] < 2 * tensor
