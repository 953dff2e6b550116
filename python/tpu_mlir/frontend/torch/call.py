"""What a converter sees of the ATen operator it converts: arguments, constants, shapes, results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..builder import GraphBuilder
from ..emit import Emission, NodeEmitter, Tensor, top_shape
from .graph import INTEGERS, Node, TorchGraph, Value


class Module(Emission):
    """The values made so far, shared by all calls."""

    def __init__(self, graph: TorchGraph, builder: GraphBuilder) -> None:
        super().__init__(builder)
        self.graph = graph
        self.values: dict[str, Tensor] = {}


class Call(NodeEmitter):
    """One operator being converted. Converters end with ``finish`` or ``bind``, or raise through ``refuse``."""

    def __init__(self, module: Module, node: Node) -> None:
        super().__init__(module)
        self.module = module
        self.node = node
        self.bound: dict[str, Tensor] = {}
        self.reads: set[str] = set()

    # arguments

    @property
    def operator(self) -> str:
        """The operator without namespace and overload, as "add"."""
        return self.node.target.split(".")[1]

    def get(self, name: str, default: Any = None) -> Any:
        """An argument that is no tensor, or the default when the operator has none of that name or it is None."""
        value = self.node.arguments.get(name)
        return default if value is None else value

    def value(self, name: str) -> Value:
        """What is known of a tensor argument."""
        value = self.node.arguments.get(name)
        if not isinstance(value, Value):
            self.refuse(f"its argument '{name}' is not a tensor")
        return value

    def has(self, name: str) -> bool:
        """Whether an argument is a tensor."""
        return isinstance(self.node.arguments.get(name), Value)

    def shape(self, name: str = "self") -> tuple[int, ...]:
        """The PyTorch shape of a tensor argument; () for a scalar."""
        return self.value(name).shape

    def out(self, index: int = 0) -> Value:
        """What is known of a result."""
        value = self.node.results[index]
        if value is None:
            self.refuse(f"its result {index} is not used")
        return value

    def out_shape(self, index: int = 0) -> tuple[int, ...]:
        """The PyTorch shape of a result."""
        return self.out(index).shape

    def uses(self, index: int) -> bool:
        """Whether a result is read."""
        return index < len(self.node.results) and self.node.results[index] is not None

    def axis(self, axis: int, rank: int | None = None) -> int:
        """An axis counted from the front; PyTorch has checked that it is one."""
        count = len(self.shape()) if rank is None else rank
        return axis % max(count, 1)

    def const(self, name: str) -> np.ndarray | None:
        """The value of a tensor argument when it is constant."""
        value = self.node.arguments.get(name)
        return self.module.graph.constants.get(value.name) if isinstance(value, Value) else None

    def scalar(self, name: str) -> float | None:
        """The value of an argument that is a number, or a constant tensor with one element; else None."""
        argument = self.node.arguments.get(name)
        if isinstance(argument, (bool, int, float)):
            return float(argument)
        constant = self.const(name)
        return float(constant.reshape(-1)[0]) if constant is not None and constant.size == 1 else None

    def is_int(self, name: str) -> bool:
        """Whether an argument is an integer or boolean, tensor or number."""
        argument = self.node.arguments.get(name)
        if isinstance(argument, Value):
            return argument.dtype in INTEGERS or argument.dtype == "bool"
        return isinstance(argument, (bool, int))

    def x(self, name: str = "self") -> Tensor:
        """A tensor argument; a constant becomes a weight."""
        return self.tensor(self.value(name))

    def tensor(self, value: Value) -> Tensor:
        """A value as a tensor of the module."""
        self.reads.add(value.name)
        if value.name in self.module.values:
            return self.module.values[value.name]
        if value.name not in self.module.graph.constants:
            self.refuse(f"the tensor '{value.name}' is missing")
        return self.module.weight(value.name, self.module.graph.constants[value.name])

    def xs(self, name: str) -> list[Tensor]:
        """An argument that is a list of tensors."""
        return [self.tensor(value) for value in self.get(name, ())]

    def derived(self, name: str, array: np.ndarray, variant: str) -> Tensor:
        """A weight made of the constant argument ``name``; ``variant`` says what was changed, "" for nothing."""
        return self.module.weight(self.value(name).name, array, variant)

    # results

    @property
    def prefix(self) -> str:
        """The name of the operator's first result that is read."""
        return next((value.name for value in self.node.results if value is not None), self.node.name)

    def finish(self, kind: str, operands: Sequence[Any], index: int = 0, /, **attributes: Any) -> None:
        """Emits the op that makes a result."""
        value = self.out(index)
        name = self.module.unique(value.name)
        self.bind(self.emit(name, kind, operands, top_shape(value.shape), attributes), index)

    def finish_all(
        self,
        kind: str,
        operands: Sequence[Any],
        results: Sequence[int | None],
        variadic: bool = False,
        /,
        **attributes: Any,
    ) -> None:
        """Emits an op with several results. results: per result of the op the operator's own, None for no match."""
        names: list[str | None] = []
        shapes: list[tuple[int, ...]] = []
        for index in results:
            wanted = index is not None and self.uses(index)
            names.append(self.module.unique(self.out(index).name) if wanted and index is not None else None)
            shapes.append(self.out_shape(index) if wanted and index is not None else ())
        made = self.emit_all(names, kind, operands, shapes, attributes, variadic)
        for index, name, tensor in zip(results, names, made, strict=True):
            if name is not None and index is not None:
                self.bind(tensor, index)

    def bind(self, tensor: Tensor, index: int = 0) -> None:
        """Declares an existing tensor to be a result; another shape of the same size is put right."""
        value = self.out(index)
        expected = top_shape(value.shape)
        if tensor.shape != expected:
            name = self.module.unique(value.name)
            tensor = self.emit(name, "Reshape", [tensor], expected, {"shape": list(expected)})
        self.bound[value.name] = tensor
