"""Search of thresholds: tries the calibration methods for the whole network and for every value by itself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..calibration.collect import Statistics
from ..calibration.methods import METHODS, Distribution
from ..calibration.table import CalibrationTable, write_table
from ..errors import UserError
from ..parallel import bar
from .candidates import Candidate, Lab, Measured, Sample
from .fake import Range
from .network import TopNetwork
from .options import SearchOptions
from .ranges import changed_table, imported_ranges, with_limits
from .refine import refine
from .sensitivity import Prober, telling_samples
from .tables import nearest
from .targets import targets_of

FIXED = frozenset({"Softmax", "Sigmoid", "HardSigmoid"})
"""Ops whose results always have the range [0, 1]."""


@dataclass
class ThresholdResult:
    """The table, the similarity of the 8-bit network with it, and that of every method by itself."""

    table: CalibrationTable
    chosen: str
    measured: Measured
    methods: dict[str, Measured] = field(default_factory=dict)


def parse_methods(text: str) -> list[str]:
    """Methods of ``--quantize_method_list``: names separated by commas; "use_" before a name and case do not matter."""
    names = [word.strip().lower().removeprefix("use_") for word in text.replace(";", ",").split(",") if word.strip()]
    for name in names:
        if name not in METHODS:
            raise UserError(f"the threshold method '{name}' is unknown{nearest(name, METHODS)}")
    if not names:
        raise UserError(f"--quantize_method_list names no method; choose of {', '.join(METHODS)}")
    return list(dict.fromkeys(names))


def tables_of(
    statistics: Statistics, methods: Sequence[str], header: Sequence[str] = ()
) -> dict[str, CalibrationTable]:
    """A table per method from the same statistics."""
    shapes = {name: Distribution.of(found) for name, found in statistics.items() if found.count > 0}
    return {
        method: CalibrationTable({name: METHODS[method](shape) for name, shape in shapes.items()}, list(header))
        for method in methods
    }


class ThresholdSearch:
    """Tries tables on one network; the samples of ``lab`` tell how good each is."""

    def __init__(self, options: SearchOptions, network: TopNetwork, lab: Lab):
        self.options, self.network, self.lab = options, network, lab
        self._probers: list[Prober] = []

    @property
    def probers(self) -> list[Prober]:
        """Samples with all their values in memory."""
        if not self._probers:
            samples = telling_samples(self.network, self.lab.samples, max(1, self.options.probes))
            self._probers = [Prober(self.network, sample, self.lab.targets.names) for sample in samples]
        return self._probers

    def release(self) -> None:
        """Gives the memory of the samples' values back."""
        self._probers = []

    def write(self, table: CalibrationTable, name: str) -> Path:
        """A table as a file of this search."""
        path = self.lab.folder / name
        write_table(path, table)
        return path

    def measure(self, table: CalibrationTable, name: str) -> Measured:
        """Similarity of the 8-bit network with a table."""
        return self.lab.measure(Candidate(self.write(table, name), self.options.asymmetric))

    def by_method(self, tables: Mapping[str, CalibrationTable]) -> dict[str, Measured]:
        """Similarity with the table of each method."""
        scheme = "asymmetric" if self.options.asymmetric else "symmetric"
        found = {}
        for method, table in tables.items():
            found[method] = self.measure(table, f"{method}_{scheme}")
            self.options.notify(f"{method} {scheme}: similarity {found[method].score:.6f}")
        return found

    def ranges(self, table: CalibrationTable) -> dict[str, Range]:
        """What the compiler makes of a table."""
        options = self.options
        return imported_ranges(options.mlir, options.chip, self.write(table, "table"), options.asymmetric)[0]

    def improved(self, tables: Mapping[str, CalibrationTable], first: str, *, narrow: bool) -> CalibrationTable:
        """The best range of every value by itself, beginning with the table of one method."""
        asymmetric = self.options.asymmetric
        start = self.ranges(tables[first])
        others = [self.ranges(table) for method, table in tables.items() if method != first and not narrow]
        graph = self.network.graph
        fixed = frozenset(layer.name for layer in graph.layers if layer.kind in FIXED)
        budget = np.ones(len(self.lab.targets.names))
        with bar(2 * len(start), "ranges") as tick:
            found = refine(
                graph, self.probers, start, others, asymmetric, budget, fixed=fixed, narrow=narrow, progress=tick
            )
        entries = tables[first].entries
        changed = {
            name: with_limits(entries[name], limits, asymmetric)
            for name, limits in found.items()
            if name in entries and limits != start[name]
        }
        return changed_table(tables[first], changed)


def search_threshold(
    options: SearchOptions, samples: Sequence[Sample], tables: Mapping[str, CalibrationTable]
) -> ThresholdResult:
    """Tries each method, then the best method of every value by itself; keeps what gives the best similarity."""
    options.check()
    if not samples:
        raise UserError("the search needs at least one sample; give --dataset or --data_list")
    network = TopNetwork(options.mlir)
    targets = targets_of(
        network.graph, layers=options.compare_layers, method=options.benchmark, post_process=options.post_process
    )
    with Lab(options.mlir, options.chip, samples, targets) as lab:
        search = ThresholdSearch(options, network, lab)
        methods = search.by_method(tables)
        best = max(methods, key=lambda method: methods[method].score)
        mixed = search.improved(tables, best, narrow=False)
        measured = search.measure(mixed, "mixed")
        options.notify(f"a method per tensor: similarity {measured.score:.6f}")
        if measured.score > methods[best].score:
            return ThresholdResult(mixed, "a method per tensor", measured, methods)
        return ThresholdResult(tables[best], best, methods[best], methods)


def for_table(options: SearchOptions, path: str | os.PathLike[str]) -> SearchOptions:
    """The same options with another calibration table."""
    return replace(options, calibration_table=Path(path))
