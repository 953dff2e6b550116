"""Scales of constants that were quantized before: DequantizeLinear of a constant is folded to floats, and the scale by
which the floats are whole numbers is kept beside them, so that a lowering finds the same integers again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..scales import HIGH, LOW, ConstantScales
from .graph import Node


def folded_scales(
    node: Node, inputs: Sequence[np.ndarray | None], known: Sequence[ConstantScales | None], result: np.ndarray
) -> ConstantScales | None:
    """The scales of the constant that ``node`` makes, None when it has none.

    inputs: the values of the node's inputs, None where one is missing. known: the scales of those. result: its value.
    """
    if node.op_type == "DequantizeLinear":
        return _dequantized(node, inputs)
    source = known[0] if known else None
    if source is None:
        return None
    rank = result.ndim
    if node.op_type == "Transpose":
        order = [int(axis) for axis in node.attr("perm") or range(rank - 1, -1, -1)]
        return source if source.axis is None else replace(source, axis=order.index(source.axis))
    if node.op_type == "Identity":
        return source
    moves = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather", "Split")
    return source if node.op_type in moves and source.axis is None else None


def evaluate(node: Node, inputs: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """QuantizeLinear or DequantizeLinear of a constant in every operator set (the reference implementation knows the
    newest ones only); None for other operators, and for forms that it does not know either."""
    if node.op_type not in ("QuantizeLinear", "DequantizeLinear") or node.domain or len(inputs) < 2:
        return None
    x, scale, zero = inputs[0], inputs[1], inputs[2] if len(inputs) > 2 else None
    if x is None or scale is None or scale.dtype != np.float32 or scale.ndim > 1 or node.attr("block_size", 0):
        return None
    shape = [1] * x.ndim
    if scale.size > 1:
        axis = int(node.attr("axis", 1))
        if not -x.ndim <= axis < x.ndim or x.shape[axis] != scale.size:
            return None
        shape[axis] = scale.size
    factor = scale.reshape(shape)
    if node.op_type == "DequantizeLinear":
        if x.dtype.kind not in "iu":
            return None
        offset = 0 if zero is None else zero.astype(np.int64).reshape(shape)
        return np.asarray((x.astype(np.int64) - offset).astype(np.float32) * factor, np.float32).reshape(x.shape)
    storage = np.dtype(np.uint8) if zero is None else zero.dtype
    if x.dtype != np.float32 or storage.kind not in "iu" or (zero is None and node.attr("output_dtype", 0)):
        return None
    offset = 0 if zero is None else zero.astype(np.int64).reshape(shape)
    with np.errstate(all="ignore"):
        rounded = np.rint(np.nan_to_num(x / factor, nan=0.0)).astype(np.float64) + offset
    limits = np.iinfo(storage)
    return np.clip(rounded, limits.min, limits.max).astype(storage).reshape(x.shape)


def _dequantized(node: Node, inputs: Sequence[np.ndarray | None]) -> ConstantScales | None:
    values, scale = inputs[0], inputs[1]
    zero = inputs[2] if len(inputs) > 2 else None
    if values is None or scale is None or values.dtype not in (np.int8, np.uint8):
        return None
    if scale.ndim > 1 or not np.all(np.isfinite(scale.astype(np.float64))) or np.any(scale <= 0):
        return None
    axis = None
    offset = np.zeros(1, np.int64) if zero is None else zero.astype(np.int64).reshape(-1)
    if scale.size > 1:
        axis = int(node.attr("axis", 1)) % max(values.ndim, 1)
        offset = offset.reshape([-1 if place == axis else 1 for place in range(values.ndim)])
    shifted = values.astype(np.int64) - offset
    if shifted.size and (shifted.min() < LOW or shifted.max() > HIGH):
        return None
    return ConstantScales(tuple(float(value) for value in scale.reshape(-1)), axis)
