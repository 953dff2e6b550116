"""What a converter sees of the ONNX node it converts: operands, constants, shapes, attributes, results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..builder import GraphBuilder
from ..emit import Emission, NodeEmitter, Tensor, top_shape
from .graph import FLOAT_TYPES, Node, StaticGraph, TensorInfo, type_name


class Module(Emission):
    """The values made so far, shared by all calls."""

    def __init__(self, graph: StaticGraph, builder: GraphBuilder) -> None:
        super().__init__(builder)
        self.graph = graph
        self.values: dict[str, Tensor] = {}
        self.quantized: dict[str, Tensor] = {}
        self.convert: Callable[[Node], Call] | None = None
        """Converts a node of a region."""


class Call(NodeEmitter):
    """One node being converted. Converters end with ``finish`` or ``bind``, or raise through ``refuse``."""

    def __init__(self, module: Module, node: Node) -> None:
        super().__init__(module)
        self.module = module
        self.node = node
        self.bound: dict[str, Tensor] = {}
        self.reads: set[str] = set()

    # operands

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute of the node, or the default."""
        return self.node.attr(name, default)

    def has(self, index: int) -> bool:
        """Whether the optional input is given."""
        return bool(self.node.input(index))

    def shape(self, index: int) -> tuple[int, ...]:
        """The ONNX shape of an input; () for a scalar."""
        return self._shape(self.node.input(index))

    def out_shape(self, index: int = 0) -> tuple[int, ...]:
        """The ONNX shape of an output."""
        return self._shape(self.node.outputs[index])

    def _shape(self, name: str) -> tuple[int, ...]:
        shape = self._info(name).shape
        if shape is None:
            self.refuse(f"the shape of '{name}' is not known before the network runs")
        return shape

    def element(self, index: int) -> int:
        """The ONNX element type of an input."""
        return self._info(self.node.input(index)).element

    def _info(self, name: str) -> TensorInfo:
        info = self.module.graph.info.get(name)
        if info is None:
            self.refuse(f"the tensor '{name}' is missing" if name else "one of its inputs is missing")
        return info

    def out_element(self, index: int = 0) -> int:
        """The ONNX element type of an output."""
        return self._info(self.node.outputs[index]).element

    def is_float(self, index: int) -> bool:
        """Whether an input is floating point."""
        return self.element(index) in FLOAT_TYPES

    def const(self, index: int) -> np.ndarray | None:
        """The value of an input when it is constant."""
        return self.module.graph.constants.get(self.node.input(index))

    def need_const(self, index: int, what: str) -> np.ndarray:
        """The constant value of an input that must not depend on data."""
        value = self.const(index)
        if value is None:
            self.refuse(f"{what} ('{self.node.input(index)}') is not constant")
        return value

    def ints(self, index: int, what: str) -> list[int]:
        """A constant integer list input."""
        return [int(value) for value in self.need_const(index, what).reshape(-1)]

    def scalar(self, index: int) -> float | None:
        """The value of a constant input with one element, else None."""
        value = self.const(index)
        return float(value.reshape(-1)[0]) if value is not None and value.size == 1 else None

    def x(self, index: int, channel: int | None = None) -> Tensor:
        """An input as a tensor of the module; a constant becomes a weight.

        channel: the axis of its output channels, for a constant that was quantized per channel.
        """
        name = self.node.input(index)
        self.reads.add(name)
        if name in self.module.values:
            return self.module.values[name]
        value = self.module.graph.constants.get(name)
        if value is None:
            self.refuse(f"the tensor '{name}' is missing" if name else "one of its inputs is missing")
        return self.module.weight(name, value, scales=None if channel is None else self.scales(index, channel))

    def scales(self, index: int, channel: int) -> tuple[float, ...] | None:
        """The scales of a constant input that was quantized per tensor or along the axis ``channel``, else None."""
        known = self.module.graph.scales.get(self.node.input(index))
        return known.along(channel % max(len(self.shape(index)), 1)) if known is not None else None

    def weight(
        self, index: int, array: np.ndarray, variant: str = "", scales: tuple[float, ...] | None = None
    ) -> Tensor:
        """A weight derived from constant input ``index``; ``variant`` names the change, "" when there is none."""
        return self.module.weight(self.node.input(index), array, variant, scales)

    def own_weight(self, suffix: str, array: np.ndarray) -> Tensor:
        """A weight that the conversion itself needs."""
        return self.module.weight(f"{self.node.outputs[0]}_{suffix}", array)

    # results

    @property
    def prefix(self) -> str:
        """The name of the node's first result."""
        return self._result_name(0)

    def finish(self, kind: str, operands: Sequence[Any], index: int = 0, /, **attributes: Any) -> None:
        """Emits the op that makes output ``index``."""
        name = self.module.unique(self._result_name(index))
        self.bind(self.emit(name, kind, operands, top_shape(self.out_shape(index)), attributes), index)

    def bind(self, tensor: Tensor, index: int = 0) -> None:
        """Declares an existing tensor to be output ``index``; the shapes must agree."""
        expected = top_shape(self.out_shape(index))
        if tensor.shape != expected:
            name = self.module.unique(self._result_name(index))
            tensor = self.emit(name, "Reshape", [tensor], expected, {"shape": list(expected)})
        self.bound[self.node.outputs[index]] = tensor

    def only_first_output(self) -> None:
        """Refuses the node when another output than the first is used."""
        for index, name in enumerate(self.node.outputs[1:], 1):
            if self.uses(index):
                self.refuse(f"its output '{name}' is used, only the first output can be computed")

    def _is_used(self, name: str) -> bool:
        graph = self.module.graph
        return graph.leaves(name) or any(True for _ in graph.readers(name))

    def only_read_by(self, op_type: str) -> bool:
        """Whether the first output is no output of the network and only nodes of that type read it."""
        graph, name = self.module.graph, self.node.outputs[0]
        return not graph.leaves(name) and all(node.op_type == op_type for node in graph.readers(name))

    def uses(self, index: int) -> bool:
        """Whether output ``index`` is needed by the network."""
        outputs = self.node.outputs
        if index >= len(outputs) or not outputs[index] or outputs[index] in self.module.graph.constants:
            return False
        return self._is_used(outputs[index])

    def _result_name(self, index: int) -> str:
        return f"{self.node.outputs[index]}_{self.node.op_type}"

    def type_name(self, index: int) -> str:
        """The ONNX name of an input's element type."""
        return type_name(self.element(index))
