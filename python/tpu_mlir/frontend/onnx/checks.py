"""What the standard says of a node's attributes, checked before anybody reads them."""

from __future__ import annotations

import onnx
from onnx import AttributeProto, NodeProto

_COUNTS = {"axis", "axes", "batch_axis", "batch_dims", "blocksize", "dilations", "group", "hidden_size", "kernel_shape"}
_COUNTS |= {"num_groups", "num_outputs", "output_padding", "output_shape", "pads", "perm", "strides", "time_axis"}
"""Attributes that no tensor gives a reason to be huge. The onnx package cuts them to 32 bits and trusts the result."""


def attribute_problem(node: NodeProto, domain: str, opset: int) -> str:
    """What is wrong with the attributes, "" if nothing is or the standard does not know the operator.

    Attributes that the operator does not have are left alone, as everywhere.
    """
    try:
        schema = onnx.defs.get_schema(node.op_type, opset, domain)
    except onnx.defs.SchemaError:
        return ""
    for attribute in node.attribute:
        known = schema.attributes.get(attribute.name)
        if known is None or attribute.ref_attr_name:
            continue
        wanted = int(known.type.value) if hasattr(known.type, "value") else int(known.type)
        if attribute.type != wanted:
            return f"attribute '{attribute.name}' is {_name(attribute.type)}, not {_name(wanted)}"
        numbers = attribute.ints if wanted == AttributeProto.INTS else [attribute.i]
        if attribute.name in _COUNTS and any(not -(1 << 31) <= number < 1 << 31 for number in numbers):
            return f"attribute '{attribute.name}' is out of any range"
    return ""


def _name(kind: int) -> str:
    try:
        return AttributeProto.AttributeType.Name(kind)
    except ValueError:
        return f"of type {kind}"
