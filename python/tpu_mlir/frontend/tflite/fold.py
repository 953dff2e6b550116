"""Evaluates operators on integers that only compute shapes, as exporters put them in front of Reshape and Resize."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .graph import Node, TensorInfo
from .source import DTYPES

MAX_ELEMENTS = 1 << 12
"""Larger operands are not computed with, where results grow with their product; shapes have a few elements."""
MAX_FILLED = 1 << 24
"""Larger constants are not made of a shape."""
_MOVES = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "CAST"})
"""Operators whose results are as large as their first operands."""

Arrays = Sequence[np.ndarray]


def evaluate(node: Node, inputs: Arrays, result: TensorInfo) -> np.ndarray | None:
    """The first result of a node of constants, or None where it is not known how to compute it.

    result: what the file says of it; its element type is taken.
    """
    rule = _RULES.get(node.kind)
    if rule is None or result.element not in DTYPES or result.is_quantized or len(node.outputs) != 1:
        return None
    if any(array.size > MAX_ELEMENTS for array in inputs) and node.kind not in _MOVES:
        return None
    try:
        with np.errstate(all="ignore"):
            value = rule(node, inputs)
            return None if value is None else np.asarray(value).astype(DTYPES[result.element])
    except (ValueError, IndexError, TypeError, ZeroDivisionError, OverflowError, MemoryError):
        return None


def _index(node: Node, begins: Any, ends: Any, strides: Any) -> Any:
    """NumPy's index of a StridedSlice."""
    option = node.options
    index: list[Any] = []
    for axis, (begin, end, step) in enumerate(zip(begins, ends, strides, strict=True)):
        bit = 1 << axis
        if option.get("EllipsisMask", 0) & bit:
            index.append(Ellipsis)
            continue
        if option.get("NewAxisMask", 0) & bit:
            index.append(None)
            continue
        if option.get("ShrinkAxisMask", 0) & bit:
            index.append(int(begin))
            continue
        first = None if option.get("BeginMask", 0) & bit else int(begin)
        last = None if option.get("EndMask", 0) & bit else int(end)
        index.append(slice(first, last, int(step)))
    return tuple(index)


def _slice(node: Node, inputs: Arrays) -> np.ndarray | None:
    if node.options.get("Offset", False):
        return None
    return np.asarray(inputs[0][_index(node, *(part.reshape(-1) for part in inputs[1:4]))])


def _part(node: Node, inputs: Arrays) -> np.ndarray:
    begins, sizes = ([int(value) for value in part.reshape(-1)] for part in inputs[1:3])
    ends = [None if size == -1 else begin + size for begin, size in zip(begins, sizes, strict=True)]
    return np.asarray(inputs[0][tuple(slice(*pair) for pair in zip(begins, ends, strict=True))])


def _reduce(function: Callable[..., np.ndarray]) -> Callable[[Node, Arrays], np.ndarray]:
    def rule(node: Node, inputs: Arrays) -> np.ndarray:
        axes = tuple(int(axis) for axis in inputs[1].reshape(-1))
        return np.asarray(function(inputs[0], axis=axes, keepdims=bool(node.options.get("KeepDims", False))))

    return rule


def _arithmetic(function: Callable[..., np.ndarray]) -> Callable[[Node, Arrays], np.ndarray | None]:
    def rule(node: Node, inputs: Arrays) -> np.ndarray | None:
        return function(*inputs) if not node.options.get("FusedActivationFunction", 0) else None

    return rule


def _fill(node: Node, inputs: Arrays) -> np.ndarray | None:
    sizes = [int(size) for size in inputs[0].reshape(-1)]
    if np.prod(sizes, dtype=np.float64) > MAX_FILLED:
        return None
    return np.full(sizes, inputs[1].reshape(-1)[0])


def _range(node: Node, inputs: Arrays) -> np.ndarray | None:
    begin, end, step = (array.reshape(-1)[0].item() for array in inputs)
    if step == 0 or (end - begin) / step > MAX_FILLED:
        return None
    count = max(0, math.ceil((end - begin) / step))
    return begin + np.arange(count) * step


