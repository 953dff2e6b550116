"""Every operator of the float tables in INT8: calibrated on its own input, lowered, evaluated, simulated.

Whatever form the lowering chooses (integers, tables, moved bytes, floats), the result has to be near the float result,
and the simulated bmodel has to give what the evaluation gives: the same bits where no op runs in floats.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
import test_activations
import test_elementwise
import test_matmul
import test_movement
import test_reductions
import test_resize
import test_windows
from harness import Row, build

LARGEST = 20_000
"""Elements of a row's inputs and constants; larger rows test tilings, which the float tests do."""

TABLES = (
    test_activations,
    test_elementwise,
    test_matmul,
    test_movement,
    test_reductions,
    test_resize,
    test_windows,
)
VARIANTS = [(False, "OnlyScale"), (True, "MultiplierShift")]
FLOAT_RESULT = re.compile(r'"tpu\.(?!Cast")\w+".*-> tensor<[0-9x]*(?:f16|f32|!quant\.calibrated)')


def _elements(row: Row) -> int:
    constants = [value if isinstance(value, tuple) else np.shape(value) for value in row.constants.values()]
    return sum(int(np.prod(shape)) for shape in [*row.shapes, *constants])


ROWS = [row for table in TABLES for row in table.ROWS if _elements(row) <= LARGEST]


def _write_table(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """The ranges of the tensors themselves: nothing is clipped."""
    lines = []
    for name, array in tensors.items():
        finite = array[np.isfinite(array)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        lines.append(f"{name} {max(abs(low), abs(high), 1e-6):.7f} {low:.7f} {high:.7f}")
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(("asymmetric", "rescaling"), VARIANTS, ids=["symmetric", "asymmetric"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_operator(row: Row, asymmetric: bool, rescaling: str, tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.frontend.onnx import convert_onnx
    from tpu_mlir.runtime.bmodel import BModel

    model, inputs = build(row)
    onnx.save(model, tmp_path / "model.onnx")
    converted = convert_onnx(tmp_path / "model.onnx", "model", directory=tmp_path)
    module = pipelines.load(tmp_path / "model_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "model.mlir")
    named = {converted.tensors.get(name, name): array for name, array in inputs.items()}
    top = evaluate_module(module, named, every_tensor=True)
    _write_table(tmp_path / "table.txt", top.values)
    lowering = pipelines.Lowering(
        "bm1684x",
        "INT8",
        calibration_table=str(tmp_path / "table.txt"),
        asymmetric=asymmetric,
        quant_mode=rescaling,
    )
    pipelines.run(module, lowering.passes("weights.npz"), tmp_path / "tpu.mlir")
    tpu = evaluate_module(module, named).in_order()
    pipelines.run(module, pipelines.final(), tmp_path / "final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "model.bmodel"))
    results = list(BModel(tmp_path / "model.bmodel").run(named).values())

    for actual, wanted in zip(tpu, top.in_order(), strict=True):
        a, b = np.nan_to_num(actual.astype(np.float64)).ravel(), np.nan_to_num(wanted.astype(np.float64)).ravel()
        size = np.linalg.norm(a) * np.linalg.norm(b)
        assert a @ b >= 0.99 * size, f"Tpu is far from Top: cosine {a @ b / size:.4f}"
    exact = not FLOAT_RESULT.search((tmp_path / "tpu.mlir").read_text())
    for actual, wanted in zip(results, tpu, strict=True):
        if exact:
            np.testing.assert_array_equal(actual, wanted)
        else:
            # The functions of the chip are some units of f32 off, which may tip a rounding to f16.
            np.testing.assert_allclose(actual, wanted, rtol=2**-9, atol=2**-9 * float(np.abs(wanted).max()))
