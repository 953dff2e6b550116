"""Sequences and optional values whose length and positions are known before the network runs: they are lists of
tensors, and every operator on them becomes plain nodes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import GraphProto, NodeProto, helper

from .control import Facts, Item, Work
from .functions import inline_graph
from .graph import Node

_AXES_INPUT_OPSET = 13
"""The first operator set in which Split, Squeeze and Unsqueeze take lists as inputs."""


class Sequences:
    """The sequences met so far, each the names of its tensors."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lists: dict[str, list[str]] = {}
        self._visitors: dict[str, Callable[[Item, Node], list[NodeProto] | None]] = {
            "SequenceEmpty": self._empty,
            "SequenceConstruct": self._construct,
            "SequenceInsert": self._insert,
            "SequenceErase": self._erase,
            "SequenceAt": self._at,
            "SequenceLength": self._length,
            "SplitToSequence": self._split,
            "ConcatFromSequence": self._concat,
            "Identity": self._identity,
            "Optional": self._construct,
            "OptionalGetElement": self._element,
            "OptionalHasElement": self._has_element,
            "SequenceMap": self._map,
        }

    def __contains__(self, name: str) -> bool:
        return name in self._lists

    def visit(self, item: Item, node: Node) -> list[Work] | None:
        """What takes the place of a node that makes or reads sequences; None when it is none or depends on data."""
        visitor = self._visitors.get(node.op_type) if node.domain == "" else None
        nodes = visitor(item, node) if visitor is not None else None
        return None if nodes is None else [Item(made, item.opsets) for made in nodes]

    def _empty(self, item: Item, node: Node) -> list[NodeProto]:
        self._lists[node.outputs[0]] = []
        return []

    def _construct(self, item: Item, node: Node) -> list[NodeProto] | None:
        if any(name in self._lists for name in node.inputs):
            return None
        self._lists[node.outputs[0]] = list(node.inputs)
        return []

    def _identity(self, item: Item, node: Node) -> list[NodeProto] | None:
        if node.input(0) not in self._lists:
            return None
        self._lists[node.outputs[0]] = self._lists[node.input(0)]
        return []

    def _place(self, node: Node, index: int, count: int, absent: int) -> int | None:
        """A constant position among ``count``, counted from the front; None when it is computed or out of range."""
        if not node.input(index):
            return absent
        if not self._facts.is_constant(node.input(index)):
            return None
        position = int(self._facts.constant(node.input(index)).reshape(-1)[0])
        position += count if position < 0 else 0
        return position if 0 <= position < count else None

    def _insert(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0))
        place = None if known is None else self._place(node, 2, len(known) + 1, len(known))
        if known is None or place is None:
            return None
        self._lists[node.outputs[0]] = [*known[:place], node.input(1), *known[place:]]
        return []

    def _erase(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0))
        place = None if not known else self._place(node, 1, len(known), len(known) - 1)
        if known is None or place is None:
            return None
        self._lists[node.outputs[0]] = known[:place] + known[place + 1 :]
        return []

    def _at(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0))
        place = None if not known else self._place(node, 1, len(known), 0)
        if known is None or place is None:
            return None
        return [helper.make_node("Identity", [known[place]], [node.outputs[0]])]

    def _length(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0))
        if known is None:
            return None
        self._facts.set_constant(node.outputs[0], np.array(len(known), np.int64))
        return []

    def _element(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0), [node.input(0)])
        return [helper.make_node("Identity", known, [node.outputs[0]])] if len(known) == 1 else None

    def _has_element(self, item: Item, node: Node) -> list[NodeProto]:
        known = self._lists.get(node.input(0), [node.input(0)])
        self._facts.set_constant(node.outputs[0], np.array(bool(known and known[0])))
        return []

    def _split(self, item: Item, node: Node) -> list[NodeProto] | None:
        shape = self._facts.info_of(node.input(0)).shape
        axis = int(node.attr("axis", 0))
        if shape is None or not -len(shape) <= axis < len(shape):
            return None
        sizes = self._split_sizes(node, shape[axis])
        if not sizes or sum(sizes) != shape[axis]:
            return None
        parts = [f"{node.outputs[0]}/{number}" for number in range(len(sizes))]
        self._lists[node.outputs[0]] = parts
        drop = not node.input(1) and int(node.attr("keepdims", 1)) == 0
        cut = [f"{part}/kept" for part in parts] if drop else parts
        nodes = [self._with_list(item, "Split", node.input(0), cut, "split", sizes, axis=axis)]
        for source, part in zip(cut, parts, strict=True):
            if drop:
                nodes.append(self._with_list(item, "Squeeze", source, [part], "axes", [axis]))
        return nodes

    def _map(self, item: Item, node: Node) -> list[NodeProto] | None:
        """One copy of the body per element of the first sequence; other operands are sequences as long, or tensors."""
        first, body = self._lists.get(node.input(0)), node.attributes.get("body")
        others = [self._lists.get(name, name) for name in node.inputs]
        if first is None or not isinstance(body, GraphProto) or len(body.input) != len(others):
            return None
        if any(isinstance(other, list) and len(other) != len(first) for other in others):
            return None
        results: list[list[str]] = [[] for _ in node.outputs]
        nodes: list[NodeProto] = []
        for number in range(len(first)):
            prefix = f"{node.outputs[0]}/{number}/"
            names = [f"{prefix}out{index}" for index in range(len(results))]
            operands = [other[number] if isinstance(other, list) else other for other in others]
            given = dict(zip([formal.name for formal in body.input], operands, strict=True))
            copied, constants = inline_graph(body, names, prefix, given)
            for tensor in body.initializer:
                self._facts.add_initializer(constants[tensor.name], tensor)
            nodes += copied
            for made, name in zip(results, names, strict=True):
                made.append(name)
        self._lists.update(zip(node.outputs, results, strict=True))
        return nodes

    def _split_sizes(self, node: Node, extent: int) -> list[int] | None:
        if not node.input(1):
            return [1] * extent
        if not self._facts.is_constant(node.input(1)):
            return None
        given = self._facts.constant(node.input(1))
        if given.ndim:
            return [int(size) for size in given]
        size = int(given)
        return [min(size, extent - start) for start in range(0, extent, size)] if size > 0 else None

    def _with_list(
        self, item: Item, op_type: str, source: str, outputs: list[str], what: str, values: list[int], **attributes: int
    ) -> NodeProto:
        """A node with a list that is an attribute in old operator sets and an input in new ones."""
        if item.opsets.get("", _AXES_INPUT_OPSET) < _AXES_INPUT_OPSET:
            return helper.make_node(op_type, [source], outputs, name=outputs[0], **{what: values}, **attributes)
        name = f"{outputs[0]}/{what}"
        self._facts.set_constant(name, np.array(values, np.int64))
        return helper.make_node(op_type, [source, name], outputs, name=outputs[0], **attributes)

    def _concat(self, item: Item, node: Node) -> list[NodeProto] | None:
        known = self._lists.get(node.input(0))
        if not known:
            return None
        axis, output = int(node.attr("axis", 0)), node.outputs[0]
        if not int(node.attr("new_axis", 0)):
            return [helper.make_node("Concat", known, [output], name=output, axis=axis)]
        parts = [f"{output}/{number}" for number in range(len(known))]
        nodes = [
            self._with_list(item, "Unsqueeze", source, [part], "axes", [axis])
            for source, part in zip(known, parts, strict=True)
        ]
        return [*nodes, helper.make_node("Concat", parts, [output], name=output, axis=axis)]
