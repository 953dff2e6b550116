"""One forward pass over a model: folds constants, expands functions and decided branches, and gives every tensor its
static shape and element type. Shape subgraphs that exporters write vanish here."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, TypeProto, numpy_helper

from ..errors import FrontendError, UnsupportedNodeError
from . import fold, older
from .checks import attribute_problem
from .control import Facts, Item, Step, Work, unroll
from .functions import captured, expand, function_opsets, inline_graph, standard_function
from .graph import Node, StaticGraph, TensorInfo, decode_attribute, with_regions
from .qlinear import decomposed
from .quantized import ConstantScales, evaluate, folded_scales
from .refused import REASONS
from .regions import branches, loop
from .registry import Sources, free_type
from .sequences import Sequences
from .source import OnnxSource, canonical_domain

SMALL_ELEMENTS = 4096
"""Constants up to this size are shown to shape inference by value (shapes, axes, pads, scales)."""
MAX_NODES = 2_000_000
"""Bound on the expanded graph; recursive functions would otherwise never end."""


_SHAPE_KEEPING = frozenset({"GroupNormalization", "MeanVarianceNormalization"})
"""Operators for which the onnx package has no shape rule; their output is like their first input."""


class Propagator:
    """State of the pass. ``known(op_type, domain, opset)`` says whether a converter exists."""

    def __init__(self, source: OnnxSource, known: Callable[[str, str, int], bool]) -> None:
        self._source = source
        self._known = known
        self._initializers: dict[str, TensorProto] = {}
        self._constants: dict[str, np.ndarray] = {}
        self._quantizers: dict[str, tuple[str, str]] = {}
        self._scales: dict[str, ConstantScales] = {}
        self._info: dict[str, TensorInfo] = {}
        self._sequences = Sequences(self)
        self._nodes: list[Node] = []
        self._outer: list[list[Node]] = []  # nodes around the regions that are being visited
        self._refused: list[tuple[Node, str]] = []
        self._functions = {
            (canonical_domain(item.domain), item.name, getattr(item, "overload", "")): item
            for item in source.model.functions
        }
        self._expansions = 0
        self._grown = 0  # elements that folding added to what it read

    def run(self, inputs: Mapping[str, TensorInfo], outputs: Sequence[str]) -> StaticGraph:
        """inputs: static type of every graph input. outputs: names of the wanted tensors, which must exist."""
        graph = self._source.model.graph
        for tensor in graph.initializer:
            if tensor.name not in inputs:
                self._initializers[tensor.name] = tensor
        self._info.update(inputs)
        for name, info in inputs.items():
            if info.shape is not None and 0 in info.shape:
                self.set_constant(name, np.zeros(info.shape, _numpy_type(info.element)))
        work: deque[Work] = deque(Item(node, self._source.opsets) for node in self._needed(graph.node, outputs))
        while work:
            if len(self._nodes) + self._expansions > MAX_NODES:
                raise FrontendError(f"{self._source.label}: functions expand without end")
            task = work.popleft()
            work.extendleft(reversed(task.run() if isinstance(task, Step) else self._visit(task)))
        self._check_outputs(outputs)
        nodes = _live(self._nodes, outputs)
        kept = {item.outputs for item in with_regions(nodes)}
        refused = [(node, why) for node, why in self._refused if node.outputs in kept]
        return StaticGraph(
            self._source.label,
            [name for name in inputs if name not in self._constants],
            list(outputs),
            nodes,
            self._info,
            self._constants,
            refused,
            self._scales,
        )

    def _needed(self, nodes: Iterable[NodeProto], outputs: Sequence[str]) -> list[NodeProto]:
        """The nodes that the outputs depend on, in order."""
        ordered = list(nodes)
        wanted = set(outputs)
        keep = []
        for node in reversed(ordered):
            if any(name in wanted for name in node.output if name):
                keep.append(node)
                wanted |= captured(node)
        return keep[::-1]

    def _visit(self, item: Item) -> Sequence[Work]:
        """Handles one node; returns the nodes that replace it, none when it is done."""
        proto = item.node
        for name in captured(proto):
            if name not in self._info and not self.is_constant(name) and name not in self._sequences:
                raise FrontendError(
                    f"{self._source.label}: node '{_label(proto)}' (op type {proto.op_type}) uses tensor '{name}', "
                    "which no earlier node, input or initializer provides"
                )
        domain = canonical_domain(proto.domain)
        local = self._functions.get((domain, proto.op_type, getattr(proto, "overload", "")))
        if local is not None:
            return self._expanded(item, local, {})
        version = item.opsets.get("", older.FIRST)
        if domain == "" and version < older.equal_set(proto):
            try:
                nodes = older.modern(proto, version, self.info_of)
            except UnsupportedNodeError as error:
                node = self._decode(item, domain)
                self._refused.append((node, str(error)))
                return self._keep(node, {})
            return [Item(inner, {**item.opsets, "": older.equal_set(inner)}) for inner in nodes]
        try:
            quantized = decomposed(proto, domain, self._quantizers, self.info_of, self._value, item.opsets.get("", 1))
        except UnsupportedNodeError as error:
            node = self._decode(item, domain)
            self._refused.append((node, str(error)))
            return self._keep(node, {})
        if quantized is not None:
            self._expansions += 1
            nodes, opset = quantized
            opsets = {**item.opsets, "": max(opset, item.opsets.get("", opset))}
            return [Item(inner, opsets) for inner in nodes]
        node = self._decode(item, domain)
        listed = self._sequences.visit(item, node)
        if listed is not None:
            return listed
        if proto.op_type == "If" and domain == "" and self.is_constant(node.input(0)):
            return self._branch(item, node)
        if proto.op_type in ("Loop", "Scan") and domain == "" and not item.stays:
            self._expansions += 1
            unrolled = unroll(self, item, node, self._expansions)
            if unrolled is not None:
                return unrolled
        nested = self._nested(item, node)
        if nested is not None:
            return nested
        if any(name in self._sequences for name in node.inputs):
            self._refused.append((node, "what it does with a sequence depends on data"))
            return self._keep(node, {})
        counted = _constant_range(self, node)
        if counted is not None:
            self.set_constant(node.outputs[0], counted)
            return []
        schema = self._schema(node)
        try:
            types = self._infer(item, node, schema) if schema is not None else self._free(node)
        except UnsupportedNodeError as error:
            self._refused.append((node, str(error)))
            return self._keep(node, {})
        if self._fold(item, node, types) or self._is_empty(node, types):
            return []
        if not self._known(node.op_type, domain, node.opset):
            body = None
            if schema is not None:
                body = standard_function(proto, schema, node.opset, [self._type_proto(name) for name in node.inputs])
            if body is not None:
                return self._expanded(item, body, _defaults(schema))
            self._refused.append((node, _unknown_reason(node, schema)))
        if node.op_type == "QuantizeLinear" and domain == "" and self._count(node.input(1)) == 1:
            self._quantizers[node.outputs[0]] = (node.input(1), node.input(2))
        return self._keep(node, types)

    def _nested(self, item: Item, node: Node) -> list[Work] | None:
        """The work of a branch or loop that depends on data."""
        if node.domain != "" or node.op_type not in ("If", "Loop"):
            return None
        self._expansions += 1
        make = branches if node.op_type == "If" else loop
        return make(self, item, node, self._expansions)

    def open_region(self) -> None:
        """Nodes that are kept from now on belong to a region."""
        self._outer.append(self._nodes)
        self._nodes = []

    def close_region(self, outputs: Sequence[str]) -> list[Node]:
        """The nodes that were kept since, as far as the outputs need them."""
        nodes = _live(self._nodes, outputs)
        self._nodes = self._outer.pop()
        return nodes

    def set_info(self, name: str, info: TensorInfo) -> None:
        """States the type of a region's argument."""
        self._info[name] = info

    def keep_nested(self, node: Node, types: Mapping[str, TensorInfo], refusal: str) -> None:
        """Leaves a node with regions to its converter, or refuses it."""
        if refusal:
            self._refused.append((node, refusal))
        self._keep(node, types)

    def _keep(self, node: Node, types: Mapping[str, TensorInfo]) -> list[Work]:
        """Leaves a node to its converter."""
        for name in node.outputs:
            if name and name not in self._constants:
                self._info[name] = types.get(name, TensorInfo(0, None))
        self._nodes.append(node)
        return []

    def _decode(self, item: Item, domain: str) -> Node:
        proto = item.node
        version = item.opsets.get(domain, 1)
        problem = attribute_problem(proto, domain, version)
        if problem:
            raise FrontendError(
                f"{self._source.label}: node '{_label(proto)}' (op type {proto.op_type}, opset {version}) is not "
                f"consistent: {problem}"
            )
        attributes = {}
        for attribute in proto.attribute:
            value = decode_attribute(attribute)
            attributes[attribute.name] = self._source.array(value) if isinstance(value, TensorProto) else value
        return Node(proto.name, proto.op_type, domain, version, tuple(proto.input), tuple(proto.output), attributes)

    def _schema(self, node: Node) -> onnx.defs.OpSchema | None:
        try:
            return onnx.defs.get_schema(node.op_type, node.opset, node.domain)
        except onnx.defs.SchemaError:
            return None

    def _expanded(
        self, item: Item, body: onnx.FunctionProto, defaults: Mapping[str, onnx.AttributeProto]
    ) -> list[Item]:
        self._expansions += 1
        nodes = expand(item.node, body, f"{_label(item.node)}/{self._expansions}/", defaults)
        opsets = function_opsets(body, item.opsets)
        return [Item(node, opsets) for node in self._needed(nodes, [name for name in item.node.output if name])]

    def _branch(self, item: Item, node: Node) -> list[Item]:
        self._expansions += 1
        condition = bool(np.asarray(self.constant(node.input(0))).reshape(-1)[0])
        graph = node.attributes.get("then_branch" if condition else "else_branch")
        if not isinstance(graph, onnx.GraphProto):
            raise FrontendError(f"{self._source.label}: node '{node.label}' (op type If) lacks a branch")
        nodes, initializers = inline_graph(graph, node.outputs, f"{node.label}/{self._expansions}/")
        for tensor in graph.initializer:
            self._initializers[initializers[tensor.name]] = tensor
        return [Item(inner, item.opsets) for inner in self._needed(nodes, [name for name in node.outputs if name])]

    def _fold(self, item: Item, node: Node, types: Mapping[str, TensorInfo]) -> bool:
        if node.op_type in ("Shape", "Size") and node.domain == "" and self.info_of(node.input(0)).shape is not None:
            self.set_constant(node.outputs[0], _shape_value(node, self.info_of(node.input(0)).shape or ()))
            return True
        info = self.info_of(node.input(0))
        if node.op_type == "EyeLike" and info.shape is not None and math.prod(info.shape) <= fold.MAX_ELEMENTS:
            # Only the shape matters, so the zeros are one element seen many times.
            feeds = {node.input(0): np.broadcast_to(np.zeros((), _numpy_type(info.element)), info.shape or ())}
        else:
            names = sorted(captured(item.node))
            if not all(self.is_constant(name) for name in names) or node.op_type in fold.NEVER_FOLDED:
                return False
            feeds = {name: self.constant(name) for name in names}
        shapes = [types.get(name, TensorInfo(0, None)).shape for name in node.outputs if name]
        if fold.too_large(node.op_type, [feeds.get(name) for name in node.inputs], shapes):
            self._refuse_size(node)
        quantized = evaluate(node, [feeds.get(name) for name in node.inputs])
        arrays = [quantized] if quantized is not None else fold.evaluate(item.node, item.opsets, feeds)
        if arrays is None:
            return False
        self._grown += max(0, sum(array.size for array in arrays) - sum(array.size for array in feeds.values()))
        if self._grown > fold.MAX_GROWTH:
            self._refuse_size(node)
        for name, array in zip([name for name in node.outputs if name], arrays, strict=True):
            self.set_constant(name, array)
            known = [self._scales.get(source) for source in node.inputs]
            scales = folded_scales(node, [feeds.get(source) for source in node.inputs], known, array)
            if scales is not None:
                self._scales[name] = scales
        return True

    def _refuse_size(self, node: Node) -> NoReturn:
        raise FrontendError(
            f"{self._source.label}: node '{node.label}' (op type {node.op_type}) makes a constant of more than "
            f"{fold.MAX_ELEMENTS} elements, or one too many of such a size"
        )

    def _is_empty(self, node: Node, types: Mapping[str, TensorInfo]) -> bool:
        """Makes outputs without elements constants; whether no other output is left."""
        names = [name for name in node.outputs if name]
        for name in names:
            info = types.get(name, TensorInfo(0, None))
            if info.shape is not None and math.prod(size for size in info.shape if size) > fold.MAX_ELEMENTS:
                continue  # an empty tensor too, but NumPy has none of such a shape
            if info.shape is not None and 0 in info.shape and info.element:
                self.set_constant(name, np.zeros(info.shape, _numpy_type(info.element)))
        return all(name in self._constants for name in names)

    def _infer(self, item: Item, node: Node, schema: onnx.defs.OpSchema) -> dict[str, TensorInfo]:
        """Types of the outputs by the standard's rules; FrontendError when the node contradicts them."""
        proto = item.node
        if node.op_type in _SHAPE_KEEPING:
            return {node.outputs[0]: self.info_of(node.input(0))}
        if node.op_type == "Slice" and node.opset < 10:
            return {node.outputs[0]: _old_slice(node, self.info_of(node.input(0)))}
        if node.op_type == "Split" and node.attr("num_outputs", len(node.outputs)) != len(node.outputs):
            # the onnx package aborts the process on this one
            raise FrontendError(
                f"{self._source.label}: node '{node.label}' (op type Split, opset {node.opset}) is not consistent: "
                f"num_outputs is {node.attr('num_outputs')} for {len(node.outputs)} outputs"
            )
        if node.op_type == "STFT" and "onesided" not in node.attributes:
            # the onnx package's rule takes another default than the operator has
            proto = NodeProto()
            proto.CopyFrom(item.node)
            proto.attribute.append(onnx.helper.make_attribute("onesided", 1))
        names = [name for name in dict.fromkeys(proto.input) if name]
        data = {}
        for name in names:
            if self.is_constant(name) and self._count(name) <= SMALL_ELEMENTS:
                data[name] = numpy_helper.from_array(self.constant(name), name)
        imports = [onnx.helper.make_opsetid(domain, version) for domain, version in item.opsets.items()]
        try:
            found = onnx.shape_inference.infer_node_outputs(
                schema, proto, {name: self._type_proto(name) for name in names}, data, None, imports
            )
        except Exception as error:  # the C++ side raises several kinds for malformed nodes
            if self._refused and any(self.info_of(name).element == 0 for name in names):
                return {}  # nothing is known of what a refused node gives; that node is reported
            raise FrontendError(
                f"{self._source.label}: node '{node.label}' (op type {node.op_type}, opset {node.opset}) is not "
                f"consistent: {_reason(error)}"
            ) from error
        return {name: _tensor_info(kind) for name, kind in found.items()}

    def _free(self, node: Node) -> dict[str, TensorInfo]:
        """Types of the outputs of an operator that the standard does not have."""
        if self._refused and any(name and self.info_of(name).element == 0 for name in node.inputs):
            return {}  # nothing is known of what a refused node gives; that node is reported
        found = free_type(Sources(node, self.info_of, self._value))
        if found is not None and any(node.outputs[1:]):
            raise UnsupportedNodeError("it has one result only")
        return {} if found is None else {node.outputs[0]: found}

    def _type_proto(self, name: str) -> TypeProto:
        if not name:
            return TypeProto()
        info = self.info_of(name)
        return onnx.helper.make_tensor_type_proto(info.element, info.shape)

    def info_of(self, name: str) -> TensorInfo:
        """Type and shape of a tensor, as far as they are known."""
        if name in self._info:
            return self._info[name]
        tensor = self._initializers.get(name)
        if tensor is None:
            return TensorInfo(0, None)
        return TensorInfo(tensor.data_type, tuple(tensor.dims))

    def is_constant(self, name: str) -> bool:
        """Whether the value of a tensor is known."""
        return name in self._constants or name in self._initializers

    def _value(self, name: str) -> np.ndarray | None:
        return self.constant(name) if self.is_constant(name) else None

    def _count(self, name: str) -> int:
        return int(np.prod(self.info_of(name).shape or (), dtype=np.int64))

    def constant(self, name: str) -> np.ndarray:
        """The value of a constant."""
        if name not in self._constants:
            self.set_constant(name, self._source.array(self._initializers[name]))
        return self._constants[name]

    def add_initializer(self, name: str, tensor: TensorProto) -> None:
        """Makes a tensor a constant that is decoded when it is needed."""
        self._initializers[name] = tensor

    def set_constant(self, name: str, array: np.ndarray) -> None:
        """Makes a tensor a constant."""
        self._constants[name] = array
        self._info[name] = TensorInfo(onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)

    def _check_outputs(self, outputs: Sequence[str]) -> None:
        """Loads what the converters will read and makes sure that every output was reached."""
        for node in self._nodes:
            for name in node.inputs:
                if self.is_constant(name):
                    self.constant(name)
        for name in outputs:
            if self.is_constant(name):
                self.constant(name)
            elif name in self._sequences:
                raise FrontendError(
                    f"{self._source.label}: output '{name}' is a sequence; leave it out with --output_names, or name "
                    "its tensors there"
                )
            elif name not in self._info:
                raise FrontendError(f"{self._source.label}: no node produces the output '{name}'")


