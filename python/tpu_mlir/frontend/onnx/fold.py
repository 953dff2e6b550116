"""Evaluates one node whose inputs are all constant, with the ONNX reference implementation and a bound on the size."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import NodeProto
from onnx.reference import ReferenceEvaluator

MAX_ELEMENTS = 1 << 26
"""A folded tensor has at most this many elements more than what it is made of; larger ones are not evaluated."""

MAX_GROWTH = 1 << 27
"""What all folded tensors of a network together may have more than what they are made of, so that a small file cannot
take the machine's memory."""

NEVER_FOLDED = frozenset(
    {
        "Bernoulli",
        "Loop",
        "Multinomial",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
        "Scan",
        "StringNormalizer",
        "TfIdfVectorizer",
    }
)
"""Operators whose result is random or whose cost their input sizes do not bound."""

_GROWING = {"Range", "OneHot", "ConstantOfShape", "Expand", "Tile", "Pad", "Resize", "Upsample", "EyeLike"}


def too_large(op_type: str, inputs: Sequence[np.ndarray | None], shapes: Sequence[tuple[int, ...] | None]) -> bool:
    """Whether evaluating the node could exceed the bound. shapes: the inferred output shapes, None when unknown."""
    allowed = MAX_ELEMENTS + sum(array.size for array in inputs if array is not None)
    for shape in shapes:
        if shape is not None and np.prod(shape, dtype=np.float64) > allowed:
            return True
    if any(shape is None for shape in shapes) and op_type in _GROWING:
        return op_type != "Range" or not _range_is_small(inputs)
    return False


def _range_is_small(inputs: Sequence[np.ndarray | None]) -> bool:
    values = [float(array.reshape(-1)[0]) for array in inputs if array is not None and array.size == 1]
    if len(values) != 3 or values[2] == 0:
        return False
    return abs((values[1] - values[0]) / values[2]) <= MAX_ELEMENTS


def evaluate(node: NodeProto, opsets: Mapping[str, int], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray] | None:
    """The node's outputs, or None when the reference implementation cannot evaluate it to plain tensors."""
    names = [name for name in node.output if name]
    graph = onnx.helper.make_graph(
        [node],
        "constant",
        [onnx.ValueInfoProto(name=name) for name in feeds],
        [onnx.ValueInfoProto(name=name) for name in names],
    )
    imports = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    model = onnx.helper.make_model(graph, opset_imports=imports)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            results = ReferenceEvaluator(model).run(None, dict(feeds))
    except Exception:  # the reference implementation reports unsupported cases with every kind of exception
        return None
    arrays = [np.asarray(value) if isinstance(value, (np.ndarray, np.generic)) else None for value in results]
    if len(arrays) != len(names) or any(array is None for array in arrays):
        return None
    return [array for array in arrays if array is not None]
