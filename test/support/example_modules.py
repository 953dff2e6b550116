"""The examples of op descriptions as modules that can be evaluated and compiled."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from examples import examples, signature

ROOT = Path(__file__).resolve().parents[2]
TENSOR = r"tensor<(?:[^<>]|<[^>]*>)*>"
REMARK = re.compile(r"//\s*(%\w+): (integers|values|constant) (.*)")


def shape_of(type_: str) -> list[int]:
    """The extents of a tensor type."""
    return [int(extent) for extent in re.findall(r"(\d+)x", type_)]


@dataclass(frozen=True)
class ExampleModule:
    """An example. Operands take values from 0.5 to 1.5 unless it has a line `// %i: integers 0 to 7` (both included),
    `// %x: values -1 to 1` or `// %k: constant 2 3` (a weight). op: name of its first op without the dialect's.
    arguments: operands from outside with their types. constants: those that become weights."""

    op: str
    text: str
    arguments: tuple[tuple[str, str], ...]
    constants: frozenset[str]

    def values(self) -> dict[str, np.ndarray]:
        """A value for every operand that is a tensor."""
        remarks = {name: (kind, text.strip()) for name, kind, text in REMARK.findall(self.text)}
        generator = np.random.default_rng(3)
        return {n: _value(n, t, remarks, generator) for n, t in self.arguments if t != "none"}

    def inputs(self) -> dict[str, np.ndarray]:
        """The values of operands that are inputs, by their names without %."""
        return {name[1:]: value for name, value in self.values().items() if name not in self.constants}

    def results(self) -> list[tuple[str, str]]:
        """Names and types of the last op's results."""
        names = re.findall(r"^(%[^=\n]*) = ", self.text, re.MULTILINE)[-1]
        types = re.findall(rf"{TENSOR}|none", self.text.rpartition("->")[2])
        if counted := re.fullmatch(r"(%\w+):(\d+)", names):
            return list(zip([f"{counted[1]}#{i}" for i in range(int(counted[2]))], types, strict=True))
        return list(zip(names.split(", "), types, strict=True))

    def names(self) -> list[str]:
        """Of all tensors of the module."""
        return [*self.inputs(), *(f"result{i}" for i, (_, type_) in enumerate(self.results()) if type_ != "none")]

    def variants(self) -> Iterator[ExampleModule]:
        """With all operands as inputs where no remark says else, and with all but the first as weights."""
        yield self
        tensors = [name for name, type_ in self.arguments if type_ != "none"]
        if len(tensors) > 1:
            yield replace(self, constants=self.constants | set(tensors[1:]))

    def assembly(self) -> str:
        """The module; its weights are in weights.npz."""
        inputs = [(n[1:], t) for n, t in self.arguments if t != "none" and n not in self.constants]
        results = self.results()
        wanted = [(name, type_) for name, type_ in results if type_ != "none"]
        types = ", ".join(type_ for _, type_ in wanted)
        lines = ['module @example attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32",']
        lines += ['  module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {']
        lines += [f"func.func @main({', '.join(f'%i{n}: {t}' for n, t in inputs)}) -> ({types}) {{"]
        lines += [f'{name} = "top.None"() : () -> none' for name, type_ in self.arguments if type_ == "none"]
        lines += [f'%{n} = "top.Input"(%i{n}) : ({t}) -> {t} loc("{n}")' for n, t in inputs]
        weights = [(n, t) for n, t in self.arguments if n in self.constants]
        lines += [f'{n} = "top.Weight"() : () -> {t} loc("{n[1:]}")' for n, t in weights]
        places = ", ".join(f'"result{i}"' for i in range(len(results)))
        place = f"fused[{places}]" if len(results) > 1 else places
        lines += [self.text.rstrip() + f" loc({place})"]
        lines += [f"return {', '.join(name for name, _ in wanted)} : {types}", "}", "}"]
        return "\n".join(lines)

    def module(self, folder: Path, context: Any) -> Any:
        """The module in a context, its weights in the folder."""
        from tpu_mlir import _tpu_mlir, ir

        np.savez(folder / "weights.npz", **{n[1:]: v for n, v in self.values().items() if n in self.constants})
        _tpu_mlir.set_weight_directory(context, "")
        _tpu_mlir.set_weight_directory(context, str(folder))
        return ir.Module.parse(self.assembly(), context)


def _value(name: str, type_: str, remarks: Mapping[str, tuple[str, str]], generator: np.random.Generator) -> np.ndarray:
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


def all_examples(dialect: str) -> list[ExampleModule]:
    """Those of a dialect, "Top" or "Tpu", in the order of the definition files."""
    found = []
    for path in sorted((ROOT / "include" / "tpu_mlir" / "Dialect" / dialect / "IR").glob("*.td")):
        for text in examples(path):
            dedented = textwrap.dedent(text)
            op = re.search(rf'"{dialect.lower()}\.(\w+)"', dedented)
            arguments = [pair.split(": ") for pair in re.split(r", (?=%)", signature(dedented)) if pair]
            constants = {name for name, kind, _ in REMARK.findall(dedented) if kind == "constant"}
            if op is not None:
                pairs = tuple((name, type_) for name, type_ in arguments)
                found.append(ExampleModule(op[1], dedented, pairs, frozenset(constants)))
    return found
