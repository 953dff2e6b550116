"""What becomes of the example of every Top op: evaluation, the passes of model_transform, lowering and code generation
for each chip and number type. The examples are those of the op definitions (docs/dialects/top.md)."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "support"))

from example_modules import ExampleModule, all_examples  # noqa: E402

CHIP = "bm1684x"
MODES = ("F32", "F16", "BF16", "INT8")
STRUCTURE = {"None", "Weight", "Input", "If", "Loop", "Yield"}
"""Ops that bring values in or structure a network; they have no use on their own."""


@dataclass
class Fate:
    """evaluated: whether the op can be evaluated. canonical: the Top ops that model_transform's passes leave of it.
    modes: mode -> "bmodel" where code was generated, "lowered" where only that, else "". integers: whether the op works
    on 8-bit integers in the mode INT8."""

    evaluated: bool = False
    canonical: list[str] = field(default_factory=list)
    modes: dict[str, str] = field(default_factory=dict)
    integers: bool = False


def fates(folder: Path) -> dict[str, Fate]:
    """By op, without the dialect's name. folder: for files in between."""
    found: dict[str, Fate] = {}
    for example in all_examples("Top"):
        if example.op not in STRUCTURE:
            _try(example, found.setdefault(example.op, Fate()), folder)
    return found


def _refusals() -> tuple[type[Exception], ...]:
    from tpu_mlir.errors import UserError
    from tpu_mlir.ir import MLIRError

    return (UserError, MLIRError)


def _passes(module: object, passes: list[str]) -> bool:
    from tpu_mlir import pipelines

    try:
        pipelines.run(module, passes)  # type: ignore[arg-type]
    except _refusals():
        return False
    return True


def _try(example: ExampleModule, fate: Fate, folder: Path) -> None:
    from tpu_mlir import ir
    from tpu_mlir.evaluation import ModuleInterpreter

    with contextlib.suppress(Exception):
        module = example.module(folder, ir.Context())
        ModuleInterpreter(module).run(example.inputs())
        fate.evaluated = True
    for variant in example.variants():
        canonical = _canonical(variant, folder)
        if canonical is None:
            continue
        fate.canonical = fate.canonical or canonical
        for mode in MODES:
            if fate.modes.get(mode) != "bmodel":
                reached, integers = _compile(variant, mode, folder)
                fate.modes[mode] = fate.modes.get(mode) or reached
                if reached == "bmodel":
                    fate.modes[mode] = reached
                fate.integers = fate.integers or integers


def _canonical(example: ExampleModule, folder: Path) -> list[str] | None:
    """The Top ops that are left, None where a pass fails."""
    from tpu_mlir import ir, pipelines

    try:
        module = example.module(folder, ir.Context())
        pipelines.run(module, pipelines.TRANSFORM)
    except _refusals():
        return None
    return sorted({name.removeprefix("top.") for name in _kinds(module) if name.startswith("top.")} - STRUCTURE)


def _kinds(module: object) -> list[str]:
    found: list[str] = []
    module.operation.walk(lambda op: found.append(op.operation.name))  # type: ignore[attr-defined]
    return found


def _compile(example: ExampleModule, mode: str, folder: Path) -> tuple[str, bool]:
    """How far the example comes, and whether an op of it has a result of 8 bits."""
    from tpu_mlir import ir, pipelines

    module = example.module(folder, ir.Context())
    table = folder / "table.txt"
    lines = [f"{name} 4.0 -4.0 4.0" for name in example.names()]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    lowering = pipelines.Lowering(CHIP, mode, calibration_table=str(table) if mode == "INT8" else None)
    passes = [*pipelines.TRANSFORM, *lowering.passes("lowered.npz")]
    if not _passes(module, passes):
        return "", False
    if any(name.startswith("top.") and name.removeprefix("top.") not in STRUCTURE for name in _kinds(module)):
        return "", False
    integers = False

    def visit(op: object) -> None:
        nonlocal integers
        name, values = op.operation.name, [*op.operands, *op.results]  # type: ignore[attr-defined]
        if name.startswith("tpu.") and name != "tpu.Cast":
            integers = integers or any("!quant.uniform" in str(value.type) for value in values)

    module.operation.walk(visit)
    code = [*pipelines.final(opt=0), *pipelines.codegen(folder / "net.bmodel")]
    return ("bmodel" if _passes(module, code) else "lowered"), integers
