"""One network of one result through all stages, for tests of ops that are lowered by way of others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

Arrays = Mapping[str, np.ndarray]


def float_stages(path: Path, inputs: Arrays, folder: Path, mode: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The result of the canonical module, of the lowered one and of the bmodel. mode: F32, F16 or BF16."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module

    module = pipelines.load(path, ir.Context())
    (top,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.lowering("bm1684x", mode, "tpu_weights.npz"), folder / "net_tpu.mlir")
    (tpu,) = evaluate_module(module, inputs).in_order()
    return top, tpu, _compiled(module, inputs, folder)


def quantized_stages(
    path: Path, inputs: Arrays, folder: Path, asymmetric: bool
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """All tensors of the canonical module, whose ranges are the calibration table, then the result of the INT8 module
    and of the bmodel."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module

    module = pipelines.load(path, ir.Context())
    values = dict(evaluate_module(module, inputs, every_tensor=True).values)
    lines = [f"{name} {np.abs(v).max():.7f} {v.min():.7f} {v.max():.7f}" for name, v in values.items()]
    (folder / "table").write_text("\n".join(lines) + "\n")
    how = pipelines.Lowering("bm1684x", "INT8", calibration_table=str(folder / "table"), asymmetric=asymmetric)
    pipelines.run(module, how.passes("tpu_weights.npz"), folder / "net_tpu.mlir")
    (tpu,) = evaluate_module(module, inputs).in_order()
    return values, tpu, _compiled(module, inputs, folder)


def _compiled(module: object, inputs: Arrays, folder: Path) -> np.ndarray:
    from tpu_mlir import pipelines
    from tpu_mlir.runtime.bmodel import BModel

    pipelines.run(module, pipelines.final(opt=1), folder / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(folder / "net.bmodel"))
    (value,) = BModel(folder / "net.bmodel").run(inputs).values()
    return value
