"""--high_precision: ops whose results suffer most from short numbers are computed and kept in f32.

It is a quantize table that the command writes itself; lines of the user's own table come first.
"""

from __future__ import annotations

from pathlib import Path

from .. import ir
from ..search.tables import quantize_table_text, read_quantize_table

SENSITIVE = frozenset(
    f"top.{name}"
    for name in (
        "Softmax", "LayerNorm", "Reduce", "Div", "Reciprocal", "Exp", "Log", "Sqrt", "Rsqrt", "Softplus",
    )
)  # fmt: skip
"""Sums of many terms, quotients, and functions that grow or fall without bound."""


def precise_table(module: ir.Module, own: Path | None) -> str | None:
    """The text of the table: the user's lines and F32 for the sensitive ops; None where it would be empty.

    Raises:
        UserError: the user's table has a line that makes no sense, or a name that the network lacks.
    """
    ops: dict[str, str] = {}

    def visit(op: ir.OpView) -> None:
        if op.operation.name.startswith("top.") and op.name not in ("top.None", "top.Weight"):
            ops[op.location.name_str or ""] = op.name

    module.operation.walk(visit)
    table = read_quantize_table(own, ops) if own is not None else {}
    for name, kind in ops.items():
        if kind in SENSITIVE and name:
            table.setdefault(name, "F32")
    return quantize_table_text(table, ["made for --high_precision"]) if table else None
