"""Logic on booleans, which the network holds as 0 and 1, and conversions between element types."""

from __future__ import annotations

from onnx import TensorProto

from ..call import Call
from ..graph import FLOAT_TYPES, INTEGER_TYPES, WIDE_INTEGER_TYPES, type_name
from ..registry import ANY, onnx_op


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


_VALUE_BITS = {
    TensorProto.INT8: 7,
    TensorProto.UINT8: 8,
    TensorProto.INT16: 15,
    TensorProto.UINT16: 16,
    TensorProto.INT32: 31,
    TensorProto.UINT32: 32,
    TensorProto.INT64: 63,
    TensorProto.UINT64: 64,
}


def _keeps_value(source: int, target: int) -> bool:
    """Whether every value of an integer type exists in another one; int64 to int32 counts, see NUMERIC."""
    if source == TensorProto.BOOL:
        return True
    if source in WIDE_INTEGER_TYPES and target in WIDE_INTEGER_TYPES:
        return True
    signed = type_name(source).startswith("int")
    if signed and not type_name(target).startswith("int"):
        return False
    return _VALUE_BITS[target] >= _VALUE_BITS[source]


def _cast(call: Call, target: int) -> None:
    """Floating-point types are all computed in f32, so casts between them vanish; so do those that keep the value."""
    source = call.element(0)
    to_float = target in FLOAT_TYPES and source in FLOAT_TYPES | INTEGER_TYPES | {TensorProto.BOOL}
    between_integers = target in INTEGER_TYPES and source not in FLOAT_TYPES
    if to_float or (between_integers and _keeps_value(source, target)):
        call.bind(call.x(0))
    elif target in WIDE_INTEGER_TYPES and source in FLOAT_TYPES:
        magnitude = call.step("magnitude", "Abs", [call.x(0)], call.shape(0))
        whole = call.step("whole", "Floor", [magnitude], call.shape(0))
        sign = call.step("sign", "Sign", [call.x(0)], call.shape(0))
        call.finish("Mul", [[whole, sign]])
    elif target == TensorProto.BOOL and source in FLOAT_TYPES | INTEGER_TYPES:
        sign = call.step("sign", "Sign", [call.x(0)], call.shape(0))
        call.finish("Abs", [sign])
    else:
        call.refuse(f"a cast from {type_name(source)} to {type_name(target)} has no Top op")
