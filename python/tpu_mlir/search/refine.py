"""Better ranges: for every value, the range whose quantization adds least noise to the targets.

Candidates are the ranges that the calibration methods give, then narrower ones, side by side. All values that moves tie
together are tried together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .fake import Range, steps_of
from .graph import Graph
from .network import Progress
from .ranges import shared_ranges
from .sensitivity import Prober

FACTORS = (0.87, 0.75, 0.62, 0.5, 0.4, 0.3)
"""Parts of a range that are tried in this order until one is worse."""

ENOUGH = 1e-4
"""Noise below this part of the mean noise of all values is not worth a search."""


@dataclass
class _Trial:
    """Tries ranges for one group of values; remembers the best."""

    probers: Sequence[Prober]
    names: Sequence[str]
    asymmetric: bool
    budget: np.ndarray
    best: Range
    noise: float

    def attempt(self, limits: Range) -> bool:
        """Whether this range is better than the best so far, which it then becomes."""
        if steps_of(limits, self.asymmetric) == steps_of(self.best, self.asymmetric):
            return False
        noise = self.measure(limits)
        if noise >= self.noise:
            return False
        self.best, self.noise = limits, noise
        return True

    def measure(self, limits: Range) -> float:
        """Noise of the group, worst target relative to its budget, mean over the samples."""
        wanted = dict.fromkeys(self.names, limits)
        total = np.mean([prober.quantized_values(wanted, self.asymmetric) for prober in self.probers], axis=0)
        return float((total / self.budget).max())

    def narrow(self) -> None:
        """Tries narrower ranges: as a whole where it is symmetric, else each side in turn."""
        low, high = self.best
        if not self.asymmetric or low == 0 or high == 0:
            self._descend(lambda part: (low * part, high * part))
            return
        self._descend(lambda part: (low * part, high))
        low = self.best[0]
        self._descend(lambda part: (low, high * part))

    def _descend(self, at: object) -> None:
        assert callable(at)
        for part in FACTORS:
            if not self.attempt(at(part)):
                return


def refine(
    graph: Graph,
    probers: Sequence[Prober],
    start: Mapping[str, Range],
    others: Sequence[Mapping[str, Range]],
    asymmetric: bool,
    budget: np.ndarray,
    *,
    fixed: frozenset[str] = frozenset(),
    narrow: bool = True,
    progress: Progress = lambda count: None,
) -> dict[str, Range]:
    """The best range found for each value.

    start: ranges to begin with, as the compiler ties them together; others: of other methods. fixed: values whose
    range is given by their op (softmax, sigmoid).
    """
    groups = [group for group in shared_ranges(graph, start) if not fixed.intersection(group)]
    trials = []
    for group in groups:
        roots = [name for name in group if name in graph.inputs or not graph.by_name[name].moves] or group[:1]
        trial = _Trial(probers, roots, asymmetric, budget, start[group[0]], 0.0)
        trial.noise = trial.measure(trial.best)
        trials.append((group, trial))
        progress(1)
    mean = float(np.mean([trial.noise for _, trial in trials])) if trials else 0.0
    result = dict(start)
    for group, trial in trials:
        if trial.noise > ENOUGH * mean:
            for ranges in others:
                found = [ranges[name] for name in trial.names if name in ranges]
                if found:
                    trial.attempt((min(low for low, _ in found), max(high for _, high in found)))
            if narrow:
                trial.narrow()
        result.update(dict.fromkeys(group, trial.best))
        progress(1)
    return result
