"""The table of converters: one small function per TFLite operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Call

Converter = Callable[["Call"], None]

FLOAT = "float"
"""The operator computes on real values: floating point, or bytes with scale and zero point."""
NUMERIC = "numeric"
"""Also int32 and int64, whose values the network holds in f32 (exact up to 2^24)."""
ANY = "any"
"""Only moves data, so every element type is welcome."""


@dataclass(frozen=True)
class Entry:
    """A converter. data: which element types activations may have. custom: whether the operator is no built-in one."""

    convert: Converter
    data: str
    custom: bool = False


_TABLE: dict[str, Entry] = {}


def tflite_op(*kinds: str, data: str = FLOAT, custom: bool = False) -> Callable[[Converter], Converter]:
    """Registers a converter for operators by the schema's names, or by the names of custom ones."""

    def register(convert: Converter) -> Converter:
        for kind in kinds:
            if kind in _TABLE:
                raise ValueError(f"{kind} is registered twice")
            _TABLE[kind] = Entry(convert, data, custom)
        return convert

    return register


_STREAM = (
    "it makes one step and keeps its state for the next run, which the chip does not; use a layer over whole "
    "sequences, or make the state an input and an output"
)
_BRANCHES = "its condition depends on values, or it runs too often to be written out"
_STORED = "variables are not supported; make them inputs and outputs"

REASONS = {
    "LSTM": _STREAM,
    "RNN": _STREAM,
    "SVDF": _STREAM,
    "RANGE": "the extent of its result depends on values",
    "UNIQUE": "the extent of its result depends on values",
    "IF": _BRANCHES,
    "WHILE": _BRANCHES,
    "VAR_HANDLE": _STORED,
    "READ_VARIABLE": _STORED,
    "ASSIGN_VARIABLE": _STORED,
    "RANDOM_UNIFORM": "random numbers are not supported",
    "RANDOM_STANDARD_NORMAL": "random numbers are not supported",
    "MULTINOMIAL": "random numbers are not supported",
}
"""Why operators have no converter, where there is more to say than that."""


def find(kind: str) -> Entry | None:
    """The converter of an operator, or None."""
    return _TABLE.get(kind)


def supported() -> list[str]:
    """Names of all operators with a converter, sorted."""
    return sorted(_TABLE)
