"""Weights of a Top module for the corrections that calibration makes: which op has which, and how a changed set
replaces the stored one without losing it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import ir
from ..errors import UserError
from ..files import load_npz, save_npz, written_atomically

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Parameters:
    """Names of an op's stored operands that belong to it alone; None where it has none of that kind.

    weight: the filter, the right matrix or the normalization's factors.
    """

    kind: str
    weight: str | None
    bias: str | None
    transposed: bool = False  # right matrix as [N, K]
    groups: int = 1


KINDS = ("Conv", "Deconv", "MatMul", "LayerNorm")


def parameters_of(module: ir.Module) -> dict[str, Parameters]:
    """Parameters by op name, for the kinds of ops that have some."""
    stored: set[str] = set()
    uses: Counter[str] = Counter()
    ops: list[ir.OpView] = []

    def visit(op: ir.OpView) -> None:
        if op.name == "top.Weight":
            stored.add(_name(op))
        uses.update(_name(value) for value in op.operands)
        if op.name.removeprefix("top.") in KINDS:
            ops.append(op)

    module.operation.walk(visit)

    def own(op: ir.OpView, index: int) -> str | None:
        name = _name(op.operands[index]) if len(op.operands) > index else ""
        return name if name in stored and uses[name] == 1 else None

    return {
        _name(op): Parameters(
            op.name.removeprefix("top."),
            own(op, 1),
            own(op, 2),
            bool(_attribute(op, "right_transpose", False)),
            int(_attribute(op, "group", 1)),
        )
        for op in ops
        if not _attribute(op, "left_transpose", False) and not _attribute(op, "output_transpose", False)
    }


def _name(thing: Any) -> str:
    return thing.location.name_str or ""


def _attribute(op: ir.OpView, name: str, default: Any) -> Any:
    found = op.attributes.get(name)
    return default if found is None else found.value


def weight_file(mlir: Path, module: ir.Module) -> Path:
    """The file with the module's weights."""
    found = module.operation.attributes.get("module.weight_file")
    if found is None:
        raise UserError(f"{mlir} names no weight file")
    return mlir.parent / str(found.value)


def load(path: Path) -> Weights:
    """All weights by name."""
    return load_npz(path, "the weight file")


def keep(path: Path) -> Path:
    """Copies the file beside itself under a free name, which is returned."""
    number = 1
    while True:
        mark = "_original" if number == 1 else f"_original_{number}"
        kept = path.with_name(f"{path.stem}{mark}{path.suffix}")
        if not kept.exists():
            break
        number += 1
    with written_atomically(kept) as temporary:
        shutil.copyfile(path, temporary)
    return kept


def replace(path: Path, weights: Mapping[str, np.ndarray], kept: Path | None) -> tuple[Path, str]:
    """Puts the weights in place of the file's; gives the path of the earlier ones and a sentence that says so.

    kept: where the earlier ones are already; None to keep them now.
    """
    kept = kept or keep(path)
    save_npz(path, weights)
    return kept, f"{path.name} is rewritten, the earlier weights are {kept.name}"
