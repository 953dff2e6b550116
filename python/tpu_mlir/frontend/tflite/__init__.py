"""The TFLite front end. ``convert_tflite`` is the whole interface."""

from ..converted import ConvertedModel
from .convert import convert_tflite
from .registry import supported

__all__ = ["ConvertedModel", "convert_tflite", "supported"]
