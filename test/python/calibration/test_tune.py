"""Choice among thresholds: what it measures, and that it finds what the consumers need."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_networks import save_network, transformed
from onnx import helper
from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.collect import collect
from tpu_mlir.calibration.data import from_folder
from tpu_mlir.calibration.methods import METHODS, Distribution
from tpu_mlir.calibration.tune import Grid, Tuner, followers, region_of
from tpu_mlir.inputs import network_inputs
from tpu_mlir.search.graph import graph_of


def test_grids_are_those_of_the_lowering():
    assert Grid.of((0, 5.1), False) == Grid.of((0.5, 5.1), True) == Grid(5.1 / 255, 0, 0, 255)
    assert Grid.of((-2, 1), False) == Grid(2 / 127, 0, -128, 127)
    assert Grid.of((-1, 3), True) == Grid(4 / 255, -64, -128, 127)
    values = np.float32([-9, -0.4, 0, 0.2, 1.3, 9])
    for limits, asymmetric in (((-2, 1), False), ((-1, 3), True), ((0, 4), False)):
        grid = Grid.of(limits, asymmetric)
        quantized = np.clip(np.rint(values / np.float32(grid.scale)) + grid.zero_point, grid.low, grid.high)
        assert np.allclose(grid.round(values), (quantized - grid.zero_point) * grid.scale, rtol=1e-6)


@pytest.fixture
def branching(tmp_path):
    """c = conv(x); m = maxpool(relu(c)); y = concat(conv(m), conv(m)) sliced."""
    random = np.random.default_rng(8)
    weights = {
        "w": random.standard_normal((4, 3, 3, 3)).astype(np.float32),
        "u": random.standard_normal((4, 4, 1, 1)).astype(np.float32),
        "v": random.standard_normal((2, 4, 1, 1)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["m", "u"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("Conv", ["m", "v"], ["b"], kernel_shape=[1, 1]),
        helper.make_node("Concat", ["a", "b"], ["k"], axis=1),
        helper.make_node("Sigmoid", ["k"], ["y"]),
    ]
    model = save_network(tmp_path / "b.onnx", nodes, weights, {"x": [1, 3, 8, 8]}, {"y": [1, 6, 4, 4]})
    folder = tmp_path / "data"
    folder.mkdir()
    for i in range(4):
        values = random.standard_normal((1, 3, 8, 8)).astype(np.float32)
        values[0, 0, 0, 0] = 60  # alone in its place: a threshold that clips it helps all others
        np.savez(folder / f"{i}.npz", x=values)
    return transformed(model, tmp_path), folder


def test_errors_are_measured_where_values_are_computed_with(branching):
    graph = graph_of(pipelines.load(branching[0], ir.Context()))
    relu, pool = "r_Relu", "m_MaxPool"
    region = region_of(graph, relu)
    assert set(region.wanted) == {"a_Conv", "b_Conv"}
    assert region_of(graph, "x").wanted == (relu,)
    assert region_of(graph, "y_Sigmoid").wanted == ("y_Sigmoid",)
    follow = followers(graph)
    assert follow[pool] == relu
    assert follow["a_Conv"] == follow["b_Conv"] == "k_Concat"


def entries_of(module, folder, method):
    inputs = network_inputs(pipelines.load(module, ir.Context()))
    samples = from_folder(folder, inputs)
    distributions = {name: Distribution.of(found) for name, found in collect(module, samples).items()}
    return samples, distributions, {name: METHODS[method](values) for name, values in distributions.items()}


def test_tuning_never_causes_more_error_than_the_method(branching):
    module, folder = branching
    samples, distributions, entries = entries_of(module, folder, "max")
    tuner = Tuner(module, distributions)
    for every in (False, True):
        tuned = tuner.improve(entries, samples, every_method=every)
        assert set(tuned) == set(entries)
        for name in tuner.names:
            if distributions[name].signed:
                before = Grid.of((-entries[name].threshold, entries[name].threshold), False)
                after = Grid.of((-tuned[name].threshold, tuned[name].threshold), False)
                errors = _errors(tuner, name, (before, after), samples)
                assert errors[1] <= errors[0] * 1.0001, name
        for name, leader in tuner.followers.items():
            assert tuned[name] == tuned[leader]


def test_an_outlier_is_clipped_where_that_helps(branching):
    module, folder = branching
    samples, distributions, entries = entries_of(module, folder, "max")
    # Only the mean counts behind this pooling; the outlier's own error would be the larger one in the tensor itself.
    assert entries["x"].threshold == 60
    tuned = Tuner(module, distributions).improve(entries, samples, every_method=True)
    assert tuned["x"].threshold <= 60


def _errors(tuner, name, grids, samples):
    from tpu_mlir.calibration.data import load

    totals = [0.0] * len(grids)
    for sample in samples:
        values = tuner._interpreter.run(load(sample, tuner._inputs), every_tensor=True).values
        for i, grid in enumerate(grids):
            totals[i] += tuner._error(name, grid, values)
    return totals
