"""Functions of one 8-bit value, for all 256 values: the float result, rounded to the step of the 8-bit one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from harness import Row, build, uniform

# Rows give the name, attributes and opset; the values are the grid of the input's quantization, up to `limit`.
FUNCTIONS = [
    (Row("Sigmoid", [(256,)]), 8.0),
    (Row("Tanh", [(256,)]), 4.0),
    (Row("Exp", [(256,)]), 5.0),
    (Row("Erf", [(256,)]), 3.0),
    (Row("Ceil", [(256,)]), 20.0),
    (Row("Floor", [(256,)]), 20.0),
    (Row("Sign", [(256,)]), 1.0),
    (Row("Sin", [(256,)]), 7.0),
    (Row("Cos", [(256,)]), 7.0),
    (Row("Abs", [(256,)]), 3.0),
    (Row("Relu", [(256,)]), 3.0),
    (Row("LeakyRelu", [(256,)], {"alpha": 0.1}), 3.0),
    (Row("Elu", [(256,)], {"alpha": 0.7}), 5.0),
    (Row("HardSigmoid", [(256,)], {"alpha": 0.2, "beta": 0.5}), 4.0),
    (Row("HardSwish", [(256,)]), 5.0),
    (Row("Softplus", [(256,)]), 6.0),
    (Row("Softsign", [(256,)]), 6.0),
    (Row("Mish", [(256,)], opset=18), 6.0),
    (Row("Gelu", [(256,)], opset=20), 4.0),
    (Row("Gelu", [(256,)], {"approximate": "tanh"}, opset=20), 4.0),
    (Row("Neg", [(256,)]), 4.0),
    (Row("Sqrt", [(256,)], values=uniform(0, 1)), 9.0),
    (Row("Log", [(256,)], values=uniform(0, 1)), 9.0),
]


@pytest.mark.parametrize(("function", "limit"), FUNCTIONS, ids=[row.id for row, _ in FUNCTIONS])
def test_every_value(function: Row, limit: float, tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.frontend.onnx import convert_onnx
    from tpu_mlir.runtime.bmodel import BModel

    positive = function.op in ("Sqrt", "Log")
    step = np.float32(limit / (255 if positive else 127))
    grid = (np.arange(256) if positive else np.arange(-128, 128)).astype(np.float32) * step
    model, _ = build(replace(function, values=lambda generator, shape: grid))
    onnx.save(model, tmp_path / "model.onnx")
    converted = convert_onnx(tmp_path / "model.onnx", "model", directory=tmp_path)
    module = pipelines.load(tmp_path / "model_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "model.mlir")
    inputs = {converted.tensors.get("x0", "x0"): grid}
    # Log of 0 saturates; nothing is asked of it.
    inner = grid[1:] if function.op == "Log" else grid
    wanted = evaluate_module(module, inputs).in_order()[0]
    finite = wanted[np.isfinite(wanted)]
    low, high = float(finite.min()), float(finite.max())
    (name,) = inputs
    (result,) = evaluate_module(module, inputs).outputs
    threshold = max(abs(low), abs(high))
    table = f"{name} {limit} {grid[0]} {limit}\n{result} {threshold} {low} {high}\n"
    (tmp_path / "table.txt").write_text(table)
    lowering = pipelines.Lowering("bm1684x", "INT8", calibration_table=str(tmp_path / "table.txt"))
    pipelines.run(module, lowering.passes("weights.npz"), tmp_path / "tpu.mlir")
    actual = evaluate_module(module, inputs).in_order()[0]
    pipelines.run(module, pipelines.final(), tmp_path / "final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "model.bmodel"))
    simulated = next(iter(BModel(tmp_path / "model.bmodel").run(inputs).values()))

    np.testing.assert_array_equal(simulated, actual)
    unit = threshold / (255 if low >= 0 else 127)
    tail = slice(len(grid) - len(inner), None)
    # Half a step, and what f32 and the rounding of the scales in the table are off.
    np.testing.assert_allclose(actual[tail], wanted[tail], rtol=1e-5, atol=unit * 0.5001 + 1e-6)
