"""Thresholds of every method against plain NumPy on the values themselves."""

from __future__ import annotations

import numpy as np
import pytest
from tpu_mlir import _tpu_mlir as native
from tpu_mlir.calibration.methods import METHODS, Distribution, expected_error

random = np.random.default_rng(11)
VALUES = {
    "normal": random.normal(0.1, 1, 60000),
    "laplace": random.laplace(-0.3, 2, 60000),
    "rectified": np.maximum(random.normal(0, 1, 60000), 0),
    "heavy": random.standard_t(3, 60000),
    "uniform": random.uniform(-1, 3, 60000),
    "small": random.normal(0, 1e-6, 5000),
    "large": random.normal(0, 1e6, 5000),
    "positive": random.uniform(5, 6, 5000),
    "negative": -random.exponential(1, 20000),
}
VALUES = {name: values.astype(np.float32) for name, values in VALUES.items()}


def distribution(values: np.ndarray, bins: int = 2048) -> Distribution:
    statistics = native.TensorStatistics(bins)
    statistics.add(values)
    return Distribution.of(statistics)


def quantized(values: np.ndarray, low: float, high: float, symmetric: bool) -> np.ndarray:
    low, high = min(low, 0.0), max(high, 0.0)
    if symmetric and low < 0:
        step = max(-low, high) / 127
        return np.clip(np.rint(values / step), -128, 127) * step
    step = (high - low) / 255
    zero = np.rint(-low / step)
    return (np.clip(np.rint(values / step) + zero, 0, 255) - zero) * step


def error(values: np.ndarray, low: float, high: float, symmetric: bool) -> float:
    return float(
        np.square(values.astype(np.float64) - quantized(values.astype(np.float64), low, high, symmetric)).mean()
    )


def symmetric_error(values: np.ndarray, threshold: float) -> float:
    return error(values, -threshold if values.min() < 0 else 0.0, threshold, True)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("method", METHODS)
def test_results_lie_within_the_values(name, method):
    values = VALUES[name]
    entry = METHODS[method](distribution(values))
    assert 0 < entry.threshold <= np.abs(values).max()
    assert values.min() <= entry.minimum <= entry.maximum <= values.max()


@pytest.mark.parametrize("name", VALUES)
def test_max_clips_nothing(name):
    values = VALUES[name]
    entry = METHODS["max"](distribution(values))
    assert entry.threshold == np.abs(values).max()
    assert (entry.minimum, entry.maximum) == (values.min(), values.max())


