"""What a converter sees of the TFLite node it converts: operands in any order of axes, constants, attributes, results.

TFLite has channels last, Top has them second. Nothing is transposed for that reason alone: a value says in which order
its axes are stored, ops that do not care keep the order, and a Permute appears only where two orders meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..builder import GraphBuilder
from ..emit import Emission, NodeEmitter, Tensor, top_shape
from ..scales import HIGH, LOW, ConstantScales
from .graph import Node, TensorInfo, TfliteGraph

Order = tuple[int, ...]
NCHW: Order = (0, 3, 1, 2)


def plain(rank: int) -> Order:
    """The order of axes in the file."""
    return tuple(range(rank))


def channels_first(rank: int) -> Order:
    """The last axis second, as convolutions and pools of Top have it."""
    return (0, rank - 1, *range(1, rank - 1))


@dataclass(frozen=True)
class Value:
    """A TFLite tensor in the module. shape: as TFLite has it. order[i]: the axis that axis i of ``tensor`` is."""

    tensor: Tensor
    shape: tuple[int, ...]
    order: Order


class Module(Emission):
    """The values made so far, shared by all calls. outputs: tensors that the network gives.

    flat: tensors that only flatten another one, which is what a matrix product can read in any order of axes.
    """

    def __init__(self, graph: TfliteGraph, builder: GraphBuilder, outputs: Sequence[int]) -> None:
        super().__init__(builder)
        self.graph = graph
        self.outputs = frozenset(outputs)
        self.values: dict[int, Value] = {}
        self.constants = dict(graph.constants)
        self.scales = dict(graph.scales)
        self.flat: dict[int, Value] = {}
        self._delayed: dict[int, tuple[tuple[int, ...], Callable[[], Value]]] = {}
        self._arranged: dict[tuple[str, Order], Tensor] = {}

    def knows(self, number: int) -> bool:
        """Whether the tensor is an activation that was made."""
        return number in self.values or number in self._delayed

    def delay(self, number: int, shape: tuple[int, ...], make: Callable[[], Value]) -> None:
        """Makes a value of this shape only if somebody reads it."""
        self._delayed[number] = (shape, make)

    def shape(self, number: int) -> tuple[int, ...]:
        """The shape of an activation as TFLite has it."""
        return self.values[number].shape if number in self.values else self._delayed[number][0]

    def value(self, number: int) -> Value:
        """An activation."""
        if number not in self.values:
            self.values[number] = self._delayed.pop(number)[1]()
        return self.values[number]

    def arranged(self, value: Value, order: Order) -> Tensor:
        """The value with its axes in another order; a Permute is made once and shared."""
        places = [value.order.index(axis) for axis in order]
        moved = [place for place in places if value.tensor.shape[place] != 1]
        if places == sorted(places):
            return value.tensor
        key = (value.tensor.name, order)
        if key not in self._arranged:
            shape = tuple(value.tensor.shape[place] for place in places)
            suffix = {NCHW: "nchw", plain(4): "nhwc"}.get(order, "permuted")
            name = self.unique(f"{value.tensor.name}_{suffix}")
            if moved == sorted(moved):
                handle = self.builder.op("Reshape", [value.tensor.handle], {"shape": list(shape)}, name)
            else:
                handle = self.builder.op("Permute", [value.tensor.handle], {"order": places}, name)
            self._arranged[key] = Tensor(handle, shape, name)
        return self._arranged[key]


class Call(NodeEmitter):
    """One node being converted. Converters end with ``finish``, ``bind`` or ``alias``, or raise through ``refuse``."""

    def __init__(self, module: Module, node: Node) -> None:
        super().__init__(module)
        self.module = module
        self.node = node
        self.reads: set[int] = set()

    # operands

    def option(self, name: str, default: Any = None) -> Any:
        """An attribute of the node; refused when it has none and there is no default."""
        value = self.node.options.get(name, default)
        if value is None:
            self.refuse(f"its attribute {name} is missing")
        return value

    def has(self, index: int) -> bool:
        """Whether the optional input is given."""
        return index < len(self.node.inputs) and self.node.inputs[index] >= 0

    def number(self, index: int) -> int:
        """The number of the tensor that is input ``index``."""
        if not self.has(index):
            self.refuse(f"its input {index} is missing")
        return self.node.inputs[index]

    def info(self, index: int) -> TensorInfo:
        """What the file says of an input."""
        return self.module.graph.tensors[self.number(index)]

    def out_info(self, index: int = 0) -> TensorInfo:
        """What the file says of an output."""
        if index >= len(self.node.outputs):
            self.refuse(f"its output {index} is missing")
        return self.module.graph.tensors[self.node.outputs[index]]

    def shape(self, index: int) -> tuple[int, ...]:
        """The shape of an input as TFLite has it; () for a scalar."""
        number = self.number(index)
        if self.module.knows(number):
            return self.module.shape(number)
        return self.need_const(index, "an operand").shape

    def const(self, index: int) -> np.ndarray | None:
        """The stored value of an input when it is constant."""
        return self.module.constants.get(self.number(index))

    def need_const(self, index: int, what: str) -> np.ndarray:
        """The stored value of an input that must not depend on data."""
        value = self.const(index)
        if value is None:
            self.refuse(f"{what} ('{self.info(index).name}') is not constant")
        return value

    def integers(self, index: int, what: str) -> np.ndarray:
        """A constant array of integers (int64)."""
        values = self.need_const(index, what)
        if values.dtype.kind not in "iu":
            self.refuse(f"{what} ('{self.info(index).name}') holds no integers")
        return values.astype(np.int64)

    def ints(self, index: int, what: str) -> list[int]:
        """A constant list of integers."""
        return [int(value) for value in self.integers(index, what).reshape(-1)]

    def real(self, index: int) -> tuple[np.ndarray, ConstantScales | None] | None:
        """The real values of a constant input, and its scales when the chip's bytes can hold its integers."""
        value = self.const(index)
        if value is None:
            return None
        known = self.module.scales.get(self.number(index))
        return (value, known) if known is not None else dequantized(value, self.info(index))

    def scalar(self, index: int) -> float | None:
        """The real value of a constant input with one element, else None."""
        found = self.real(index)
        return float(found[0].reshape(-1)[0]) if found is not None and found[0].size == 1 else None

    def value(self, index: int) -> Value:
        """An input as a value of the module; a constant becomes a weight."""
        number = self.number(index)
        self.reads.add(number)
        if self.module.knows(number):
            return self.module.value(number)
        array = self._real_or_refuse(index)
        return Value(self.module.weight(self.info(index).name, array), array.shape, plain(array.ndim))

    def _real_or_refuse(self, index: int) -> np.ndarray:
        found = self.real(index)
        if found is None:
            self.refuse(f"the tensor '{self.info(index).name}' is missing")
        return found[0]

    def x(self, index: int, order: Order | None = None, rank: int | None = None) -> Tensor:
        """An input with its axes in ``order`` (None: that of the file). rank: missing axes in front have size 1."""
        number = self.number(index)
        if not self.module.knows(number):
            return self._weight(index, order, rank)
        value = self.value(index)
        missing = (rank or len(value.shape)) - len(value.shape)
        if missing > 0:
            stored = self.module.arranged(value, plain(len(value.shape))) if value.shape else value.tensor
            shape = (1,) * missing + value.shape
            value = Value(self.reshape(stored, shape, f"operand{index}"), shape, plain(len(shape)))
        return self.module.arranged(value, order or plain(len(value.shape))) if value.shape else value.tensor

    def _weight(self, index: int, order: Order | None, rank: int | None) -> Tensor:
        array = self._real_or_refuse(index)
        array = array.reshape((1,) * ((rank or array.ndim) - array.ndim) + array.shape)
        if order is not None and array.ndim:
            array = array.transpose(order)
        unchanged = array.ndim == len(self.shape(index)) and order in (None, plain(array.ndim))
        variant = "" if unchanged else f"{order}{rank}"
        return self.module.weight(self.info(index).name, array, variant)

    def weight(self, index: int, array: np.ndarray, variant: str, scales: tuple[float, ...] | None = None) -> Tensor:
        """A weight derived from constant input ``index``; ``variant`` names the change."""
        return self.module.weight(self.info(index).name, array, variant, scales)

    def order(self, *indices: int, rank: int | None = None) -> Order:
        """The order of axes in which most is stored already: that of the first activation of full rank which is not
        the file's. rank: of the result, where operands of lower rank are extended."""
        full = rank if rank is not None else max(len(self.shape(index)) for index in indices)
        for index in indices:
            number = self.number(index)
            if self.module.knows(number) and len(self.shape(index)) == full:
                order = self.value(index).order
                if order != plain(full):
                    return order
        return plain(full)

    # results

    @property
    def prefix(self) -> str:
        """The name of the node's first result."""
        return self.out_info(0).name

    def finish(
        self, kind: str, operands: Sequence[Any], shape: Sequence[int], order: Order, index: int = 0, /, **options: Any
    ) -> None:
        """Emits the op that makes output ``index`` of TFLite shape ``shape``, its axes stored in ``order``."""
        stored = top_shape([shape[axis] for axis in order])
        name = self.result_name(shape, order, index)
        self.bind(self.emit(name, kind, operands, stored, options), shape, order, index)

    def result_name(self, shape: Sequence[int], order: Order, index: int = 0) -> str:
        """A unique name for the op that makes output ``index``, before that is rounded to bytes."""
        name = self._result_name(index, order, shape)
        return self.module.unique(f"{name}_real" if self.out_info(index).is_quantized else name)

    def activated(
        self, kind: str, operands: Sequence[Any], shape: Sequence[int], order: Order, /, **options: Any
    ) -> None:
        """As ``finish``, with the activation function that the node says is fused."""
        activation = _ACTIVATIONS.get(self.node.options.get("FusedActivationFunction", 0))
        if activation is None:
            self.refuse("its fused activation function has no Top op")
        follow, follow_options = activation
        if not follow:
            self.finish(kind, operands, shape, order, **options)
            return
        inner = self.step("linear", kind, operands, [shape[axis] for axis in order], **options)
        self.finish(follow, [inner], shape, order, **follow_options)

    def bind(self, tensor: Tensor, shape: Sequence[int], order: Order, index: int = 0) -> None:
        """Declares a tensor to be output ``index``, rounded to bytes where the file says so."""
        sizes = tuple(int(size) for size in shape)
        self._check_shape(sizes, index)
        info = self.out_info(index)
        if info.is_quantized:
            assert info.quantization is not None
            name = self._result_name(index, order, shape)
            tensor = quantized(self, tensor, info, name, name)
        self.module.values[self.node.outputs[index]] = Value(tensor, sizes, order)

    def empty(self, shape: Sequence[int]) -> bool:
        """Makes output 0 a constant without elements, which only joins can read; False where the network gives it."""
        if self.node.outputs[0] in self.module.outputs:
            return False
        self.module.constants[self.node.outputs[0]] = np.zeros(tuple(shape), np.float32)
        return True

    def alias(self, value: Value, index: int = 0, source: int = 0) -> None:
        """Declares an existing value, that of input ``source``, to be output ``index``; nothing is made unless it has
        another quantization."""
        if self.same_quantization(index, source):
            self._check_shape(value.shape, index)
            self.module.values[self.node.outputs[index]] = value
        else:
            self.bind(value.tensor, value.shape, value.order, index)

    def same_quantization(self, index: int = 0, source: int = 0) -> bool:
        """Whether output ``index`` needs no rounding after input ``source``."""
        info, given = self.out_info(index), self.info(source)
        same = given.is_quantized and info.quantization == given.quantization and info.element == given.element
        return not info.is_quantized or same

    def check_shape(self, shape: Sequence[int], index: int = 0) -> None:
        """Refuses the node when the file says another shape than the operator gives."""
        self._check_shape(tuple(shape), index)

    def _check_shape(self, shape: tuple[int, ...], index: int) -> None:
        info = self.out_info(index)
        if 0 in shape:
            self.refuse(f"its result '{info.name}' of shape {list(shape)} has no elements")
        if info.shape and not info.open_axes and info.shape != shape and not self.module.graph.resized:
            self.refuse(f"it gives the shape {list(shape)}, the file says {list(info.shape)}")

    def _result_name(self, index: int, order: Order, shape: Sequence[int]) -> str:
        """The tensor's name; that is left to the network's output where the order of axes is restored for it."""
        name = self.out_info(index).name
        moved = [axis for axis in order if shape[axis] != 1]
        return f"{name}_nchw" if self.node.outputs[index] in self.module.outputs and moved != sorted(moved) else name


