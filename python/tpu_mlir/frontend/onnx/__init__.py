"""The ONNX front end. ``convert_onnx`` is the whole interface."""

from .convert import ConvertedModel, convert_onnx
from .registry import supported

__all__ = ["ConvertedModel", "convert_onnx", "supported"]
