"""Quantize tables, metrics of users, names in options."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir.errors import UserError
from tpu_mlir.search.graph import Graph, Layer
from tpu_mlir.search.options import SearchOptions
from tpu_mlir.search.tables import quantize_table_text, read_quantize_table, write_quantize_table
from tpu_mlir.search.targets import Targets, load_metric, targets_of
from tpu_mlir.search.thresholds import parse_methods

NAMES = ("conv1_Conv", "conv2_Conv", "relu:0_Relu", "out_Gemm")
GRAPH = Graph(tuple(Layer(name, "Conv", (), (), (1, 2)) for name in NAMES), {}, ("out_Gemm",), {})


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    modes = {"conv1_Conv": "F16", "out_Gemm": "F32"}
    write_quantize_table(tmp_path / "q", modes, ["chip: bm1684x"])
    assert read_quantize_table(tmp_path / "q", NAMES) == modes
    assert "# op_name   quantize_mode" in quantize_table_text(modes, [])


def test_modes_in_any_case_comments_and_group_sizes(tmp_path: Path) -> None:
    path = table(tmp_path / "q", "# a comment\n\nconv1_Conv f16\n  out_Gemm  W4F16 64\n")
    assert read_quantize_table(path) == {"conv1_Conv": "F16", "out_Gemm": "W4F16"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("conv3_Conv F16", ["line 2", "'conv3_Conv'", "did you mean", "'conv1_Conv'", "'conv2_Conv'"]),
        ("conv1_Conv F17", ["line 2", "'F17'", "F16"]),
        ("conv1_Conv", ["line 2", "expected"]),
        ("conv1_Conv F16 much", ["line 2", "expected"]),
        ("conv1_Conv F16 # why", ["line 2", "expected"]),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, words: list[str]) -> None:
    path = table(tmp_path / "q", f"# head\n{line}\n")
    with pytest.raises(UserError) as error:
        read_quantize_table(path, NAMES)
    for word in words:
        assert word in str(error.value)


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_quantize_table(tmp_path / "absent")


def test_the_worst_tensor_counts_and_weights_make_a_mean() -> None:
    pairs = [
        ({"a": np.array([1.0, 0.0]), "b": np.array([1.0, 1.0])}, {"a": np.array([1.0, 0.0]), "b": np.array([1, 0])})
    ]
    assert Targets(("a", "b")).score(pairs) == pytest.approx(np.sqrt(0.5))
    assert Targets(("a", "b"), (0.5, 0.5)).score(pairs) == pytest.approx((1 + np.sqrt(0.5)) / 2)


def test_layers_to_compare() -> None:
    found = targets_of(GRAPH, layers="conv1_Conv:3,relu:0_Relu")
    assert found.names == ("conv1_Conv", "relu:0_Relu")
    assert found.weights == (0.75, 0.25)
    assert targets_of(GRAPH, layers="conv1_Conv, conv2_Conv").weights is None
    assert targets_of(GRAPH).names == ("out_Gemm",)
    for text, words in (("conv9_Conv", "did you mean"), ("conv1_Conv:-1", "positive"), ("conv1_Conv:x", "positive")):
        with pytest.raises(UserError, match=words):
            targets_of(GRAPH, layers=text)


def test_metric_of_a_script(tmp_path: Path) -> None:
    script = table(
        tmp_path / "top1.py",
        "def metric(outputs, reference):\n    return float(outputs['y'].argmax() == reference['y'].argmax())\n",
    )
    targets = Targets(("y",), metric=load_metric(script))
    right, wrong = {"y": np.array([0.0, 2.0])}, {"y": np.array([1.0, 0.5])}
    assert targets.score([(right, right), (wrong, right)]) == 0.5


def test_a_class_post_process(tmp_path: Path) -> None:
    script = table(
        tmp_path / "post.py", "class PostProcess:\n    def __call__(self, outputs):\n        return outputs['y'][:2]\n"
    )
    targets = Targets(("y",), metric=load_metric(script))
    a, b = {"y": np.array([1.0, 2.0, 3.0])}, {"y": np.array([1.0, 2.0, -3.0])}
    assert targets.score([(a, b)]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "neither"),
        ("import nothing_of_the_kind\n", "cannot be run"),
        ("def metric(:\n", "cannot be run"),
    ],
)
def test_bad_scripts(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        load_metric(table(tmp_path / "script.py", text))


@pytest.mark.parametrize("body", ["raise KeyError('y')", "return float('nan')", "return 'much'"])
def test_a_metric_that_fails(tmp_path: Path, body: str) -> None:
    script = table(tmp_path / "script.py", f"def metric(outputs, reference):\n    {body}\n")
    with pytest.raises(UserError, match="metric of --post_process"):
        Targets(("y",), metric=load_metric(script)).score([({}, {})])


def test_methods() -> None:
    assert parse_methods("MSE, use_kl,max,mse") == ["mse", "kl", "max"]
    with pytest.raises(UserError, match="did you mean 'percentile9999'"):
        parse_methods("percentile999")
    with pytest.raises(UserError, match="no method"):
        parse_methods(" , ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mix_mode": "wi4ai8_wi8ai8"}, "wi8ai8_fp"),
        ({"chip": "bm1688"}, "bm1684x"),
        ({"expected": 1.5}, "no cosine"),
        ({"max_float_layers": -1}, "negative"),
        ({"min_layer_cos": 2.0}, "no cosine"),
        ({"benchmark": "mse"}, "cos or snr"),
        ({"float_type": "F8"}, "F16"),
    ],
)
def test_options_outside_their_range(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=re.escape(words)):
        SearchOptions(Path("a.mlir"), Path("table"), **changes).check()  # type: ignore[arg-type]
