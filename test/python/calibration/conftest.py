"""Networks and samples that the tests of the calibration share."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))

from calibration_networks import LENET, transformed  # noqa: E402


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    """The digits network, with samples in lenet/cali."""
    return transformed(LENET / "lenet.onnx", tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Conv, Relu, MaxPool, Flatten, Gemm on images of 3 x 8 x 8 named x."""
    from command_support import small_network

    return transformed(small_network(tmp_path / "small.onnx"), tmp_path)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder of eight npz samples for ``small``."""
    folder = tmp_path / "samples"
    folder.mkdir()
    random = np.random.default_rng(5)
    for i in range(8):
        scale = np.float32(10.0 ** (i % 3))
        np.savez(folder / f"{i}.npz", x=random.standard_normal((1, 3, 8, 8)).astype(np.float32) * scale)
    return folder
