"""The command: kinds of samples, options, files, and one sentence for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from calibration_networks import LENET, save_network, transformed
from command_support import one_sentence, small_network
from onnx import helper
from PIL import Image
from tpu_mlir.calibration.table import read_table


def calibrate(run, *arguments: object) -> str:
    status, out, err = run("run_calibration", *arguments)
    assert status == 0, err
    return out


def refused(run, *arguments: object) -> str:
    status, _, err = run("run_calibration", *arguments)
    assert status == 1
    one_sentence(err)
    return err


@pytest.mark.parametrize(
    "method", ["kl", "max", "percentile9999", "mse", "aciq_gauss", "aciq_laplace", "auto", "use_kl"]
)
def test_every_method_writes_a_table_of_every_tensor(run, lenet, method):
    out = calibrate(run, lenet, "--dataset", LENET / "cali", "--cali_method", method, "--tune_num", "2", "-o", "t")
    assert f"16 samples, {method.removeprefix('use_')}" in out
    table = read_table("t")
    assert "input" in table.entries
    assert len(table.entries) >= 7
    assert f"quantization threshold calculation method: ['{method.removeprefix('use_')}']" in table.header
    assert "sample number: 16" in table.header


def test_input_num_takes_the_first_samples_and_max_is_their_largest(run, lenet):
    calibrate(run, lenet, "--dataset", LENET / "cali", "--input_num", "3", "--cali_method", "max", "--tune_num", "0")
    entry = read_table("lenet_cali_table").entries["input"]
    arrays = [np.load(path)["input"] for path in sorted((LENET / "cali").iterdir())[:3]]
    assert entry.maximum == pytest.approx(max(a.max() for a in arrays), rel=1e-6)
    assert entry.minimum == pytest.approx(min(a.min() for a in arrays), abs=1e-7)


@pytest.fixture
def pictured(tmp_path: Path) -> Path:
    """The small network, whose input is a picture."""
    return transformed(small_network(tmp_path / "small.onnx"), tmp_path, "--mean", "1,2,3", "--scale", "0.1,0.1,0.1")


def pictures(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for i in range(count):
        pixels = np.random.default_rng(i).integers(0, 256, (10, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_pictures_are_prepared_as_the_network_says(run, pictured, tmp_path):
    calibrate(
        run, pictured, "--dataset", pictures(tmp_path / "p"), "--cali_method", "max", "--tune_num", "1", "-o", "t"
    )
    entry = read_table("t").entries["x"]
    assert entry.minimum >= -0.31
    assert 15 < entry.maximum <= 25.5


def test_lists_name_samples_beside_them(run, pictured, tmp_path):
    pictures(tmp_path / "p")
    (tmp_path / "list").write_text("# two samples\np/0.png\n\np/2.png\n")
    out = calibrate(run, pictured, "--data_list", "list", "--tune_list", "list", "-o", "t")
    assert "2 samples" in out


def test_batches_are_filled_with_pictures(run, tmp_path):
    network = small_network(tmp_path / "two.onnx", batch=2)
    module = transformed(network, tmp_path, "--scale", "0.1,0.1,0.1")
    out = calibrate(run, module, "--dataset", pictures(tmp_path / "p"), "-o", "t", "--tune_num", "1")
    assert "2 samples" in out


@pytest.fixture
def summing(tmp_path: Path) -> Path:
    """y = relu(a + b)."""
    nodes = [helper.make_node("Add", ["a", "b"], ["s"]), helper.make_node("Relu", ["s"], ["y"])]
    shape = [1, 4]
    return transformed(save_network(tmp_path / "sum.onnx", nodes, {}, {"a": shape, "b": shape}, {"y": shape}), tmp_path)


def test_lists_name_the_files_of_several_inputs(run, summing, tmp_path):
    for name in ("a0", "b0", "a1", "b1"):
        np.save(tmp_path / f"{name}.npy", np.full((1, 4), ord(name[0]) + int(name[1]), np.float32))
    np.savez(tmp_path / "both.npz", a=np.zeros((1, 4), np.float32), b=np.full((1, 4), 500, np.float32))
    (tmp_path / "list").write_text("a0.npy,b0.npy\na1.npy, b1.npy\nboth.npz\n")
    out = calibrate(run, summing, "--data_list", "list", "--cali_method", "max", "--tune_num", "0", "-o", "t")
    assert "3 samples" in out
    entries = read_table("t").entries
    assert (entries["a"].maximum, entries["b"].maximum) == (98, 500)
    (tmp_path / "short").write_text("a0.npy,b0.npy\na1.npy\n")
    assert "line 2 names 1 files, the network has 2 inputs" in refused(run, summing, "--data_list", "short")
    (tmp_path / "gone").write_text("a0.npy,c0.npy\n")
    assert "line 1: the file c0.npy does not exist" in refused(run, summing, "--data_list", "gone")
    assert "2 inputs" in refused(run, summing, "--dataset", pictures(tmp_path / "p"))


def test_a_tensor_that_is_always_zero_is_told(run, summing, tmp_path):
    (tmp_path / "d").mkdir()
    np.savez(tmp_path / "d" / "x.npz", a=np.zeros((1, 4), np.float32), b=-np.ones((1, 4), np.float32))
    out = calibrate(run, summing, "--dataset", "d", "-o", "t")
    assert "always zero: a" in out
    assert read_table("t").entries["a"].threshold > 0


def test_bad_samples_are_one_sentence(run, small, tmp_path):
    assert "does not exist" in refused(run, small, "--dataset", "nowhere")
    (tmp_path / "empty").mkdir()
    assert "has no npz, npy or image files" in refused(run, small, "--dataset", "empty")
    assert "give --dataset" in refused(run, small)
    assert "give one of them" in refused(run, small, "--dataset", "empty", "--data_list", "x")
    assert "cannot be read" in refused(run, small, "--data_list", "nolist")
    (tmp_path / "nothing").write_text("# nothing\n")
    assert "names no samples" in refused(run, small, "--data_list", "nothing")
    assert "is not a folder" in refused(run, small, "--dataset", "nothing")

    def folder(name: str, **arrays: np.ndarray) -> Path:
        path = tmp_path / name
        path.mkdir()
        np.savez(path / "s.npz", **arrays)
        return path

    wrong = folder("wrong", x=np.zeros((1, 3, 8, 9), np.float32))
    assert "has the shape [1, 3, 8, 9]" in refused(run, small, "--dataset", wrong)
    missing = folder("missing", z=np.zeros((1, 3, 8, 8), np.float32))
    assert "no array for the input 'x'" in refused(run, small, "--dataset", missing)
    endless = folder("endless", x=np.full((1, 3, 8, 8), np.inf, np.float32))
    text = refused(run, small, "--dataset", endless)
    assert "'x'" in text and "s.npz" in text and "infinite" in text
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "s.npz").write_bytes(b"PK\x03\x04 nothing")
    assert "s.npz" in refused(run, small, "--dataset", "broken")
    (pictures(tmp_path / "mixed") / "a.npz").write_bytes(b"")
    assert "mixes .npz and image files" in refused(run, small, "--dataset", "mixed")
    (pictures(tmp_path / "bad") / "1.png").write_bytes(b"no picture")
    assert "1.png" in refused(run, small, "--dataset", "bad")
    assert not list(tmp_path.glob("*cali_table*"))


def test_bad_options_are_one_sentence(run, small, samples):
    assert "samples is -1" in refused(run, small, "--dataset", samples, "--input_num", "-1")
    assert "tuning samples is -2" in refused(run, small, "--dataset", samples, "--tune_num", "-2")
    assert "auto chooses by samples" in refused(
        run, small, "--dataset", samples, "--tune_num", "0", "--cali_method", "auto"
    )
    assert "histogram bins is 5" in refused(run, small, "--dataset", samples, "--histogram_bin_num", "5")
    assert "softmax runs in float" in refused(run, small, "--dataset", samples, "--smc")
    assert "invalid choice" in refused(run, small, "--dataset", samples, "--cali_method", "best")
    assert "cannot be written" in refused(run, small, "--dataset", samples, "-o", "no/such/folder")
    assert "bm1688 is not supported" in refused(run, small, "--dataset", samples, "--chip", "bm1688")
    assert "belongs to a search" in refused(run, small, "--dataset", samples, "--cluster")
    assert "cannot be read" in refused(run, "no.mlir", "--dataset", samples)


def test_a_module_that_is_not_canonical_is_refused(run, small, samples):
    text = small.read_text().replace("TOP_F32", "TPU_LOWERED")
    small.write_text(text)
    assert "TPU_LOWERED" in refused(run, small, "--dataset", samples)
