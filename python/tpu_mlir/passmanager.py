"""Pass pipelines, under the module name that MLIR's own Python package uses."""

from ._tpu_mlir import PassManager

__all__ = ["PassManager"]
