"""The table of converters: one small function per source operator and first operator set that it is right for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def find(op_type: str, domain: str, opset: int) -> Entry | None:
    """The converter for an operator as operator set ``opset`` defines it, or None."""
    matching = [entry for entry in _TABLE.get((domain, op_type), []) if entry.since <= opset]
    return matching[-1] if matching else None


def supported() -> list[str]:
    """Names of all operators with a converter, sorted; other domains are prefixed."""
    return sorted(f"{domain}::{op_type}" if domain else op_type for domain, op_type in _TABLE)
