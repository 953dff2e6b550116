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
    for row in range(len(program)):
        yield _instruction(program, row, bool(profile.critical[row]))
    yield from _op_spans(profile)
    yield from _waits(profile)
    yield from _bandwidth(program)


def _meta(what: str, thread: int, **arguments: Any) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": PROCESS, "tid": thread, "args": arguments}


def _track(thread: int, name: str) -> Iterator[dict[str, Any]]:
    yield _meta("thread_name", thread, name=name)
    yield _meta("thread_sort_index", thread, sort_index=thread)


def _instruction(program: Program, row: int, critical: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "id": int(program.id[row]),
        "what": program.details[program.detail[row]],
        "cycles": int(program.cycles[row]),
        "critical": critical,
    }
    if program.dependency[row]:
        arguments["waits for"] = int(program.dependency[row])
    for key, column, place in (("read", "bytes_read", "reads"), ("written", "bytes_written", "writes")):
        if count := int(program.columns[column][row]):
            arguments[f"bytes {key}"] = count
            arguments[f"{key} from" if key == "read" else "written to"] = PLACES[program.columns[place][row]]
    if count := int(program.multiply_adds[row]):
        arguments["multiply-adds"] = count
    return {
        "ph": "X",
        "name": op_of(program, int(program.op[row])).name,
        "cat": program.kinds[program.kind[row]],
        "pid": PROCESS,
        "tid": int(program.engine[row]) + 1,
        "ts": int(program.start[row]) / CYCLES_PER_US,
        "dur": int(program.cycles[row]) / CYCLES_PER_US,
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
    previous_end = -1
    for row in rows.tolist():
        start, end, cycles = int(program.start[row]), int(program.end[row]), int(program.cycles[row])
        if previous_end >= 0 and start > previous_end:
            yield _counter(previous_end, 0, 0)
        read = int(program.bytes_read[row]) if program.reads[row] != ON_CHIP else 0
        written = int(program.bytes_written[row]) if program.writes[row] != ON_CHIP else 0
        yield _counter(start, read / cycles, written / cycles)
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
