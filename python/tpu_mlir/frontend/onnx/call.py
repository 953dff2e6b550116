"""What a converter sees of the node it converts: operands, constants, shapes, attributes, and ways to emit Top ops.

Tensors of rank 0 have the Top shape [1], as upstream stores them; everything else has its ONNX shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from ..builder import GraphBuilder, Handle
from ..errors import UnsupportedNodeError
from .graph import FLOAT_TYPES, Node, StaticGraph, TensorInfo, type_name


@dataclass(frozen=True)
class Tensor:
    """A value of the Top module. name: its location name, shape: at least one dimension."""

    handle: Handle
    shape: tuple[int, ...]
    name: str

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.shape)


def top_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape in the module: scalars become [1]."""
    return tuple(int(size) for size in shape) or (1,)


def as_f32(array: np.ndarray, what: str) -> np.ndarray:
    """A constant as contiguous f32 of rank >= 1; UnsupportedNodeError when integers would lose digits."""
    if array.dtype.kind not in "fiubV" and array.dtype.name not in ("bfloat16",):
        raise UnsupportedNodeError(f"{what} has the element type {array.dtype.name}")
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(array, np.float32).reshape(top_shape(array.shape))
    if array.dtype.kind in "iu" and not np.array_equal(values.reshape(-1).astype(array.dtype), array.reshape(-1)):
        raise UnsupportedNodeError(f"{what} holds integers that f32 cannot represent")
    return values


class Module:
    """The values made so far, shared by all calls: one weight per constant, unique names."""

    def __init__(self, graph: StaticGraph, builder: GraphBuilder) -> None:
        self.graph = graph
        self.builder = builder
        self.values: dict[str, Tensor] = {}
        self.quantized: dict[str, Tensor] = {}
        self._weights: dict[tuple[str, str, tuple[float, ...] | None], Tensor] = {}
        self._names: set[str] = set()

    def unique(self, name: str) -> str:
        """``name``, or with a number appended when it is taken."""
        candidate, number = name, 1
        while candidate in self._names:
            candidate = f"{name}_{number}"
            number += 1
        self._names.add(candidate)
        return candidate

    def weight(
        self, source: str, array: np.ndarray, variant: str = "", scales: tuple[float, ...] | None = None
    ) -> Tensor:
        """The weight made of constant ``source``; ``variant`` says what was changed in it ("" for nothing)."""
        key = (source, variant, scales)
        if key not in self._weights:
            data = as_f32(array, f"constant '{source}'")
            name = self.unique(source + ("_fix" if variant else ""))
            self._weights[key] = Tensor(self.builder.weight(name, data, scales), data.shape, name)
        return self._weights[key]


class Call:
    """One node being converted. Converters end with ``finish`` or ``bind``, or raise through ``refuse``."""

    def __init__(self, module: Module, node: Node) -> None:
        self.module = module
        self.node = node
        self.bound: dict[str, Tensor] = {}
        self.reads: set[str] = set()

    def refuse(self, reason: str) -> NoReturn:
        """Says why Top ops cannot express this node."""
        raise UnsupportedNodeError(reason)

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

    @property
    def none(self) -> Handle:
        """The absent operand."""
        return self.module.builder.none()

    # results

    def step(
        self, suffix: str, kind: str, operands: Sequence[Any], shape: Sequence[int], /, **attributes: Any
    ) -> Tensor:
        """Emits an op in the middle of the conversion; its name is that of the node with a suffix."""
        name = self.module.unique(f"{self._result_name(0)}_{suffix}")
        return self._emit(name, kind, operands, top_shape(shape), attributes)

    def finish(self, kind: str, operands: Sequence[Any], index: int = 0, /, **attributes: Any) -> None:
        """Emits the op that makes output ``index``."""
        name = self.module.unique(self._result_name(index))
        self.bind(self._emit(name, kind, operands, top_shape(self.out_shape(index)), attributes), index)

    def bind(self, tensor: Tensor, index: int = 0) -> None:
        """Declares an existing tensor to be output ``index``; the shapes must agree."""
        expected = top_shape(self.out_shape(index))
        if tensor.shape != expected:
            name = self.module.unique(self._result_name(index))
            tensor = self._emit(name, "Reshape", [tensor], expected, {"shape": list(expected)})
        self.bound[self.node.outputs[index]] = tensor

    def reshape(self, tensor: Tensor, shape: Sequence[int], suffix: str) -> Tensor:
        """The tensor with another shape of the same size; nothing is emitted when it has it already."""
        wanted = top_shape(shape)
        if tensor.shape == wanted:
            return tensor
        return self.step(suffix, "Reshape", [tensor], wanted, shape=list(wanted))

    def permute(self, tensor: Tensor, order: Sequence[int], suffix: str) -> Tensor:
        """The tensor with its dimensions reordered."""
        if list(order) == list(range(tensor.rank)):
            return tensor
        shape = [tensor.shape[axis] for axis in order]
        return self.step(suffix, "Permute", [tensor], shape, order=list(order))

    def only_first_output(self) -> None:
        """Refuses the node when another output than the first is used."""
        for name in self.node.outputs[1:]:
            if name and self._is_used(name):
                self.refuse(f"its output '{name}' is used, only the first output can be computed")

    def _is_used(self, name: str) -> bool:
        graph = self.module.graph
        return name in graph.outputs or any(name in node.inputs for node in graph.nodes)

    def only_read_by(self, op_type: str) -> bool:
        """Whether the first output is no output of the network and only nodes of that type read it."""
        graph, name = self.module.graph, self.node.outputs[0]
        return name not in graph.outputs and all(n.op_type == op_type for n in graph.nodes if name in n.inputs)

    def uses(self, index: int) -> bool:
        """Whether output ``index`` is needed by the network."""
        outputs = self.node.outputs
        return index < len(outputs) and bool(outputs[index]) and self._is_used(outputs[index])

    def _result_name(self, index: int) -> str:
        return f"{self.node.outputs[index]}_{self.node.op_type}"

    def _emit(
        self, name: str, kind: str, operands: Sequence[Any], shape: tuple[int, ...], attributes: dict[str, Any]
    ) -> Tensor:
        handle = self.module.builder.op(kind, [_handle(item) for item in operands], attributes, name)
        return Tensor(handle, shape, name)

    def type_name(self, index: int) -> str:
        """The ONNX name of an input's element type."""
        return type_name(self.element(index))


def _handle(operand: Any) -> Any:
    if isinstance(operand, Tensor):
        return operand.handle
    if isinstance(operand, (list, tuple)):
        return [_handle(item) for item in operand]
    return operand
