"""Loops whose number of iterations is known before the network runs: Loop and Scan become plain nodes, one copy of the
body per iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper

from ..errors import FrontendError
from .functions import inline_graph
from .graph import Node, TensorInfo

MAX_UNROLLED = 100_000
"""A loop becomes at most this many nodes; a longer one stays a loop."""
_AXES_INPUT_OPSET = 13
"""The first operator set in which Unsqueeze takes its axes as an input."""


@dataclass(frozen=True)
class Item:
    """A node to visit. stays: whether a loop is kept as it is."""

    node: NodeProto
    opsets: Mapping[str, int]
    stays: bool = False


@dataclass(frozen=True)
class Step:
    """Work that waits until the items before it were visited; gives what takes its place."""

    run: Callable[[], list[Item | Step]]


Work = Item | Step


class Facts(Protocol):
    """What is known of the tensors that were visited."""

    def is_constant(self, name: str) -> bool:
        """Whether the value is known."""
        ...

    def constant(self, name: str) -> np.ndarray:
        """The value of a constant."""
        ...

    def set_constant(self, name: str, array: np.ndarray) -> None:
        """Makes a tensor a constant."""
        ...

    def add_initializer(self, name: str, tensor: TensorProto) -> None:
        """Makes a tensor a constant that is decoded when it is needed."""
        ...

    def info_of(self, name: str) -> TensorInfo:
        """Type and shape, as far as they are known."""
        ...


@dataclass
class _Unrolled:
    """A loop that is being unrolled. carried: the tensors that the next iteration starts from; collected: for each scan
    output the tensors of the iterations so far."""

    facts: Facts
    item: Item
    node: Node
    body: GraphProto
    prefix: str
    carried: list[str]
    collected: list[list[str]]
    axes: Sequence[int] = ()
    reversed_outputs: Sequence[bool] = ()
    shared: dict[str, str] = field(default_factory=dict)

    def iteration(self, number: int, given: Mapping[str, str], count: int) -> tuple[list[Work], list[str]]:
        """One copy of the body; ``given``: formal inputs -> tensors. Returns the work and the names of its outputs."""
        prefix = f"{self.prefix}{number}/"
        outputs = [f"{prefix}out{index}" for index in range(count)]
        nodes, initializers = inline_graph(self.body, outputs, prefix, given, self.prefix)
        for tensor in self.body.initializer:
            name = initializers[tensor.name]
            if name not in self.shared:
                self.shared[name] = name
                self.facts.add_initializer(name, tensor)
        return [Item(node, self.item.opsets) for node in nodes], outputs

    def results(self) -> list[Work]:
        """The loop's outputs from what the iterations gave."""
        nodes: list[NodeProto] = []
        for source, output in zip(self.carried, self.node.outputs, strict=False):
            if output:
                nodes.append(helper.make_node("Identity", [source], [output]))
        for index, values in enumerate(self.collected):
            position = len(self.carried) + index
            output = self.node.outputs[position] if position < len(self.node.outputs) else ""
            if output:
                nodes += self._joined(index, values, output)
        return [Item(node, self.item.opsets) for node in nodes]

    def _joined(self, index: int, values: Sequence[str], output: str) -> list[NodeProto]:
        axis = self.axes[index] if self.axes else 0
        ordered = list(values)[::-1] if self.reversed_outputs and self.reversed_outputs[index] else list(values)
        nodes, parts = [], []
        for number, value in enumerate(ordered):
            parts.append(f"{self.prefix}scan{index}/{number}")
            nodes.append(self._unsqueeze(value, parts[-1], axis))
        nodes.append(helper.make_node("Concat", parts, [output], name=output, axis=axis))
        return nodes

    def _unsqueeze(self, value: str, output: str, axis: int) -> NodeProto:
        if self.item.opsets.get("", _AXES_INPUT_OPSET) < _AXES_INPUT_OPSET:
            return helper.make_node("Unsqueeze", [value], [output], name=output, axes=[axis])
        axes = f"{self.prefix}axis{axis}"
        self.facts.set_constant(axes, np.array([axis], np.int64))
        return helper.make_node("Unsqueeze", [value, axes], [output], name=output)


def unroll(facts: Facts, item: Item, node: Node, number: int) -> list[Work] | None:
    """What takes the place of a Loop or Scan; None when the number of iterations is not known or too large.

    number: of this expansion, for unique names. Raises FrontendError when the node has no body.
    """
    body = node.attributes.get("body")
    if not isinstance(body, onnx.GraphProto):
        raise FrontendError(f"node '{node.label}' (op type {node.op_type}) has no body")
    prefix = f"{node.label}/{number}/"
    return _loop(facts, item, node, body, prefix) if node.op_type == "Loop" else _scan(facts, item, node, body, prefix)


def _loop(facts: Facts, item: Item, node: Node, body: GraphProto, prefix: str) -> list[Work] | None:
    limit = _scalar(facts, node.input(0), np.iinfo(np.int64).max)
    start = _scalar(facts, node.input(1), 1)
    if limit is None or start is None:
        return None
    count = len(node.inputs) - 2
    if len(body.input) != count + 2 or len(body.output) < count + 1:
        return None
    limit = limit if start else 0
    if node.input(0) and limit * len(body.node) > MAX_UNROLLED:
        return None
    scans: list[list[str]] = [[] for _ in range(len(body.output) - 1 - count)]
    state = _Unrolled(facts, item, node, body, prefix, list(node.inputs[2:]), scans)
    if limit <= 0:
        return _never_run(state)
    return _iterate(state, 0, limit)


