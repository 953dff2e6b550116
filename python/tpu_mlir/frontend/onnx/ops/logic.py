"""Logic on booleans, which the network holds as 0 and 1, and conversions between element types."""

from __future__ import annotations

from onnx import TensorProto

from ...compose import Formula
from ..call import Call
from ..graph import FLOAT_TYPES, INTEGER_TYPES, MOVABLE_TYPES, type_name
from ..registry import ANY, onnx_op
from .integers import IntegerType, integer_type, settled, wrapped


@onnx_op("Not", data=ANY)
def logical_not(call: Call) -> None:
    call.finish("SubConst", [call.x(0)], const_val=1.0, is_reverse=True)


@onnx_op("And", since=7, data=ANY)
def logical_and(call: Call) -> None:
    call.finish("Mul", [[call.x(0), call.x(1)]])


@onnx_op("Or", since=7, data=ANY)
def logical_or(call: Call) -> None:
    call.finish("Max", [[call.x(0), call.x(1)]])


@onnx_op("Xor", since=7, data=ANY)
def logical_xor(call: Call) -> None:
    difference = call.step("difference", "Sub", [[call.x(0), call.x(1)]], call.out_shape())
    call.finish("Abs", [difference])


@onnx_op("Cast", data=ANY)
def cast(call: Call) -> None:
    _cast(call, int(call.attr("to", TensorProto.FLOAT)))


@onnx_op("CastLike", since=15, data=ANY)
def cast_like(call: Call) -> None:
    _cast(call, call.element(1))


def _cast(call: Call, target: int) -> None:
    """Floating-point types are all computed in f32, so casts between them vanish; so do those that keep the value."""
    f, source = Formula(call), call.element(0)
    before, after = integer_type(source), integer_type(target)
    if source == target and source in MOVABLE_TYPES:
        call.bind(call.x(0))
    elif target == TensorProto.BOOL and source in FLOAT_TYPES | INTEGER_TYPES:
        call.bind(f.unary("Abs", f.unary("Sign", call.x(0))))
    elif target in FLOAT_TYPES and source in MOVABLE_TYPES:
        call.bind(call.x(0))
    elif after is None:
        call.refuse(f"a cast from {type_name(source)} to {type_name(target)} has no Top op")
    elif source in FLOAT_TYPES:
        # what does not fit into the type is not defined by the standard
        call.bind(settled(f, f.truncate(call.x(0)), after))
    elif before is None or _keeps_value(before, after):
        call.bind(call.x(0))
    elif after.narrow:
        call.bind(wrapped(f, call.x(0), after))
    else:
        call.refuse(f"a cast from {type_name(source)} to {type_name(target)} makes numbers that f32 cannot hold")


def _keeps_value(source: IntegerType, target: IntegerType) -> bool:
    """Whether every value of an integer type exists in another one, up to 2^24 for those that f32 does not hold."""
    if source.signed and not target.signed:
        return False
    if not source.narrow and not target.narrow:
        return True
    return target.bits - target.signed >= source.bits - source.signed
