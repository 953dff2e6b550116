"""Converters of TFLite operators; importing the modules fills the registry."""

from . import (
    activation,
    batch,
    compare,
    constant,
    conv,
    detection,
    elementwise,
    indexing,
    join,
    matmul,
    parts,
    pool,
    recurrent,
    reduction,
    resize,
    shape,
)

__all__ = [
    "activation",
    "batch",
    "compare",
    "constant",
    "conv",
    "detection",
    "elementwise",
    "indexing",
    "join",
    "matmul",
    "parts",
    "pool",
    "recurrent",
    "reduction",
    "resize",
    "shape",
]
