"""Rewriting of weights: the float network computes the same, ranges come nearer to each other, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from calibration_networks import LENET, save_network, transformed
from onnx import helper
from tpu_mlir import ir, pipelines
from tpu_mlir.calibration.balance import factors
from tpu_mlir.calibration.table import read_table
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.npz.similarity import cosine_similarity


def outputs(module: Path, arrays: dict[str, np.ndarray]) -> np.ndarray:
    return ModuleInterpreter(pipelines.load(module, ir.Context())).run(arrays).in_order()[0]


def data(folder: Path, name: str, *shape: int) -> Path:
    folder.mkdir()
    random = np.random.default_rng(4)
    for i in range(6):
        np.savez(folder / f"{i}.npz", **{name: random.standard_normal(shape).astype(np.float32)})
    return folder


def conv(name: str, source: str, result: str, **attributes: object):
    return helper.make_node("Conv", [source, f"{name}_w", f"{name}_b"], [result], **attributes)


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    """conv → relu → depthwise conv → relu → pool → conv; channels differ by up to 1000 times."""
    random = np.random.default_rng(6)
    spread = np.float32(10.0) ** random.uniform(-1.5, 1.5, 8).astype(np.float32)
    weights = {
        "a_w": random.standard_normal((8, 3, 3, 3)).astype(np.float32) * spread.reshape(8, 1, 1, 1),
        "a_b": random.standard_normal(8).astype(np.float32) * spread,
        "d_w": random.standard_normal((8, 1, 3, 3)).astype(np.float32),
        "d_b": random.standard_normal(8).astype(np.float32) * spread,
        "e_w": random.standard_normal((5, 8, 1, 1)).astype(np.float32) / spread.reshape(1, 8, 1, 1),
        "e_b": random.standard_normal(5).astype(np.float32),
    }
    nodes = [
        conv("a", "x", "a", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["ar"]),
        conv("d", "ar", "d", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=8),
        helper.make_node("Relu", ["d"], ["dr"]),
        helper.make_node("MaxPool", ["dr"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        conv("e", "p", "y", kernel_shape=[1, 1]),
    ]
    return save_network(tmp_path / "uneven.onnx", nodes, weights, {"x": [1, 3, 8, 8]}, {"y": [1, 5, 4, 4]})


def lowered(module: Path, table: Path, arrays: dict[str, np.ndarray], folder: Path, asymmetric: bool = False):
    made = pipelines.load(module, ir.Context())
    passes = pipelines.lowering(
        "bm1684x", "INT8", str(folder / "w.npz"), calibration_table=str(table), asymmetric=asymmetric
    )
    pipelines.run(made, passes)
    return ModuleInterpreter(made).run(arrays).in_order()[0]


def test_equalization_keeps_the_float_network_and_improves_the_quantized_one(run, uneven, tmp_path):
    module = transformed(uneven, tmp_path)
    folder = data(tmp_path / "data", "x", 1, 3, 8, 8)
    weight_file = next(tmp_path.glob("uneven*weight.npz"))
    before = weight_file.read_bytes()
    arrays = {"x": np.random.default_rng(9).standard_normal((1, 3, 8, 8)).astype(np.float32)}
    want = outputs(module, arrays)
    assert run("run_calibration", module, "--dataset", folder, "-o", "plain")[0] == 0
    plain = lowered(module, tmp_path / "plain", arrays, tmp_path)
    status, out, err = run("run_calibration", module, "--dataset", folder, "--we", "-o", "even")
    assert status == 0, err
    assert "2 pairs of convolutions" in out
    kept = weight_file.with_name(f"{weight_file.stem}_original.npz")
    assert kept.name in out
    assert kept.read_bytes() == before
    assert weight_file.read_bytes() != before
    assert np.allclose(outputs(module, arrays), want, rtol=1e-4, atol=1e-4 * np.abs(want).max())
    even = lowered(module, tmp_path / "even", arrays, tmp_path)
    assert cosine_similarity(even, want) > cosine_similarity(plain, want)
    # A second run keeps the second state, too, once.
    assert run("run_calibration", module, "--dataset", folder, "--we", "--bc", "-o", "even")[0] == 0
    assert kept.read_bytes() == before
    assert {path.name for path in tmp_path.glob("*_original*")} == {
        kept.name, f"{weight_file.stem}_original_2.npz",
    }  # fmt: skip


def test_a_relu_with_a_limit_is_not_scaled(run, tmp_path):
    random = np.random.default_rng(6)
    weights = {
        "a_w": random.standard_normal((4, 3, 1, 1)).astype(np.float32),
        "a_b": random.standard_normal(4).astype(np.float32),
        "e_w": random.standard_normal((5, 4, 1, 1)).astype(np.float32),
        "e_b": random.standard_normal(5).astype(np.float32),
        "low": np.float32(0),
        "high": np.float32(6),
    }
    nodes = [
        conv("a", "x", "a", kernel_shape=[1, 1]),
        helper.make_node("Clip", ["a", "low", "high"], ["r"]),
        conv("e", "r", "y", kernel_shape=[1, 1]),
    ]
    network = save_network(tmp_path / "limited.onnx", nodes, weights, {"x": [1, 3, 4, 4]}, {"y": [1, 5, 4, 4]})
    module = transformed(network, tmp_path)
    weight_file = next(tmp_path.glob("limited*weight.npz"))
    before = weight_file.read_bytes()
    folder = data(tmp_path / "data", "x", 1, 3, 4, 4)
    status, out, _ = run("run_calibration", module, "--dataset", folder, "--we", "-o", "t")
    assert status == 0
    assert "nothing was changed" in out
    assert weight_file.read_bytes() == before


def test_smoothing_keeps_the_float_network(run, tmp_path):
    random = np.random.default_rng(6)
    spread = np.float32(10.0) ** random.uniform(-1, 1, 16).astype(np.float32)
    weights = {
        "g": random.uniform(0.5, 1, 16).astype(np.float32) * spread,
        "h": random.standard_normal(16).astype(np.float32) * spread,
        "q": random.standard_normal((16, 8)).astype(np.float32) / spread.reshape(16, 1),
        "k": random.standard_normal((16, 8)).astype(np.float32) / spread.reshape(16, 1),
    }
    nodes = [
        helper.make_node("LayerNormalization", ["x", "g", "h"], ["n"], axis=-1),
        helper.make_node("MatMul", ["n", "q"], ["a"]),
        helper.make_node("MatMul", ["n", "k"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["y"]),
    ]
    network = save_network(tmp_path / "norm.onnx", nodes, weights, {"x": [1, 12, 16]}, {"y": [1, 12, 8]})
    module = transformed(network, tmp_path)
    folder = data(tmp_path / "data", "x", 1, 12, 16)
    arrays = {"x": np.random.default_rng(9).standard_normal((1, 12, 16)).astype(np.float32)}
    want = outputs(module, arrays)
    before = read_after(run, module, folder)
    status, out, err = run("run_calibration", module, "--dataset", folder, "--sq", "-o", "t")
    assert status == 0, err
    assert "SmoothQuant: 1 normalizations" in out
    assert np.allclose(outputs(module, arrays), want, rtol=1e-4, atol=1e-4 * np.abs(want).max())
    name = next(name for name in before if name.endswith("LayerNormalization"))
    assert read_table(tmp_path / "t").entries[name].threshold < before[name].threshold


def read_after(run, module: Path, folder: Path):
    assert run("run_calibration", module, "--dataset", folder, "-o", "before")[0] == 0
    return read_table("before").entries


def test_factors_bring_channels_together():
    magnitude = np.array([1.0, 100.0, 0.0])
    weight = np.array([[4.0, -2.0], [0.01, 0.04], [3.0, 1.0]])
    scale = factors(magnitude, [weight], depthwise=False)
    assert scale[2] == 1
    assert np.prod(scale[:2]) == pytest.approx(1)
    assert scale[1] / scale[0] == pytest.approx(np.sqrt(100 / 0.04) / np.sqrt(1 / 4))
    scale = factors(magnitude, [weight], depthwise=True)
    assert (magnitude / scale)[0] == pytest.approx((magnitude / scale)[1])


@pytest.mark.parametrize("asymmetric", [False, True])
def test_bias_correction_takes_the_mean_error_out(run, lenet, tmp_path, asymmetric):
    arrays = [dict(np.load(path)) for path in sorted((LENET / "cali").iterdir())]
    want = [outputs(lenet, sample) for sample in arrays]
    # A coarse table, so that there is something to correct.
    common = ("run_calibration", lenet, "--dataset", LENET / "cali", "--cali_method", "percentile9999", "-o", "t")
    assert run(*common)[0] == 0
    options = ["--asymmetric"] if asymmetric else []

    def shift() -> np.ndarray:
        made = pipelines.load(lenet, ir.Context())
        table = str(tmp_path / "t")
        names = pipelines.lowering(
            "bm1684x", "INT8", str(tmp_path / "w.npz"), calibration_table=table, asymmetric=asymmetric
        )
        pipelines.run(made, names)
        interpreter = ModuleInterpreter(made)
        found = [interpreter.run(sample).in_order()[0] for sample in arrays]
        return np.mean([f - w for f, w in zip(found, want, strict=True)], axis=0)

    before = np.abs(shift()).mean()
    status, out, err = run(*common, "--bc", *options)
    assert status == 0, err
    assert "bias correction: " in out
    assert "_original.npz" in out
    assert np.abs(shift()).mean() < before
