"""Top ops that the chip has no op for reach it as others: every one through all stages, to the simulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir import ir, pipelines
from tpu_mlir.evaluation import evaluate_module
from tpu_mlir.runtime.bmodel import BModel

HEAD = (
    'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
    'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {\n'
)


@dataclass(frozen=True)
class Case:
    """An op of computed inputs and constants; ``operands`` names them: x0, x1 ... and w0, w1 ..., or none."""

    op: str
    operands: str
    shapes: list[tuple[int, ...]]
    attributes: str
    constants: list[list[float]] = field(default_factory=list)
    results: int = 1


MASKS = "begin_mask = 0 : i64, end_mask = 2 : i64, ellipsis_mask = 1 : i64, new_axis_mask = 0 : i64"
CASES = [
    Case("Split", "x0", [(1, 8, 5, 6)], "axis = 1 : si32, num = 3 : i64, split_size = [1, 5, 2]", results=3),
    Case("Pack", "x0 x1", [(2, 9, 7)] * 2, "axis = 1 : si32, values_count = 2 : i64"),
    Case("Unpack", "x0", [(2, 3, 40)], "axis = 1 : si32", results=3),
    Case("Reverse", "x0", [(2, 3, 9, 11)], "axis = 2 : i64"),
    Case("ShuffleChannel", "x0", [(1, 12, 5, 6)], "group = 3 : i64"),
    Case("SwapDimInner", "x0", [(1, 8, 8, 5)], "offset = [0, 3, 5, 0]"),
    Case("View", "x0 w0", [(2, 3, 20)], "", [[6, -1]]),
    Case("SliceAxis", "x0 w0 w1 none w2", [(2, 9, 20)], "", [[1], [-4], [1e30]]),
    Case("StridedSlice", "x0 w0 w1 w2", [(2, 3, 9)], f"{MASKS}, shrink_axis_mask = 0 : i64", [[0, 1], [0, 0], [1, 2]]),
    Case("StridedSlice", "x0 w0 w1 w2", [(2, 3, 9)], f"{MASKS}, shrink_axis_mask = 2 : i64", [[0, 1], [0, 0], [1, 1]]),
    Case("Expand", "x0", [(3, 1)], "shape = [4, 3, 5]"),
    Case("Repeat", "x0 w0", [(3, 4)], "", [[2, 1, 3]]),
    Case("MeshGrid", "x0 x1", [(6,), (7,)], "is_reverse = true", results=2),
    Case("List", "x0 x1", [(6,), (7,)], ""),
    Case("ConcatSlice", "x0 x1", [(1, 8, 4, 5), (1, 3, 4, 5)], "axis = 1 : i64"),
    Case("Insert", "x0 x1", [(1, 8, 4, 5), (1, 3, 4, 5)], "axis = 1 : i64, offset = 2 : i64"),
    Case("RandnLike", "x0 x1", [(2, 5), (2, 5)], ""),
    Case("Einsum", "x0 x1", [(2, 3, 4, 8), (2, 3, 5, 8)], 'mode = "bhid,bhjd->bhij"'),
    Case("Einsum", "x0 x1", [(2, 3, 4, 5), (4, 5, 6)], 'mode = "abcd,cde->abe"'),
    Case("Einsum", "x0 w0", [(2, 3, 4)], 'mode = "bij,j->bi"', [[1, 2, 3, 4]]),
    Case("Einsum", "x0", [(5, 5)], 'mode = "ii->i"'),
    Case("Einsum", "x0 x1", [(2, 3, 4), (3, 5)], 'mode = "abc,bd->adc"'),
]


def network(case: Case, folder: Path) -> Path:
    """A module whose results also pass an op that computes."""
    np.savez(
        folder / "weights.npz", unused=np.zeros(1), **{f"w{i}": np.float32(v) for i, v in enumerate(case.constants)}
    )
    types = {f"x{i}": f"tensor<{'x'.join(map(str, shape))}xf32>" for i, shape in enumerate(case.shapes)}
    lines = [f"func.func @main({', '.join(f'%in_{n}: {t}' for n, t in types.items())}) -> "]
    lines[0] += f"({', '.join(['tensor<*xf32>'] * case.results)}) {{"
    lines.append('%none = "top.None"() : () -> none')
    lines += [f'%{n} = "top.Input"(%in_{n}) : ({t}) -> {t} loc("{n}")' for n, t in types.items()]
    for i, values in enumerate(case.constants):
        types[f"w{i}"] = f"tensor<{len(values)}xf32>"
        lines.append(f'%w{i} = "top.Weight"() : () -> {types[f"w{i}"]} loc("w{i}")')
    types["none"] = "none"
    names = case.operands.split()
    places = ", ".join(f'"y{i}"' for i in range(case.results))
    results = ", ".join(["tensor<*xf32>"] * case.results)
    lines.append(
        f'%y:{case.results} = "top.{case.op}"({", ".join(f"%{n}" for n in names)}) {{{case.attributes}}} : '
        f"({', '.join(types[n] for n in names)}) -> ({results}) "
        f"loc({f'fused[{places}]' if case.results > 1 else places})"
    )
    for i in range(case.results):
        lines.append(
            f'%z{i} = "top.AddConst"(%y#{i}) {{const_val = 1.0 : f64}} : (tensor<*xf32>) -> tensor<*xf32> loc("z{i}")'
        )
    lines.append(f"return {', '.join(f'%z{i}' for i in range(case.results))} : {results}\n}}\n}}\n")
    path = folder / "net.mlir"
    path.write_text(HEAD + "\n".join(lines))
    return path


@pytest.mark.parametrize("mode", ["F32", "F16"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.op}-{case.attributes}".replace(" ", ""))
def test_every_op_reaches_the_chip(case: Case, mode: str, tmp_path: Path) -> None:
    path = network(case, tmp_path)
    generator = np.random.default_rng(1)
    inputs = {f"x{i}": generator.standard_normal(shape).astype(np.float32) for i, shape in enumerate(case.shapes)}
    plain = pipelines.load(path, ir.Context())
    pipelines.run(plain, ["shape-infer"])
    reference = evaluate_module(plain, inputs).in_order()
    module = pipelines.load(path, ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "model.mlir")
    pipelines.run(module, pipelines.lowering("bm1684x", mode, "tpu_weights.npz"), tmp_path / "model_tpu.mlir")
    pipelines.run(module, pipelines.final(), tmp_path / "model_final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "model.bmodel"))
    model = BModel(tmp_path / "model.bmodel")
    found = list(model.run({name: inputs[name] for spec in model.inputs() for name in [spec.name]}).values())
    tolerance = {"F32": 1e-5, "F16": 4e-3}[mode]
    for array, expected in zip(found, reference, strict=True):
        np.testing.assert_allclose(array.reshape(expected.shape), expected, rtol=tolerance, atol=tolerance)
