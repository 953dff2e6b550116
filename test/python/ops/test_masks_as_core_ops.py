"""Choices by constant conditions, triangles, running sums and bounds, compiled by way of ops that the chip has: bmodel,
Tpu and Top modules agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

TYPE = "tensor<2x4x6x6xf32>"
MASK = "tensor<6x6xf32>"
# Lines that make %y from %x, the mask %m and %none.
BODIES = {
    "MaskedFill": [
        f'%y = "top.MaskedFill"(%m, %x) {{inversed = true, const_val = -3.5 : f64}} : ({MASK}, {TYPE}) -> {TYPE} '
        'loc("y")'
    ],
    "Where": [
        f'%r = "top.Relu"(%x) : ({TYPE}) -> {TYPE} loc("r")',
        f'%y = "top.Where"(%m, %x, %r) : ({MASK}, {TYPE}, {TYPE}) -> {TYPE} loc("y")',
    ],
    "Trilu": [f'%y = "top.Trilu"(%x) {{upper = 1 : si32, diagonal = -1 : si32}} : ({TYPE}) -> {TYPE} loc("y")'],
    "CumSum": [f'%y = "top.CumSum"(%x, %none) {{axis = 1 : i64}} : ({TYPE}, none) -> {TYPE} loc("y")'],
    "CumSum of the last axis": [f'%y = "top.CumSum"(%x, %none) {{axis = 3 : i64}} : ({TYPE}, none) -> {TYPE} loc("y")'],
    "bound": [
        f'%b = "top.CompareConst"(%x) {{const_val = 0.5 : f64, inversed = false, mode = "Less"}} : ({TYPE}) -> {TYPE} '
        'loc("b")',
        f'%y = "top.MaskedFill"(%b, %x) {{inversed = true, const_val = 0.5 : f64}} : ({TYPE}, {TYPE}) -> {TYPE} '
        'loc("y")',
    ],
}


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("kind", BODIES)
def test_masks(kind: str, mode: str, tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.runtime.bmodel import BModel

    generator = np.random.default_rng(2)
    np.savez(tmp_path / "weights.npz", m=generator.integers(0, 2, (6, 6)).astype(np.float32))
    lines = [
        'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {',
        f"func.func @main(%a: {TYPE}) -> {TYPE} {{",
        '%none = "top.None"() : () -> none',
        f'%x = "top.Input"(%a) : ({TYPE}) -> {TYPE} loc("x")',
        f'%m = "top.Weight"() : () -> {MASK} loc("m")',
        *BODIES[kind],
        f"return %y : {TYPE}",
        "}",
        "}",
    ]
    path = tmp_path / "net.mlir"
    path.write_text("\n".join(lines))
    inputs = {"x": generator.standard_normal((2, 4, 6, 6)).astype(np.float32)}
    module = pipelines.load(path, ir.Context())
    (top,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.lowering("bm1684x", mode, "tpu_weights.npz"), tmp_path / "net_tpu.mlir")
    (tpu,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.final(opt=1), tmp_path / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    (value,) = BModel(tmp_path / "net.bmodel").run(inputs).values()
    # Values of the order of 1, each a sum of at most six of them, rounded to the mode's type.
    tolerance = 8 * {"F32": 2.0**-21, "F16": 2.0**-10, "BF16": 2.0**-7}[mode]
    np.testing.assert_allclose(tpu, top, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(value, tpu, rtol=tolerance / 2, atol=tolerance / 2)
