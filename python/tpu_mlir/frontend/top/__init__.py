"""Top modules, ours or upstream's, as a source: cut, given preprocessing, and written as NAME_origin.mlir again."""

from .convert import convert_module

__all__ = ["convert_module"]
