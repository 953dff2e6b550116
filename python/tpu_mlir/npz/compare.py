"""Comparison of two sets of named arrays, as every stage of the compiler is checked against the one before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import UserError
from .similarity import Similarity, Verdict, aligned_types, compare_arrays, cosine_similarity

SAMPLE_LIMIT = 200
"""More common names than this are sampled evenly, unless all are asked for."""


@dataclass(frozen=True)
class Tolerance:
    """Smallest cosine and Euclidean similarity that pass."""

    cosine: float
    euclidean: float

    @staticmethod
    def parse(text: str) -> Tolerance:
        """From "0.99,0.90"; ``UserError`` for anything else."""
        try:
            cosine, euclidean = (float(part) for part in text.split(","))
        except ValueError as error:
            raise UserError(f"the tolerance '{text}' is not two numbers such as 0.99,0.90") from error
        return Tolerance(cosine, euclidean)

    def __str__(self) -> str:
        return f"{self.cosine:g},{self.euclidean:g}"


@dataclass(frozen=True)
class Entry:
    """Outcome for one name."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    result: Similarity


@dataclass
class Comparison:
    """Outcome for two archives."""

    entries: list[Entry] = field(default_factory=list)
    tolerance: Tolerance = Tolerance(0.99, 0.99)

    @property
    def failures(self) -> list[Entry]:
        """The entries that did not pass."""
        return [entry for entry in self.entries if not entry.result.verdict.passed]

    @property
    def passed(self) -> bool:
        """Whether every entry passed."""
        return not self.failures

    @property
    def min_cosine(self) -> float:
        """The smallest cosine similarity; 1 where nothing was compared."""
        return min((entry.result.cosine for entry in self.entries), default=1.0)

    @property
    def min_euclidean(self) -> float:
        """The smallest Euclidean similarity; 1 where nothing was compared."""
        return min((entry.result.euclidean for entry in self.entries), default=1.0)

    def summary(self) -> str:
        """One line: how many passed and the smallest similarities."""
        passed = len(self.entries) - len(self.failures)
        return (
            f"{passed} of {len(self.entries)} tensors pass (tolerance {self.tolerance}); "
            f"smallest cosine {self.min_cosine:.6f}, euclidean {self.min_euclidean:.6f}"
        )


def common_names(target: Iterable[str], reference: Collection[str], excepts: Collection[str] = ()) -> list[str]:
    """Names in both, in the target's order, without the excepted ones."""
    return [name for name in target if name in reference and name not in excepts]


def sampled(names: list[str], limit: int = SAMPLE_LIMIT) -> list[str]:
    """At most about ``limit`` names, evenly spaced, and the last ones in any case."""
    if len(names) <= limit:
        return names
    step = -(-len(names) // limit)
    tail = names[-10:]
    return [name for i, name in enumerate(names[:-10]) if i % step == 0] + tail


def matched_by_content(
    target: Mapping[str, np.ndarray], reference: Mapping[str, np.ndarray], smallest_cosine: float = 0.9
) -> dict[str, np.ndarray]:
    """Partners for those target tensors that the reference has no tensor of the same name for.

    The partner is the unused reference tensor of the same size and highest cosine similarity, if it is at least
    ``smallest_cosine``; the best pairs are made first.
    """
    free = [name for name in reference if name not in target]
    lonely = [name for name in target if name not in reference]
    pairs = [
        (cosine_similarity(*aligned_types(target[name], reference[other])), name, other)
        for name in lonely
        for other in free
        if target[name].size == reference[other].size
    ]
    found: dict[str, np.ndarray] = {}
    used: set[str] = set()
    for cosine, name, other in sorted(pairs, key=lambda pair: -pair[0]):
        if cosine >= smallest_cosine and name not in found and other not in used:
            found[name] = reference[other]
            used.add(other)
    return found


def compare(
    target: Mapping[str, np.ndarray],
    reference: Mapping[str, np.ndarray],
    tolerance: Tolerance,
    excepts: Collection[str] = (),
    everything: bool = False,
    int8_must_equal: bool = False,
    progress: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> Comparison:
    """Compares the arrays that both archives hold.

    Raises:
        UserError: they have no name in common, so nothing would be checked.
    """
    names = common_names(target, reference, excepts)
    if not names:
        raise UserError("there is nothing to compare: no tensor is in both files under the same name")
    result = Comparison(tolerance=tolerance)
    for name in progress(names if everything else sampled(names)):
        array = target[name]
        outcome = compare_arrays(array, reference[name], tolerance.cosine, tolerance.euclidean, int8_must_equal)
        result.entries.append(Entry(name, array.shape, str(array.dtype), outcome))
    return result


def describe(entry: Entry) -> str:
    """One line for an entry."""
    result = entry.result
    if result.verdict is Verdict.NOT_MATCH:
        return f"{entry.name}: {entry.shape} differs in size from the reference"
    return (
        f"{entry.name} {entry.shape} {result.verdict.value}: "
        f"cosine {result.cosine:.6f}, euclidean {result.euclidean:.6f}, sqnr {result.sqnr:.2f} dB"
    )
