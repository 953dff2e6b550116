"""The static graph that the converters read: nodes in execution order, one element type and one static shape per
tensor, and every constant as an array. It is made by ``propagate`` and never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto

if TYPE_CHECKING:
    from ..scales import ConstantScales

FLOAT_TYPES = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16})
WIDE_INTEGER_TYPES = frozenset({TensorProto.INT32, TensorProto.INT64})
NARROW_INTEGER_TYPES = frozenset({TensorProto.INT8, TensorProto.UINT8, TensorProto.INT16, TensorProto.UINT16})
INTEGER_TYPES = WIDE_INTEGER_TYPES | NARROW_INTEGER_TYPES | {TensorProto.UINT32, TensorProto.UINT64}
MOVABLE_TYPES = FLOAT_TYPES | INTEGER_TYPES | {TensorProto.BOOL}
"""Element types whose tensors can live in the network (as f32)."""


def type_name(element: int) -> str:
    """The ONNX spelling of an element type, such as "float16"."""
    try:
        return TensorProto.DataType.Name(element).lower()
    except ValueError:
        return f"element type {element}"


@dataclass(frozen=True)
class TensorInfo:
    """element: ONNX element type, 0 when unknown. shape: None when it depends on data or is not known."""

    element: int
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Node:
    """One source node. opset is the version of its own domain; a missing optional input is the empty string."""

    name: str
    op_type: str
    domain: str
    opset: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The node's name, or that of its first output when it has none."""
        return self.name or next((name for name in self.outputs if name), "")

    def attr(self, name: str, default: Any = None) -> Any:
        """The attribute's value as int, float, str, list or array."""
        return self.attributes.get(name, default)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The bodies of If and Loop; the inputs then include what these read from outside."""
        return self.attributes.get("regions", ())

    def input(self, index: int) -> str:
        """The name of an input, empty when it is missing."""
        return self.inputs[index] if index < len(self.inputs) else ""


@dataclass(frozen=True)
class Region:
    """The body of a branch or loop: names of its arguments, its nodes in order, and what it yields."""

    arguments: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]


def with_regions(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and those in their regions."""
    for node in nodes:
        yield node
        for region in node.regions:
            yield from with_regions(region.nodes)


@dataclass
class StaticGraph:
    """The whole network with static shapes. ``refused`` lists nodes that no converter knows, with the reason;
    ``scales`` has the constants that were quantized."""

    label: str
    inputs: list[str]
    outputs: list[str]
    nodes: list[Node]
    info: dict[str, TensorInfo]
    constants: dict[str, np.ndarray]
    refused: list[tuple[Node, str]]
    scales: dict[str, ConstantScales] = field(default_factory=dict)

    def readers(self, name: str) -> Iterator[Node]:
        """The nodes that read a tensor, in regions too."""
        return (node for node in with_regions(self.nodes) if name in node.inputs)

    def leaves(self, name: str) -> bool:
        """Whether a tensor is an output of the network or of a region."""
        return name in self.outputs or any(
            name in region.outputs for node in with_regions(self.nodes) for region in node.regions
        )


def decode_attribute(attribute: AttributeProto) -> Any:
    """The value of an attribute: text as str, tensors as arrays, graphs as they are."""
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.type == AttributeProto.STRING:
        return value.decode("utf-8", "replace")
    if attribute.type == AttributeProto.STRINGS:
        return [item.decode("utf-8", "replace") for item in value]
    if attribute.type == AttributeProto.TENSOR:
        return value
    return list(value) if attribute.type in (AttributeProto.INTS, AttributeProto.FLOATS) else value
