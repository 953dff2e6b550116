"""Canonicalization keeps values: every function of the pattern tests, evaluated before and after.

The lit tests in test/Dialect/Top/Canonicalize state which ops a pattern makes; here each of their functions becomes the
main function of a module with inputs, and its outputs must keep their names and, within f32 rounding, their values.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))

from net import make  # noqa: E402
from tpu_mlir import ir, pipelines  # noqa: E402
from tpu_mlir.evaluation import ModuleInterpreter  # noqa: E402

TESTS = sorted((ROOT / "test" / "Dialect" / "Top" / "Canonicalize").glob("*.mlir"))


def functions(test: Path) -> Iterator[tuple[str, str, dict[str, tuple[int, ...]]]]:
    """Name, module text and input shapes of each function of a test."""
    text = test.read_text()
    module = re.search(r"^module .*\{$", text, re.MULTILINE)
    assert module is not None
    for name, arguments, body in re.findall(r"func\.func @(\w+)\((.*?)\)( -> .*?\n  \})", text, re.DOTALL):
        pairs = re.findall(r"%(\w+): tensor<([^>]*)xf32>", arguments)
        first, _, rest = body.partition("{\n")
        inputs = "".join(
            f'    %{argument} = "top.Input"(%in_{argument}) {{do_preprocess = false}} : (tensor<{shape}xf32>) -> '
            f'tensor<{shape}xf32> loc("in_{argument}")\n'
            for argument, shape in pairs
        )
        signature = ", ".join(f"%in_{argument}: tensor<{shape}xf32>" for argument, shape in pairs)
        shapes = {f"in_{argument}": tuple(map(int, shape.split("x"))) for argument, shape in pairs}
        yield name, f"{module[0]}\nfunc.func @main({signature}){first}{{\n{inputs}{rest}\n}}\n", shapes


CASES = [pytest.param(test, *case, id=f"{test.stem}-{case[0]}") for test in TESTS for case in functions(test)]


@pytest.mark.parametrize(("test", "name", "text", "shapes"), CASES)
def test_values_stay(test: Path, name: str, text: str, shapes: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    make(test, tmp_path)
    path = tmp_path / "net.mlir"
    path.write_text(text)
    generator = np.random.default_rng(7)
    inputs = {key: (3 * generator.standard_normal(shape)).astype(np.float32) for key, shape in shapes.items()}
    results = []
    for passes in (["shape-infer"], ["struct-optimize", "shape-infer", "canonicalize", "extra-optimize"]):
        module = pipelines.load(path, ir.Context())
        pipelines.run(module, passes)
        interpreter = ModuleInterpreter(module)
        # An input that nothing uses any more is gone.
        results.append(interpreter.run({key: inputs[key] for key in interpreter.input_names}))
    before, after = results
    assert after.outputs == before.outputs
    for output in before.outputs:
        np.testing.assert_allclose(after.values[output], before.values[output], rtol=2e-5, atol=2e-5, err_msg=output)


def test_every_pattern_file_is_covered() -> None:
    assert len(TESTS) > 40
    assert len(CASES) > 100
