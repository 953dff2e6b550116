"""Shared by the Python tests: a small network, its input, and a way to run commands in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "python", Path(__file__).parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def network(tmp_path: Path) -> Path:
    from command_support import small_network

    return small_network(tmp_path / "small.onnx")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "in.npz"
    np.savez(path, x=np.random.default_rng(1).random((1, 3, 8, 8), dtype=np.float32))
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """run("npz_tool", ...) gives status, stdout and stderr; the working directory is tmp_path."""
    import importlib

    monkeypatch.chdir(tmp_path)

    def call(command: str, *arguments: object) -> tuple[int, str, str]:
        main = importlib.import_module(f"tpu_mlir.cli.{command}").main
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return call
