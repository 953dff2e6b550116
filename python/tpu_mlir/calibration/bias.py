"""Bias correction: rounding and clipping shift the mean of what a convolution or matrix product gives; the shift of
each channel is taken out of the bias.

The ops are corrected one after the other on a network that is quantized as it will be, so each correction sees the
errors that are left of those before it. What is kept between ops are 8-bit numbers, for the samples of the correction.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..files import save_npz
from ..inputs import network_inputs
from ..parallel import Tick, nothing
from ..search.fake import fake_weight
from ..search.graph import Graph, Layer, graph_of
from .data import Sample, stream
from .table import Entry
from .tune import Grid, followers
from .weights import Weights, load, parameters_of, replace, weight_file


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


class LinearTwin:
    """A copy of a module without fused ReLUs, of which single ops are run; its weights may be others."""

    def __init__(self, mlir: Path, weights: Weights | None):
        self._context = ir.Context()
        if weights is None:
            self._module = pipelines.load(mlir, self._context)
            self._strip()
            self._interpreter = ModuleInterpreter(self._module)
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / mlir.name
            copy.write_text(mlir.read_text(encoding="utf-8"), encoding="utf-8")
            self._module = pipelines.load(copy, self._context)
            self._strip()
            save_npz(weight_file(copy, self._module), weights)
            self._interpreter = ModuleInterpreter(self._module)  # reads the weights

    def _strip(self) -> None:
        def visit(op: ir.OpView) -> None:
            if op.name in ("top.Conv", "top.Deconv", "top.MatMul"):
                op.attributes["do_relu"] = ir.Attribute.parse("false", self._context)

        self._module.operation.walk(visit)

    def run(self, layer: Layer, operands: Mapping[str, np.ndarray]) -> np.ndarray:
        """The result of one op."""
        found: np.ndarray = self._interpreter.run({}, given=dict(operands), wanted=[layer.name]).values[layer.name]
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


class Correction:
    """The state of a correction: the quantized tensors that later ops still read, and the shifts found so far."""

    def __init__(self, mlir: Path, entries: Mapping[str, Entry], asymmetric: bool):
        self._module = pipelines.load(mlir, ir.Context())
        self.graph = graph_of(self._module)
        self._inputs = network_inputs(self._module)
        self._float = ModuleInterpreter(self._module)
        self.path = weight_file(mlir, self._module)
        self.weights = load(self.path)
        self._parameters = parameters_of(self._module)
        self._plain = LinearTwin(mlir, None)
        self._rounded = LinearTwin(mlir, self._rounded_weights())
        integers = {spec.name for spec in self._inputs if spec.element != "f32"}
        known = {name: entry for name, entry in entries.items() if name not in integers}
        self._grids = grids_of(self.graph, known, asymmetric)
        self.targets = {layer.name: bias for layer in self.graph.layers if (bias := self._bias_of(layer)) is not None}

    def _bias_of(self, layer: Layer) -> str | None:
        """The name of a bias that can be corrected: the op's own, with a value for each channel."""
        found = self._parameters.get(layer.name)
        if not layer.weighted or found is None or not found.weight or not found.bias:
            return None
        return found.bias if self.weights[found.bias].size == layer.shape[channel_axis(layer)] else None

    def _rounded_weights(self) -> Weights:
        rounded = dict(self.weights)
        for layer in self.graph.layers:
            found = self._parameters.get(layer.name)
            if layer.weighted and found is not None and found.weight:
                rounded[found.weight] = fake_weight(layer, rounded[found.weight].astype(np.float32))
        return rounded

    def expected_means(self, samples: Sequence[Sample], tick: Tick) -> dict[str, np.ndarray]:
        """The mean of each channel in float, before a fused ReLU."""
        sums: dict[str, np.ndarray] = {}
        for _, arrays in stream(samples, self._inputs):
            values = self._float.run(arrays, every_tensor=True).values
            for name in self.targets:
                layer = self.graph.by_name[name]
                linear = values[name]
                if layer.attributes.get("do_relu", False):
                    linear = self._plain.run(layer, {other: values[other] for other in layer.inputs})
                sums[name] = sums.get(name, 0.0) + channel_means(layer, linear)
            tick(1)
        return {name: total / len(samples) for name, total in sums.items()}

    def shifts(
        self, samples: Sequence[Sample], expected: Mapping[str, np.ndarray], tick: Tick
    ) -> dict[str, np.ndarray]:
        """What has to be added to each bias. ``tick`` counts samples: all ops of one are as much as one sample."""
        alive: list[dict[str, Stored]] = []
        for _, arrays in stream(samples, self._inputs):
            alive.append({name: Stored.of(value, self._grids.get(name)) for name, value in arrays.items()})
        last_use = {name: layer.name for layer in self.graph.layers for name in layer.inputs}
        found: dict[str, np.ndarray] = {}
        shown = 0
        for number, layer in enumerate(self.graph.layers, 1):
            if layer.name in self.targets:
                means = [channel_means(layer, self._linear(layer, sample)) for sample in alive]
                found[layer.name] = expected[layer.name] - np.mean(means, axis=0)
            for sample in alive:
                sample[layer.name] = self._step(layer, sample, found.get(layer.name))
                for name in set(layer.inputs):
                    if last_use[name] == layer.name:
                        sample.pop(name, None)
            done = len(samples) * number // len(self.graph.layers)
            tick(done - shown)
            shown = done
        return found

    def _linear(self, layer: Layer, sample: Mapping[str, Stored]) -> np.ndarray:
        return self._rounded.run(layer, {name: sample[name].floats() for name in layer.inputs})

    def _step(self, layer: Layer, sample: Mapping[str, Stored], shift: np.ndarray | None) -> Stored:
        if layer.weighted:
            values = self._linear(layer, sample)
            if shift is not None:
                shape = [1] * len(layer.shape)
                shape[channel_axis(layer)] = -1
                values = values + shift.astype(np.float32).reshape(shape)
            values = _fused_relu(layer, values)
        else:
            given = {name: sample[name].floats() for name in layer.inputs}
            values = self._float.run({}, given=given, wanted=[layer.name]).values[layer.name]
        return Stored.of(values, self._grids.get(layer.name))


def correct_biases(
    mlir: Path,
    entries: Mapping[str, Entry],
    samples: Sequence[Sample],
    *,
    asymmetric: bool = False,
    tick: Tick = nothing,
) -> list[str]:
    """Rewrites the biases of the module; gives sentences that say what was done. The earlier weights stay beside."""
    correction = Correction(mlir, entries, asymmetric)
    expected = correction.expected_means(samples, nothing)
    shifts = correction.shifts(samples, expected, tick)
    if not shifts:
        return ["bias correction: no convolution or matrix product has a bias of its own, nothing was changed"]
    weights = dict(correction.weights)
    for name, shift in shifts.items():
        bias = correction.targets[name]
        old = weights[bias]
        weights[bias] = (old.astype(np.float64) + shift.reshape(old.shape)).astype(np.float32)
    kept = replace(correction.path, weights)
    return [
        f"bias correction: {len(shifts)} biases",
        f"{correction.path.name} is rewritten, the earlier weights are {kept.name}",
    ]
