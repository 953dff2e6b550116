"""The calibration table: upstream's text in both directions, errors that name the line, names compared both ways."""

from __future__ import annotations

import pytest
from tpu_mlir.calibration.table import CalibrationTable, Entry, mismatch, parse_table, read_table, write_table
from tpu_mlir.errors import UserError

UPSTREAM = """# mlir version: v1.30.2-20260831 cali version 1.0
# mlir: tiny.mlir
# genetated time: 2026-11-20 17:11:06.500961
# quantization threshold calculation method: ['kl']
# histogram number: 2048
# sample number: 8
###
# tune number: 5
###
# op_name    threshold    min    max
in0 4.0689937 -3.6902356 4.1086926
/Relu_output_0_Relu 2.3508250 -0.0000000 2.3797638
/GlobalAveragePool_output_0_GlobalAveragePool 0.7777809 0.1864678 0.7777809
"""


def test_a_table_of_upstream_is_read():
    table = parse_table(UPSTREAM, "t")
    assert table.entries["in0"] == Entry(4.0689937, -3.6902356, 4.1086926)
    assert table.entries["/Relu_output_0_Relu"].minimum == 0
    assert list(table.entries)[2] == "/GlobalAveragePool_output_0_GlobalAveragePool"
    assert table.header[1] == "mlir: tiny.mlir"


def test_what_is_written_is_upstreams_text_again(tmp_path):
    table = parse_table(UPSTREAM, "t")
    write_table(tmp_path / "t", table)
    assert (tmp_path / "t").read_text() == UPSTREAM


def test_every_line_has_the_form_that_upstream_looks_for(tmp_path):
    import re

    values = {"a": Entry(1e-7, -3e-9, 1e-7), "b": Entry(12345.678, -1.0, 12345.678), "c": Entry(1e20, 0.0, 1e20)}
    write_table(tmp_path / "t", CalibrationTable(values))
    for line in (tmp_path / "t").read_text().splitlines():
        assert re.fullmatch(r"\S+\s+[-0-9.e]+\s+[-0-9.e]+\s+[-0-9.e]+", line), line
    for name, entry in read_table(tmp_path / "t").entries.items():
        assert entry.threshold == pytest.approx(values[name].threshold, rel=1e-7)
        assert entry.minimum == pytest.approx(values[name].minimum, rel=1e-7)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("conv1 1.0 -1.0", "3 words"),
        ("conv1 1.0 -1.0 1.0 2.0", "5 words"),
        ("conv1 one -1.0 1.0", "with numbers"),
        ("conv1 nan -1.0 1.0", "finite"),
        ("conv1 0.0000000 0.0 1.0", "must be positive"),
        ("conv1 -2 -1.0 1.0", "must be positive"),
        ("conv1 2 1.0 -1.0", "above its maximum"),
        ("in0 1.0 -1.0 1.0", "has a line already"),
        ("#int4_th", "8-bit"),
        ("#weight_scale something", "8-bit"),
    ],
)
def test_a_bad_line_is_named_with_its_number(line, words):
    with pytest.raises(UserError, match="t, line 14") as caught:
        parse_table(UPSTREAM + line + "\n", "t")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_without_thresholds_or_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(UserError, match="no thresholds"):
        parse_table("# only comments\n", "t")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(UserError, match="not a text file"):
        read_table(tmp_path / "binary")
    with pytest.raises(UserError, match="cannot be read"):
        read_table(tmp_path / "missing")


def test_names_are_compared_both_ways():
    table = parse_table(UPSTREAM, "t")
    found = mismatch(table, ["in0", "/Relu_output_0_Relu", "other"])
    assert found.unknown == ["/GlobalAveragePool_output_0_GlobalAveragePool"]
    assert found.missing == ["other"]
    sentences = mismatch({"conv_1": Entry(1, -1, 1)}, ["conv_2"]).sentences(["conv_2"])
    assert "did you mean 'conv_2'" in sentences[0]
    assert "lacks tensors of the network: conv_2" in sentences[1]
    assert not mismatch({"a": Entry(1, -1, 1)}, ["a"]).sentences(["a"])
