"""Corrections of a network that is going to be quantized, op by op in their order: adaptive rounding of weights
(``rounding``) and bias correction.

Bias correction: rounding and clipping shift the mean of what a convolution or matrix product gives; the shift of each
channel is taken out of the bias. Each op is corrected on the input that it will have, quantized and with the ops before
it corrected. What is kept between ops are 8-bit numbers, for the samples of the correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..inputs import network_inputs
from ..parallel import Tick, nothing
from ..search.fake import fake_weight
from ..search.graph import Graph, Layer, graph_of
from .data import Sample, stream
from .rounding import LEAST_POSITIONS, patches, round_weights
from .table import Entry
from .tune import Grid, followers
from .weights import Parameters, load, parameters_of, replace, weight_file

LARGEST_SIZE = 2400
"""Weights per output above which they are rounded one by one: H would need too much memory and time."""


@dataclass(frozen=True)
class Stored:
    """A tensor in 8 bits, or as it is where the table does not know it."""

    values: np.ndarray
    grid: Grid | None

    @staticmethod
    def of(values: np.ndarray, grid: Grid | None) -> Stored:
        """Rounds the values to the grid."""
        if grid is None:
            return Stored(values, None)
        quantized = np.rint(values.astype(np.float32) / np.float32(grid.scale)) + grid.zero_point
        storage = np.uint8 if grid.high > 127 else np.int8
        return Stored(np.clip(quantized, grid.low, grid.high).astype(storage), grid)

    def floats(self) -> np.ndarray:
        """The values that the 8 bits stand for."""
        if self.grid is None:
            return self.values
        return (self.values.astype(np.float32) - self.grid.zero_point) * np.float32(self.grid.scale)


def grids_of(graph: Graph, entries: Mapping[str, Entry], asymmetric: bool) -> dict[str, Grid]:
    """How each tensor of the table is quantized; tensors that are only moved share their source's grid."""

    def grid(entry: Entry) -> Grid:
        if asymmetric:
            return Grid.of((entry.minimum, entry.maximum), True)
        return Grid.of((-entry.threshold if entry.minimum < 0 else 0.0, entry.threshold), False)

    found = {name: grid(entry) for name, entry in entries.items()}
    for name, leader in followers(graph).items():
        if leader in found:
            found[name] = found[leader]
    return found


def channel_axis(layer: Layer) -> int:
    """The axis along which a bias runs."""
    return 1 if layer.kind in ("Conv", "Deconv") else len(layer.shape) - 1


def channel_means(layer: Layer, values: np.ndarray) -> np.ndarray:
    """The mean of each channel of one result, in double."""
    axis = channel_axis(layer)
    return values.mean(axis=tuple(i for i in range(values.ndim) if i != axis), dtype=np.float64)


def _fused_relu(layer: Layer, values: np.ndarray) -> np.ndarray:
    if not layer.attributes.get("do_relu", False):
        return values
    limit = float(layer.attributes.get("relu_limit", -1.0))
    return np.clip(values, 0, limit if limit > 0 else None)


def _without_relu(mlir: Path) -> ir.Module:
    """The module with its convolutions and matrix products giving what they have before their fused ReLUs."""
    context = ir.Context()
    module = pipelines.load(mlir, context)
    no = ir.Attribute.parse("false", context)

    def visit(op: ir.OpView) -> None:
        if op.name in ("top.Conv", "top.Deconv", "top.MatMul"):
            op.attributes["do_relu"] = no

    module.operation.walk(visit)
    return module


Quantized = dict[str, Stored]
"""The tensors of one sample that later ops still read."""


