"""The ONNX front end. ``convert_onnx`` is the whole interface."""

from ..converted import ConvertedModel
from .convert import convert_onnx
from .registry import supported

__all__ = ["ConvertedModel", "convert_onnx", "supported"]
