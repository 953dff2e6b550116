"""Fixtures of the comparisons with the NumPy models and with the vendor's simulator."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
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


@pytest.fixture(scope="session")
def upstream() -> Callable[..., str]:
    """upstream(folder, command, argument...) runs one of upstream's commands and returns what it printed."""
    home = os.environ.get("TPU_MLIR_VENDOR_TOOLS")
    if not home:
        pytest.skip("TPU_MLIR_VENDOR_TOOLS is not set: it names a virtual environment with upstream's commands")
    if not Path(home, "bin", "tpuc-opt").exists():
        pytest.skip(f"TPU_MLIR_VENDOR_TOOLS={home} has no bin/tpuc-opt")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TPU_MLIR"))}
    environment = {**clean, "VIRTUAL_ENV": home, "PATH": f"{home}/bin:{clean['PATH']}"}

    def run(folder: Path, *command: object) -> str:
        words = [str(word) for word in command]
        words[0] = f"{home}/bin/{words[0]}"
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    return run
