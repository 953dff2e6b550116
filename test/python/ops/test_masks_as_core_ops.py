"""Choices, comparisons, casts, triangles, sums, bounds, powers, remainders and hyperbolic functions, compiled by way of
ops that the chip has: bmodel, Tpu and Top modules agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from compiled_stages import float_stages, quantized_stages

TYPE = "tensor<2x4x6x6xf32>"
MASK = "tensor<6x6xf32>"
MODES = ["Equal", "NotEqual", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Xor"]
# Lines that make %y from %x, the mask %m, the numbers %t of its shape and %none.
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
    "LogicalAnd": [f'%y = "top.LogicalAnd"(%x, %t) : ({TYPE}, {MASK}) -> {TYPE} loc("y")'],
    "Where by a comparison": [
        f'%b = "top.Compare"(%x, %t) {{mode = "Less"}} : ({TYPE}, {MASK}) -> {TYPE} loc("b")',
        f'%r = "top.Abs"(%x) : ({TYPE}) -> {TYPE} loc("r")',
        f'%y = "top.Where"(%b, %x, %r) : ({TYPE}, {TYPE}, {TYPE}) -> {TYPE} loc("y")',
    ],
    "Where by numbers": [
        f'%y = "top.Where"(%x, %none, %none) {{x_is_const = true, x_const_val = 2.5 : f64, y_is_const = true, '
        f'y_const_val = -1.0 : f64}} : ({TYPE}, none, none) -> {TYPE} loc("y")'
    ],
    "masked Softmax": [
        f'%b = "top.CompareConst"(%x) {{const_val = 1.0 : f64, inversed = false, mode = "Greater"}} : ({TYPE}) -> '
        f'{TYPE} loc("b")',
        f'%f = "top.MaskedFill"(%b, %x) {{inversed = true, const_val = 0xFFF0000000000000 : f64}} : ({TYPE}, {TYPE}) '
        f'-> {TYPE} loc("f")',
        f'%y = "top.Softmax"(%f) {{axis = 3 : si32}} : ({TYPE}) -> {TYPE} loc("y")',
    ],
}
for mode in MODES:
    BODIES[mode] = [f'%y = "top.Compare"(%x, %t) {{mode = "{mode}"}} : ({TYPE}, {MASK}) -> {TYPE} loc("y")']
    for inversed in ("false", "true"):
        BODIES[f"{mode} constant {inversed}"] = [
            f'%y = "top.CompareConst"(%x) {{const_val = 0.5 : f64, inversed = {inversed}, mode = "{mode}"}} : ({TYPE}) '
            f'-> {TYPE} loc("y")'
        ]
BODIES["Not"] = [
    f'%y = "top.CompareConst"(%x) {{const_val = 0.0 : f64, inversed = false, mode = "Not"}} : ({TYPE}) -> {TYPE} '
    'loc("y")'
]
for to, rounding in [("INT32", "TowardsZero"), ("INT8", "HalfToEven"), ("UINT8", "Down"), ("INT64", "Up")]:
    BODIES[f"Cast to {to}"] = [
        f'%y = "top.Cast"(%x) {{to = "{to}", round_mode = "{rounding}"}} : ({TYPE}) -> {TYPE} loc("y")'
    ]


POSITIVE = f'%p = "top.Abs"(%x) : ({TYPE}) -> {TYPE} loc("p")'
ONE = f'%q = "top.AddConst"(%p) {{const_val = 1.0 : f64}} : ({TYPE}) -> {TYPE} loc("q")'
SIGMOID = f'%s = "top.Sigmoid"(%x) : ({TYPE}) -> {TYPE} loc("s")'
for exponent in (4.0, 5.0):
    BODIES[f"Pow {exponent}"] = [
        SIGMOID,
        f'%y = "top.Pow"(%s) {{exponent = {exponent} : f64}} : ({TYPE}) -> {TYPE} loc("y")',
    ]
BODIES["Pow -3"] = [POSITIVE, ONE, f'%y = "top.Pow"(%q) {{exponent = -3.0 : f64}} : ({TYPE}) -> {TYPE} loc("y")']
BODIES["Pow -1.7"] = [POSITIVE, ONE, f'%y = "top.Pow"(%q) {{exponent = -1.7 : f64}} : ({TYPE}) -> {TYPE} loc("y")']
BODIES["Pow3"] = [
    SIGMOID,
    POSITIVE,
    ONE,
    f'%y = "top.Pow3"(%s, %q) : ({TYPE}, {TYPE}) -> {TYPE} loc("y")',
]
for kind in ("Mod", "Remainder"):
    BODIES[kind] = [POSITIVE, ONE, f'%y = "top.{kind}"(%x, %q) : ({TYPE}, {TYPE}) -> {TYPE} loc("y")']
for kind in ("Sinh", "Cosh", "Tan", "Arctanh"):
    BODIES[kind] = [
        f'%s = "top.MulConst"(%x) {{const_val = 0.1875 : f64}} : ({TYPE}) -> {TYPE} loc("s")',
        f'%y = "top.{kind}"(%s) : ({TYPE}) -> {TYPE} loc("y")',
    ]
# Nothing that is compared is near what it is compared with.
BODIES["far"] = [
    f'%b = "top.CompareConst"(%x) {{const_val = 0.25 : f64, inversed = false, mode = "Greater"}} : ({TYPE}) -> {TYPE} '
    'loc("b")',
    f'%y = "top.Where"(%b, %x, %none) {{y_is_const = true, y_const_val = -1.5 : f64}} : ({TYPE}, {TYPE}, none) -> '
    f'{TYPE} loc("y")',
]


def write(folder: Path, kind: str) -> tuple[Path, dict[str, np.ndarray]]:
    """A network of one op, and its inputs."""
    generator = np.random.default_rng(2)
    mask, numbers = generator.integers(0, 2, (6, 6)), generator.integers(-2, 3, (6, 6)) / 2
    np.savez(folder / "weights.npz", m=mask.astype(np.float32), t=numbers.astype(np.float32))
    lines = [
        'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {',
        f"func.func @main(%a: {TYPE}) -> {TYPE} {{",
        '%none = "top.None"() : () -> none',
        f'%x = "top.Input"(%a) : ({TYPE}) -> {TYPE} loc("x")',
        f'%m = "top.Weight"() : () -> {MASK} loc("m")',
        f'%t = "top.Weight"() : () -> {MASK} loc("t")',
        *BODIES[kind],
        f"return %y : {TYPE}",
        "}",
        "}",
    ]
    path = folder / "net.mlir"
    path.write_text("\n".join(lines))
    # Halves, so that some are equal to what they are compared with, and every mode holds them.
    return path, {"x": (np.round(2 * generator.standard_normal((2, 4, 6, 6))) / 2).astype(np.float32)}


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("kind", BODIES)
def test_masks(kind: str, mode: str, tmp_path: Path) -> None:

    path, inputs = write(tmp_path, kind)
    top, tpu, value = float_stages(path, inputs, tmp_path, mode)
    # Values of the order of 1, each a sum of at most six of them, rounded to the mode's type.
    tolerance = 8 * {"F32": 2.0**-21, "F16": 2.0**-10, "BF16": 2.0**-7}[mode]
    np.testing.assert_allclose(tpu, top, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(value, tpu, rtol=tolerance / 2, atol=tolerance / 2)


@pytest.mark.parametrize("asymmetric", [False, True])
@pytest.mark.parametrize("kind", ["MaskedFill", "Where", "Trilu", "CumSum", "bound", "far"])
def test_quantized_masks(kind: str, asymmetric: bool, tmp_path: Path) -> None:
    """Values in between have no statistics, so that they are f32; inputs and the result are quantized."""

    path, inputs = write(tmp_path, kind)
    values, tpu, value = quantized_stages(path, inputs, tmp_path, asymmetric)
    # A few half steps of 1/127 of the range.
    bound = 0.03 * float(np.abs(values["y"]).max())
    np.testing.assert_allclose(tpu, values["y"], rtol=0, atol=bound)
    np.testing.assert_allclose(value, tpu, rtol=0, atol=bound / 2)
