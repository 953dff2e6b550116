"""The table of converters: one small function per ATen operator, or per overload where overloads differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .call import Call

Converter = Callable[["Call"], None]

_TABLE: dict[str, Converter] = {}


def torch_op(*names: str) -> Callable[[Converter], Converter]:
    """Registers a converter for operators such as "aten.add", or for overloads such as "aten.max.dim"."""

    def register(convert: Converter) -> Converter:
        for name in names:
            if name in _TABLE:
                raise ValueError(f"{name} is registered twice")
            _TABLE[name] = convert
        return convert

    return register


def find(name: str) -> Converter | None:
    """The converter of an overload such as "aten.add.Tensor", or of its operator; None when there is neither."""
    return _TABLE.get(name) or _TABLE.get(name.rpartition(".")[0])


def supported() -> list[str]:
    """Names of all operators with a converter, sorted. Others may be accepted too: PyTorch writes them with these."""
    return sorted(_TABLE)
