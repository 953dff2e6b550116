"""Searches on networks that are lowered and evaluated."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from search_networks import like_mobilenet_v3, samples, with_bad_layer
from tpu_mlir.calibration.data import from_folder
from tpu_mlir.inputs import network_inputs
from tpu_mlir.search.auto import AutoOptions, auto
from tpu_mlir.search.network import TopNetwork
from tpu_mlir.search.sensitivity import measure
from tpu_mlir.search.tables import read_quantize_table

Run = Callable[..., tuple[int, str, str]]


def transformed(run: Run, model: Path, shape: str) -> Path:
    name = model.stem
    status, _, err = run(
        "model_transform", "--model_name", name, "--model_def", model, "--input_shapes", shape, "--mlir", f"{name}.mlir"
    )
    assert status == 0, err
    return model.with_suffix(".mlir")


@pytest.fixture
def bad(run: Run, tmp_path: Path) -> Path:
    """A network with a bad layer, its samples in the folder "data" and its calibration table."""
    mlir = transformed(run, with_bad_layer(tmp_path / "bad.onnx"), "[[1,3,16,16]]")
    data = samples(tmp_path / "data", (1, 3, 16, 16), 4)
    status, _, err = run("run_calibration", mlir, "--dataset", data, "--cali_method", "max", "-o", "table")
    assert status == 0, err
    return mlir


def test_the_bad_layer_is_found(run: Run, bad: Path, tmp_path: Path) -> None:
    arguments = (bad, "--dataset", "data", "--calibration_table", "table", "--expected_cos", 0.999)
    status, out, err = run("run_qtable", *arguments, "-o", "first")
    assert status == 0, err
    table = read_quantize_table(tmp_path / "first")
    assert "c3_Conv" in table, out
    assert set(table.values()) <= {"F16", "W8F16"}
    ranked = [line.split()[0] for line in out.splitlines() if line.split()[1:2] in (["Conv"], ["Relu"], ["Sigmoid"])]
    assert ranked[0] in ("c2_Conv", "r2_Relu"), out
    assert (tmp_path / "first.layers.csv").read_text().startswith("layer,op,cosine")
    status, again, err = run("run_qtable", *arguments, "-o", "second")
    assert status == 0, err
    assert read_quantize_table(tmp_path / "second") == table, "the search is deterministic"


def test_the_table_helps_the_deployed_network(run: Run, bad: Path) -> None:
    run("run_qtable", bad, "--dataset", "data", "--calibration_table", "table", "--expected_cos", 0.999, "-o", "qtable")
    deploy = (
        bad,
        "--quantize",
        "INT8",
        "--calibration_table",
        "table",
        "--chip",
        "bm1684x",
        "--test_input",
        "data/000.npz",
    )
    with_table = run(
        "model_deploy",
        "--mlir",
        *deploy,
        "--quantize_table",
        "qtable",
        "--model",
        "a.bmodel",
        "--tolerance",
        "0.99,0.9",
    )
    assert with_table[0] == 0, with_table[2]


def test_a_limit_of_layers_is_kept(run: Run, bad: Path, tmp_path: Path) -> None:
    arguments = (bad, "--dataset", "data", "--calibration_table", "table", "--expected_cos", 0.99999)
    status, out, err = run("run_qtable", *arguments, "--max_float_layers", 2, "-o", "few")
    assert status == 0, err
    assert len(read_quantize_table(tmp_path / "few")) <= 2
    assert "is not reached" in out


def test_lines_of_a_table_before_are_kept(run: Run, bad: Path, tmp_path: Path) -> None:
    (tmp_path / "before").write_text("r0_Relu F32\n")
    arguments = (bad, "--dataset", "data", "--calibration_table", "table", "--expected_cos", 0.999)
    status, _, err = run("run_qtable", *arguments, "--pre_qtable", "before", "-o", "after")
    assert status == 0, err
    assert read_quantize_table(tmp_path / "after")["r0_Relu"] == "F32"


def test_the_prefix_cache_changes_nothing(run: Run, bad: Path) -> None:
    network = TopNetwork(bad)
    given = [dict(np.load("data/000.npz"))]
    ranges = dict.fromkeys(network.graph.by_name, (-1.0, 2.0))
    fast, slow = (
        measure(network, given, network.graph.outputs, ranges, True, cached=cached) for cached in (True, False)
    )
    for name, noise in fast.values.items():
        assert np.allclose(noise.targets, slow.values[name].targets, rtol=1e-6), name


def test_auto_on_squeeze_excite_hard_swish_and_resizing(run: Run, tmp_path: Path) -> None:
    mlir = transformed(run, like_mobilenet_v3(tmp_path / "mobile.onnx"), "[[1,3,48,48]]")
    data = samples(tmp_path / "cali", (1, 3, 48, 48), 6)
    files = from_folder(data, network_inputs(TopNetwork(mlir).module))
    found = auto(AutoOptions(mlir, 0.995, tmp_path / "cali_table", tmp_path / "qtable"), files)
    assert found.reached, found.reasons
    assert found.score >= 0.995
    assert found.variants[0].measured.score <= found.score
    assert any("chosen" in reason for reason in found.reasons)
    assert found.calibration_table.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dataset", "nowhere"), "does not exist"),
        ((), "there are no samples"),
        (("--dataset", "data", "--mix_mode", "wi4ai8_wi8ai8"), "wi8ai8_fp"),
        (("--dataset", "data", "--global_compare_layers", "c9_Conv"), "did you mean"),
        (("--dataset", "data", "--post_process", "absent.py"), "absent.py"),
        (("--dataset", "data", "--input_num", "-1"), "0 for all"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, bad: Path, arguments: tuple[str, ...], words: str) -> None:
    status, _, err = run("run_qtable", bad, *arguments, "--calibration_table", "table", "-o", "q")
    assert status == 1
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not Path("q").exists()
