"""Python files of the user: post-processing, metrics."""

from __future__ import annotations

import importlib.util
import os
from types import ModuleType

from .errors import UserError


def load_script(path: str | os.PathLike[str], takes: str) -> ModuleType:
    """Runs a Python file and gives its module; ``takes`` is the end of the message for another kind of file.

    Raises:
        UserError: it is no Python file, or cannot be run.
    """
    spec = importlib.util.spec_from_file_location("tpu_mlir_user_script", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} is not a Python file; {takes}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the user's program may raise anything
        raise UserError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    return module
