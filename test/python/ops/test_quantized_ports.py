"""Inputs and outputs in 8 bits: real values are quantized on the way in and come back as real values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, compile_single, quantized

TYPES = [("i8", 0.05, 0), ("i8", 0.05, -13), ("u8", 0.02, 0), ("u8", 0.02, 128)]


def doubled(storage: str, scale: float, zero_point: int) -> Single:
    """A permutation, which leaves the numbers as they are."""
    shape = (2, 5, 7)
    values = np.zeros(shape, np.int8 if storage == "i8" else np.uint8)
    element = quantized(storage, scale, zero_point)
    return Single("Permute", [Operand(shape, element, values), None], (5, 7, 2), element, "order = [1, 2, 0]")


@pytest.mark.parametrize(("storage", "scale", "zero_point"), TYPES)
def test_real_values_go_in_and_come_out(storage: str, scale: float, zero_point: int, tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter
    from tpu_mlir.runtime.bmodel import BModel

    model = BModel(compile_single(doubled(storage, scale, zero_point), tmp_path).model)
    (given,), (made,) = model.inputs(), model.outputs()
    assert given.dtype == made.dtype == ("int8" if storage == "i8" else "uint8")
    assert given.scale == np.float32(1 / scale) and made.scale == np.float32(scale)
    assert given.zero_point == made.zero_point == zero_point

    values = np.random.default_rng(3).normal(0, 4, (2, 5, 7)).astype(np.float32)
    (result,) = model.run({"x0": values}).values()
    module = pipelines.load(tmp_path / "single_tpu.mlir", ir.Context())
    (wanted,) = ModuleInterpreter(module).run({"x0": values}).in_order()
    np.testing.assert_array_equal(result, wanted)
    low, high = (-128, 127) if storage == "i8" else (0, 255)
    inside = np.clip(values, (low - zero_point) * scale, (high - zero_point) * scale)
    assert np.abs(result - inside.transpose(1, 2, 0)).max() <= scale * 0.5001


def test_halves_are_rounded_away_from_zero_and_large_values_saturate(tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model = BModel(compile_single(doubled("i8", 0.5, 0), tmp_path).model)
    values = np.zeros((2, 5, 7), np.float32)
    values.reshape(-1)[:7] = [0.25, -0.25, 0.75, 1e9, -1e9, np.inf, 63.7]
    (raw,) = model.run({"x0": values}, raw_outputs=True).values()
    assert raw.transpose(2, 0, 1).reshape(-1)[:7].tolist() == [1, -1, 2, 127, -128, 127, 127]


def test_integers_are_taken_as_they_are(tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    model = BModel(compile_single(doubled("u8", 0.5, 3), tmp_path).model)
    values = np.arange(70, dtype=np.uint8).reshape(2, 5, 7)
    (raw,) = model.run({"x0": values}, raw_outputs=True).values()
    np.testing.assert_array_equal(raw, values.transpose(1, 2, 0))