class Correction:
    """The state of a correction: the weights that have been changed, and what single ops are run with."""

    def __init__(self, mlir: Path, entries: Mapping[str, Entry], asymmetric: bool):
        self._module = pipelines.load(mlir, ir.Context())
        self.graph = graph_of(self._module)
        self.inputs = network_inputs(self._module)
        self._float = ModuleInterpreter(self._module)
        self._plain_module = _without_relu(mlir)
        self._plain = ModuleInterpreter(self._plain_module)
        self.path = weight_file(mlir, self._module)
        self.weights = {name: np.array(array) for name, array in load(self.path).items()}
        self._parameters = parameters_of(self._module)
        self._rounded: dict[str, np.ndarray] = {}  # weights on the grid, by name
        self.shifts: dict[str, np.ndarray] = {}  # additions to biases, by op
        self.adapted: list[str] = []  # ops whose weights were rounded adaptively
        integers = {spec.name for spec in self.inputs if spec.element != "f32"}
        known = {name: entry for name, entry in entries.items() if name not in integers}
        self._grids = grids_of(self.graph, known, asymmetric)

    def bias_of(self, layer: Layer) -> str | None:
        """The name of a bias that can be corrected: the op's own, with a value for each channel."""
        found = self._own(layer)
        if found is None or not found.bias:
            return None
        return found.bias if self.weights[found.bias].size == layer.shape[channel_axis(layer)] else None

    def _own(self, layer: Layer) -> Parameters | None:
        found = self._parameters.get(layer.name)
        return found if layer.weighted and found is not None and found.weight else None

    def expected_means(self, samples: Sequence[Sample], tick: Tick) -> dict[str, np.ndarray]:
        """The mean of each channel in float, before a fused ReLU, of ops with a bias that can be corrected."""
        sums: dict[str, np.ndarray] = {}
        targets = [layer for layer in self.graph.layers if self.bias_of(layer)]
        for _, arrays in stream(samples, self.inputs):
            values = self._float.run(arrays, every_tensor=True).values
            for layer in targets:
                linear = values[layer.name]
                if layer.attributes.get("do_relu", False):
                    given = {other: values[other] for other in layer.inputs}
                    linear = self._plain.run({}, given=given, wanted=[layer.name]).values[layer.name]
                sums[layer.name] = sums.get(layer.name, 0.0) + channel_means(layer, linear)
            tick(1)
        return {name: total / len(samples) for name, total in sums.items()}

    def run(self, samples: Sequence[Sample], expected: Mapping[str, np.ndarray], adapt: bool, tick: Tick) -> None:
        """Corrects op after op. expected: means for bias correction, empty for none; adapt: adaptive rounding.

        ``tick`` counts samples: all ops of one are as much as one sample.
        """
        alive: list[Quantized] = []
        for _, arrays in stream(samples, self.inputs):
            alive.append({name: Stored.of(value, self._grids.get(name)) for name, value in arrays.items()})
        last_use = {name: layer.name for layer in self.graph.layers for name in layer.inputs}
        shown = 0
        for number, layer in enumerate(self.graph.layers, 1):
            self._correct(layer, alive, expected.get(layer.name), adapt)
            for sample in alive:
                sample[layer.name] = self._step(layer, sample)
                for name in set(layer.inputs):
                    if last_use[name] == layer.name:
                        sample.pop(name, None)
            done = len(samples) * number // len(self.graph.layers)
            tick(done - shown)
            shown = done

    def _correct(self, layer: Layer, alive: Sequence[Quantized], mean: np.ndarray | None, adapt: bool) -> None:
        own = self._own(layer)
        if own is None:
            return
        name = str(own.weight)
        adapted = self._adapted(layer, own, alive) if adapt else None
        if adapted is not None:
            self.weights[name] = adapted
            self.adapted.append(layer.name)
        self._rounded[name] = adapted if adapted is not None else fake_weight(layer, self.weights[name])
        if mean is not None:
            found = [channel_means(layer, self._linear(layer, sample)) for sample in alive]
            self.shifts[layer.name] = mean - np.mean(found, axis=0)

    def _adapted(self, layer: Layer, own: Parameters, alive: Sequence[Quantized]) -> np.ndarray | None:
        """The op's weights on the grid, rounded for its inputs; None where that is not done."""
        weight = self.weights[str(own.weight)]
        if (layer.kind, weight.ndim) not in (("Conv", 4), ("MatMul", 2)) or len(layer.inputs) != 1:
            return None
        turned = layer.kind == "MatMul" and not own.transposed
        matrix = (weight.T if turned else weight).reshape(own.groups, -1, weight.size // weight.shape[turned])
        size = matrix.shape[2]
        if size > LARGEST_SIZE:
            return None
        random = np.random.default_rng(0)
        places = max(LEAST_POSITIONS, 2 * size) // len(alive) + 1
        moments = np.zeros((own.groups, size, size))
        for sample in alive:
            taken = patches(layer, sample[layer.inputs[0]].floats(), own.groups, places, random)
            moments += (taken.transpose(0, 2, 1) @ taken).astype(np.float64) / taken.shape[1]
        rounded = round_weights(matrix.astype(np.float64), moments).astype(np.float32)
        found = rounded.reshape(weight.T.shape).T if turned else rounded.reshape(weight.shape)
        return np.ascontiguousarray(found)

    def _linear(self, layer: Layer, sample: Quantized) -> np.ndarray:
        """What the op gives before a fused ReLU, with quantized weights and inputs."""
        given = {name: sample[name].floats() for name in layer.inputs}
        own = self._own(layer)
        if own is not None:
            given[str(own.weight)] = self._rounded[str(own.weight)]
        found: np.ndarray = self._plain.run({}, given=given, wanted=[layer.name]).values[layer.name]
        return found

    def _step(self, layer: Layer, sample: Quantized) -> Stored:
        if self._own(layer) is not None:
            values = self._linear(layer, sample)
            shift = self.shifts.get(layer.name)
            if shift is not None:
                shape = [1] * len(layer.shape)
                shape[channel_axis(layer)] = -1
                values = values + shift.astype(np.float32).reshape(shape)
            values = _fused_relu(layer, values)
        else:
            given = {name: sample[name].floats() for name in layer.inputs}
            values = self._float.run({}, given=given, wanted=[layer.name]).values[layer.name]
        return Stored.of(values, self._grids.get(layer.name))


def correct_network(
    mlir: Path,
    entries: Mapping[str, Entry],
    samples: Sequence[Sample],
    *,
    biases: bool,
    adapt: bool = False,
    asymmetric: bool = False,
    kept: Path | None = None,
    tick: Tick = nothing,
) -> list[str]:
    """Rewrites biases and weights of the module; gives sentences that say what was done.

    The earlier weights stay beside the new ones; ``kept`` says where they are if this run has changed them before.
    """
    correction = Correction(mlir, entries, asymmetric)
    expected = correction.expected_means(samples, nothing) if biases else {}
    correction.run(samples, expected, adapt, tick)
    for layer in correction.graph.layers:
        shift, bias = correction.shifts.get(layer.name), correction.bias_of(layer)
        if shift is not None and bias is not None:
            old = correction.weights[bias]
            correction.weights[bias] = (old.astype(np.float64) + shift.reshape(old.shape)).astype(np.float32)
    sentences = [f"adaptive rounding: weights of {len(correction.adapted)} ops"] if adapt else []
    sentences += [f"bias correction: {len(correction.shifts)} biases"] if biases else []
    if not correction.adapted and not correction.shifts:
        return [f"{sentence}, nothing was changed" for sentence in sentences]
    _, sentence = replace(correction.path, correction.weights, kept)
    return [*sentences, sentence]