def _live(nodes: Sequence[Node], outputs: Sequence[str]) -> list[Node]:
    wanted = set(outputs)
    keep = []
    for node in reversed(nodes):
        if any(name in wanted for name in node.outputs if name):
            keep.append(node)
            wanted.update(node.inputs)
    return keep[::-1]


def _old_slice(node: Node, source: TensorInfo) -> TensorInfo:
    """The type of a Slice whose limits are attributes; the onnx package's rule leaves out many of them."""
    starts, ends = node.attr("starts", []), node.attr("ends", [])
    axes = node.attr("axes") or range(len(starts))
    if source.shape is None:
        return source
    shape = list(source.shape)
    for axis, start, end in zip(axes, starts, ends, strict=False):
        if not -len(shape) <= axis < len(shape):
            return TensorInfo(source.element, None)
        shape[axis] = len(range(*slice(start, end).indices(source.shape[axis])))
    return TensorInfo(source.element, tuple(shape))


def _defaults(schema: onnx.defs.OpSchema | None) -> dict[str, onnx.AttributeProto]:
    """The standard's default attributes of an operator."""
    attributes = schema.attributes if schema is not None else {}
    return {name: item.default_value for name, item in attributes.items() if item.default_value.name}


def _label(node: NodeProto) -> str:
    return node.name or next((name for name in node.output if name), node.op_type)


