"""Converters by family. Importing this package fills the registry; each module is one family."""

from . import activation, constant, conv, elementwise, logic, matmul, norm, pool, quantize, reduction, resize, shape

__all__ = [
    "activation",
    "constant",
    "conv",
    "elementwise",
    "logic",
    "matmul",
    "norm",
    "pool",
    "quantize",
    "reduction",
    "resize",
    "shape",
]
