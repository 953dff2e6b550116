"""What model_deploy says when the tolerance is missed: the worst layers, and commands that can be run as they are."""

from __future__ import annotations

import shlex

import pytest
from tpu_mlir.deploy.hints import again, calibration_method, hints
from tpu_mlir.deploy.layers import LayerReport
from tpu_mlir.deploy.options import DeployOptions

INT8 = ("--quantize", "INT8", "--calibration_table", "TABLE")
STRICT = ("--tolerance", "0.9999999,0.9999999")


def commands(out: str) -> list[list[str]]:
    return [shlex.split(line) for line in out.splitlines() if line.startswith("    ")]


def test_a_missed_tolerance_names_layers_and_what_to_try(deploy):
    status, out, err = deploy(*INT8, *STRICT)
    assert status == 1
    assert "Tpu / Top" in err
    assert "worst of 4 layers" in out
    tried = [words[0] for words in commands(out)]
    assert {"run_calibration.py", "run_qtable.py", "model_deploy.py"} == set(tried)
    joined = [" ".join(words) for words in commands(out)]
    assert any("--asymmetric" in text for text in joined)
    assert any("--cali_method auto" in text for text in joined)
    assert any("--auto --dataset" in text and "--calibration_table" not in text for text in joined)


def test_what_was_tried_is_not_proposed_again(deploy, tmp_path):
    (tmp_path / "qtable").write_text("y_Gemm F16\n")
    status, out, _ = deploy(*INT8, *STRICT, "--asymmetric", "--quantize_table", "qtable")
    assert status == 1
    texts = [line for line in out.splitlines() if line.startswith("to try:")]
    assert not any("asymmetric" in text for text in texts)
    assert not any(words[0] == "run_qtable.py" for words in commands(out))
    assert any(words[0] == "printf" and words[-1] == "qtable" for words in commands(out))


def test_the_proposed_command_runs(deploy, run, calibrated):
    status, out, _ = deploy(*INT8, "--tolerance", "0.9999999,0.9")
    assert status == 1
    (command,) = [words for words in commands(out) if words[0] == "model_deploy.py" and "--asymmetric" in words]
    command[command.index("--tolerance") + 1] = "0.9,0.5"
    status, _, err = run("model_deploy", *command[1:])
    assert status == 0, err
    search = next(words for words in commands(out) if words[0] == "run_qtable.py")
    search = [str(calibrated / "cali") if word == "FOLDER" else word for word in search]
    search[search.index("-o") + 1] = "found_qtable"
    status, _, err = run("run_qtable", *search[1:])
    assert status == 0, err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--quantize", "F16"), ["BF16", "--high_precision", "F32"]),
        (("--quantize", "BF16"), ["F16", "F32"]),
        (("--quantize", "W4F16"), ["--q_group_size 32", "W8F16"]),
        (("--quantize", "W8BF16", "--q_symmetric"), ["--quantize BF16"]),
    ],
)
def test_float_and_weight_only_modes_have_hints_too(deploy, options, words):
    status, out, _ = deploy(*options, *STRICT)
    assert status == 1
    joined = "\n".join(" ".join(line) for line in commands(out))
    for word in words:
        assert word in joined
    if "--q_symmetric" in options:
        assert "--q_symmetric" not in joined


def test_f32_has_no_hint(tmp_path):
    options = DeployOptions(tmp_path / "n.mlir", "F32", "bm1684x", tmp_path / "n.bmodel")
    assert hints(options, LayerReport()) == []


def test_commands_keep_what_is_not_changed(tmp_path):
    words = ("model_deploy.py", "--mlir", "a b.mlir", "--quant_input", "--quantize=INT8", "--asymmetric", "--debug")
    options = DeployOptions(tmp_path / "n.mlir", "INT8", "bm1684x", tmp_path / "n.bmodel", command=words)
    changed = again(options, quantize="F16", asymmetric=None, high_precision=True)
    assert shlex.split(changed) == [
        "model_deploy.py", "--mlir", "a b.mlir", "--quant_input", "--debug", "--quantize", "F16", "--high_precision",
    ]  # fmt: skip


def test_the_method_is_read_from_the_table(tmp_path):
    ours = "# tpu-mlir\n# quantization threshold calculation method: ['percentile9999']\nx 1 -1 1\n"
    (tmp_path / "t").write_text(ours)
    assert calibration_method(tmp_path / "t") == "percentile9999"
    (tmp_path / "t").write_text("x 1 -1 1\n")
    assert calibration_method(tmp_path / "t") == ""
    assert calibration_method(tmp_path / "missing") == ""
