"""npz_tool: every subcommand changes or prints what it says."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from command_support import one_sentence


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(6, dtype=np.float32).reshape(2, 3), n=np.array([1, 2], np.int32))
    return path


def arrays(path):
    with np.load(path) as loaded:
        return {name: loaded[name] for name in loaded.files}


def test_dump_lists_and_prints(run, archive):
    status, out, _ = run("npz_tool", "dump", archive)
    assert status == 0
    assert out.split() == ["name", "shape", "type", "x", "[2,3]", "float32", "n", "[2]", "int32"]
    assert run("npz_tool", "print", archive, "x", "2")[1].endswith("[0. 1.]\n")
    assert run("npz_tool", "dump", archive, "x", "-1")[1].endswith("[5.]\n")
    assert run("npz_tool", "dump", archive, "x", "1:5:2")[1].endswith("[1. 3.]\n")
    assert run("npz_tool", "get_shape", archive, "x")[1] == "[2,3]\n"


def test_extract_remove_rename_merge_and_insert(run, archive, tmp_path):
    assert run("npz_tool", "extract", archive, tmp_path / "e.npz", "n")[0] == 0
    assert list(arrays(tmp_path / "e.npz")) == ["n"]
    assert run("npz_tool", "rename", archive, "x", "y")[0] == 0
    assert list(arrays(archive)) == ["y", "n"]
    assert run("npz_tool", "remove", archive, "n")[0] == 0
    assert list(arrays(archive)) == ["y"]
    assert run("npz_tool", "merge", archive, tmp_path / "e.npz", tmp_path / "m.npz")[0] == 0
    assert list(arrays(tmp_path / "m.npz")) == ["y", "n"]
    assert run("npz_tool", "insert", tmp_path / "e.npz", archive)[0] == 0
    assert list(arrays(archive)) == ["y", "n"]


def test_reshape_and_permute(run, archive):
    assert run("npz_tool", "reshape", archive, "x", "3,2")[0] == 0
    assert arrays(archive)["x"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert run("npz_tool", "permute", archive, "x", "1,0")[0] == 0
    assert arrays(archive)["x"].tolist() == [[0, 2, 4], [1, 3, 5]]
    status, _, err = run("npz_tool", "reshape", archive, "x", "4,2")
    assert status == 1
    one_sentence(err, "x", "[4, 2]")


def test_half_precision_conversions_round_to_nearest_even(run, tmp_path):
    values = np.array([1.0, 1 + 2**-8, 1 + 3 * 2**-8, -2.5, 65504, 1e30, np.inf, np.nan], np.float32)
    np.savez(tmp_path / "f.npz", v=values)
    assert run("npz_tool", "fp32_to_bf16", tmp_path / "f.npz", tmp_path / "b.npz")[0] == 0
    bits = arrays(tmp_path / "b.npz")["v"]
    assert bits.dtype == np.uint16
    assert bits[:4].tolist() == [0x3F80, 0x3F80, 0x3F82, 0xC020]
    assert run("npz_tool", "bf16_to_fp32", tmp_path / "b.npz", tmp_path / "w.npz")[0] == 0
    wide = arrays(tmp_path / "w.npz")["v"]
    assert wide[:4].tolist() == [1.0, 1.0, 1 + 2**-6, -2.5]
    assert np.isnan(wide[-1])
    assert np.isposinf(wide[-2])
    assert run("npz_tool", "fp32_to_fp16", tmp_path / "f.npz", tmp_path / "h.npz")[0] == 0
    assert run("npz_tool", "fp16_to_fp32", tmp_path / "h.npz", tmp_path / "w.npz")[0] == 0
    assert np.array_equal(arrays(tmp_path / "w.npz")["v"][[0, 3, 4]], values[[0, 3, 4]])


def test_raw_files(run, archive, tmp_path):
    assert run("npz_tool", "to_bin", archive, "n", tmp_path / "n.bin")[0] == 0
    assert (tmp_path / "n.bin").read_bytes() == np.array([1, 2], np.int32).tobytes()
    assert run("npz_tool", "to_bin", archive, "n", tmp_path / "n.bin", "int8")[0] == 0
    assert (tmp_path / "n.bin").read_bytes() == b"\1\2"
    assert run("npz_tool", "to_dat", archive, tmp_path / "all.dat")[0] == 0
    assert len((tmp_path / "all.dat").read_bytes()) == 6 * 4 + 2 * 4
    assert run("npz_tool", "to_npy", archive, "n")[0] == 0
    assert np.load(tmp_path / "n.npy").tolist() == [1, 2]


def test_compare_tells_what_differs(run, archive, tmp_path):
    other = tmp_path / "b.npz"
    np.savez(other, x=np.arange(6, dtype=np.float32).reshape(2, 3) * -1, n=np.array([1, 2], np.int32))
    status, out, _ = run("npz_tool", "compare", archive, archive)
    assert (status, "PASS" in out) == (0, True)
    status, out, _ = run("npz_tool", "compare", archive, other, "-vv", "--save", tmp_path / "r.csv")
    assert status == 1
    assert "x (2, 3) NOT_SIMILAR: cosine -1.000000" in out
    assert "[5] 5 instead of -5" in out
    assert "FAIL" in out
    with (tmp_path / "r.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], row["pass"]) for row in rows] == [("x", "0"), ("n", "1")]
    assert run("npz_tool", "compare", archive, other, "--excepts", "x")[0] == 0
    assert run("npz_tool", "compare", archive, other, "--key", "n")[0] == 0
    assert run("npz_tool", "compare", archive, other, "--tolerance=-2,-1e12")[0] == 0
    status, out, _ = run("npz_tool", "compare", archive, other, "--per_axis_compare", "0")
    assert status == 1
    assert "index 1: x" in out
    assert run("npz_tool", "print_diff", archive, other, "x")[1].endswith("5 of 6 elements differ\n")


def test_values_that_are_not_finite_are_found(run, tmp_path):
    np.savez(tmp_path / "f.npz", a=np.array([1, np.nan, np.inf], np.float32), b=np.zeros(2, np.float32))
    status, out, _ = run("npz_tool", "check_nan_inf", tmp_path / "f.npz")
    assert status == 1
    assert out.split()[-3:] == ["a", "1", "1"]
    assert "b" not in out.split()
    assert run("npz_tool", "statistic", tmp_path / "f.npz")[0] == 0


def test_thresholds_of_a_calibration_table_clip(run, tmp_path):
    np.savez(tmp_path / "f.npz", a=np.array([3.0, 4.0], np.float32))
    (tmp_path / "t").write_text("# table\na 4.0 0 4\n")
    assert "1.000000" in run("npz_tool", "cali_test", tmp_path / "f.npz", "--calibration_table", tmp_path / "t")[1]
    (tmp_path / "t").write_text("# table\na 4.0 0 4\nbroken line\n")
    status, _, err = run("npz_tool", "cali_test", tmp_path / "f.npz", "--calibration_table", tmp_path / "t")
    assert status == 1
    one_sentence(err, "line 3", "broken line")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dump", "missing.npz"], ["missing.npz"]),
        (["dump", "a.npz", "zzz"], ["zzz", "x"]),
        (["dump", "a.npz", "x", "abc"], ["abc"]),
        (["rename", "a.npz", "x", "n"], ["n"]),
        (["permute", "a.npz", "x", "0,0"], ["x"]),
        (["permute", "a.npz", "0,1"], ["2 arrays"]),
        (["extract", "a.npz", "no/such/dir/e.npz", "x"], ["no/such/dir/e.npz"]),
        (["merge", "a.npz", "b.npz"], ["merge"]),
        (["nonsense", "a.npz"], ["nonsense"]),
        (["dump", "a.npz", "--nonsense"], ["--nonsense"]),
    ],
)
def test_mistakes_are_one_sentence_and_status_1(run, archive, arguments, words):
    before = archive.read_bytes()
    status, _, err = run("npz_tool", *arguments)
    assert status == 1
    one_sentence(err, *words)
    assert archive.read_bytes() == before


def test_damaged_archives_are_refused(run, archive, tmp_path):
    good = archive.read_bytes()
    random = np.random.default_rng(5)
    samples = [good[: len(good) // 2], good[:-10], b"", b"random bytes", bytes(random.integers(0, 256, 500, np.uint8))]
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(3):
            damaged[random.integers(len(damaged))] ^= 1 << random.integers(8)
        samples.append(bytes(damaged))
    for sample in samples:
        (tmp_path / "d.npz").write_bytes(sample)
        status, _, err = run("npz_tool", "dump", tmp_path / "d.npz")
        if status:
            one_sentence(err, "d.npz")
    (tmp_path / "o.npz").write_bytes(b"")
    np.savez(tmp_path / "o.npz", a=np.array([{}], object))
    status, _, err = run("npz_tool", "dump", tmp_path / "o.npz")
    assert status == 1
    one_sentence(err, "o.npz")
