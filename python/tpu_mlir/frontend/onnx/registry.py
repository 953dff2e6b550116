"""The table of converters: one small function per source operator and first operator set that it is right for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

from ..errors import UnsupportedNodeError
from .graph import FLOAT_TYPES, Node, TensorInfo

if TYPE_CHECKING:
    from .call import Call

Converter = Callable[["Call"], None]

FLOAT = "float"
"""The operator computes in floating point; integer activations are refused."""
NUMERIC = "numeric"
"""Also int32 and int64 activations, whose values the network holds in f32 (exact up to 2^24)."""
ANY = "any"
"""Only moves data, so every element type is welcome."""
OWN = "own"
"""The converter looks at the element types itself."""


@dataclass(frozen=True)
class Entry:
    """A converter for operator sets >= since. data: which element types activations may have."""

    convert: Converter
    since: int
    data: str


_TABLE: dict[tuple[str, str], list[Entry]] = {}


def onnx_op(*op_types: str, since: int = 1, data: str = FLOAT, domain: str = "") -> Callable[[Converter], Converter]:
    """Registers a converter for operator types of a domain ("" is the standard), from operator set ``since`` on."""

    def register(convert: Converter) -> Converter:
        for op_type in op_types:
            entries = _TABLE.setdefault((domain, op_type), [])
            if any(entry.since == since for entry in entries):
                raise ValueError(f"{op_type} since {since} is registered twice")
            entries.append(Entry(convert, since, data))
            entries.sort(key=lambda entry: entry.since)
        return convert

    return register


FREE_DOMAIN = "*"
"""Stands for every domain in which nobody else defines operators."""


@dataclass(frozen=True)
class Sources:
    """What a shape rule sees: the node, and what is known of its inputs before any conversion."""

    node: Node
    info: Callable[[str], TensorInfo]
    value: Callable[[str], np.ndarray | None]

    def shape(self, index: int) -> tuple[int, ...]:
        """The shape of an input that must be there."""
        shape = self.info(self.node.input(index)).shape if self.node.input(index) else None
        if shape is None:
            raise UnsupportedNodeError(f"its input {index} is missing or has no shape that is known")
        return shape

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute of the node, or the default."""
        return self.node.attr(name, default)

    def const(self, index: int) -> np.ndarray | None:
        """The value of a constant input."""
        return self.value(self.node.input(index))


ShapeRule = Callable[[Sources], Sequence[int]]
_RULES: dict[str, ShapeRule] = {}


def free_op(*op_types: str, shape: ShapeRule, data: str = FLOAT) -> Callable[[Converter], Converter]:
    """Registers a converter for operators with one result that the standard does not have. shape: the result's shape;
    it refuses with UnsupportedNodeError what the converter takes for granted."""
    _RULES.update(dict.fromkeys(op_types, shape))
    return onnx_op(*op_types, data=data, domain=FREE_DOMAIN)


def _is_free(op_type: str, domain: str) -> bool:
    if domain == "":
        return not onnx.defs.has(op_type)
    return not domain.startswith(("ai.onnx", "com.microsoft"))


def free_type(sources: Sources) -> TensorInfo | None:
    """The type of the result of an operator outside of the standard; None for operators that are not known."""
    node = sources.node
    rule = _RULES.get(node.op_type)
    if rule is None or not _is_free(node.op_type, node.domain) or (node.domain, node.op_type) in _TABLE:
        return None
    try:
        shape = tuple(int(size) for size in rule(sources))
    except UnsupportedNodeError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnsupportedNodeError(f"its inputs and attributes do not fit together ({error})") from error
    element = sources.info(node.input(0)).element
    return TensorInfo(element if element in FLOAT_TYPES else onnx.TensorProto.FLOAT, shape)


def find(op_type: str, domain: str, opset: int) -> Entry | None:
    """The converter for an operator as operator set ``opset`` defines it, or None."""
    known = _TABLE.get((domain, op_type))
    if known is None and _is_free(op_type, domain):
        known = _TABLE.get((FREE_DOMAIN, op_type))
    matching = [entry for entry in known or [] if entry.since <= opset]
    return matching[-1] if matching else None


def supported() -> list[str]:
    """Names of all operators with a converter, sorted; other domains are prefixed."""
    return sorted(f"{domain}::{op_type}" if domain else op_type for domain, op_type in _TABLE)
