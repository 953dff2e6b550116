"""Writing a conversion as a formula: methods make Top ops of the node being converted, with broadcasting, and take a
number wherever an operand may be a constant."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .emit import NodeEmitter, Tensor, top_shape

Value = Tensor | float
"""An operand: a tensor of the module, or the same number everywhere."""


class Formula:
    """Ops in the middle of the conversion of one node; their names are counted."""

    def __init__(self, call: NodeEmitter) -> None:
        self.call = call
        self._weights: dict[str, int] = {}

    # arithmetic

    def add(self, a: Value, b: Value) -> Tensor:
        """a + b."""
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return self._binary("Add", a, b)
        tensor, number = self._sides(a, b)
        return tensor if number == 0 else self._constant("AddConst", tensor, number)

    def sub(self, a: Value, b: Value) -> Tensor:
        """a - b."""
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return self._binary("Sub", a, b)
        if isinstance(a, Tensor):
            return self.add(a, -float(b))  # type: ignore[arg-type]
        tensor, number = self._sides(a, b)
        return self._constant("SubConst", tensor, number, is_reverse=True)

    def mul(self, a: Value, b: Value) -> Tensor:
        """a * b."""
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return self._binary("Mul", a, b)
        tensor, number = self._sides(a, b)
        return tensor if number == 1 else self._constant("MulConst", tensor, number)

    def div(self, a: Value, b: Value) -> Tensor:
        """a / b, rounded once."""
        if not isinstance(a, Tensor):
            return self._constant("Reciprocal", self._sides(a, b)[0], float(a))
        if isinstance(b, Tensor):
            return self._binary("Div", a, b)
        if b != 0 and math.frexp(b)[0] in (0.5, -0.5):
            return self.mul(a, 1.0 / b)
        return self._binary("Div", a, self.weight("divisor", np.array([b], np.float32)))

    def maximum(self, a: Value, b: Value) -> Tensor:
        """The larger of both."""
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return self._binary("Max", a, b)
        return self._constant("MaxConst", *self._sides(a, b))

    def minimum(self, a: Value, b: Value) -> Tensor:
        """The smaller of both."""
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return self._binary("Min", a, b)
        return self._constant("MinConst", *self._sides(a, b))

    def clip(self, a: Tensor, low: float, high: float) -> Tensor:
        """a limited to low..high."""
        return self.call.step("clip", "Clip", [a], a.shape, min=float(low), max=float(high))

    def unary(self, kind: str, a: Tensor, **attributes: object) -> Tensor:
        """A Top op of one operand that keeps the shape, such as "Floor"."""
        return self.call.step(kind.lower(), kind, [a], a.shape, **attributes)

    def floor(self, a: Tensor) -> Tensor:
        """Rounded down."""
        return self.unary("Floor", a)

    def round(self, a: Tensor) -> Tensor:
        """Rounded to the nearest whole number, halves to even."""
        return self.unary("Round", a)

    def truncate(self, a: Tensor) -> Tensor:
        """Rounded towards zero."""
        return self.mul(self.floor(self.unary("Abs", a)), self.unary("Sign", a))

    def power(self, a: Tensor, exponent: int) -> Tensor:
        """a to a positive whole power, by squaring."""
        result, square, rest = None, a, exponent
        while rest:
            if rest & 1:
                result = square if result is None else self.mul(result, square)
            rest >>= 1
            if rest:
                square = self.mul(square, square)
        assert result is not None
        return result

    # decisions; truth is 1 and 0

    def compare(self, mode: str, a: Tensor, b: Value) -> Tensor:
        """Whether a <mode> b, mode as Top spells it, such as "Less"."""
        if isinstance(b, Tensor):
            shape = self._shape(a, b)
            return self.call.step("compare", "Compare", [a, b], shape, mode=mode)
        attributes = {"mode": mode, "const_val": float(b), "inversed": False}
        return self.call.step("compare", "CompareConst", [a], a.shape, **attributes)

    def where(self, condition: Tensor, a: Value, b: Value) -> Tensor:
        """a where the condition holds, else b."""
        shapes = [item.shape for item in (condition, a, b) if isinstance(item, Tensor)]
        operands = [item if isinstance(item, Tensor) else self.call.none for item in (a, b)]
        attributes: dict[str, object] = {}
        for letter, item in (("x", a), ("y", b)):
            if not isinstance(item, Tensor):
                attributes |= {f"{letter}_is_const": True, f"{letter}_const_val": float(item)}
        shape = np.broadcast_shapes(*shapes)
        return self.call.step("where", "Where", [condition, *operands], shape, **attributes)

    def opposite(self, a: Tensor) -> Tensor:
        """1 - a: whether a does not hold."""
        return self.sub(1.0, a)

    # shapes

    def reshape(self, a: Tensor, shape: Sequence[int]) -> Tensor:
        """Another shape of the same size."""
        return self.call.reshape(a, shape, "reshape")

    def permute(self, a: Tensor, order: Sequence[int]) -> Tensor:
        """Dimensions in another order."""
        return self.call.permute(a, order, "permute")

    def part(self, a: Tensor, axis: int, begin: int, end: int, step: int = 1) -> Tensor:
        """Positions begin, begin + step, ... before end of one axis; all are >= 0."""
        if begin == 0 and end == a.shape[axis] and step == 1:
            return a
        first, last, steps = [0] * a.rank, list(a.shape), [1] * a.rank
        first[axis], last[axis], steps[axis] = begin, end, step
        shape = list(a.shape)
        shape[axis] = len(range(begin, end, step))
        if shape[axis] == 1:
            last[axis], steps[axis] = begin + 1, 1
        operands = [a, self.call.none, self.call.none, self.call.none]
        return self.call.step("part", "Slice", operands, shape, offset=first, steps=steps, ends=last, axes=[])

    def join(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        """The parts one behind the other along an axis."""
        if len(parts) == 1:
            return parts[0]
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        return self.call.step("join", "Concat", [list(parts)], shape, axis=axis)

    def flip(self, a: Tensor, axis: int) -> Tensor:
        """The axis in reverse order."""
        if a.shape[axis] == 1:
            return a
        first, last, steps = [0] * a.rank, list(a.shape), [1] * a.rank
        first[axis], last[axis], steps[axis] = a.shape[axis] - 1, -(a.shape[axis] + 1), -1
        operands = [a, self.call.none, self.call.none, self.call.none]
        return self.call.step("flip", "Slice", operands, a.shape, offset=first, steps=steps, ends=last, axes=[])

    def spread(self, a: Tensor, shape: Sequence[int]) -> Tensor:
        """Broadcast to a shape."""
        target = top_shape(shape)
        aligned = self.reshape(a, [1] * (len(target) - a.rank) + list(a.shape))
        repeats = [new // old for new, old in zip(target, aligned.shape, strict=True)]
        return (
            aligned
            if all(n == 1 for n in repeats)
            else self.call.step("spread", "Tile", [aligned], target, tile=repeats)
        )

    def repeat(self, a: Tensor, axis: int, count: int) -> Tensor:
        """The whole axis count times in a row."""
        if count == 1:
            return a
        repeats = [count if place == axis else 1 for place in range(a.rank)]
        shape = [size * n for size, n in zip(a.shape, repeats, strict=True)]
        return self.call.step("repeat", "Tile", [a], shape, tile=repeats)

    def pad(self, a: Tensor, begins: Sequence[int], ends: Sequence[int], value: float = 0.0) -> Tensor:
        """Widened by a constant at both ends of every axis."""
        if not any(begins) and not any(ends):
            return a
        shape = [low + size + high for low, size, high in zip(begins, a.shape, ends, strict=True)]
        paddings = [*begins, *ends]
        return self.call.step("pad", "Pad", [a], shape, paddings=paddings, val=value, mode="constant")

    # sums and products

    def reduce(self, mode: str, a: Tensor, axes: Sequence[int], keep: bool = True) -> Tensor:
        """A Top reduction, mode such as "ReduceSum", over axes >= 0."""
        if not axes:
            return a
        shape = [1 if axis in axes else size for axis, size in enumerate(a.shape) if keep or axis not in axes]
        scalar = {} if shape else {"is_scalar": True}
        attributes = {"axes": sorted(axes), "keepdims": keep, "mode": mode}
        return self.call.step("reduce", "Reduce", [a], shape, **attributes, **scalar)

    def matmul(self, a: Tensor, b: Tensor) -> Tensor:
        """The product of the last two axes; the ones before broadcast."""
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        shape = [*batch, a.shape[-2], b.shape[-1]]
        return self.call.step("matmul", "MatMul", [a, b, self.call.none], shape)

    def softmax(self, a: Tensor, axis: int) -> Tensor:
        """Softmax over one axis >= 0."""
        return self.call.step("softmax", "Softmax", [a], a.shape, axis=axis, log=False)

    # positions

    def gather(self, a: Tensor, indices: Tensor, axis: int) -> Tensor:
        """a[..., indices, ...]: one axis is replaced by those of the indices."""
        shape = [*a.shape[:axis], *indices.shape, *a.shape[axis + 1 :]]
        return self.call.step("gather", "Gather", [a, indices], shape, axis=axis)

    def gather_elements(self, a: Tensor, indices: Tensor, axis: int) -> Tensor:
        """a at (..., indices[i, j, ...], ...): one index per element of the result."""
        return self.call.step("gather", "GatherElements", [a, indices], indices.shape, axis=axis)

    # constants

    def weight(self, suffix: str, array: np.ndarray) -> Tensor:
        """A constant that the conversion itself needs; equal suffixes are told apart. Integers must fit into f32."""
        count = self._weights[suffix] = self._weights.get(suffix, 0) + 1
        name = suffix if count == 1 else f"{suffix}{count}"
        return self.call.own_weight(name, np.ascontiguousarray(array))

    def _shape(self, a: Tensor, b: Tensor) -> tuple[int, ...]:
        try:
            return tuple(np.broadcast_shapes(a.shape, b.shape))
        except ValueError:
            self.call.refuse(f"shapes {list(a.shape)} and {list(b.shape)} do not broadcast")

    def _binary(self, kind: str, a: Tensor, b: Tensor) -> Tensor:
        return self.call.step(kind.lower(), kind, [[a, b]], self._shape(a, b))

    def _constant(self, kind: str, a: Tensor, number: float, **attributes: object) -> Tensor:
        suffix = kind.removesuffix("Const").lower()
        return self.call.step(suffix, kind, [a], a.shape, const_val=number, **attributes)

    def _sides(self, a: Value, b: Value) -> tuple[Tensor, float]:
        if isinstance(a, Tensor):
            assert not isinstance(b, Tensor)
            return a, float(b)
        assert isinstance(b, Tensor)
        return b, float(a)
