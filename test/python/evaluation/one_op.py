"""Shared by the tests of Top ops: one op evaluated on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tpu_mlir import ir
from tpu_mlir.evaluation import ModuleInterpreter

Operand = np.ndarray | None


def _type(shape: Sequence[int] | None) -> str:
    return "none" if shape is None else f"tensor<{''.join(f'{extent}x' for extent in shape)}f32>"


def module_text(
    op: str, operands: Sequence[Operand], attributes: str, results: Sequence[Sequence[int] | None], head: str = ""
) -> str:
    """A module whose function is one op. operands: None stands for an operand of type none. results: shapes; None for
    a result of type none. head: attributes of the module."""
    tensors = [(i, operand) for i, operand in enumerate(operands) if operand is not None]
    wanted = [(i, shape) for i, shape in enumerate(results) if shape is not None]
    returned = ", ".join(_type(shape) for _, shape in wanted)
    arguments = ", ".join(f"%a{i}: {_type(operand.shape)}" for i, operand in tensors)
    lines = [f"module attributes {{{head}}} {{", f"func.func @main({arguments}) -> ({returned}) {{"]
    lines.append('%none = "top.None"() : () -> none')
    for i, operand in tensors:
        lines.append(f'%x{i} = "top.Input"(%a{i}) : ({_type(operand.shape)}) -> {_type(operand.shape)} loc("x{i}")')
    names = ", ".join("%none" if operand is None else f"%x{i}" for i, operand in enumerate(operands))
    types = ", ".join(_type(None if operand is None else operand.shape) for operand in operands)
    location = ", ".join(f'"y{i}"' for i in range(len(results)))
    location = f"fused[{location}]" if len(results) > 1 else location
    outputs = f"%y:{len(results)}"
    lines.append(
        f'{outputs} = "top.{op}"({names}) {{{attributes}}} : ({types}) -> ({", ".join(map(_type, results))}) '
        f"loc({location})"
    )
    lines.append(f"return {', '.join(f'%y#{i}' for i, _ in wanted)} : {returned}")
    return "\n".join([*lines, "}", "}"])


def evaluate(
    op: str, operands: Sequence[Operand], attributes: str, results: Sequence[Sequence[int] | None], head: str = ""
) -> list[Operand]:
    """The results of one op; None for those of type none. The arguments are those of `module_text`."""
    module = ir.Module.parse(module_text(op, operands, attributes, results, head), ir.Context())
    inputs = {f"x{i}": operand for i, operand in enumerate(operands) if operand is not None}
    values = ModuleInterpreter(module).run(inputs).values
    return [None if shape is None else values[f"y{i}"] for i, shape in enumerate(results)]


def flag(value: bool) -> str:
    """A boolean as attribute."""
    return "true" if value else "false"
