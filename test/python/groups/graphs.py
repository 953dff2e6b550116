"""Small networks as values: a list of steps that prints as Python, gives an ONNX model and can be kept as an example.

Every value is a tensor [n, c, h, w]. Values are numbered: the inputs first, then one per step. A value that no step
reads is an output of the network, and so are those listed in `outputs`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, int, int, int]
OPSET = 17


@dataclass(frozen=True)
class Step:
    """One op: its kind (a key of KINDS), the values that it reads and its parameters."""

    kind: str
    operands: tuple[int, ...]
    params: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        params = f", {self.params!r}" if self.params else ""
        return f"Step({self.kind!r}, {self.operands!r}{params})"


@dataclass(frozen=True)
class Graph:
    """A network."""

    inputs: tuple[Shape, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...] = ()

    def __repr__(self) -> str:
        steps = "".join(f"    {step!r},\n" for step in self.steps)
        return f"Graph({self.inputs!r}, (\n{steps}), {self.outputs!r})"

    def shapes(self) -> list[Shape]:
        """Shapes of all values."""
        found = list(self.inputs)
        for step in self.steps:
            found.append(KINDS[step.kind].shape([found[i] for i in step.operands], step.params))
        return found

    def results(self) -> list[int]:
        """The values that leave the network."""
        read = {i for step in self.steps for i in step.operands}
        made = range(len(self.inputs), len(self.inputs) + len(self.steps))
        return [i for i in made if i not in read or i in self.outputs]


class Emitter:
    """Nodes and constants of an ONNX graph. Weights have unit gain, so values keep their size through the layers."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray | Sequence[float]) -> str:
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, *shape: int, gain: float = 1.0, around: float = 0.0) -> str:
        return self.constant((around + gain * self.random.standard_normal(shape)).astype(np.float32))

    def node(self, op: str, inputs: Sequence[str], result: str = "", **attributes: Any) -> str:
        name = result or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"n_{name}", **attributes))
        return name


ShapeRule = Callable[[list[Shape], dict[str, Any]], Shape]
Emit = Callable[[Emitter, list[str], str, list[Shape], dict[str, Any]], object]


@dataclass(frozen=True)
class Kind:
    """Shape rule of a step and how it becomes ONNX nodes, the last of which gives the named result."""

    shape: ShapeRule
    emit: Emit


def windowed(x: Shape, channels: int, p: dict[str, Any]) -> Shape:
    """Shape of a convolution's or pooling's result."""
    top, left, bottom, right = p["pads"]
    (kh, kw), (sh, sw), (dh, dw) = p["kernel"], p["strides"], p.get("dilations", (1, 1))
    h = (x[2] + top + bottom - dh * (kh - 1) - 1) // sh + 1
    w = (x[3] + left + right - dw * (kw - 1) - 1) // sw + 1
    return (x[0], channels, h, w)


def window(p: dict[str, Any]) -> dict[str, Any]:
    return {"kernel_shape": p["kernel"], "strides": p["strides"], "pads": p["pads"]}


