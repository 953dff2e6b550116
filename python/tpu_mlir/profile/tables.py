"""The figures as text: a summary for terminals, the table of ops and the list of instructions as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files import written_atomically
from .analysis import OpRow, Profile, op_of
from .places import PLACES
from .program import ENGINES
from .remedies import Remedy, size

OP_HEADER = (
    "op", "type", "result", "group", "start", "end", "critical_cycles", "critical_share", "tiu_cycles",
    "tiu_utilization", "gdma_cycles", "gdma_utilization", "ddr_read", "ddr_written", "weight_bytes", "multiply_adds",
    "tiu_instructions", "gdma_instructions", "bound_by",
)  # fmt: skip
INSTRUCTION_HEADER = (
    "engine", "command_group", "id", "waits_for", "start", "cycles", "critical", "op", "kind", "what", "utilization",
    "bytes_read", "read_from", "bytes_written", "written_to", "multiply_adds",
)  # fmt: skip


def roofline_text(profile: Profile) -> str:
    """What lies between the total and the roofline, in one paragraph."""
    roofline = profile.roofline
    limit = "the multiplier array" if roofline.array >= roofline.memory else "DDR"
    return (
        f"{roofline.total:,} cycles are {roofline.distance:.2f} times the roofline, which {limit} sets: "
        f"{round(roofline.array):,} cycles for the multiply-adds at the array's full rate, {round(roofline.memory):,} "
        f"for weights, inputs and outputs moved once. The busier engine works {roofline.overlap:.0%} of the time; the "
        "rest of the distance is work below the full rate, work that is not on the array, and bytes that move more "
        "than once."
    )


def op_cells(row: OpRow, total: int) -> tuple[Any, ...]:
    """The row under OP_HEADER."""
    result = "x".join(map(str, row.op.shape)) + (f" {row.op.dtype}" if row.op.dtype else "")
    return (
        row.op.name, row.op.type, result, row.op.group if row.op.group >= 0 else "", row.start, row.end, row.critical,
        round(row.critical / total, 5) if total else 0.0, row.tiu_cycles, round(row.tiu_utilization, 4),
        row.gdma_cycles, round(row.gdma_utilization, 4), row.ddr_read, row.ddr_written, row.weight_bytes,
        row.multiply_adds, row.tiu_instructions, row.gdma_instructions, row.bound,
    )  # fmt: skip


def write_ops(profile: Profile, path: Path) -> None:
    """Writes the table of ops in order of time.

    Raises:
        UserError: the file cannot be written.
    """
    _write(path, OP_HEADER, (op_cells(row, profile.program.total) for row in profile.rows))


def write_instructions(profile: Profile, path: Path) -> None:
    """Writes every instruction in order of time.

    Raises:
        UserError: the file cannot be written.
    """
    program = profile.program
    order = np.lexsort((program.engine, program.start))
    _write(path, INSTRUCTION_HEADER, (_instruction_cells(profile, row) for row in order.tolist()))


def _instruction_cells(profile: Profile, row: int) -> tuple[Any, ...]:
    program = profile.program
    cycles = int(program.cycles[row])
    return (
        ENGINES[program.engine[row]], int(program.group[row]), int(program.id[row]), int(program.dependency[row]) or "",
        int(program.start[row]), cycles, int(profile.critical[row]), op_of(program, int(program.op[row])).name,
        program.kinds[program.kind[row]], program.details[program.detail[row]],
        round(float(program.ideal[row]) / cycles, 4) if cycles else "", int(program.bytes_read[row]),
        PLACES[program.reads[row]], int(program.bytes_written[row]), PLACES[program.writes[row]],
        int(program.multiply_adds[row]),
    )  # fmt: skip


def _write(path: Path, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    with written_atomically(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(lines)


def console_rows(profile: Profile, count: int) -> list[tuple[str, ...]]:
    """The ops with the largest parts of the critical path, for a terminal; all of them when ``count`` is 0."""
    total = max(1, profile.program.total)
    rows = sorted(profile.rows, key=lambda row: -row.critical)
    return [
        (
            row.op.name if len(row.op.name) <= 44 else "…" + row.op.name[-43:],
            row.op.type.removeprefix("tpu."),
            f"{row.critical:,}",
            f"{row.critical / total:.1%}",
            f"{row.tiu_cycles:,}",
            f"{row.tiu_utilization:.0%}" if row.tiu_cycles else "",
            f"{row.gdma_cycles:,}",
            f"{row.gdma_utilization:.0%}" if row.gdma_cycles else "",
            size(row.ddr_bytes),
            row.bound,
        )
        for row in (rows[:count] if count else rows)
    ]


CONSOLE_HEADER = ("op", "type", "critical", "share", "TIU", "used", "GDMA", "used", "DDR", "bound by")


def summary_lines(profile: Profile, remedies: Sequence[Remedy]) -> list[str]:
    """Totals, roofline and remedies."""
    program, roofline = profile.program, profile.roofline
    total = max(1, roofline.total)
    largest = sorted(profile.parts.items(), key=lambda part: -part[1])
    shares = [f"{name} {cycles / total:.1%}" for name, cycles in largest if cycles >= 0.0005 * total]
    lines = [
        f"{program.model}: {roofline.total:,} cycles ({roofline.total / 1e6:.3f} ms at 1 GHz), "
        f"{int((program.engine == 0).sum()):,} TIU and {int((program.engine == 1).sum()):,} GDMA instructions",
        f"TIU busy {roofline.tiu_busy / total:.1%}, GDMA busy {roofline.gdma_busy / total:.1%}, "
        f"DDR {size(profile.ddr_read)} read, {size(profile.ddr_written)} written",
        roofline_text(profile),
        "The critical path is made of " + ", ".join(shares) + ".",
        *program.notes,
    ]
    for number, remedy in enumerate(remedies, 1):
        lines.append(
            f"{number}. {remedy.title} (up to {remedy.saving:,} cycles, {remedy.saving / total:.1%}): {remedy.text}"
        )
    return lines
