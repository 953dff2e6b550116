"""Recurrent layers, unrolled before the lowering: bmodel, Tpu and Top modules agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

STEPS, BATCH, INPUTS, HIDDEN = 5, 3, 6, 20


def write(folder: Path, op: str, directions: int, attributes: str, layout: str, states: str, results: str) -> Path:
    """A module with one layer. layout: "steps", "batch" or "torch"; states: "none", "zero" (constants) or "given";
    results: which of Y, Y_h, Y_c are wanted, as a string of the letters yhc."""
    gates = 4 if op == "LSTM" else 3
    rows = gates * HIDDEN
    generator = np.random.default_rng(5)
    batch_first = layout == "batch"
    state = [BATCH, directions, HIDDEN] if batch_first else [directions, BATCH, HIDDEN]
    every = {
        "steps": [STEPS, directions, BATCH, HIDDEN],
        "batch": [BATCH, STEPS, directions, HIDDEN],
        "torch": [STEPS, BATCH, directions, HIDDEN],
    }[layout]
    inputs = {"x": [BATCH, STEPS, INPUTS] if batch_first else [STEPS, BATCH, INPUTS]}
    weights = {"w": [directions, rows, INPUTS], "r": [directions, rows, HIDDEN], "b": [directions, 2 * rows]}
    names = ["x", "w", "r", "b"]
    for name in ("h", "c")[: 2 if op == "LSTM" else 1]:
        names.append("none" if states == "none" else name)
        if states != "none":
            (weights if states == "zero" else inputs)[name] = state
    names += ["none"] if op == "LSTM" else []

    def type_of(shape: list[int] | None) -> str:
        return "none" if shape is None else f"tensor<{''.join(f'{extent}x' for extent in shape)}f32>"

    lines = ['%none = "top.None"() : () -> none']
    for name, shape in inputs.items():
        lines.append(f'%{name} = "top.Input"(%in_{name}) : ({type_of(shape)}) -> {type_of(shape)} loc("{name}")')
    arrays = {}
    for name, shape in weights.items():
        lines.append(f'%{name} = "top.Weight"() : () -> {type_of(shape)} loc("{name}")')
        scale = 0 if name in "hc" else 1 / np.sqrt(HIDDEN)
        arrays[name] = (scale * generator.uniform(-1, 1, shape)).astype(np.float32)
    np.savez(folder / "weights.npz", **arrays)
    shapes = [every, state, state][: 3 if op == "LSTM" else 2]
    wanted = [shape if letter in results else None for letter, shape in zip("yhc", shapes, strict=False)]
    types = ", ".join(type_of((inputs | weights).get(name)) for name in names)
    location = ", ".join(f'"y{i}"' for i in range(len(wanted)))
    lines.append(
        f'%y:{len(wanted)} = "top.{op}"({", ".join("%" + name for name in names)}) {{hidden_size = {HIDDEN} : i64, '
        f"bidirectional = {str(directions == 2).lower()}, batch_first = {str(batch_first).lower()}{attributes}}} : "
        f"({types}) -> ({', '.join(map(type_of, wanted))}) loc(fused[{location}])"
    )
    returned = [i for i, shape in enumerate(wanted) if shape is not None]
    result_types = ", ".join(type_of(wanted[i]) for i in returned)
    platform = "TORCH" if layout == "torch" else "ONNX"
    head = (
        f'module @net attributes {{module.chip = "ALL", module.platform = "{platform}", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {'
    )
    arguments = ", ".join(f"%in_{name}: {type_of(shape)}" for name, shape in inputs.items())
    lines.append(f"return {', '.join(f'%y#{i}' for i in returned)} : {result_types}")
    path = folder / "net.mlir"
    path.write_text(f"{head}\nfunc.func @main({arguments}) -> ({result_types}) {{\n" + "\n".join(lines) + "\n}\n}\n")
    return path


CASES = [
    ("LSTM", 1, "", "steps", "none", "yhc"),
    ("LSTM", 2, "", "steps", "given", "yhc"),
    ("LSTM", 2, "", "batch", "given", "yc"),
    ("LSTM", 2, "", "torch", "zero", "yh"),
    ("LSTM", 1, "", "batch", "none", "h"),
    ("GRU", 1, "", "steps", "none", "yh"),
    ("GRU", 2, "", "torch", "given", "yh"),
    ("GRU", 1, ", linear_before_reset = false", "batch", "none", "yh"),
    ("GRU", 2, ", linear_before_reset = false", "steps", "given", "y"),
]


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16", "INT8"])
@pytest.mark.parametrize(("op", "directions", "attributes", "layout", "states", "results"), CASES)
def test_layer(
    op: str,
    directions: int,
    attributes: str,
    layout: str,
    states: str,
    results: str,
    mode: str,
    tmp_path: Path,
) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter, evaluate_module
    from tpu_mlir.runtime.bmodel import BModel

    path = write(tmp_path, op, directions, attributes, layout, states, results)
    module = pipelines.load(path, ir.Context())
    interpreter = ModuleInterpreter(module)
    generator = np.random.default_rng(1)
    ports = {"x": (BATCH, STEPS, INPUTS) if layout == "batch" else (STEPS, BATCH, INPUTS)}
    state = (BATCH, directions, HIDDEN) if layout == "batch" else (directions, BATCH, HIDDEN)
    inputs = {
        name: generator.uniform(-1, 1, ports.get(name, state)).astype(np.float32) for name in interpreter.input_names
    }
    every = interpreter.run(inputs, every_tensor=True).values
    top = evaluate_module(module, inputs).in_order()
    table = None
    if mode == "INT8":
        table = tmp_path / "table"
        table.write_text("".join(f"{name} {np.abs(v).max()} {v.min()} {v.max()}\n" for name, v in every.items()))
    how = pipelines.Lowering("bm1684x", mode, calibration_table=None if table is None else str(table))
    pipelines.run(module, how.passes("tpu_weights.npz"), tmp_path / "net_tpu.mlir")
    assert f"top.{op}" not in (tmp_path / "net_tpu.mlir").read_text()
    tpu = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.final(opt=1), tmp_path / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    values = list(BModel(tmp_path / "net.bmodel").run(inputs).values())
    # States are within ±1 (c within ±5); some roundings per step, of which the gates keep a part.
    tolerance = {"F32": 2.0**-18, "F16": 2.0**-7, "BF16": 2.0**-4, "INT8": 2.0**-5}[mode]
    for found, wanted in zip(tpu, top, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)
    for found, wanted in zip(values, tpu, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)
