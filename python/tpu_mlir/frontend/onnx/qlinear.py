"""Operators that work on integers (QLinearConv and its kin), as the same operator on real values between
DequantizeLinear and QuantizeLinear. These pairs become types of values again when the network is lowered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from onnx import NodeProto, helper

from . import microsoft_attention as _attention  # noqa: F401  fills the table
from .microsoft import MICROSOFT, Information, Values, microsoft_table, written
from .writer import Writer

MOVES = frozenset({"MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Identity"})
"""Operators that give integers of their first operand; they commute with a scale for the whole tensor."""

_AXIS_OPSET = 13
"""The first operator set in which scales may lie along an axis."""
_REAL_OPSET = 18
"""The operator set of the operators on real values."""


def _conv(w: Writer) -> None:
    inputs = [w.real(0, 1, 2), w.real(3, 4, 5, axis=0)]
    bias = w.bias(8, 1, 4)
    w.result(w.middle("Conv", [*inputs, bias] if bias else inputs), 6, 7)


def _matmul(w: Writer) -> None:
    w.result(w.middle("MatMul", [w.real(0, 1, 2), w.real(3, 4, 5, axis=-1)]), 6, 7)


def _gemm(w: Writer) -> None:
    attributes = {item.name: helper.get_attribute_value(item) for item in w.source.attribute}
    transposed = int(attributes.get("transB", 0))
    inputs = [w.real(0, 1, 2), w.real(3, 4, 5, axis=0 if transposed else 1)]
    bias = w.bias(6, 1, 4)
    value = w.middle("Gemm", [*inputs, bias] if bias else inputs)
    if w.input(7):
        w.result(value, 7, 8)
    else:
        w.add("Identity", [value], w.source.output[0], {})


def _binary(op_type: str) -> Callable[[Writer], None]:
    def write(w: Writer) -> None:
        w.result(w.middle(op_type, [w.real(0, 1, 2), w.real(3, 4, 5)]), 6, 7)

    return write


def _unary(op_type: str, keep: tuple[str, ...] = ()) -> Callable[[Writer], None]:
    def write(w: Writer) -> None:
        given = {item.name: helper.get_attribute_value(item) for item in w.source.attribute}
        w.result(w.middle(op_type, [w.real(0, 1, 2)], {name: given[name] for name in keep if name in given}), 3, 4)

    return write


def _concat(w: Writer) -> None:
    values = [w.real(index, index + 1, index + 2) for index in range(2, len(w.source.input), 3)]
    w.result(w.middle("Concat", values), 0, 1)


def _softmax(w: Writer) -> None:
    """Its attribute opset says which operator set defines the axes."""
    axis = int(w.attr("axis", -1))
    if int(w.attr("opset", 13)) < 13 and axis != -1:
        w.refuse("a softmax over several axes is not supported; use the last axis")
    w.result(w.middle("Softmax", [w.real(0, 1, 2)], {"axis": axis}), 3, 4)


_WINDOW = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")

_OPERATORS: dict[tuple[str, str], Callable[[Writer], None]] = {
    ("", "QLinearConv"): _conv,
    ("", "QLinearMatMul"): _matmul,
    (MICROSOFT, "QGemm"): _gemm,
    (MICROSOFT, "QLinearAdd"): _binary("Add"),
    (MICROSOFT, "QLinearMul"): _binary("Mul"),
    (MICROSOFT, "QLinearGlobalAveragePool"): _unary("GlobalAveragePool"),
    (MICROSOFT, "QLinearAveragePool"): _unary("AveragePool", _WINDOW),
    (MICROSOFT, "QLinearSoftmax"): _softmax,
    (MICROSOFT, "QLinearSigmoid"): _unary("Sigmoid"),
    (MICROSOFT, "QLinearLeakyRelu"): _unary("LeakyRelu", ("alpha",)),
    (MICROSOFT, "QLinearConcat"): _concat,
}


def replaced() -> list[str]:
    """Names of the operators that are written as others of the standard, sorted; other domains are prefixed."""
    return sorted(f"{domain}::{name}" if domain else name for domain, name in {*_OPERATORS, *microsoft_table()})


def decomposed(
    node: NodeProto,
    domain: str,
    quantizers: Mapping[str, tuple[str, str]],
    info: Information,
    value: Values,
    opset: int,
) -> tuple[list[NodeProto], int] | None:
    """The nodes that stand for one that works on integers, and the first operator set that they need; None for others.

    quantizers: tensors that a QuantizeLinear made, with the names of its scale and zero point. info: what is known of a
    tensor, value: the constants, opset: the standard's operator set here. Operators of onnxruntime
    become those of the standard, too.
    """
    if domain == MICROSOFT and node.op_type in ("QuantizeLinear", "DequantizeLinear"):
        plain = NodeProto()
        plain.CopyFrom(node)
        plain.domain = ""
        return [plain], _AXIS_OPSET
    write = _OPERATORS.get((domain, node.op_type))
    if write is not None:
        if any(item.name == "channels_last" and helper.get_attribute_value(item) for item in node.attribute):
            return None
        writer = Writer(node)
        write(writer)
        return writer.nodes, _REAL_OPSET
    contributed = written(node, domain, info, value, opset)
    if contributed is not None:
        return contributed
    if domain == "" and node.op_type in MOVES and node.input and node.input[0] in quantizers and len(node.output) == 1:
        return _moved(node, *quantizers[node.input[0]]), 0
    return None


def _moved(node: NodeProto, scale: str, zero: str) -> list[NodeProto]:
    """DequantizeLinear, the move of real values, QuantizeLinear."""
    writer = Writer(node)
    parameters = [scale, zero] if zero else [scale]
    value = writer.add("DequantizeLinear", [node.input[0], *parameters], f"{node.output[0]}/from", {})
    result = writer.middle(node.op_type, [value, *node.input[1:]])
    writer.add("QuantizeLinear", [result, *parameters], node.output[0], {})
    return writer.nodes
