"""Every op of both dialects can be evaluated: its example runs and gives the shape that it states."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))

from examples import examples, signature  # noqa: E402
from tpu_mlir import _tpu_mlir as native  # noqa: E402
from tpu_mlir import ir  # noqa: E402
from tpu_mlir.evaluation import ModuleInterpreter  # noqa: E402

# These bring values in or structure a function, or are evaluated by a function of the user's; not on their own.
STRUCTURE = {"top.None", "top.Weight", "top.Input", "top.Custom", "tpu.Group", "tpu.Load", "tpu.Store", "tpu.Yield"}


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


TENSOR = r"tensor<(?:[^<>]|<[^>]*>)*>"
REMARK = re.compile(r"//\s*(%\w+): (integers|values|constant) (.*)")


def shape_of(type_: str) -> list[int]:
    """The extents of a tensor type."""
    return [int(extent) for extent in re.findall(r"(\d+)x", type_)]


def operand_value(name: str, type_: str, remarks: dict[str, tuple[str, str]], generator: np.random.Generator) -> Any:
    """A value for an operand of an example: uniform in [0.5, 1.5) unless a remark says what it takes."""
    shape = shape_of(type_)
    stored = re.search(r"x(s?i|ui)(8|32)>$", type_)
    dtype = np.dtype(f"{'u' if stored[1] == 'ui' else 'i'}{int(stored[2]) // 8}") if stored else np.dtype(np.float32)
    kind, text = remarks.get(name, ("integers", "0 to 99") if stored else ("values", "0.5 to 1.5"))
    if kind == "constant":
        return np.array([float(value) for value in text.split()], dtype).reshape(shape)
    low, high = (float(limit) for limit in text.split(" to "))
    if kind == "integers":
        return generator.integers(int(low), int(high) + 1, shape).astype(dtype)
    return generator.uniform(low, high, shape).astype(dtype)


def result_of(example: str) -> tuple[list[str], list[str]]:
    """Names and types of the results of an example's last op."""
    names = re.findall(r"^(%[^=\n]*) = ", example, re.MULTILINE)[-1]
    types = re.findall(rf"{TENSOR}|none", example.rpartition("->")[2])
    if counted := re.fullmatch(r"(%\w+):(\d+)", names):
        return [f"{counted[1]}#{i}" for i in range(int(counted[2]))], types
    return names.split(", "), types


@pytest.mark.parametrize("example", CASES)
def test_example_evaluates(example: str, tmp_path: Path) -> None:
    """An operand takes values from 0.5 to 1.5 unless the example has a line `// %i: integers 0 to 7` (both included),
    `// %x: values -1 to 1` or `// %k: constant 2 3` (a weight)."""
    example = textwrap.dedent(example)
    remarks = {name: (kind, text.strip()) for name, kind, text in REMARK.findall(example)}
    arguments = [pair.split(": ") for pair in re.split(r", (?=%)", signature(example)) if pair]
    generator = np.random.default_rng(3)
    values = {n: operand_value(n, t, remarks, generator) for n, t in arguments if t != "none"}
    constants = {n for n, (kind, _) in remarks.items() if kind == "constant"}
    inputs = [(name[1:], type_) for name, type_ in arguments if type_ != "none" and name not in constants]
    results = [(name, type_) for name, type_ in zip(*result_of(example), strict=True)]
    wanted = [(name, type_) for name, type_ in results if type_ != "none"]
    wanted_types = ", ".join(type_ for _, type_ in wanted)
    lines = ['module attributes {module.weight_file = "weights.npz"} {']
    lines += [f"func.func @main({', '.join(f'%i{n}: {t}' for n, t in inputs)}) -> ({wanted_types}) {{"]
    lines += [f'{name} = "top.None"() : () -> none' for name, type_ in arguments if type_ == "none"]
    lines += [f'%{n} = "top.Input"(%i{n}) : ({t}) -> {t} loc("{n}")' for n, t in inputs]
    lines += [f'{n} = "top.Weight"() : () -> {t} loc("{n[1:]}")' for n, t in arguments if n in constants]
    places = ", ".join(f'"result{i}"' for i in range(len(results)))
    lines += [example.rstrip() + f" loc(fused[{places}])"]
    lines += [f"return {', '.join(name for name, _ in wanted)} : {wanted_types}", "}", "}"]
    np.savez(tmp_path / "weights.npz", **{name[1:]: values[name] for name in constants})
    context = ir.Context()
    native.set_weight_directory(context, str(tmp_path))
    module = ir.Module.parse("\n".join(lines), context)
    outputs = ModuleInterpreter(module).run({name: values[f"%{name}"] for name, _ in inputs}).values
    for i, (_, type_) in enumerate(results):
        if type_ != "none":
            assert list(outputs[f"result{i}"].shape) == shape_of(type_)
            assert np.isfinite(outputs[f"result{i}"]).all()


def test_every_op_has_an_example() -> None:
    assert len(CASES) > 90
