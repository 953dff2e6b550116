"""From a PyTorch file to NAME_origin.mlir and its weights: loads it, records it and converts operator by operator."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ..builder import GraphBuilder, InputSpec, TopModuleBuilder
from ..converted import ConvertedModel, PreprocessAttributes
from ..emit import Tensor, top_shape
from ..errors import FrontendError, UnsupportedNodeError
from ..needed import needed_nodes
from ..rehearsal import RehearsalBuilder
from . import ops as _ops  # noqa: F401  fills the registry
from .call import Call, Module
from .capture import Recording, first_line, record
from .files import load
from .fold import folded
from .graph import MOVABLE, Node, TorchGraph, Value
from .program import ExportedModule
from .recordable import Recordable
from .registry import find
from .script import ScriptProgram

MAX_ELEMENTS = 1 << 31
"""A tensor with more elements (8 GiB of f32) is refused; the address space of the chip ends far below."""

TYPES = {
    "float32": torch.float32,
    "float": torch.float32,
    "f32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
"""Words for --input_types."""


@dataclass(frozen=True)
class TorchModel(ConvertedModel):
    """A conversion with what it was made of, which can be run for comparison."""

    recording: Recording | None = None

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """PyTorch's own values of all tensors that the module has, by their Top names. inputs: by name."""
        assert self.recording is not None
        found = self.recording.run(inputs)
        values = {top: found[node] for node, top in self.tensors.items() if node in found}
        values = {top: array.reshape(top_shape(array.shape)) for top, array in values.items()}
        return {**values, **{name: np.asarray(inputs[name]) for name in self.inputs if name in inputs}}


class EagerModule(Recordable):
    """A module that was loaded from a pickle; its operators have no names in the file."""

    def __init__(self, module: torch.nn.Module, count: int) -> None:
        super().__init__()
        self.file = module
        self.arguments: list[str] = []
        for item in inspect.signature(module.forward).parameters.values():
            if item.kind == inspect.Parameter.VAR_POSITIONAL:
                self.arguments += [f"{item.name}_{place}" for place in range(count - len(self.arguments))]
            elif item.default is inspect.Parameter.empty and item.kind != inspect.Parameter.VAR_KEYWORD:
                self.arguments.append(item.name)

    def forward(self, *inputs: torch.Tensor) -> Any:
        """Runs it."""
        return self.file(*inputs)


def convert_torch(
    model: str | os.PathLike[str] | torch.nn.Module,
    model_name: str,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    input_types: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    preprocess: PreprocessAttributes | None = None,
    trust_pickle: bool = False,
    directory: str | os.PathLike[str] | None = ".",
    builder: GraphBuilder | None = None,
) -> TorchModel:
    """Converts a network; nothing is written unless every operator is supported.

    model: a TorchScript or torch.export file, or a module in evaluation mode. input_shapes: one per input in order; a
    program of torch.export has them itself unless sizes are open. input_types: words of TYPES, one for all inputs or
    one per input; default float32, or what the program says. output_names: values at which the network is cut.
    trust_pickle: whether Python pickles may be loaded, which can run any code. directory: where NAME_origin.mlir and
    its weights go, None writes nothing. Raises FrontendError with one sentence.
    """
    label = f"{model_name}" if isinstance(model, torch.nn.Module) else str(model)
    recording = record_file(model, label, input_shapes or [], input_types or [], trust_pickle)
    graph = _cut(folded(recording), output_names)
    target = builder if builder is not None else TopModuleBuilder(model_name, "TORCH")
    converted = replace(_build(graph, target, preprocess), recording=recording)
    if directory is None or not isinstance(target, TopModuleBuilder):
        return converted
    mlir_path, weight_path = target.save(directory)
    return replace(converted, mlir_path=mlir_path, weight_path=weight_path)


def record_file(
    model: str | os.PathLike[str] | torch.nn.Module,
    label: str,
    shapes: Sequence[Sequence[int]],
    types: Sequence[str],
    trust_pickle: bool,
) -> Recording:
    """The network as a flat list of operators on the given shapes."""
    if isinstance(model, torch.nn.Module):
        kind, loaded = "eager", model
    else:
        kind, loaded = load(model, trust_pickle)
    for word in types:
        if word not in TYPES:
            raise FrontendError(f"--input_types: '{word}' is not one of {', '.join(TYPES)}")
    if kind == "export":
        program = ExportedModule(loaded, label)
        return record(program, program.arguments, _declared(program, shapes, types, label), label)
    script = ScriptProgram(loaded, label) if kind == "script" else EagerModule(loaded, len(shapes))
    return record(script, script.arguments[: len(shapes)], _given(script, shapes, types, label), label)


