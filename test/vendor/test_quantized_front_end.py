"""Networks with scales of their own, with frames as inputs and with integer weights, on the vendor's simulator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_models import assert_same_outputs

from tpu_mlir import ir, pipelines
from tpu_mlir.inputs import network_inputs, random_inputs
from tpu_mlir.preprocess import Preprocessing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import test_fused_preprocess as fused
import test_quantized_networks as quantized
import test_integer_weights as weight_only

pytestmark = pytest.mark.vendor


def compare(simulator: Any, home: Path, module: ir.Module, inputs: list[np.ndarray], folder: Path) -> None:
    pipelines.run(module, pipelines.final())
    pipelines.run(module, pipelines.codegen(folder / "net.bmodel"))
    assert_same_outputs(simulator, home, folder / "net.bmodel", inputs, folder)


@pytest.mark.parametrize("kind", quantized.KINDS)
def test_quantized_networks(simulator: Any, vendor_home: Path, tmp_path: Path, kind: str) -> None:
    module = quantized.top(quantized.quantized(tmp_path, kind))
    pipelines.run(module, pipelines.Lowering("bm1684x", "INT8").passes("w.npz"))
    compare(simulator, vendor_home, module, [quantized.sample(100)], tmp_path)


@pytest.mark.parametrize(
    ("mode", "name", "aligned"),
    [
        ("F32", "BGR_PACKED", False),
        ("F16", "RGB_PLANAR", True),
        ("BF16", "YUV420_PLANAR", False),
        ("F16", "YUV_NV21", True),
    ],
)
def test_frames(simulator: Any, vendor_home: Path, tmp_path: Path, mode: str, name: str, aligned: bool) -> None:
    preprocessing = Preprocessing(resize_dims=(12, 16), mean=fused.MEAN, scale=fused.SCALE, pixel_format="bgr")
    module = fused.lowered(fused.top(preprocessing), mode, name, aligned)
    frames = random_inputs(network_inputs(module), 1)
    compare(simulator, vendor_home, module, list(frames.values()), tmp_path)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("mode", ["W8F16", "W8BF16", "W4F16", "W4BF16"])
def test_integer_weights(simulator: Any, vendor_home: Path, tmp_path: Path, mode: str, symmetric: bool) -> None:
    module = weight_only.top()
    pipelines.run(module, pipelines.Lowering("bm1684x", mode, q_group_size=64, q_symmetric=symmetric).passes("w.npz"))
    x = np.random.default_rng(0).standard_normal((2, 3, 12, 15)).astype(np.float32)
    compare(simulator, vendor_home, module, [x], tmp_path)
