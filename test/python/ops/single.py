"""Modules of one Tpu op, written as text, through evaluation, code generation and the simulator.

The quantized ops are tested this way: an op gets exactly the types and weights that a test wants, whatever lowering
would make of a network, and evaluation and simulator must agree in every bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from harness import level_of

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
class Step:
    """An op that takes the result before it as its first operand and keeps the shape."""

    op: str
    element: str
    operands: Sequence[Operand | None] = ()
    attributes: str = ""


@dataclass(frozen=True)
class Single:
    """One op, and those that follow it: its name without dialect, attributes as text, operands (None for none), result
    shape and element."""

    op: str
    operands: Sequence[Operand | None]
    shape: tuple[int, ...]
    element: str
    attributes: str = ""
    name: str = field(default="")
    then: Sequence[Step] = ()

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


class _Text:
    """A function in the making."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.arguments: list[str] = []
        self.inputs: dict[str, np.ndarray] = {}
        self.weights: dict[str, np.ndarray] = {}
        self.count = 0

    def operand(self, operand: Operand | None) -> tuple[str, str]:
        """Name and type of an operand."""
        index, self.count = self.count, self.count + 1
        if operand is None:
            self.lines.append(f'    %n{index} = "top.None"() : () -> none loc(unknown)')
            return f"%n{index}", "none"
        kind = tensor(operand.shape, operand.element)
        if operand.is_weight:
            self.lines.append(f'    %w{index} = "top.Weight"() : () -> {kind} loc("w{index}")')
            self.weights[f"w{index}"] = stored_weight(operand)
            return f"%w{index}", kind
        self.arguments.append(f"%a{index}: {kind} loc(unknown)")
        self.lines.append(f'    %x{index} = "top.Input"(%a{index}) : ({kind}) -> {kind} loc("x{index}")')
        self.inputs[f"x{index}"] = operand.values
        return f"%x{index}", kind

    def op(self, name: str, op: str, operands: Sequence[tuple[str, str]], attributes: str, kind: str) -> None:
        """Appends an op."""
        names, types = (", ".join(part) for part in zip(*operands, strict=True))
        self.lines.append(f'    %{name} = "tpu.{op}"({names}) {{{attributes}}} : ({types}) -> {kind} loc("{name}")')


def text_of(single: Single) -> tuple[str, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The module, its inputs and its weights."""
    text = _Text()
    names = [f"s{index}" for index in range(len(single.then))] + ["y"]
    kind = tensor(single.shape, single.element)
    text.op(names[0], single.op, [text.operand(operand) for operand in single.operands], single.attributes, kind)
    for before, name, step in zip(names, names[1:], single.then, strict=False):
        operands = [(f"%{before}", kind), *(text.operand(operand) for operand in step.operands)]
        kind = tensor(single.shape, step.element)
        text.op(name, step.op, operands, step.attributes, kind)
    header = HEADER.format(weights="weights.npz", inputs=", ".join(f'"{name}"' for name in text.inputs))
    body = "\n".join(text.lines)
    return (
        f"""{header} {{
  func.func @main({", ".join(text.arguments)}) -> {kind} {{
{body}
    return %y : {kind} loc(unknown)
  }} loc(unknown)
}} loc(unknown)
""",
        text.inputs,
        text.weights,
    )


@dataclass(frozen=True)
class Compiled:
    """A compiled op, its inputs and what evaluation says, in the result's stored type."""

    model: Path
    inputs: Mapping[str, np.ndarray]
    evaluated: np.ndarray


def compile_single(single: Single, folder: Path, *, layer_group: bool = True, opt: int = 2) -> Compiled:
    """Evaluates the op and compiles it to a bmodel in ``folder``."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter

    text, inputs, weights = text_of(single)
    path = folder / "single_tpu.mlir"
    path.write_text(text)
    np.savez(folder / "weights.npz", **weights)  # type: ignore[arg-type]
    module = pipelines.load(path, ir.Context())
    (evaluated,) = ModuleInterpreter(module).run(inputs, native_types=True).in_order()
    pipelines.run(module, pipelines.final(opt=opt, layer_group=layer_group), folder / "single_final.mlir")
    pipelines.run(module, pipelines.codegen(folder / "single.bmodel"))
    return Compiled(folder / "single.bmodel", inputs, evaluated)


def check(single: Single, folder: Path) -> Compiled:
    """Evaluation and simulator agree in every bit, whichever engine goes first."""
    from tpu_mlir.runtime.bmodel import BModel

    compiled = compile_single(single, folder, opt=level_of(single.id))
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
