"""Fixtures of the comparisons with the NumPy models and with the vendor's simulator."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE.parents[1] / "python", HERE, HERE / "numerics"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@pytest.fixture(scope="session")
def simulator() -> Any:
    """The extension module's simulator."""
    return importlib.import_module("tpu_mlir._tpu_mlir").simulator


@pytest.fixture(scope="session")
def vendor_home() -> Path:
    """The vendor's package folder: TPU_MLIR_HOME, as test/vendor/get_vendor.sh prints it."""
    home = os.environ.get("TPU_MLIR_HOME")
    if not home:
        pytest.skip("TPU_MLIR_HOME is not set: run test/vendor/get_vendor.sh to fetch the vendor's wheel")
    if not Path(home, "lib", "libcmodel_bm1684x.so").is_file():
        pytest.skip(f"TPU_MLIR_HOME={home} has no lib/libcmodel_bm1684x.so")
    return Path(home)
