"""The cheapest set of float layers for a price of noise, as a minimum cut.

Every layer is in 8 bits or in float. The energy of a choice is its cycles plus ``price`` times the noise power that it
leaves: rounding of the weights of layers in 8 bits, storage in 8 bits of every value that such a layer writes, or reads
from a layer in float; and casts where neighbours differ. All terms are submodular, so the minimum is exact, and layers
form clusters by themselves where a cast costs more than it saves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .cost import CostModel
from .graph import Graph
from .mincut import INFINITE, Cut
from .sensitivity import Sensitivity


@dataclass(frozen=True)
class Choice:
    """Layers in float (of those that could be in 8 bits), predicted noise power at the targets, estimated cycles.

    light: those of the float layers whose weights stay in 8 bits.
    """

    floats: frozenset[str]
    noise: np.ndarray
    cycles: float
    light: frozenset[str] = frozenset()

    def without(self, layers: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Float and light layers without some."""
        return self.floats - layers, self.light - layers


class Selector:
    """Finds choices for prices of noise.

    integer: layers that an INT8 network computes in 8 bits. pinned: layers among them that stay in float whatever the
    price, and layers that stay in 8 bits. heavy: layers whose weights are float where
    they are. budget: allowed noise power at each target; noise counts relative to it.
    """

    def __init__(
        self,
        graph: Graph,
        sensitivity: Sensitivity,
        cost: CostModel,
        integer: Iterable[str],
        budget: np.ndarray,
        *,
        always_float: Iterable[str] = (),
        never_float: Iterable[str] = (),
        heavy: Iterable[str] = (),
    ):
        self._graph = graph
        self._sensitivity = sensitivity
        self._cost = cost
        self.integer = frozenset(integer)
        self._budget = np.maximum(budget, 1e-12)
        self._always = frozenset(always_float) & self.integer
        self._never = frozenset(never_float) - self._always
        self._heavy = frozenset(heavy)
        self.emphasis = np.ones(len(budget)) / max(len(budget), 1)

    def choose(self, price: float) -> Choice:
        """The cheapest choice where a noise power of the whole budget costs ``price`` cycles."""
        cut = Cut()
        node = {name: cut.node() for name in self.integer}
        light = set()
        for name in self.integer:
            cost = self._cost.layers[name]
            if name in self._always:
                cut.edge(0, node[name], INFINITE)
            elif name in self._never:
                cut.edge(node[name], 1, INFINITE)
            weights = self._sensitivity.weights.get(name)
            rounding = price * self._weighted(weights.targets) if weights is not None else 0.0
            floating = cost.floating
            if weights is not None and cost.light + rounding < floating and name not in self._heavy:
                floating = cost.light + rounding
                light.add(name)
            cut.edge(node[name], 1, floating)
            cut.edge(0, node[name], cost.integer + rounding)
        for value in [*self._graph.inputs, *self._graph.by_name]:
            self._value(cut, node, value, price)
        side = cut.source_side()
        floats = frozenset(name for name in self.integer if side[node[name]])
        return self.rated(floats, floats & light)

    def _value(self, cut: Cut, node: Mapping[str, int], value: str, price: float) -> None:
        """The terms of storing a value: noise where anybody has it in 8 bits, casts where its users differ."""
        producer = node.get(value)
        names = [layer.name for layer in self._graph.consumers.get(value, []) if layer.name in node]
        readers = [node[name] for name in names]
        users = readers if producer is None else [producer, *readers]
        noise = self._sensitivity.values.get(value)
        if value in self._graph.handed_on and producer is not None and names:
            self._handed_on(cut, producer, readers[0], value, price)
            return
        if noise is not None and producer is not None:
            cut.edge(0, producer, price * self._weighted(noise.targets))
        for name in names:
            read = self._sensitivity.reads.get((value, name))
            if read is not None:
                cut.edge(0 if producer is None else producer, node[name], price * self._weighted(read.targets))
        if not self._graph.consumers.get(value) or not users:
            return
        if producer is None:  # computed in float whatever happens
            self._cast_to_integer(cut, 0, readers, value)
            return
        self._cast_to_integer(cut, producer, readers, value)
        cost = self._cost.cast(value, to_integer=False)
        if len(readers) < len(self._graph.consumers[value]):  # somebody reads it in float whatever happens
            cut.edge(0, producer, cost)
            return
        out = cut.node()
        for reader in readers:
            cut.edge(reader, out, INFINITE)
        cut.edge(out, producer, cost)

    def _handed_on(self, cut: Cut, producer: int, reader: int, value: str, price: float) -> None:
        """A convolution's result is only rounded where its reader is in 8 bits; a reader in float takes it as it is."""
        noise = self._sensitivity.values.get(value)
        if noise is not None:
            cut.edge(0, reader, price * self._weighted(noise.targets))
        cut.edge(producer, reader, self._cost.cast(value, to_integer=True))

    def _cast_to_integer(self, cut: Cut, producer: int, readers: list[int], value: str) -> None:
        made = cut.node()
        cut.edge(producer, made, self._cost.cast(value, to_integer=True))
        for reader in readers:
            cut.edge(made, reader, INFINITE)

    def _weighted(self, noise: np.ndarray) -> float:
        return float(np.dot(self.emphasis, noise / self._budget))

    def noise_of(self, floats: frozenset[str], light: frozenset[str] = frozenset()) -> np.ndarray:
        """Predicted noise power at the targets."""
        total = np.zeros(len(self._budget))
        for name in sorted((self.integer - floats) | light):
            if name in self._sensitivity.weights:
                total += self._sensitivity.weights[name].targets
        inside = self.integer - floats
        for value, noise in self._sensitivity.values.items():
            if value in inside and not self._passes_unrounded(value, inside):
                total += noise.targets
        for (value, reader), noise in self._sensitivity.reads.items():
            if reader in inside and value not in inside:
                total += noise.targets
        return total

    def _passes_unrounded(self, value: str, inside: frozenset[str]) -> bool:
        """Whether a layer in 8 bits hands its result to a layer in float without rounding it."""
        return value in self._graph.handed_on and self._graph.consumers[value][0].name not in inside

    def rated(self, floats: frozenset[str], light: frozenset[str] = frozenset()) -> Choice:
        """A set of float layers, some of them with weights in 8 bits, with its noise and cycles."""
        cycles = 0.0
        for name, cost in self._cost.layers.items():
            inside = name in self.integer and name not in floats
            cycles += cost.integer if inside else cost.light if name in light else cost.floating
        for value in [*self._graph.inputs, *self._graph.by_name]:
            cycles += self._casts(value, floats)
        return Choice(floats, self.noise_of(floats, light), cycles, light)

    def _casts(self, value: str, floats: frozenset[str]) -> float:
        inside = value in self.integer and value not in floats
        readers = [layer.name for layer in self._graph.consumers.get(value, [])]
        integer = [name in self.integer and name not in floats for name in readers]
        if inside:
            if value in self._graph.handed_on:
                return 0.0
            return 0.0 if all(integer) else self._cost.cast(value, to_integer=False)
        return self._cost.cast(value, to_integer=True) if any(integer) else 0.0

    def within(self, noise_limit: float, steps: int = 24) -> Choice:
        """The cheapest choice found whose predicted noise is at most ``noise_limit`` times the budget."""
        low, high = 1.0, 1e9  # cycles
        best = self.rated(self.integer - self._never)
        for _ in range(steps):
            price = (low * high) ** 0.5
            choice = self.choose(price)
            excess = float((choice.noise / self._budget).max()) / noise_limit
            if excess <= 1:
                high = price
                if choice.cycles <= best.cycles or float((best.noise / self._budget).max()) > noise_limit:
                    best = choice
            else:
                low = price
                self._emphasize(choice.noise)
        return best

    def _emphasize(self, noise: np.ndarray) -> None:
        """Makes those targets dearer that have most noise."""
        ratio = noise / self._budget
        if ratio.max() > 0 and len(ratio) > 1:
            weights = self.emphasis * (0.5 + ratio / ratio.max())
            self.emphasis = weights / weights.sum()
