"""Small networks for the search: one with a value that 8 bits cannot hold, one of the MobileNetV3 kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def with_bad_layer(path: Path, layers: int = 5, bad: int = 2) -> Path:
    """Convolutions and ReLUs; one convolution gives a channel that dwarfs the others, and that the next one ignores."""
    random = np.random.default_rng(11)
    nodes, weights, name = [], [], "x"
    for i in range(layers):
        channels = 3 if i == 0 else 8
        filters = (random.standard_normal((8, channels, 3, 3)) / np.sqrt(channels * 4.5)).astype(np.float32)
        if i == bad:
            filters[0] *= 1000
        if i == bad + 1:
            filters[:, 0] = 0
        weights.append(numpy_helper.from_array(filters, f"w{i}"))
        nodes.append(helper.make_node("Conv", [name, f"w{i}"], [f"c{i}"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Sigmoid" if i == bad + 1 else "Relu", [f"c{i}"], [f"r{i}"]))
        name = f"r{i}"
    nodes.append(helper.make_node("GlobalAveragePool", [name], ["y"]))
    graph = helper.make_graph(
        nodes,
        "bad",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 1, 1])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


class _Builder:
    """Nodes and weights of a graph, with random weights of unit gain."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(17)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], **attributes: object) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def conv(self, x: str, inside: int, outside: int, size: int = 1, stride: int = 1, group: int = 1) -> str:
        shape = (outside, inside // group, size, size)
        filters = self.random.standard_normal(shape) * np.sqrt(2 / (shape[1] * size * size))
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(filters.astype(np.float32), name))
        self.weights.append(
            numpy_helper.from_array(self.random.standard_normal(outside).astype(np.float32) / 4, name + "b")
        )
        pads = [size // 2] * 4
        shapes = {"kernel_shape": [size, size], "pads": pads, "strides": [stride, stride], "group": group}
        return self.add("Conv", [x, name, name + "b"], **shapes)

    def block(self, x: str, inside: int, wide: int, outside: int, stride: int) -> str:
        """Expansion, depthwise convolution, squeeze and excite, projection; hard swish between them."""
        y = self.add("HardSwish", [self.conv(x, inside, wide)])
        y = self.add("HardSwish", [self.conv(y, wide, wide, 3, stride, wide)])
        s = self.add("GlobalAveragePool", [y])
        s = self.add("Relu", [self.conv(s, wide, wide // 4)])
        s = self.add("HardSigmoid", [self.conv(s, wide // 4, wide)], alpha=1 / 6, beta=0.5)
        y = self.conv(self.add("Mul", [y, s]), wide, outside)
        return self.add("Add", [x, y]) if stride == 1 and inside == outside else y


def like_mobilenet_v3(path: Path) -> Path:
    """Squeeze and excite, hard swish and resizing; input x of shape [1, 3, 48, 48], output of shape [1, 8, 12, 12]."""
    b = _Builder()
    x = b.add("HardSwish", [b.conv("x", 3, 16, 3, 2)])
    x = fine = b.block(b.block(x, 16, 32, 24, 2), 24, 64, 24, 1)
    x = b.block(b.block(x, 24, 64, 32, 2), 32, 96, 32, 1)
    b.weights.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"))
    up = b.add("Resize", [b.conv(x, 32, 24), "", "scales"], mode="linear", coordinate_transformation_mode="half_pixel")
    last = b.conv(b.add("HardSwish", [b.add("Concat", [up, fine], axis=1)]), 48, 8)
    graph = helper.make_graph(
        b.nodes,
        "mobile",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 48, 48])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, 8, 12, 12])],
        b.weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8), str(path))
    return path


def samples(folder: Path, shape: tuple[int, ...], count: int, seed: int = 23) -> Path:
    folder.mkdir()
    random = np.random.default_rng(seed)
    for i in range(count):
        np.savez(folder / f"{i:03}.npz", x=random.standard_normal(shape).astype(np.float32))
    return folder
