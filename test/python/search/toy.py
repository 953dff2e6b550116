"""A chain of matrix products in NumPy that counts what is evaluated; one of its values is bad for 8 bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from tpu_mlir.search.fake import fake_weight
from tpu_mlir.search.graph import Graph, Layer

SIZE = 16


class ToyNetwork:
    """Layers m0, m1 …, each a product followed by a tanh; a second branch adds m0 to the last value."""

    def __init__(self, layers: int = 6, bad: int | None = None, seed: int = 3):
        random = np.random.default_rng(seed)
        self.weights = {f"w{i}": random.standard_normal((SIZE, SIZE)).astype(np.float32) / 4 for i in range(layers)}
        if bad is not None:
            self.weights[f"w{bad}"][:, 0] *= 400  # one column dwarfs the others in the 8-bit result
        names = [f"m{i}" for i in range(layers)]
        nodes = [
            Layer(name, "MatMul", ("x" if i == 0 else names[i - 1],), (f"w{i}",), (4, SIZE))
            for i, name in enumerate(names)
        ]
        nodes.append(Layer("y", "Add", (names[-1], names[0]), (), (4, SIZE)))
        shapes = {name: array.shape for name, array in self.weights.items()}
        self.graph = Graph(tuple(nodes), {"x": (4, SIZE)}, ("y",), shapes)
        self.layers_run = 0

    def _layer(self, layer: Layer, values: Mapping[str, np.ndarray], weight: np.ndarray | None = None) -> np.ndarray:
        self.layers_run += 1
        if layer.kind == "Add":
            return values[layer.inputs[0]] + values[layer.inputs[1]]
        found = self.weights[layer.weights[0]] if weight is None else weight
        return (np.clip(values[layer.inputs[0]], -1, 1) @ found).astype(np.float32)

    def values(self, sample: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        values = {"x": np.asarray(sample["x"], np.float32)}
        for layer in self.graph.layers:
            values[layer.name] = self._layer(layer, values)
        return values

    def resume(self, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> dict[str, np.ndarray]:
        values = dict(given)
        needed = set(wanted) - set(given)
        for layer in reversed(self.graph.layers):
            if layer.name in needed:
                needed |= set(layer.inputs) - set(given)
        for layer in self.graph.layers:
            if layer.name in needed:
                values[layer.name] = self._layer(layer, values)
        return {name: values[name] for name in wanted}

    def quantized_weights(self, layer: str, given: Mapping[str, np.ndarray]) -> np.ndarray:
        found = self.graph.by_name[layer]
        return self._layer(found, given, fake_weight(found, self.weights[found.weights[0]]))


def samples(count: int, seed: int = 5) -> list[dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    return [{"x": random.standard_normal((4, SIZE)).astype(np.float32)} for _ in range(count)]


def ranges_of(network: ToyNetwork, given: list[dict[str, np.ndarray]]) -> dict[str, tuple[float, float]]:
    found = [network.values(sample) for sample in given]
    return {
        name: (min(float(values[name].min()) for values in found), max(float(values[name].max()) for values in found))
        for name in found[0]
    }
