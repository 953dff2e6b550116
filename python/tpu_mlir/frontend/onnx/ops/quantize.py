"""QuantizeLinear and DequantizeLinear, and operators on integers. A tensor that constants quantize to 8 bits is the
result of a Top QuantizeLinear; where another operator than DequantizeLinear reads it, that one gets its integers as
f32. Every other form (16 bits, scales per block, parameters that are computed) is arithmetic on integers in f32."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto

from ...compose import Formula
from ..call import Call, Tensor
from ..graph import type_name
from ..registry import OWN, onnx_op

_STORAGE = {TensorProto.INT8: "i8", TensorProto.UINT8: "u8"}
_PLAIN = {"i8": "i8", "u8": "ui8"}

_LIMITS = {
    TensorProto.INT8: (-128, 127),
    TensorProto.UINT8: (0, 255),
    TensorProto.INT16: (-32768, 32767),
    TensorProto.UINT16: (0, 65535),
    TensorProto.INT4: (-8, 7),
    TensorProto.UINT4: (0, 15),
}
"""Integer types to which values are quantized."""


def _axis(call: Call) -> int:
    rank = len(call.shape(0))
    axis = int(call.attr("axis", 1))
    scales = call.shape(1)
    if scales and (len(scales) > 1 or scales[0] > 1) and not -rank <= axis < rank:
        call.refuse(f"its axis {axis} is out of range")
    return axis % rank if rank else 0


def _chip_parameters(call: Call, element: int) -> tuple[list[float], list[int], int] | None:
    """Scales, zero points and axis of an 8-bit type with constant parameters per tensor or axis; None for others."""
    scale, zero = call.const(1), call.const(2)
    if element not in _STORAGE or scale is None or (call.has(2) and zero is None) or scale.ndim > 1:
        return None
    if scale.size > 1 and call.attr("block_size", 0):
        return None
    flat = scale.astype(np.float32).reshape(-1)
    if not np.all(np.isfinite(flat)) or np.any(flat <= 0):
        call.refuse("a scale is not a positive finite number")
    offsets = zero.reshape(-1) if zero is not None else np.zeros(flat.size, np.int64)
    if offsets.size != flat.size:
        call.refuse(f"it has {flat.size} scales but {offsets.size} zero points")
    axis = _axis(call)
    if flat.size > 1 and call.shape(0)[axis] != flat.size:
        call.refuse(f"its {flat.size} scales do not fit axis {axis} of the shape {list(call.shape(0))}")
    return [float(value) for value in flat], [int(value) for value in offsets], axis


def _parameter(call: Call, f: Formula, index: int) -> Tensor | float | None:
    """A scale or zero point as it broadcasts to the values: one, one per position of the axis, or one per block."""
    if not call.has(index):
        return None
    number = call.scalar(index)
    if number is not None:
        return number
    shape, given, axis, value = call.shape(0), call.shape(index), _axis(call), call.x(index)
    block = int(call.attr("block_size", 0))
    if np.prod(given, dtype=int) == 1:
        return f.reshape(value, [1] * max(len(shape), 1))
    if not block:
        if len(given) != 1 or given[0] != shape[axis]:
            call.refuse(f"scales of shape {list(given)} do not fit axis {axis} of the shape {list(shape)}")
        return f.reshape(value, [given[0] if place == axis else 1 for place in range(len(shape))])
    others = [size for place, size in enumerate(given) if place != axis]
    if len(given) != len(shape) or others != [s for place, s in enumerate(shape) if place != axis]:
        call.refuse(f"scales of shape {list(given)} do not fit blocks of the shape {list(shape)}")
    if -(-shape[axis] // block) != given[axis]:
        call.refuse(f"{given[axis]} blocks of {block} do not fill an axis of size {shape[axis]}")
    split = f.reshape(value, [*given[: axis + 1], 1, *given[axis + 1 :]])
    repeated = f.spread(split, [*given[: axis + 1], block, *given[axis + 1 :]])
    joined = f.reshape(repeated, [*given[:axis], given[axis] * block, *given[axis + 1 :]])
    return f.part(joined, axis, 0, shape[axis])


@onnx_op("QuantizeLinear", since=10, data=OWN)
def quantize(call: Call) -> None:
    if not call.is_float(0):
        call.refuse(f"its input has the type {call.type_name(0)}; quantize a float tensor")
    element = call.out_element()
    parameters = _chip_parameters(call, element)
    if parameters is None:
        _quantize_by_arithmetic(call, element)
        return
    scales, zeros, axis = parameters
    storage = _STORAGE[element]
    name = call.module.unique(f"{call.node.outputs[0]}_QuantizeLinear")
    attributes = {"y_scale": scales, "y_zero_point": zeros, "axis": axis}
    zero = f":{zeros[0]}" if zeros[0] else ""
    # per axis there is no type that says it, so the integers are plain ones
    result = f"!quant.uniform<{storage}:f32, {scales[0]:.17e}{zero}>" if len(scales) == 1 else _PLAIN[storage]
    source = call.x(0)
    handle = call.module.builder.op("QuantizeLinear", [source.handle], attributes, name, element=result)
    quantized = Tensor(handle, source.shape, name)
    call.module.quantized[call.node.outputs[0]] = quantized
    if call.only_read_by("DequantizeLinear"):
        call.bind(quantized)
    else:
        call.bind(_dequantize(call, quantized, [1.0] * len(scales), [0] * len(scales), axis, "integers"))


def _dequantize(call: Call, source: Tensor, scales: list[float], zeros: list[int], axis: int, suffix: str) -> Tensor:
    attributes: dict[str, Any] = {"x_scale": scales, "x_zero_point": zeros, "axis": axis}
    return call.step(suffix, "DequantizeLinear", [source], source.shape, **attributes)


def _quantize_by_arithmetic(call: Call, element: int) -> None:
    """round(x / scale) + zero within the type's limits."""
    if element not in _LIMITS:
        call.refuse(f"the type {type_name(element)} is not supported; quantize to int8, uint8 or another integer type")
    f = Formula(call)
    scale, zero = _parameter(call, f, 1), _parameter(call, f, 2)
    assert scale is not None
    result = f.round(f.div(call.x(0), scale))
    if zero is not None:
        result = f.add(result, zero)
    call.bind(f.clip(result, *_LIMITS[element]))


