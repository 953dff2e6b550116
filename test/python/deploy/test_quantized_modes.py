"""Every option of model_deploy that concerns quantized modes, on a small network: files, types, similarity."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
from command_support import one_sentence
from tpu_mlir.runtime.bmodel import BModel

INT8 = ("--quantize", "INT8", "--calibration_table", "TABLE")


def outputs(folder: Path, model: Path = Path("small.bmodel")) -> np.ndarray:
    with np.load(folder / "in.npz") as arrays:
        return next(iter(BModel(model).run(dict(arrays)).values()))


def stage(out: str, name: str) -> tuple[float, float]:
    """Cosine and Euclidean similarity that a step printed."""
    (line,) = (line for line in out.splitlines() if line.startswith(name))
    cosine, euclidean = line.removeprefix(name).split()[1:3]
    return float(cosine), float(euclidean)


@pytest.mark.parametrize(
    "options",
    [
        INT8,
        (*INT8, "--asymmetric"),
        (*INT8, "--quant_mode", "OnlyScale"),
        (*INT8, "--quant_mode", "MultiplierShift"),
        (*INT8, "--quant_mode", "MultiplierShift", "--asymmetric"),
        (*INT8, "--matmul_perchannel"),
        (*INT8, "--high_precision"),
        (*INT8, "--opt", "1", "--disable_topo_sort"),
        (*INT8, "--disable_layer_group"),
        (*INT8, "--fazzy_match"),
        ("--quantize", "W8F16"),
        ("--quantize", "W8BF16"),
        ("--quantize", "W8F16", "--q_group_size", "16"),
        ("--quantize", "W4F16", "--q_group_size", "16", "--tolerance", "0.9,0.5"),
        ("--quantize", "W4BF16", "--q_group_size", "16", "--q_symmetric", "--tolerance", "0.9,0.5"),
    ],
)
def test_the_simulator_gives_what_the_evaluation_gives(deploy, options):
    status, out, err = deploy(*options)
    assert status == 0, err
    cosine, _ = stage(out, "Tpu / Top")
    assert cosine > 0.9
    if options[1] == "INT8":
        assert stage(out, "bmodel / Tpu") == (1.0, 1.0)
    assert "worst of" in out


def test_files_say_mode_and_symmetry(deploy, tmp_path):
    for options, word in (((), "int8_sym"), (("--asymmetric",), "int8_asym")):
        assert deploy(*INT8, *options)[0] == 0
        for name in (
            f"small_bm1684x_{word}_tpu.mlir",
            f"small_bm1684x_{word}_final.mlir",
            f"small_tpu_addressed_bm1684x_{word}_weight.npz",
        ):
            assert (tmp_path / name).exists(), name
    assert not list(tmp_path.glob("*_tpu_weights.npz"))


def test_weights_of_a_mixed_network_have_their_own_name(deploy, tmp_path):
    (tmp_path / "qtable").write_text("# op_name quantize_mode\ny_Gemm F16\n")
    assert deploy(*INT8, "--quantize_table", "qtable", "--debug")[0] == 0
    assert (tmp_path / "small_bm1684x_int8_sym_tpu_qtable_weights.npz").exists()


@pytest.mark.parametrize("mode", ["F16", "f32", "BF16"])
def test_a_quantize_table_decides_for_single_layers(deploy, calibrated, tmp_path, mode):
    assert deploy(*INT8)[0] == 0
    integer = outputs(calibrated)
    (tmp_path / "qtable").write_text(f"r_Relu {mode}\n")
    status, _, err = deploy(*INT8, "--quantize_table", "qtable", "--compare_all")
    assert status == 0, err
    lines = (tmp_path / "small_bm1684x_int8_sym_compare.csv").read_text().splitlines()
    kinds = {line.split(",")[1]: line.split(",")[4] for line in lines}
    assert kinds["r_Relu"] == mode.lower()
    assert kinds["p_MaxPool"] != "f32"
    with np.load(calibrated / "top.npz") as top:
        expected = top["y_Gemm"]
    mixed = outputs(calibrated)
    assert np.linalg.norm(mixed - expected) <= np.linalg.norm(integer - expected)


@pytest.mark.parametrize(
    ("options", "given", "taken"),
    [
        (("--quant_input",), "int8", "float32"),
        (("--quant_output",), "float32", "int8"),
        (("--quant_input", "--quant_output", "--asymmetric"), "int8", "int8"),
        (("--quant_input", "--quant_input_list", "1"), "int8", "float32"),
        (("--quant_output", "--quant_output_list", "1"), "float32", "int8"),
        (("--quant_input_int8", "--quant_output_int8"), "int8", "int8"),
        (("--quant_output_bf16",), "float32", "bfloat16"),
    ],
)
def test_inputs_and_outputs_are_left_in_chip_types(deploy, calibrated, options, given, taken):
    status, out, err = deploy(*INT8, *options)
    assert status == 0, err
    assert stage(out, "bmodel / Tpu")[0] > 0.99999
    model = BModel("small.bmodel")
    assert model.inputs()[0].dtype == given
    assert model.outputs()[0].dtype == taken
    with np.load(calibrated / "top.npz") as top:
        expected = top["y_Gemm"]
    found = outputs(calibrated)
    assert float(np.vdot(found, expected) / np.linalg.norm(found) / np.linalg.norm(expected)) > 0.99


def test_half_precision_inputs_and_outputs(deploy):
    status, out, err = deploy("--quantize", "F16", "--quant_input", "--quant_output")
    assert status == 0, err
    model = BModel("small.bmodel")
    assert (model.inputs()[0].dtype, model.outputs()[0].dtype) == ("float16", "float16")


def test_equal_calls_give_equal_bytes(deploy, tmp_path):
    assert deploy(*INT8, "--compare_all")[0] == 0
    names = ["small.bmodel", "small_bm1684x_int8_sym_compare.html", "small_bm1684x_int8_sym_compare.csv"]
    first = [(tmp_path / name).read_bytes() for name in names]
    assert deploy(*INT8, "--compare_all")[0] == 0
    assert [(tmp_path / name).read_bytes() for name in names] == first


def table(*changes: tuple[str, str]) -> str:
    text = "x 3.0 -3.0 3.0\nr_Relu 2.0 0.0 2.0\np_MaxPool 2.0 0.0 2.0\nf_Flatten 2.0 0.0 2.0\ny_Gemm 4.0 -4.0 4.0\n"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(("r_Relu 2.0 0.0 2.0", "r_Relu 2.0 0.0")), ["line 2"]),
        (table(("r_Relu 2.0", "r_Relu two")), ["line 2"]),
        (table(("r_Relu 2.0", "r_Relu 0.0")), ["line 2"]),
        (table(("r_Relu 2.0", "r_Relu -1.0")), ["line 2"]),
        (table(("r_Relu 2.0", "r_Relu nan")), ["line 2"]),
        (table(("y_Gemm 4.0 -4.0 4.0", "y_Gemm 4.0 4.0 -4.0")), ["line 5"]),
        ("other 1.0 -1.0 1.0\nnames 2.0 0.0 2.0\n", ["another"]),
        ("", []),
        ("\0\1\2", []),
    ],
)
def test_calibration_tables_that_make_no_sense(deploy, tmp_path, text, words):
    (tmp_path / "bad_table").write_text(text)
    status, _, err = deploy("--quantize", "INT8", "--calibration_table", "bad_table")
    assert status == 1
    one_sentence(err, "bad_table", *words)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".bmodel"] == []


def test_names_that_one_side_lacks_are_reported(deploy, tmp_path):
    (tmp_path / "t").write_text(table(("p_MaxPool", "p_Maxpool")))  # its range follows from that of r_Relu
    status, out, _ = deploy("--quantize", "INT8", "--calibration_table", "t", "--tolerance", "0,-9")
    assert status == 0
    assert any("p_Maxpool" in line for line in out.splitlines() if line.startswith("note: "))
    (tmp_path / "t").write_text(table(("r_Relu 2.0 0.0 2.0\n", ""), ("p_MaxPool 2.0 0.0 2.0\n", "")))
    status, _, err = deploy("--quantize", "INT8", "--calibration_table", "t")
    assert status == 1
    one_sentence(err, "r_Relu", "range")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("r_Rel F16\n", ["r_Rel", "r_Relu", "line 1"]),
        ("# head\n\nr_Relu F17\n", ["line 3", "F16"]),
        ("r_Relu\n", ["line 1"]),
        ("r_Relu F16 64 x\n", ["line 1"]),
    ],
)
def test_quantize_tables_that_make_no_sense(deploy, tmp_path, text, words):
    (tmp_path / "bad_qtable").write_text(text)
    for more in ((), ("--high_precision",)):
        status, _, err = deploy(*INT8, "--quantize_table", "bad_qtable", *more)
        assert status == 1
        one_sentence(err, "bad_qtable", *words)


def test_paths_may_have_blanks_and_brackets(deploy, calibrated, tmp_path):
    folder = tmp_path / "a b {c}, d"
    folder.mkdir()
    (folder / "t 1").write_text((calibrated / "small_cali_table").read_text())
    (folder / "q 1").write_text("r_Relu F16\n")
    status, _, err = deploy(
        "--quantize", "INT8", "--calibration_table", folder / "t 1", "--quantize_table", folder / "q 1", "--model",
        folder / "m 1.bmodel",
    )  # fmt: skip
    assert status == 0, err
    assert (folder / "m 1.bmodel").exists()


def test_partners_of_unknown_names_are_found_by_content(deploy, calibrated, tmp_path):
    with np.load(calibrated / "top.npz") as top:
        np.savez(tmp_path / "renamed.npz", **{f"other_{name}": array for name, array in top.items()})
    reference = ("--test_reference", "renamed.npz")
    status, _, err = deploy(*INT8, *reference)
    assert status == 1
    one_sentence(err, "renamed.npz", "y_Gemm")
    status, out, err = deploy(*INT8, *reference, "--fazzy_match", "--compare_all")
    assert status == 0, err
    assert stage(out, "Tpu / Top")[0] > 0.99
    rows = (tmp_path / "small_bm1684x_int8_sym_compare.csv").read_text().splitlines()[1:]
    assert {"r_Relu", "y_Gemm"} <= {row.split(",")[1] for row in rows}


def damaged(text: str, r: random.Random) -> str:
    """Numbers, words and lines exchanged, cut or repeated."""
    for _ in range(r.choice([1, 1, 2, 3])):
        words = list(re.finditer(r"\S+", text))
        lines = text.split("\n")
        kind = r.randrange(4)
        if kind == 0 and words:
            match = r.choice(words)
            new = r.choice(["0", "-1", "1e39", "1e-45", "nan", "-inf", "F16", "y_Gemm", "#", "\x00", "é", "1e400", ""])
            text = text[: match.start()] + new + text[match.end() :]
        elif kind == 1:
            text = "\n".join(lines + [r.choice(lines)])
        elif kind == 2 and len(lines) > 1:
            del lines[r.randrange(len(lines))]
            text = "\n".join(lines)
        else:
            text = text[: r.randrange(len(text) + 1)]
    return text


@pytest.mark.parametrize("seed", range(60))
def test_damaged_tables_work_or_are_refused(deploy, tmp_path, seed):
    r = random.Random(seed)
    good = {"t": table(), "q": "# head\nr_Relu F16\ny_Gemm INT8\n"}
    kind = r.choice(list(good))
    for name, text in good.items():
        (tmp_path / name).write_text(damaged(text, r) if name == kind else text, encoding="utf-8")
    status, _, err = deploy(
        "--quantize", "INT8", "--calibration_table", "t", "--quantize_table", "q", "--tolerance", "0,-99",
        "--not_gen_bmodel",
    )  # fmt: skip
    if status:
        one_sentence(err)