@pytest.mark.parametrize("name", VALUES)
def test_percentile_cuts_a_ten_thousandth(name):
    values = VALUES[name].astype(np.float64)
    found = distribution(VALUES[name])
    entry = METHODS["percentile9999"](found)
    # Linear within a bin: as near as the bin is wide, or as the sample's own gaps in the tail.
    gap = np.diff(np.sort(np.abs(values))[-len(values) // 2000 :]).max() + found.width
    assert entry.threshold == pytest.approx(np.quantile(np.abs(values), 0.9999), abs=gap)
    assert np.mean(np.abs(values) > entry.threshold + found.width) <= 0.0001
    assert np.mean(values > entry.maximum + found.width) <= 0.0001
    assert np.mean(values < entry.minimum - found.width) <= 0.0001


@pytest.mark.parametrize("name", VALUES)
def test_mse_finds_the_least_squared_error(name):
    values = VALUES[name]
    entry = METHODS["mse"](distribution(values))
    candidates = np.linspace(0.02, 1, 197) * np.abs(values).max()
    best = min(symmetric_error(values, t) for t in candidates)
    assert symmetric_error(values, entry.threshold) <= best * 1.05
    sides = np.linspace(0.05, 1, 24)
    ranges = [(a * min(values.min(), 0), b * max(values.max(), 0)) for a in sides for b in sides]
    best = min(error(values, low, high, False) for low, high in ranges if high > low)
    assert error(values, entry.minimum, entry.maximum, False) <= best * 1.05


@pytest.mark.parametrize("name", ["normal", "laplace", "heavy", "rectified", "uniform"])
def test_the_expected_error_is_that_of_the_values(name):
    values = VALUES[name]
    found = distribution(values)
    for part in (0.2, 0.5, 0.9, 1.0):
        low, high = part * min(values.min(), 0.0), part * values.max()
        expected = float(expected_error(found, np.array([low]), np.array([high]), 255)[0]) / len(values)
        assert expected == pytest.approx(error(values, low, high, False), rel=0.05)


def reference_kl(values: np.ndarray, bins: int, width: float) -> np.ndarray:
    """Divergence for every number of bins kept, by the definition."""
    magnitudes = np.abs(values[values != 0].astype(np.float64))
    counts = np.bincount((magnitudes / width).astype(int), minlength=bins)[:bins].astype(np.float64)
    result = np.full(bins + 1, np.inf)
    for end in range(128, bins + 1):
        p = counts[:end].copy()
        p[-1] += counts[end:].sum()
        q = np.zeros(end)
        edges = [end * i // 128 for i in range(129)]
        for low, high in zip(edges, edges[1:], strict=False):
            filled = p[low:high] > 0
            if filled.any():
                q[low:high][filled] = counts[low:high].sum() / filled.sum()
        p, q = p / p.sum(), q / q.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            divergence = np.where(p > 0, p * np.log(p / q), 0).sum()
        result[end] = divergence if np.isfinite(divergence) else np.inf
    return result


@pytest.mark.parametrize("name", ["normal", "laplace", "rectified", "heavy", "uniform"])
def test_kl_is_least_where_the_definition_is(name):
    values = VALUES[name]
    found = distribution(values, 256)
    entry = METHODS["kl"](found)
    divergence = reference_kl(values, found.used, found.width)
    best = int(np.argmin(divergence))
    wanted = (best + 0.5) * found.width if best < found.used else found.largest
    assert entry.threshold == pytest.approx(min(wanted, found.largest), rel=1e-6)
    assert entry.minimum == pytest.approx(max(-entry.threshold, values.min()))


@pytest.mark.parametrize(("method", "kind", "bits"), [("aciq_gauss", "normal", 8), ("aciq_laplace", "laplace", 8)])
def test_aciq_is_best_for_its_own_distribution(method, kind, bits):
    wide = np.random.default_rng(3)
    values = (wide.normal(0, 2, 400000) if kind == "normal" else wide.laplace(0, 2, 400000)).astype(np.float32)
    entry = METHODS[method](distribution(values))
    candidates = np.linspace(0.1, 1, 181) * np.abs(values).max()
    best = min(symmetric_error(values, t) for t in candidates)
    assert symmetric_error(values, entry.threshold) <= best * 1.02
    # The published constants for 8 bits: 3.92 standard deviations, 9.89 mean absolute deviations.
    spread = values.std() * 3.92 if kind == "normal" else np.abs(values - values.mean()).mean() * 9.89
    assert entry.threshold == pytest.approx(min(spread + abs(values.mean()), np.abs(values).max()), rel=0.01)


def test_aciq_takes_what_a_relu_leaves_for_half_of_a_distribution():
    values = np.maximum(np.random.default_rng(3).normal(0, 2, 400000), 0).astype(np.float32)
    entry = METHODS["aciq_gauss"](distribution(values))
    assert entry.threshold == pytest.approx(2 * 4.22, rel=0.02)
    assert entry.minimum == 0


@pytest.mark.parametrize("method", METHODS)
def test_constant_tensors_get_a_usable_entry(method):
    for value in (0.0, 3.0, -2.5, 1e-30):
        entry = METHODS[method](distribution(np.full(7, value, np.float32)))
        assert entry.threshold > 0
        assert entry.minimum <= entry.maximum
        if value:
            assert entry.threshold == pytest.approx(abs(value))
