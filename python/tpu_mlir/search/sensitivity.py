"""How much noise each source adds to the targets: every value and every weight is quantized alone.

A source is measured by replacing one value of the float network and running the layers behind it; everything before it
comes from the sample's values, which are computed once. The cost is one partial run per source and sample, so at most
linear in the number of layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .fake import Range, fake_quantize, steps_of
from .graph import FLOAT_ONLY, Graph, Layer
from .network import Arrays, FloatNetwork, Progress

Sample = Mapping[str, np.ndarray]


def noise_power(found: np.ndarray, expected: np.ndarray) -> float:
    """|found - expected|^2 / |expected|^2; the cosine of an output with such noise is 1 / sqrt(1 + power)."""
    difference = np.subtract(found, expected, dtype=np.float32).reshape(-1)
    signal = np.asarray(expected, np.float32).reshape(-1)
    power = float(np.dot(signal, signal))
    noise = float(np.dot(difference, difference))
    if not np.isfinite(noise):
        return 1e6
    return noise / power if power > 0 else (0.0 if noise == 0 else 1e6)


@dataclass
class Noise:
    """Noise power at each target, and the error at the source itself; means over the samples."""

    targets: np.ndarray
    local: float = 0.0

    @property
    def worst(self) -> float:
        """Of the targets."""
        return float(self.targets.max()) if self.targets.size else 0.0


@dataclass
class Sensitivity:
    """Measured sources.

    values: by value, when the layer that makes it stores it in 8 bits; weights: by layer, for rounding its weights;
    reads: by value and reader, when only this reader takes the value in 8 bits.
    """

    values: dict[str, Noise] = field(default_factory=dict)
    weights: dict[str, Noise] = field(default_factory=dict)
    reads: dict[tuple[str, str], Noise] = field(default_factory=dict)


class Prober:
    """Measures sources on one sample whose values are in memory."""

    def __init__(self, network: FloatNetwork, sample: Sample, targets: Sequence[str], cached: bool = True):
        self._network = network
        self._graph = network.graph
        self._targets = tuple(targets)
        self._cached = cached
        self._sample = sample
        self.values: Arrays = dict(network.values(sample))
        for name, array in sample.items():
            self.values.setdefault(name, np.asarray(array, np.float32))
        self._behind: dict[str, set[str]] = {}

    def _region(self, name: str) -> set[str]:
        """The layers behind a value."""
        if name not in self._behind:
            self._behind[name] = self._graph.affected(name)
        return self._behind[name]

    def at_targets(self, changed: Mapping[str, np.ndarray]) -> np.ndarray:
        """Noise power at the targets when values are replaced."""
        dirty = set().union(*(self._region(name) for name in changed)) - set(changed)
        wanted = [target for target in self._targets if target in dirty]
        found: Mapping[str, np.ndarray] = {}
        if wanted:
            if self._cached:
                needed = self._graph.frontier(dirty)
                given = {key: self.values[key] for key in needed if key not in changed}
            else:
                given = {name: np.asarray(array) for name, array in self._sample.items() if name not in changed}
            found = self._network.resume({**given, **changed}, wanted)
        result = np.zeros(len(self._targets))
        for index, target in enumerate(self._targets):
            if target in changed:
                result[index] = noise_power(changed[target], self.values[target])
            elif target in found:
                result[index] = noise_power(found[target], self.values[target])
        return result

    def quantized_values(self, limits: Mapping[str, Range], asymmetric: bool) -> np.ndarray:
        """Noise power at the targets of storing several values in 8 bits."""
        return self.at_targets({name: fake_quantize(self.values[name], limits[name], asymmetric) for name in limits})

    def quantized_value(self, name: str, limits: Range, asymmetric: bool) -> Noise:
        """Of storing a value in 8 bits."""
        changed = fake_quantize(self.values[name], limits, asymmetric)
        return Noise(self.at_targets({name: changed}), noise_power(changed, self.values[name]))

    def quantized_read(self, name: str, limits: Range, asymmetric: bool, reader: Layer) -> Noise:
        """Of one reader taking a value in 8 bits while others take it as it is."""
        changed = fake_quantize(self.values[name], limits, asymmetric)
        given = {key: self.values[key] for key in reader.inputs} | {name: changed}
        result = self._network.resume(given, [reader.name])[reader.name]
        return Noise(self.at_targets({reader.name: result}), noise_power(changed, self.values[name]))

    def quantized_weights(self, layer: Layer) -> Noise:
        """Of rounding the weights of a layer."""
        given = {name: self.values[name] for name in layer.inputs}
        changed = self._network.quantized_weights(layer.name, given)
        return Noise(self.at_targets({layer.name: changed}), noise_power(changed, self.values[layer.name]))


def measured_values(graph: Graph, ranges: Mapping[str, Range], asymmetric: bool) -> list[str]:
    """The values that add noise when they are stored in 8 bits: those of moves only where the quantization changes."""
    found = [name for name in graph.inputs if name in ranges]
    for layer in graph.layers:
        if layer.name not in ranges:
            continue
        same = layer.moves and all(
            name in ranges and steps_of(ranges[name], asymmetric) == steps_of(ranges[layer.name], asymmetric)
            for name in layer.inputs
        )
        if not same:
            found.append(layer.name)
    return found


def measure(
    network: FloatNetwork,
    samples: Sequence[Sample],
    targets: Sequence[str],
    ranges: Mapping[str, Range],
    asymmetric: bool,
    progress: Progress = lambda count: None,
    *,
    cached: bool = True,
) -> Sensitivity:
    """Measures every source on every sample; only the values of one sample are in memory at a time."""
    stored = frozenset(measured_values(network.graph, ranges, asymmetric))
    parts: list[Sensitivity] = []
    for sample in samples:
        prober = Prober(network, sample, targets, cached)
        part = Sensitivity()
        for name in ranges:
            if name in network.graph.inputs or name in network.graph.by_name:
                _measure_value(part, prober, network.graph, name, ranges, asymmetric, name in stored)
                progress(1)
        for layer in network.graph.layers:
            if layer.weighted:
                part.weights[layer.name] = prober.quantized_weights(layer)
                progress(1)
        parts.append(part)
    return mean_of(parts)


def _measure_value(
    part: Sensitivity,
    prober: Prober,
    graph: Graph,
    name: str,
    ranges: Mapping[str, Range],
    asymmetric: bool,
    stored: bool,
) -> None:
    """The sources that belong to one value. A reader that moves values takes it in its own range."""
    whole = prober.quantized_value(name, ranges[name], asymmetric)
    if stored:
        part.values[name] = whole
    readers = [layer for layer in graph.consumers.get(name, []) if layer.kind not in FLOAT_ONLY]
    if len(graph.consumers.get(name, [])) == 1:
        part.reads.update({(name, layer.name): whole for layer in readers})
        return
    for layer in readers:
        limits = ranges.get(layer.name, ranges[name]) if layer.moves else ranges[name]
        part.reads[name, layer.name] = prober.quantized_read(name, limits, asymmetric, layer)


def mean_of(parts: Sequence[Sensitivity]) -> Sensitivity:
    """The mean of measurements on single samples."""
    return Sensitivity(
        {name: _mean(part.values[name] for part in parts) for name in parts[0].values},
        {name: _mean(part.weights[name] for part in parts) for name in parts[0].weights},
        {name: _mean(part.reads[name] for part in parts) for name in parts[0].reads},
    )


def _mean(noises: Iterable[Noise]) -> Noise:
    found = list(noises)
    return Noise(np.mean([n.targets for n in found], axis=0), float(np.mean([n.local for n in found])))


def telling_samples(network: FloatNetwork, samples: Sequence[Sample], count: int, most: int = 30) -> list[Sample]:
    """The samples on which most values are largest: ranges that suit them suit the others.

    Only the first ``most`` samples are looked at.
    """
    if len(samples) <= count:
        return list(samples)
    peaks = []
    for sample in samples[:most]:
        values = network.values(sample)
        peaks.append([float(np.abs(array).max(initial=0)) for array in values.values()])
    wins = np.bincount(np.argmax(np.array(peaks), axis=0), minlength=len(peaks))
    chosen = sorted(np.argsort(-wins, kind="stable")[:count].tolist())
    return [samples[index] for index in chosen]
