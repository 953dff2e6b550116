"""A captured network in plain Python: ATen operators in order on values with static shapes, no PyTorch objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

FLOATS = frozenset({"float32", "float16", "bfloat16", "float64"})
INTEGERS = frozenset({"int64", "int32", "int16", "int8", "uint8"})
MOVABLE = FLOATS | INTEGERS | {"bool"}
"""Element types whose values the module can hold in f32."""


@dataclass(frozen=True)
class Value:
    """A tensor. shape: () for a scalar, dtype: as PyTorch calls it, without "torch."."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def is_float(self) -> bool:
        """Whether its elements are floating point."""
        return self.dtype in FLOATS


@dataclass(frozen=True)
class Node:
    """One operator. target: "namespace.operator.overload". arguments: parameter name -> value, number, list, ...,
    those with defaults included. results: None for one that nobody reads. wants_numbers: parameters that are no
    tensors."""

    name: str
    target: str
    arguments: Mapping[str, Any]
    results: tuple[Value | None, ...]
    wants_numbers: tuple[str, ...] = ()

    def operands(self) -> Iterator[Value]:
        """All tensors that it is given."""
        for argument in self.arguments.values():
            yield from values_in(argument)

    def numbers(self) -> Iterator[Any]:
        """The arguments that the operator wants as numbers."""
        return (self.arguments[name] for name in self.wants_numbers if name in self.arguments)


def values_in(argument: Any) -> Iterator[Value]:
    """The tensors in an argument."""
    if isinstance(argument, Value):
        yield argument
    elif isinstance(argument, (list, tuple)):
        for item in argument:
            yield from values_in(item)


@dataclass
class TorchGraph:
    """label: how messages call the file. constants: value name -> array. outputs: the name that users know -> value.
    node_names: value name -> name in the recorded graph. refused: node name -> why it cannot be converted."""

    label: str
    inputs: list[Value]
    nodes: list[Node]
    outputs: dict[str, Value]
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    node_names: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