def _unknown_reason(node: Node, schema: onnx.defs.OpSchema | None) -> str:
    if schema is None:
        where = f"domain '{node.domain}'" if node.domain else "the ONNX standard"
        return f"{where} has no such operator that this converter knows"
    if node.op_type in ("Loop", "Scan", "If"):
        return "how often it runs, or which branch, depends on data"
    return REASONS.get(node.op_type, "no combination of Top ops expresses it")


def _shape_value(node: Node, shape: tuple[int, ...]) -> np.ndarray:
    if node.op_type == "Size":
        return np.array(int(np.prod(shape, dtype=np.int64)), np.int64)
    start, end = node.attr("start", 0), node.attr("end", len(shape))
    rank = len(shape)
    first = min(max(start + rank if start < 0 else start, 0), rank)
    last = min(max(end + rank if end < 0 else end, 0), rank)
    return np.array(shape[first : max(first, last)], np.int64)


def _constant_range(facts: Facts, node: Node) -> np.ndarray | None:
    """The value of a Range whose bounds are constants of one element; exporters write lists where scalars belong."""
    if node.op_type != "Range" or node.domain or not all(facts.is_constant(name) for name in node.inputs):
        return None
    bounds = [facts.constant(name) for name in node.inputs]
    if len(bounds) != 3 or any(array.size != 1 for array in bounds) or fold.too_large("Range", bounds, [None]):
        return None
    start, limit, step = (array.reshape(())[()] for array in bounds)
    count = max(int(np.ceil((float(limit) - float(start)) / float(step))), 0)
    return np.asarray([start + index * step for index in range(count)], bounds[0].dtype)


def _numpy_type(element: int) -> np.dtype:
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(element))


def _tensor_info(kind: TypeProto) -> TensorInfo:
    if not kind.HasField("tensor_type"):
        return TensorInfo(0, None)
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        return TensorInfo(tensor.elem_type, None)
    dims = tensor.shape.dim
    if any(not dim.HasField("dim_value") or dim.dim_value < 0 for dim in dims):
        return TensorInfo(tensor.elem_type, None)
    return TensorInfo(tensor.elem_type, tuple(dim.dim_value for dim in dims))


def _reason(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
