"""Chains of 8-bit ops that stay in local memory: as groups and one by one they give the bits of evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, Step, bits_of, compile_single, quantized
from test_quantized_elementwise import GENERATOR, real, stored

FLAT, CHANNELS, VECTOR = (2, 70, 25, 19), (1, 70, 1, 1), (6, 3000)


def table(result: str) -> Operand:
    """A table of arbitrary bytes."""
    low, kind, element = (-128, np.int8, "si8") if result == "i8" else (0, np.uint8, "ui8")
    return Operand((1, 1, 1, 256), element, GENERATOR.integers(low, low + 256, (1, 1, 1, 256)).astype(kind), True)


def look_up(storage: str, scale: float, zero_point: int = 0) -> Step:
    return Step("Lut", quantized(storage, scale, zero_point), [table(storage)])


def add(shape: tuple[int, ...], element: str, relu: bool = False) -> Step:
    return Step("Add", element, [stored(shape, "u8", 0.03)], f"do_relu = {str(relu).lower()}")


def chain(name: str, shape: tuple[int, ...], *steps: Step) -> Single:
    start = stored(shape, "i8", 0.05, 9)
    return Single("Relu", [start], shape, quantized("i8", 0.03, -128), name=name, then=steps)


def convolution(bits: int, *steps: Step) -> Single:
    """A weight-only convolution in front."""
    shape, half = (1, 40, 25, 19), "f16"
    limit = 1 << (bits - 1)
    filters = GENERATOR.integers(-limit, limit, (70, 40, 3, 3)).astype(np.int8)
    scales = ", ".join(["0.001"] * 70)
    attributes = (
        "kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], group = 1 : i64, "
        f"with_bias = false, out_scales = [{scales}], weight_bits = {bits} : i64"
    )
    operands = [real(shape, half, 2), Operand(filters.shape, "si8", filters, True), None]
    return Single("Conv2D", operands, (1, 70, 25, 19), half, attributes, f"{bits} bits", steps)


I8, U8 = quantized("i8", 0.04, -3), quantized("u8", 0.02)

CHAINS = [
    chain("look-up, sum", FLAT, look_up("u8", 0.03), add(FLAT, I8)),
    chain("look-up, sum over channels, look-up", FLAT, look_up("i8", 0.03), add(CHANNELS, I8), look_up("u8", 0.01)),
    chain("sum, f16, bytes", FLAT, add(FLAT, U8, True), Step("Cast", "f16"), Step("Cast", I8)),
    chain("sum, f32", FLAT, add(FLAT, U8, True), Step("Cast", "f32")),
    chain("vectors", VECTOR, look_up("u8", 0.03), add(VECTOR, I8), look_up("i8", 0.03), Step("Cast", "f32")),
    chain("rows", VECTOR, look_up("u8", 0.03), add((6, 1), I8)),
    convolution(8, Step("Cast", I8), look_up("u8", 0.03)),
    convolution(4, Step("Cast", I8), look_up("u8", 0.03), add((1, 70, 25, 19), I8, True)),
]


@pytest.mark.parametrize("single", CHAINS, ids=lambda single: single.id)
def test_groups(single: Single, tmp_path: Path) -> None:
    from tpu_mlir.runtime.bmodel import BModel

    results = []
    for grouped in (True, False):
        folder = tmp_path / str(grouped)
        folder.mkdir()
        compiled = compile_single(single, folder, layer_group=grouped)
        assert ("tpu.Group" in (folder / "single_final.mlir").read_text()) == grouped
        model = BModel(compiled.model)
        assert not model.hazards()
        for schedule in ("gdma", "tiu"):
            (value,) = model.run(compiled.inputs, raw_outputs=True, schedule=schedule).values()
            results.append(bits_of(value))
        if single.op != "Conv2D":  # evaluation sums in another order
            results.append(bits_of(compiled.evaluated))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
