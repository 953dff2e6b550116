"""The timeline in the Trace Event Format, which Chrome (chrome://tracing) and Perfetto (ui.perfetto.dev) open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..files import written_atomically
from .analysis import Profile, op_of
from .places import ON_CHIP, PLACES
from .program import ENGINES, GDMA, Program

PROCESS, FIRST_OP_TRACK = 1, 3
CYCLES_PER_US = 1000.0


def trace_events(profile: Profile) -> Iterator[dict[str, Any]]:
    """Events one after the other; times in microseconds at 1 GHz."""
    program = profile.program
    yield _meta("process_name", 0, name=f"{program.model}: {program.network}")
    for engine, name in enumerate(ENGINES):
        yield from _track(engine + 1, name)
    yield from _instructions(profile)
    yield from _op_spans(profile)
    yield from _waits(profile)
    yield from _bandwidth(program)


def _meta(what: str, thread: int, **arguments: Any) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": PROCESS, "tid": thread, "args": arguments}


def _track(thread: int, name: str) -> Iterator[dict[str, Any]]:
    yield _meta("thread_name", thread, name=name)
    yield _meta("thread_sort_index", thread, sort_index=thread)


def _instructions(profile: Profile) -> Iterator[dict[str, Any]]:
    program = profile.program
    critical, ops = profile.critical.tolist(), program.op.tolist()
    columns = {name: column.tolist() for name, column in program.columns.items()}
    names = ("id", "engine", "start", "cycles", "dependency", "kind", "detail", "multiply_adds")
    moves = ("bytes_read", "reads", "bytes_written", "writes")
    rows = zip(critical, ops, *(columns[name] for name in (*names, *moves)), strict=True)
    for path, op, number, engine, start, cycles, waits, kind, detail, macs, read, source, written, target in rows:
        arguments: dict[str, Any] = {
            "id": number,
            "what": program.details[detail],
            "cycles": cycles,
            "critical": path,
        }
        if waits:
            arguments["waits for"] = waits
        if read:
            arguments |= {"bytes read": read, "read from": PLACES[source]}
        if written:
            arguments |= {"bytes written": written, "written to": PLACES[target]}
        if macs:
            arguments["multiply-adds"] = macs
        yield {
            "ph": "X",
            "name": op_of(program, op).name,
            "cat": program.kinds[kind],
            "pid": PROCESS,
            "tid": engine + 1,
            "ts": start / CYCLES_PER_US,
            "dur": cycles / CYCLES_PER_US,
            "args": arguments,
        }


def _op_spans(profile: Profile) -> Iterator[dict[str, Any]]:
    """Ops from their first to their last instruction, in as many tracks as overlap."""
    ends: list[int] = []
    for row in profile.rows:
        track = next((number for number, end in enumerate(ends) if end <= row.start), len(ends))
        if track == len(ends):
            ends.append(0)
            yield from _track(FIRST_OP_TRACK + track, f"ops {track + 1}")
        ends[track] = row.end
        yield {
            "ph": "X",
            "name": row.op.name,
            "cat": "op",
            "pid": PROCESS,
            "tid": FIRST_OP_TRACK + track,
            "ts": row.start / CYCLES_PER_US,
            "dur": (row.end - row.start) / CYCLES_PER_US,
            "args": {
                "type": row.op.type,
                "bound by": row.bound,
                "critical cycles": row.critical,
                "TIU cycles": row.tiu_cycles,
                "GDMA cycles": row.gdma_cycles,
                "DDR bytes": row.ddr_bytes,
            },
        }


def _waits(profile: Profile) -> Iterator[dict[str, Any]]:
    """Arrows from one engine to the other along the critical path."""
    program = profile.program
    for row in np.flatnonzero(profile.critical).tolist():
        cause = int(program.queues.waits_for[row])
        if cause < 0 or int(program.end[cause]) != int(program.start[row]) or not program.cycles[row]:
            continue
        common = {"cat": "wait", "name": "critical wait", "id": row + 1, "pid": PROCESS}
        # A flow binds to the slice around its time stamp.
        begin = (int(program.start[cause]) + int(program.cycles[cause]) / 2) / CYCLES_PER_US
        end = (int(program.start[row]) + int(program.cycles[row]) / 2) / CYCLES_PER_US
        yield {"ph": "s", **common, "tid": int(program.engine[cause]) + 1, "ts": begin}
        yield {"ph": "f", "bp": "e", **common, "tid": int(program.engine[row]) + 1, "ts": end}


def _bandwidth(program: Program) -> Iterator[dict[str, Any]]:
    """Bytes per cycle from and to DDR."""
    rows = np.flatnonzero((program.engine == GDMA) & (program.cycles > 0))
    cycles = program.cycles[rows]
    read = np.where(program.reads[rows] != ON_CHIP, program.bytes_read[rows], 0) / cycles
    written = np.where(program.writes[rows] != ON_CHIP, program.bytes_written[rows], 0) / cycles
    previous_end = -1
    times = program.start[rows].tolist(), program.end[rows].tolist()
    for start, end, in_rate, out_rate in zip(*times, read.tolist(), written.tolist(), strict=True):
        if previous_end >= 0 and start > previous_end:
            yield _counter(previous_end, 0, 0)
        yield _counter(start, in_rate, out_rate)
        previous_end = end
    if previous_end >= 0:
        yield _counter(previous_end, 0, 0)


def _counter(at: int, read: float, written: float) -> dict[str, Any]:
    return {
        "ph": "C",
        "name": "DDR bytes per cycle",
        "pid": PROCESS,
        "ts": at / CYCLES_PER_US,
        "args": {"read": round(read, 2), "written": round(written, 2)},
    }


def write_trace(profile: Profile, path: Path) -> None:
    """Writes the trace as one JSON file, an event a line.

    Raises:
        UserError: the file cannot be written.
    """
    import json

    with written_atomically(path) as temporary, temporary.open("w", encoding="utf-8") as out:
        out.write('{"displayTimeUnit": "ns", "otherData": {"clock": "cycle model of the BM1684X at 1 GHz"},\n')
        out.write('"traceEvents": [\n')
        separator = ""
        for event in trace_events(profile):
            out.write(separator + json.dumps(event, ensure_ascii=False, separators=(",", ":")))
            separator = ",\n"
        out.write("\n]}\n")