_ACTIVATIONS: dict[int, tuple[str, dict[str, Any]]] = {
    0: ("", {}),
    1: ("Relu", {}),
    2: ("Clip", {"min": -1.0, "max": 1.0}),
    3: ("Relu", {"relu_limit": 6.0}),
    4: ("Tanh", {}),
}
"""Fused activation functions by the schema's numbers."""

_STORAGE = {"INT8": "i8", "UINT8": "u8"}


def quantized(call: NodeEmitter, tensor: Tensor, info: TensorInfo, prefix: str, name: str) -> Tensor:
    """The tensor rounded to the bytes of ``info``: a value of quantized type, and the real values it stands for."""
    assert info.quantization is not None
    scale, zero = info.quantization.scales[0], info.quantization.zeros[0]
    offset = f":{zero}" if zero else ""
    element = f"!quant.uniform<{_STORAGE[info.element]}:f32, {scale:.17e}{offset}>"
    unique = call.emission.unique
    first = {"y_scale": [scale], "y_zero_point": [zero], "axis": 1}
    integers = call.emit(unique(f"{prefix}_QuantizeLinear"), "QuantizeLinear", [tensor], tensor.shape, first, element)
    second = {"x_scale": [scale], "x_zero_point": [zero], "axis": 1}
    return call.emit(unique(name), "DequantizeLinear", [integers], tensor.shape, second)


def dequantized(value: np.ndarray, info: TensorInfo) -> tuple[np.ndarray, ConstantScales | None]:
    """The real values (f32) of a stored constant, and its scales where its integers fit in signed bytes."""
    given = info.quantization
    if given is None or value.dtype.kind not in "iu":
        return value, None
    factors, zeros = np.array(given.scales, np.float32), np.array(given.zeros, np.int64)
    axis = given.axis if len(given.scales) > 1 else None
    if axis is not None:
        spread = [-1 if place == axis else 1 for place in range(value.ndim)]
        factors, zeros = factors.reshape(spread), zeros.reshape(spread)
    shifted = value.astype(np.int64) - zeros
    with np.errstate(over="ignore", invalid="ignore"):
        real = np.asarray(shifted.astype(np.float32) * factors, np.float32).reshape(value.shape)
    fits = value.dtype.itemsize == 1 and shifted.size and shifted.min() >= LOW and shifted.max() <= HIGH
    return real, ConstantScales(given.scales, axis) if fits else None
