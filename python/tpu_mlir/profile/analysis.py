"""Figures of a program: one row per op, and what stands between its cycles and the roofline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .places import INPUTS, ON_CHIP, OUTPUTS, RESULTS, WEIGHTS
from .program import ARRAY, GDMA, MEMORY, TIU, Op, Program

LOAD_RATE, STORE_RATE = 58.0, 44.0
"""Bytes per cycle between DDR and the lanes at best (docs/cycle-model.md)."""
POOR = 0.6
"""An engine that does less of its best than this is limited by how it is used, not by its rate."""


@dataclass(frozen=True)
class OpRow:
    """An op in figures; cycles at 1 GHz.

    ``critical_tiu`` and ``critical_gdma`` are its cycles on the critical path: the rows of all ops add up to the total.
    From ``compute_start`` to ``compute_end`` TIU works for it (the whole time for an op that only moves).
    Utilizations are work at the engine's full rate divided by cycles, 0 to 1. ``bound`` says what limits the op.
    """

    index: int
    op: Op
    start: int
    end: int
    compute_start: int
    compute_end: int
    tiu_instructions: int
    gdma_instructions: int
    tiu_cycles: int
    gdma_cycles: int
    critical_tiu: int
    critical_gdma: int
    tiu_utilization: float
    gdma_utilization: float
    multiply_adds: int
    ddr_read: int
    ddr_written: int
    weight_bytes: int
    bound: str

    @property
    def critical(self) -> int:
        """Cycles of the total that are this op's."""
        return self.critical_tiu + self.critical_gdma

    @property
    def ddr_bytes(self) -> int:
        """Bytes moved from and to DDR."""
        return self.ddr_read + self.ddr_written


@dataclass(frozen=True)
class Roofline:
    """Lower bounds of the total, in cycles.

    engines: the busier engine without a gap. array: the multiply-adds that are needed at the array's full rate. memory:
    weights, inputs and outputs moved once at the full rate.
    """

    total: int
    tiu_busy: int
    gdma_busy: int
    array: float
    memory: float

    @property
    def engines(self) -> int:
        """Cycles that the busier engine works."""
        return max(self.tiu_busy, self.gdma_busy)

    @property
    def ideal(self) -> float:
        """The roofline: nothing that computes and moves this can be faster."""
        return max(self.array, self.memory)

    @property
    def distance(self) -> float:
        """Total divided by the roofline; 1 is perfect."""
        return self.total / self.ideal if self.ideal else 1.0

    @property
    def overlap(self) -> float:
        """The busier engine's cycles divided by the total: 1 when it never waits."""
        return self.engines / self.total if self.total else 1.0


@dataclass(frozen=True)
class Profile:
    """A program, its ops in figures (those that have instructions, in order of their start), and its roofline.

    ``parts`` says what the critical path consists of, in cycles by the words of PARTS; they add up to the total.
    """

    program: Program
    rows: list[OpRow]
    roofline: Roofline
    critical: np.ndarray
    ddr_read: int
    ddr_written: int
    multiply_adds: int
    parts: dict[str, float]


PARTS = {
    "arithmetic": "convolutions and matrix products at the array's full rate",
    "idle array": "what they take longer than that",
    "elementwise": "everything else that TIU does",
    "needed moves": "weights once, inputs and outputs, at DDR's full rate",
    "results between ops": "results that pass through DDR",
    "weights again": "weights that are loaded once more",
    "slow moves": "what needed moves take longer than at the full rate",
    "other moves": "fills, and moves inside of the chip",
}
"""What the critical path consists of."""


def _parts(program: Program, critical: np.ndarray) -> dict[str, float]:
    cycles = np.where(critical, program.cycles, 0).astype(float)
    ideal = np.where(critical, program.ideal, 0.0)
    array, vector = program.unit == ARRAY, (program.unit != ARRAY) & (program.engine == TIU)
    results, again = spilled(program), repeated_weights(program)
    needed = np.isin(program.reads, (WEIGHTS, INPUTS)) | (program.writes == OUTPUTS)
    needed &= (program.engine == GDMA) & ~results & ~again
    other = (program.engine == GDMA) & ~needed & ~results & ~again
    parts = {
        "arithmetic": ideal[array].sum(),
        "idle array": (cycles - ideal)[array].sum(),
        "elementwise": cycles[vector].sum(),
        "needed moves": ideal[needed].sum(),
        "results between ops": cycles[results & ~again].sum(),
        "weights again": cycles[again].sum(),
        "slow moves": (cycles - ideal)[needed].sum(),
        "other moves": cycles[other].sum(),
    }
    return {name: float(value) for name, value in parts.items()}


def analyse(program: Program) -> Profile:
    """Works out the figures of a program."""
    critical = program.queues.critical()
    rows = [_row(program, number, rows, critical) for number, rows in _rows_by_op(program)]
    rows.sort(key=lambda row: (row.start, row.end, row.index))
    off_chip_read, off_chip_written = _ddr(program)
    busy = [int(program.cycles[program.engine == engine].sum()) for engine in (TIU, GDMA)]
    roofline = Roofline(
        total=program.total,
        tiu_busy=busy[TIU],
        gdma_busy=busy[GDMA],
        array=float(program.ideal[program.unit == ARRAY].sum()),
        memory=(_used_weights(program) + program.input_bytes) / LOAD_RATE + program.output_bytes / STORE_RATE,
    )
    return Profile(
        program,
        rows,
        roofline,
        critical,
        int(off_chip_read.sum()),
        int(off_chip_written.sum()),
        int(program.multiply_adds.sum()),
        _parts(program, critical),
    )


