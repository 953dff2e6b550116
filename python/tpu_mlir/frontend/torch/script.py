"""Runs the graph of a TorchScript file operator by operator, so that torch.export can record what a network computes.

The graph is a small language: constants, lists, attributes of modules, branches and loops. Everything that only depends
on shapes and numbers is settled here while it runs; what remains for the recorder are ATen operators on tensors.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._python_dispatch import _disable_current_modes

from ..errors import FrontendError
from .recordable import Recordable
from .script_values import ALSO_OPERATORS, NAMESPACES, PRIMITIVES, REFUSED, as_enum, constant

MAX_ITERATIONS = 100_000
"""Of all loops together; a recorded network has every iteration written out."""
MAX_CONSTANTS = 1 << 26
"""Elements of one tensor that a script computes from constants."""


class _Scope:
    """A module of the script; path: its name, "" for the root."""

    def __init__(self, path: str, script: Any) -> None:
        self.path = path
        self.script = script


class ScriptProgram(Recordable):
    """A loaded script as a module that torch.export can record. label: how messages call the file."""

    def __init__(self, script: Any, label: str) -> None:
        super().__init__()
        self.label = label
        self._script = [script]  # in a list, so that it is no submodule
        self._graph = script.inlined_graph
        self._iterations = 0
        self._attributes: dict[str, Any] = {}  # name of a graph value -> number, string, module
        self._weights: dict[str, str] = {}  # name of a graph value -> name of the tensor in the script
        self.arguments = [argument.name for argument in script.forward.schema.arguments[1:]]
        self.kinds = [str(value.type()) for value in list(self._graph.inputs())[1:]]
        self._defaults = [argument.default_value for argument in script.forward.schema.arguments[1:]]
        self._resolve(self._graph, {next(self._graph.inputs()).debugName(): _Scope("", script)})

    def required(self) -> int:
        """The number of inputs that have no default."""
        return sum(default is None and "Optional" not in kind for default, kind in self._typed_defaults())

    def _typed_defaults(self) -> list[tuple[Any, str]]:
        return list(zip(self._defaults, self.kinds, strict=True))

    def _resolve(self, block: Any, objects: dict[str, Any]) -> None:
        """Looks up every attribute before anything is recorded; tensors become parameters or buffers of this module."""
        for node in block.nodes():
            if node.kind() == "prim::GetAttr":
                self._resolve_attribute(node, objects)
            for inner in node.blocks():
                self._resolve(inner, objects)

    def _resolve_attribute(self, node: Any, objects: dict[str, Any]) -> None:
        owner = objects.get(node.input().debugName())
        name, output = node.s("name"), node.output().debugName()
        if not isinstance(owner, _Scope):
            raise FrontendError(f"{self.label}: its attribute '{name}' belongs to an object that is no module")
        path = f"{owner.path}.{name}" if owner.path else name
        value = getattr(owner.script, name)
        if isinstance(value, torch.nn.Module):
            objects[output] = self._attributes[output] = _Scope(path, value)
        elif isinstance(value, torch.Tensor):
            self._weights[output] = path
            self.keep(path, value)
        else:
            self._attributes[output] = value

    def forward(self, *inputs: torch.Tensor) -> Any:
        """Runs the script's forward."""
        self._iterations = 0
        names = [value.debugName() for value in list(self._graph.inputs())[1:]]
        values: dict[str, Any] = dict(zip(names, [*inputs, *self._defaults[len(inputs) :]], strict=True))
        self._run(self._graph, values)
        outputs = [values[output.debugName()] for output in self._graph.outputs()]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def reference(self, *inputs: torch.Tensor) -> Any:
        """The script's forward by PyTorch's interpreter."""
        return self._script[0](*inputs)

    def _run(self, block: Any, values: dict[str, Any]) -> None:
        for node in block.nodes():
            self._step(node, values)

    def _step(self, node: Any, values: dict[str, Any]) -> None:
        kind = node.kind()
        outputs = [output.debugName() for output in node.outputs()]
        if kind == "prim::Constant":
            values[outputs[0]] = constant(node)
            return
        if kind == "prim::GetAttr":
            known = self._weights.get(outputs[0])
            values[outputs[0]] = self._attributes[outputs[0]] if known is None else self.kept(known)
            return
        if kind == "prim::If":
            self._branch(node, values, outputs)
            return
        if kind == "prim::Loop":
            self._loop(node, values, outputs)
            return
        arguments = [values[source.debugName()] for source in node.inputs()]
        if kind in ("prim::ListUnpack", "prim::TupleUnpack"):
            results = list(arguments[0])
        elif kind == "prim::DictConstruct":
            results = [dict(zip(arguments[0::2], arguments[1::2], strict=True))]
        elif kind in PRIMITIVES and not (kind in ALSO_OPERATORS and _has_tensor(arguments)):
            results = [self._plainly(kind, PRIMITIVES[kind], arguments, node)]
        else:
            result = self._operator(node, kind, arguments, outputs)
            results = list(result) if len(outputs) > 1 else [result]
        values.update(zip(outputs, results, strict=False))

    def _plainly(self, kind: str, function: Callable[..., Any], arguments: Sequence[Any], node: Any) -> Any:
        """An operation on numbers, lists and strings."""
        if kind in ("aten::Bool", "aten::Int", "aten::Float", "aten::item", "aten::ScalarImplicit"):
            if isinstance(arguments[0], FakeTensor):
                raise FrontendError(
                    f"{self.label}: '{kind}' at {_place(node)} makes a number of a tensor's values, which are not "
                    "known before the network runs; export the network with fixed control flow and shapes"
                )
            with _disable_current_modes():
                return function(*arguments)
        return function(*arguments)

    def _operator(self, node: Any, kind: str, arguments: list[Any], outputs: Sequence[str]) -> Any:
        if kind in REFUSED:
            raise FrontendError(f"{self.label}: '{kind}' at {_place(node)} {REFUSED[kind]}")
        namespace = kind.partition("::")[0]
        if namespace not in NAMESPACES:
            raise FrontendError(f"{self.label}: '{kind}' at {_place(node)} is no operator that can be run here")
        schema = torch._C.parse_schema(node.schema())
        try:
            packet = getattr(getattr(torch.ops, namespace), kind.partition("::")[2])
            operator = getattr(packet, schema.overload_name or "default")
        except AttributeError as error:
            raise FrontendError(
                f"{self.label}: '{kind}' at {_place(node)} is not known to this PyTorch; "
                "install the package that defines it"
            ) from error
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for argument, value in zip(schema.arguments, arguments, strict=False):
            value = as_enum(value, argument.real_type)
            if argument.kwarg_only:
                named[argument.name] = value
            else:
                positional.append(value)
        with _host(arguments) if _is_constant(arguments) else self.named(outputs):
            return operator(*positional, **named)

    def _branch(self, node: Any, values: dict[str, Any], outputs: Sequence[str]) -> None:
        taken, other = node.blocks()
        block = taken if values[node.input().debugName()] else other
        self._run(block, values)
        results = [values[output.debugName()] for output in block.outputs()]
        values.update(zip(outputs, results, strict=True))

    def _loop(self, node: Any, values: dict[str, Any], outputs: Sequence[str]) -> None:
        """Inputs: most iterations, whether to begin, carried values. Results of the block: whether to go on, values."""
        limit, going, *carried = [values[source.debugName()] for source in node.inputs()]
        (block,) = node.blocks()
        names = [value.debugName() for value in block.inputs()]
        number = 0
        while going and number < limit:
            self._iterations += 1
            if self._iterations > MAX_ITERATIONS:
                raise FrontendError(
                    f"{self.label}: the loop at {_place(node)} runs more than {MAX_ITERATIONS} times, "
                    "which is too often to write it out"
                )
            values.update(zip(names, [number, *carried], strict=True))
            self._run(block, values)
            going, *carried = [values[output.debugName()] for output in block.outputs()]
            number += 1
        values.update(zip(outputs, carried, strict=True))


