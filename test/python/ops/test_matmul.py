"""Matrix products: onnxruntime → Top → Tpu → bmodel for batches, broadcasting, transposes, sizes that need tiling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import harness
import numpy as np
import pytest
from harness import Row


def small(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values that keep long sums near 1, where f32 implementations differ little."""
    return (0.2 * generator.standard_normal(shape)).astype(np.float32)


SUMS: dict[str, Any] = {"floor": 1.0, "tolerance": 8, "values": small}


def product(left: tuple[int, ...], right: tuple[int, ...], *, constant: bool = False, **fields: Any) -> Row:
    """left @ right; the right matrix computed or constant."""
    if constant:
        return Row("MatMul", [left], constants={1: right}, **{**SUMS, **fields})
    return Row("MatMul", [left, right], **{**SUMS, **fields})


def gemm(left: tuple[int, ...], right: tuple[int, ...], bias: tuple[int, ...] | None = None, **options: Any) -> Row:
    """Gemm with a constant right matrix."""
    constants: dict[int, Any] = {1: right}
    if bias is not None:
        constants[2] = bias
    return Row("Gemm", [left], options, constants, **{**SUMS, "tolerance": 32})


ROWS = [
    product((4, 5), (5, 6)),
    product((1, 512), (512, 1000), constant=True),
    product((65, 130), (130, 70), constant=True),
    product((2, 3, 33, 47), (2, 3, 47, 29)),
    product((2, 3, 33, 47), (47, 29)),
    product((2, 1, 10, 20), (1, 3, 20, 15)),
    product((3, 10, 20), (1, 20, 15)),
    product((20,), (20, 9)),
    product((7, 20), (20,)),
    product((197, 768), (768, 768), constant=True),
    product((2, 4096), (4096, 1024), constant=True, modes=("F32", "F16"), tolerance=64),
    product((3, 40000), (40000, 17), constant=True, modes=("F32", "F16"), tolerance=32),
    product((300, 64), (64, 3000), constant=True, modes=("F32", "F16")),
    product((1000, 1000), (1000, 100), modes=("F32", "F16")),
    product((70000, 3), (3, 5), constant=True, modes=("F32", "F16")),
    gemm((3, 20), (20, 30), (30,)),
    gemm((3, 20), (30, 20), (30,), transB=1),
    gemm((20, 3), (20, 30), (30,), transA=1),
    gemm((200, 130), (200, 90), transA=1),
    gemm((5, 128), (64, 128), (64,), transB=1, alpha=0.5, beta=2.0),
    gemm((128, 2048), (1000, 2048), (1000,), transB=1),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_product(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
