"""Matrix products of bytes: constant and computed right matrices, batches, heads, transposes, zero points of the right
matrix, tiles along every axis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import integers
import numpy as np
import pytest
from integers import Built, Module, Quant, Requant

I8 = Quant("i8", 0.05)
U8 = Quant("u8", 0.03)
I8Z = Quant("i8", 0.04, -17)
U8Z = Quant("u8", 0.02, 131)


@dataclass(frozen=True)
class Product:
    """left @ right, both as they are stored. heads: axis 2 of both is the batch, as `hdim_is_batch` has it."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    constant: bool = True
    left_transpose: bool = False
    right_transpose: bool = False
    from_: Quant = I8
    other: Quant = I8
    to: Quant = I8
    right_zp: int = 0
    requant: Requant = Requant()
    bias: bool = True
    relu: bool = False
    limit: float = -1.0
    heads: bool = False
    name: str = ""

    @property
    def id(self) -> str:
        if self.name:
            return self.name
        parts = ["x".join(map(str, self.left)), "x".join(map(str, self.right))]
        parts += ["constant" if self.constant else "computed"]
        parts += ["heads"] * self.heads
        parts += ["lt"] * self.left_transpose + ["rt"] * self.right_transpose
        parts += [f"zp{self.right_zp}"] * (self.right_zp != 0) + ["relu"] * self.relu
        parts += [f"{self.from_.storage}{self.from_.zero}", f"{self.to.storage}{self.to.zero}", self.requant.mode]
        return "-".join(parts)


def build(row: Product) -> Built:
    """The module of a row."""
    generator = integers.generator_of(row.id)
    left = integers.bytes_of(generator, row.left, row.from_.storage)
    kind = "i8" if row.constant else row.other.storage
    right = integers.bytes_of(generator, row.right, kind)
    a = left.astype(np.float64)
    b = right.astype(np.float64) - row.right_zp
    if row.heads:
        a, b = np.swapaxes(a, 1, 2), np.swapaxes(b, 1, 2)
    a = np.swapaxes(a, -1, -2) if row.left_transpose else a
    b = np.swapaxes(b, -1, -2) if row.right_transpose else b
    sums = np.rint(a @ b).astype(np.int64)
    if row.heads:
        sums = np.swapaxes(sums, 1, 2)
    columns = sums.shape[-1]
    factors = integers.made_requant(generator, row.requant, sums, columns, row.to)
    size = int(max(np.abs(sums).max(), 1))
    bias = generator.integers(-size // 3 - 1, size // 3 + 1, columns) if row.bias else np.zeros(columns, np.int64)
    wanted = integers.limited(
        integers.requantize(sums, bias, factors, row.requant, row.to, sums.ndim - 1), row.to, row.relu, row.limit
    )
    module = Module()
    module.inputs["x"] = (left, integers.tensor(row.left, row.from_.text))
    if row.constant:
        module.weights["right"] = (right, integers.tensor(row.right, "si8"))
    else:
        module.inputs["right"] = (right, integers.tensor(row.right, row.other.text))
    if row.bias:
        module.weights["bias"] = (bias.astype(np.int32), integers.tensor((columns,), "i32"))
    attributes = {
        "hdim_is_batch": "true" if row.heads else "false",
        "left_transpose": "true" if row.left_transpose else "false",
        "right_transpose": "true" if row.right_transpose else "false",
        "right_zp": f"{row.right_zp} : i64",
        "do_relu": "true" if row.relu else "false",
        "relu_limit": f"{row.limit:.6e} : f64",
        "quant_mode": f"#tpu<rq_mode {row.requant.mode}>",
        "round_mode": f"#tpu<round_mode {row.requant.rounding}>",
    }
    if row.requant.mode == "OnlyScale":
        attributes["out_scales"] = integers.real_list(factors["scales"])
    else:
        attributes["multipliers"] = integers.integer_list(factors["multipliers"])
        attributes["rshifts"] = integers.integer_list(factors["shifts"])
    operands = ["x", "right", "bias" if row.bias else None, None, None]
    text = module.text("tpu.MatMul", operands, attributes, integers.tensor(wanted.shape, row.to.text))
    inputs = {name: value for name, (value, _) in module.inputs.items()}
    return Built(text, inputs, {name: value for name, (value, _) in module.weights.items()}, wanted)


SINGLE = Requant(single=True)
ROWS = [
    Product((1, 512), (512, 1000), from_=U8),
    Product((4, 5), (5, 6), to=I8Z),
    Product((65, 130), (130, 70), from_=I8Z, to=U8Z),
    Product((65, 130), (70, 130), right_transpose=True, from_=U8, to=U8, relu=True),
    Product(
        (130, 65), (130, 70), left_transpose=True, from_=U8Z, requant=Requant("MultiplierShift", "HalfAwayFromZero")
    ),
    Product((2, 3, 33, 47), (47, 29), requant=SINGLE, bias=False),
    Product((2, 3, 33, 47), (2, 3, 47, 29), constant=False, requant=SINGLE, bias=False),
    Product(
        (2, 3, 33, 47), (2, 3, 29, 47), constant=False, right_transpose=True, other=U8Z, right_zp=131, requant=SINGLE
    ),
    Product((3, 47, 33), (3, 47, 29), constant=False, left_transpose=True, other=I8Z, right_zp=-17, requant=SINGLE),
    Product((2, 1, 10, 20), (1, 3, 20, 15), constant=False, from_=U8, requant=SINGLE, bias=False),
    Product((197, 768), (768, 768), from_=I8Z),
    Product((3, 40000), (40000, 17), name="long_sums"),
    Product((300, 64), (64, 3000), to=I8Z),
    Product((1000, 1000), (1000, 100), constant=False, requant=SINGLE, bias=False),
    Product((70000, 3), (3, 5), from_=U8Z),
    Product((5, 128), (128, 64), right_zp=9, relu=True, limit=2.0, to=I8Z),
    Product((7, 20), (20, 9), requant=Requant(spread=50.0), name="saturated"),
    Product((1, 70, 130), (130, 90), to=I8Z),
    Product((2, 70, 130), (130, 90), from_=U8),
    Product((1, 70, 33), (1, 33, 20), constant=False, requant=SINGLE),
    Product((1, 33, 70), (1, 20, 33), constant=False, left_transpose=True, right_transpose=True, requant=SINGLE),
    Product((1, 70, 3, 20), (1, 50, 3, 20), constant=False, right_transpose=True, heads=True, requant=SINGLE),
    Product((2, 130, 3, 50), (2, 50, 3, 33), constant=False, heads=True, other=U8Z, right_zp=131, requant=SINGLE),
    Product((1, 1000, 12, 64), (1, 700, 12, 64), constant=False, right_transpose=True, heads=True, requant=SINGLE),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_product_of_bytes(row: Product, tmp_path: Path) -> None:
    integers.check_built(build(row), tmp_path)