def _ddr(program: Program) -> tuple[np.ndarray, np.ndarray]:
    """Bytes that each instruction reads from and writes to DDR."""
    read = np.where(program.reads != ON_CHIP, program.bytes_read, 0)
    written = np.where(program.writes != ON_CHIP, program.bytes_written, 0)
    return read.astype(np.int64), written.astype(np.int64)


def repeated_weights(program: Program) -> np.ndarray:
    """Whether an instruction loads weights from where an earlier one began to load as many bytes."""
    again = np.zeros(len(program), dtype=bool)
    rows = np.flatnonzero(program.reads == WEIGHTS)
    seen: set[tuple[int, int]] = set()
    for row in rows[np.argsort(program.start[rows], kind="stable")].tolist():
        key = int(program.read_address[row]), int(program.bytes_read[row])
        again[row] = key in seen
        seen.add(key)
    return again


def _used_weights(program: Program) -> int:
    """Bytes of weights that have to be read once: never more than there are, or than are read."""
    read = program.bytes_read[(program.reads == WEIGHTS) & ~repeated_weights(program)].sum()
    return min(int(read), program.weight_bytes)


def _rows_by_op(program: Program) -> list[tuple[int, np.ndarray]]:
    order = np.argsort(program.op, kind="stable")
    numbers, first = np.unique(program.op[order], return_index=True)
    return list(zip(numbers.tolist(), np.split(order, first[1:]), strict=True))


def op_of(program: Program, number: int) -> Op:
    """The op of a number; a name of its own for instructions that belong to none."""
    return program.ops[number] if number >= 0 else Op("(none)")


def _row(program: Program, number: int, rows: np.ndarray, critical: np.ndarray) -> OpRow:
    engine = program.engine[rows]
    cycles = program.cycles[rows].astype(np.int64)
    ideal = program.ideal[rows]
    on_path = critical[rows]

    def of(which: int) -> tuple[int, int, int, float]:
        mine = engine == which
        total = int(cycles[mine].sum())
        used = float(ideal[mine].sum()) / total if total else 0.0
        return int(mine.sum()), total, int(cycles[mine & on_path].sum()), used

    tiu, gdma = of(TIU), of(GDMA)
    read, written = (part[rows] for part in _ddr(program))
    computing = rows[engine == TIU] if tiu[0] else rows
    return OpRow(
        index=number,
        op=op_of(program, number),
        start=int(program.start[rows].min()),
        end=int(program.end[rows].max()),
        compute_start=int(program.start[computing].min()),
        compute_end=int(program.end[computing].max()),
        tiu_instructions=tiu[0],
        gdma_instructions=gdma[0],
        tiu_cycles=tiu[1],
        gdma_cycles=gdma[1],
        critical_tiu=tiu[2],
        critical_gdma=gdma[2],
        tiu_utilization=tiu[3],
        gdma_utilization=gdma[3],
        multiply_adds=int(program.multiply_adds[rows].sum()),
        ddr_read=int(read.sum()),
        ddr_written=int(written.sum()),
        weight_bytes=int(program.bytes_read[rows][program.reads[rows] == WEIGHTS].sum()),
        bound=_bound(program, rows[on_path]),
    )


def _bound(program: Program, rows: np.ndarray) -> str:
    """What the op's part of the critical path (its instructions on it) does most."""
    cycles = program.cycles[rows].astype(np.int64)
    if not cycles.sum():
        return "hidden"
    shares = {unit: int(cycles[program.unit[rows] == unit].sum()) for unit in range(4)}
    unit = max(shares, key=lambda candidate: shares[candidate])
    chosen = rows[program.unit[rows] == unit]
    used = float(program.ideal[chosen].sum()) / shares[unit]
    if unit == ARRAY:
        return "arithmetic" if used >= POOR else "idle array"
    if unit != MEMORY:
        return "elementwise" if program.engine[chosen[0]] == TIU else "lane moves"
    if used < POOR:
        return "short bursts"
    weights = int(program.bytes_read[chosen][program.reads[chosen] == WEIGHTS].sum())
    moved = int(program.bytes_read[chosen].sum() + program.bytes_written[chosen].sum())
    return "weights" if 2 * weights >= moved else "tensors"


BOUND_MEANING = {
    "arithmetic": "multiplier array, at least 60 % full",
    "idle array": "multiplier array, less than 60 % full",
    "elementwise": "elementwise units, tables and moves between lanes",
    "lane moves": "GDMA moves inside of local memory",
    "weights": "DDR, mostly weights",
    "tensors": "DDR, mostly inputs and results of ops",
    "short bursts": "DDR, at less than 60 % of its rate: short runs or few memory channels",
    "hidden": "nothing: it runs while something else takes the time",
}
"""What the words of OpRow.bound say."""


def spilled(program: Program) -> np.ndarray:
    """Whether an instruction moves results of ops from or to DDR that are no inputs or outputs of the network."""
    return (program.reads == RESULTS) | (program.writes == RESULTS)