def _broadcast(node: Node, inputs: Arrays) -> np.ndarray | None:
    sizes = [int(size) for size in inputs[1].reshape(-1)]
    if np.prod(sizes, dtype=np.float64) > MAX_FILLED:
        return None
    return np.ascontiguousarray(np.broadcast_to(inputs[0], sizes))


def _quotient(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whole numbers are divided towards zero."""
    if left.dtype.kind not in "iu":
        return np.asarray(left / right)
    whole = np.abs(left.astype(np.int64)) // np.abs(right.astype(np.int64))
    return np.asarray(whole * np.sign(left) * np.sign(right))


def of_shape(node: Node, shape: tuple[int, ...], result: TensorInfo) -> np.ndarray | None:
    """The result of an operator that needs the shape of its operand only, else None."""
    if result.element not in DTYPES or result.is_quantized:
        return None
    dtype = np.dtype(DTYPES[result.element])
    if node.kind == "SHAPE":
        return np.array(shape, dtype)
    if node.kind == "RANK":
        return np.array(len(shape), dtype)
    if node.kind == "ZEROS_LIKE" and math.prod(shape) <= MAX_FILLED:
        return np.zeros(shape, dtype)
    return None


_RULES: dict[str, Callable[[Node, Arrays], np.ndarray | None]] = {
    "PACK": lambda node, inputs: np.stack(inputs, axis=node.options.get("Axis", 0)),
    "CONCATENATION": lambda node, inputs: np.concatenate(inputs, axis=node.options.get("Axis", 0)),
    "STRIDED_SLICE": _slice,
    "SLICE": _part,
    "GATHER": lambda node, inputs: np.take(inputs[0], inputs[1].astype(np.int64), axis=node.options.get("Axis", 0)),
    "RESHAPE": lambda node, inputs: inputs[0].reshape([int(v) for v in inputs[1]]) if len(inputs) > 1 else None,
    "SQUEEZE": lambda node, inputs: np.squeeze(inputs[0], tuple(node.options.get("SqueezeDims") or ()) or None),
    "EXPAND_DIMS": lambda node, inputs: np.expand_dims(inputs[0], int(inputs[1].reshape(-1)[0])),
    "TRANSPOSE": lambda node, inputs: inputs[0].transpose([int(axis) for axis in inputs[1]]),
    "CAST": lambda node, inputs: inputs[0],
    "ADD": _arithmetic(np.add),
    "SUB": _arithmetic(np.subtract),
    "MUL": _arithmetic(np.multiply),
    "FLOOR_DIV": _arithmetic(np.floor_divide),
    "MAXIMUM": _arithmetic(np.maximum),
    "MINIMUM": _arithmetic(np.minimum),
    "REDUCE_PROD": _reduce(np.prod),
    "SUM": _reduce(np.sum),
    "REDUCE_MAX": _reduce(np.max),
    "FILL": _fill,
    "RANGE": _range,
    "BROADCAST_TO": _broadcast,
    "BROADCAST_ARGS": lambda node, inputs: np.array(np.broadcast_shapes(*(tuple(map(int, part)) for part in inputs))),
    "NEG": lambda node, inputs: -inputs[0],
    "ABS": lambda node, inputs: np.abs(inputs[0]),
    "DIV": _arithmetic(_quotient),
    "FLOOR_MOD": lambda node, inputs: np.mod(*inputs),
    "EQUAL": lambda node, inputs: inputs[0] == inputs[1],
    "NOT_EQUAL": lambda node, inputs: inputs[0] != inputs[1],
    "LESS": lambda node, inputs: inputs[0] < inputs[1],
    "LESS_EQUAL": lambda node, inputs: inputs[0] <= inputs[1],
    "GREATER": lambda node, inputs: inputs[0] > inputs[1],
    "GREATER_EQUAL": lambda node, inputs: inputs[0] >= inputs[1],
    "LOGICAL_AND": lambda node, inputs: inputs[0] & inputs[1],
    "LOGICAL_OR": lambda node, inputs: inputs[0] | inputs[1],
    "LOGICAL_NOT": lambda node, inputs: ~inputs[0],
    "SELECT_V2": lambda node, inputs: np.where(*inputs),
}
