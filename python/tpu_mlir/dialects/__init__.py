"""Op classes of the dialects, generated from their definitions."""

import os as _os

_build = _os.environ.get("TPU_MLIR_BUILD_DIR")
if _build:
    __path__.insert(0, _os.path.join(_build, "include", "python"))
