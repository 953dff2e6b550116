"""The worked example of docs/quantization.md is what its commands print.

Commands run in their order, in one folder. Words must be equal; numbers may differ by 5 % or 0.003, because float
evaluation differs in the last bits between instruction sets and thresholds amplify that; times are left out. With
TPU_MLIR_UPDATE_DOCS=1 the outputs in the page are replaced by those of this run.
"""

from __future__ import annotations

import importlib
import os
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quantization.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
TIMES = re.compile(
    r"\b[\d.]+ s\b|^(lower|Tpu / Top|order|groups|final|codegen|bmodel / Tpu) +\d+\.\d\d\b", re.MULTILINE
)


def examples(text: str) -> list[tuple[str, str]]:
    """Each command of the blocks with the output printed below it."""
    found = []
    for block in BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def run(command: str, capture: pytest.CaptureFixture[str]) -> str:
    name, *arguments = shlex.split(command)
    module = importlib.import_module(f"tpu_mlir.cli.{name.removesuffix('.py')}")
    capture.readouterr()
    assert module.main(arguments) == 0, capture.readouterr().err
    return capture.readouterr().out


def assert_alike(printed: str, expected: str) -> None:
    ours, theirs = (TIMES.sub(r"\1", text).split() for text in (printed, expected))
    assert len(ours) == len(theirs), f"printed:\n{printed}\nin the page:\n{expected}"
    for mine, other in zip(ours, theirs, strict=True):
        try:
            a, b = float(mine.replace(",", "")), float(other.replace(",", ""))
        except ValueError:
            assert mine == other, f"printed:\n{printed}\nin the page:\n{expected}"
            continue
        assert abs(a - b) <= max(0.003, 0.05 * abs(b)), f"{mine} against {other} in\n{printed}"


def test_the_example_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet").symlink_to(ROOT / "regression" / "models" / "lenet")
    text = PAGE.read_text()
    update = os.environ.get("TPU_MLIR_UPDATE_DOCS") == "1"
    shown = examples(text)
    assert len(shown) >= 7
    for command, expected in shown:
        printed = run(command, capsys)
        if update:
            text = text.replace(f"$ {command}\n{expected}", f"$ {command}\n{printed}", 1)
        else:
            assert_alike(printed, expected)
    if update:
        PAGE.write_text(text)
