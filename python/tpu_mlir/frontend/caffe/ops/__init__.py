"""Converters of Caffe layer types; importing the modules fills the registry."""

from . import activation, conv, dense, detection, elementwise, indexing, norm, pool, recurrent, resize, shape

__all__ = [
    "activation",
    "conv",
    "dense",
    "detection",
    "elementwise",
    "indexing",
    "norm",
    "pool",
    "recurrent",
    "resize",
    "shape",
]
