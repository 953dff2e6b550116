"""Whole networks at every level of the layer-group search: no races, whichever engine goes first the same bits, and the
bits of the network compiled op by op.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from variants import LEVELS, check_lowered, lower_file

REGRESSION = Path(__file__).resolve().parents[3] / "regression"
sys.path.insert(0, str(REGRESSION))

from cycles import MODES  # noqa: E402
from networks import NETWORKS, can_make_networks, ensure_network  # noqa: E402

pytestmark = pytest.mark.network


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NETWORKS)
def test_levels_give_the_same_bits(name: str, mode: str, tmp_path: Path) -> None:
    if name != "lenet" and not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name)
    with np.load(source / "in.npz") as inputs:
        lowered = lower_file(source / f"{name}.onnx", dict(inputs), mode, tmp_path)
    check_lowered(lowered, LEVELS)
