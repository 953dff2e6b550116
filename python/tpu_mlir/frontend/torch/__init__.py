"""Front end for PyTorch: TorchScript files (.pt) and programs of torch.export (.pt2)."""

from ..converted import ConvertedModel
from .convert import convert_torch
from .registry import supported

__all__ = ["ConvertedModel", "convert_torch", "supported"]
