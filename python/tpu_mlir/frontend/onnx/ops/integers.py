"""Integer arithmetic in f32. 8- and 16-bit types wrap around as they do in the source; 32- and 64-bit ones are held
exactly up to 2^24 and taken not to overflow. Everything here is exact for such values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from ...compose import Formula, Value
from ..call import Call, Tensor
from ..graph import INTEGER_TYPES, type_name
from ..registry import OWN, onnx_op


@dataclass(frozen=True)
class IntegerType:
    """An integer element type."""

    bits: int
    signed: bool

    @property
    def narrow(self) -> bool:
        """Whether f32 holds every value of the type."""
        return self.bits <= 16


def integer_type(element: int) -> IntegerType | None:
    """The integer type that an ONNX element type is, None for floating point and booleans."""
    if element not in INTEGER_TYPES:
        return None
    name = type_name(element)
    return IntegerType(int(name.removeprefix("u").removeprefix("int")), not name.startswith("u"))


def wrapped(f: Formula, x: Tensor, kind: IntegerType) -> Tensor:
    """Whole numbers brought into the range of a type by dropping higher bits."""
    modulus = 2.0**kind.bits
    low = f.sub(x, f.mul(f.floor(f.mul(x, 1 / modulus)), modulus))
    if not kind.signed:
        return low
    return f.sub(low, f.mul(f.floor(f.mul(low, 2 / modulus)), modulus))


def settled(f: Formula, x: Tensor, kind: IntegerType | None) -> Tensor:
    """A result of arithmetic as its type holds it; wide types and floating point stay as they are."""
    return wrapped(f, x, kind) if kind is not None and kind.narrow else x


def product(f: Formula, a: Tensor, b: Tensor, kind: IntegerType) -> Tensor:
    """a * b; 16-bit factors are multiplied by parts, since their product exceeds what f32 holds."""
    if kind.bits != 16:
        return settled(f, f.mul(a, b), kind)
    high = f.floor(f.mul(a, 2.0**-8))
    low = f.sub(a, f.mul(high, 2.0**8))
    upper = wrapped(f, f.mul(high, b), IntegerType(8, False))
    return wrapped(f, f.add(f.mul(upper, 2.0**8), f.mul(low, b)), kind)


def quotient(f: Formula, a: Tensor, b: Value, kind: IntegerType, constant: bool) -> Tensor:
    """a / b rounded towards zero. The rounding of a division cannot reach the next whole number below 2^24, but that of
    a product with a reciprocal can, which optimization makes of divisors that are constant tensors: these divide what
    has no remainder, and the result is rounded."""
    if not isinstance(b, Tensor):
        if not kind.signed:
            return f.unary("DivConst", a, const_val=b)  # rounds down
        size = f.unary("DivConst", f.unary("Abs", a), const_val=abs(b))
        return settled(f, f.mul(size, f.mul(f.unary("Sign", a), 1.0 if b > 0 else -1.0)), kind)
    if constant:
        return settled(f, f.round(f.div(f.sub(a, _remainder(f, a, b)), b)), kind)
    ratio = f.div(a, b)
    return settled(f, f.truncate(ratio), kind) if kind.signed else f.floor(ratio)


def _remainder(f: Formula, a: Tensor, b: Tensor) -> Tensor:
    """With the sign of a, exact for any numbers."""
    return f.call.step("mod", "Mod", [[a, b]], np.broadcast_shapes(a.shape, b.shape))


def remainder(f: Formula, a: Tensor, b: Tensor, kind: IntegerType, truncated: bool) -> Tensor:
    """a modulo b with the sign of a (truncated) or of b."""
    rest = _remainder(f, a, b)
    if truncated or not kind.signed:
        return rest
    differs = f.compare("Less", f.mul(f.unary("Sign", rest), f.unary("Sign", b)), 0.0)
    return f.add(rest, f.mul(b, differs))


def _bits(f: Formula, x: Tensor, count: int) -> Tensor:
    """[count, ...]: the bits of two's complement, the lowest first."""
    ladder = f.weight("ladder", (2.0 ** -np.arange(count)).reshape([count] + [1] * x.rank))
    shifted = f.floor(f.mul(f.reshape(x, [1, *x.shape]), ladder))
    return f.sub(shifted, f.mul(f.floor(f.mul(shifted, 0.5)), 2.0))


