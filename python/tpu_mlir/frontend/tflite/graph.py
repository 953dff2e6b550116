"""The network of a TFLite file in plain Python: tensors by number, nodes in execution order, constants as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..scales import ConstantScales

FLOAT_TYPES = frozenset({"FLOAT32", "FLOAT16", "FLOAT64", "BFLOAT16"})
BYTE_TYPES = frozenset({"INT8", "UINT8"})
INTEGER_TYPES = frozenset({"INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "BOOL"})


@dataclass(frozen=True)
class Quantization:
    """value = (integer - zeros[i]) * scales[i], one of each or one per position i of ``axis``."""

    scales: tuple[float, ...]
    zeros: tuple[int, ...]
    axis: int


@dataclass(frozen=True)
class TensorInfo:
    """A tensor as the file declares it. name: unique in the file. element: the schema's word such as "FLOAT32".

    shape: sizes as stored, NHWC for pictures; () for a scalar. open_axes: those whose sizes the file leaves open.
    """

    name: str
    shape: tuple[int, ...]
    element: str
    quantization: Quantization | None
    open_axes: frozenset[int] = frozenset()

    @property
    def is_quantized(self) -> bool:
        """Whether it holds bytes that stand for real values."""
        return self.quantization is not None and self.element in BYTE_TYPES


@dataclass(frozen=True)
class Node:
    """One operator. kind: the schema's name such as "CONV_2D", or the name of a custom operator. inputs: numbers of
    tensors, -1 for a missing optional one. options: the operator's attributes by the schema's names."""

    index: int
    kind: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class TfliteGraph:
    """The main subgraph. constants: integers of quantized constants as they are stored. resized: whether inputs got
    other sizes than the file has, so that the shapes it declares say nothing. scales: of constants that were computed
    from quantized ones. subgraphs: the file's other networks by their numbers, for branches and loops."""

    label: str
    tensors: list[TensorInfo]
    nodes: list[Node]
    inputs: list[int]
    outputs: list[int]
    constants: dict[int, np.ndarray]
    resized: bool = False
    scales: dict[int, ConstantScales] = field(default_factory=dict)
    subgraphs: dict[int, TfliteGraph] = field(default_factory=dict)

    def position(self, node: Node) -> str:
        """The name by which users find a node: that of its first result."""
        return self.tensors[node.outputs[0]].name if node.outputs else f"number {node.index}"
