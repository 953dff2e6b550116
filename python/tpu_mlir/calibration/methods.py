"""Thresholds from statistics. Each method gives a symmetric threshold and an asymmetric range; docs/quantization.md has
the formulas. All work on the histogram alone, so a table follows from the statistics and not from how they were taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import _tpu_mlir as _native
from .table import Entry

SIGNED_LEVELS = 127
UNSIGNED_LEVELS = 255
"""Steps from zero to the threshold: of tensors with negative values, and of those without."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Distribution:
    """The values of a tensor as a histogram: exact zeros aside, the others by their bins' centers in rising order."""

    minimum: float
    maximum: float
    width: float
    zeros: int
    positive: np.ndarray
    negative: np.ndarray

    @staticmethod
    def of(statistics: _native.TensorStatistics) -> Distribution:
        """From what was collected; raises ``ValueError`` where there are no values."""
        if statistics.count == 0:
            raise ValueError("there are no values")
        positive, negative = statistics.positive, statistics.negative
        positive[0] -= statistics.zeros
        return Distribution(
            statistics.minimum, statistics.maximum, statistics.width, statistics.zeros, positive, negative
        )

    @property
    def largest(self) -> float:
        """The largest magnitude."""
        return max(abs(self.minimum), abs(self.maximum))

    @property
    def signed(self) -> bool:
        """Whether there are negative values."""
        return self.minimum < 0

    @property
    def levels(self) -> int:
        """Steps from zero to the threshold in 8 bits."""
        return SIGNED_LEVELS if self.signed else UNSIGNED_LEVELS

    @cached_property
    def used(self) -> int:
        """Number of bins up to the largest magnitude."""
        return min(len(self.positive), int(self.largest / self.width) + 1)

    @cached_property
    def magnitudes(self) -> np.ndarray:
        """Counts by magnitude, zeros left out, up to the largest one."""
        return (self.positive + self.negative)[: self.used]

    @cached_property
    def centers(self) -> Floats:
        """Centers of all bins, negative ones first, in rising order."""
        half = (np.arange(self.used) + 0.5) * self.width
        return np.concatenate([-half[::-1], half])

    @cached_property
    def counts(self) -> Floats:
        """Counts of all bins in the order of ``centers``, zeros left out."""
        return np.concatenate([self.negative[: self.used][::-1], self.positive[: self.used]]).astype(np.float64)

    def entry(self, threshold: float, low: float, high: float) -> Entry:
        """A table entry within the values that there were; never empty."""
        if self.largest == 0:
            return Entry(1.0, 0.0, 0.0)
        threshold = min(threshold, self.largest) if threshold > 0 else self.largest
        low, high = max(low, self.minimum), min(high, self.maximum)
        return (
            Entry(float(threshold), float(low), float(high))
            if low <= high
            else self.entry(threshold, self.minimum, self.maximum)
        )


def max_range(values: Distribution) -> Entry:
    """Nothing is clipped."""
    return values.entry(values.largest, values.minimum, values.maximum)


def _quantile(counts: np.ndarray, width: float, share: float) -> float:
    """Where ``share`` of the values (zeros included in bin 0) lie below, linear within a bin."""
    total = np.cumsum(counts, dtype=np.float64)
    wanted = share * total[-1]
    i = int(np.searchsorted(total, wanted))
    before = total[i - 1] if i else 0.0
    inside = (wanted - before) / counts[i] if counts[i] else 1.0
    return (i + inside) * width


def percentile9999(values: Distribution) -> Entry:
    """0.01 % of the magnitudes lie above the threshold, of the values 0.01 % on each side of the range."""
    magnitudes = values.magnitudes.copy()
    magnitudes[0] += values.zeros
    threshold = _quantile(magnitudes, values.width, 0.9999)
    counts = values.counts.copy()
    counts[values.used] += values.zeros
    offset = values.used * values.width
    low = _quantile(counts, values.width, 0.0001) - offset
    high = _quantile(counts, values.width, 0.9999) - offset
    return values.entry(threshold, min(low, 0.0), max(high, 0.0))


