"""What a search prints and writes: the ranked layers, the head of a quantize table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..files import save_text
from .options import SearchOptions
from .qtable import LayerRow, QtableResult

HEADER = ("layer", "op", "cosine", "snr dB", "loss", "cycles %", "mode")


def _cells(row: LayerRow) -> tuple[str, ...]:
    numbers = (f"{row.cosine:.6f}", f"{row.snr:.1f}", f"{row.loss:.6f}", f"{100 * row.share:.1f}")
    return (row.name, row.kind, *numbers, row.mode)


def ranked_layers(rows: Sequence[LayerRow], most: int | None = 20) -> str:
    """The layers that cost most similarity, worst first; all with ``most`` None."""
    from ..cli.command import columns

    shown = rows if most is None else rows[:most]
    if not shown:
        return "no layer loses similarity in 8 bits"
    text = columns([_cells(row) for row in shown], HEADER)
    left = len(rows) - len(shown)
    return text + (f"\n… and {left} layers that cost less" if left else "")


def write_ranking(path: Path, rows: Sequence[LayerRow]) -> None:
    """All layers as a CSV file."""
    lines = [",".join(word.replace(" ", "_").replace("%", "percent") for word in HEADER)]
    for row in rows:
        name = '"' + row.name.replace('"', '""') + '"' if "," in row.name or '"' in row.name else row.name
        lines.append(",".join((name, *_cells(row)[1:])))
    save_text(path, "\n".join(lines) + "\n")


def quantize_header(options: SearchOptions, result: QtableResult) -> list[str]:
    """Comment lines for the head of a quantize table."""
    lines = [
        f"generated time: {datetime.now()}",
        f"chip: {options.chip}  mix_mode: {options.mix_mode}",
        f"number of {result.kinds} layer: {len(result.table)}",
        f"similarity without table: {result.before.score:.6f}, with: {result.after.score:.6f}, "
        f"asked: {options.expected:g}",
    ]
    return lines + result.notes


def summary(options: SearchOptions, result: QtableResult) -> str:
    """The outcome in a few lines."""
    integer, mixed = result.estimate
    name = (
        {"cos": "cosine", "snr": "signal to noise ratio"}[options.benchmark] if not options.post_process else "metric"
    )
    lines = [
        f"{name} {result.before.score:.6f} in 8 bits, {result.after.score:.6f} with {len(result.table)} layers in "
        f"{result.kinds}, about {mixed / integer:.2f} times the cycles; {result.evaluations} networks were evaluated"
    ]
    return "\n".join(lines + result.notes)
