"""A compiler for the BM1684X AI processor: front ends, dialects, evaluation, code generation and simulation.

Importing the package has no side effects beyond loading its parts on demand. In a source tree the compiled parts are
taken from the build directory named by the environment variable ``TPU_MLIR_BUILD_DIR``.
"""

import os as _os

__version__ = "0.1.0"

_build = _os.environ.get("TPU_MLIR_BUILD_DIR")
if _build:
    __path__.insert(0, _os.path.join(_build, "python", "tpu_mlir"))