class _Sums:
    """Σ n, Σ n·c and Σ n·c² over bins below an edge; between edges linear."""

    def __init__(self, counts: Floats, centers: Floats, edge: float, width: float):
        zero = np.zeros(1)
        powers = (counts, counts * centers, counts * centers * centers)
        self.sums = [np.concatenate([zero, np.cumsum(power)]) for power in powers]
        self.edge, self.width = edge, width

    def below(self, power: int, bound: Floats) -> Floats:
        sums = self.sums[power]
        position = np.clip((bound - self.edge) / self.width, 0, len(sums) - 1)
        return np.interp(position, np.arange(len(sums)), sums)

    def between(self, power: int, low: Floats, high: Floats) -> Floats:
        return self.below(power, high) - self.below(power, low)


def expected_error(values: Distribution, low: Floats, high: Floats, steps: int) -> Floats:
    """Expected Σ (x − Q(x))² of each range [low, high] divided into ``steps``, from the histogram.

    Values that are clipped count with their distance, values that become zero with their square, all others with
    step² / 12.
    """
    sums = _Sums(values.counts, values.centers, -values.used * values.width, values.width)
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    step = (high - low) / steps
    top, bottom = np.full_like(high, np.inf), np.full_like(high, -np.inf)
    clipped = np.zeros_like(step)
    for bound, part in ((high, (high, top)), (low, (bottom, low))):
        clipped += sums.between(2, *part) - 2 * bound * sums.between(1, *part) + bound**2 * sums.between(0, *part)
    near = np.maximum(low, -step / 2), np.minimum(high, step / 2)
    inside = sums.between(0, low, high) - sums.between(0, *near)
    return clipped + sums.between(2, *near) + inside * step**2 / 12


def mse(values: Distribution) -> Entry:
    """The least expected squared error of the tensor itself; the range is found side by side in turn."""
    if values.largest == 0:
        return max_range(values)
    candidates = np.linspace(0.02, 1, 491) * values.largest
    steps = 2 * SIGNED_LEVELS if values.signed else UNSIGNED_LEVELS
    errors = expected_error(values, -candidates if values.signed else 0 * candidates, candidates, steps)
    threshold = float(candidates[int(np.argmin(errors))])
    low, high = min(values.minimum, 0.0), max(values.maximum, 0.0)
    parts = np.linspace(0.02, 1, 246)
    for _ in range(4):
        before = low, high
        if high > 0:
            tried = parts * max(values.maximum, 0.0)
            high = float(tried[int(np.argmin(expected_error(values, np.full_like(tried, low), tried, 255)))])
        if low < 0:
            tried = parts * values.minimum
            low = float(tried[int(np.argmin(expected_error(values, tried, np.full_like(tried, high), 255)))])
        if before == (low, high):
            break
    return values.entry(threshold, low, high)


KL_LEAST_PER_BIN = 16
"""Values that there are for each bin: of fewer, the divergence only sees which bins happen to be empty."""


def _joined(counts: Floats) -> Floats:
    """Counts of pairs of bins."""
    even = np.append(counts, 0.0) if len(counts) % 2 else counts
    joined: Floats = even[0::2] + even[1::2]
    return joined


def kl(values: Distribution) -> Entry:
    """The threshold at which the quantized distribution of magnitudes differs least from the clipped one.

    Tensors with few values get wider bins; with too few for 128 bins nothing is clipped.
    """
    quanta, counts, width = 128, values.magnitudes.astype(np.float64), values.width
    total = counts.sum()
    while len(counts) > quanta and total < KL_LEAST_PER_BIN * len(counts):
        counts, width = _joined(counts), 2 * width
    bins = len(counts)
    if bins <= quanta:
        return max_range(values)
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    filled = np.concatenate([[0], np.cumsum(counts > 0)])
    logarithms = np.concatenate([[0.0], np.cumsum(counts * np.log(np.maximum(counts, 1)))])
    best, threshold = np.inf, bins
    for start in range(quanta, bins + 1, 256):
        ends = np.arange(start, min(start + 256, bins + 1))
        divergence = _divergence(ends, counts, sums, filled, logarithms, quanta)
        i = int(np.argmin(divergence))
        if divergence[i] < best:
            best, threshold = float(divergence[i]), int(ends[i])
    limit = (threshold + 0.5) * width if threshold < bins else values.largest
    return values.entry(limit, -limit, limit)


