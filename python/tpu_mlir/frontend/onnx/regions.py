"""Branches and loops that depend on data: their bodies become lists of nodes of their own, which the converters of If
and Loop put into regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from onnx import GraphProto, TensorProto

from .control import Facts, Item, Step, Work
from .functions import inline_graph
from .graph import Node, Region, TensorInfo

_BRANCHES = ("then_branch", "else_branch")


class Scope(Facts, Protocol):
    """What the pass over the model lets regions do."""

    def open_region(self) -> None:
        """Nodes that are kept from now on belong to a region."""
        ...

    def close_region(self, outputs: Sequence[str]) -> list[Node]:
        """The nodes that were kept since, as far as the outputs need them."""
        ...

    def set_info(self, name: str, info: TensorInfo) -> None:
        """States the type of a region's argument."""
        ...

    def keep_nested(self, node: Node, types: Mapping[str, TensorInfo], refusal: str) -> None:
        """Leaves a node with regions to its converter, or refuses it."""
        ...


@dataclass
class _Nested:
    """A node whose regions are being visited."""

    scope: Scope
    item: Item
    node: Node
    prefix: str
    regions: list[Region]

    def region(self, graph: GraphProto, part: str, arguments: Sequence[str] = ()) -> list[Work]:
        """The work of one region."""
        prefix = f"{self.prefix}{part}/"
        outputs = [f"{prefix}out{index}" for index in range(len(graph.output))]
        given = dict(zip([value.name for value in graph.input], arguments, strict=True))
        nodes, initializers = inline_graph(graph, outputs, prefix, given)
        for tensor in graph.initializer:
            self.scope.add_initializer(initializers[tensor.name], tensor)

        def begin() -> list[Work]:
            self.scope.open_region()
            return []

        def end() -> list[Work]:
            kept = self.scope.close_region(outputs)
            self.regions.append(Region(tuple(arguments), tuple(kept), tuple(outputs)))
            return []

        return [Step(begin), *(Item(node, self.item.opsets) for node in nodes), Step(end)]

    def finish(self, types: Mapping[str, TensorInfo], refusal: str) -> None:
        """The node with its regions. Its inputs are its own and, behind them, what the regions read from outside."""
        outside: dict[str, None] = {}
        for region in self.regions:
            inside = {name for node in region.nodes for name in node.outputs} | set(region.arguments)
            for name in (*(name for node in region.nodes for name in node.inputs), *region.outputs):
                if name and name not in inside:
                    outside[name] = None
        node = self.node
        attributes = {**node.attributes, "regions": tuple(self.regions), "own_inputs": len(node.inputs)}
        inputs = (*node.inputs, *(name for name in outside if name not in node.inputs))
        self.scope.keep_nested(
            Node(node.name, node.op_type, node.domain, node.opset, inputs, node.outputs, attributes), types, refusal
        )


def branches(scope: Scope, item: Item, node: Node, number: int) -> list[Work] | None:
    """The work of an If whose condition is computed; None if it is no proper one. number: for unique names."""
    graphs = [node.attributes.get(name) for name in _BRANCHES]
    for graph in graphs:
        if not isinstance(graph, GraphProto) or graph.input or len(graph.output) != len(node.outputs):
            return None
    state = _Nested(scope, item, node, f"{node.label}/{number}/", [])

    def after() -> list[Work]:
        types: dict[str, TensorInfo] = {}
        for name, first, second in zip(node.outputs, *(region.outputs for region in state.regions), strict=True):
            info = scope.info_of(first)
            # An output that nobody uses may have several shapes; the converter refuses the others.
            types[name] = info if info.shape == scope.info_of(second).shape else TensorInfo(info.element, None)
        state.finish(types, "")
        return []

    work: list[Work] = []
    for name, graph in zip(_BRANCHES, graphs, strict=True):
        assert isinstance(graph, GraphProto)
        work += state.region(graph, name)
    return [*work, Step(after)]


def loop(scope: Scope, item: Item, node: Node, number: int) -> list[Work] | None:
    """The work of a Loop whose number of iterations is computed; None if it is no proper one."""
    body = node.attributes.get("body")
    carried = len(node.inputs) - 2
    if not isinstance(body, GraphProto) or carried < 0 or len(body.input) != carried + 2:
        return None
    if len(body.output) != len(node.outputs) + 1 or len(node.outputs) < max(carried, 1):
        return None
    prefix = f"{node.label}/{number}/"
    arguments = [f"{prefix}argument{index}" for index in range(carried + 2)]
    kinds = [(TensorProto.INT64, body.input[0]), (TensorProto.BOOL, body.input[1])]
    for name, (element, formal) in zip(arguments, kinds, strict=False):
        scope.set_info(name, TensorInfo(element, (1,) * len(formal.type.tensor_type.shape.dim)))
    initial = [scope.info_of(name) for name in node.inputs[2:]]
    for name, info in zip(arguments[2:], initial, strict=True):
        scope.set_info(name, info)
    state = _Nested(scope, item, node, prefix, [])

    def after() -> list[Work]:
        outputs = state.regions[0].outputs
        types: dict[str, TensorInfo] = {}
        refusal = ""
        trips = _known_trips(scope, node, outputs[0], arguments[1])
        for index, (name, output) in enumerate(zip(node.outputs, outputs[1:], strict=True)):
            info = scope.info_of(output)
            if index < carried and (info.shape is None or info.shape != initial[index].shape):
                refusal = f"it changes the shape of '{name}' from one iteration to the next"
            if index >= carried:
                known = trips is not None and info.shape is not None
                info = TensorInfo(info.element, (trips or 0, *(info.shape or ())) if known else None)
            types[name] = info
        state.finish(types, refusal)
        return []

    return [*state.region(body, "body", arguments), Step(after)]


def _known_trips(scope: Scope, node: Node, following: str, condition: str) -> int | None:
    """The number of iterations if it does not depend on a condition."""
    limit = _constant(scope, node.input(0))
    if limit is None:
        return None
    if node.input(1):
        first = _constant(scope, node.input(1))
        again = first if following == condition else _constant(scope, following)
        if not first or not again:
            return None
    return max(int(limit), 0)


def _constant(scope: Scope, name: str) -> float | None:
    if not name or not scope.is_constant(name):
        return None
    value: np.ndarray = scope.constant(name)
    return value.reshape(-1)[0] if value.size == 1 else None
