"""Ranges of values: what a calibration table says, and what the compiler makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from .. import ir, pipelines
from ..calibration.table import CalibrationTable, Entry
from .fake import Range
from .graph import Graph


def limits_of(entry: Entry, asymmetric: bool) -> Range:
    """The range that is quantized; zero lies in it."""
    if asymmetric:
        return min(entry.minimum, 0.0), max(entry.maximum, 0.0)
    return (0.0 if entry.minimum >= 0 else -entry.threshold), entry.threshold


def with_limits(entry: Entry, limits: Range, asymmetric: bool) -> Entry:
    """The entry changed so that it gives this range; the other kind of quantization keeps its own."""
    if not asymmetric:
        return replace(entry, threshold=max(-limits[0], limits[1]))
    low = 0.0 if entry.minimum >= 0 else limits[0]
    return replace(entry, minimum=low if entry.minimum < 0 else entry.minimum, maximum=limits[1])


def plain_ranges(graph: Graph, entries: Mapping[str, Entry], asymmetric: bool) -> dict[str, Range]:
    """The range of each value as the table says, without the compiler's rules."""
    names = [*graph.inputs, *graph.by_name]
    return {name: limits_of(entries[name], asymmetric) for name in names if name in entries}


def imported_ranges(mlir: Path, chip: str, table: Path, asymmetric: bool) -> tuple[dict[str, Range], set[str]]:
    """What the compiler makes of a table: the range of each value, after its rules for ops and propagation, and the
    names of the layers that a quantize table may use."""
    module = pipelines.load(mlir, ir.Context())
    passes = pipelines.Lowering(chip, "INT8", calibration_table=str(table), asymmetric=asymmetric).passes("w.npz")
    end = next(index for index, name in enumerate(passes) if name.startswith("convert-top-to-tpu"))
    pipelines.run(module, passes[:end])
    found: dict[str, Range] = {}
    names: set[str] = set()

    def visit(op: ir.OpView) -> None:
        if not op.operation.name.startswith("top.") or op.name in ("top.Weight", "top.None"):
            return
        name = op.location.name_str or ""
        names.add(name)
        element = op.operation.results[0].type.element_type
        if isinstance(element, ir.CalibratedQuantizedType):
            found[name] = (float(element.min), float(element.max))

    module.operation.walk(visit)
    return found, names


def shared_ranges(graph: Graph, ranges: Mapping[str, Range]) -> list[list[str]]:
    """The values grouped by those that must keep one range, because layers only move values between them."""
    parent = {name: name for name in ranges}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for layer in graph.layers:
        if not layer.moves or layer.name not in ranges:
            continue
        for name in layer.inputs:
            if name in ranges and ranges[name] == ranges[layer.name]:
                parent[root(name)] = root(layer.name)
    groups: dict[str, list[str]] = {}
    for name in ranges:
        groups.setdefault(root(name), []).append(name)
    return list(groups.values())


def changed_table(table: CalibrationTable, entries: Mapping[str, Entry], note: Iterable[str] = ()) -> CalibrationTable:
    """A table with some entries replaced and lines added to its head."""
    return CalibrationTable({**table.entries, **entries}, [*table.header, *note])
