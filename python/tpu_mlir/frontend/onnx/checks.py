"""What the standard says of a node's attributes, checked before anybody reads them."""

from __future__ import annotations

import onnx
from onnx import AttributeProto, NodeProto


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
    return ""


def _name(kind: int) -> str:
    try:
        return AttributeProto.AttributeType.Name(kind)
    except ValueError:
        return f"of type {kind}"
