"""Converters by family; importing this package fills the registry."""

from . import activation, conv, elementwise, indexing, logic, matmul, norm, pool, recurrent, reduction, resize, shape

__all__ = [
    "activation", "conv", "elementwise", "indexing", "logic", "matmul", "norm", "pool", "recurrent", "reduction",
    "resize", "shape",
]  # fmt: skip
