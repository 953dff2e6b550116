"""Networks that exceed local memory many times over: they compile, run without races, and have the bits that they have
op by op. The large ones run with TPU_MLIR_NIGHTLY=1.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from graphs import Graph, Step
from variants import UNGROUPED, Variant, assert_same_bits, check, compile_variant, lower_file, run_checked

REGRESSION = Path(__file__).resolve().parents[3] / "regression"
sys.path.insert(0, str(REGRESSION))

from networks import can_make_networks, ensure_network  # noqa: E402

NIGHTLY = os.environ.get("TPU_MLIR_NIGHTLY") == "1"


def convolution(x: int, channels: int, size: int = 3, stride: int = 1) -> Step:
    params = {"kernel": (size, size), "strides": (stride, stride), "pads": (size // 2,) * 4, "dilations": (1, 1)}
    return Step("conv", (x,), {**params, "group": 1, "channels": channels, "bias": True})


def relu(x: int) -> Step:
    return Step("function", (x,), {"function": "Relu"})


def with_skips(height: int, width: int, channels: int) -> Graph:
    """A U-Net of one level: what enters the lower level is joined with what comes back."""
    pool = {"kernel": (2, 2), "strides": (2, 2), "pads": (0, 0, 0, 0), "average": False, "include": 0}
    steps = (
        *(convolution(0, channels), relu(1)),
        *(Step("pool", (2,), pool), convolution(3, 2 * channels), relu(4), convolution(5, channels)),
        *(Step("resize", (6,), {"scales": (2, 2), "mode": "nearest"}), Step("concat", (7, 2), {"axis": 1})),
        *(convolution(8, channels), relu(9), convolution(10, 3, 1)),
    )
    return Graph(((1, 3, height, width),), steps)


def residual(batch: int, extent: int, channels: int) -> Graph:
    """Blocks of ResNet-50: 1x1, 3x3, 1x1 and a sum."""
    steps: list[Step] = [convolution(0, 4 * channels, 1)]
    value = 1
    for _ in range(2):
        steps += [convolution(value, channels, 1), relu(value + 1), convolution(value + 2, channels), relu(value + 3)]
        steps += [convolution(value + 4, 4 * channels, 1), Step("binary", (value + 5, value), {"function": "Add"})]
        steps.append(relu(value + 6))
        value += 7
    return Graph(((batch, 3, extent, extent),), tuple(steps))


SMALL = {
    "wide U-Net": with_skips(46, 250, 24),
    "tall U-Net": with_skips(330, 34, 24),
    "batch of residual blocks": residual(9, 14, 48),
}


@pytest.mark.parametrize("mode", ["F32", "F16", "INT8"])
@pytest.mark.parametrize("name", SMALL)
def test_small_memory(name: str, mode: str, tmp_path: Path) -> None:
    """Local memory so small that every tensor is many times as large."""
    variants = [Variant(opt, 40 * 1024) for opt in (1, 2, 3)]
    check(SMALL[name], mode, variants, tmp_path, strict=True)


def with_shape(source: Path, shape: tuple[int, ...], target: Path) -> Path:
    """The network for inputs of another shape."""
    model = onnx.load(source)
    assert len(model.graph.input) == 1
    for dim, size in zip(model.graph.input[0].type.tensor_type.shape.dim, shape, strict=True):
        dim.dim_value = size
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    onnx.save(model, target)
    return target


# Pictures of 1080 rows are padded to 1088, which can be halved four times.
LARGE = {"unet": (1, 3, 1088, 1920), "resnet50": (16, 3, 224, 224)}


@pytest.mark.network
@pytest.mark.parametrize("mode", ["F32", "F16", "INT8"])
@pytest.mark.parametrize("name", LARGE)
def test_large_networks(name: str, mode: str, tmp_path: Path) -> None:
    if not NIGHTLY:
        pytest.skip("takes minutes and gigabytes; TPU_MLIR_NIGHTLY=1 runs it")
    if not can_make_networks():
        pytest.skip("the networks are made with PyTorch: pip install torch==2.13.0")
    source = ensure_network(name) / f"{name}.onnx"
    model = with_shape(source, LARGE[name], tmp_path / "large.onnx")
    inputs = {onnx.load(model).graph.input[0].name: np.random.default_rng(3).random(LARGE[name], dtype=np.float32)}
    table = None
    if mode == "INT8":  # ranges of the usual size, whose values take less memory
        (tmp_path / "usual").mkdir()
        with np.load(source.with_name("in.npz")) as usual:
            lower_file(source, dict(usual), mode, tmp_path / "usual")
        table = tmp_path / "usual" / "table"
    lowered = lower_file(model, inputs, mode, tmp_path, table)
    wanted = run_checked(compile_variant(lowered, UNGROUPED), lowered.inputs)
    assert_same_bits("grouped / op by op", run_checked(compile_variant(lowered, Variant()), lowered.inputs), wanted)
