"""Operators of the standard's operator sets 1 to 6, written as those of set 7. Most did not change; others only lost
attributes or stated another way how operands are spread. What is left is refused. A few are read as those of sets that
only allow more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from ..errors import UnsupportedNodeError
from .graph import TensorInfo

FIRST = 7
"""The oldest operator set that the converters know."""

_LATER = {"Constant": 9, "Max": 8, "Mean": 8, "Min": 8, "Sum": 8}
"""Newer sets that only allow more: integers, and operands that are spread."""

Information = Callable[[str], TensorInfo]

_SPREAD = {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"}
_SAME = {"Abs", "Ceil", "Clip", "Elu", "Exp", "Floor", "Gemm", "HardSigmoid", "InstanceNormalization", "LeakyRelu"}
_SAME |= {"Log", "Max", "Mean", "Min", "Neg", "Reciprocal", "Relu", "Selu", "Sigmoid", "Sqrt", "Sum", "Tanh"}
_SAME |= {"AveragePool"}
"""They lost attributes that do not matter for the result, or won one whose default is what they did."""


def modern(node: NodeProto, opset: int, info: Information) -> list[NodeProto]:
    """The nodes of operator set 7 in place of a standard one of an older set; UnsupportedNodeError when there are
    none. info: what is known of tensors."""
    if opset >= FIRST:
        return [node]
    if any(item.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for item in node.attribute):
        raise _changed(node, opset)
    try:
        old, new = (onnx.defs.get_schema(node.op_type, version, "") for version in (opset, FIRST))
    except onnx.defs.SchemaError:
        return [node]  # reported as unknown by whoever looks for a converter
    if old.since_version == new.since_version:
        return [node]
    write = _REWRITES.get(node.op_type)
    if write is None and node.op_type not in _SPREAD | _SAME:
        raise _changed(node, opset)
    result = NodeProto()
    result.CopyFrom(node)
    stated = {item.name for item in node.attribute}
    for name, item in old.attributes.items():
        if name not in stated and item.default_value.name:
            result.attribute.append(item.default_value)
    try:
        before = (_spread if node.op_type in _SPREAD else write or _nothing)(result, info)
    except UnsupportedNodeError:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise UnsupportedNodeError("its inputs and attributes do not fit together") from error
    kept = [item for item in result.attribute if item.name in new.attributes]
    del result.attribute[:]
    result.attribute.extend(kept)
    return [*before, result]


def equal_set(node: NodeProto) -> int:
    """The first operator set in which such a node is read, and that of what ``modern`` gives."""
    return _LATER.get(node.op_type, FIRST)


def _changed(node: NodeProto, opset: int) -> UnsupportedNodeError:
    return UnsupportedNodeError(
        f"it had another form in operator set {opset}; convert the model to {FIRST} or newer with "
        "onnx.version_converter"
    )


def _value(node: NodeProto, name: str) -> object:
    """An attribute, None when it is not stated."""
    return next((helper.get_attribute_value(item) for item in node.attribute if item.name == name), None)


def _number(node: NodeProto, name: str, default: int = 0) -> int:
    value = _value(node, name)
    if value is not None and not isinstance(value, int):
        raise UnsupportedNodeError(f"its attribute '{name}' is no integer")
    return default if value is None else value


def _nothing(node: NodeProto, info: Information) -> list[NodeProto]:
    return []


def _shape(info: Information, name: str) -> tuple[int, ...]:
    shape = info(name).shape
    if shape is None:
        raise UnsupportedNodeError(f"the shape of '{name}' is not known before the network runs")
    return shape


def _behind(node: NodeProto, rank: int, count: int) -> list[NodeProto]:
    """Gives the second input so many axes of one element behind its own."""
    if count <= 0:
        return []
    name = f"{node.output[0]}/spread"
    axes = list(range(rank, rank + count))
    source = node.input[1]
    node.input[1] = name
    return [helper.make_node("Unsqueeze", [source], [name], name=f"{node.name or node.output[0]}/spread", axes=axes)]


def _spread(node: NodeProto, info: Information) -> list[NodeProto]:
    """The second input only is spread, and where its axes begin can be stated."""
    if len(node.input) != 2:
        raise UnsupportedNodeError(f"it has {len(node.input)} inputs, not 2")
    left, right = (_shape(info, name) for name in node.input)
    if not _number(node, "broadcast"):
        if left != right:
            raise UnsupportedNodeError(f"the shapes {list(left)} and {list(right)} differ and it has no broadcast")
        return []
    stated = _value(node, "axis")
    axis = len(left) - len(right) if stated is None else _number(node, "axis")
    axis += len(left) if axis < 0 else 0
    part = left[axis : axis + len(right)] if axis >= 0 else ()
    if len(part) != len(right) or any(size not in (1, whole) for size, whole in zip(right, part, strict=True)):
        raise UnsupportedNodeError(f"{list(right)} cannot be spread over {list(left)} from axis {axis} on")
    return _behind(node, len(right), len(left) - axis - len(right))


def _slopes(node: NodeProto, info: Information) -> list[NodeProto]:
    """PRelu: one slope, or one per channel."""
    left, right = (_shape(info, name) for name in node.input[:2])
    if int(np.prod(right)) == 1 and len(right) <= 1:
        return []
    if len(left) < 2 or right != (left[1],):
        raise UnsupportedNodeError(f"slopes of shape {list(right)} are not one per channel of {list(left)}")
    return _behind(node, 1, len(left) - 2)


def _tested(node: NodeProto, info: Information) -> list[NodeProto]:
    """Dropout and BatchNormalization, which learnt unless they were told not to."""
    if not _number(node, "is_test"):
        raise UnsupportedNodeError("it is in training mode; export the model for inference (is_test = 1)")
    return []


def _constant(node: NodeProto, suffix: str, values: Sequence[int]) -> tuple[str, list[NodeProto]]:
    name = f"{node.output[0]}/{suffix}"
    tensor = numpy_helper.from_array(np.asarray(values, np.int64), name)
    return name, [helper.make_node("Constant", [], [name], name=name, value=tensor)]


def _reshape(node: NodeProto, info: Information) -> list[NodeProto]:
    shape = _value(node, "shape")
    if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape):
        raise UnsupportedNodeError("it has no attribute 'shape'")
    name, before = _constant(node, "shape", shape)
    node.input.append(name)
    return before


def _concat(node: NodeProto, info: Information) -> list[NodeProto]:
    if _value(node, "axis") is None:
        node.attribute.append(helper.make_attribute("axis", 1))
    return []


def _pad(node: NodeProto, info: Information) -> list[NodeProto]:
    for item in node.attribute:
        if item.name == "paddings":
            item.name = "pads"
    return []


def _cast(node: NodeProto, info: Information) -> list[NodeProto]:
    word = _value(node, "to")
    try:
        kind = TensorProto.DataType.Value(word.decode().upper() if isinstance(word, bytes) else "")
    except ValueError as error:
        raise UnsupportedNodeError(f"it casts to '{word!r}', which is no element type") from error
    del node.attribute[:]
    node.attribute.append(helper.make_attribute("to", kind))
    return []


def _upsample(node: NodeProto, info: Information) -> list[NodeProto]:
    factors = [_value(node, name) for name in ("height_scale", "width_scale")]
    if not all(isinstance(factor, float) for factor in factors):
        raise UnsupportedNodeError("it lacks height_scale or width_scale")
    node.attribute.append(helper.make_attribute("scales", [1.0, 1.0, *factors]))
    return []


_REWRITES = {
    "BatchNormalization": _tested,
    "Cast": _cast,
    "Concat": _concat,
    "Dropout": _tested,
    "PRelu": _slopes,
    "Pad": _pad,
    "Reshape": _reshape,
    "Upsample": _upsample,
}
