"""Front end for Caffe: network descriptions (.prototxt) with their weights (.caffemodel)."""

from ..converted import ConvertedModel
from .convert import convert_caffe
from .registry import supported

__all__ = ["ConvertedModel", "convert_caffe", "supported"]
