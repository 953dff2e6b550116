"""Tables of bytes: looked up in four banks at once where memory has room for copies, with the same bits either way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, bits_of, compile_single, quantized

SHAPES = [(1, 64, 24, 30), (3, 100, 9, 8), (2, 70, 33, 41)]
FOUR_BANKS = "SG pe_m_gather_d1coor"


def lookup(shape: tuple[int, ...]) -> Single:
    """Random bytes through a random table."""
    generator = np.random.default_rng(sum(shape))
    values = generator.integers(-128, 128, shape, np.int8)
    table = generator.integers(-128, 128, (1, 1, 1, 256), np.int8)
    operands = [Operand(shape, quantized("i8", 0.05), values), Operand((1, 1, 1, 256), "si8", table, is_weight=True)]
    return Single("Lut", operands, shape, quantized("i8", 0.02))


def look_ups(model: Path) -> dict[str, int]:
    """Cycles of the gathers by kind."""
    from tpu_mlir.profile.program import load_program

    program = load_program(model)
    cycles: dict[str, int] = {}
    for index in np.flatnonzero([program.kinds[kind].startswith("SG") for kind in program.kind]):
        kind = program.kinds[program.kind[index]]
        cycles[kind] = cycles.get(kind, 0) + int(program.cycles[index])
    return cycles


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_four_banks_give_the_bits_of_one(shape: tuple[int, ...], tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.runtime.bmodel import BModel

    compiled = compile_single(lookup(shape), tmp_path)
    plain = tmp_path / "plain.bmodel"
    module = pipelines.load(tmp_path / "single_final.mlir", ir.Context())
    pipelines.run(module, pipelines.codegen(plain, avoid_price_quirks=True))
    for model in (compiled.model, plain):
        for schedule in ("gdma", "tiu"):
            (value,) = BModel(model).run(compiled.inputs, raw_outputs=True, schedule=schedule).values()
            np.testing.assert_array_equal(bits_of(value), bits_of(compiled.evaluated))
    fast, slow = look_ups(compiled.model), look_ups(plain)
    assert set(fast) == {FOUR_BANKS}
    assert FOUR_BANKS not in slow
    assert 3.5 * sum(fast.values()) < sum(slow.values())
