"""Normalizations that the chip has no op for, compiled by way of ops that it has: bmodel, Tpu and Top modules agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from compiled_stages import float_stages, quantized_stages

SHAPE = (2, 12, 6, 10)
TYPE = "tensor<2x12x6x10xf32>"
# Op, operands after the input (a weight of so many values, or none), attributes.
OPS = {
    "GroupNorm": ((12, 12), "eps = 1.0e-5 : f64, num_groups = 3 : i64"),
    "InstanceNorm": ((12, None), "eps = 1.0e-5 : f64"),
    "PixelNorm": ((12, 12), "eps = 1.0e-5 : f64"),
    "RMSNorm": ((10,), "eps = 1.0e-5 : f64"),
    "LRN": ((), "size = 5 : i64, alpha = 0.5 : f64, beta = 0.75 : f64, bias = 2.0 : f64"),
}
LRN_POWERS = [0.5, 1.0, 1.3]


def write(folder: Path, op: str, parameters: tuple[int | None, ...], attributes: str) -> Path:
    """A module with the op alone and its weights."""
    generator = np.random.default_rng(5)
    lines = ['%none = "top.None"() : () -> none', f'%x = "top.Input"(%a) : ({TYPE}) -> {TYPE} loc("x")']
    names, types, weights = ["%x"], [TYPE], {"unused": np.zeros(1, np.float32)}
    for i, count in enumerate(parameters):
        names.append("%none" if count is None else f"%w{i}")
        types.append("none" if count is None else f"tensor<{count}xf32>")
        if count is not None:
            lines.append(f'%w{i} = "top.Weight"() : () -> {types[-1]} loc("w{i}")')
            weights[f"w{i}"] = generator.uniform(0.5, 2, count).astype(np.float32)
    lines.append(f'%y = "top.{op}"({", ".join(names)}) {{{attributes}}} : ({", ".join(types)}) -> {TYPE} loc("y")')
    head = (
        'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {'
    )
    body = "\n".join([*lines, f"return %y : {TYPE}"])
    np.savez(folder / "weights.npz", **weights)
    path = folder / "net.mlir"
    path.write_text(f"{head}\nfunc.func @main(%a: {TYPE}) -> {TYPE} {{\n{body}\n}}\n}}\n")
    return path


CASES = [pytest.param(op, *rest, id=op) for op, rest in OPS.items()] + [
    pytest.param("LRN", (), f"size = 4 : i64, alpha = 0.5 : f64, beta = {beta} : f64", id=f"LRN-{beta}")
    for beta in LRN_POWERS
]


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
@pytest.mark.parametrize(("op", "parameters", "attributes"), CASES)
def test_normalization(op: str, parameters: tuple[int | None, ...], attributes: str, mode: str, tmp_path: Path) -> None:

    inputs = {"x": (0.5 + np.random.default_rng(1).standard_normal(SHAPE)).astype(np.float32)}
    top, tpu, value = float_stages(write(tmp_path, op, parameters, attributes), inputs, tmp_path, mode)
    # Values of the order of 1 after some ten roundings to the mode's type; some sums of ten squares among them.
    tolerance = 20 * {"F32": 2.0**-21, "F16": 2.0**-10, "BF16": 2.0**-7}[mode]
    np.testing.assert_allclose(tpu, top, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(value, tpu, rtol=tolerance / 2, atol=tolerance / 2)


@pytest.mark.parametrize("asymmetric", [False, True])
@pytest.mark.parametrize(("op", "parameters", "attributes"), CASES)
def test_quantized_networks(
    op: str, parameters: tuple[int | None, ...], attributes: str, asymmetric: bool, tmp_path: Path
) -> None:
    """Values in between have no statistics, so that they are f32; the input and the result are quantized."""

    inputs = {"x": (0.5 + np.random.default_rng(1).standard_normal(SHAPE)).astype(np.float32)}
    values, tpu, value = quantized_stages(write(tmp_path, op, parameters, attributes), inputs, tmp_path, asymmetric)
    # The input's half step, times a slope of about 2, and the result's half step.
    step = max(float(np.abs(values["x"]).max()), float(np.abs(values["y"]).max())) / 127
    np.testing.assert_allclose(tpu, values["y"], rtol=0, atol=2 * step)
    np.testing.assert_allclose(value, tpu, rtol=0, atol=1e-3 * step)
