"""Every op of both dialects can be evaluated: its example runs and gives the shapes that it states."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))

from example_modules import ExampleModule, all_examples, shape_of  # noqa: E402
from tpu_mlir import ir  # noqa: E402
from tpu_mlir.evaluation import ModuleInterpreter  # noqa: E402

# These bring values in or structure a function; they are evaluated as part of every network, not on their own.
STRUCTURE = {"None", "Weight", "Input", "Group", "Load", "Store", "Yield"}
NOT_EVALUATED = {"Custom"}
"""What it does is known to whoever gives a function for it."""

CASES = [
    pytest.param(example, id=f"{dialect.lower()}.{example.op}")
    for dialect in ("Top", "Tpu")
    for example in all_examples(dialect)
    if example.op not in STRUCTURE | NOT_EVALUATED
]


@pytest.mark.parametrize("example", CASES)
def test_example_evaluates(example: ExampleModule, tmp_path: Path) -> None:
    module = example.module(tmp_path, ir.Context())
    outputs = ModuleInterpreter(module).run(example.inputs()).values
    for number, (_, type_) in enumerate(example.results()):
        if type_ != "none":
            assert list(outputs[f"result{number}"].shape) == shape_of(type_)
            assert np.isfinite(outputs[f"result{number}"]).all()


def test_every_op_has_an_example() -> None:
    assert len(CASES) > 200
