"""The table of converters: one small function per Caffe layer type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Call

Converter = Callable[["Call"], None]

_TABLE: dict[str, Converter] = {}


def caffe_layer(*kinds: str) -> Callable[[Converter], Converter]:
    """Registers a converter for layer types."""

    def register(convert: Converter) -> Converter:
        for kind in kinds:
            if kind in _TABLE:
                raise ValueError(f"{kind} is registered twice")
            _TABLE[kind] = convert
        return convert

    return register


def find(kind: str) -> Converter | None:
    """The converter of a layer type, or None."""
    return _TABLE.get(kind)


def supported() -> list[str]:
    """Names of all layer types with a converter, sorted; those that only declare inputs have none."""
    return sorted(_TABLE)
