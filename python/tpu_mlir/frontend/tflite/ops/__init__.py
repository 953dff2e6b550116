"""Converters of TFLite operators; importing the modules fills the registry."""

from . import activation, batch, conv, detection, elementwise, join, matmul, pool, reduction, resize, shape

__all__ = [
    "activation",
    "batch",
    "conv",
    "detection",
    "elementwise",
    "join",
    "matmul",
    "pool",
    "reduction",
    "resize",
    "shape",
]
