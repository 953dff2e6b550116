"""From a TFLite file to NAME_origin.mlir and its weights: reads the network, folds shapes, converts node by node."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..builder import GraphBuilder, InputSpec
from ..converted import ConvertedModel, PreprocessAttributes, build_and_write
from ..emit import NodeEmitter, Tensor
from ..errors import FrontendError, UnsupportedNodeError
from ..needed import needed_nodes
from ..rehearsal import RehearsalBuilder
from . import ops as _ops  # noqa: F401  fills the registry
from .call import NCHW, Call, Module, Value, dequantized, plain, quantized
from .fold import evaluate, of_shape
from .graph import FLOAT_TYPES, INTEGER_TYPES, Node, TensorInfo, TfliteGraph
from .inline import inlined
from .registry import ANY, FLOAT, REASONS, Entry, find
from .source import load

MAX_ELEMENTS = 1 << 31
"""A tensor with more elements (8 GiB of f32) is refused; the address space of the chip ends far below."""


def convert_tflite(
    model: str | os.PathLike[str] | TfliteGraph,
    model_name: str,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    output_names: Sequence[str] | None = None,
    preprocess: PreprocessAttributes | None = None,
    directory: str | os.PathLike[str] | None = ".",
    builder: GraphBuilder | None = None,
) -> ConvertedModel:
    """Converts a network; nothing is written unless every node is supported.

    Inputs of rank 4 become NCHW. Outputs keep the shapes of the file, and real values stand for quantized ones.

    input_shapes: one shape per input in order as the module has it (NCHW), where the file leaves sizes open; -1 keeps
    the file's size. output_names: tensors at which the network is cut. directory: where NAME_origin.mlir and its
    weights go, None writes nothing. Raises FrontendError with one sentence.
    """
    stored = resized(model if isinstance(model, TfliteGraph) else load(model), input_shapes)
    graph = inlined(stored)
    outputs = _outputs(graph, output_names)
    own = frozenset(info.name for info in stored.tensors)
    return build_and_write(
        lambda target: _build(graph, outputs, target, preprocess, own), builder, model_name, "TFLITE", directory
    )


def resized(graph: TfliteGraph, input_shapes: Sequence[Sequence[int]] | None) -> TfliteGraph:
    """The network with the sizes that the user gives for what the file leaves open."""
    if not graph.inputs:
        raise FrontendError(f"{graph.label}: has no inputs, everything in it is constant")
    if not input_shapes:
        return graph
    if len(input_shapes) != len(graph.inputs):
        raise FrontendError(
            f"{graph.label}: --input_shapes has {len(input_shapes)} shapes for {len(graph.inputs)} inputs"
        )
    tensors = list(graph.tensors)
    for number, given in zip(graph.inputs, input_shapes, strict=True):
        tensors[number] = _sized(graph.label, tensors[number], list(given))
    changed = any(tensors[number].shape != graph.tensors[number].shape for number in graph.inputs)
    return replace(graph, tensors=tensors, resized=changed)


def _sized(label: str, info: TensorInfo, given: list[int]) -> TensorInfo:
    order = input_order(info)
    where = f"{label}: input '{info.name}'"
    stored = [info.shape[axis] for axis in order]
    if len(given) != len(stored):
        raise FrontendError(f"{where} has {len(stored)} dimensions {stored}, --input_shapes gives {given}")
    shape = list(info.shape)
    for axis, size in zip(order, given, strict=True):
        if size in (-1, info.shape[axis]):
            continue
        if axis not in info.open_axes or size < 1:
            raise FrontendError(
                f"{where} has the fixed shape {stored} (channels first), --input_shapes gives {given}; "
                "convert the model to TFLite with that shape"
            )
        shape[axis] = size
    return replace(info, shape=tuple(shape))


def input_order(info: TensorInfo) -> tuple[int, ...]:
    """The order of axes of a network input in the module: channels second where there are four axes."""
    return NCHW if len(info.shape) == 4 else plain(len(info.shape))


def _outputs(graph: TfliteGraph, names: Sequence[str] | None) -> list[int]:
    if not names:
        if not graph.outputs:
            raise FrontendError(f"{graph.label}: has no outputs")
        return list(dict.fromkeys(graph.outputs))
    numbers = {info.name: number for number, info in enumerate(graph.tensors)}
    for name in names:
        if name not in numbers:
            raise FrontendError(f"{graph.label}: there is no tensor '{name}' to be an output")
    if len(set(names)) != len(names):
        raise FrontendError(f"{graph.label}: an output is named twice in {list(names)}")
    return [numbers[name] for name in names]


def _build(
    graph: TfliteGraph,
    outputs: list[int],
    builder: GraphBuilder,
    preprocess: PreprocessAttributes | None,
    own: frozenset[str],
) -> ConvertedModel:
    """own: names of tensors of the file's main network; others cannot be compared with."""
    nodes = needed_nodes(graph.nodes, outputs, lambda node: node.outputs, lambda node: node.inputs)
    specs = {number: _input_spec(graph, number, preprocess) for number in graph.inputs}
    rehearsed, reads, _ = _emit(graph, nodes, RehearsalBuilder(), outputs, specs)
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.outputs) and node.index in reads:
            kept.append(node)
            wanted |= reads[node.index]
    inputs = {number: spec for number, spec in specs.items() if number in wanted}
    if not inputs:
        raise FrontendError(f"{graph.label}: no output depends on any input")
    graph = replace(graph, constants=rehearsed.constants, scales=rehearsed.scales)
    module, _, results = _emit(graph, kept[::-1], builder, outputs, inputs)
    names = [info.name for info in graph.tensors]
    values = {names[number]: value for number, value in module.values.items()}
    values |= {names[number]: value for number, value in results.items()}
    shapes = {names[number]: module.values[number].tensor.shape for number in inputs}
    return ConvertedModel(
        builder,
        shapes,
        {names[number]: results[number].tensor.name for number in outputs},
        {name: value.tensor.name for name, value in _one_each(values).items() if name in own}
        | {name: name for name in shapes},
        axes={value.tensor.name: value.order for value in values.values()}
        | {names[number]: input_order(graph.tensors[number]) for number in inputs},
    )