@onnx_op("DequantizeLinear", since=10, data=OWN)
def dequantize(call: Call) -> None:
    source = call.module.quantized.get(call.node.input(0))
    parameters = _chip_parameters(call, call.element(0)) if source is not None else None
    if source is not None and parameters is not None:
        scales, zeros, axis = parameters
        call.reads.add(call.node.input(0))
        call.finish("DequantizeLinear", [source], x_scale=scales, x_zero_point=zeros, axis=axis)
        return
    element = call.element(0)
    if element not in _LIMITS and element != TensorProto.INT32:
        call.refuse(f"the type {type_name(element)} is not supported; quantize to int8, uint8 or another integer type")
    # integers that the network holds as f32, such as a network input
    f = Formula(call)
    scale, zero = _parameter(call, f, 1), _parameter(call, f, 2)
    assert scale is not None
    integers = call.x(0)
    if integers is source:
        integers = _dequantize(call, source, [1.0], [0], 0, "integers")
    call.bind(f.mul(integers if zero is None else f.sub(integers, zero), scale))


def centered(call: Call, f: Formula, value: int, zero: int, axis: int) -> Tensor:
    """An integer operand less its zero point, which is one number or one per position of an axis."""
    known, offset = call.const(value), call.const(zero) if call.has(zero) else np.zeros(1)
    rank = len(call.shape(value))

    def aligned(size: int) -> list[int]:
        return [size if place == axis % rank else 1 for place in range(rank)]

    if known is not None and offset is not None:
        shifted = known.astype(np.int64) - offset.astype(np.int64).reshape(aligned(offset.size))
        return f.weight(f"operand{value}", shifted)
    x = call.x(value)
    if offset is not None and not np.any(offset):
        return x
    count = call.shape(zero)
    if len(count) > 1:
        call.refuse(f"zero points of shape {list(count)} are not one per row or column")
    return f.sub(x, f.reshape(call.x(zero), aligned(count[0] if count else 1)))


@onnx_op("MatMulInteger", since=10, data=OWN)
def matmul_integer(call: Call) -> None:
    """Zero points per row of the left and per column of the right matrix. Sums are exact up to 2^24."""
    f = Formula(call)
    if min(len(call.shape(0)), len(call.shape(1))) < 2:
        call.refuse("a vector operand is not a matrix")
    call.bind(f.matmul(centered(call, f, 0, 2, -2), centered(call, f, 1, 3, -1)))
