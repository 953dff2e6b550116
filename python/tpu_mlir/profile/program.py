"""The instructions of a compiled network as columns, in the order of the cycle model's schedule, with their ops."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .. import _tpu_mlir as _native
from .. import ir as _ir  # noqa: F401  sets the class of errors
from ..errors import UserError
from ..files import require_file
from . import attribution
from .attribution import Op
from .places import find_places
from .schedule import Queues

TIU, GDMA = 0, 1
ENGINES = ("TIU", "GDMA")
ARRAY, VECTOR, MEMORY, LANE_MOVE = range(4)
"""What does the work of an instruction: multiplier array, elementwise units, DDR, moves between lanes."""
FP32 = 2
HALF_TYPES = (1, 5)


@dataclass
class Program:
    """One network at one set of shapes. Arrays have one entry per instruction; times are in cycles at 1 GHz.

    ``op`` is an index into ``ops``, -1 where an instruction belongs to none. ``source`` says how ops were found: "map"
    (ours, in the file), "locations" (the list of tensors that TPU-MLIR writes) or "kinds" (not at all: an op is a kind
    of instruction).
    """

    model: str
    network: str
    source: str
    ops: list[Op]
    op: np.ndarray
    kinds: list[str]
    details: list[str]
    columns: dict[str, np.ndarray]
    groups: int
    weight_bytes: int
    input_bytes: int
    output_bytes: int
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.op)

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        raise AttributeError(name)

    @cached_property
    def queues(self) -> Queues:
        """The two queues, to be played again with other prices."""
        return Queues(self.columns)

    @cached_property
    def end(self) -> np.ndarray:
        """When each instruction ends."""
        return self.start + self.cycles

    @cached_property
    def total(self) -> int:
        """Cycles of the whole network."""
        return int(self.end.max()) if len(self) else 0


def load_program(
    path: str | os.PathLike[str], network: str | None = None, stage: int = 0, *, by_kind: bool = False
) -> Program:
    """Reads a bmodel of ours or of upstream's.

    Args:
        path: the .bmodel, or a folder that holds compilation.bmodel.
        network: its name; the first one when it is not given.
        stage: which set of input shapes.
        by_kind: take kinds of instructions for ops, whatever the file knows.

    Raises:
        UserError: the file is damaged or for another chip, or has no such network or no static instructions.
    """
    file = _model_file(path)
    native = _native.BModel(os.fspath(file))
    names = list(native.networks)
    if network is not None and network not in names:
        raise UserError(f"{file} has no network '{network}'; it has {', '.join(names)}")
    index = names.index(network) if network is not None else 0
    if not 0 <= stage < (count := native.stage_count(index)):
        raise UserError(f"{file} has {count} stages, there is no number {stage}")
    try:
        facts: dict[str, Any] = native.profile(index, stage)
    except UserError as error:  # says which instruction, not which file
        raise UserError(f"{file}: {error}") from error
    columns: dict[str, np.ndarray] = facts["columns"]
    if not len(columns["id"]):
        raise UserError(f"{file} has no static instructions; compile the network for fixed input shapes")
    found = attribution.find(file, facts, columns, by_kind=by_kind)
    find_places(facts, columns, found.op)
    columns["ideal"] = needed_cycles(columns, found.ops, found.op)
    notes = list(found.notes)
    if facts["host_parts"]:
        notes.append(f"{facts['host_parts']} parts of the network run on the host and are not counted.")
    return Program(
        model=file.name,
        network=names[index],
        source=found.source,
        ops=found.ops,
        op=found.op,
        kinds=list(facts["kinds"]),
        details=list(facts["details"]),
        columns=columns,
        groups=facts["groups"],
        weight_bytes=facts["weight_bytes"],
        input_bytes=sum(size for _, _, size in facts["inputs"]),
        output_bytes=sum(size for _, _, size in facts["outputs"]),
        notes=notes,
    )


def needed_cycles(columns: Mapping[str, np.ndarray], ops: Sequence[Op], op: np.ndarray) -> np.ndarray:
    """The column "ideal" where multiply-adds that the op does not need count for nothing: zeros that fill a filter up,
    halos that slices compute again."""
    array = (columns["unit"] == ARRAY) & (op >= 0)
    done = np.bincount(op[array], weights=columns["multiply_adds"][array].astype(float), minlength=len(ops))
    needed = np.array([entry.macs for entry in ops], dtype=float)
    part = np.where((needed > 0) & (done > needed), needed / np.maximum(done, 1), 1.0)
    ideal = columns["ideal"].copy()
    ideal[array] *= part[op[array]]
    return ideal


def _model_file(path: str | os.PathLike[str]) -> Path:
    given = Path(path)
    if given.is_dir():
        inside = given / "compilation.bmodel"
        if not inside.exists() and any(given.glob("*.profile")):
            raise UserError(f"the folder {given} holds recordings of a device, which cannot be read; give the .bmodel")
        if not inside.exists():
            raise UserError(f"the folder {given} holds no compilation.bmodel; give the .bmodel itself")
        return inside
    return require_file(given, "the bmodel")
