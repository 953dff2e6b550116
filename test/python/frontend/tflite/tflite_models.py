"""Small TFLite networks written with the schema package, and their comparison with LiteRT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
import tflite
from flatbuffers import flexbuffers
from tpu_mlir import pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.frontend.tflite import ConvertedModel, convert_tflite
from tpu_mlir.frontend.tflite.source import DTYPES, parse
from tpu_mlir.reference import tflite_tensors

NONE, RELU, RELU_N1_TO_1, RELU6, TANH = range(5)
SAME, VALID = 0, 1
OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "CONV_3D": "Conv3DOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "DIV": "DivOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "SOFTMAX": "SoftmaxOptions",
    "LOG_SOFTMAX": "LogSoftmaxOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "GELU": "GeluOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "RESHAPE": "ReshapeOptions",
    "SQUEEZE": "SqueezeOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "TRANSPOSE": "TransposeOptions",
    "CONCATENATION": "ConcatenationOptions",
    "PACK": "PackOptions",
    "UNPACK": "UnpackOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "SLICE": "SliceOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "MIRROR_PAD": "MirrorPadOptions",
    "TILE": "TileOptions",
    "BROADCAST_TO": "BroadcastToOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "GATHER": "GatherOptions",
    "IF": "IfOptions",
    "WHILE": "WhileOptions",
    "TOPK_V2": "TopKV2Options",
    "ARG_MAX": "ArgMaxOptions",
    "ARG_MIN": "ArgMinOptions",
    "ONE_HOT": "OneHotOptions",
    "CUMSUM": "CumsumOptions",
    "REVERSE_SEQUENCE": "ReverseSequenceOptions",
    "LOCAL_RESPONSE_NORMALIZATION": "LocalResponseNormalizationOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTMOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
    "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNNOptions",
    "REVERSE_V2": "ReverseV2Options",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "CAST": "CastOptions",
    "SHAPE": "ShapeOptions",
    "QUANTIZE": "QuantizeOptions",
    "DEQUANTIZE": "DequantizeOptions",
}
ELEMENTS = {np.dtype(code): name for name, code in DTYPES.items()}


@dataclass
class Network:
    """A network being written. Tensors are numbers, made by ``input``, ``constant`` and ``op``."""

    tensors: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[tuple[str, list[int], list[int], dict[str, Any]]] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    others: list[tuple[Network, list[int]]] = field(default_factory=list)

    def subgraph(self, other: Network, *outputs: int) -> int:
        """The number of a network that a branch or loop of this one runs."""
        self.others.append((other, list(outputs)))
        return len(self.others)

    def tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: Any = np.float32,
        data: np.ndarray | None = None,
        scales: Sequence[float] = (),
        zeros: Sequence[int] = (),
        axis: int = 0,
        signature: Sequence[int] | None = None,
        variable: bool = False,
    ) -> int:
        self.tensors.append(
            {
                "name": name,
                "shape": list(shape),
                "element": getattr(tflite.TensorType, ELEMENTS[np.dtype(dtype)]),
                "data": data,
                "scales": list(scales),
                "zeros": list(zeros) or [0] * len(scales),
                "axis": axis,
                "signature": signature,
                "variable": variable,
            }
        )
        return len(self.tensors) - 1

    def input(self, name: str, shape: Sequence[int], dtype: Any = np.float32, **options: Any) -> int:
        self.inputs.append(self.tensor(name, shape, dtype, **options))
        return self.inputs[-1]

    def constant(self, name: str, data: np.ndarray, **options: Any) -> int:
        array = np.asarray(data)
        return self.tensor(name, array.shape, array.dtype, array, **options)

    def ints(self, name: str, *values: int) -> int:
        return self.constant(name, np.array(values, np.int32))

    def op(
        self,
        kind: str,
        inputs: Sequence[int],
        name: str,
        shape: Sequence[int],
        dtype: Any = np.float32,
        scales: Sequence[float] = (),
        zeros: Sequence[int] = (),
        **options: Any,
    ) -> int:
        """A node with one result."""
        result = self.tensor(name, shape, dtype, scales=scales, zeros=zeros)
        self.nodes.append((kind, list(inputs), [result], options))
        return result

    def ops(
        self,
        kind: str,
        inputs: Sequence[int],
        shapes: Mapping[str, Sequence[int]],
        dtypes: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> list[int]:
        """A node with several results; dtypes: those that are not float32."""
        results = [self.tensor(name, shape, (dtypes or {}).get(name, np.float32)) for name, shape in shapes.items()]
        self.nodes.append((kind, list(inputs), results, options))
        return results

    def build(self, *outputs: int) -> bytes:
        return _Writer().model(self, list(outputs))


class _Writer:
    def __init__(self) -> None:
        self.b = flatbuffers.Builder(1024)

    def numbers(self, values: Sequence[Any], dtype: Any) -> int:
        return self.b.CreateNumpyVector(np.array(values, dtype))

    def tables(self, offsets: Sequence[int]) -> int:
        self.b.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.b.PrependUOffsetTRelative(offset)
        return self.b.EndVector()

    def table(self, name: str, **fields: Any) -> int:
        getattr(tflite, f"{name}Start")(self.b)
        for key, value in fields.items():
            getattr(tflite, f"{name}Add{key}")(self.b, value)
        return getattr(tflite, f"{name}End")(self.b)

    def model(self, network: Network, outputs: list[int]) -> bytes:
        buffers = [self.table("Buffer")]
        every = [(network, outputs), *network.others]
        kinds = sorted({kind for part, _ in every for kind, *_ in part.nodes})
        subgraphs = self.tables([self._subgraph(part, results, kinds, buffers) for part, results in every])
        codes = self.tables([self._code(kind) for kind in kinds])
        root = self.table("Model", Version=3, OperatorCodes=codes, Subgraphs=subgraphs, Buffers=self.tables(buffers))
        self.b.Finish(root, b"TFL3")
        return bytes(self.b.Output())

    def _subgraph(self, network: Network, outputs: list[int], kinds: list[str], buffers: list[int]) -> int:
        tensors = []
        for item in network.tensors:
            number = 0
            if item["data"] is not None:
                raw = np.frombuffer(np.ascontiguousarray(item["data"]).tobytes(), np.uint8)
                buffers.append(self.table("Buffer", Data=self._aligned(raw)))
                number = len(buffers) - 1
            tensors.append(self._tensor(item, number))
        nodes = [self._node(kinds.index(kind), kind, *rest) for kind, *rest in network.nodes]
        fields = {
            "Tensors": self.tables(tensors),
            "Inputs": self.numbers(network.inputs, np.int32),
            "Outputs": self.numbers(outputs, np.int32),
            "Operators": self.tables(nodes),
        }
        return self.table("SubGraph", **fields)

    def _aligned(self, raw: np.ndarray) -> int:
        self.b.StartVector(1, raw.size, 16)
        self.b.head -= raw.size
        self.b.Bytes[self.b.Head() : self.b.Head() + raw.size] = raw.tobytes()
        return self.b.EndVector()

    def _tensor(self, item: dict[str, Any], buffer: int) -> int:
        fields = {"Shape": self.numbers(item["shape"], np.int32), "Name": self.b.CreateString(item["name"])}
        if item["signature"] is not None:
            fields["ShapeSignature"] = self.numbers(item["signature"], np.int32)
        if item["scales"]:
            scales, zeros = self.numbers(item["scales"], np.float32), self.numbers(item["zeros"], np.int64)
            fields["Quantization"] = self.table(
                "QuantizationParameters", Scale=scales, ZeroPoint=zeros, QuantizedDimension=item["axis"]
            )
        if item["variable"]:
            fields["IsVariable"] = True
        return self.table("Tensor", Type=item["element"], Buffer=buffer, **fields)

    def _code(self, kind: str) -> int:
        number = getattr(tflite.BuiltinOperator, kind, None)
        if number is None:
            text = self.b.CreateString(kind)
            custom = tflite.BuiltinOperator.CUSTOM
            return self.table("OperatorCode", DeprecatedBuiltinCode=custom, BuiltinCode=custom, CustomCode=text)
        version = 2 if kind == "BROADCAST_TO" else 1
        return self.table("OperatorCode", DeprecatedBuiltinCode=min(number, 127), BuiltinCode=number, Version=version)

    def _node(self, code: int, kind: str, inputs: list[int], outputs: list[int], options: dict[str, Any]) -> int:
        fields: dict[str, int] = {}
        if kind in OPTIONS:
            name = OPTIONS[kind]
            values = {k: self.numbers(v, np.int32) if isinstance(v, list) else v for k, v in options.items()}
            fields["BuiltinOptions"] = self.table(name, **values)
            fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, name)
        elif getattr(tflite.BuiltinOperator, kind, None) is None and options:
            fields["CustomOptions"] = self.numbers(list(flexbuffers.Dumps(options)), np.uint8)
        ends = {"Inputs": self.numbers(inputs, np.int32), "Outputs": self.numbers(outputs, np.int32)}
        return self.table("Operator", OpcodeIndex=code, **ends, **fields)


def values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def stored(converted: ConvertedModel, name: str, array: np.ndarray) -> np.ndarray:
    """An input as the module has it."""
    return array.transpose(converted.axes.get(name, tuple(range(array.ndim)))) if array.ndim else array.reshape(1)


def kinds(converted: ConvertedModel) -> list[str]:
    """The Top ops in order, without inputs and weights."""
    found: list[str] = []
    module = converted.module()
    module.operation.walk(lambda op: found.append(op.name) if op.name.startswith("top.") else None)
    return [name[4:] for name in found if name not in ("top.Input", "top.Weight", "top.None")]


def evaluate(
    converted: ConvertedModel, inputs: Mapping[str, np.ndarray], canonical: bool = True
) -> dict[str, np.ndarray]:
    """All tensors of the Top module. inputs: as TFLite has them."""
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM if canonical else ("shape-infer",))
    feeds = {name: stored(converted, name, inputs[name]) for name in converted.inputs}
    return dict(ModuleInterpreter(module).run(feeds, every_tensor=True).values)


def check(data: bytes, inputs: Mapping[str, np.ndarray], tolerance: float = 2e-5, steps: float = 0) -> ConvertedModel:
    """Converts, evaluates, and compares every output with LiteRT. inputs: real values by name, as TFLite has them.

    steps: allowed difference of quantized outputs in steps of their scale; tolerance: that of others, relative to the
    largest value.
    """
    converted = convert_tflite(parse(data, "net.tflite"), "net", directory=None)
    feeds = {name: stored(converted, name, inputs[name]) for name in converted.inputs}
    expected = tflite_tensors(data, feeds, converted)
    graph = parse(data, "net.tflite")
    for canonical in (False, True):
        computed = evaluate(converted, inputs, canonical)
        for number in graph.outputs:
            info = graph.tensors[number]
            name = converted.outputs[info.name]
            got, want = computed[name], expected[name]
            assert got.shape == want.shape, f"{name}: {got.shape} for {want.shape}"
            scale = info.quantization.scales[0] if info.quantization is not None else 0.0
            allowed = steps * scale * 1.001 if info.is_quantized else tolerance * max(1.0, float(np.abs(want).max()))
            np.testing.assert_allclose(got, want, rtol=0, atol=allowed, err_msg=name)
    return converted
