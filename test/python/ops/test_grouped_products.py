"""Matrix products as members of groups and in parts: vectors over channels, tokens over channels, sums of parts of the
inner axis when local memory is small. Every way gives the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, Step, bits_of, compile_single, quantized, text_of
from test_quantized_elementwise import GENERATOR, real, stored

I8, U8 = quantized("i8", 0.05), quantized("u8", 0.03)


def matrix(rows: int, columns: int, element: str) -> Operand:
    """A constant right matrix."""
    if element == "si8":
        return Operand((rows, columns), "si8", GENERATOR.integers(-127, 128, (rows, columns)).astype(np.int8), True)
    return real((rows, columns), element, 0.5, is_weight=True)


def bias(columns: int, element: str) -> Operand:
    """One value per column."""
    if element == "si8":
        return Operand((columns,), "i32", GENERATOR.integers(-3000, 3001, columns).astype(np.int32), True)
    return real((columns,), "f32", 4, is_weight=True)


def factors(rows: int, columns: int) -> str:
    """Attributes of a product of bytes whose sums fill the result's range."""
    scales = ", ".join(repr(float(v)) for v in GENERATOR.uniform(0.5, 1.5, columns) / (73 * np.sqrt(rows)))
    return f"quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [{scales}]"


def product(shape: tuple[int, ...], columns: int, element: str, name: str, *then: Step) -> Single:
    """A computed left tensor times a constant matrix, then other ops."""
    rows, result = shape[-1], (*shape[:-1], columns)
    if element == "si8":
        left, kind, attributes = stored(shape, "i8", 0.05), I8, factors(rows, columns)
    else:
        left, kind, attributes = real(shape, element), element, ""
    operands = [left, matrix(rows, columns, element), bias(columns, element), None, None]
    return Single("MatMul", operands, result, kind, attributes, name, then)


def square(columns: int, element: str) -> Step:
    """A product that keeps the shape."""
    kind, attributes = (I8, factors(columns, columns)) if element == "si8" else (element, "do_relu = true")
    operands = [matrix(columns, columns, element), bias(columns, element), None, None]
    return Step("MatMul", kind, operands, attributes)


def table() -> Step:
    """A look-up."""
    values = GENERATOR.integers(0, 256, (1, 1, 1, 256)).astype(np.uint8)
    return Step("Lut", U8, [Operand((1, 1, 1, 256), "ui8", values, True)])


def results_of(single: Single, folder: Path) -> list[np.ndarray]:
    """What bmodels give whose groups differ."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.runtime.bmodel import BModel

    text, inputs, weights = text_of(single)
    (folder / "single_tpu.mlir").write_text(text)
    np.savez(folder / "weights.npz", **weights)  # type: ignore[arg-type]
    results = []
    for number, (opt, budget) in enumerate([(2, 0), (0, 0), (1, 48 * 1024), (2, 48 * 1024)]):
        module = pipelines.load(folder / "single_tpu.mlir", ir.Context())
        pipelines.run(module, pipelines.final(groups=pipelines.LayerGroups(opt, budget=budget)))
        pipelines.run(module, pipelines.codegen(folder / f"{number}.bmodel"))
        model = BModel(folder / f"{number}.bmodel")
        assert not model.hazards()
        for schedule in ("gdma", "tiu"):
            (value,) = model.run(inputs, raw_outputs=True, schedule=schedule).values()
            results.append(bits_of(value))
    return results


CASES = [
    product((1, 200), 130, "si8", "vector", square(130, "si8"), table(), square(130, "si8")),
    product((1, 200), 130, "f16", "vector f16", square(130, "f16"), Step("Relu", "f16"), square(130, "f16")),
    product((1, 200), 130, "bf16", "vector bf16", square(130, "bf16"), Step("Cast", "f32")),
    product((1, 200), 130, "f32", "vector f32", square(130, "f32")),
    product((1, 70, 100), 90, "si8", "tokens", square(90, "si8"), table()),
    product((1, 150, 100), 90, "f16", "tokens f16", square(90, "f16"), Step("Relu", "f16")),
    product((1, 150, 100), 90, "f32", "tokens f32", square(90, "f32"), Step("Relu", "f32")),
    product((2, 70, 100), 90, "f16", "batch of tokens", square(90, "f16")),
]


@pytest.mark.parametrize("single", CASES, ids=lambda single: single.id)
def test_groups_give_the_same_bits(single: Single, tmp_path: Path) -> None:
    results = results_of(single, tmp_path)
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
    if single.element == I8:  # evaluation sums floats in another order
        compiled = compile_single(single, tmp_path)
        np.testing.assert_array_equal(bits_of(compiled.evaluated), results[0])


@pytest.mark.parametrize("shape", [(1, 30000), (3, 30000), (1, 70, 30000)], ids=str)
def test_long_sums_of_bytes_in_parts(shape: tuple[int, ...], tmp_path: Path) -> None:
    single = product(shape, 40, "si8", "parts")
    results = results_of(single, tmp_path)
    compiled = compile_single(single, tmp_path)
    for result in results:
        np.testing.assert_array_equal(result, bits_of(compiled.evaluated))
