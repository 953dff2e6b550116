"""Nodes of the ONNX standard written in place of another one, before any types are known but those of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from onnx import NodeProto, helper, numpy_helper

from ..errors import UnsupportedNodeError


class Writer:
    """Nodes around the node that they stand for."""

    def __init__(self, source: NodeProto) -> None:
        self.source = source
        self.nodes: list[NodeProto] = []
        self.prefix = next(name for name in source.output if name)

    def input(self, index: int) -> str:
        """The name of an operand, empty when it is missing."""
        return self.source.input[index] if index < len(self.source.input) else ""

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute of the node that is replaced, text as str."""
        for item in self.source.attribute:
            if item.name == name:
                value = helper.get_attribute_value(item)
                return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return default

    def refuse(self, reason: str) -> NoReturn:
        """Says why the node cannot be replaced."""
        raise UnsupportedNodeError(reason)

    def step(self, op_type: str, inputs: Sequence[str], /, **attributes: object) -> str:
        """A node in the middle; its output's name."""
        return self.add(op_type, inputs, f"{self.prefix}/{len(self.nodes)}", attributes)

    def constant(self, value: np.ndarray) -> str:
        """The name of a constant."""
        name = f"{self.prefix}/{len(self.nodes)}"
        return self.add("Constant", [], name, {"value": numpy_helper.from_array(np.asarray(value))})

    def ints(self, *values: int) -> str:
        """The name of a constant list of integers."""
        return self.constant(np.array(values, np.int64))

    def wants(self, index: int) -> bool:
        """Whether the node that is replaced has an output there."""
        return index < len(self.source.output) and bool(self.source.output[index])

    def finish(self, op_type: str, inputs: Sequence[str], index: int = 0, /, **attributes: object) -> None:
        """The node that makes an output; its kind may be Identity."""
        self.add(op_type, inputs, self.source.output[index], attributes)

    def add(self, op_type: str, inputs: Sequence[str], output: str, attributes: Mapping[str, object]) -> str:
        """A node; its output's name."""
        node = helper.make_node(op_type, list(inputs), [output], name=f"{output}/{op_type}", **attributes)
        self.nodes.append(node)
        return output

    def real(self, value: int, scale: int, zero: int, axis: int | None = None) -> str:
        """The real values of an integer operand."""
        attributes = {} if axis is None else {"axis": axis}
        inputs = [self.input(value), self.input(scale), self.input(zero)]
        return self.add("DequantizeLinear", inputs, f"{self.prefix}/real{value}", attributes)

    def bias(self, value: int, left: int, right: int) -> str:
        """The real values of a 32-bit bias, in units of both scales; empty when there is none."""
        if not self.input(value):
            return ""
        unit = self.add("Mul", [self.input(left), self.input(right)], f"{self.prefix}/unit{value}", {})
        return self.add("DequantizeLinear", [self.input(value), unit], f"{self.prefix}/real{value}", {"axis": 0})

    def middle(self, op_type: str, inputs: Sequence[str], attributes: Mapping[str, object] | None = None) -> str:
        """The operator on real values, with the attributes of the source unless others are given."""
        node = helper.make_node(op_type, list(inputs), [f"{self.prefix}/real"], name=f"{self.prefix}/{op_type}")
        if attributes is None:
            node.attribute.extend(self.source.attribute)
        else:
            node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return f"{self.prefix}/real"

    def result(self, value: str, scale: int, zero: int) -> None:
        """The integers of the result."""
        inputs = [value, self.input(scale), self.input(zero)]
        self.add("QuantizeLinear", inputs, self.source.output[0], {})
