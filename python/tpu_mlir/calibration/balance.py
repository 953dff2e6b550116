"""Balancing of channels: a factor per channel moves from one op to the next, which changes nothing in float but lets
the channels of the tensor between them share one 8-bit range.

``equalize``: convolution → (ReLU, pooling) → convolution. ``smooth`` (SmoothQuant): LayerNorm → matrix products. A
channel with the largest magnitude a_c, read by weights of the magnitude w_c, is divided by s_c = sqrt(a_c / w_c), and
the weights are multiplied by it; where each channel's weights have a scale of their own (depthwise), by s_c = a_c.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..inputs import network_inputs
from ..parallel import Tick, nothing
from ..search.graph import Graph, Layer, graph_of
from .data import Sample, stream
from .weights import Parameters, Weights, load, parameters_of, replace, weight_file

SCALE_FREE = frozenset(["Relu", "LeakyRelu", "MaxPool", "AvgPool"])
"""Ops with f(s·x) = s·f(x) for s > 0, channel by channel."""

LIMIT = 64.0
"""Factors stay within this, so that no weight or activation gets out of hand."""


@dataclass(frozen=True)
class Pair:
    """Channels of ``tensor`` (along ``axis``) that ``source`` makes and all ``readers`` multiply with weights."""

    source: str
    tensor: str
    axis: int
    readers: tuple[str, ...]


def _plain_relu(layer: Layer) -> bool:
    """Whether the op's fused ReLU, if it has one, knows no upper limit."""
    return not layer.attributes.get("do_relu", False) or float(layer.attributes.get("relu_limit", -1.0)) <= 0


def _only_reader(graph: Graph, name: str) -> Layer | None:
    readers = graph.consumers.get(name, [])
    return readers[0] if len(readers) == 1 and name not in graph.outputs else None


def convolution_pairs(graph: Graph, parameters: dict[str, Parameters]) -> list[Pair]:
    """Convolutions that follow each other with nothing between that depends on the channels' scale."""
    found = []
    for layer in graph.layers:
        own = parameters.get(layer.name)
        if layer.kind != "Conv" or own is None or not own.weight or not _plain_relu(layer):
            continue
        if len(layer.weights) > 1 and not own.bias:
            continue  # the bias is another op's, too
        tensor, reader = layer.name, _only_reader(graph, layer.name)
        while reader is not None and reader.kind in SCALE_FREE and _plain_relu(reader):
            tensor, reader = reader.name, _only_reader(graph, reader.name)
        if reader is None or reader.kind != "Conv" or reader.inputs != (tensor,):
            continue
        theirs = parameters.get(reader.name)
        channels = layer.shape[1]
        depthwise = reader.shape[1] == channels and theirs is not None and theirs.groups == channels
        if theirs is not None and theirs.weight and (theirs.groups == 1 or depthwise):
            found.append(Pair(layer.name, tensor, 1, (reader.name,)))
    return found


def normalization_pairs(graph: Graph, parameters: dict[str, Parameters]) -> list[Pair]:
    """Normalizations whose result only matrix products with stored right operands read."""
    found = []
    for layer in graph.layers:
        own = parameters.get(layer.name)
        readers = graph.consumers.get(layer.name, [])
        if layer.kind != "LayerNorm" or own is None or not own.weight or not own.bias or not readers:
            continue
        if layer.name in graph.outputs or int(layer.attributes.get("axis", 0)) != len(layer.shape) - 1:
            continue
        theirs = [parameters.get(reader.name) for reader in readers]
        if all(
            reader.kind == "MatMul" and one is not None and one.weight and reader.inputs == (layer.name,)
            for reader, one in zip(readers, theirs, strict=True)
        ):
            axis = len(layer.shape) - 1
            found.append(Pair(layer.name, layer.name, axis, tuple(reader.name for reader in readers)))
    return found


def _per_input_channel(weight: np.ndarray, parameters: Parameters) -> np.ndarray:
    """A view of the weights whose first axis is the input channel."""
    if parameters.kind == "Conv":
        return weight if parameters.groups > 1 else np.moveaxis(weight, 1, 0)
    return np.moveaxis(weight, -1 if parameters.transposed else -2, 0)


