"""Runs the graph of a torch.export program (.pt2) with the shapes that the user gives, so that it can be recorded again
with those shapes and without anything that belongs to training or to open sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.export.graph_signature import InputKind, OutputKind
from torch.utils import _pytree as pytree

from ..errors import FrontendError
from .recordable import Recordable

_TRANSPARENT = frozenset({"wrap_with_set_grad_enabled", "wrap_with_autocast"})
"""Regions whose setting does not change what a network computes in evaluation: the body is run as it is."""


class ExportedModule(Recordable):
    """A loaded program as a module that torch.export can record. label: how messages call the file."""

    def __init__(self, program: Any, label: str) -> None:
        super().__init__()
        self.label = label
        self._module = [program.graph_module]  # in a list, so that it is no submodule
        self._constants: dict[str, Any] = {}
        self._weights: dict[str, str] = {}
        self.arguments: list[str] = []
        self.declared: list[tuple[tuple[Any, ...], torch.dtype]] = []
        placeholders = {node.name: node for node in program.graph_module.graph.nodes if node.op == "placeholder"}
        for spec in program.graph_signature.input_specs:
            self._take(program, spec, placeholders)
        self._outputs = [spec.kind == OutputKind.USER_OUTPUT for spec in program.graph_signature.output_specs]
        self.structure = program.call_spec.out_spec

    def _take(self, program: Any, spec: Any, placeholders: dict[str, Any]) -> None:
        name = getattr(spec.arg, "name", "")
        if spec.kind == InputKind.USER_INPUT:
            value = placeholders[name].meta.get("val") if name in placeholders else None
            if not isinstance(value, torch.Tensor):
                # a number or None that was given when the program was made
                self._constants[name] = getattr(spec.arg, "value", None)
                return
            self.arguments.append(name)
            self.declared.append((tuple(value.shape), value.dtype))
        elif spec.kind in (InputKind.PARAMETER, InputKind.BUFFER, InputKind.CONSTANT_TENSOR):
            stored = program.state_dict.get(spec.target)
            tensor = program.constants.get(spec.target) if stored is None else stored
            if not isinstance(tensor, torch.Tensor):
                raise FrontendError(f"{self.label}: its weight '{spec.target}' is missing")
            self._weights[name] = spec.target
            self.keep(spec.target, tensor)
        else:
            raise FrontendError(f"{self.label}: its input '{name}' is an object of a class, not a tensor")

    def forward(self, *inputs: torch.Tensor) -> Any:
        """Runs the program; gives its results in the structure that the user's module had."""
        self._step_number = 0
        given = dict(zip(self.arguments, inputs, strict=True))
        given.update(self._constants)
        given.update({name: self.kept(path) for name, path in self._weights.items()})
        names = [node.name for node in self._module[0].graph.nodes if node.op == "placeholder"]
        results = _Runner(self._module[0], self).run(*(given[name] for name in names))
        wanted = [result for result, kept in zip(results, self._outputs, strict=True) if kept]
        return pytree.tree_unflatten(wanted, self.structure)


class _Runner(torch.fx.Interpreter):
    """Runs a graph and names what its operators make."""

    def __init__(self, module: torch.fx.GraphModule, owner: ExportedModule) -> None:
        super().__init__(module, garbage_collect_values=False)
        self._owner = owner
        self._name = ""

    def run_node(self, n: torch.fx.Node) -> Any:
        """One operator; the user's errors of torch are not decorated."""
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        self._name = n.name
        if n.op != "call_function":
            return getattr(self, n.op)(n.target, args, kwargs)
        with self._owner.named(_results(n)):
            return self.call_function(n.target, args, kwargs)

    def call_function(self, target: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Runs an operator; regions of other graphs are run in place."""
        if isinstance(target, torch._ops.HigherOrderOperator):
            return self._region(target, args)
        return target(*args, **kwargs)

    def _region(self, target: Any, args: Sequence[Any]) -> Any:
        name = target.name() if callable(target.name) else str(target.name)
        if name in _TRANSPARENT:
            place = next(i for i, item in enumerate(args) if isinstance(item, torch.fx.GraphModule))
            return _Runner(args[place], self._owner).run(*args[place + 1 :])
        if name == "cond" and isinstance(args[0], bool):
            return _Runner(args[1] if args[0] else args[2], self._owner).run(*args[3])
        raise FrontendError(
            f"{self._owner.label}: '{self._name}' ({name}) depends on values that are not known before the network "
            "runs; export the network with fixed control flow"
        )


def _results(node: torch.fx.Node) -> list[str]:
    """The names of an operator's results: its own, or those of the nodes that take its parts."""
    parts = {user.args[1]: user.name for user in node.users if str(user.target) == "<built-in function getitem>"}
    if not parts:
        return [node.name]
    return [parts.get(index, f"{node.name}_{index}") for index in range(max(parts) + 1)]
