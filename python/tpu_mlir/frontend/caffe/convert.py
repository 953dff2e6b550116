"""From a Caffe network to NAME_origin.mlir and its weights: reads both files and converts layer by layer."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace

from ..builder import GraphBuilder, InputSpec
from ..converted import ConvertedModel, PreprocessAttributes, build_and_write
from ..emit import Tensor
from ..errors import FrontendError, UnsupportedNodeError
from ..needed import needed_nodes
from ..rehearsal import RehearsalBuilder
from . import ops as _ops  # noqa: F401  fills the registry
from .call import Call, Module
from .graph import MAX_AXES, CaffeGraph, Layer
from .registry import find
from .source import load

MAX_ELEMENTS = 1 << 31
"""A tensor with more elements (8 GiB of f32) is refused; the address space of the chip ends far below."""

_TRAINING = "it belongs to training; name the outputs before it with --output_names"

REFUSED = {
    **dict.fromkeys(
        (
            "Accuracy",
            "ContrastiveLoss",
            "EuclideanLoss",
            "HingeLoss",
            "InfogainLoss",
            "MultiBoxLoss",
            "MultinomialLogisticLoss",
            "SigmoidCrossEntropyLoss",
            "SmoothL1Loss",
            "SoftmaxWithLoss",
        ),
        _TRAINING,
    ),
    "Filter": "how many images it keeps depends on values, while shapes are fixed; cut the network before it",
    "Padding": "versions of Caffe differ in what it pads; put the pads into the layer that follows",
    "Python": "its code is not part of the description; cut the network before it with --output_names",
}
"""Why there is no converter for a layer type."""


def convert_caffe(
    model: str | os.PathLike[str] | CaffeGraph,
    model_name: str,
    weights: str | os.PathLike[str] | None = None,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    output_names: Sequence[str] | None = None,
    preprocess: PreprocessAttributes | None = None,
    directory: str | os.PathLike[str] | None = ".",
    builder: GraphBuilder | None = None,
) -> ConvertedModel:
    """Converts a network in its test phase; nothing is written unless every layer is supported.

    A tensor has the name of its blob, or that of the layer where a blob is written again (in place).

    model: the .prototxt, weights: the .caffemodel. input_shapes: one shape per input in order, which replace those of
    the description; -1 keeps a size. output_names: blobs or layers at which the network is cut. directory: where
    NAME_origin.mlir and its weights go, None writes nothing. Raises FrontendError with one sentence.
    """
    graph = model if isinstance(model, CaffeGraph) else load(model, weights)
    graph = _cut(graph, output_names)
    graph = resized(graph, input_shapes)
    return build_and_write(lambda target: _build(graph, target, preprocess), builder, model_name, "CAFFE", directory)


def _cut(graph: CaffeGraph, names: Sequence[str] | None) -> CaffeGraph:
    """The network with the outputs that the user asks for and the layers that they need."""
    if not graph.inputs:
        raise FrontendError(f"{graph.label}: has no inputs")
    outputs = {name: value for name, value in graph.outputs.items() if value not in graph.inputs}
    if names:
        values = {value for layer in graph.layers for value in layer.tops}
        for name in names:
            if name not in graph.names and name not in values:
                raise FrontendError(f"{graph.label}: there is no blob or layer '{name}' to be an output")
        if len(set(names)) != len(names):
            raise FrontendError(f"{graph.label}: an output is named twice in {list(names)}")
        outputs = {name: graph.names.get(name, name) for name in names}
    if not outputs:
        raise FrontendError(f"{graph.label}: has no outputs")
    layers = needed_nodes(graph.layers, outputs.values(), lambda layer: layer.tops, lambda layer: layer.bottoms)
    return replace(graph, outputs=outputs, layers=layers)


def resized(graph: CaffeGraph, input_shapes: Sequence[Sequence[int]] | None) -> CaffeGraph:
    """The network with the shapes that the user gives, one per input that the outputs may depend on."""
    read = {name for layer in graph.layers for name in layer.bottoms} | set(graph.outputs.values())
    inputs = {name: shape for name, shape in graph.inputs.items() if name in read}
    if input_shapes:
        if len(input_shapes) != len(inputs):
            raise FrontendError(
                f"{graph.label}: --input_shapes has {len(input_shapes)} shapes for {len(inputs)} inputs "
                f"({', '.join(inputs)})"
            )
        for (name, declared), given in zip(list(inputs.items()), input_shapes, strict=True):
            if -1 in given and (declared is None or len(declared) != len(given)):
                raise FrontendError(f"{graph.label}: input '{name}' has no size that -1 in {list(given)} could keep")
            kept = declared or tuple(given)
            inputs[name] = tuple(kept[i] if size == -1 else int(size) for i, size in enumerate(given))
    for name, shape in inputs.items():
        if shape is None:
            raise FrontendError(f"{graph.label}: input '{name}' has no shape; give it with --input_shapes")
        if any(size < 1 for size in shape):
            raise FrontendError(f"{graph.label}: input '{name}' has the shape {list(shape)}; sizes are at least 1")
        if len(shape) > MAX_AXES or math.prod(shape) > MAX_ELEMENTS:
            raise FrontendError(f"{graph.label}: input '{name}' is too large")
    return replace(graph, inputs=inputs)


def _build(graph: CaffeGraph, builder: GraphBuilder, preprocess: PreprocessAttributes | None) -> ConvertedModel:
    specs = {name: _input_spec(name, shape, preprocess) for name, shape in graph.inputs.items()}
    _, reads = _emit(graph, list(specs.values()), RehearsalBuilder())
    wanted = set(graph.outputs.values())
    kept = []
    for layer in reversed(graph.layers):
        if wanted.intersection(layer.tops):
            kept.append(layer)
            wanted |= reads[layer.place]
    inputs = [name for name in graph.inputs if name in wanted]
    if not inputs:
        raise FrontendError(f"{graph.label}: no output depends on any input")
    kept.reverse()
    module, _ = _emit(graph, [specs[name] for name in inputs], builder, frozenset(layer.place for layer in kept))
    made = [*inputs, *(name for layer in kept for name in layer.tops if name in module.values)]
    first: dict[str, str] = {}  # of several names for one tensor the first one counts
    for name in made:
        first.setdefault(module.values[name].name, name)
    return ConvertedModel(
        builder,
        {name: module.values[name].shape for name in inputs},
        {name: module.values[value].name for name, value in graph.outputs.items()},
        {name: top for top, name in first.items()},
    )


def _input_spec(name: str, shape: tuple[int, ...] | None, preprocess: PreprocessAttributes | None) -> InputSpec:
    sizes = shape or (1,)
    return InputSpec(name, sizes, "f32", preprocess(name, sizes) if preprocess is not None else {})


def _emit(
    graph: CaffeGraph,
    specs: Sequence[InputSpec],
    builder: GraphBuilder,
    kept: frozenset[int] | None = None,
) -> tuple[Module, dict[int, set[str]]]:
    """Converts the layers; gives the module and the values that each layer read.

    kept: places of layers that are made; of the others only the shapes are needed.
    """
    module = Module(graph, builder)
    for spec, handle in zip(specs, builder.start(specs), strict=True):
        module.values[spec.name] = Tensor(handle, spec.shape, module.unique(spec.name))
    ghost = Module(graph, RehearsalBuilder())
    for name, shape in graph.inputs.items():
        module.values.setdefault(name, Tensor(None, shape or (1,), name))
    reads = _convert_layers(graph, graph.layers, module, ghost, kept)
    for blob, value in graph.outputs.items():
        if value not in module.values:
            raise FrontendError(
                f"{graph.label}: the output '{blob}' is a result that its layer does not have; leave it out with "
                "--output_names"
            )
    builder.finish([module.values[value].handle for value in graph.outputs.values()])
    return module, reads


def _convert_layers(
    graph: CaffeGraph, layers: Sequence[Layer], module: Module, ghost: Module, kept: frozenset[int] | None
) -> dict[int, set[str]]:
    """Converts in order; collects everything that is refused and reports the first with the count."""
    reads: dict[int, set[str]] = {}
    refused: list[tuple[Layer, str]] = []
    lost: set[str] = set()
    for layer in layers:
        if lost.intersection(layer.bottoms):
            lost.update(layer.tops)
            continue
        target = module if kept is None or layer.place in kept else ghost
        ghost.values, ghost.constants = module.values, module.constants
        try:
            reads[layer.place] = _convert(layer, target)
        except UnsupportedNodeError as error:
            refused.append((layer, str(error)))
            lost.update(layer.tops)
    if refused:
        layer, reason = refused[0]
        text = f"{graph.label}: layer '{layer.name}' (type {layer.kind}) is not supported: {reason}"
        if len(refused) > 1:
            others = ", ".join(sorted({item.kind for item, _ in refused[1:]}))
            text += f" (and {len(refused) - 1} more such layers: {others})"
        raise FrontendError(text)
    return reads


def _convert(layer: Layer, module: Module) -> set[str]:
    converter = find(layer.kind)
    if converter is None:
        if layer.kind in REFUSED:
            raise UnsupportedNodeError(REFUSED[layer.kind])
        raise UnsupportedNodeError("there is no converter for it; cut the network before it with --output_names")
    for name in layer.bottoms:
        if name not in module.values:
            raise UnsupportedNodeError(f"it reads '{name}', a result that its layer does not have")
    call = Call(module, layer)
    try:
        converter(call)
    except FrontendError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise UnsupportedNodeError(f"its parameters do not fit ({type(error).__name__}: {reason})") from error
    for name in layer.tops:
        if name in module.values and math.prod(module.values[name].shape) > MAX_ELEMENTS:
            raise UnsupportedNodeError(f"its result '{name}' is too large for any memory")
    return call.reads
