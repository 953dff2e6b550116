"""Choice among thresholds by the error that they cause: each tensor alone is quantized with every candidate, the ops
that read it are run on the result, and what they give is compared with what they give in float.

The error counts where it acts. A convolution averages rounding but not clipping; a tensor of which a pooling or a slice
drops most values only matters in the others. Only the values of one sample are in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .. import _tpu_mlir as _native
from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..inputs import network_inputs
from ..parallel import Tick, nothing
from ..search.graph import Graph, graph_of
from .data import Sample, stream
from .methods import METHODS, Distribution
from .table import Entry

Range = tuple[float, float]
COARSE = (0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.4)
FINE = (0.93, 0.965, 1.0, 1.035, 1.07)
SIDES = ((1.0, 1.0), (0.8, 1.0), (1.0, 0.8), (0.8, 0.8), (0.65, 0.65), (1.2, 1.2))
NEAR_SIDES = ((1.0, 1.0), (0.93, 1.0), (1.0, 0.93), (1.07, 1.0), (1.0, 1.07), (0.93, 0.93))

CLEARLY = 0.95
"""Errors on a few samples differ by chance: what all samples gave is only given up for a smaller one by this."""


@dataclass(frozen=True)
class Grid:
    """value = (q - zero_point) * scale with q in [low, high]; the rules of the lowering."""

    scale: float
    zero_point: int
    low: int
    high: int

    @staticmethod
    def of(limits: Range, asymmetric: bool) -> Grid:
        """u8 for a range without negative values, else i8."""
        low, high = min(limits[0], 0.0), max(limits[1], 0.0)
        if low == 0:
            return Grid(high / 255 if high > 0 else 1.0, 0, 0, 255)
        if not asymmetric:
            return Grid(max(-low, high) / 127, 0, -128, 127)
        scale = (high - low) / 255
        return Grid(scale, max(-128, min(127, round(-low / scale) - 128)), -128, 127)

    def round(self, values: np.ndarray) -> np.ndarray:
        """The values as 8 bits hold them, float32."""
        rounded: np.ndarray = _native.round_to_grid(values, self.scale, self.zero_point, self.low, self.high)
        return rounded


@dataclass
class Candidates:
    """Ranges to try for a tensor, and the error that each has caused so far: sums of relative squared errors."""

    symmetric: list[float]
    asymmetric: list[Range]
    errors: dict[Grid, float] = field(default_factory=dict)

    def grids(self, values: Distribution) -> set[Grid]:
        """The different quantizations of all candidates."""
        found = {Grid.of(_symmetric(t, values), False) for t in self.symmetric}
        return found | {Grid.of(limits, True) for limits in self.asymmetric}

    def best(self, values: Distribution) -> tuple[float, Range]:
        """The threshold and the range with the least error; the first ones unless others are clearly better."""
        symmetric = [self.errors[Grid.of(_symmetric(t, values), False)] for t in self.symmetric]
        asymmetric = [self.errors[Grid.of(limits, True)] for limits in self.asymmetric]
        return self.symmetric[_clearly_least(symmetric)], self.asymmetric[_clearly_least(asymmetric)]


def _clearly_least(errors: Sequence[float]) -> int:
    """The place of the least error, or 0 where that one is nearly as small."""
    least = int(np.argmin(errors))
    return least if errors[least] < CLEARLY * errors[0] else 0


def _symmetric(threshold: float, values: Distribution) -> Range:
    return (-threshold if values.signed else 0.0, threshold)


def _limited(low: float, high: float, values: Distribution) -> Range:
    return max(min(low, 0.0), min(values.minimum, 0.0)), min(max(high, 0.0), max(values.maximum, 0.0))


def _distinct(thresholds: Iterable[float], values: Distribution) -> list[float]:
    """Thresholds up to the largest magnitude that differ by more than 1 %."""
    found: list[float] = []
    for threshold in sorted(min(t, values.largest) for t in thresholds if t > 0):
        if not found or threshold > found[-1] * 1.01:
            found.append(threshold)
    return found or [values.largest]


def first_candidates(values: Distribution, entry: Entry, every_method: bool) -> Candidates:
    """Around what a method gave; with ``every_method`` also what all others give."""
    thresholds = [entry.threshold * factor for factor in COARSE]
    ranges = [(entry.minimum * a, entry.maximum * b) for a, b in SIDES]
    if every_method:
        others = [method(values) for method in METHODS.values()]
        thresholds += [other.threshold for other in others]
        ranges += [(other.minimum, other.maximum) for other in others]
    # The method's own answer comes first: it stays where nothing is better.
    symmetric = [entry.threshold, *(t for t in _distinct(thresholds, values) if t != entry.threshold)]
    asymmetric = list(dict.fromkeys(_limited(low, high, values) for low, high in ranges))
    return Candidates(symmetric, asymmetric)


def nearer_candidates(values: Distribution, tried: Candidates) -> Candidates:
    """A finer search around the best candidates."""
    threshold, (low, high) = tried.best(values)
    symmetric = [threshold, *(t for t in _distinct((threshold * f for f in FINE), values) if t != threshold)]
    asymmetric = list(dict.fromkeys(_limited(low * a, high * b, values) for a, b in NEAR_SIDES))
    return Candidates(symmetric, asymmetric)


@dataclass(frozen=True)
class Region:
    """The ops that first compute with a tensor, behind ops that only move values. given: what else they read."""

    wanted: tuple[str, ...]
    given: tuple[str, ...]


def region_of(graph: Graph, name: str) -> Region:
    """Where the error of a tensor is measured: results of its readers, and the tensor itself where it is an output."""
    wanted: list[str] = [name] if name in graph.outputs else []
    run: set[str] = set()
    moved = [name]
    while moved:
        for layer in graph.consumers.get(moved.pop(), []):
            if layer.name in run:
                continue
            run.add(layer.name)
            if layer.moves:
                moved.append(layer.name)
            if not layer.moves or layer.name in graph.outputs:
                wanted.append(layer.name)
    return Region(tuple(dict.fromkeys(wanted)), tuple(sorted(graph.frontier(run) - {name})))


def followers(graph: Graph) -> dict[str, str]:
    """Tensors whose quantization is another's: results of moves take their operand's, operands of a concatenation that
    nobody else reads take the result's."""
    found: dict[str, str] = {}
    for layer in graph.layers:
        if layer.moves and len(layer.inputs) == 1:
            found[layer.name] = found.get(layer.inputs[0], layer.inputs[0])
        elif layer.moves:
            for operand in layer.inputs:
                if len(graph.consumers[operand]) == 1 and operand in graph.by_name and operand not in graph.outputs:
                    found.setdefault(operand, layer.name)
    return found


