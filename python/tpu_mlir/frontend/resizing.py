"""What resizing of an axis is made of: whole repetitions, and products with a matrix of interpolation weights."""

from __future__ import annotations

import math

import numpy as np

from .emit import NodeEmitter, Tensor

MAX_MATRIX_ELEMENTS = 1 << 24
"""Bound on one matrix of interpolation weights."""
MAX_TABLE_ELEMENTS = 1 << 27
"""Bound on all copies of it that one product takes."""


def repetition(indices: np.ndarray, size: int) -> int:
    """s when every one of ``size`` input positions is repeated s times in order, else 0."""
    factor, rest = divmod(len(indices), size)
    whole = rest == 0 and np.array_equal(indices, np.repeat(np.arange(size), factor))
    return factor if whole else 0


def check_matrix(call: NodeEmitter, size: int, target: int) -> None:
    """Refuses the node when the matrix from ``size`` to ``target`` positions would be too large."""
    if size * target > MAX_MATRIX_ELEMENTS:
        call.refuse(f"resizing an axis from {size} to {target} positions needs too large a matrix")


def axis_product(call: NodeEmitter, source: Tensor, axis: int, weights: np.ndarray) -> Tensor:
    """One axis of a tensor multiplied by weights [target, size], from the left on [before, size, after]."""
    target, size = weights.shape
    shape = list(source.shape)
    before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    if after > 1 and before * weights.size > MAX_TABLE_ELEMENTS:
        call.refuse(f"resizing an axis from {size} to {target} positions needs too many copies of a matrix")
    shape[axis] = target
    if after == 1:
        rows = call.reshape(source, [before, size], f"rows{axis}")
        table = call.own_weight(f"weights{axis}", np.ascontiguousarray(weights.T))
        product = call.step(f"axis{axis}", "MatMul", [rows, table, call.none], [before, target])
    else:
        columns = call.reshape(source, [before, size, after], f"columns{axis}")
        table = call.own_weight(f"weights{axis}", np.broadcast_to(weights, (before, *weights.shape)).copy())
        product = call.step(f"axis{axis}", "MatMul", [table, columns, call.none], [before, target, after])
    return call.reshape(product, shape, f"resized{axis}")