def _one_each(values: dict[str, Value]) -> dict[str, Value]:
    """The values without those that are only another name for an earlier one."""
    found: dict[str, str] = {}
    for name, value in values.items():
        found.setdefault(value.tensor.name, name)
    return {name: values[name] for name in found.values()}


def _emit(
    graph: TfliteGraph,
    nodes: Sequence[Node],
    builder: GraphBuilder,
    outputs: list[int],
    inputs: Mapping[int, InputSpec],
) -> tuple[Module, dict[int, set[int]], dict[int, Value]]:
    """Converts the nodes; gives the module, the tensors that each node's converter read, and the outputs."""
    module = Module(graph, builder, outputs)
    for (number, spec), handle in zip(inputs.items(), builder.start(list(inputs.values())), strict=True):
        info = graph.tensors[number]
        tensor = Tensor(handle, spec.shape, module.unique(spec.name))
        if info.is_quantized:
            tensor = quantized(NodeEmitter(module), tensor, info, info.name, f"{info.name}_dequantized")
        module.values[number] = Value(tensor, info.shape, input_order(info))
    reads = _convert_nodes(graph, nodes, module)
    results = {number: _result(module, number) for number in outputs}
    builder.finish([results[number].tensor.handle for number in outputs])
    return module, reads, results


def _input_spec(graph: TfliteGraph, number: int, preprocess: PreprocessAttributes | None) -> InputSpec:
    info = graph.tensors[number]
    where = f"{graph.label}: input '{info.name}'"
    reason = _refused_type(info, ANY)
    if reason:
        raise FrontendError(f"{where} is not supported: {reason}")
    if 0 in info.shape:
        raise FrontendError(f"{where} has the shape {list(info.shape)}; every size must be at least 1")
    shape = tuple(info.shape[axis] for axis in input_order(info)) or (1,)
    if math.prod(shape) > MAX_ELEMENTS:
        raise FrontendError(f"{where} of shape {list(info.shape)} is too large for any memory")
    attributes = preprocess(info.name, shape) if preprocess is not None else {}
    if info.element in FLOAT_TYPES or info.is_quantized:
        return InputSpec(info.name, shape, "f32", attributes)
    return InputSpec(info.name, shape, "si32", {})


def _result(module: Module, number: int) -> Value:
    """An output with the axes of the file, under its own name where it had to be reordered."""
    info = module.graph.tensors[number]
    if not module.knows(number):
        reason = "is constant, it does not depend on any input" if number in module.constants else "is never computed"
        raise FrontendError(f"{module.graph.label}: output '{info.name}' {reason}; leave it out with --output_names")
    value = module.value(number)
    order = plain(len(value.shape))
    places = [value.order.index(axis) for axis in order]
    if places == list(order):
        return value
    shape = tuple(value.tensor.shape[place] for place in places)
    moved = [place for place in places if value.tensor.shape[place] != 1]
    name = module.unique(info.name)
    kind, options = ("Reshape", {"shape": list(shape)}) if moved == sorted(moved) else ("Permute", {"order": places})
    return Value(Tensor(module.builder.op(kind, [value.tensor.handle], options, name), shape, name), value.shape, order)