class Tuner:
    """Improves the entries of a table on samples."""

    def __init__(self, mlir: Path, distributions: Mapping[str, Distribution]):
        module = pipelines.load(mlir, ir.Context())
        self._inputs = network_inputs(module)
        self._graph = graph_of(module)
        self._interpreter = ModuleInterpreter(module)
        self._distributions = distributions
        integers = {spec.name for spec in self._inputs if spec.element != "f32"}
        self.followers = followers(self._graph)
        self.names = [
            name
            for name, values in distributions.items()
            if values.largest > 0 and name not in self.followers and name not in integers
        ]
        self._regions = {name: region_of(self._graph, name) for name in self.names}

    def measure(self, candidates: Mapping[str, Candidates], samples: Sequence[Sample], tick: Tick = nothing) -> None:
        """Adds the errors that all candidates cause on the samples."""
        for _, arrays in stream(samples, self._inputs):
            values = self._interpreter.run(arrays, every_tensor=True).values
            for name in self.names:
                found = candidates[name]
                for grid in found.grids(self._distributions[name]):
                    error = self._error(name, grid, values)
                    found.errors[grid] = found.errors.get(grid, 0.0) + error
            tick(1)

    def _error(self, name: str, grid: Grid, values: Mapping[str, np.ndarray]) -> float:
        region = self._regions[name]
        rounded = grid.round(values[name]).reshape(values[name].shape)
        results: Mapping[str, np.ndarray] = {name: rounded}
        behind = [wanted for wanted in region.wanted if wanted != name]
        if behind:
            given = {other: values[other] for other in region.given}
            given[name] = rounded
            results = {**self._interpreter.run({}, given=given, wanted=behind).values, name: rounded}
        total = 0.0
        for wanted in region.wanted or (name,):
            error, energy = _native.squared_error(values[wanted], results[wanted])
            total += error / energy if energy > 0 else error
        return total

    def improve(
        self,
        entries: Mapping[str, Entry],
        samples: Sequence[Sample],
        *,
        every_method: bool = False,
        tick: Tick = nothing,
    ) -> dict[str, Entry]:
        """The entries with the thresholds and ranges that cause the least error; two passes over the samples."""
        candidates = {
            name: first_candidates(self._distributions[name], entries[name], every_method) for name in self.names
        }
        self.measure(candidates, samples, tick)
        candidates = {name: nearer_candidates(self._distributions[name], candidates[name]) for name in self.names}
        self.measure(candidates, samples, tick)
        result = dict(entries)
        for name in self.names:
            values = self._distributions[name]
            threshold, (low, high) = candidates[name].best(values)
            if not values.signed:  # both forms are u8 from zero
                low, high = values.minimum, max(threshold, values.minimum)
            result[name] = values.entry(threshold, low, high)
        for name, leader in self.followers.items():
            if name in result and leader in result:
                result[name] = result[leader]
        return result
