"""Search of the quantize table: which layers to compute in float to reach a similarity at the least cost in cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..calibration.table import read_table
from ..errors import UserError
from ..parallel import bar
from .candidates import Candidate, Lab, Measured, Sample, forms_of
from .cost import CostModel
from .fake import Range
from .graph import Graph, Layer
from .network import TopNetwork
from .options import SearchOptions
from .ranges import imported_ranges
from .select import Choice, Selector
from .sensitivity import Noise, Sensitivity, measure, telling_samples
from .tables import read_quantize_table
from .targets import Targets, targets_of

HALVES = ("F16", "BF16")
HALF_LIMIT = 60000.0
"""Largest magnitude that a layer in F16 may meet."""


@dataclass(frozen=True)
class LayerRow:
    """A line of the ranked table. loss: 1 - cosine of the worst target when this layer alone is in 8 bits."""

    name: str
    kind: str
    cosine: float
    snr: float
    loss: float
    share: float
    mode: str


@dataclass
class QtableResult:
    """Outcome: the table, how similar the network is without and with it, and the ranked layers."""

    table: dict[str, str]
    before: Measured
    after: Measured
    best: Measured
    reached: bool
    rows: list[LayerRow]
    estimate: tuple[float, float]
    evaluations: int
    notes: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> str:
        """The number types in the table, as "F16" or "BF16/F16"."""
        return "/".join(sorted(set(self.table.values()))) or "float"


@dataclass
class Prepared:
    """A network that was measured for one calibration table."""

    lab: Lab
    graph: Graph
    candidate: Candidate
    ranges: Mapping[str, Range]
    integer: list[str]
    sensitivity: Sensitivity
    cost: CostModel
    float_types: Mapping[str, str]


def prepare(options: SearchOptions, network: TopNetwork, lab: Lab, samples: Sequence[Sample]) -> Prepared:
    """Measures every source of noise on some of the samples."""
    graph = network.graph
    candidate = Candidate(options.calibration_table, options.asymmetric)
    ranges, names = imported_ranges(options.mlir, options.chip, options.calibration_table, options.asymmetric)
    layers = [layer.name for layer in graph.layers if layer.name in names]
    forms = forms_of(lab.lowered(candidate), layers)
    integer = [name for name in layers if name not in forms.floating]
    probes = telling_samples(network, samples, max(1, options.probes))
    total = len(probes) * (len(ranges) + sum(layer.weighted for layer in graph.layers))
    options.notify(f"measuring {total // len(probes)} sources of noise on {len(probes)} samples")
    with bar(total, "layers") as tick:
        sensitivity = measure(network, probes, lab.targets.names, ranges, options.asymmetric, tick)
    for name in forms.real:
        sensitivity.values.pop(name, None)
    types = float_types(graph, options)
    cost = CostModel(graph, _most_common(types))
    return Prepared(lab, graph, candidate, ranges, integer, sensitivity, cost, types)


def float_types(graph: Graph, options: SearchOptions) -> dict[str, str]:
    """The number type of each layer in float: F16, unless its values are too large for it."""
    if options.float_type != "auto":
        return {layer.name: options.float_type for layer in graph.layers}
    entries = read_table(options.calibration_table).entries
    large = {name for name, e in entries.items() if max(e.threshold, abs(e.minimum), abs(e.maximum)) > HALF_LIMIT}

    def kind(layer: Layer) -> str:
        if not large.intersection((layer.name, *layer.inputs)):
            return "F16"
        return "BF16" if layer.weighted else "F32"

    return {layer.name: kind(layer) for layer in graph.layers}


def _most_common(types: Mapping[str, str]) -> str:
    found = list(types.values())
    return max(sorted(set(found)), key=found.count) if found else "F16"


def search_qtable(options: SearchOptions, samples: Sequence[Sample]) -> QtableResult:
    """The search with the thresholds that a calibration table has.

    Raises:
        UserError, MLIRError: an option cannot be used, or the network cannot be lowered.
    """
    options.check()
    if not samples:
        raise UserError("the search needs at least one sample; give --dataset or --data_list")
    network = TopNetwork(options.mlir)
    targets = targets_of(
        network.graph, layers=options.compare_layers, method=options.benchmark, post_process=options.post_process
    )
    if options.pre_table is not None:
        read_quantize_table(options.pre_table, network.graph.by_name)  # before the long work
    with Lab(options.mlir, options.chip, samples, targets) as lab:
        return Search(options, prepare(options, network, lab, samples)).run()


class Search:
    """Finds the cheapest table for a network that was prepared."""

    def __init__(self, options: SearchOptions, prepared: Prepared):
        self.options, self.p = options, prepared
        self.targets: Targets = prepared.lab.targets
        names = prepared.graph.by_name
        self.given = read_quantize_table(options.pre_table, names) if options.pre_table is not None else {}
        self.notes: list[str] = []
        self.selector = self._selector(np.asarray(self.targets.budget(options.expected)))

    def _selector(self, budget: np.ndarray) -> Selector:
        options, p = self.options, self.p
        never = [name for name, mode in self.given.items() if mode in ("INT8", "UINT8")]
        if options.min_layer_cos is not None:
            never += [name for name in p.integer if self._cosine(name) >= options.min_layer_cos]
        always = [name for name, mode in self.given.items() if mode not in ("INT8", "UINT8")]
        heavy = [name for name, kind in p.float_types.items() if kind not in HALVES] + list(self.given)
        return Selector(
            p.graph, p.sensitivity, p.cost, p.integer, budget, always_float=always, never_float=never, heavy=heavy
        )

    def table(self, choice: Choice) -> dict[str, str]:
        """The quantize table of a choice, in the order of the network."""
        types = {**self.p.float_types, **self.given}
        found = {layer.name: types[layer.name] for layer in self.p.graph.layers if layer.name in choice.floats}
        found |= {name: f"W8{found[name]}" for name in found if name in choice.light}
        return found | {name: mode for name, mode in self.given.items() if name not in choice.floats}

    def measure(self, choice: Choice) -> Measured:
        """Similarity with this choice."""
        return self.p.lab.measure(self.p.candidate.with_table(self.table(choice)))

    def run(self) -> QtableResult:
        """The whole search."""
        options = self.options
        everything = self.selector.rated(self.selector.integer - self.selector._never)
        nothing = self.selector.rated(self.selector.integer & self.selector._always)
        before, best = self.measure(nothing), self.measure(everything)
        expected = options.expected
        options.notify(f"similarity {before.score:.6f} in 8 bits, {best.score:.6f} with every layer in float")
        if before.score >= expected:
            return self._result(nothing, before, before, best)
        if best.score < expected:
            self.notes.append(
                f"even with all {len(everything.floats)} layers in float the similarity is {best.score:.6f}; "
                f"the asked {expected} cannot be reached this way"
            )
            return self._result(everything, before, best, best)
        self._leave_room(best)
        found = self._approach(everything, expected)
        found = self._trim(found, expected)
        found = self._limit(found)
        return self._result(found, before, self.measure(found), best)

    def _leave_room(self, best: Measured) -> None:
        """Takes the noise of the float layers themselves out of the budget."""
        if self.targets.metric is not None or self.targets.method != "cos":
            return
        own = np.array([1 / max(best.by_tensor[name], 1e-3) ** 2 - 1 for name in self.targets.names])
        budget = self.targets.budget(self.options.expected)
        self.selector = self._selector(np.maximum(budget - own, budget * 0.05))

    def _approach(self, everything: Choice, expected: float) -> Choice:
        """Meets the asked similarity with predicted choices; what is measured corrects the next prediction."""
        best, good, bad, limit = everything, 0.0, float("inf"), 0.9
        seen: set[tuple[frozenset[str], frozenset[str]]] = set()
        for _ in range(self.options.trials):
            choice = self.selector.within(limit)
            if (choice.floats, choice.light) in seen and good > 0:
                break
            seen.add((choice.floats, choice.light))
            measured = self.measure(choice)
            self.options.notify(
                f"float layers: {len(choice.floats)}, similarity {measured.score:.6f}, "
                f"about {choice.cycles / self.selector.rated(frozenset()).cycles:.2f} times the cycles"
            )
            if measured.score >= expected:
                good = max(good, limit)
                best = choice if choice.cycles < best.cycles else best
            else:
                bad = min(bad, limit)
            if good > 0 and bad < good * 1.04:
                break
            limit = self._next_limit(limit, self._excess(measured), good, bad)
        return best

    def _excess(self, measured: Measured) -> float | None:
        """Measured noise relative to the budget; None where only a score is known."""
        if self.targets.metric is not None or self.targets.weights is not None:
            return None
        budget = self.targets.budget(self.options.expected)
        if self.targets.method == "snr":
            noise = np.array([10 ** (-measured.by_tensor[name] / 10) for name in self.targets.names])
        else:
            noise = np.array([1 / max(measured.by_tensor[name], 1e-3) ** 2 - 1 for name in self.targets.names])
        return float((noise / budget).max())

    @staticmethod
    def _next_limit(limit: float, excess: float | None, good: float, bad: float) -> float:
        if excess is None or excess <= 0:
            guess = limit * (2.0 if good >= limit else 0.5)
        else:
            guess = limit * float(np.clip(0.97 / excess, 0.25, 4.0))
        if good > 0 and np.isfinite(bad) and not good < guess < bad:
            return float((good * bad) ** 0.5)
        return float(np.clip(guess, 1e-4, 1e4))

    def _trim(self, found: Choice, expected: float) -> Choice:
        """Puts layers back into 8 bits where the similarity allows it, those that save most first."""
        tried: set[frozenset[str]] = set()
        for _ in range(self.options.trials):
            options = [group for group in self._removable(found) if group not in tried]
            if not options:
                break
            group = options[0]
            tried.add(group)
            choice = self.selector.rated(*found.without(group))
            if self.measure(choice).score >= expected:
                found = choice
        return found

    def _removable(self, found: Choice) -> list[frozenset[str]]:
        """Groups of float layers whose removal saves cycles, by cycles per noise."""
        graph = self.p.graph
        rated: list[tuple[float, frozenset[str]]] = []
        for layer in graph.layers:
            if layer.name not in found.floats or layer.name in self.selector._always:
                continue
            for group in {frozenset([layer.name]), frozenset(self._chain(layer, found.floats))}:
                choice = self.selector.rated(*found.without(group))
                saved = found.cycles - choice.cycles
                added = float(((choice.noise - found.noise) / self.targets.budget(self.options.expected)).max())
                if saved > 0 and added < 0.5:
                    rated.append((saved / max(added, 1e-6), group))
        rated.sort(key=lambda pair: (-pair[0], sorted(pair[1])))
        return list(dict.fromkeys(group for _, group in rated))

    def _chain(self, layer: Layer, floats: frozenset[str]) -> list[str]:
        """The layer and the float layers that only read it, one after the other."""
        names = [layer.name]
        while True:
            readers = self.p.graph.consumers.get(names[-1], [])
            if len(readers) != 1 or readers[0].name not in floats or readers[0].weighted:
                return names
            names.append(readers[0].name)

    def _limit(self, found: Choice) -> Choice:
        """A choice with at most as many layers as allowed: the one with the least noise for its cycles."""
        most = self.options.max_float_layers
        if most is None or len(found.floats) <= most:
            return found
        low, high = 1.0, 1e9
        best = self.selector.rated(frozenset(self.selector.integer & self.selector._always))
        for _ in range(40):
            price = (low * high) ** 0.5
            choice = self.selector.choose(price)
            if len(choice.floats) <= most:
                low = price
                best = choice if choice.noise.max() < best.noise.max() else best
            else:
                high = price
        self.notes.append(f"{len(found.floats)} layers in float would be needed; --max_float_layers allows {most}")
        return best

    def _result(self, choice: Choice, before: Measured, after: Measured, best: Measured) -> QtableResult:
        table = self.table(choice)
        return QtableResult(
            table,
            before,
            after,
            best,
            after.score >= self.options.expected,
            self._rows(table),
            (self.selector.rated(frozenset()).cycles, choice.cycles),
            self.p.lab.evaluations,
            self.notes,
        )

    def _parts(self, name: str) -> list[Noise]:
        found = [self.p.sensitivity.weights.get(name), self.p.sensitivity.values.get(name)]
        return [noise for noise in found if noise is not None]

    def _cosine(self, name: str) -> float:
        return float(1 / np.sqrt(1 + sum(noise.local for noise in self._parts(name))))

    def _rows(self, table: Mapping[str, str]) -> list[LayerRow]:
        """The layers that 8 bits cost accuracy, worst first."""
        shares = self.p.cost.shares(table)
        rows = []
        for name in self.p.integer:
            parts = self._parts(name)
            if not parts:
                continue
            local = sum(noise.local for noise in parts)
            power = float(np.sum([noise.targets for noise in parts], axis=0).max())
            rows.append(
                LayerRow(
                    name,
                    self.p.graph.by_name[name].kind,
                    self._cosine(name),
                    float(-10 * np.log10(local)) if local > 0 else float("inf"),
                    float(1 - 1 / np.sqrt(1 + power)),
                    shares[name],
                    table.get(name, "INT8"),
                )
            )
        return sorted(rows, key=lambda row: (-row.loss, row.name))