def _convert_nodes(graph: TfliteGraph, nodes: Sequence[Node], module: Module) -> dict[int, set[int]]:
    """Converts in order; collects everything that is refused and reports the first with the count."""
    reads: dict[int, set[int]] = {}
    refused: list[tuple[Node, str]] = []
    lost: set[int] = set()
    for node in nodes:
        if lost.intersection(node.inputs):
            lost.update(node.outputs)
            continue
        if _folded(node, module):
            continue
        try:
            reads[node.index] = _convert(node, module)
        except UnsupportedNodeError as error:
            refused.append((node, str(error)))
            lost.update(node.outputs)
    if refused:
        raise FrontendError(_refusal(graph, refused))
    return reads


def _folded(node: Node, module: Module) -> bool:
    """Computes a node of constants; whether that was possible."""
    graph = module.graph
    inputs = [number for number in node.inputs if number >= 0]
    if len(node.outputs) != 1:
        return False
    result = graph.tensors[node.outputs[0]]
    if len(inputs) == 1:
        known = inputs[0] in module.constants
        shape = module.constants[inputs[0]].shape if known else None
        shape = module.shape(inputs[0]) if module.knows(inputs[0]) else shape
        value = of_shape(node, shape, result) if shape is not None else None
        if value is not None:
            module.constants[node.outputs[0]] = value
            return True
    if not inputs or any(number not in module.constants for number in inputs):
        return False
    if node.kind == "DEQUANTIZE":
        real, scales = dequantized(module.constants[inputs[0]], graph.tensors[inputs[0]])
        module.constants[node.outputs[0]] = real.astype(np.float32)
        if scales is not None:
            module.scales[node.outputs[0]] = scales
        return True
    if any(graph.tensors[number].quantization is not None for number in inputs):
        return False
    value = evaluate(node, [module.constants[number] for number in inputs], result)
    if value is not None:
        module.constants[node.outputs[0]] = value
    return value is not None


def _refusal(graph: TfliteGraph, refused: Sequence[tuple[Node, str]]) -> str:
    node, reason = refused[0]
    text = f"{graph.label}: node '{graph.position(node)}' (operator {node.kind}) is not supported: {reason}"
    if len(refused) > 1:
        text += (
            f" (and {len(refused) - 1} more such nodes: {', '.join(sorted({item.kind for item, _ in refused[1:]}))})"
        )
    return text


def _convert(node: Node, module: Module) -> set[int]:
    entry = find(node.kind)
    if entry is None or entry.custom != node.custom:
        what = (
            "custom operators have no converter"
            if node.custom
            else REASONS.get(node.kind, "there is no converter for it")
        )
        raise UnsupportedNodeError(f"{what}; cut the network before it with --output_names")
    _check_types(node, module, entry)
    call = Call(module, node)
    entry.convert(call)
    for number in node.outputs:
        if module.knows(number) and math.prod(module.shape(number)) > MAX_ELEMENTS:
            raise UnsupportedNodeError(f"its result '{module.graph.tensors[number].name}' is too large for any memory")
    return call.reads


def _check_types(node: Node, module: Module, entry: Entry) -> None:
    """Refuses what f32 cannot stand for."""
    activations = [number for number in node.inputs if number >= 0 and number not in module.constants]
    for number in (*activations, *node.outputs[:1]):
        info = module.graph.tensors[number]
        reason = _refused_type(info, entry.data)
        if reason:
            raise UnsupportedNodeError(f"the tensor '{info.name}' {reason}")


def _refused_type(info: TensorInfo, data: str) -> str:
    """Why an activation cannot be in the module, or nothing."""
    if info.is_quantized:
        assert info.quantization is not None
        per_axis = len(info.quantization.scales) > 1
        return "has scales per axis; quantize activations per tensor" if per_axis else ""
    if info.element in FLOAT_TYPES:
        return ""
    if info.quantization is not None:
        return f"is quantized to {info.element}; quantize activations to INT8 or UINT8"
    accepted = info.element in INTEGER_TYPES and data != FLOAT
    if not accepted or (data != ANY and info.element not in ("INT32", "INT64")):
        return f"has the element type {info.element}"
    return ""