def emit_conv(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    per_group = s[0][1] // p["group"]
    fan = per_group * math.prod(p["kernel"])
    names = [x[0], e.weights(p["channels"], per_group, *p["kernel"], gain=fan**-0.5)]
    if p["bias"]:
        names.append(e.weights(p["channels"], gain=0.3))
    return e.node("Conv", names, y, **window(p), dilations=p["dilations"], group=p["group"])


def deconv_shape(s: list[Shape], p: dict[str, Any]) -> Shape:
    top, left, bottom, right = p["pads"]
    h = (s[0][2] - 1) * p["strides"][0] + p["kernel"][0] - top - bottom
    w = (s[0][3] - 1) * p["strides"][1] + p["kernel"][1] - left - right
    return (s[0][0], p["channels"], h, w)


def emit_deconv(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    weights = e.weights(s[0][1], p["channels"], *p["kernel"], gain=s[0][1] ** -0.5)
    return e.node("ConvTranspose", [x[0], weights, e.weights(p["channels"], gain=0.3)], y, **window(p))


def emit_pool(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    if p["average"]:
        return e.node("AveragePool", x, y, **window(p), count_include_pad=p["include"])
    return e.node("MaxPool", x, y, **window(p))


def emit_function(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    name = p["function"]
    if name == "SiLU":
        return e.node("Mul", [x[0], e.node("Sigmoid", x)], y)
    if name == "Clip":
        return e.node("Clip", [x[0], e.constant(np.float32(0)), e.constant(np.float32(1.5))], y)
    return e.node(name, x, y, **({"alpha": 0.2} if name in ("LeakyRelu", "Elu") else {}))


def broadcast(s: list[Shape], p: dict[str, Any]) -> Shape:
    return tuple(max(sizes) for sizes in zip(*s, strict=True))  # type: ignore[return-value]


def emit_constant(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    shape = (1, s[0][1], 1, 1) if p["per_channel"] else (1,)
    return e.node(p["function"], [x[0], e.weights(*shape, gain=0.3, around=float(p["function"] == "Mul"))], y)


def emit_norm(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    c = s[0][1]
    mean, variance = e.weights(c, gain=0.2), e.constant(e.random.uniform(0.5, 2, c).astype(np.float32))
    names = [x[0], e.weights(c, gain=0.2, around=1), e.weights(c, gain=0.2), mean, variance]
    return e.node("BatchNormalization", names, y)


def joined(s: list[Shape], p: dict[str, Any]) -> Shape:
    sizes = list(s[0])
    sizes[p["axis"]] = sum(shape[p["axis"]] for shape in s)
    return tuple(sizes)  # type: ignore[return-value]


def resized(s: list[Shape], p: dict[str, Any]) -> Shape:
    return (s[0][0], s[0][1], s[0][2] * p["scales"][0], s[0][3] * p["scales"][1])


def emit_resize(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    scales = e.constant(np.array([1, 1, *p["scales"]], np.float32))
    transform = "half_pixel" if p["mode"] == "linear" else "asymmetric"
    more = {} if p["mode"] == "linear" else {"nearest_mode": "floor"}
    names = [x[0], "", scales]
    return e.node("Resize", names, y, mode=p["mode"], coordinate_transformation_mode=transform, **more)


def sliced(s: list[Shape], p: dict[str, Any]) -> Shape:
    sizes = list(s[0])
    sizes[p["axis"]] = -(-(p["end"] - p["start"]) // p["step"])
    return tuple(sizes)  # type: ignore[return-value]


def emit_slice(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    names = [e.constant(np.array([p[key]], np.int64)) for key in ("start", "end", "axis", "step")]
    return e.node("Slice", [x[0], *names], y)


def padded(s: list[Shape], p: dict[str, Any]) -> Shape:
    return tuple(n + a + b for n, a, b in zip(s[0], p["pads"][:4], p["pads"][4:], strict=True))  # type: ignore


def emit_pad(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    return e.node("Pad", [x[0], e.constant(np.array(p["pads"], np.int64))], y, mode=p["mode"])


def emit_reshape(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    return e.node("Reshape", [x[0], e.constant(np.array(p["to"], np.int64))], y)


def reduced(s: list[Shape], p: dict[str, Any]) -> Shape:
    return tuple(1 if axis in p["axes"] else n for axis, n in enumerate(s[0]))  # type: ignore[return-value]


def emit_layer_norm(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    names = [x[0], e.weights(s[0][3], gain=0.2, around=1), e.weights(s[0][3], gain=0.2)]
    return e.node("LayerNormalization", names, y, axis=-1)


def emit_matmul(e: Emitter, x: list[str], y: str, s: list[Shape], p: dict[str, Any]) -> object:
    return e.node("MatMul", [x[0], e.weights(s[0][3], p["columns"], gain=s[0][3] ** -0.5)], y)


def same(s: list[Shape], p: dict[str, Any]) -> Shape:
    return s[0]


KINDS: dict[str, Kind] = {
    "conv": Kind(lambda s, p: windowed(s[0], p["channels"], p), emit_conv),
    "deconv": Kind(deconv_shape, emit_deconv),
    "pool": Kind(lambda s, p: windowed(s[0], s[0][1], p), emit_pool),
    "function": Kind(same, emit_function),
    "binary": Kind(broadcast, lambda e, x, y, s, p: e.node(p["function"], x, y)),
    "constant": Kind(same, emit_constant),
    "norm": Kind(same, emit_norm),
    "prelu": Kind(same, lambda e, x, y, s, p: e.node("PRelu", [x[0], e.weights(s[0][1], 1, 1, gain=0.3)], y)),
    "concat": Kind(joined, lambda e, x, y, s, p: e.node("Concat", x, y, axis=p["axis"])),
    "resize": Kind(resized, emit_resize),
    "slice": Kind(sliced, emit_slice),
    "pad": Kind(padded, emit_pad),
    "transpose": Kind(
        lambda s, p: tuple(s[0][i] for i in p["perm"]),  # type: ignore[arg-type, return-value]
        lambda e, x, y, s, p: e.node("Transpose", x, y, perm=p["perm"]),
    ),
    "reshape": Kind(lambda s, p: p["to"], emit_reshape),
    "mean": Kind(reduced, lambda e, x, y, s, p: e.node("ReduceMean", x, y, axes=p["axes"], keepdims=1)),
    "softmax": Kind(same, lambda e, x, y, s, p: e.node("Softmax", x, y, axis=p["axis"])),
    "layer_norm": Kind(same, emit_layer_norm),
    "matmul": Kind(lambda s, p: (*s[0][:3], p["columns"]), emit_matmul),  # type: ignore[arg-type, return-value]
    "depth_to_space": Kind(
        lambda s, p: (s[0][0], s[0][1] // 4, 2 * s[0][2], 2 * s[0][3]),
        lambda e, x, y, s, p: e.node("DepthToSpace", x, y, blocksize=2, mode="CRD"),
    ),
    "space_to_depth": Kind(
        lambda s, p: (s[0][0], s[0][1] * 4, s[0][2] // 2, s[0][3] // 2),
        lambda e, x, y, s, p: e.node("SpaceToDepth", x, y, blocksize=2),
    ),
}


def build(graph: Graph, seed: int = 1) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """The ONNX model and values for its inputs, the same in every run."""
    emitter = Emitter(seed)
    shapes = graph.shapes()
    names = [f"v{i}" for i in range(len(shapes))]
    for number, step in enumerate(graph.steps, len(graph.inputs)):
        operands = [names[i] for i in step.operands]
        KINDS[step.kind].emit(emitter, operands, names[number], [shapes[i] for i in step.operands], step.params)
    model = helper.make_graph(
        emitter.nodes,
        "random",
        [helper.make_tensor_value_info(names[i], TensorProto.FLOAT, shapes[i]) for i in range(len(graph.inputs))],
        [helper.make_tensor_value_info(names[i], TensorProto.FLOAT, shapes[i]) for i in graph.results()],
        emitter.constants,
    )
    random = np.random.default_rng(seed + 1)
    inputs = {names[i]: random.standard_normal(shape).astype(np.float32) for i, shape in enumerate(graph.inputs)}
    return helper.make_model(model, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8), inputs