def _given(
    program: ScriptProgram | EagerModule, shapes: Sequence[Sequence[int]], types: Sequence[str], label: str
) -> list[torch.Tensor]:
    """Inputs of a script, which does not say their shapes."""
    most = len(program.arguments)
    least = program.required() if isinstance(program, ScriptProgram) else most
    if isinstance(program, ScriptProgram):
        for name, kind in zip(program.arguments[: max(least, len(shapes))], program.kinds, strict=False):
            if kind not in ("Tensor", "Optional[Tensor]", "Tensor?"):
                raise FrontendError(f"{label}: its input '{name}' is a {kind}; export a module that takes tensors")
    if not least <= len(shapes) <= most:
        listed = ", ".join(program.arguments)
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise FrontendError(
            f"{label}: --input_shapes has {len(shapes)} shapes for {wanted} inputs ({listed}); "
            "such a file does not say the shapes of its inputs"
        )
    if any(size < 1 for shape in shapes for size in shape):
        raise FrontendError(f"{label}: --input_shapes has a size below 1, but the file does not say the sizes")
    words = _one_per_input(types, len(shapes), label)
    return [
        _example(shape, TYPES[word] if word else torch.float32, name, label)
        for shape, word, name in zip(shapes, words, program.arguments, strict=False)
    ]


def _one_per_input(types: Sequence[str], count: int, label: str) -> list[str]:
    if len(types) not in (0, 1, count):
        raise FrontendError(f"{label}: --input_types has {len(types)} types for {count} inputs")
    return list(types) if len(types) == count else list(types or [""]) * count


def _declared(
    program: ExportedModule, shapes: Sequence[Sequence[int]], types: Sequence[str], label: str
) -> list[torch.Tensor]:
    """Inputs of a program, which says their types and the sizes that are not open."""
    names = program.arguments
    if shapes and len(shapes) != len(names):
        raise FrontendError(
            f"{label}: --input_shapes has {len(shapes)} shapes for {len(names)} inputs ({', '.join(names)})"
        )
    words = _one_per_input(types, len(names), label)
    examples = []
    for place, (name, (sizes, dtype), word) in enumerate(zip(names, program.declared, words, strict=True)):
        given = list(shapes[place]) if shapes else [-1] * len(sizes)
        known = [int(size) if isinstance(size, int) else None for size in sizes]
        text = "[" + ",".join("?" if size is None else str(size) for size in known) + "]"
        if len(given) != len(known) or any(k not in (None, g) and g != -1 for g, k in zip(given, known, strict=True)):
            raise FrontendError(f"{label}: input '{name}' was exported with the shape {text}, not {given}")
        final = [k if g == -1 else g for g, k in zip(given, known, strict=True)]
        if any(size is None for size in final):
            raise FrontendError(f"{label}: input '{name}' has open sizes {text}; give them with --input_shapes")
        if word and TYPES[word] != dtype:
            raise FrontendError(f"{label}: input '{name}' was exported as {str(dtype)[6:]}, not {word}")
        examples.append(_example([size or 0 for size in final], dtype, name, label))
    return examples


def _example(shape: Sequence[int], dtype: torch.dtype, name: str, label: str) -> torch.Tensor:
    """Stands for an input while the network is recorded."""
    if math.prod(shape) > MAX_ELEMENTS or len(shape) > 32 or any(size < 1 for size in shape):
        raise FrontendError(f"{label}: input '{name}' cannot have the shape {list(shape)}")
    return torch.zeros(list(shape), dtype=dtype)


def _cut(graph: TorchGraph, names: Sequence[str] | None) -> TorchGraph:
    """The network with the outputs that the user asks for and the operators that they need."""
    outputs = dict(graph.outputs)
    if names:
        values = {value.name: value for node in graph.nodes for value in node.results if value is not None}
        for name in names:
            if name not in values and name not in outputs:
                raise FrontendError(f"{graph.label}: there is no value '{name}' to be an output")
        if len(set(names)) != len(names):
            raise FrontendError(f"{graph.label}: an output is named twice in {list(names)}")
        outputs = {name: outputs.get(name) or values[name] for name in names}
    for name, value in outputs.items():
        if value.name in graph.constants:
            raise FrontendError(
                f"{graph.label}: output '{name}' is constant, it does not depend on any input; "
                "leave it out with --output_names"
            )
    return replace(graph, outputs=outputs, nodes=_needed(graph, outputs))


def _needed(graph: TorchGraph, outputs: Mapping[str, Any]) -> list[Node]:
    return needed_nodes(
        graph.nodes,
        [value.name for value in outputs.values()],
        lambda node: [value.name for value in node.results if value is not None],
        lambda node: [value.name for value in node.operands()],
    )


