"""Records a program as a flat list of ATen operators with static shapes: torch.export runs it on tensors without data,
writes operators in place and views as functions, and replaces those without a converter by simpler ones."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.export.graph_signature import InputKind, OutputKind
from torch.fx.traceback import preserve_node_meta
from torch.utils import _pytree as pytree

from ..errors import FrontendError
from .composites import COMPOSITES
from .recordable import ROOT, Recordable
from .registry import find

_ROUNDS = 4
"""How often operators that a decomposition leaves behind are decomposed in turn."""


@dataclass(frozen=True)
class Recording:
    """A recorded network. module: the flat graph, weights as its first inputs. weights: name of an input node -> name
    in the user's file. names: name of a node -> name of the value. inputs: names in order. outputs: what users call a
    result -> its node. program: what was recorded, which runs by itself."""

    label: str
    module: torch.fx.GraphModule
    tensors: Mapping[str, torch.Tensor]
    weights: Mapping[str, str]
    names: Mapping[str, str]
    inputs: list[str]
    outputs: dict[str, torch.fx.Node]
    program: Recordable

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """All real tensors that the flat graph makes, by node name; outputs by the program itself.

        inputs: by name, in any element type; those that are missing are zeros.
        """
        feeds: list[torch.Tensor] = []
        users: list[torch.Tensor] = []
        for node in self.module.graph.nodes:
            if node.op != "placeholder":
                continue
            if node.name in self.tensors:
                feeds.append(self.tensors[node.name])
                continue
            example = node.meta["val"]
            given = inputs.get(self.names[node.name])
            tensor = torch.zeros(example.shape) if given is None else torch.from_numpy(np.array(given))
            users.append(tensor.reshape(example.shape).to(example.dtype))
            feeds.append(users[-1])
        runner = _Keeper(self.module)
        with torch.no_grad():
            runner.run(*feeds)
            results = [
                item for item in pytree.tree_leaves(self.program.reference(*users)) if isinstance(item, torch.Tensor)
            ]
        kept = runner.kept
        for node, result in zip(self.outputs.values(), results, strict=True):
            kept[node.name] = as_array(result)
        return kept


class _Keeper(torch.fx.Interpreter):
    """Keeps every tensor as an array."""

    def __init__(self, module: torch.fx.GraphModule) -> None:
        super().__init__(module)
        self.kept: dict[str, np.ndarray] = {}

    def run_node(self, n: torch.fx.Node) -> Any:
        """One operator."""
        value = super().run_node(n)
        if isinstance(value, torch.Tensor) and n.op != "placeholder":
            self.kept[n.name] = as_array(value)
        return value


def as_array(tensor: torch.Tensor) -> np.ndarray:
    """A tensor for comparisons, in f32."""
    return tensor.detach().to(torch.float32).cpu().contiguous().numpy()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """PyTorch's own remarks become ours, or nobody's."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def first_line(error: BaseException) -> str:
    """The first line of a message that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def refusal(error: BaseException) -> FrontendError | None:
    """Our own error that PyTorch has wrapped."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, FrontendError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def record(program: Recordable, names: Sequence[str], examples: Sequence[torch.Tensor], label: str) -> Recording:
    """Runs the program on tensors without data. names: of the inputs, examples: their shapes and types."""
    try:
        with quiet(), torch.no_grad(), preserve_node_meta():
            exported = torch.export.export(program.eval(), tuple(examples), strict=False)
            exported = _decomposed(exported)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # whatever an operator says of its operands; there is no common base class
        ours = refusal(error)
        if ours is not None:
            raise ours from error
        shapes = ", ".join(
            f"{name} {list(item.shape)} {_dtype(item)}" for name, item in zip(names, examples, strict=False)
        )
        raise FrontendError(
            f"{label}: PyTorch cannot run the network with the inputs {shapes}: {first_line(error)} "
            "(see --input_shapes and --input_types)"
        ) from error
    return _recording(exported, program, names, label)


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _decomposed(exported: Any) -> Any:
    """Without operators in place, and without those for which there is no converter but a decomposition."""
    everything = torch._decomp.decomposition_table
    table = torch.export.default_decompositions()
    for operator in list(table):
        if find(str(operator)) is not None:
            table.pop(operator)
    table.update({op: simpler for op, simpler in COMPOSITES.items() if find(str(op)) is None})
    current = exported.run_decompositions(table)
    for _ in range(_ROUNDS):
        left = {node.target for node in current.graph.nodes if node.op == "call_function"}
        more = {op: everything[op] for op in left if op in everything and find(str(op)) is None}
        more.pop(torch.ops.aten.sym_size.int, None)
        if not more:
            break
        current = current.run_decompositions(more)
    return current


