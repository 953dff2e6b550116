"""Reads a .prototxt and its .caffemodel: the layers of the test phase, old spellings made new, weights as arrays."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FrontendError
from .graph import MAX_AXES, CaffeGraph, Layer
from .schema import BINARY_CLASSES, TEXT_CLASSES, word

INPUT_KINDS = frozenset(
    {"Input", "Data", "ImageData", "MemoryData", "HDF5Data", "WindowData", "AnnotatedData", "VideoData"}
)
"""Layer types that only bring data into the network."""

MAX_TEXT = 32 << 20
"""Largest description in bytes; those of real networks are below 1 MiB."""

_V1_KINDS = {
    "BNLL": "BNLL",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "IM2COL": "Im2col",
    "LRN": "LRN",
    "RELU": "ReLU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "TANH": "TanH",
    "ARGMAX": "ArgMax",
    "MVN": "MVN",
    "ABSVAL": "AbsVal",
}
"""Types of old layers whose new names are not their words joined."""

Weights = Mapping[str, Sequence[np.ndarray]]


def load(
    description: str | os.PathLike[str], weights: str | os.PathLike[str] | None, label: str | None = None
) -> CaffeGraph:
    """Reads both files. FrontendError with one sentence when that is not possible."""
    path = Path(description)
    try:
        data = path.read_bytes()
        stored = Path(weights).read_bytes() if weights is not None else None
    except OSError as error:
        raise FrontendError(f"{error.filename} cannot be read: {(error.strerror or str(error)).lower()}") from error
    return parse(data, stored, label or str(path), str(weights))


def parse(data: bytes, stored: bytes | None, label: str, weights_label: str = "the weights") -> CaffeGraph:
    """The network of a description and the bytes of its weights."""
    from google.protobuf import text_format

    if len(data) > MAX_TEXT:
        raise FrontendError(f"{label}: is larger than {MAX_TEXT >> 20} MiB, which no network description is")
    net = TEXT_CLASSES["Net"]()
    try:
        text_format.Parse(data.decode("utf-8"), net)
    except (text_format.ParseError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FrontendError(f"{label}: is not a network description that can be read: {reason}") from error
    if net.layer and net.layers:
        raise FrontendError(f"{label}: mixes old layers ('layers') with new ones ('layer')")
    blobs = read_weights(stored, weights_label) if stored is not None else {}
    return _Names(net, blobs, label).graph()


def read_weights(data: bytes, label: str) -> dict[str, list[np.ndarray]]:
    """Layer name -> its weights (f32)."""
    from google.protobuf.message import DecodeError

    net = BINARY_CLASSES["Net"]()
    try:
        net.ParseFromString(data)
    except (DecodeError, RuntimeError) as error:
        raise FrontendError(f"{label}: is not a .caffemodel file, or it is damaged") from error
    if not net.layer and not net.layers:
        raise FrontendError(f"{label}: holds no layers; it is not a .caffemodel file")
    result: dict[str, list[np.ndarray]] = {}
    for layer in [*net.layers, *net.layer]:
        if layer.blobs:
            result[layer.name] = [_array(blob, f"{label}: layer '{layer.name}'") for blob in layer.blobs]
    return result


def _array(blob: Any, where: str) -> np.ndarray:
    if blob.raw_data:
        values = _raw(blob, where)
    else:
        values = np.array(blob.double_data if blob.double_data else blob.data, np.float32)
    if blob.HasField("shape"):
        shape = tuple(blob.shape.dim)
    else:
        shape = (blob.num, blob.channels, blob.height, blob.width)
        shape = shape if math.prod(shape) else (values.size,)
    if len(shape) > MAX_AXES or any(size < 0 for size in shape) or math.prod(shape) != values.size:
        raise FrontendError(f"{where} has weights of {values.size} values for the shape {list(shape)}")
    return values.reshape(shape)


def _raw(blob: Any, where: str) -> np.ndarray:
    """Weights stored as the bytes of numbers of one of the float types."""
    types = ("<f8", "<f4", "<f2")
    if not 0 <= blob.raw_data_type < len(types):
        raise FrontendError(f"{where} has weights that are integers; save the model with single precision")
    kind = np.dtype(types[blob.raw_data_type])
    if len(blob.raw_data) % kind.itemsize:
        raise FrontendError(f"{where} has {len(blob.raw_data)} bytes for weights of {kind.itemsize} bytes each")
    with np.errstate(over="ignore"):
        return np.frombuffer(blob.raw_data, kind).astype(np.float32)


def _runs(layer: Any, state: Any) -> bool:
    """Whether a layer is part of the network in the test phase."""
    if layer.include and layer.exclude:
        return False
    if layer.include:
        return any(_meets(rule, state) for rule in layer.include)
    return not any(_meets(rule, state) for rule in layer.exclude)


def _meets(rule: Any, state: Any) -> bool:
    if rule.HasField("phase") and word(rule, "phase") != "TEST":
        return False
    if rule.HasField("min_level") and state.level < rule.min_level:
        return False
    if rule.HasField("max_level") and state.level > rule.max_level:
        return False
    stages = set(state.stage)
    return stages.issuperset(rule.stage) and not stages.intersection(rule.not_stage)


def _kind(layer: Any) -> str:
    if isinstance(layer.type, str):
        return layer.type
    old = word(layer, "type")
    return _V1_KINDS.get(old, "".join(part.capitalize() for part in old.split("_")))


class _Names:
    """Gives every value a name: the blob's, or the layer's where a blob is written again."""

    def __init__(self, net: Any, weights: Weights, label: str) -> None:
        self._net = net
        self._weights = weights
        self._label = label
        self._blobs: dict[str, str] = {}  # blob -> its value at this point
        self._unread: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}  # the last number behind a name that was taken
        self._graph = CaffeGraph(label, {}, [], {})

    def graph(self) -> CaffeGraph:
        """All layers that run."""
        net = self._net
        for name, shape in zip(net.input, self._input_shapes(), strict=True):
            self._graph.inputs[self._write(name, name)] = shape
        layers = [layer for layer in [*net.layers, *net.layer] if _runs(layer, net.state)]
        for place, layer in enumerate(layers):
            self._add(layer, place)
        self._graph.outputs = dict(self._unread)
        return self._graph

    def _input_shapes(self) -> list[tuple[int, ...] | None]:
        net, count = self._net, len(self._net.input)
        if net.input_shape and len(net.input_shape) == count:
            return [tuple(shape.dim) or None for shape in net.input_shape]
        if net.input_dim and len(net.input_dim) == 4 * count:
            return [tuple(net.input_dim[4 * i : 4 * i + 4]) for i in range(count)]
        if net.input_shape or net.input_dim:
            raise FrontendError(f"{self._label}: its input_shape or input_dim do not fit its {count} inputs")
        return [None] * count

    def _write(self, blob: str, layer: str) -> str:
        wanted = layer if blob in self._blobs else blob
        name, number = wanted, self._numbers.get(wanted, 0)
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._numbers[wanted] = number
        self._taken.add(name)
        self._blobs[blob] = self._unread[blob] = self._graph.names[blob] = name
        return name

    def _add(self, layer: Any, place: int) -> None:
        kind = _kind(layer)
        bottoms = []
        for blob in layer.bottom:
            if blob not in self._blobs:
                raise FrontendError(f"{self._label}: layer '{layer.name}' reads the blob '{blob}', which nothing makes")
            bottoms.append(self._blobs[blob])
        for blob in layer.bottom:
            self._unread.pop(blob, None)
        tops = tuple(self._write(blob, layer.name) for blob in layer.top)
        if kind in INPUT_KINDS:
            self._graph.inputs.update(zip(tops, self._declared(layer, kind, len(tops)), strict=True))
            return
        if tops:
            self._graph.names.setdefault(layer.name, tops[0])
        blobs = self._weights.get(layer.name) or [
            _array_of_text(blob, f"{self._label}: layer '{layer.name}'") for blob in layer.blobs
        ]
        self._graph.layers.append(Layer(layer.name, kind, tuple(bottoms), tops, layer, tuple(blobs), place))

    def _declared(self, layer: Any, kind: str, count: int) -> list[tuple[int, ...] | None]:
        """The shapes of the inputs that a layer brings."""
        if kind == "Input" and layer.input_param.shape:
            shapes: list[tuple[int, ...] | None] = [tuple(shape.dim) or None for shape in layer.input_param.shape]
            if len(shapes) not in (1, count):
                raise FrontendError(f"{self._label}: layer '{layer.name}' has {len(shapes)} shapes for {count} tops")
            return shapes * count if len(shapes) == 1 else shapes
        given = layer.memory_data_param
        shape = (given.batch_size, given.channels, given.height, given.width)
        if kind == "MemoryData" and all(shape):
            return [shape, (given.batch_size,)][:count] + [None] * (count - 2)
        return [None] * count


def _array_of_text(blob: Any, where: str) -> np.ndarray:
    """Weights that stand in the description itself."""
    values = np.array(blob.data, np.float32)
    legacy = (blob.num, blob.channels, blob.height, blob.width)
    shape = tuple(blob.shape.dim) if blob.HasField("shape") else legacy if math.prod(legacy) else (values.size,)
    if len(shape) > MAX_AXES or any(size < 0 for size in shape) or math.prod(shape) != values.size:
        raise FrontendError(f"{where} has weights of {values.size} values for the shape {list(shape)}")
    return values.reshape(shape)
