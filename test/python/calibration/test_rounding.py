"""Adaptive rounding: weights stay on the grid of the lowering, and their sums are nearer than with each weight rounded
for itself."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_networks import LENET
from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.rounding import patches, round_weights, scales_of
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.search.fake import fake_weight
from tpu_mlir.search.graph import Layer, graph_of

random = np.random.default_rng(21)


def inputs(groups: int, size: int, count: int = 3000) -> np.ndarray:
    """Rectified values that hang together, as activations do."""
    mixed = random.standard_normal((groups, count, 4)) @ random.standard_normal((groups, 4, size))
    return np.maximum(mixed + random.standard_normal((groups, count, size)), 0)


@pytest.mark.parametrize(("groups", "outputs", "size"), [(1, 8, 200), (40, 1, 9), (2, 5, 64), (1, 3, 1)])
def test_sums_are_nearer_than_with_weights_rounded_one_by_one(groups, outputs, size):
    weights = random.standard_normal((groups, outputs, size))
    values = inputs(groups, size)
    moments = values.transpose(0, 2, 1) @ values / values.shape[1]
    scale = scales_of(weights)[:, :, None]
    found = round_weights(weights, moments)
    steps = found / scale
    assert np.allclose(steps, np.rint(steps), atol=1e-9)
    assert np.abs(steps).max(axis=2) == pytest.approx(127)
    assert np.allclose(np.abs(found).max(axis=2), scale[:, :, 0] * 127)
    nearest = np.clip(np.rint(weights / scale), -127, 127) * scale

    def error(rounded: np.ndarray) -> float:
        return float(np.square(values @ (rounded - weights).transpose(0, 2, 1)).mean())

    assert error(found) <= error(nearest) * (0.7 if size > 60 else 1.0)


def test_channels_of_zeros_and_inputs_of_zeros_are_kept():
    weights = random.standard_normal((1, 3, 5))
    weights[0, 1] = 0
    found = round_weights(weights, np.zeros((1, 5, 5)))
    assert np.array_equal(found[0, 1], np.zeros(5))
    scale = scales_of(weights)[:, :, None]
    assert np.allclose(found, np.rint(weights / scale) * scale)


@pytest.mark.parametrize(
    ("groups", "kernel", "strides", "pads", "dilations"),
    [
        (1, (3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
        (2, (3, 2), (2, 1), (0, 1, 2, 0), (1, 2)),
        (4, (1, 1), (1, 2), (0, 0, 0, 0), (1, 1)),
    ],
)
def test_patches_are_what_the_filters_see(groups, kernel, strides, pads, dilations):
    torch = pytest.importorskip("torch")
    values = random.standard_normal((2, 4, 7, 8)).astype(np.float32)
    weights = random.standard_normal((8, 4 // groups, *kernel)).astype(np.float32)
    attributes = {"kernel_shape": kernel, "strides": strides, "pads": pads, "dilations": dilations, "group": groups}
    layer = Layer("c", "Conv", ("x",), ("w",), (), attributes)
    padded = np.pad(values, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    want = torch.nn.functional.conv2d(
        torch.from_numpy(padded), torch.from_numpy(weights), stride=strides, dilation=dilations, groups=groups
    ).numpy()
    taken = patches(layer, values, groups, 10**6, random)
    found = taken @ weights.reshape(groups, 8 // groups, -1).transpose(0, 2, 1)
    found = found.transpose(1, 0, 2).reshape(2, *want.shape[2:], 8).transpose(0, 3, 1, 2)
    assert np.allclose(found, want, atol=1e-4)


def test_the_command_rounds_to_what_the_lowering_takes(run, lenet, tmp_path):
    options = ("--dataset", LENET / "cali", "--cali_method", "mse", "-o", "t")
    status, out, err = run("run_calibration", lenet, *options, "--ar", "--bc")
    assert status == 0, err
    assert "adaptive rounding: weights of" in out
    assert "bias correction: " in out
    weight_file = next(tmp_path.glob("lenet*weight.npz"))
    with np.load(weight_file) as arrays:
        weights = dict(arrays)
    for layer in graph_of(pipelines.load(lenet, ir.Context())).layers:
        if layer.weighted:
            weight = weights[layer.weights[0]]
            assert np.allclose(fake_weight(layer, weight), weight, rtol=1e-5, atol=1e-7)
    made = pipelines.load(lenet, ir.Context())
    pipelines.run(made, pipelines.lowering("bm1684x", "INT8", str(tmp_path / "w.npz"), calibration_table="t"))
    with np.load(LENET / "in.npz") as sample, np.load(LENET / "ref.npz") as reference:
        found = ModuleInterpreter(made).run(dict(sample)).in_order()[0]
        want = next(iter(dict(reference).values()))
    assert (found * want).sum() / np.sqrt((found**2).sum() * (want**2).sum()) > 0.9995
