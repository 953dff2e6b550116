"""The layers of a canonical Top module as the search sees them: names, operands, weights and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

from .. import ir
from ..errors import UserError

MOVES = frozenset(
    {
        "Reshape",
        "Flatten",
        "Squeeze",
        "Unsqueeze",
        "Permute",
        "Transpose",
        "Concat",
        "Slice",
        "Pad",
        "Upsample",
        "Tile",
        "Depth2Space",
        "MaxPool",
    }
)
"""Ops that keep every value, so that operands and result share one quantization."""

FLOAT_ONLY = frozenset({"Softmax", "LayerNorm", "Div", "Reciprocal", "Reduce"})
"""Ops that are computed in float in an INT8 network, too."""

WEIGHTED = frozenset({"Conv", "Deconv", "MatMul"})
"""Ops whose weights are quantized."""


FUNCTIONS = frozenset({"SiLU", "Sigmoid", "Tanh", "GELU", "HardSwish", "HardSigmoid", "Mish", "Elu", "Softplus"})
"""Ops that take a convolution's result unrounded where they are computed in float."""


@dataclass(frozen=True)
class Layer:
    """One op. inputs: names of computed operands; weights: names of stored operands; kind: as "Conv"."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    weights: tuple[str, ...]
    shape: tuple[int, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def moves(self) -> bool:
        """Whether the layer only moves values."""
        nearest = self.kind == "Interp" and str(self.attributes.get("mode", "")) == "nearest"
        return self.kind in MOVES or nearest

    @property
    def elements(self) -> int:
        """Number of elements of the result."""
        return prod(self.shape)

    @property
    def weighted(self) -> bool:
        """Whether a filter or matrix of the layer is quantized."""
        return self.kind in WEIGHTED and bool(self.weights)


@dataclass(frozen=True)
class Graph:
    """A network: layers in the order of computation, names of inputs and outputs, shapes of inputs and weights."""

    layers: tuple[Layer, ...]
    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]
    weight_shapes: Mapping[str, tuple[int, ...]]

    @cached_property
    def by_name(self) -> dict[str, Layer]:
        """Layer by the name of its result."""
        return {layer.name: layer for layer in self.layers}

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each layer in the order of computation."""
        return {layer.name: index for index, layer in enumerate(self.layers)}

    @cached_property
    def consumers(self) -> dict[str, list[Layer]]:
        """Layers that read a value."""
        found: dict[str, list[Layer]] = {}
        for layer in self.layers:
            for name in dict.fromkeys(layer.inputs):
                found.setdefault(name, []).append(layer)
        return found

    def shape(self, value: str) -> tuple[int, ...]:
        """Shape of a value."""
        return self.by_name[value].shape if value in self.by_name else self.inputs[value]

    @cached_property
    def handed_on(self) -> frozenset[str]:
        """Results of convolutions that are not stored in 8 bits when their only reader is in float."""
        found = set()
        for layer in self.layers:
            readers = self.consumers.get(layer.name, [])
            if layer.kind != "Conv" or len(readers) != 1 or layer.name in self.outputs:
                continue
            group = int(layer.attributes.get("group", 1) or 1)
            plain = group == 1 or (layer.shape[1] == group == self.shape(layer.inputs[0])[1])
            if plain and readers[0].kind in FUNCTIONS:
                found.add(layer.name)
        return frozenset(found)

    def affected(self, value: str) -> set[str]:
        """Layers whose results depend on the value."""
        dirty: set[str] = set()
        start = self.position.get(value, -1) + 1
        for layer in self.layers[start:]:
            if any(name == value or name in dirty for name in layer.inputs):
                dirty.add(layer.name)
        return dirty

    def frontier(self, dirty: Iterable[str]) -> set[str]:
        """Values that the layers read and that none of them computes."""
        layers = set(dirty)
        return {name for layer in layers for name in self.by_name[layer].inputs if name not in layers}


def _plain(op: ir.OpView) -> dict[str, Any]:
    return {name: attribute.value for name, attribute in op.attributes.items() if hasattr(attribute, "value")}


def graph_of(module: ir.Module) -> Graph:
    """The graph of a Top module's main function. ``UserError`` for control flow."""
    layers: list[Layer] = []
    inputs: dict[str, tuple[int, ...]] = {}
    weights: dict[str, tuple[int, ...]] = {}
    outputs: list[str] = []

    def name_of(thing: Any) -> str:
        return thing.location.name_str or ""

    def visit(op: ir.OpView) -> None:
        if op.name in ("top.If", "top.Loop", "top.Yield"):
            raise UserError(
                "the network has branches or loops that depend on data, which no chip has commands for; make their "
                "conditions constant, or cut the model there"
            )
        if op.name == "func.return":
            outputs.extend(name_of(value) for value in op.operands)
        elif op.name == "top.Weight":
            weights[name_of(op)] = tuple(op.result.type.shape)
        elif op.name == "top.Input":
            inputs[name_of(op)] = tuple(op.result.type.shape)
        elif op.operation.name.startswith("top.") and op.name != "top.None":
            layers.append(_layer(op, weights, name_of))

    module.operation.walk(visit)
    return Graph(tuple(layers), inputs, tuple(outputs), weights)


def _layer(op: ir.OpView, weights: Mapping[str, tuple[int, ...]], name_of: Any) -> Layer:
    names = [name_of(value) for value in op.operands if not isinstance(value.type, ir.NoneType)]
    computed = tuple(name for name in names if name and name not in weights)
    stored = tuple(name for name in names if name in weights)
    shape = tuple(op.operation.results[0].type.shape)
    return Layer(name_of(op), op.name.removeprefix("top."), computed, stored, shape, _plain(op))
