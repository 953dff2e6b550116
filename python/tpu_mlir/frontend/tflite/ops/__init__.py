"""Converters of TFLite operators; importing the modules fills the registry."""

from . import activation, conv, elementwise, join, matmul, pool, reduction, resize, shape

__all__ = ["activation", "conv", "elementwise", "join", "matmul", "pool", "reduction", "resize", "shape"]