def _divergence(
    ends: np.ndarray, counts: Floats, sums: Floats, filled: np.ndarray, logarithms: Floats, quanta: int
) -> Floats:
    """KL(P ‖ Q) for each number of bins kept. P: the kept counts, what is cut off added to the last. Q: the kept counts
    spread evenly over the filled bins of each of the ``quanta`` groups."""
    total = sums[-1]
    edges = np.floor(ends[:, None] * np.arange(quanta + 1) / quanta).astype(np.int64)
    kept = np.diff(sums[edges], axis=1)
    occupied = np.diff(filled[edges], axis=1).astype(np.float64)
    last = counts[ends - 1]
    tail = total - sums[ends]
    occupied[:, -1] += (last == 0) & (tail > 0)
    mass = kept.copy()
    mass[:, -1] += tail
    final = last + tail
    entropy = logarithms[ends] - last * np.log(np.maximum(last, 1)) + final * np.log(np.maximum(final, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(kept / occupied)
        crossed = np.where(mass > 0, mass * level, 0.0).sum(axis=1)
        divergence = (entropy - crossed) / total + np.log(sums[ends] / total)
    return np.where(np.isfinite(divergence), divergence, np.inf)


def _moments(values: Distribution) -> tuple[float, float, float]:
    """Mean, mean absolute deviation and standard deviation. Of a tensor without negative values (the output of a ReLU)
    those of the symmetric distribution whose positive half it is: zeros are what was negative."""
    counts, centers = values.counts, values.centers
    filled = counts.sum()
    if not values.signed:
        return 0.0, float((counts * centers).sum() / filled), float(np.sqrt((counts * centers**2).sum() / filled))
    total = filled + values.zeros
    mean = float((counts * centers).sum() / total)
    absolute = float(((counts * np.abs(centers - mean)).sum() + values.zeros * abs(mean)) / total)
    square = float(((counts * (centers - mean) ** 2).sum() + values.zeros * mean**2) / total)
    return mean, absolute, float(np.sqrt(square))


def _laplace_factor(bits: int) -> float:
    """The clipping at α·b with the least error: α·e^α = 3·4^bits."""
    alpha = 5.0
    for _ in range(50):
        alpha -= (alpha + np.log(alpha) - np.log(3.0 * 4.0**bits)) / (1 + 1 / alpha)
    return float(alpha)


def _gauss_factor(bits: int) -> float:
    """The clipping at α·σ with the least error: zero of the derivative of 2·∫_α (x−α)²φ + α²/(3·4^bits)."""
    from math import erfc, exp, pi, sqrt

    low, high = 0.1, 20.0
    for _ in range(100):
        alpha = (low + high) / 2
        tail = exp(-alpha * alpha / 2) / sqrt(2 * pi) - alpha * 0.5 * erfc(alpha / sqrt(2))
        low, high = (alpha, high) if 2 * alpha / (3 * 4.0**bits) < 4 * tail else (low, alpha)
    return low


def _aciq(values: Distribution, factor: Callable[[int], float], deviation: int) -> Entry:
    if values.largest == 0:
        return max_range(values)
    moments = _moments(values)
    # The positive half of a distribution in 8 bits has the steps that the whole one would have in 9.
    reach = factor(8 if values.signed else 9) * moments[deviation]
    low, high = moments[0] - reach, moments[0] + reach
    return values.entry(max(abs(low), abs(high)), min(low, 0.0), max(high, 0.0))


def aciq_gauss(values: Distribution) -> Entry:
    """The clipping that is best for a normal distribution of the same variance."""
    return _aciq(values, _gauss_factor, 2)


def aciq_laplace(values: Distribution) -> Entry:
    """The clipping that is best for a Laplace distribution of the same mean absolute deviation."""
    return _aciq(values, _laplace_factor, 1)


METHODS: dict[str, Callable[[Distribution], Entry]] = {
    "kl": kl,
    "max": max_range,
    "percentile9999": percentile9999,
    "mse": mse,
    "aciq_gauss": aciq_gauss,
    "aciq_laplace": aciq_laplace,
}
"""The methods by name. ``auto`` is not one of them: it chooses among their results (``tune``)."""
