"""From a recording to a plain graph: what does not depend on inputs is computed, the rest becomes nodes and values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from ..errors import FrontendError
from .capture import Recording, first_line
from .graph import Node, TorchGraph, Value

MAX_FOLDED = 1 << 28
"""Elements of all constants that are computed and not stored in the file."""

_RANDOM = frozenset(
    [
        "rand",
        "randn",
        "randint",
        "randperm",
        "rand_like",
        "randn_like",
        "randint_like",
        "bernoulli",
        "multinomial",
        "normal",
        "uniform",
        "dropout",
        "native_dropout",
        "exponential",
    ]
)

_SHAPED = frozenset(
    ["zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty", "fill"]
)
"""Operators that read the shape and the type of their operand, not its values."""


class _Graph:
    """The graph under construction."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.constants: dict[torch.fx.Node, Any] = {}
        self.values: dict[torch.fx.Node, Value] = {}
        self.folded = 0
        self.unknown = ""  # why the last described value has no static shape
        self.taken = set(recording.names.values())  # a weight of the file may be called like a value
        self.result = TorchGraph(recording.label, [], [], {})

    def build(self) -> TorchGraph:
        """All nodes in order."""
        for node in self.recording.module.graph.nodes:
            if node.op == "placeholder":
                self._placeholder(node)
            elif node.op == "call_function" and node.name in self.recording.names:
                self._function(node)
        for name, node in self.recording.outputs.items():
            self.result.outputs[name] = self._value(node)
        self.result.node_names = {value.name: node.name for node, value in self.values.items()}
        return self.result

    def _placeholder(self, node: torch.fx.Node) -> None:
        if node.name in self.recording.tensors:
            self.constants[node] = self.recording.tensors[node.name]
            return
        value = self._describe(node, self.recording.names[node.name])
        self.values[node] = value
        self.result.inputs.append(value)

    def _describe(self, node: torch.fx.Node, name: str) -> Value:
        tensor = node.meta.get("val")
        if not isinstance(tensor, torch.Tensor):
            raise FrontendError(f"{self.recording.label}: '{name}' is no tensor")
        dtype = str(tensor.dtype).removeprefix("torch.")
        if not all(isinstance(size, int) for size in tensor.shape):
            self.unknown = (
                f"the shape of its result '{name}' depends on values that are not known before the network runs"
            )
            return Value(name, (), dtype)
        return Value(name, tuple(int(size) for size in tensor.shape), dtype)

    def _function(self, node: torch.fx.Node) -> None:
        target: Any = node.target
        if getattr(target, "__name__", "") == "getitem":
            source, index = node.args
            if source in self.constants:
                self.constants[node] = self.constants[source][index]
            return
        shaped = isinstance(target, torch._ops.OpOverload) and str(target).split(".")[1] in _SHAPED
        if shaped and node.all_input_nodes and node.args[0] in node.all_input_nodes:
            shaped = all(source in self.constants for source in node.all_input_nodes if source is not node.args[0])
        constant = all(source in self.constants for source in node.all_input_nodes)
        if (constant or shaped) and self._computed(node):
            return
        self._add(node)

    def _computed(self, node: torch.fx.Node) -> bool:
        """Computes a node whose operands are constant, or only lend their shape."""
        target: Any = node.target
        if str(target).split(".")[1:2] and str(target).split(".")[1] in _RANDOM:
            return False
        made = node.meta.get("val")
        sizes = [
            item for item in (made if isinstance(made, (tuple, list)) else [made]) if isinstance(item, torch.Tensor)
        ]
        if not all(isinstance(size, int) for item in sizes for size in item.shape):
            return False
        self.folded += sum(math.prod(item.shape) for item in sizes)
        if self.folded > MAX_FOLDED:
            raise FrontendError(f"{self.recording.label}: computes constants of more than {MAX_FOLDED} elements")
        args = torch.fx.map_arg(node.args, self._operand)
        kwargs = torch.fx.map_arg(node.kwargs, self._operand)
        try:
            with torch.no_grad():
                self.constants[node] = target(*args, **kwargs)
        except (RuntimeError, ValueError, IndexError, NotImplementedError) as error:
            where = self.recording.names[node.name]
            raise FrontendError(f"{self.recording.label}: '{where}' cannot be computed: {first_line(error)}") from error
        return True

    def _operand(self, source: torch.fx.Node) -> Any:
        if source in self.constants:
            return self.constants[source]
        example = source.meta["val"]
        return torch.zeros((), dtype=example.dtype).expand(example.shape)

    def _add(self, node: torch.fx.Node) -> None:
        target: Any = node.target
        if str(target) == "aten._local_scalar_dense.default":
            return
        if not isinstance(target, torch._ops.OpOverload):
            where = self.recording.names[node.name]
            raise FrontendError(f"{self.recording.label}: '{where}' calls {target}, which is no operator")
        self.unknown = ""
        results = self._results(node)
        arguments: dict[str, Any] = {}
        numbers = tuple(item.name for item in target._schema.arguments if "Tensor" not in str(item.type))
        for place, parameter in enumerate(target._schema.arguments):
            if place < len(node.args):
                given: Any = node.args[place]
            elif parameter.name in node.kwargs:
                given = node.kwargs[parameter.name]
            else:
                given = parameter.default_value if parameter.has_default_value() else None
            arguments[parameter.name] = self._plain(given)
        name = self.recording.names[node.name]
        if self.unknown:
            self.result.refused[name] = self.unknown
        self.result.nodes.append(Node(name, str(target), arguments, tuple(results), numbers))

    def _results(self, node: torch.fx.Node) -> list[Value | None]:
        made = node.meta.get("val")
        if isinstance(made, torch.Tensor):
            value = self._describe(node, self.recording.names[node.name])
            self.values[node] = value
            return [value]
        count = len(made) if isinstance(made, (tuple, list)) else 0
        results: list[Value | None] = [None] * count
        for user in node.users:
            if getattr(user.target, "__name__", "") == "getitem" and user.name in self.recording.names:
                index = int(user.args[1])
                if results[index] is None:
                    results[index] = self._describe(user, self.recording.names[user.name])
                self.values[user] = results[index]  # type: ignore[assignment]
        return results

    def _plain(self, argument: Any) -> Any:
        """An argument without objects of PyTorch."""
        if isinstance(argument, torch.fx.Node):
            return self._value(argument)
        if isinstance(argument, (list, tuple)):
            return [self._plain(item) for item in argument]
        if isinstance(argument, (torch.dtype, torch.device, torch.layout, torch.memory_format)):
            return str(argument).removeprefix("torch.")
        return argument

    def _value(self, node: torch.fx.Node) -> Value:
        if node in self.values:
            return self.values[node]
        if str(node.target) == "aten._local_scalar_dense.default":  # a tensor's only element, as a number
            return self._value(node.all_input_nodes[0])
        tensor = self.constants.get(node)
        if not isinstance(tensor, torch.Tensor):
            self.unknown = "it needs a number that depends on values which are not known before the network runs"
            return Value(node.name, (), "int64")
        name = self.recording.names.get(node.name) or self._weight_name(node)
        value = Value(name, tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        if name not in self.result.constants:
            self.result.constants[name] = _array(tensor)
        return value

    def _weight_name(self, node: torch.fx.Node) -> str:
        name = self.recording.weights.get(node.name, node.name)
        while name in self.taken:
            name += "_weight"
        return name


def _array(tensor: torch.Tensor) -> np.ndarray:
    """A constant as NumPy knows it; element types that it does not know become f32."""
    plain = tensor.detach().cpu().resolve_conj().resolve_neg()
    if plain.dtype in (torch.bfloat16, torch.float16):
        plain = plain.to(torch.float32)
    return plain.contiguous().numpy()


def folded(recording: Recording) -> TorchGraph:
    """The network without what is constant."""
    return _Graph(recording).build()
