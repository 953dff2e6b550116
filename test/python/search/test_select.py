"""Measuring of noise and the choice of float layers, on networks in NumPy."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from toy import ToyNetwork, ranges_of, samples
from tpu_mlir.search.cost import CostModel, LayerCost
from tpu_mlir.search.fake import fake_quantize, fake_weight, steps_of
from tpu_mlir.search.graph import Graph, Layer
from tpu_mlir.search.mincut import Cut
from tpu_mlir.search.refine import refine
from tpu_mlir.search.select import Selector
from tpu_mlir.search.sensitivity import Noise, Prober, Sensitivity, measure, noise_power


def measured(network: ToyNetwork, *, count: int = 3, cached: bool = True) -> Sensitivity:
    given = samples(count)
    return measure(network, given, network.graph.outputs, ranges_of(network, given), True, cached=cached)


def test_the_layer_that_is_bad_ranks_first() -> None:
    network = ToyNetwork(bad=3)
    found = measured(network)
    worst = max(found.values, key=lambda name: found.values[name].worst)
    assert worst == "m3"
    others = [noise.worst for name, noise in found.values.items() if name != "m3"]
    assert found.values["m3"].worst > 3 * max(others)


def test_the_cheapest_set_is_the_bad_layer_and_its_reader() -> None:
    network = ToyNetwork(bad=3)
    names = [layer.name for layer in network.graph.layers]
    sensitivity = measured(network)
    cost = CostModel(network.graph)
    cost.layers = dict.fromkeys(cost.layers, LayerCost(1000, 2000))
    selector = Selector(network.graph, sensitivity, cost, names, np.array([1e-3]))
    total = selector.rated(frozenset()).noise.max()
    choice = selector.within(total * 0.2 / 1e-3)
    assert choice.floats == {"m3", "m4"}, "a value is float only when who writes it and who reads it are"


def test_cached_prefixes_give_the_same_results() -> None:
    with_cache, without = measured(ToyNetwork(bad=2)), measured(ToyNetwork(bad=2), cached=False)
    assert with_cache.values.keys() == without.values.keys()
    for kind in ("values", "weights"):
        for name, noise in getattr(with_cache, kind).items():
            assert np.array_equal(noise.targets, getattr(without, kind)[name].targets), name


def test_caching_saves_layers() -> None:
    cached, plain = ToyNetwork(layers=20), ToyNetwork(layers=20)
    measured(cached, count=1)
    measured(plain, count=1, cached=False)
    assert cached.layers_run < plain.layers_run


@pytest.mark.parametrize("layers", [10, 20, 40])
def test_number_of_partial_runs_is_linear(layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network = ToyNetwork(layers=layers)
    runs: list[int] = []
    original = ToyNetwork.resume
    monkeypatch.setattr(ToyNetwork, "resume", lambda self, g, w: (runs.append(1), original(self, g, w))[1])
    measured(network, count=2)
    assert len(runs) <= 2 * (2 * layers + 6), "one per value and per weight, two more per reader of shared values"


def test_measuring_twice_gives_the_same() -> None:
    first, second = measured(ToyNetwork(bad=1)), measured(ToyNetwork(bad=1))
    assert all(np.array_equal(first.values[n].targets, second.values[n].targets) for n in first.values)
    choices = []
    for found in (first, second):
        network = ToyNetwork(bad=1)
        names = [layer.name for layer in network.graph.layers]
        choices.append(Selector(network.graph, found, CostModel(network.graph), names, np.array([1e-4])).within(0.5))
    assert choices[0].floats == choices[1].floats


def brute_force(selector: Selector, price: float) -> float:
    """The least energy over all sets."""
    energies = []
    names = sorted(selector.integer)
    for bits in itertools.product((False, True), repeat=len(names)):
        choice = selector.rated(frozenset(name for name, bit in zip(names, bits, strict=True) if bit))
        energies.append(choice.cycles + price * selector._weighted(choice.noise))
    return min(energies)


@pytest.mark.parametrize("seed", range(6))
def test_the_cut_is_the_least_energy_of_all_sets(seed: int) -> None:
    random = np.random.default_rng(seed)
    layers = []
    for i in range(8):
        known = ["x", *(f"l{j}" for j in range(i))]
        inputs = tuple(dict.fromkeys(random.choice(known[-3:], size=2).tolist()))
        layers.append(Layer(f"l{i}", "Add", inputs, (), (1, 64, int(random.integers(4, 40)), 32)))
    graph = Graph(tuple(layers), {"x": (1, 64, 16, 32)}, ("l7",), {})
    noise = {name: Noise(random.random(2) * 1e-2) for name in ["x", *graph.by_name]}
    weights = {name: Noise(random.random(2) * 1e-3) for name in graph.by_name if random.random() < 0.5}
    integer = [name for name in graph.by_name if name != "l3"]
    selector = Selector(graph, Sensitivity(noise, weights), CostModel(graph), integer, np.array([0.01, 0.02]))
    for price in (1e2, 1e3, 1e4, 1e5):
        choice = selector.choose(price)
        energy = choice.cycles + price * selector._weighted(choice.noise)
        assert energy == pytest.approx(brute_force(selector, price), rel=1e-9)


def test_pinned_layers_stay() -> None:
    network = ToyNetwork(bad=3)
    names = [layer.name for layer in network.graph.layers]
    selector = Selector(
        network.graph,
        measured(network),
        CostModel(network.graph),
        names,
        np.array([1e-6]),
        always_float=["m0"],
        never_float=["m3"],
    )
    for price in (1.0, 1e4, 1e8):
        choice = selector.choose(price)
        assert "m0" in choice.floats
        assert "m3" not in choice.floats


def test_a_cut_of_known_value() -> None:
    cut = Cut()
    a, b = cut.node(), cut.node()
    for start, end, capacity in ((0, a, 3), (0, b, 2), (a, b, 1), (a, 1, 2), (b, 1, 4)):
        cut.edge(start, end, capacity)
    side = cut.source_side()
    crossing = {(0, a): 3, (0, b): 2, (a, b): 1, (a, 1): 2, (b, 1): 4}
    assert sum(cost for (s, e), cost in crossing.items() if side[s] and not side[e]) == 5


def test_values_rounded_twice_stay() -> None:
    values = np.random.default_rng(0).standard_normal(1000).astype(np.float32) * 3
    for asymmetric in (False, True):
        for limits in ((-4.0, 9.0), (0.0, 6.0), (-1.0, 0.5), (0.0, 0.0)):
            once = fake_quantize(values, limits, asymmetric)
            assert np.allclose(fake_quantize(once, limits, asymmetric), once, atol=1e-6)
            steps = steps_of(limits, asymmetric)
            assert len(np.unique(once)) <= 256
            inside = values[(values > limits[0]) & (values < limits[1])]
            if inside.size:
                assert np.abs(fake_quantize(inside, limits, asymmetric) - inside).max() <= steps.scale * 0.5001 + 1e-6


def test_weights_have_a_scale_per_output_channel() -> None:
    weight = np.array([[1.0, 100.0], [0.3, 50.0]], np.float32)
    found = fake_weight(Layer("m", "MatMul", ("x",), ("w",), (1, 2)), weight)
    assert np.abs(found[:, 0] - weight[:, 0]).max() <= 0.5 / 127 + 1e-6
    turned = fake_weight(Layer("m", "MatMul", ("x",), ("w",), (1, 2), {"right_transpose": True}), weight.T.copy())
    assert np.array_equal(turned, found.T)


def test_narrower_ranges_are_found_where_an_outlier_widens_them() -> None:
    network = ToyNetwork()
    given = samples(2)
    ranges = ranges_of(network, given)
    wide = dict(ranges)
    wide["m2"] = (ranges["m2"][0] * 20, ranges["m2"][1] * 20)
    probers = [Prober(network, sample, network.graph.outputs) for sample in given]
    budget = np.ones(1)
    found = refine(network.graph, probers, wide, [ranges], True, budget)
    assert found["m2"][1] <= ranges["m2"][1] * 1.01
    before = np.mean([p.quantized_values({"m2": wide["m2"]}, True) for p in probers])
    after = np.mean([p.quantized_values({"m2": found["m2"]}, True) for p in probers])
    assert after < before / 50


def test_noise_of_nothing_is_nothing() -> None:
    zeros = np.zeros(4, np.float32)
    assert noise_power(zeros, zeros) == 0
    assert noise_power(np.ones(4, np.float32), zeros) > 1e3
    assert noise_power(np.full(4, np.nan, np.float32), np.ones(4, np.float32)) > 1e3