def _never_run(state: _Unrolled) -> list[Work] | None:
    """A loop without iterations: it gives what it was given, and scan outputs without elements."""
    count = len(state.carried)
    for output, formal in zip(state.node.outputs[count:], state.body.output[1 + count :], strict=False):
        kind = formal.type.tensor_type
        if not kind.HasField("shape") or any(not dim.HasField("dim_value") for dim in kind.shape.dim):
            return None
        shape = [0, *(dim.dim_value for dim in kind.shape.dim)]
        if output:
            state.facts.set_constant(output, np.zeros(shape, helper.tensor_dtype_to_np_dtype(kind.elem_type)))
    state.collected = []
    return state.results()


def _iterate(state: _Unrolled, number: int, limit: int) -> list[Work]:
    """The work of iteration ``number`` and all after it."""
    counter, condition = f"{state.prefix}{number}/iteration", f"{state.prefix}condition"
    state.facts.set_constant(counter, _like_formal(np.int64(number), state.body.input[0]))
    state.facts.set_constant(condition, _like_formal(np.bool_(True), state.body.input[1]))
    formals = [value.name for value in state.body.input]
    given = dict(zip(formals, [counter, condition, *state.carried], strict=True))
    work, outputs = state.iteration(number, given, len(state.body.output))

    def after() -> list[Work]:
        again = _scalar(state.facts, outputs[0], None)
        if again is None or (number + 2) * len(state.body.node) > MAX_UNROLLED:
            return [Item(state.item.node, state.item.opsets, stays=True)]
        count = len(state.carried)
        state.carried = outputs[1 : 1 + count]
        for values, name in zip(state.collected, outputs[1 + count :], strict=True):
            values.append(name)
        return _iterate(state, number + 1, limit) if again and number + 1 < limit else state.results()

    return [*work, Step(after)]


def _like_formal(value: np.generic, formal: onnx.ValueInfoProto) -> np.ndarray:
    """A counter or condition as the body declares it: a scalar, or one element in a list."""
    dims = formal.type.tensor_type.shape.dim
    return np.full([1] * len(dims), value)


def _scalar(facts: Facts, name: str, absent: int | None) -> int | None:
    """The value of a constant of one element, None for a computed one."""
    if not name:
        return absent
    if not facts.is_constant(name):
        return None
    value = facts.constant(name)
    return int(value.reshape(-1)[0]) if value.size == 1 else None


def _scan(facts: Facts, item: Item, node: Node, body: GraphProto, prefix: str) -> list[Work] | None:
    scanned = int(node.attr("num_scan_inputs", 0))
    states = len(node.inputs) - scanned
    if node.opset < 9 or scanned < 1 or states < 0 or len(body.input) != len(node.inputs):
        return None
    sources = node.inputs[states:]
    length = _scan_length(facts, node, sources)
    outputs = len(body.output) - states
    if length is None or length * len(body.node) > MAX_UNROLLED or outputs < 0:
        return None
    axes = node.attr("scan_output_axes") or [0] * outputs
    backward = [bool(value) for value in node.attr("scan_output_directions") or [0] * outputs]
    if len(axes) != outputs or len(backward) != outputs:
        return None
    carried = list(node.inputs[:states])
    collected: list[list[str]] = [[] for _ in range(outputs)]
    state = _Unrolled(facts, item, node, body, prefix, carried, collected, axes, backward)
    work: list[Work] = []
    for number in range(length):
        slices, given = _scan_slices(state, sources, number, length)
        given.update(zip([value.name for value in body.input], state.carried, strict=False))
        copied, names = state.iteration(number, given, len(body.output))
        work += [*slices, *copied]
        state.carried = names[:states]
        for values, name in zip(state.collected, names[states:], strict=True):
            values.append(name)
    return work + state.results()


def _scan_axis(node: Node, index: int, rank: int) -> int:
    axes = node.attr("scan_input_axes") or []
    axis = int(axes[index]) if index < len(axes) else 0
    return axis + rank if axis < 0 else axis


def _scan_length(facts: Facts, node: Node, sources: Sequence[str]) -> int | None:
    lengths = set()
    for index, name in enumerate(sources):
        shape = facts.info_of(name).shape
        axis = _scan_axis(node, index, len(shape)) if shape is not None else 0
        if shape is None or not 0 <= axis < len(shape):
            return None
        lengths.add(shape[axis])
    return lengths.pop() if len(lengths) == 1 and 0 not in lengths else None


def _scan_slices(
    state: _Unrolled, sources: Sequence[str], number: int, length: int
) -> tuple[list[Work], dict[str, str]]:
    """The elements of the scanned inputs that iteration ``number`` reads, by the names that the body knows them by."""
    directions = state.node.attr("scan_input_directions") or [0] * len(sources)
    first = len(state.node.inputs) - len(sources)
    work: list[Work] = []
    given = {}
    for index, name in enumerate(sources):
        position = length - 1 - number if index < len(directions) and directions[index] else number
        where = f"{state.prefix}position{position}"
        state.facts.set_constant(where, np.array(position, np.int64))
        element = f"{state.prefix}{number}/in{index}"
        axis = _scan_axis(state.node, index, len(state.facts.info_of(name).shape or ()))
        node = helper.make_node("Gather", [name, where], [element], name=element, axis=axis)
        work.append(Item(node, state.item.opsets))
        given[state.body.input[first + index].name] = element
    return work, given
