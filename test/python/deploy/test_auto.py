"""model_deploy --auto: one command from samples to a bmodel, which says what it chose and how to get it again."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from command_support import one_sentence
from tpu_mlir.runtime.bmodel import BModel


def test_one_command_calibrates_chooses_and_compiles(deploy, run, calibrated, tmp_path):
    status, out, err = deploy("--auto", "--dataset", calibrated / "cali", "--expected_cos", "0.999")
    assert status == 0, err
    assert (tmp_path / "small_auto_cali_table").exists()
    assert "chosen: " in out
    assert "bmodel / Tpu" in out
    (line,) = (line for line in out.splitlines() if line.startswith("the same without a search: "))
    words = shlex.split(line.split(": ", 1)[1])
    assert "--auto" not in words and "--dataset" not in words
    with np.load(calibrated / "in.npz") as arrays:
        inputs = dict(arrays)
    first = BModel("small.bmodel").run(inputs)
    (tmp_path / "small.bmodel").unlink()
    status, _, err = run(words[0].removesuffix(".py"), *words[1:])
    assert status == 0, err
    again = BModel("small.bmodel").run(inputs)
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_layers_become_float_where_8_bits_are_not_enough(deploy, calibrated, tmp_path):
    status, out, err = deploy("--auto", "--dataset", calibrated / "cali", "--expected_cos", "0.999999")
    assert status == 0, err
    lines = (tmp_path / "small_auto_qtable").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")]
    assert "--quantize_table" in out


def test_hints_after_a_search_go_on_from_what_it_chose(deploy, calibrated):
    status, out, _ = deploy(
        "--auto", "--dataset", calibrated / "cali", "--expected_cos", "0.999", "--tolerance", "0.9999999,0.9999999"
    )
    assert status == 1
    proposed = [shlex.split(line) for line in out.splitlines() if line.startswith("    ")]
    deployments = [words for words in proposed if words[0] == "model_deploy.py"]
    assert deployments
    for words in deployments:
        assert "--auto" not in words
        assert "small_auto_cali_table" in words[words.index("--calibration_table") + 1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--auto"], ["--dataset", "--data_list"]),
        (["--auto", "--dataset", "missing"], ["missing"]),
        (["--auto", "--dataset", "empty"], ["empty"]),
        (["--auto", "--dataset", "CALI", "--data_list", "l"], ["--dataset", "--data_list"]),
        (["--auto", "--dataset", "CALI", "--quantize", "F16"], ["--auto", "F16"]),
        (["--auto", "--dataset", "CALI", "--asymmetric"], ["--asymmetric"]),
        (["--auto", "--dataset", "CALI", "--calibration_table", "TABLE"], ["--calibration_table"]),
        (["--auto", "--dataset", "CALI", "--input_num", "-1"], ["--input_num"]),
        (["--auto", "--dataset", "CALI", "--inference_num", "-2"], ["--inference_num"]),
        (["--auto", "--dataset", "CALI", "--expected_cos", "1.5"], ["--expected_cos", "1.5"]),
        (["--auto", "--dataset", "CALI", "--chip", "bm1684"], ["bm1684"]),
        (["--dataset", "CALI"], ["--dataset", "--auto"]),
    ],
)
def test_bad_input_is_one_sentence(deploy, calibrated, tmp_path, options, words):
    (tmp_path / "empty").mkdir()
    status, _, err = deploy(*(str(calibrated / "cali") if word == "CALI" else word for word in options))
    assert status == 1
    one_sentence(err, *words)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
