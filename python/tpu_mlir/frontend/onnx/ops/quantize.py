"""QuantizeLinear and DequantizeLinear of activations. A quantized tensor is the result of a Top QuantizeLinear; where
another operator than DequantizeLinear reads it, that one gets its integers as f32."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np
from onnx import TensorProto

from ..call import Call, Tensor
from ..graph import type_name
from ..registry import OWN, onnx_op

_STORAGE = {TensorProto.INT8: "i8", TensorProto.UINT8: "u8"}
_PLAIN = {"i8": "i8", "u8": "ui8"}


def _parameters(call: Call, element: int) -> tuple[list[float], list[int], int]:
    """Scales, zero points and axis; refuses what is not 8-bit with constant parameters per tensor or per axis."""
    if element not in _STORAGE:
        _refuse_type(call, element)
    if call.attr("block_size", 0):
        call.refuse("scales per block are not supported; quantize per tensor or per axis")
    scale = call.need_const(1, "its scale").astype(np.float32).reshape(-1)
    if len(call.shape(1)) > 1:
        call.refuse("scales per block are not supported; quantize per tensor or per axis")
    if not np.all(np.isfinite(scale)) or np.any(scale <= 0):
        call.refuse("a scale is not a positive finite number")
    zero = call.need_const(2, "its zero point").reshape(-1) if call.has(2) else np.zeros(scale.size, np.int64)
    if zero.size != scale.size:
        call.refuse(f"it has {scale.size} scales but {zero.size} zero points")
    rank = len(call.shape(0))
    axis = int(call.attr("axis", 1))
    if scale.size > 1 and (not -rank <= axis < rank or call.shape(0)[axis] != scale.size):
        call.refuse(f"its {scale.size} scales do not fit axis {axis} of the shape {list(call.shape(0))}")
    return [float(value) for value in scale], [int(value) for value in zero], axis % rank if rank else 0


def _refuse_type(call: Call, element: int) -> NoReturn:
    call.refuse(f"the type {type_name(element)} is not supported; quantize to int8 or uint8")


@onnx_op("QuantizeLinear", since=10, data=OWN)
def quantize(call: Call) -> None:
    if not call.is_float(0):
        call.refuse(f"its input has the type {call.type_name(0)}; quantize a float tensor")
    element = call.out_element()
    scales, zeros, axis = _parameters(call, element)
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


@onnx_op("DequantizeLinear", since=10, data=OWN)
def dequantize(call: Call) -> None:
    source = call.module.quantized.get(call.node.input(0))
    if source is None and call.element(0) in (TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32):
        _from_integers(call)
        return
    scales, zeros, axis = _parameters(call, call.element(0))
    if source is None:
        _from_integers(call)
        return
    call.reads.add(call.node.input(0))
    call.finish("DequantizeLinear", [source], x_scale=scales, x_zero_point=zeros, axis=axis)


def _from_integers(call: Call) -> None:
    """Of integers that the network holds as f32, such as a network input: (x - zero) * scale."""
    scale = call.need_const(1, "its scale").astype(np.float32)
    zero = call.need_const(2, "its zero point").astype(np.float32) if call.has(2) else np.zeros_like(scale)
    if call.attr("block_size", 0) or scale.ndim > 1:
        call.refuse("scales per block are not supported; quantize per tensor or per axis")
    source = call.x(0)
    if scale.size == 1:
        centered = call.step("centered", "AddConst", [source], source.shape, const_val=-float(zero.reshape(-1)[0]))
        call.finish("MulConst", [centered], const_val=float(scale.reshape(-1)[0]))
        return
    rank = len(call.shape(0))
    axis = int(call.attr("axis", 1)) % rank
    if math.prod(call.shape(0)[axis : axis + 1]) != scale.size:
        call.refuse(f"its {scale.size} scales do not fit axis {axis} of the shape {list(call.shape(0))}")
    shape = [scale.size if place == axis else 1 for place in range(rank)]
    centered = call.step("centered", "Add", [[source, call.own_weight("zero", -zero.reshape(shape))]], source.shape)
    call.finish("Mul", [[centered, call.own_weight("scale", scale.reshape(shape))]])
