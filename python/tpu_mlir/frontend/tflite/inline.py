"""Branches and loops whose conditions are known: the branch that is taken, or the body as often as it runs, stands in
place of the node. Keras writes recurrent layers as such loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .fold import evaluate, of_shape
from .graph import Node, TensorInfo, TfliteGraph

MAX_NODES = 20000
"""Branches and loops are not written out to more nodes; those that are computed at once count too."""
MAX_DEPTH = 8
"""Branches and loops in each other."""


def inlined(graph: TfliteGraph) -> TfliteGraph:
    """The network without IF, WHILE as far as their conditions are constant; others stay and are refused later."""
    if not any(node.kind in ("IF", "WHILE") for node in graph.nodes):
        return graph
    flat = _Flat(graph)
    flat.walk(graph.nodes, {}, 0)
    outputs = [flat.named(number) for number in graph.outputs]
    return replace(graph, tensors=flat.tensors, constants=flat.constants, nodes=flat.nodes, outputs=outputs)


class _UnknownError(Exception):
    """A condition depends on values, or there is too much to write out."""


class _Flat:
    """The network being written. alias: the tensor that stands for the result of a branch or loop."""

    def __init__(self, graph: TfliteGraph) -> None:
        self.graph = graph
        self.tensors = list(graph.tensors)
        self.constants = dict(graph.constants)
        self.nodes: list[Node] = []
        self.alias: dict[int, int] = {}
        self._names = {info.name for info in graph.tensors}
        self._placed = 0
        self._shared: dict[tuple[int, int], int] = {}

    def named(self, number: int) -> int:
        """The tensor that stands for an output of the network, under the name of the output."""
        found = self.alias.get(number, number)
        if found >= len(self.graph.tensors):
            inner, outer = self.tensors[found], self.tensors[number]
            self.tensors[found] = replace(inner, name=outer.name)
            self.tensors[number] = replace(outer, name=inner.name)
        return found

    def walk(self, nodes: Sequence[Node], numbers: Mapping[int, int], depth: int) -> None:
        """Appends nodes whose tensors have other numbers here."""
        for node in nodes:
            inputs = tuple(self._resolve(number, numbers) for number in node.inputs)
            outputs = tuple(numbers.get(number, number) for number in node.outputs)
            moved = replace(node, index=len(self.nodes), inputs=inputs, outputs=outputs)
            if node.kind not in ("IF", "WHILE") or node.custom:
                self._append(moved)
                continue
            # what a part that is given up has made is forgotten
            begin, known = len(self.nodes), dict(self.constants)
            try:
                self._check(moved)
                results = self._branch(moved, depth) if node.kind == "IF" else self._loop(moved, depth)
            except _UnknownError:
                del self.nodes[begin:]
                self.constants = known
                if depth:
                    raise
                self.nodes.append(moved)
                continue
            self.alias.update(zip(outputs, results, strict=True))

    def _resolve(self, number: int, numbers: Mapping[int, int]) -> int:
        here = numbers.get(number, number) if number >= 0 else number
        return self.alias.get(here, here)

    def _append(self, node: Node) -> None:
        value = self._value(node, node.inputs, self.constants, self.tensors)
        if value is not None:
            self.constants[node.outputs[0]] = value
        else:
            self.nodes.append(node)

    def _value(
        self, node: Node, inputs: Sequence[int], known: Mapping[int, np.ndarray], tensors: Sequence[TensorInfo]
    ) -> np.ndarray | None:
        """The result of a node of constants, or that depends on fixed shapes only."""
        if len(node.outputs) != 1 or not inputs or min(inputs) < 0:
            return None
        result = tensors[node.outputs[0]]
        if len(inputs) == 1:
            info = tensors[inputs[0]]
            fixed = not info.open_axes and (not self.graph.resized or inputs[0] in self.graph.inputs) and info.shape
            value = of_shape(node, info.shape, result) if fixed else None
            if value is not None:
                return value
        if any(number not in known or tensors[number].quantization is not None for number in inputs):
            return None
        return evaluate(node, [known[number] for number in inputs], result)

    @staticmethod
    def _check(node: Node) -> None:
        """A loop gives what it is given; nothing is missing."""
        if min(node.inputs, default=-1) < 0 or (node.kind == "WHILE" and len(node.inputs) != len(node.outputs)):
            raise _UnknownError

    def _branch(self, node: Node, depth: int) -> list[int]:
        condition = self.constants.get(node.inputs[0])
        if condition is None or condition.size != 1:
            raise _UnknownError
        which = "ThenSubgraphIndex" if condition.reshape(-1)[0] else "ElseSubgraphIndex"
        return self._place(node, which, node.inputs[1:], depth, "branch")

    def _loop(self, node: Node, depth: int) -> list[int]:
        state, count = list(node.inputs), 0
        while self._holds(node, state):
            state = self._place(node, "BodySubgraphIndex", state, depth, f"{count}")
            count += 1
        return state

    def _subgraph(self, node: Node, which: str, count: int) -> tuple[int, TfliteGraph]:
        number = int(node.options.get(which, 0))
        found = self.graph.subgraphs.get(number)
        if found is None or len(found.inputs) != count:
            raise _UnknownError
        return number, found

    def _holds(self, node: Node, state: Sequence[int]) -> bool:
        """Whether a loop runs once more."""
        _, graph = self._subgraph(node, "CondSubgraphIndex", len(state))
        known = dict(graph.constants)
        tensors = list(graph.tensors)
        for inner, outer in zip(graph.inputs, state, strict=True):
            tensors[inner] = self.tensors[outer]
            if outer in self.constants:
                known[inner] = self.constants[outer]
        for item in graph.nodes:
            value = self._value(item, item.inputs, known, tensors)
            if value is not None:
                known[item.outputs[0]] = value
        result = known.get(graph.outputs[0]) if len(graph.outputs) == 1 else None
        if result is None or result.size != 1:
            raise _UnknownError
        return bool(result.reshape(-1)[0])

    def _place(self, node: Node, which: str, given: Sequence[int], depth: int, label: str) -> list[int]:
        """Appends the nodes of another network; gives the tensors that are its outputs."""
        index, graph = self._subgraph(node, which, len(given))
        self._placed += max(1, len(graph.nodes))
        if depth >= MAX_DEPTH or self._placed > MAX_NODES or len(graph.outputs) != len(node.outputs):
            raise _UnknownError
        numbers = dict(zip(graph.inputs, given, strict=True))
        prefix = f"{self.tensors[node.outputs[0]].name}_{label}" if node.outputs else label
        for number, info in enumerate(graph.tensors):
            if number not in numbers:
                numbers[number] = self._tensor(index, number, graph, info, prefix)
        self.walk(graph.nodes, numbers, depth + 1)
        return [self._resolve(number, numbers) for number in graph.outputs]

    def _tensor(self, index: int, number: int, graph: TfliteGraph, info: TensorInfo, prefix: str) -> int:
        """A tensor of another network here; constants are taken once."""
        constant = graph.constants.get(number)
        if constant is not None and (index, number) in self._shared:
            return self._shared[index, number]
        name = f"{prefix}_{info.name}"
        while name in self._names:
            name += "_"
        self._names.add(name)
        self.tensors.append(replace(info, name=name))
        made = len(self.tensors) - 1
        if constant is not None:
            self.constants[made] = constant
            self._shared[index, number] = made
        return made
