"""The float network: every value of a sample, and resumed evaluation behind changed values."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..files import load_npz, save_npz
from .fake import fake_weight
from .graph import Graph, graph_of

Arrays = dict[str, np.ndarray]


class FloatNetwork(Protocol):
    """What the measurements need of a network; tests give small ones written in NumPy."""

    graph: Graph

    def values(self, sample: Mapping[str, np.ndarray]) -> Arrays:
        """Every value of a sample."""

    def resume(self, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> Arrays:
        """Values computed from given ones; only the layers between are run."""

    def quantized_weights(self, layer: str, given: Mapping[str, np.ndarray]) -> np.ndarray:
        """The result of one layer with its weights rounded to 8 bits."""


class TopNetwork:
    """A canonical Top module, and a copy of it whose weights are rounded to 8 bits."""

    def __init__(self, path: Path):
        self.path = path
        self._context = ir.Context()
        self.module = pipelines.load(path, self._context)
        self.graph = graph_of(self.module)
        self._float = ModuleInterpreter(self.module)
        self._rounded: ModuleInterpreter | None = None
        self.runs = 0  # layers evaluated after the first pass of each sample

    def values(self, sample: Mapping[str, np.ndarray]) -> Arrays:
        """Every value of a sample."""
        return self._float.run(sample, every_tensor=True).values

    def resume(self, given: Mapping[str, np.ndarray], wanted: Iterable[str]) -> Arrays:
        """Values computed from given ones; only the layers between are run."""
        self.runs += 1
        return self._float.run({}, given=given, wanted=list(wanted)).values

    def quantized_weights(self, layer: str, given: Mapping[str, np.ndarray]) -> np.ndarray:
        """The result of one layer with its weights rounded to 8 bits."""
        if self._rounded is None:
            self._rounded = self._with_rounded_weights()
        return self._rounded.run({}, given=given, wanted=[layer]).values[layer]

    def _with_rounded_weights(self) -> ModuleInterpreter:
        """An interpreter of the same module whose filters and matrices are rounded; it reads them once."""
        attribute = self.module.operation.attributes["module.weight_file"]
        file = str(attribute.value)
        weights = load_npz(self.path.parent / file, "the weights")
        for layer in self.graph.layers:
            if layer.weighted and layer.weights[0] in weights:
                name = layer.weights[0]
                weights[name] = fake_weight(layer, weights[name].astype(np.float32))
        with tempfile.TemporaryDirectory() as folder:
            save_npz(Path(folder) / file, weights)
            copy = Path(folder) / self.path.name
            copy.write_text(self.path.read_text(encoding="utf-8"), encoding="utf-8")
            self._copy = pipelines.load(copy, self._context)
            return ModuleInterpreter(self._copy)


Progress = Callable[[int], None]
"""Called with a number of finished measurements."""
