"""Whole networks go both ways between our commands and upstream's: canonical modules, weight files and bmodels.

TPU_MLIR_VENDOR_TOOLS names a virtual environment with upstream's command-line tools (tpuc-opt, model_transform.py,
model_deploy.py); without it the tests skip.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tpu_mlir.cli import model_deploy, model_runner, model_transform

LENET = Path(__file__).resolve().parents[2] / "regression" / "models" / "lenet" / "lenet.onnx"
SMALLEST_COSINE = {"F32": 0.99999, "F16": 0.999, "BF16": 0.99}

Upstream = Callable[..., str]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test input of lenet."""
    path = tmp_path_factory.mktemp("sample") / "in.npz"
    np.savez(path, input=np.random.default_rng(5).random((1, 1, 8, 8), dtype=np.float32))
    return path


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """The folder of our model_transform."""
    folder = tmp_path_factory.mktemp("ours")
    arguments = ["--model_name", "lenet", "--model_def", LENET, "--input_shapes", "[[1,1,8,8]]", "--debug"]
    arguments += ["--mlir", folder / "lenet.mlir", "--test_input", sample, "--test_result", folder / "top.npz"]
    assert model_transform.main([str(argument) for argument in arguments]) == 0
    return folder


@pytest.fixture(scope="module")
def theirs(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """The folder of upstream's model_transform."""
    folder = tmp_path_factory.mktemp("theirs")
    upstream(
        folder, "model_transform.py", "--model_name", "lenet", "--model_def", LENET, "--input_shapes", "[[1,1,8,8]]",
        "--mlir", "lenet.mlir", "--test_input", sample, "--test_result", "top.npz",
    )  # fmt: skip
    return folder


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    x, y = a.reshape(-1).astype(np.float64), b.reshape(-1).astype(np.float64)
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as archive:
        return dict(archive)


def ops(path: Path) -> Counter[tuple[str, str]]:
    """Every op with its attributes and types, without value numbers and locations."""
    found = re.findall(r'"(top\.\w+)"\([^)]*\) (.*?) loc\(', path.read_text())
    return Counter(found)


def test_both_make_the_same_graph_and_weights(ours: Path, theirs: Path) -> None:
    assert ops(ours / "lenet.mlir") == ops(theirs / "lenet.mlir")
    weights, expected = (arrays(folder / "lenet_top_f32_all_weight.npz") for folder in (ours, theirs))
    assert set(weights) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(weights[name], array, rtol=1e-6, atol=1e-7)


def test_our_evaluation_of_their_module_gives_their_tensors(theirs: Path, sample: Path, tmp_path: Path) -> None:
    arguments = ["--model", theirs / "lenet.mlir", "--input", sample, "--output", tmp_path / "o.npz"]
    assert model_runner.main([*map(str, arguments), "--dump_all_tensors"]) == 0
    computed, expected = arrays(tmp_path / "o.npz"), arrays(theirs / "top.npz")
    assert set(computed) == set(expected)
    for name, array in expected.items():
        assert cosine(computed[name], array) > 0.99999, name


@pytest.mark.parametrize("mode", SMALLEST_COSINE)
def test_our_compiler_takes_their_module(theirs: Path, sample: Path, tmp_path: Path, mode: str) -> None:
    for name in ("lenet.mlir", "lenet_top_f32_all_weight.npz"):
        (tmp_path / name).write_bytes((theirs / name).read_bytes())
    arguments = [
        "--mlir", tmp_path / "lenet.mlir", "--quantize", mode, "--chip", "bm1684x", "--model", tmp_path / "m.bmodel",
        "--test_input", sample, "--test_reference", theirs / "top.npz", "--tolerance", f"{SMALLEST_COSINE[mode]},0.9",
    ]  # fmt: skip
    assert model_deploy.main([str(argument) for argument in arguments]) == 0


@pytest.mark.parametrize("mode", SMALLEST_COSINE)
def test_their_compiler_takes_our_module_and_our_simulator_their_bmodel(
    upstream: Upstream, ours: Path, sample: Path, tmp_path: Path, mode: str
) -> None:
    for name in ("lenet.mlir", "lenet_top_f32_all_weight.npz", "lenet_in_f32.npz"):
        (tmp_path / name).write_bytes((ours / name).read_bytes())
    upstream(
        tmp_path, "model_deploy.py", "--mlir", "lenet.mlir", "--quantize", mode, "--chip", "bm1684x",
        "--test_input", "lenet_in_f32.npz", "--test_reference", ours / "top.npz", "--model", "m.bmodel",
        "--skip_validation",
    )  # fmt: skip
    arguments = ["--model", tmp_path / "m.bmodel", "--input", sample, "--output", tmp_path / "o.npz"]
    assert model_runner.main([str(argument) for argument in arguments]) == 0
    expected = arrays(ours / "top.npz")
    for name, array in arrays(tmp_path / "o.npz").items():
        source = name.removesuffix("_f32") if name not in expected else name
        assert cosine(array, expected[source]) > SMALLEST_COSINE[mode], name


def test_their_passes_take_our_origin_module(upstream: Upstream, ours: Path, tmp_path: Path) -> None:
    for name in ("lenet_origin.mlir", "lenet_top_f32_all_origin_weight.npz"):
        (tmp_path / name).write_bytes((ours / name).read_bytes())
    passes = ["--struct-optimize", "--shape-infer", "--canonicalize", "--extra-optimize"]
    upstream(
        tmp_path, "tpuc-opt", "lenet_origin.mlir", "--init", *passes, "--deinit", "--mlir-print-debuginfo", "-o",
        "lenet.mlir",
    )  # fmt: skip
    assert ops(tmp_path / "lenet.mlir") == ops(ours / "lenet.mlir")
