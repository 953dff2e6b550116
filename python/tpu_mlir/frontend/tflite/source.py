"""Reads TFLite files with the schema package ``tflite``, trusting nothing in them: every number of a tensor or buffer
is checked, and damage of any kind is one sentence."""

from __future__ import annotations

import inspect
import math
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import UserError
from ..errors import FrontendError
from .flexible import numbers_of
from .graph import Node, Quantization, TensorInfo, TfliteGraph

DTYPES = {
    "FLOAT32": "<f4",
    "FLOAT16": "<f2",
    "FLOAT64": "<f8",
    "INT8": "i1",
    "UINT8": "u1",
    "INT16": "<i2",
    "UINT16": "<u2",
    "INT32": "<i4",
    "UINT32": "<u4",
    "INT64": "<i8",
    "UINT64": "<u8",
    "BOOL": "?",
}
MAX_RANK = 8
SCHEMA_VERSION = 3


class _DamagedError(Exception):
    """Something in the file contradicts something else in it."""


def load(path: str | os.PathLike[str]) -> TfliteGraph:
    """Reads a file; FrontendError when it is no TFLite network, UserError without the schema package."""
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FrontendError(f"{file}: cannot be read: {error.strerror}") from error
    return parse(data, file.name)


def parse(data: bytes, label: str) -> TfliteGraph:
    """Reads a network from memory; see ``load``."""
    schema = _schema()
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise FrontendError(f"{label}: is not a TFLite model")
    try:
        return _Reader(schema, data, label).graph()
    except FrontendError:
        raise
    except _DamagedError as error:
        raise FrontendError(f"{label}: is damaged: {error}") from error
    except Exception as error:  # the schema's accessors raise every kind of error where offsets lead nowhere
        raise FrontendError(f"{label}: is damaged or truncated: it cannot be decoded") from error


def _schema() -> Any:
    try:
        import tflite
    except ImportError as error:
        raise UserError("reading TFLite models needs the package tflite: pip install 'tpu-mlir[tflite]'") from error
    return tflite


@cache
def _names(kind: type) -> dict[int, str]:
    """An enumeration of the schema, number -> name."""
    return {value: name for name, value in vars(kind).items() if isinstance(value, int)}


@cache
def _accessors(table: type) -> tuple[tuple[str, bool], ...]:
    """Fields of an options table, and whether each is a vector."""
    methods = dict(inspect.getmembers(table, inspect.isfunction))
    found = []
    for name, method in methods.items():
        if name.endswith("AsNumpy"):
            found.append((name.removesuffix("AsNumpy"), True))
        elif not name.endswith(("Length", "IsNone")) and list(inspect.signature(method).parameters) == ["self"]:
            found.append((name, False))
    return tuple(found)


