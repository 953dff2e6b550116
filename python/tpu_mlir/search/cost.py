"""Estimates of cycles: what a layer costs in 8 bits and in float, and what a cast costs.

Rates are those of the cycle model (docs/cycle-model.md). A convolution and the elementwise layers that follow it run as
one group, so a value between two layers of a group costs no memory traffic. Estimates only rank choices; what is
reported comes from compiling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf, prod

from .graph import Graph, Layer

LOAD, STORE = 54.0, 41.0
"""Bytes per cycle between memory and lanes."""
LANES = 64
UNHIDDEN = 0.6
"""Part of the shorter of traffic and arithmetic that does not overlap with the longer: first and last tiles."""
LIGHT_WEIGHTS = 16384
"""Fewest weights of a layer for which 8-bit weights beside float values are considered."""
BYTES = {"INT8": 1, "F16": 2, "BF16": 2, "F32": 4}
PRODUCTS = {"INT8": 64 * 4 * 64, "F16": 64 * 4 * 32, "BF16": 64 * 4 * 32, "F32": 64 * 16}
"""Multiply-adds per cycle."""

LINES = {"Add": 3, "Sub": 3, "Mul": 3, "MaxPool": 9, "AvgPool": 12}
"""64-byte lines of elementwise work per line of result; everything else that is no move or product: see below."""
FUNCTION_LINES, LOOKUP_LINES = 30, 4


@dataclass(frozen=True)
class LayerCost:
    """Cycles of a layer in 8 bits, in float, and in float with weights in 8 bits (infinite where that is no gain)."""

    integer: float
    floating: float
    light: float = inf


class CostModel:
    """Estimated cycles of the layers of a graph. float_type: number type of float layers."""

    def __init__(self, graph: Graph, float_type: str = "F16"):
        self._graph = graph
        self.float_type = float_type
        self._inner = _values_inside_groups(graph)
        self._grouped = {layer.name for layer in graph.layers if not layer.moves}
        self.layers: dict[str, LayerCost] = {
            layer.name: LayerCost(self._cycles(layer, "INT8"), self._cycles(layer, float_type), self._light(layer))
            for layer in graph.layers
        }

    def scaled(self, integer: float, floating: float) -> None:
        """Scales both columns to totals that were measured."""
        found = [sum(c.integer for c in self.layers.values()), sum(c.floating for c in self.layers.values())]
        factors = [wanted / have if have > 0 else 1.0 for wanted, have in zip((integer, floating), found, strict=True)]
        for name, cost in self.layers.items():
            scaled = cost.integer * factors[0], cost.floating * factors[1]
            self.layers[name] = LayerCost(scaled[0], max(scaled), max(scaled[0], cost.light * factors[1]))

    def cast(self, value: str, *, to_integer: bool) -> float:
        """Of a cast between 8 bits and float.

        A cast behind a layer of a group is part of the group and only changes what is stored; behind a move or an
        input it reads and writes memory.
        """
        elements = prod(self._graph.shape(value))
        width = BYTES[self.float_type]
        taken, made = (width, 1) if to_integer else (1, width)
        if value in self._grouped:
            return elements * made / STORE * 0.25 + 200
        return elements * (taken / LOAD + made / STORE) + 300

    def shares(self, table: Mapping[str, str]) -> dict[str, float]:
        """Share of each layer in the cycles, with the modes of a quantize table."""
        cycles = {
            name: cost.floating if table.get(name, "INT8") != "INT8" else cost.integer
            for name, cost in self.layers.items()
        }
        total = sum(cycles.values()) or 1.0
        return {name: value / total for name, value in cycles.items()}

    def _light(self, layer: Layer) -> float:
        """With half-precision values and 8-bit weights, where there are enough weights to matter."""
        count = prod(self._graph.weight_shapes[layer.weights[0]]) if layer.weights else 0
        if layer.kind not in ("Conv", "MatMul") or BYTES[self.float_type] != 2 or count < LIGHT_WEIGHTS:
            return inf
        return self._cycles(layer, self.float_type, 1)

    def _cycles(self, layer: Layer, mode: str, weight_width: int = 0) -> float:
        width = BYTES[mode]
        loads = sum(prod(self._graph.shape(name)) for name in layer.inputs if name not in self._inner) * width
        loads += sum(prod(self._graph.weight_shapes.get(name, ())) for name in layer.weights) * (weight_width or width)
        stores = 0 if layer.name in self._inner else layer.elements * width
        traffic, compute = loads / LOAD + stores / STORE, self._compute(layer, mode)
        return max(traffic, compute) + UNHIDDEN * min(traffic, compute) + 300

    def _compute(self, layer: Layer, mode: str) -> float:
        width = BYTES[mode]
        lines = layer.elements * width / (LANES * 64)
        if layer.weighted or layer.kind == "MatMul":
            return self._products(layer) / PRODUCTS[mode] * 1.3 + lines * 4
        if layer.moves and layer.kind != "MaxPool":
            return 0.0
        if layer.kind in LINES:
            return lines * LINES[layer.kind]
        if mode == "INT8":
            return layer.elements / LANES / 16 * LOOKUP_LINES * 4
        return layer.elements * 4 / (LANES * 64) * FUNCTION_LINES

    def _products(self, layer: Layer) -> float:
        """Multiply-adds, with channels rounded up to whole rounds of lanes."""
        graph = self._graph
        shape = graph.weight_shapes[layer.weights[0]] if layer.weights else graph.shape(layer.inputs[-1])
        if layer.kind == "MatMul":
            inner = shape[-1] if layer.attributes.get("right_transpose") else shape[-2] if len(shape) > 1 else shape[0]
            rows = layer.elements / max(layer.shape[-1], 1)
            return rows * inner * ceil(layer.shape[-1] / LANES) * LANES
        taps = prod(shape[1:])
        channels = layer.shape[1] if len(layer.shape) > 1 else 1
        groups = int(layer.attributes.get("group", 1) or 1)
        if groups > 1 and groups == channels:  # depthwise: no sharing of inputs between lanes
            return layer.elements / channels * ceil(channels / LANES) * LANES * taps * 16
        return layer.elements / max(channels, 1) * ceil(channels / LANES) * LANES * max(taps, 16)


def _values_inside_groups(graph: Graph) -> set[str]:
    """Values that only the next elementwise layer reads: they stay in local memory."""
    inner: set[str] = set()
    outputs = set(graph.outputs)
    for layer in graph.layers:
        readers = graph.consumers.get(layer.name, [])
        if len(readers) != 1 or layer.name in outputs or layer.moves:
            continue
        reader = readers[0]
        if not reader.moves and not reader.weighted and reader.kind not in ("MatMul", "Softmax", "LayerNorm", "Reduce"):
            inner.add(layer.name)
    return inner