def _build(graph: TorchGraph, builder: GraphBuilder, preprocess: PreprocessAttributes | None) -> TorchModel:
    specs = [_input_spec(graph, value, preprocess) for value in graph.inputs]
    _, reads = _emit(graph, graph.nodes, RehearsalBuilder(), specs)
    wanted = {value.name for value in graph.outputs.values()}
    kept = []
    for node in reversed(graph.nodes):
        if wanted.intersection(value.name for value in node.results if value is not None):
            kept.append(node)
            wanted |= reads[node.name]
    inputs = [spec for spec in specs if spec.name in wanted]
    if not inputs:
        raise FrontendError(f"{graph.label}: no output depends on any input")
    module, _ = _emit(graph, kept[::-1], builder, inputs)
    nodes = graph.node_names
    return TorchModel(
        builder,
        {spec.name: spec.shape for spec in inputs},
        {name: module.values[value.name].name for name, value in graph.outputs.items()},
        {nodes[name]: tensor.name for name, tensor in module.values.items() if name in nodes},
    )


def _input_spec(graph: TorchGraph, value: Any, preprocess: PreprocessAttributes | None) -> InputSpec:
    shape = top_shape(value.shape)
    if value.dtype not in MOVABLE:
        raise FrontendError(f"{graph.label}: input '{value.name}' has the element type {value.dtype}")
    attributes = preprocess(value.name, shape) if preprocess is not None else {}
    return (
        InputSpec(value.name, shape, "f32", attributes) if value.is_float else InputSpec(value.name, shape, "si32", {})
    )


def _emit(
    graph: TorchGraph, nodes: Sequence[Node], builder: GraphBuilder, specs: Sequence[InputSpec]
) -> tuple[Module, dict[str, set[str]]]:
    """Converts the operators; gives the values and, per operator, the tensors that its converter read."""
    module = Module(graph, builder)
    for spec, handle in zip(specs, builder.start(specs), strict=True):
        module.values[spec.name] = Tensor(handle, spec.shape, module.unique(spec.name))
    reads = _convert_nodes(graph, nodes, module)
    builder.finish([module.values[value.name].handle for value in graph.outputs.values()])
    return module, reads


def _convert_nodes(graph: TorchGraph, nodes: Sequence[Node], module: Module) -> dict[str, set[str]]:
    """Converts in order; collects everything that is refused and reports the first with all others' operators."""
    reads: dict[str, set[str]] = {}
    refused: list[tuple[Node, str]] = []
    lost: set[str] = set()
    for node in nodes:
        made = [value.name for value in node.results if value is not None]
        if node.name in graph.refused and not any(value.name in lost for value in node.operands()):
            refused.append((node, graph.refused[node.name]))
            lost.update(made)
            continue
        if any(value.name in lost for value in node.operands()):
            if find(node.target) is None:
                refused.append((node, "there is no converter for it"))
            lost.update(made)
            continue
        try:
            call = _convert(node, module)
            module.values.update(call.bound)
            reads[node.name] = call.reads
        except UnsupportedNodeError as error:
            refused.append((node, str(error)))
            lost.update(made)
    if refused:
        raise FrontendError(_refusal(graph.label, refused))
    return reads


def _refusal(label: str, refused: Sequence[tuple[Node, str]]) -> str:
    node, reason = refused[0]
    made = next((value.name for value in node.results if value is not None), node.name)
    text = f"{label}: operator {node.target}, which makes '{made}', is not supported: {reason}"
    if len(refused) > 1:
        others = sorted({item.target for item, _ in refused[1:]})
        text += f" (and {len(refused) - 1} more such operators: {', '.join(others)})"
    return text


def _convert(node: Node, module: Module) -> Call:
    converter = find(node.target)
    if converter is None:
        raise UnsupportedNodeError("there is no converter for it; cut the network before it with --output_names")
    for value in (*node.operands(), *node.results):
        if value is None:
            continue
        if value.dtype not in MOVABLE:
            raise UnsupportedNodeError(f"the tensor '{value.name}' has the element type {value.dtype}")
        if value.name not in module.graph.constants and 0 in value.shape:
            raise UnsupportedNodeError(f"the tensor '{value.name}' of shape {list(value.shape)} has no elements")
        if math.prod(value.shape) > MAX_ELEMENTS:
            raise UnsupportedNodeError(f"the tensor '{value.name}' of shape {list(value.shape)} is too large")
    call = Call(module, node)
    try:
        converter(call)
    except FrontendError:
        raise
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        if any(isinstance(item, Value) for item in node.numbers()):
            raise UnsupportedNodeError("one of its numbers depends on the values of tensors") from error
        said = first_line(error).rstrip(".")
        raise UnsupportedNodeError(f"its arguments are not as expected ({type(error).__name__}: {said})") from error
    return call