class _Reader:
    def __init__(self, schema: Any, data: bytes, label: str) -> None:
        self.schema = schema
        self.data = data
        self.label = label
        self.model = schema.Model.GetRootAs(data, 0)

    def graph(self) -> TfliteGraph:
        if self.model.Version() != SCHEMA_VERSION:
            raise FrontendError(f"{self.label}: has version {self.model.Version()} of the schema, only 3 is known")
        count = self._length(self.model.SubgraphsLength())
        if count == 0:
            raise _DamagedError("it has no subgraph")
        main = self.subgraph(0)
        if any(node.kind in ("IF", "WHILE") for node in main.nodes):  # others do not run in the main network
            main.subgraphs = {index: self.subgraph(index) for index in range(1, count)}
        return main

    def subgraph(self, index: int) -> TfliteGraph:
        """One of the file's networks; all but the first are the branches and loops of others."""
        subgraph = self.model.Subgraphs(index)
        tensors, constants = self._tensors(subgraph)
        inputs = self._numbers(subgraph.InputsAsNumpy(), subgraph.InputsLength(), len(tensors), "an input")
        outputs = self._numbers(subgraph.OutputsAsNumpy(), subgraph.OutputsLength(), len(tensors), "an output")
        nodes = self._nodes(subgraph, len(tensors))
        return TfliteGraph(self.label, tensors, nodes, inputs, outputs, constants)

    def _length(self, count: int) -> int:
        """A number of table entries, each of which takes four bytes of the file."""
        if count * 4 > len(self.data):
            raise _DamagedError("a list is longer than the file")
        return count

    def _numbers(self, values: Any, count: int, limit: int, what: str, optional: bool = False) -> list[int]:
        numbers = [int(value) for value in values] if self._length(count) else []
        for number in numbers:
            if not (0 <= number < limit or (optional and number == -1)):
                raise _DamagedError(f"{what} is tensor {number} of {limit}")
        return numbers

    def _tensors(self, subgraph: Any) -> tuple[list[TensorInfo], dict[int, np.ndarray]]:
        tensors: list[TensorInfo] = []
        constants: dict[int, np.ndarray] = {}
        taken: set[str] = set()
        elements = _names(self.schema.TensorType)
        for index in range(self._length(subgraph.TensorsLength())):
            table = subgraph.Tensors(index)
            element = elements.get(table.Type())
            if element is None:
                raise FrontendError(f"{self.label}: tensor {index} has the element type {table.Type()}, not known")
            name = self._name(table.Name(), index, taken)
            shape = self._shape(table, name)
            info = TensorInfo(
                name, shape, element, self._quantization(table, name, element, shape), self._open_axes(table)
            )
            tensors.append(info)
            constant = self._constant(table, info)
            if constant is not None:
                constants[index] = constant
        return tensors, constants

    @staticmethod
    def _name(raw: bytes | None, index: int, taken: set[str]) -> str:
        name = (raw or b"").decode("utf-8", "replace") or f"tensor_{index}"
        if name in taken:
            name = f"{name}_{index}"
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    def _shape(self, table: Any, name: str) -> tuple[int, ...]:
        count = table.ShapeLength()
        if count > MAX_RANK:
            raise _DamagedError(f"tensor '{name}' has {count} dimensions")
        shape = tuple(int(table.Shape(axis)) for axis in range(count))
        if any(size < 0 for size in shape):
            raise _DamagedError(f"tensor '{name}' has the shape {list(shape)}")
        return shape

    @staticmethod
    def _open_axes(table: Any) -> frozenset[int]:
        count = min(table.ShapeSignatureLength(), MAX_RANK)
        return frozenset(axis for axis in range(count) if table.ShapeSignature(axis) < 0)

    def _quantization(self, table: Any, name: str, element: str, shape: tuple[int, ...]) -> Quantization | None:
        stored = table.Quantization()
        if stored is None or stored.ScaleLength() == 0:
            return None
        with np.errstate(invalid="ignore"):
            scales = stored.ScaleAsNumpy().astype(np.float64)
        zeros = stored.ZeroPointAsNumpy() if stored.ZeroPointLength() else np.zeros(scales.size, np.int64)
        if zeros.size == 1 and scales.size > 1:
            zeros = np.broadcast_to(zeros, scales.shape)
        axis = int(stored.QuantizedDimension())
        if zeros.size != scales.size or not np.all(np.isfinite(scales)) or np.any(scales < 0):
            raise _DamagedError(f"the scales of tensor '{name}' are not usable")
        if scales.size > 1 and not (0 <= axis < len(shape) and shape[axis] == scales.size):
            raise _DamagedError(f"the {scales.size} scales of tensor '{name}' do not fit its shape {list(shape)}")
        limits = np.iinfo(np.uint8 if element == "UINT8" else np.int32 if element != "INT8" else np.int8)
        if zeros.min() < limits.min or zeros.max() > limits.max:
            raise _DamagedError(f"the zero points of tensor '{name}' are no values of its type")
        if np.any(scales == 0):
            return None  # some converters write it where nothing is quantized
        return Quantization(tuple(map(float, scales)), tuple(map(int, zeros)), axis)

    def _constant(self, table: Any, info: TensorInfo) -> np.ndarray | None:
        number = table.Buffer()
        if number >= self._length(self.model.BuffersLength()):
            raise _DamagedError(f"tensor '{info.name}' has the data {number} of {self.model.BuffersLength()}")
        raw = self._bytes(self.model.Buffers(number), info.name)
        if not raw.size or table.IsVariable():
            return None
        if table.Sparsity() is not None:
            raise FrontendError(f"{self.label}: tensor '{info.name}' is sparse; convert the model with dense weights")
        count = math.prod(info.shape)
        if info.element == "INT4":
            return self._nibbles(raw, count, info)
        if info.element not in DTYPES:
            return None  # an operator that reads it is refused
        dtype = np.dtype(DTYPES[info.element])
        if raw.size != count * dtype.itemsize:
            raise _DamagedError(f"tensor '{info.name}' of shape {list(info.shape)} has {raw.size} bytes of data")
        return raw.view(dtype).reshape(info.shape)

    def _bytes(self, buffer: Any, name: str) -> np.ndarray:
        if buffer.DataLength():
            return buffer.DataAsNumpy()
        start, size = buffer.Offset(), buffer.Size()
        if start <= 1 or size == 0:
            return np.empty(0, np.uint8)
        if start + size > len(self.data):
            raise _DamagedError(f"the data of tensor '{name}' lie behind the end of the file")
        return np.frombuffer(self.data, np.uint8, size, start)

    @staticmethod
    def _nibbles(raw: np.ndarray, count: int, info: TensorInfo) -> np.ndarray:
        """Two signed 4-bit values per byte, the low one first."""
        if raw.size != (count + 1) // 2:
            raise _DamagedError(f"tensor '{info.name}' of shape {list(info.shape)} has {raw.size} bytes of data")
        pairs = np.stack([raw & 15, raw >> 4], axis=1).reshape(-1)[:count].astype(np.int8)
        return np.where(pairs > 7, pairs - 16, pairs).astype(np.int8).reshape(info.shape)

    def _nodes(self, subgraph: Any, tensors: int) -> list[Node]:
        kinds = self._operators()
        nodes = []
        for index in range(self._length(subgraph.OperatorsLength())):
            table = subgraph.Operators(index)
            if table.OpcodeIndex() >= len(kinds):
                raise _DamagedError(f"node {index} has the operator {table.OpcodeIndex()} of {len(kinds)}")
            kind, custom = kinds[table.OpcodeIndex()]
            what = f"an operand of node {index} ({kind})"
            inputs = self._numbers(table.InputsAsNumpy(), table.InputsLength(), tensors, what, optional=True)
            what = f"a result of node {index} ({kind})"
            outputs = self._numbers(table.OutputsAsNumpy(), table.OutputsLength(), tensors, what)
            options = self._custom_options(table, kind) if custom else self._options(table)
            nodes.append(Node(index, kind, custom, tuple(inputs), tuple(outputs), options))
        return nodes

    def _operators(self) -> list[tuple[str, bool]]:
        names = _names(self.schema.BuiltinOperator)
        found = []
        for index in range(self._length(self.model.OperatorCodesLength())):
            code = self.model.OperatorCodes(index)
            # old files have the number in a byte, newer ones in a longer field where it exceeds that
            number = max(code.DeprecatedBuiltinCode(), code.BuiltinCode())
            if number == self.schema.BuiltinOperator.CUSTOM:
                found.append(((code.CustomCode() or b"").decode("utf-8", "replace"), True))
            else:
                found.append((names.get(number, f"operator {number}"), False))
        return found

    def _custom_options(self, table: Any, kind: str) -> dict[str, Any]:
        count = table.CustomOptionsLength()
        if count > len(self.data):
            raise _DamagedError("the options of an operator are longer than the file")
        try:
            return dict(numbers_of(bytes(table.CustomOptionsAsNumpy()))) if count else {}
        except ValueError:
            return {}  # not a map of numbers; an operator that needs one says what is missing

    def _options(self, table: Any) -> dict[str, Any]:
        kind = _names(self.schema.BuiltinOptions).get(table.BuiltinOptionsType(), "NONE")
        stored = table.BuiltinOptions()
        cls: Any = getattr(self.schema, kind, None)
        if stored is None or not inspect.isclass(cls):
            return {}
        options: Any = cls()
        table_type: Any = type(options)
        options.Init(stored.Bytes, stored.Pos)
        values: dict[str, Any] = {}
        for name, is_vector in _accessors(table_type):
            if is_vector:
                count = self._length(getattr(options, name + "Length")())
                values[name] = [int(value) for value in getattr(options, name + "AsNumpy")()] if count else []
            else:
                values[name] = getattr(options, name)()
        return values
