"""Comparisons, truth values and choices. A truth value is 0 or 1 in f32."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...emit import Tensor, top_shape
from ..call import Call
from ..registry import torch_op
from .elementwise import operand, pair, scalar_side


def _comparison(mode: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        side = scalar_side(call)
        if side is not None:
            call.finish("CompareConst", [side[0]], mode=mode, const_val=side[1], inversed=side[2])
        else:
            left, right = pair(call)
            call.finish("Compare", [left, right], mode=mode)

    return convert


for _name, _mode in {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "lt": "Less",
    "le": "LessOrEqual",
}.items():
    torch_op(f"aten.{_name}")(_comparison(_mode))


def truth(call: Call, name: str, suffix: str) -> Tensor:
    """An operand as 0 or 1."""
    source = operand(call, name)
    if call.has(name) and call.value(name).dtype == "bool":
        return source
    return call.step(suffix, "CompareConst", [source], source.shape, mode="NotEqual", const_val=0.0, inversed=False)


@torch_op("aten.logical_not")
def logical_not(call: Call) -> None:
    call.finish("CompareConst", [call.x()], mode="Equal", const_val=0.0, inversed=False)


@torch_op("aten.bitwise_not")
def bitwise_not(call: Call) -> None:
    if call.out().dtype == "bool":
        logical_not(call)
    elif call.out().dtype in ("int64", "int32", "int16", "int8"):
        call.finish("SubConst", [call.x()], const_val=-1.0, is_reverse=True)  # ~x = -1 - x
    else:
        call.refuse(f"bits of {call.out().dtype} have no Top op")


def _connective(kind: str) -> Callable[[Call], None]:
    def convert(call: Call) -> None:
        if not call.operator.startswith("logical") and call.out().dtype != "bool":
            call.refuse("operations on the bits of integers have no Top op")
        left, right = truth(call, "self", "left"), truth(call, "other", "right")
        if kind == "Xor":
            call.finish("Compare", [left, right], mode="NotEqual")
        else:
            call.finish(kind, [[left, right]])

    return convert


torch_op("aten.logical_and", "aten.bitwise_and", "aten.__and__")(_connective("LogicalAnd"))
torch_op("aten.logical_or", "aten.bitwise_or", "aten.__or__")(_connective("Max"))
torch_op("aten.logical_xor", "aten.bitwise_xor", "aten.__xor__")(_connective("Xor"))


@torch_op("aten.where.self", "aten.where.ScalarSelf", "aten.where.ScalarOther", "aten.where.Scalar")
def where(call: Call) -> None:
    choose(call, call.x("condition"), "self", "other")


def choose(call: Call, condition: Tensor, yes: str, no: str) -> None:
    """``yes`` where the condition holds, else ``no``; numbers become attributes."""
    attributes: dict[str, object] = {}
    operands: list[object] = [condition]
    for name, letter in ((yes, "x"), (no, "y")):
        number = call.scalar(name)
        if number is not None and math.isfinite(number) and _shaped_without(call, name):
            attributes.update({f"{letter}_is_const": True, f"{letter}_const_val": number})
            operands.append(call.none)
        else:
            operands.append(operand(call, name))
    call.finish("Where", operands, **attributes)


def _shaped_without(call: Call, name: str) -> bool:
    """Whether the result has its rank without an operand of one element."""
    return not call.has(name) or len(call.shape(name)) < max(1, len(call.out_shape()))


@torch_op("aten.masked_fill")
def masked_fill(call: Call) -> None:
    number, mask = call.scalar("value"), call.x("mask")
    if number is not None and math.isfinite(number):
        call.finish("MaskedFill", [mask, call.x()], inversed=True, const_val=number)
    else:
        call.finish("Where", [mask, operand(call, "value"), call.x()])


@torch_op("aten.isnan")
def isnan(call: Call) -> None:
    call.finish("Compare", [call.x(), call.x()], mode="NotEqual")


@torch_op("aten.isinf")
def isinf(call: Call) -> None:
    size = call.step("size", "Abs", [call.x()], top_shape(call.shape()))
    call.finish("CompareConst", [size], mode="Equal", const_val=math.inf, inversed=False)
