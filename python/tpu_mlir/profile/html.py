"""The profile as one HTML file without external resources: data, style and script are inside."""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ..files import written_atomically
from .analysis import BOUND_MEANING, PARTS, OpRow, Profile
from .places import PLACES
from .program import ENGINES, Program
from .remedies import Remedy
from .tables import roofline_text

SCRIPTS = ("data.js", "colours.js", "timeline.js", "pointer.js", "main.js")


@cache
def _part(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")


def page(profile: Profile, remedies: list[Remedy]) -> str:
    """The text of the page."""
    data = json.dumps(_payload(profile, remedies), ensure_ascii=False, separators=(",", ":"))
    script = '"use strict";\n' + "\n".join(_part(name) for name in SCRIPTS)
    filled = {
        "title": html.escape(f"{profile.program.model}: profile"),
        "style": _part("page.css"),
        # "<" only stands in strings, where its escape means the same and cannot end the element.
        "data": data.replace("<", "\\u003c"),
        "script": script,
    }
    text = _part("page.html")
    for name, content in filled.items():
        before, after = text.split("{{" + name + "}}", 1)
        text = before + content + after
    return text


def write_page(profile: Profile, remedies: list[Remedy], path: Path) -> None:
    """Writes the page.

    Raises:
        UserError: the file cannot be written.
    """
    with written_atomically(path) as temporary:
        temporary.write_text(page(profile, remedies), encoding="utf-8")


def _payload(profile: Profile, remedies: list[Remedy]) -> dict[str, Any]:
    program, roofline = profile.program, profile.roofline
    return {
        "model": program.model,
        "network": program.network,
        "source": program.source,
        "notes": program.notes,
        "total": program.total,
        "facts": {
            "tiuBusy": roofline.tiu_busy,
            "gdmaBusy": roofline.gdma_busy,
            "array": round(roofline.array),
            "memory": round(roofline.memory),
            "ideal": max(1, round(roofline.ideal)),
            "read": profile.ddr_read,
            "written": profile.ddr_written,
            "macs": profile.multiply_adds,
        },
        "rooflineText": roofline_text(profile),
        "parts": [[name, round(profile.parts[name]), meaning] for name, meaning in PARTS.items()],
        "ops": [
            {
                "name": op.name,
                "type": op.type,
                "shape": "×".join(map(str, op.shape)),
                "dtype": op.dtype,
                "group": op.group,
            }
            for op in program.ops
        ],
        "rows": [_row(row) for row in profile.rows],
        "kinds": program.kinds,
        "details": program.details,
        "places": list(PLACES),
        "bounds": BOUND_MEANING,
        "remedies": [
            {"title": r.title, "text": r.text, "saving": r.saving, "ops": r.ops, "key": r.key} for r in remedies
        ],
        "lanes": [_lane(profile, engine) for engine in range(len(ENGINES))],
    }


def _row(row: OpRow) -> dict[str, Any]:
    return {
        "op": row.index,
        "start": row.start,
        "end": row.end,
        "computeStart": row.compute_start,
        "computeEnd": row.compute_end,
        "tiuCycles": row.tiu_cycles,
        "gdmaCycles": row.gdma_cycles,
        "tiuCritical": row.critical_tiu,
        "gdmaCritical": row.critical_gdma,
        "tiuUsed": round(row.tiu_utilization, 4),
        "gdmaUsed": round(row.gdma_utilization, 4),
        "macs": row.multiply_adds,
        "read": row.ddr_read,
        "written": row.ddr_written,
        "weights": row.weight_bytes,
        "bound": row.bound,
    }


def _lane(profile: Profile, engine: int) -> dict[str, list[int]]:
    """Columns of one engine's instructions. Starts are kept as gaps after the instruction before, which are mostly 0;
    columns that are all zero, and ids that count from 1, are left out."""
    program = profile.program
    rows = np.flatnonzero(program.engine == engine)
    start, end = program.start[rows].astype(np.int64), program.end[rows].astype(np.int64)
    cycles = program.cycles[rows].astype(np.int64)
    used = np.where(cycles > 0, 100 * program.ideal[rows] / np.maximum(cycles, 1), 100)
    columns: dict[str, np.ndarray] = {
        "gap": start - np.concatenate([[0], end[:-1]]) if len(rows) else start,
        "op": program.op[rows],
        "kind": program.kind[rows],
        "detail": program.detail[rows],
        "critical": profile.critical[rows],
        "unit": program.unit[rows],
        "used": np.rint(used),
        "read": program.bytes_read[rows],
        "written": program.bytes_written[rows],
        "reads": program.reads[rows],
        "writes": program.writes[rows],
        "macs": program.multiply_adds[rows],
    }
    kept = {"cycles": cycles} | {name: column for name, column in columns.items() if column.any()}
    if not np.array_equal(program.id[rows], np.arange(1, len(rows) + 1)):
        kept["id"] = program.id[rows]
    waits = _waits(program, rows, engine)
    if (waits >= 0).any():
        kept["wait"] = waits
    return {name: column.astype(np.int64).tolist() for name, column in kept.items()}


def _waits(program: Program, rows: np.ndarray, engine: int) -> np.ndarray:
    """For each instruction the place of what it waits for among those of the other engine; -1 for none."""
    place = np.full(len(program) + 1, -1, dtype=np.int64)
    others = np.flatnonzero(program.engine != engine)
    place[others] = np.arange(len(others))
    return place[program.queues.waits_for[rows]]
