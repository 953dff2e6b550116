"""What a search compares: the outputs or chosen tensors, by cosine, signal to noise ratio or the user's own metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..files import require_file
from ..npz.similarity import cosine_similarity, sqnr
from ..user_script import load_script
from .graph import Graph
from .tables import nearest

Metric = Callable[[dict[str, np.ndarray], dict[str, np.ndarray]], float]
"""Outputs of the quantized network, outputs of the float network -> a number, larger is better."""

LIMIT_DB = 200.0
"""Signal to noise ratio that stands for equal arrays."""


@dataclass(frozen=True)
class Targets:
    """The tensors that are compared, with weights that sum to 1 where they were given, and how they are compared.

    Without weights the worst tensor counts; with weights the weighted mean. worst_sample: the least similar sample
    counts in place of the mean.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    method: str = "cos"
    metric: Metric | None = None
    worst_sample: bool = False

    def score(self, pairs: Sequence[tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]]) -> float:
        """Mean over the samples; pairs of values of the quantized and of the float network."""
        if self.metric is not None:
            return float(np.mean([self._measured(dict(found), dict(expected)) for found, expected in pairs]))
        columns = self.by_tensor(pairs)
        if self.weights is None:
            return min(columns.values())
        return float(sum(w * columns[name] for w, name in zip(self.weights, self.names, strict=True)))

    def by_tensor(self, pairs: Sequence[tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]]) -> dict[str, float]:
        """The similarity of each tensor, mean over the samples or that of the least similar one."""
        alike = cosine_similarity if self.method == "cos" else _decibels
        over = np.min if self.worst_sample else np.mean
        return {
            name: float(over([alike(expected[name], found[name]) for found, expected in pairs])) for name in self.names
        }

    def _measured(self, found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
        assert self.metric is not None
        try:
            value = float(self.metric(found, expected))
        except Exception as error:  # the user's program may raise anything
            raise UserError(f"the metric of --post_process failed: {type(error).__name__}: {error}") from error
        if not np.isfinite(value):
            raise UserError(f"the metric of --post_process gave {value}, which cannot be compared")
        return value

    def budget(self, expected: float) -> np.ndarray:
        """The noise power, relative to the signal's, that each tensor may have to be as alike as expected."""
        if self.method == "snr":
            return np.full(len(self.names), 10 ** (-expected / 10))
        cosine = min(max(expected, 1e-3), 1 - 1e-9)
        return np.full(len(self.names), 1 / cosine**2 - 1)


def _decibels(expected: np.ndarray, found: np.ndarray) -> float:
    return float(np.clip(sqnr(expected, found), -LIMIT_DB, LIMIT_DB))


def targets_of(graph: Graph, *, layers: str = "", method: str = "cos", post_process: Path | None = None) -> Targets:
    """The targets that the options name.

    layers: ``--global_compare_layers``, as "name,name" or "name:weight,name:weight".

    Raises:
        UserError: an unknown name, a weight that is no positive number, a script without a metric.
    """
    metric = load_metric(post_process) if post_process is not None else None
    if not layers:
        return Targets(graph.outputs, None, method, metric)
    if metric is not None:
        raise UserError("--global_compare_layers and --post_process exclude each other: the metric sees the outputs")
    names: list[str] = []
    weights: list[float] = []
    for word in (word.strip() for word in layers.split(",")):
        if not word:
            continue
        name, weight = _split(word, graph)
        names.append(name)
        weights.append(weight)
    if not names:
        raise UserError("--global_compare_layers names no layer")
    given = any(weight != 1 for weight in weights)
    total = sum(weights)
    return Targets(tuple(names), tuple(w / total for w in weights) if given else None, method)


def _split(word: str, graph: Graph) -> tuple[str, float]:
    """A name (which may hold colons) and its weight."""
    if word in graph.by_name:
        return word, 1.0
    name, colon, number = word.rpartition(":")
    if not colon or name not in graph.by_name:
        known = name if colon else word
        raise UserError(f"--global_compare_layers: the network has no layer '{known}'{nearest(known, graph.by_name)}")
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not (np.isfinite(weight) and weight > 0):
        raise UserError(f"--global_compare_layers: the weight '{number}' of '{name}' is not a positive number")
    return name, weight


def load_metric(path: Path) -> Metric:
    """The metric of a user's script: a function ``metric(outputs, reference)``, or a class ``PostProcess``.

    An object of the class is called with the outputs of one sample (name -> float32 array) and gives one array or
    several; the cosine of its results is the metric.
    """
    require_file(path, "the script of --post_process")
    module = load_script(path, "--post_process takes one that ends in .py")
    metric: Any = getattr(module, "metric", None)
    if callable(metric):
        return metric
    process: Any = getattr(module, "PostProcess", None)
    if process is None:
        raise UserError(f"{path} has neither a function metric(outputs, reference) nor a class PostProcess")
    processor = process()

    def alike(outputs: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> float:
        found, expected = _arrays(processor(outputs)), _arrays(processor(reference))
        if len(found) != len(expected):
            return 0.0
        return min((_same(f, e) for f, e in zip(found, expected, strict=True)), default=1.0)

    return alike


def _arrays(result: Any) -> list[np.ndarray]:
    if isinstance(result, Mapping):
        return [np.asarray(value) for value in result.values()]
    if isinstance(result, (list, tuple)):
        return [np.asarray(value) for value in result]
    return [np.asarray(result)]


def _same(found: np.ndarray, expected: np.ndarray) -> float:
    return cosine_similarity(found, expected) if found.size == expected.size else 0.0
