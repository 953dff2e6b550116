"""What a converter sees of the Caffe layer it converts: operands, weights, parameters, results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..builder import GraphBuilder
from ..emit import Emission, NodeEmitter, Tensor, as_f32, top_shape
from .graph import MAX_AXES, CaffeGraph, Layer
from .schema import word

MAX_CONSTANT = 1 << 26
"""Elements of all constants that a description may ask for without storing them."""


class Module(Emission):
    """The values made so far, shared by all calls."""

    def __init__(self, graph: CaffeGraph, builder: GraphBuilder) -> None:
        super().__init__(builder)
        self.graph = graph
        self.values: dict[str, Tensor] = {}
        self.constants: dict[str, np.ndarray] = {}  # values of constant results, by the name of the value
        self.filled = 0  # elements of constants that no file stores
        self._read = {name for layer in graph.layers for name in layer.bottoms} | set(graph.outputs.values())

    def is_read(self, name: str) -> bool:
        """Whether a layer or the user reads a value."""
        return name in self._read


class Call(NodeEmitter):
    """One layer being converted. Converters end with ``finish`` or ``bind``, or raise through ``refuse``."""

    def __init__(self, module: Module, layer: Layer) -> None:
        super().__init__(module)
        self.module = module
        self.layer = layer
        self.reads: set[str] = set()

    # parameters

    def parameters(self, name: str) -> Any:
        """The parameters of that name, with the format's defaults for what the description does not say."""
        return getattr(self.layer.message, name)

    def word(self, parameters: Any, field: str) -> str:
        """The word of an enumeration."""
        return word(parameters, field)

    def axis(self, axis: int, rank: int, past_end: bool = False) -> int:
        """An axis counted from the front; ``past_end`` also allows the one after the last."""
        found = axis + rank + past_end if axis < 0 else axis
        if not 0 <= found < rank + past_end:
            self.refuse(f"its axis {axis} is not one of an input of {rank} dimensions")
        return found

    # operands

    @property
    def count(self) -> int:
        """The number of inputs."""
        return len(self.layer.bottoms)

    def only(self, *counts: int) -> None:
        """Refuses the layer unless it has that many inputs."""
        if self.count not in counts:
            self.refuse(f"it has {self.count} inputs instead of {' or '.join(str(count) for count in counts)}")

    def shape(self, index: int = 0) -> tuple[int, ...]:
        """The shape of an input, which is not read by that."""
        if index >= self.count:
            self.refuse(f"its input {index} is missing")
        return self.module.values[self.layer.bottoms[index]].shape

    def x(self, index: int = 0) -> Tensor:
        """An input."""
        self.shape(index)
        self.reads.add(self.layer.bottoms[index])
        return self.module.values[self.layer.bottoms[index]]

    def blob(self, index: int, shape: Sequence[int], what: str) -> np.ndarray:
        """A stored weight with the given shape; old files store it with leading ones."""
        if index >= len(self.layer.blobs):
            self.refuse(f"its {what} is missing; give the .caffemodel that belongs to it with --model_data")
        value = self.layer.blobs[index]
        wanted = top_shape(shape)
        if [size for size in value.shape if size != 1] != [size for size in wanted if size != 1]:
            self.refuse(f"its {what} has the shape {list(value.shape)} instead of {list(wanted)}")
        return value.reshape(wanted)

    def weight(self, suffix: str, array: np.ndarray) -> Tensor:
        """A new weight of this layer. Names of layers need not differ, so nothing is shared by name."""
        data = as_f32(array, f"its {suffix}")
        name = self.module.unique(f"{self.layer.name}_{suffix}")
        return Tensor(self.module.builder.weight(name, data), data.shape, name)

    def own_weight(self, suffix: str, array: np.ndarray) -> Tensor:
        """A weight that the conversion itself needs."""
        return self.weight(suffix, array)

    def constant(self, array: np.ndarray, index: int = 0) -> None:
        """Declares result ``index`` to have these values."""
        tensor = self.weight("constant", array)
        self.module.constants[self.layer.tops[index]] = array
        self.bind(tensor, index)

    def filled(self, shape: Sequence[int], value: float, index: int = 0) -> None:
        """Declares result ``index`` to have one value everywhere, as far as such results may take memory."""
        self.take(shape)
        self.constant(np.full(shape, value, np.float32), index)

    def take(self, shape: Sequence[int]) -> None:
        """Counts elements of a constant that no file stores; refuses too many."""
        self.module.filled += math.prod(shape)
        if self.module.filled > MAX_CONSTANT:
            self.refuse(f"a constant of the shape {list(shape)} is too large, with those before it")

    # results

    @property
    def prefix(self) -> str:
        """The name of the layer, with which ops in the middle begin."""
        return self.layer.name

    @property
    def tops(self) -> int:
        """The number of results."""
        return len(self.layer.tops)

    def is_used(self, index: int) -> bool:
        """Whether a layer or the user reads result ``index``."""
        return self.module.is_read(self.layer.tops[index])

    def finish(
        self, kind: str, operands: Sequence[Any], shape: Sequence[int], index: int = 0, /, **attributes: Any
    ) -> None:
        """Emits the op that makes result ``index``."""
        if len(shape) > MAX_AXES or any(size < 1 for size in shape):
            self.refuse(f"its result would have the shape {list(shape)}")
        name = self.module.unique(self.layer.tops[index])
        self.bind(self.emit(name, kind, operands, top_shape(shape), attributes), index)

    def bind(self, tensor: Tensor, index: int = 0) -> None:
        """Declares an existing tensor to be result ``index``."""
        self.module.values[self.layer.tops[index]] = tensor