def _place(node: Any) -> str:
    """Where an operation stands in the user's source, or its result's name."""
    source = str(node.sourceRange()).strip().splitlines()
    lines = [line.strip() for line in source if line.strip().startswith("File")]
    if lines:
        return lines[-1]
    names = [output.debugName() for output in node.outputs()]
    return f"'{names[0]}'" if names else "its end"


def _tensors(arguments: Any) -> Iterator[torch.Tensor]:
    for argument in arguments:
        if isinstance(argument, torch.Tensor):
            yield argument
        elif isinstance(argument, (list, tuple)):
            yield from _tensors(argument)


def _has_tensor(arguments: Sequence[Any]) -> bool:
    return any(isinstance(argument, torch.Tensor) for argument in arguments)


def _is_constant(arguments: Sequence[Any]) -> bool:
    """Whether all tensors are values that the script itself holds, as sizes in a traced network are."""
    tensors = list(_tensors(arguments))
    return bool(tensors) and not any(isinstance(tensor, FakeTensor) for tensor in tensors)


@contextlib.contextmanager
def _host(arguments: Sequence[Any]) -> Iterator[None]:
    """Runs at once, without recording."""
    if sum(tensor.numel() for tensor in _tensors(arguments)) > MAX_CONSTANTS:
        raise FrontendError(f"a constant of more than {MAX_CONSTANTS} elements is computed")
    with _disable_current_modes():
        yield
