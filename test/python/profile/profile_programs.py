"""Programs made by hand, for tests of figures: instructions without a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tpu_mlir.profile.places import INPUTS, NOWHERE, OUTPUTS, RESULTS, WEIGHTS
from tpu_mlir.profile.program import ARRAY, GDMA, MEMORY, TIU, VECTOR, Op, Program

__all__ = ["INPUTS", "NOWHERE", "OUTPUTS", "RESULTS", "WEIGHTS", "Made", "load", "compute", "store", "program"]


@dataclass
class Made:
    """One instruction. waits: number of an instruction of the other engine, from 1."""

    engine: int
    op: int
    cycles: int
    waits: int = 0
    unit: int = VECTOR
    reads: int = NOWHERE
    writes: int = NOWHERE
    size: int = 0
    ideal: float | None = None
    macs: int = 0
    precision: int = 2
    address: int = 0
    group: int = 0


def load(op: int, cycles: int, place: int = WEIGHTS, waits: int = 0, size: int = 0, **more: float) -> Made:
    return Made(GDMA, op, cycles, waits, MEMORY, reads=place, size=size or 50 * cycles, **more)  # type: ignore[arg-type]


def store(op: int, cycles: int, place: int = RESULTS, waits: int = 0, size: int = 0, **more: float) -> Made:
    return Made(GDMA, op, cycles, waits, MEMORY, writes=place, size=size or 40 * cycles, **more)  # type: ignore[arg-type]


def compute(op: int, cycles: int, waits: int = 0, unit: int = ARRAY, **more: float) -> Made:
    return Made(TIU, op, cycles, waits, unit, **more)  # type: ignore[arg-type]


def program(made: Sequence[Made], ops: Sequence[str] = ("a", "b", "c", "d"), source: str = "map") -> Program:
    """The program with the starts that the rule of the queues gives; instructions in the order of emission."""
    rows = sorted(range(len(made)), key=lambda row: (made[row].group, made[row].engine))
    ids: dict[int, int] = {}
    count: dict[tuple[int, int], int] = {}
    for row in rows:
        key = made[row].group, made[row].engine
        ids[row] = count[key] = count.get(key, 0) + 1
    start = _starts(made, ids)
    chosen = [made[row] for row in rows]

    def column(name: str, kind: type) -> np.ndarray:
        return np.array([getattr(item, name) for item in chosen], dtype=kind)

    read = column("reads", np.uint8) != NOWHERE
    size = column("size", np.uint64)
    ideal = [item.cycles if item.ideal is None else item.ideal for item in chosen]
    columns = {
        "engine": column("engine", np.uint8),
        "unit": column("unit", np.uint8),
        "reads": column("reads", np.uint8),
        "writes": column("writes", np.uint8),
        "group": column("group", np.uint32),
        "id": np.array([ids[row] for row in rows], dtype=np.uint32),
        "dependency": column("waits", np.uint32),
        "kind": column("engine", np.uint32),
        "detail": column("engine", np.uint32),
        "start": np.array([start[row] for row in rows], dtype=np.uint64),
        "cycles": column("cycles", np.uint64),
        "bytes_read": np.where(read, size, 0).astype(np.uint64),
        "bytes_written": np.where(read, 0, size).astype(np.uint64),
        "multiply_adds": column("macs", np.uint64),
        "read_address": column("address", np.uint64),
        "write_address": column("address", np.uint64),
        "precision": column("precision", np.int8),
        "ideal": np.array(ideal, dtype=float),
    }
    return Program(
        model="made.bmodel",
        network="made",
        source=source,
        ops=[
            Op(name, "tpu.Conv2D" if number % 2 == 0 else "tpu.Add", (1, 64, 8, 8), "f32")
            for number, name in enumerate(ops)
        ],
        op=column("op", np.int64),
        kinds=["CONV normal", "DMA_tensor tensor"],
        details=["conv.normal f32 1x64x8x8", "load f32 1x64x8x8"],
        columns=columns,
        groups=max(item.group for item in made) + 1,
        weight_bytes=10**6,
        input_bytes=1000,
        output_bytes=1000,
    )


def _starts(made: Sequence[Made], ids: dict[int, int]) -> dict[int, int]:
    """Plays the queues: an engine goes on as far as it can, then the other one."""
    end: dict[tuple[int, int, int], int] = {}
    start: dict[int, int] = {}
    begin = 0
    for group in range(max(item.group for item in made) + 1):
        free = [begin, begin]
        queues = [[r for r, item in enumerate(made) if (item.group, item.engine) == (group, e)][::-1] for e in (0, 1)]
        while any(queues):
            before = len(start)
            for engine, queue in enumerate(queues):
                while queue and (not made[queue[-1]].waits or (group, 1 - engine, made[queue[-1]].waits) in end):
                    row = queue.pop()
                    start[row] = max(free[engine], end.get((group, 1 - engine, made[row].waits), begin))
                    free[engine] = end[group, engine, ids[row]] = start[row] + made[row].cycles
            if len(start) == before:
                raise ValueError("the instructions wait for each other")
        begin = max(free)
    return start