def _narrow_type(call: Call) -> IntegerType:
    kind = integer_type(call.element(0))
    if kind is None or not kind.narrow:
        call.refuse(
            f"bits of the type {call.type_name(0)} would be lost, because the network holds whole numbers in f32; "
            "use an 8- or 16-bit type"
        )
    return kind


def _bitwise(op_type: str) -> None:
    @onnx_op(op_type, since=18, data=OWN)
    def convert(call: Call) -> None:
        f, kind = Formula(call), _narrow_type(call)
        rank = len(call.out_shape())
        parts = [call.x(index) for index in (0, 1)]
        parts = [f.reshape(part, [1] * (rank - part.rank) + list(part.shape)) for part in parts]
        left, right = (_bits(f, part, kind.bits) for part in parts)
        if op_type == "BitwiseAnd":
            result = f.mul(left, right)
        elif op_type == "BitwiseOr":
            result = f.maximum(left, right)
        else:
            result = f.unary("Abs", f.sub(left, right))
        values = 2.0 ** np.arange(kind.bits)
        if kind.signed:
            values[-1] *= -1
        weighted = f.mul(result, f.weight("values", values.reshape([kind.bits] + [1] * max(rank, 1))))
        call.bind(f.reduce("ReduceSum", weighted, [0], keep=False))


for _name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
    _bitwise(_name)


@onnx_op("BitwiseNot", since=18, data=OWN)
def bitwise_not(call: Call) -> None:
    """-1 - x, or the largest value minus x."""
    kind = integer_type(call.element(0))
    if kind is None or not (kind.signed or kind.narrow):
        kind = _narrow_type(call)
    call.bind(Formula(call).sub(-1.0 if kind.signed else 2.0**kind.bits - 1, call.x(0)))


def _power_of_two(f: Formula, shift: Tensor, largest: int) -> Tensor:
    """2 to whole numbers from 0 to largest, exactly: a factor per bit."""
    count = largest.bit_length()
    rest, result = shift, None
    for place in range(count):
        half = f.floor(f.mul(rest, 0.5))
        bit = f.sub(rest, f.mul(half, 2.0))
        factor = f.add(f.mul(bit, 2.0 ** (2**place) - 1), 1.0)
        result = factor if result is None else f.mul(result, factor)
        rest = half
    assert result is not None
    return result


@onnx_op("BitShift", since=11, data=OWN)
def bit_shift(call: Call) -> None:
    """A shift by a negative number or by more than all bits moves every bit out."""
    f, kind = Formula(call), integer_type(call.element(0))
    if kind is None:
        call.refuse(f"the type {call.type_name(0)} has no bits to shift")
    direction = call.attr("direction", "")
    if direction not in ("LEFT", "RIGHT"):
        call.refuse(f"its attribute direction = '{direction}' is not known")
    x, constant = call.x(0), call.const(1)
    if constant is not None:
        amount = constant.astype(np.int64)
        amount = np.where((amount < 0) | (amount > kind.bits), kind.bits, amount)
        factor = f.weight("factor", 2.0**amount)
    else:
        shift = f.minimum(call.x(1), float(kind.bits))
        if kind.signed:
            shift = f.where(f.compare("Less", shift, 0.0), float(kind.bits), shift)
        factor = _power_of_two(f, shift, kind.bits)
    if direction == "RIGHT":
        call.bind(f.floor(f.div(x, factor)))
    else:
        call.bind(wrapped(f, f.mul(x, factor), kind))


@onnx_op("BitCast", since=26, data=OWN)
def bit_cast(call: Call) -> None:
    source, target = call.element(0), int(call.attr("to", 0))
    if source == target or (source == TensorProto.BOOL and target == TensorProto.UINT8):
        call.bind(call.x(0))
        return
    before, after = integer_type(source), integer_type(target)
    if source == TensorProto.BOOL and target == TensorProto.INT8:
        call.bind(call.x(0))
    elif before is not None and after is not None and before.bits == after.bits and before.narrow:
        call.bind(wrapped(Formula(call), call.x(0), after))
    else:
        call.refuse(f"the bits of {type_name(source)} read as {type_name(target)} have no Top op")
