"""Every op of both dialects can be evaluated: its example runs and gives the shape that it states."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))

from examples import examples, signature  # noqa: E402
from tpu_mlir import ir  # noqa: E402
from tpu_mlir.evaluation import ModuleInterpreter  # noqa: E402

# These bring values in or structure a function; they are evaluated as part of every network, not on their own.
STRUCTURE = {"top.None", "top.Weight", "top.Input", "tpu.Group", "tpu.Load", "tpu.Store", "tpu.Yield"}


def cases() -> list[object]:
    """One per op that computes."""
    found = []
    for dialect in ("Top", "Tpu"):
        folder = ROOT / "include" / "tpu_mlir" / "Dialect" / dialect / "IR"
        for path in sorted(folder.glob("*.td")):
            for example in examples(path):
                op = re.search(r'"(\w+\.\w+)"', example)
                assert op is not None
                if op[1] not in STRUCTURE:
                    found.append(pytest.param(example, id=op[1]))
    return found


CASES = cases()


@pytest.mark.parametrize("example", CASES)
def test_example_evaluates(example: str) -> None:
    arguments = [pair.split(": ") for pair in re.split(r", (?=%)", signature(example)) if pair]
    tensors = [(name[1:], type_) for name, type_ in arguments if type_ != "none"]
    result = re.search(r"-> (tensor<((?:\d+x)*\d+)x(f32|f16|!quant\.uniform<[^>]*>)>)\s*$", example.strip())
    assert result is not None
    lines = ["module {", f"func.func @main({', '.join(f'%i{n}: {t}' for n, t in tensors)}) -> {result[1]} {{"]
    lines += ['%n = "top.None"() : () -> none'] if len(tensors) < len(arguments) else []
    lines += [f'%{n} = "top.Input"(%i{n}) : ({t}) -> {t} loc("{n}")' for n, t in tensors]
    lines += [example.rstrip() + ' loc("result")', f"return %y : {result[1]}", "}", "}"]
    inputs = {}
    generator = np.random.default_rng(3)
    for name, type_ in tensors:
        shape = [int(extent) for extent in re.findall(r"(\d+)x", type_)]
        integers = re.search(r"x(s?i|ui)(8|32)>$", type_)
        if integers:
            dtype = np.dtype(f"{'u' if integers[1] == 'ui' else 'i'}{int(integers[2]) // 8}")
            inputs[name] = generator.integers(0, 100, shape).astype(dtype)
        else:
            inputs[name] = generator.uniform(0.5, 1.5, shape).astype(np.float32)
    module = ir.Module.parse("\n".join(lines), ir.Context())
    value = ModuleInterpreter(module).run(inputs).values["result"]
    assert list(value.shape) == [int(extent) for extent in result[2].split("x")]
    assert np.isfinite(value).all()


def test_every_op_has_an_example() -> None:
    assert len(CASES) > 90
