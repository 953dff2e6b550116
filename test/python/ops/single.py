"""Modules of one Tpu op, written as text, through evaluation, code generation and the simulator.

The quantized ops are tested this way: an op gets exactly the types and weights that a test wants, whatever lowering
would make of a network, and evaluation and simulator must agree in every bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HEADER = (
    'module @single attributes {{module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", '
    'module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "{weights}", '
    'module.asymmetric = false, module.FLOPs = 0 : i64, module.inputs = [{inputs}], module.outputs = ["y"]}}'
)


def quantized(storage: str, scale: float, zero_point: int = 0) -> str:
    """The element type of 8-bit values, "i8" or "u8"."""
    return f"!quant.uniform<{storage}:f32, {scale!r}" + (f":{zero_point}>" if zero_point else ">")


def tensor(shape: Sequence[int], element: str) -> str:
    """A tensor type."""
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


@dataclass(frozen=True)
class Operand:
    """A computed operand (``values`` are fed) or a weight (``values`` are stored in the weight file)."""

    shape: tuple[int, ...]
    element: str
    values: np.ndarray
    is_weight: bool = False


@dataclass(frozen=True)
class Single:
    """One op: its name without dialect, attributes as text, operands (None for none), result shape and element."""

    op: str
    operands: Sequence[Operand | None]
    shape: tuple[int, ...]
    element: str
    attributes: str = ""
    name: str = field(default="")

    @property
    def id(self) -> str:
        """The name of the test."""
        if self.name:
            return f"{self.op}-{self.name}"
        kinds = [
            "x".join(map(str, o.shape)) + o.element.replace("!quant.uniform", "").replace(" ", "")
            for o in self.operands
            if o
        ]
        return f"{self.op}-{'+'.join(kinds)}-{self.element.replace('!quant.uniform', '').replace(' ', '')}"


def stored_weight(operand: Operand) -> np.ndarray:
    """A weight as files of weights have it: halves by their bits."""
    values = operand.values
    if operand.element == "f16":
        return values.astype(np.float16).view(np.uint16)
    if operand.element == "bf16":
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return values


def text_of(single: Single) -> tuple[str, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The module, its inputs and its weights."""
    lines, names, types, inputs, weights, arguments = [], [], [], {}, {}, []
    for index, operand in enumerate(single.operands):
        if operand is None:
            lines.append(f'    %n{index} = "top.None"() : () -> none loc(unknown)')
            names.append(f"%n{index}")
            types.append("none")
            continue
        kind = tensor(operand.shape, operand.element)
        if operand.is_weight:
            lines.append(f'    %w{index} = "top.Weight"() : () -> {kind} loc("w{index}")')
            weights[f"w{index}"] = stored_weight(operand)
            names.append(f"%w{index}")
        else:
            arguments.append(f"%a{index}: {kind} loc(unknown)")
            lines.append(f'    %x{index} = "top.Input"(%a{index}) : ({kind}) -> {kind} loc("x{index}")')
            inputs[f"x{index}"] = operand.values
            names.append(f"%x{index}")
        types.append(kind)
    result = tensor(single.shape, single.element)
    header = HEADER.format(weights="weights.npz", inputs=", ".join(f'"{name}"' for name in inputs))
    body = "\n".join(lines)
    text = f"""{header} {{
  func.func @main({", ".join(arguments)}) -> {result} {{
{body}
    %y = "tpu.{single.op}"({", ".join(names)}) {{{single.attributes}}} : ({", ".join(types)}) -> {result} loc("y")
    return %y : {result} loc(unknown)
  }} loc(unknown)
}} loc(unknown)
"""
    return text, inputs, weights


@dataclass(frozen=True)
class Compiled:
    """A compiled op, its inputs and what evaluation says, in the result's stored type."""

    model: Path
    inputs: Mapping[str, np.ndarray]
    evaluated: np.ndarray


def compile_single(single: Single, folder: Path, *, layer_group: bool = True) -> Compiled:
    """Evaluates the op and compiles it to a bmodel in ``folder``."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter

    text, inputs, weights = text_of(single)
    path = folder / "single_tpu.mlir"
    path.write_text(text)
    np.savez(folder / "weights.npz", **weights)  # type: ignore[arg-type]
    module = pipelines.load(path, ir.Context())
    (evaluated,) = ModuleInterpreter(module).run(inputs, native_types=True).in_order()
    pipelines.run(module, pipelines.final(layer_group=layer_group), folder / "single_final.mlir")
    pipelines.run(module, pipelines.codegen(folder / "single.bmodel"))
    return Compiled(folder / "single.bmodel", inputs, evaluated)


def check(single: Single, folder: Path) -> Compiled:
    """Evaluation and simulator agree in every bit, whichever engine goes first."""
    from tpu_mlir.runtime.bmodel import BModel

    compiled = compile_single(single, folder)
    model = BModel(compiled.model)
    for schedule in ("gdma", "tiu"):
        (value,) = model.run(compiled.inputs, raw_outputs=True, schedule=schedule).values()
        np.testing.assert_array_equal(bits_of(value), bits_of(compiled.evaluated), err_msg=f"{schedule} first")
    return compiled


def bits_of(values: np.ndarray) -> np.ndarray:
    """The stored bits, so that halves compare whatever NumPy type they have; both zeros of a float are one."""
    if values.dtype == np.float16:
        values = values.view(np.uint16)
    if values.dtype == np.uint16:
        return np.where(values == 0x8000, 0, values)
    if values.dtype == np.float32:
        return (values + np.float32(0)).view(np.uint32)
    return values
