"""What every front end needs to make Top ops: tensors with known shapes, unique names, one weight per constant, and the
ops in the middle of a conversion.

Tensors of rank 0 have the Top shape [1], as upstream stores them; everything else has its source shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from .builder import Body, GraphBuilder, Handle
from .errors import UnsupportedNodeError


@dataclass(frozen=True)
class Tensor:
    """A value of the Top module. name: its location name, shape: at least one dimension."""

    handle: Handle
    shape: tuple[int, ...]
    name: str

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.shape)


def top_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape in the module: scalars become [1]."""
    return tuple(int(size) for size in shape) or (1,)


def as_f32(array: np.ndarray, what: str) -> np.ndarray:
    """A constant as contiguous f32 of rank >= 1; UnsupportedNodeError when integers would lose digits."""
    if array.dtype.kind not in "fiubV" and array.dtype.name not in ("bfloat16",):
        raise UnsupportedNodeError(f"{what} has the element type {array.dtype.name}")
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(array, np.float32).reshape(top_shape(array.shape))
    if array.dtype.kind in "iu" and not np.array_equal(values.reshape(-1).astype(array.dtype), array.reshape(-1)):
        raise UnsupportedNodeError(f"{what} holds integers that f32 cannot represent")
    return values


class Emission:
    """What all conversions of one module share: one weight per constant, unique names."""

    def __init__(self, builder: GraphBuilder) -> None:
        self.builder = builder
        self._weights: dict[tuple[str, str, tuple[float, ...] | None], Tensor] = {}
        self._names: set[str] = set()

    def unique(self, name: str) -> str:
        """``name``, or with a number appended when it is taken."""
        candidate, number = name, 1
        while candidate in self._names:
            candidate = f"{name}_{number}"
            number += 1
        self._names.add(candidate)
        return candidate

    def weight(
        self, source: str, array: np.ndarray, variant: str = "", scales: tuple[float, ...] | None = None
    ) -> Tensor:
        """The weight made of constant ``source``; ``variant`` says what was changed in it ("" for nothing)."""
        key = (source, variant, scales)
        if key not in self._weights:
            data = as_f32(array, f"constant '{source}'")
            name = self.unique(source + ("_fix" if variant else ""))
            self._weights[key] = Tensor(self.builder.weight(name, data, scales), data.shape, name)
        return self._weights[key]


class NodeEmitter:
    """One source node being converted to Top ops. prefix: beginning of the names of ops in the middle."""

    def __init__(self, emission: Emission) -> None:
        self.emission = emission

    @property
    def prefix(self) -> str:
        """The name that ops in the middle of the conversion begin with."""
        raise NotImplementedError

    def refuse(self, reason: str) -> NoReturn:
        """Says why Top ops cannot express this node."""
        raise UnsupportedNodeError(reason)

    @property
    def none(self) -> Handle:
        """The absent operand."""
        return self.emission.builder.none()

    def step(
        self, suffix: str, kind: str, operands: Sequence[Any], shape: Sequence[int], /, **attributes: Any
    ) -> Tensor:
        """Emits an op in the middle of the conversion; its name is that of the node with a suffix."""
        name = self.emission.unique(f"{self.prefix}_{suffix}")
        return self.emit(name, kind, operands, top_shape(shape), attributes)

    def own_weight(self, suffix: str, array: np.ndarray) -> Tensor:
        """A weight that the conversion itself needs."""
        return self.emission.weight(f"{self.prefix}_{suffix}", array)

    def reshape(self, tensor: Tensor, shape: Sequence[int], suffix: str) -> Tensor:
        """The tensor with another shape of the same size; nothing is emitted when it has it already."""
        wanted = top_shape(shape)
        if tensor.shape == wanted:
            return tensor
        return self.step(suffix, "Reshape", [tensor], wanted, shape=list(wanted))

    def permute(self, tensor: Tensor, order: Sequence[int], suffix: str) -> Tensor:
        """The tensor with its dimensions reordered."""
        if list(order) == list(range(tensor.rank)):
            return tensor
        shape = [tensor.shape[axis] for axis in order]
        return self.step(suffix, "Permute", [tensor], shape, order=list(order))

    def emit(
        self,
        name: str,
        kind: str,
        operands: Sequence[Any],
        shape: tuple[int, ...],
        attributes: dict[str, Any],
        element: str = "f32",
    ) -> Tensor:
        """Emits an op under a name that is unique already; ``element`` is the element type of its result."""
        handle = self.emission.builder.op(kind, [_handle(item) for item in operands], attributes, name, element)
        return Tensor(handle, shape, name)

    def emit_all(
        self,
        names: Sequence[str | None],
        kind: str,
        operands: Sequence[Any],
        shapes: Sequence[Sequence[int]],
        attributes: dict[str, Any],
        variadic: bool = False,
    ) -> list[Tensor]:
        """Emits an op with several results under unique names; a name of None is a result that is not wanted."""
        items = [_handle(item) for item in operands]
        handles = self.emission.builder.ops(kind, items, attributes, names, variadic)
        return [
            Tensor(handle, top_shape(shape), name or "")
            for handle, shape, name in zip(handles, shapes, names, strict=True)
        ]

    def emit_nested(
        self,
        names: Sequence[str],
        kind: str,
        operands: Sequence[Any],
        shapes: Sequence[Sequence[int]],
        bodies: Sequence[tuple[Sequence[Sequence[int]], Callable[[list[Tensor]], Sequence[Tensor]]]],
    ) -> list[Tensor]:
        """Emits If or Loop under unique names.

        bodies: shapes of the arguments, and what makes tensors that are yielded of those that are given; see ``Body``.
        """
        items = [_handle(item) for item in operands]
        regions = [Body([top_shape(shape) for shape in given], _body(given, build)) for given, build in bodies]
        handles = self.emission.builder.nested(kind, items, {}, names, regions)
        return [
            Tensor(handle, top_shape(shape), name) for handle, shape, name in zip(handles, shapes, names, strict=True)
        ]


def _body(
    shapes: Sequence[Sequence[int]], build: Callable[[list[Tensor]], Sequence[Tensor]]
) -> Callable[[list[Handle]], Sequence[Handle]]:
    """A function of tensors as one of handles."""

    def of_handles(handles: list[Handle]) -> Sequence[Handle]:
        # Arguments have no names of their own.
        given = [Tensor(handle, top_shape(shape), "") for handle, shape in zip(handles, shapes, strict=True)]
        return [tensor.handle for tensor in build(given)]

    return of_handles


def _handle(operand: Any) -> Any:
    if isinstance(operand, Tensor):
        return operand.handle
    if isinstance(operand, (list, tuple)):
        return [_handle(item) for item in operand]
    return operand
