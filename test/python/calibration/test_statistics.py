"""Statistics of whole networks: the same however the samples are divided, and no more memory for more samples."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir import _tpu_mlir as native
from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.collect import collect
from tpu_mlir.calibration.data import from_folder
from tpu_mlir.errors import UserError
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.inputs import network_inputs
from tpu_mlir.parallel import over_parts, parts_of


def states(statistics) -> dict:
    return {name: pickle.dumps(found.__getstate__()) for name, found in statistics.items()}


def samples_of(module: Path, folder: Path):
    return from_folder(folder, network_inputs(pipelines.load(module, ir.Context())))


def test_they_are_those_of_the_tensors(small, samples):
    found = collect(small, samples_of(small, samples))
    interpreter = ModuleInterpreter(pipelines.load(small, ir.Context()))
    every: dict[str, list[np.ndarray]] = {}
    for path in sorted(samples.iterdir()):
        with np.load(path) as arrays:
            for name, value in interpreter.run(dict(arrays), every_tensor=True).values.items():
                every.setdefault(name, []).append(value.reshape(-1))
    assert list(found) == list(every)
    for name, parts in every.items():
        values, statistics = np.concatenate(parts), found[name]
        assert statistics.count == values.size
        assert statistics.zeros == np.count_nonzero(values == 0)
        assert (statistics.minimum, statistics.maximum) == (values.min(), values.max())
        bins = (np.abs(values.astype(np.float64)) / statistics.width).astype(np.int64)
        assert np.array_equal(np.bincount(bins[values >= 0], minlength=4096), statistics.positive)
        assert np.array_equal(np.bincount(bins[values < 0], minlength=4096), statistics.negative)


@pytest.mark.parametrize(("threads", "parts"), [(1, 2), (1, 3), (1, 8), (2, 2), (3, 5)])
def test_they_do_not_depend_on_the_division(small, samples, threads, parts):
    files = samples_of(small, samples)
    whole = states(collect(small, files))
    assert states(collect(small, files, threads=threads, parts=parts)) == whole
    assert states(collect(small, files[::-1], threads=threads, parts=parts)) == whole


def test_they_survive_pickling():
    statistics = native.TensorStatistics(512)
    statistics.add(np.random.default_rng(2).standard_normal(1000).astype(np.float32))
    again = pickle.loads(pickle.dumps(statistics))
    assert states({"x": again}) == states({"x": statistics})
    again.merge(statistics)
    assert again.count == 2000


def test_statistics_of_other_numbers_of_bins_do_not_merge():
    with pytest.raises(ValueError, match="bins"):
        native.TensorStatistics(512).merge(native.TensorStatistics(1024))


PEAK = """
import resource, sys
from pathlib import Path
from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.collect import collect
from tpu_mlir.calibration.data import from_folder
from tpu_mlir.inputs import network_inputs
mlir, folder, count = sys.argv[1:]
files = from_folder(folder, network_inputs(pipelines.load(mlir, ir.Context())))
collect(mlir, (files * 100)[: int(count)])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_samples(tmp_path):
    """Ten times the samples of 3 MB each: less than two of them more."""
    from calibration_networks import save_network, transformed
    from onnx import helper

    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    shape = [1, 4, 448, 448]
    weights = {"w": np.eye(4, dtype=np.float32).reshape(4, 4, 1, 1)}
    module = transformed(save_network(tmp_path / "wide.onnx", nodes, weights, {"x": shape}, {"y": shape}), tmp_path)
    folder = tmp_path / "wide"
    folder.mkdir()
    for i in range(4):
        np.savez(folder / f"{i}.npz", x=np.random.default_rng(i).standard_normal(shape).astype(np.float32))

    def peak(count: int) -> int:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-c", PEAK, str(module), str(folder), str(count)]
        return int(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

    few, many = peak(10), peak(100)
    assert many - few < 7000, f"{few} KB for 10 samples, {many} KB for 100"


def test_a_tensor_with_nan_is_named_with_its_sample(tmp_path):
    from calibration_networks import save_network, transformed
    from onnx import helper

    nodes = [helper.make_node("Sqrt", ["x"], ["root"]), helper.make_node("Relu", ["root"], ["y"])]
    module = transformed(save_network(tmp_path / "root.onnx", nodes, {}, {"x": [1, 4]}, {"y": [1, 4]}), tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    np.savez(folder / "a.npz", x=np.ones((1, 4), np.float32))
    np.savez(folder / "b.npz", x=np.float32([[1, -1, 2, 3]]))
    with pytest.raises(UserError, match=r"'root_Sqrt' has NaN .*b\.npz"):
        collect(module, samples_of(module, folder))


def test_parts_cover_all_items_once():
    for count in range(1, 9):
        parts = parts_of(list(range(7)), count)
        assert [item for part in parts for item in part] == list(range(7))
        assert len(parts) == min(count, 7)
    assert parts_of([], 3) == []


def test_errors_in_threads_reach_the_caller():
    def work(part, tick):
        if 3 in part:
            raise UserError("three")
        return part

    with pytest.raises(UserError, match="three"):
        list(over_parts(work, range(8), threads=2, parts=8))
