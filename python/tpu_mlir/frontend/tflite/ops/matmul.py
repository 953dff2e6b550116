"""Matrix products. A flattened picture is read as it is stored; the rows of the constant matrix follow its order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...emit import Tensor
from ..call import Call, Value, plain
from ..registry import tflite_op
from .conv import bias, constant_filter


@tflite_op("FULLY_CONNECTED")
def fully_connected(call: Call) -> None:
    """The weights are [outputs, inputs]; leading axes of the input are joined unless KeepNumDims."""
    if call.option("WeightsFormat", 0) != 0:
        call.refuse("its weights are shuffled for one kind of processor; convert the model without that")
    shape = call.shape(0)
    if call.const(1) is None:
        _of_activations(call, shape)
        return
    values, scales = constant_filter(call, 1, (1, 0), 0)
    inner, outer = values.shape
    if inner == 0 or int(np.prod(shape)) % inner:
        call.refuse(f"the input {list(shape)} does not fit the weights {list(call.shape(1))}")
    source, values, variant = _rows(call, shape, values)
    result = (*shape[:-1], outer) if _keeps(call, shape, inner) else (int(np.prod(shape)) // inner, outer)
    if source.shape[:-1] != result[:-1]:
        source = call.reshape(source, (*result[:-1], inner), "rows")
    weight = call.weight(1, values, variant, scales)
    operands = [source, weight, bias(call, 2, outer) or call.none]
    call.activated("MatMul", operands, result, plain(len(result)))


def _keeps(call: Call, shape: tuple[int, ...], inner: int) -> bool:
    return bool(call.option("KeepNumDims", False)) and len(shape) > 0 and shape[-1] == inner


def _rows(call: Call, shape: tuple[int, ...], values: np.ndarray) -> tuple[Tensor, np.ndarray, str]:
    """The input with rows of its own length or the weights', the weights, and the name of what was done to them."""
    inner = values.shape[0]
    number = call.number(0)
    picture = call.module.flat.get(number)
    if picture is None and call.module.knows(number) and not _keeps(call, shape, inner):
        picture = call.value(0)
    if picture is not None and _batch_first(picture, inner):
        order = picture.order[1:]
        sizes = picture.shape[1:]
        arranged = values.reshape((*sizes, -1)).transpose([*(axis - 1 for axis in order), len(sizes)])
        call.reads.add(number)
        rows = call.reshape(picture.tensor, (picture.shape[0], inner), "flat")
        return rows, np.ascontiguousarray(arranged.reshape(values.shape)), f"rows of {picture.order}"
    return call.x(0), values, "transposed"


def _batch_first(value: Value, inner: int) -> bool:
    """Whether each row of the product is one entry of the first axis, which is stored first."""
    return len(value.shape) > 2 and value.order[0] == 0 and int(np.prod(value.shape[1:])) == inner


def _of_activations(call: Call, shape: tuple[int, ...]) -> None:
    """A product of two activations."""
    right = call.shape(1)
    if len(right) != 2 or not shape or shape[-1] != right[1]:
        call.refuse(f"the input {list(shape)} does not fit the weights {list(right)}")
    result = (*shape[:-1], right[0]) if _keeps(call, shape, right[1]) else (int(np.prod(shape[:-1])), right[0])
    source = call.reshape(call.x(0), (*result[:-1], right[1]), "rows")
    columns = call.permute(call.x(1), [1, 0], "columns")
    operands: list[Any] = [source, columns, bias(call, 2, right[0]) or call.none]
    call.activated("MatMul", operands, result, plain(len(result)))


@tflite_op("BATCH_MATMUL")
def batch_matmul(call: Call) -> None:
    left, right = _matrix(call, 0, "AdjX"), _matrix(call, 1, "AdjY")
    if left.shape[-1] != right.shape[-2]:
        call.refuse(f"the shapes {list(left.shape)} and {list(right.shape)} are no matrix product")
    try:
        batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    except ValueError:
        call.refuse(f"the shapes {list(left.shape)} and {list(right.shape)} do not broadcast")
    shape = (*batch, left.shape[-2], right.shape[-1])
    call.finish("MatMul", [left, right, call.none], shape, plain(len(shape)))


def _matrix(call: Call, index: int, adjoint: str) -> Tensor:
    """An operand with its matrices as the product needs them; a constant is arranged here."""
    rank = len(call.shape(index))
    if rank < 2:
        call.refuse(f"an operand of {rank} dimensions is no matrix")
    order = plain(rank)
    if not call.option(adjoint, False):
        return call.x(index, order)
    return call.x(index, (*order[:-2], order[-1], order[-2]))