def _recording(exported: Any, program: Recordable, names: Sequence[str], label: str) -> Recording:
    module = exported.graph_module
    signature = exported.graph_signature
    tensors: dict[str, torch.Tensor] = {}
    weights: dict[str, str] = {}
    inputs: list[str] = []
    known: dict[str, str] = {}
    for spec in signature.input_specs:
        node = getattr(spec.arg, "name", "")
        if spec.kind == InputKind.USER_INPUT:
            known[node] = names[len(inputs)]
            inputs.append(known[node])
            continue
        stored = exported.state_dict.get(spec.target)
        stored = exported.constants.get(spec.target) if stored is None else stored
        if not isinstance(stored, torch.Tensor):
            raise FrontendError(
                f"{label}: its value '{node}' is no tensor (operators that check or print values while the network "
                "runs need such); export the network without them"
            )
        tensors[node] = stored
        weights[node] = str(spec.target).removeprefix(f"{ROOT}.")
    nodes = {node.name: node for node in module.graph.nodes}
    made = [
        nodes[spec.arg.name]
        for spec in signature.output_specs
        if spec.kind == OutputKind.USER_OUTPUT and getattr(spec.arg, "name", "") in nodes
    ]
    if not made:
        raise FrontendError(f"{label}: gives no tensor")
    known.update(_names(module.graph, set(known.values()), made))
    return Recording(label, module, tensors, weights, known, inputs, _outputs(exported, made, known), program)


def _outputs(exported: Any, made: Sequence[torch.fx.Node], names: Mapping[str, str]) -> dict[str, torch.fx.Node]:
    """The results by key where the network gives a dictionary, else by the name of the value."""
    structure = exported.call_spec.out_spec
    keys = structure.context if structure.type is dict else None
    found: dict[str, torch.fx.Node] = {}
    for index, node in enumerate(made):
        keyed = keys is not None and len(keys) == len(made)
        name = str(keys[index]) if keyed and keys is not None else names[node.name]
        unique, number = name, 1
        while unique in found:
            unique, number = f"{name}_{number}", number + 1
        found[unique] = node
    return found


def _names(graph: torch.fx.Graph, taken: set[str], outputs: Sequence[torch.fx.Node]) -> dict[str, str]:
    """A name for every value: that in the user's program for the last operator of a step, made up for those before."""
    needed = _needed(outputs)
    steps: dict[Any, list[torch.fx.Node]] = {}
    for node in graph.nodes:
        if node.op == "call_function" and node in needed:
            steps.setdefault((node.meta.get("custom") or {}).get("step", node.name), []).append(node)
    names: dict[str, str] = {}

    def choose(node: torch.fx.Node, wanted: str) -> None:
        name, number = wanted, 1
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name)
        names[node.name] = name

    late: list[tuple[torch.fx.Node, str]] = []
    for group in steps.values():
        values = (group[0].meta.get("custom") or {}).get("values") or [group[-1].name]
        for node in group:
            part = _part(node)
            if part is not None and len(values) > 1 and part < len(values):
                choose(node, values[part])
            elif node is group[-1] and len(values) == 1 and part in (None, 0):
                choose(node, values[0])
            else:
                suffix = str(part) if part is not None else str(node.target).split(".")[-2].strip("_")
                late.append((node, f"{values[0]}_{suffix}"))
    for node, wanted in late:
        choose(node, wanted)
    return names


def _needed(outputs: Sequence[torch.fx.Node]) -> set[torch.fx.Node]:
    found: set[torch.fx.Node] = set()
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(node.all_input_nodes)
    return found


def _part(node: torch.fx.Node) -> int | None:
    """Which result of an operator with several a node stands for."""
    return int(node.args[1]) if getattr(node.target, "__name__", "") == "getitem" else None
