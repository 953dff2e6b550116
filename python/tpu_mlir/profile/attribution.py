"""Which op an instruction comes from.

Our compiler keeps a map in the model. TPU-MLIR writes a list of tensors with the ids that every op began and ended
with, beside the model or in it. Where there is neither, the kinds of instructions take the place of ops.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

FORMAT, VERSION = "tpu-mlir instruction map", 1
ENGINE_KEYS = ("tiu", "gdma")


@dataclass(frozen=True)
class Op:
    """An op of the network, or a kind of instruction.

    group: number of its layer group, -1 when it is in none. macs: multiply-adds that it needs, 0 where that is unknown.
    """

    name: str
    type: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    group: int = -1
    macs: int = 0


@dataclass
class Attribution:
    """Ops, and the op of every instruction (-1: none). source: "map", "locations" or "kinds"."""

    source: str
    ops: list[Op]
    op: np.ndarray
    notes: list[str] = field(default_factory=list)


def find(file: Path, facts: Mapping[str, Any], columns: Mapping[str, np.ndarray], *, by_kind: bool) -> Attribution:
    """The best source that there is."""
    if by_kind:
        return _kinds(facts, columns, "Shown by kind of instruction, as asked for.")
    reason = "The file does not say which op an instruction comes from"
    if facts["instruction_map"]:
        found = from_map(_json(facts["instruction_map"]), columns)
        if found:
            return found
        reason = "The map from instructions to ops in the file does not fit its instructions or is of another make"
    texts = [facts["tensor_locations"]]
    side_file = file.with_name(file.name + ".json")
    if side_file.is_file():
        texts.append(side_file.read_bytes())
    for text in texts:
        located = from_locations(_json(text), columns) if text else None
        if located:
            return located
    return _kinds(
        facts, columns, f"{reason}; it is shown by kind of instruction. Compile it with this compiler to see ops."
    )


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, UnicodeDecodeError, RecursionError):
        return None


def from_map(content: Any, columns: Mapping[str, np.ndarray]) -> Attribution | None:
    """Reads our map; None when it is not one or its counts are not those of the instructions."""
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        return None
    try:
        ops = [_op(entry) for entry in content["ops"]]
        op = np.full(len(columns["id"]), -1, dtype=np.int64)
        groups = content["groups"]
        if len(groups) != int(columns["group"].max()) + 1:
            return None
        for number, group in enumerate(groups):
            for engine, key in enumerate(ENGINE_KEYS):
                rows = np.flatnonzero((columns["group"] == number) & (columns["engine"] == engine))
                runs = np.asarray(group[key], dtype=np.int64).reshape(-1, 2)
                if (runs[:, 1] < 0).any() or runs[:, 1].sum() != len(rows):
                    return None
                op[rows] = np.repeat(runs[:, 0], runs[:, 1])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if len(op) and (op.min() < -1 or op.max() >= len(ops)):
        return None
    return Attribution("map", ops, op)


def _op(entry: Mapping[str, Any]) -> Op:
    return Op(
        str(entry["name"]),
        str(entry.get("type", "")),
        tuple(int(extent) for extent in entry.get("shape", ())),
        str(entry.get("dtype", "")),
        int(entry.get("group", -1)),
        int(entry.get("macs", 0)),
    )


def from_locations(content: Any, columns: Mapping[str, np.ndarray]) -> Attribution | None:
    """Reads TPU-MLIR's list; None when it has no ids or several command groups use them.

    A load belongs to the first op that reads what it loaded, a store to the op that computed what it stores.
    """
    if not isinstance(content, list) or int(columns["group"].max()) != 0:
        return None
    try:
        entries = [_Entry.read(item) for item in content if isinstance(item, dict) and "tiu_dma_id(before)" in item]
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    if not entries:
        return None
    computing = [entry for entry in entries if entry.type not in ("tpu.Load", "tpu.Store")]
    index = {id(entry): number for number, entry in enumerate(computing)}
    readers: dict[str, int] = {}
    writers: dict[str, int] = {}
    for number, entry in enumerate(computing):
        for name in entry.operands:
            readers.setdefault(name, number)
        for name in entry.results:
            writers.setdefault(name, number)
    op = np.full(len(columns["id"]), -1, dtype=np.int64)
    for entry in entries:
        if entry.type == "tpu.Load":
            owner = readers.get(entry.results[0], -1) if entry.results else -1
        elif entry.type == "tpu.Store":
            owner = writers.get(entry.operands[0], -1) if entry.operands else -1
        else:
            owner = index[id(entry)]
        for engine in range(2):
            low, high = entry.before[engine], entry.after[engine]
            op[(columns["engine"] == engine) & (columns["id"] > low) & (columns["id"] <= high)] = owner
    return Attribution("locations", [entry.op() for entry in computing], op)


@dataclass(frozen=True)
class _Entry:
    type: str
    operands: list[str]
    results: list[str]
    shape: tuple[int, ...]
    before: Sequence[int]
    after: Sequence[int]

    @staticmethod
    def read(item: Mapping[str, Any]) -> _Entry:
        results = [value for value in item["results"] if value]
        return _Entry(
            str(item["opcode"]),
            [str(value["name"]) for value in item["operands"] if value],
            [str(value["name"]) for value in results],
            tuple(int(extent) for extent in results[0]["shape"]) if results else (),
            [int(number) for number in item["tiu_dma_id(before)"]][:2],
            [int(number) for number in item["tiu_dma_id(after)"]][:2],
        )

    def op(self) -> Op:
        return Op(self.results[0] if self.results else self.type, self.type, self.shape)


def _kinds(facts: Mapping[str, Any], columns: Mapping[str, np.ndarray], note: str) -> Attribution:
    engines = np.zeros(len(facts["kinds"]), dtype=np.int64)
    engines[columns["kind"]] = columns["engine"]
    ops = [
        Op(f"{ENGINE_KEYS[engine].upper()} {kind}", kind.split()[0])
        for kind, engine in zip(facts["kinds"], engines, strict=True)
    ]
    return Attribution("kinds", ops, columns["kind"].astype(np.int64), [note])
