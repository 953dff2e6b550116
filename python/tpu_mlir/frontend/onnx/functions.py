"""Expands calls of functions into plain nodes: functions of the model itself and the function bodies that the ONNX
standard gives for composed operators. Only one level at a time; the caller meets nested calls again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx
from onnx import FunctionProto, GraphProto, NodeProto, TypeProto

from .source import canonical_domain


def standard_function(
    node: NodeProto, schema: onnx.defs.OpSchema, opset: int, types: Sequence[TypeProto]
) -> FunctionProto | None:
    """The body that the standard defines for this call, or None. types: those of the inputs, in order."""
    try:
        if schema.has_context_dependent_function:
            versions = [v for v in schema.context_dependent_function_opset_versions if v <= opset]
            serialized = [item.SerializeToString() for item in types]
            if versions:
                data = schema.get_context_dependent_function_with_opset_version(
                    max(versions), node.SerializeToString(), serialized
                )
            else:
                data = schema.get_context_dependent_function(node.SerializeToString(), serialized)
        elif schema.has_function:
            versions = [v for v in schema.function_opset_versions if v <= opset]
            data = schema.get_function_with_opset_version(max(versions)) if versions else None
        else:
            return None
    except Exception:  # the bindings raise plain C++ errors when a body does not exist for these types
        return None
    if not data:
        return None
    if isinstance(data, FunctionProto):
        return data
    body = FunctionProto()
    body.ParseFromString(data)
    return body


def function_opsets(body: FunctionProto, fallback: Mapping[str, int]) -> dict[str, int]:
    """Operator set versions inside a function body."""
    opsets = dict(fallback)
    opsets.update({canonical_domain(entry.domain): int(entry.version) for entry in body.opset_import})
    return opsets


def expand(
    node: NodeProto, body: FunctionProto, prefix: str, defaults: Mapping[str, onnx.AttributeProto]
) -> list[NodeProto]:
    """The body's nodes with the call's tensors and attributes in place of the formal ones.

    defaults: attributes that hold when neither the call nor the function states them.
    Inner tensors and nodes get ``prefix``. A formal output that the call does not use becomes an inner tensor.
    """
    renamed = dict(zip(body.input, _padded(node.input, len(body.input)), strict=True))
    for formal, actual in zip(body.output, _padded(node.output, len(body.output)), strict=True):
        if actual:
            renamed[formal] = actual
    attributes = dict(defaults)
    attributes.update({item.name: item for item in body.attribute_proto})
    attributes.update({item.name: item for item in node.attribute})
    return [_renamed(item, renamed, attributes, prefix) for item in body.node]


def inline_graph(
    graph: GraphProto,
    outputs: Sequence[str],
    prefix: str,
    given: Mapping[str, str] | None = None,
    constant_prefix: str | None = None,
) -> tuple[list[NodeProto], dict[str, str]]:
    """The nodes of a subgraph with its outputs called ``outputs``; tensors of outer scopes keep their names.

    given: the subgraph's inputs -> tensors. constant_prefix: for initializers, where several copies share them.
    Returns the nodes and the new names of the subgraph's initializers.
    """
    renamed = {name: prefix + name for node in graph.node for name in node.output if name}
    constants = prefix if constant_prefix is None else constant_prefix
    renamed.update({tensor.name: constants + tensor.name for tensor in graph.initializer})
    renamed.update(given or {})
    results: list[NodeProto] = []
    for formal, actual in zip(graph.output, outputs, strict=False):
        if actual:
            results.append(onnx.helper.make_node("Identity", [renamed.get(formal.name, formal.name)], [actual]))
    body = []
    for node in graph.node:
        copy = _renamed(node, {name: renamed.get(name, name) for name in captured(node)} | renamed, {}, prefix)
        body.append(copy)
    return body + results, {tensor.name: renamed[tensor.name] for tensor in graph.initializer}


def captured(node: NodeProto) -> set[str]:
    """Every tensor that the node or a subgraph of it reads from its surroundings."""
    names = {name for name in node.input if name}
    for attribute in node.attribute:
        for graph in [attribute.g] if attribute.HasField("g") else list(attribute.graphs):
            own = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input}
            for inner in graph.node:
                names |= captured(inner) - own
                own.update(inner.output)
            names |= {value.name for value in graph.output} - own
    return names


def _padded(names: Sequence[str], count: int) -> list[str]:
    return list(names[:count]) + [""] * (count - len(names))


def _renamed(
    node: NodeProto, renamed: dict[str, str], attributes: Mapping[str, onnx.AttributeProto], prefix: str
) -> NodeProto:
    """A copy of a body node; names not in ``renamed`` are inner ones, are prefixed and remembered there."""
    copy = NodeProto()
    copy.CopyFrom(node)
    copy.name = prefix + (node.name or node.op_type)

    def rename(name: str) -> str:
        return renamed.setdefault(name, prefix + name) if name else ""

    copy.input[:] = [rename(name) for name in node.input]
    copy.output[:] = [rename(name) for name in node.output]
    del copy.attribute[:]
    for attribute in node.attribute:
        if attribute.ref_attr_name:
            actual = attributes.get(attribute.ref_attr_name)
            if actual is not None:
                added = copy.attribute.add()
                added.CopyFrom(actual)
                added.name = attribute.name
            continue
        added = copy.attribute.add()
        added.CopyFrom(attribute)
        for graph in [added.g] if added.HasField("g") else list(added.graphs):
            _rename_captures(graph, renamed, attributes, prefix)
    return copy


def _rename_captures(
    graph: GraphProto, renamed: dict[str, str], attributes: Mapping[str, onnx.AttributeProto], prefix: str
) -> None:
    """Renames what a nested graph reads from the function around it; its own tensors keep their names."""
    own = {tensor.name for tensor in graph.initializer} | {value.name for value in graph.input}
    own |= {name for node in graph.node for name in node.output}
    scope = {name: new for name, new in renamed.items() if name not in own}
    scope.update({name: name for name in own})
    nodes = [_renamed(node, scope, attributes, prefix) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    for value in graph.output:
        value.name = scope.get(value.name, value.name)
