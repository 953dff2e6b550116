"""A small network and checks of messages, for the tests of the commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def small_network(path: Path, channels: int = 4, batch: int = 1) -> Path:
    """Conv, Relu, MaxPool, Flatten, Gemm on an input x of shape [batch, 3, 8, 8]."""
    random = np.random.default_rng(7)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(random.standard_normal(shape).astype(np.float32) / 4, name)

    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], name="conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("MaxPool", ["r"], ["p"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "g", "h"], ["y"], name="gemm"),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 5])],
        [weight("w", channels, 3, 3, 3), weight("b", channels), weight("g", channels * 16, 5), weight("h", 5)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def one_sentence(text: str, *words: str) -> None:
    """The message is one line without a stack trace and names the words."""
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    assert ": error: " in text
    assert "internal error" not in text
    for word in words:
        assert word in text, f"'{word}' is not in: {text}"
