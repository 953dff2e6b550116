"""docs/operators.md is made from the code; it must be current."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import operator_sources  # noqa: E402
import operators  # noqa: E402


@pytest.mark.skipif(bool(operators.missing()), reason="not all front ends are installed")
def test_the_page_is_current() -> None:
    written = operators.TARGET.read_text(encoding="utf-8")
    assert written == operators.render(), "run python tools/operators.py and commit docs/operators.md"


def _kinds(convert: object, operator: str) -> set[str]:
    return operator_sources.Scan({"Add", "AddConst", "Sub", "Mul", "Relu"}).of(convert, operator)  # type: ignore[arg-type]


KINDS = {"First": "Add", "Second": "Sub"}


def test_names_in_comparisons_and_of_other_operators_do_not_count() -> None:
    def convert(call: object, op_type: str) -> tuple[str, str]:
        if op_type == "Relu":
            return KINDS[op_type], "AddConst"
        return {"First": "Mul", "Second": "Sub"}[op_type], "something"

    convert.__module__ = "tpu_mlir.frontend.example"
    assert _kinds(convert, "First") == {"Add", "AddConst", "Mul"}
    assert _kinds(convert, "Second") == {"Sub", "AddConst"}


def test_what_a_converter_closes_over_counts() -> None:
    def made(kind: str) -> object:
        def convert(call: object) -> str:
            return kind

        return convert

    assert _kinds(made("Relu"), "Any") == {"Relu"}


def test_onnx_converters_give_what_they_are_known_to_give() -> None:
    from tpu_mlir.frontend.onnx import ops as _ops  # noqa: F401
    from tpu_mlir.frontend.onnx.registry import find

    scan = operator_sources.Scan(operators.registered_ops())
    for operator, expected in (("Add", {"Add", "AddConst"}), ("Softmax", {"Softmax"}), ("Conv", {"Conv"})):
        entry = find(operator, "", 20)
        assert entry is not None
        assert expected <= scan.of(entry.convert, operator)