def factors(magnitude: np.ndarray, readers: Iterable[np.ndarray], depthwise: bool) -> np.ndarray:
    """What each channel is divided by; their geometric mean is 1.

    magnitude: largest of each channel. readers: weights with the input channel as first axis.
    """
    usable = magnitude > 0
    weights = np.max([np.abs(w).reshape(len(w), -1).max(axis=1) for w in readers], axis=0)
    usable &= weights > 0
    if not usable.any():
        return np.ones_like(magnitude)
    raw = magnitude[usable] if depthwise else np.sqrt(magnitude[usable] / weights[usable])
    raw = raw / np.exp(np.log(raw).mean())
    result = np.ones_like(magnitude)
    result[usable] = np.clip(raw, 1 / LIMIT, LIMIT)
    return result


def _apply(pair: Pair, parameters: dict[str, Parameters], weights: Weights, magnitude: np.ndarray) -> None:
    source = parameters[pair.source]
    readers = [parameters[name] for name in pair.readers]
    views = [_per_input_channel(weights[str(reader.weight)], reader) for reader in readers]
    depthwise = readers[0].kind == "Conv" and readers[0].groups > 1
    scale = factors(magnitude.astype(np.float64), views, depthwise)
    divided = weights[str(source.weight)].astype(np.float64)
    divided /= scale.reshape(-1, *[1] * (divided.ndim - 1)) if source.kind == "Conv" else scale
    weights[str(source.weight)] = divided.astype(np.float32)
    if source.bias:
        bias = weights[source.bias]
        weights[source.bias] = (bias.astype(np.float64) / scale.reshape(bias.shape)).astype(np.float32)
    for view in views:
        view *= scale.reshape(-1, *[1] * (view.ndim - 1)).astype(np.float32)


def _magnitudes(
    module: ir.Module, pairs: Sequence[Pair], samples: Sequence[Sample], tick: Tick
) -> dict[str, np.ndarray]:
    """The largest magnitude of each channel of the pairs' tensors."""
    interpreter, inputs = ModuleInterpreter(module), network_inputs(module)
    found: dict[str, np.ndarray] = {}
    for _, arrays in stream(samples, inputs):
        values = interpreter.run(arrays, every_tensor=True).values
        for pair in pairs:
            value = np.moveaxis(np.abs(values[pair.tensor]), pair.axis, 0)
            largest = value.reshape(len(value), -1).max(axis=1)
            found[pair.tensor] = np.maximum(found.get(pair.tensor, largest), largest)
        tick(1)
    return found


def balance_network(
    mlir: Path, samples: Sequence[Sample], *, equalize: bool, smooth: bool, tick: Tick = nothing
) -> tuple[Path | None, list[str]]:
    """Rewrites the weights of the module; gives where the earlier ones are (None where nothing was changed) and
    sentences that say what was done.

    The module computes the same as before within the rounding of float. The earlier weights stay beside the new ones.
    """
    module = pipelines.load(mlir, ir.Context())
    graph, parameters = graph_of(module), parameters_of(module)
    pairs = convolution_pairs(graph, parameters) if equalize else []
    count = len(pairs)
    pairs += normalization_pairs(graph, parameters) if smooth else []
    sentences = []
    if equalize:
        sentences.append(f"weight equalization: {count} pairs of convolutions")
    if smooth:
        sentences.append(f"SmoothQuant: {len(pairs) - count} normalizations")
    if not pairs:
        return None, [f"{sentence}, nothing was changed" for sentence in sentences]
    magnitudes = _magnitudes(module, pairs, samples, tick)
    path = weight_file(mlir, module)
    weights = {name: np.array(array) for name, array in load(path).items()}
    for pair in pairs:  # the factors of one pair cancel inside of it: the magnitudes of the others stay
        _apply(pair, parameters, weights, magnitudes[pair.tensor])
    kept, sentence = replace(path, weights, None)
    return kept, [*sentences, sentence]
