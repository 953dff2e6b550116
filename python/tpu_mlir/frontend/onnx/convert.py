"""From an ONNX file to NAME_origin.mlir and its weights: reads the model, fixes shapes, converts node by node."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import onnx

from ..builder import GraphBuilder, InputSpec
from ..converted import ConvertedModel, PreprocessAttributes, build_and_write
from ..errors import FrontendError, UnsupportedNodeError
from ..rehearsal import RehearsalBuilder
from . import ops as _ops  # noqa: F401  fills the registry
from .call import Call, Module, Tensor, top_shape
from .graph import FLOAT_TYPES, MOVABLE_TYPES, Node, StaticGraph, type_name
from .inputs import static_inputs
from .propagate import Propagator
from .registry import ANY, FLOAT, OWN, Entry, find
from .source import OnnxSource, load, wrap

MAX_ELEMENTS = 1 << 31
"""A tensor with more elements (8 GiB of f32) is refused; the address space of the chip ends far below."""


def convert_onnx(
    model: str | os.PathLike[str] | onnx.ModelProto,
    model_name: str,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    output_names: Sequence[str] | None = None,
    batch: int | None = None,
    preprocess: PreprocessAttributes | None = None,
    directory: str | os.PathLike[str] | None = ".",
    builder: GraphBuilder | None = None,
) -> ConvertedModel:
    """Converts a model; nothing is written unless every node is supported.

    model: a file, or a parsed model without external data. input_shapes: one shape per input in order; -1 keeps the
    model's size. output_names: tensors at which the graph is cut. batch: size of a first dimension that the model
    leaves open. directory: where NAME_origin.mlir and its weights go, None writes nothing. Raises FrontendError with
    one sentence.
    """
    source = wrap(model, f"{model_name}.onnx") if isinstance(model, onnx.ModelProto) else load(model)
    graph = static_graph(source, input_shapes=input_shapes, output_names=output_names, batch=batch)
    return build_and_write(lambda target: _build(graph, target, preprocess), builder, model_name, "ONNX", directory)


def static_graph(
    source: OnnxSource,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    output_names: Sequence[str] | None = None,
    batch: int | None = None,
) -> StaticGraph:
    """The model with static shapes and folded constants, cut at the wanted outputs."""
    inputs = static_inputs(source, input_shapes, batch)
    outputs = list(output_names) if output_names else [value.name for value in source.model.graph.output]
    produced = {name for node in source.model.graph.node for name in node.output if name}
    for name in outputs:
        if name not in produced and name not in inputs and name not in _initializers(source):
            raise FrontendError(f"{source.label}: there is no tensor '{name}' to be an output")
    if len(set(outputs)) != len(outputs):
        raise FrontendError(f"{source.label}: an output is named twice in {outputs}")
    return Propagator(source, lambda op, domain, opset: find(op, domain, opset) is not None).run(inputs, outputs)


def _initializers(source: OnnxSource) -> set[str]:
    return {tensor.name for tensor in source.model.graph.initializer}


def _build(graph: StaticGraph, builder: GraphBuilder, preprocess: PreprocessAttributes | None) -> ConvertedModel:
    _check_ends(graph)
    specs = [_input_spec(graph, name, preprocess) for name in graph.inputs]
    nodes, used = _rehearse(graph, specs)
    kept = [spec for spec in specs if spec.name in used]
    module, _ = _emit(graph, nodes, builder, kept)
    return ConvertedModel(
        builder,
        {spec.name: spec.shape for spec in kept},
        {name: module.values[name].name for name in graph.outputs},
        # integers of the source are real values in Top, so they are not compared
        {name: tensor.name for name, tensor in module.values.items() if module.quantized.get(name) is not tensor},
    )


def _rehearse(graph: StaticGraph, specs: Sequence[InputSpec]) -> tuple[list[Node], set[str]]:
    """Reports what is refused; gives the nodes that matter for the outputs and the names of all tensors they read."""
    _, reads = _emit(graph, graph.nodes, RehearsalBuilder(), specs)
    wanted = set(graph.outputs)
    nodes = []
    for node in reversed(graph.nodes):
        if wanted.intersection(node.outputs):
            nodes.append(node)
            wanted |= reads[id(node)]
    return nodes[::-1], wanted


def _input_spec(graph: StaticGraph, name: str, preprocess: PreprocessAttributes | None) -> InputSpec:
    shape = top_shape(graph.info[name].shape or ())
    attributes = preprocess(name, shape) if preprocess is not None else {}
    if graph.info[name].element in FLOAT_TYPES:
        return InputSpec(name, shape, "f32", attributes)
    return InputSpec(name, shape, "si32", {})


def _emit(
    graph: StaticGraph, nodes: Sequence[Node], builder: GraphBuilder, specs: Sequence[InputSpec]
) -> tuple[Module, dict[int, set[str]]]:
    """Converts the nodes; gives the values and, per node, the tensors that its converter read."""
    module = Module(graph, builder)
    module.convert = lambda node: _convert(node, module)
    for spec, handle in zip(specs, builder.start(specs), strict=True):
        module.values[spec.name] = Tensor(handle, spec.shape, module.unique(spec.name))
    reads = _convert_nodes(graph, nodes, module)
    for name in graph.outputs:
        if name in graph.constants:
            module.values[name] = _constant_output(graph, module, name)
    builder.finish([module.values[name].handle for name in graph.outputs])
    return module, reads


def _constant_output(graph: StaticGraph, module: Module, name: str) -> Tensor:
    """A weight under the name of the output."""
    try:
        return module.weight(name, graph.constants[name])
    except UnsupportedNodeError as error:
        raise FrontendError(f"{graph.label}: output '{name}': {error}") from error


def _check_ends(graph: StaticGraph) -> None:
    for name in graph.inputs:
        if graph.info[name].element not in MOVABLE_TYPES:
            raise FrontendError(
                f"{graph.label}: input '{name}' has the element type {type_name(graph.info[name].element)}, "
                "which is not supported; use a float, integer or boolean tensor"
            )


def _convert_nodes(graph: StaticGraph, nodes: Sequence[Node], module: Module) -> dict[int, set[str]]:
    """Converts in order; collects everything that is refused and reports the first with the count."""
    reads: dict[int, set[str]] = {}
    refused: list[tuple[Node, str]] = []
    unknown = {id(node): reason for node, reason in graph.refused}
    lost: set[str] = set()
    for node in nodes:
        if id(node) in unknown:
            refused.append((node, unknown[id(node)]))
            lost.update(node.outputs)
            continue
        if lost.intersection(node.inputs):
            lost.update(node.outputs)
            continue
        try:
            call = _convert(node, module)
            module.values.update(call.bound)
            reads[id(node)] = call.reads
        except UnsupportedNodeError as error:
            refused.append((node, str(error)))
            lost.update(node.outputs)
    if refused:
        raise FrontendError(_refusal(graph.label, refused))
    return reads


def _refusal(label: str, refused: Sequence[tuple[Node, str]]) -> str:
    node, reason = refused[0]
    kind = f"{node.domain}::{node.op_type}" if node.domain else node.op_type
    text = f"{label}: node '{node.label}' (op type {kind}, opset {node.opset}) is not supported: {reason}"
    if len(refused) > 1:
        others = sorted({item.op_type for item, _ in refused[1:]})
        text += f" (and {len(refused) - 1} more such nodes: {', '.join(others)})"
    return text


def _convert(node: Node, module: Module) -> Call:
    entry = find(node.op_type, node.domain, node.opset)
    if entry is None:
        raise UnsupportedNodeError(f"operator set {node.opset} has no converter for it")
    _check_types(node, module.graph, entry)
    call = Call(module, node)
    try:
        entry.convert(call)
    except FrontendError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # what a converter takes for granted of a node that the standard's own rules accept, and a file may not keep
        raise UnsupportedNodeError(f"its inputs and attributes do not fit together ({_brief(error)})") from error
    return call


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _check_types(node: Node, graph: StaticGraph, entry: Entry) -> None:
    """Refuses what f32 cannot stand for, and tensors without elements."""
    for name in (*node.inputs, *node.outputs):
        info = graph.info.get(name)
        if not name or info is None:
            continue
        if name not in graph.constants and name not in node.outputs[1:]:
            _check_element(name, info.element, entry.data)
        if name in node.outputs and name not in graph.constants and 0 in (info.shape or ()):
            raise UnsupportedNodeError(f"the tensor '{name}' of shape {list(info.shape or ())} has no elements")
        if info.shape is not None and math.prod(info.shape) > MAX_ELEMENTS:
            raise UnsupportedNodeError(f"the tensor '{name}' of shape {list(info.shape)} is too large for any memory")


def _check_element(name: str, element: int, data: str) -> None:
    if element == 0 or data == OWN:
        return  # an unused output, or one whose type only a refused converter would need
    accepted = FLOAT_TYPES if data == FLOAT else MOVABLE_TYPES
    narrow = data not in (ANY, FLOAT) and element not in FLOAT_TYPES and type_name(element) not in ("int32", "int64")
    if element not in accepted or narrow:
        raise UnsupportedNodeError(f"the tensor '{name}' has the element type {type_name(element)}")
