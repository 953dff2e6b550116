"""Attention and feed-forward blocks, compiled by way of ops that the chip has: bmodel, Tpu and Top modules agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from compiled_stages import quantized_stages

# Op, operands ("x3x4" an input, "w3x4" a weight, "q3x4" bytes, None), attributes, shape of the result.
HEADS = "batch = 1 : i64, dim = 8 : i64, mk = 6 : i64, mq = 5 : i64, q_head = 4 : i64, scale = 0.35 : f64"
PROJECTED = ["x1x5x12", "x1x6x10", "x1x6x10", "w12x16", "w16", "w10x16", None, "w10x16", "w16", "w16x12", "w12"]
CASES = {
    "plain": ("ScaleDotProductAttention", ["x2x3x5x8", "x2x3x6x8", "x2x3x6x8", None], "", "2x3x5x8"),
    "causal": ("ScaleDotProductAttention", ["x2x6x8", "x2x6x8", "x2x6x8", None], "is_causal = true", "2x6x8"),
    "masked": ("ScaleDotProductAttention", ["x2x3x5x8", "x2x3x6x8", "x2x3x6x8", "x1x1x5x6"], "", "2x3x5x8"),
    "heads": (
        "FAttention",
        ["x1x5x4x8", "x1x6x4x8", "x1x6x4x8", None, None],
        f"{HEADS}, kv_head = 4 : i64, keep_dims = false",
        "1x5x32",
    ),
    "grouped": (
        "FAttention",
        ["x1x5x4x8", "x1x6x2x8", "x1x6x2x8", "x1x1x5x6", None],
        f"{HEADS}, kv_head = 2 : i64",
        "1x5x4x8",
    ),
    "merged": (
        "FAttention",
        ["x1x5x32", "x1x6x8", "x1x6x8", "w5x6", None],
        f"{HEADS}, kv_head = 1 : i64",
        "1x5x32",
    ),
    "unread_logarithms": (
        "FAttentionLse",
        ["x1x5x4x8", "x1x6x2x8", "x1x6x2x8", None, None],
        f"{HEADS}, kv_head = 2 : i64",
        "1x5x4x8",
    ),
    "flexible": (
        "FlexAttention",
        ["x1x5x4x8", "x1x6x2x8", "x1x6x2x10", "w5x6", None, None],
        f"{HEADS}, kv_head = 2 : i64, v_d = 10 : i64, keep_dims = false".replace("dim =", "qk_d ="),
        "1x5x40",
    ),
    "projected": ("Attention", [*PROJECTED, None], "head = 2 : i64, scale = 0.35 : f64", "1x5x12"),
    "projected_masked": ("Attention", [*PROJECTED, "x1x1x5x6"], "head = 4 : i64, scale = 0.5 : f64", "1x5x12"),
    "neighbours": ("Rope", ["x1x3x6x8", "w6x8", "w6x8"], "", "1x3x6x8"),
    "halves": ("Rope", ["x1x3x6x8", "w6x8", "w6x8"], 'rope_mode = "contiguous_halves"', "1x3x6x8"),
    "positions_first": ("Rope", ["x1x6x3x8", "w6x8", "w6x8"], "is_permute_optimize = true", "1x6x3x8"),
    "computed_tables": ("Rope", ["x2x3x6x8", "x6x8", "x1x1x6x8"], "", "2x3x6x8"),
    "mlp": (
        "Mlp",
        ["x1x5x12", "w20x12", "w20x12", "w20x12", None, "w20", "w12", *[None] * 7],
        "",
        "1x5x12",
    ),
    "mlp_of_integers": (
        "Mlp",
        [
            "x1x5x16",
            *["q24x8"] * 2,
            "q12x16",
            None,
            "w24",
            None,
            None,
            *["w24x2"] * 2,
            "w16x3",
            *["q24x2"] * 2,
            "q16x3",
        ],
        "quantized = true, weight_bits = 4 : i64, q_group_size = 8 : i64",
        "1x5x16",
    ),
    "fp8": ("Fp8MatMul", ["x1x5x16", "w16x24", "w4x6", "w24"], "block_size = 4 : i64", "1x5x24"),
}
# The shape of a second result that nothing reads.
UNREAD = {"unread_logarithms": "1x5x4x1", "flexible": "1x5x4"}


def write(
    folder: Path, op: str, operands: Sequence[str | None], attributes: str, result: str, unread: str | None = None
) -> dict[str, np.ndarray]:
    """A module with the op alone and its weights; gives its inputs."""
    generator = np.random.default_rng(5)
    lines = ['%none = "top.None"() : () -> none']
    names, types, arguments = [], [], []
    inputs: dict[str, np.ndarray] = {}
    weights = {"unused": np.zeros(1, np.float32)}
    for i, operand in enumerate(operands):
        names.append("%none" if operand is None else f"%v{i}")
        types.append("none" if operand is None else f"tensor<{operand[1:]}xf32>")
        if operand is None:
            continue
        shape = [int(extent) for extent in operand[1:].split("x")]
        made = (generator.standard_normal(shape) / (1 if operand[0] == "x" else 3)).astype(np.float32)
        if operand[0] == "q":
            made = generator.integers(0, 16 if shape[-1] < 4 else 256, shape).astype(np.float32)
        elif op == "Mlp" and operand in ("w24x2", "w16x3"):
            made /= 16  # scales of integers
        if operand[0] == "x":
            arguments.append(f"%a{i}: {types[-1]}")
            lines.append(f'%v{i} = "top.Input"(%a{i}) : ({types[-1]}) -> {types[-1]} loc("v{i}")')
            inputs[f"v{i}"] = made
        else:
            lines.append(f'%v{i} = "top.Weight"() : () -> {types[-1]} loc("v{i}")')
            weights[f"v{i}"] = made
    type_ = f"tensor<{result}xf32>"
    results, location, value = type_, '"y"', "%y"
    if unread:
        results, location, value = f"({type_}, tensor<{unread}xf32>)", 'fused["y", "lse"]', "%y, %lse"
    call = f'"top.{op}"({", ".join(names)}) {{{attributes}}} : ({", ".join(types)}) -> {results}'
    lines.append(f"{value} = {call} loc({location})")
    head = (
        'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {'
    )
    body = "\n".join([*lines, f"return %y : {type_}"])
    np.savez(folder / "weights.npz", **weights)
    text = f"{head}\nfunc.func @main({', '.join(arguments)}) -> {type_} {{\n{body}\n}}\n}}\n"
    (folder / "net.mlir").write_text(text)
    return inputs


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("case", CASES)
def test_attention(case: str, mode: str, tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.runtime.bmodel import BModel

    inputs = write(tmp_path, *CASES[case], unread=UNREAD.get(case))
    module = pipelines.load(tmp_path / "net.mlir", ir.Context())
    (top,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, ["canonicalize", *pipelines.lowering("bm1684x", mode, "tpu_weights.npz")])
    (tpu,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.final(opt=1), tmp_path / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    (value,) = BModel(tmp_path / "net.bmodel").run(inputs).values()
    # Values of the order of 1 (of 10 behind the products) after some ten roundings to the mode's type.
    tolerance = 20 * {"F32": 2.0**-21, "F16": 2.0**-10, "BF16": 2.0**-7}[mode] * max(1.0, float(np.abs(top).max()))
    np.testing.assert_allclose(tpu, top, rtol=0, atol=tolerance)
    np.testing.assert_allclose(value, tpu, rtol=0, atol=tolerance / 2)


@pytest.mark.parametrize("asymmetric", [False, True])
@pytest.mark.parametrize("case", ["causal", "grouped", "projected", "neighbours", "mlp"])
def test_quantized_networks(case: str, asymmetric: bool, tmp_path: Path) -> None:
    """Values in between have no statistics, so that they are f32; inputs and the result are quantized."""

    inputs = write(tmp_path, *CASES[case])
    values, tpu, value = quantized_stages(tmp_path / "net.mlir", inputs, tmp_path, asymmetric)
    # Half a step of each input moves the result by less than 5 % of its range.
    bound = 0.05 * float(np.abs(values["y"]).max())
    np.testing.assert_allclose(tpu, values["y"], rtol=0, atol=bound)
    np.testing.assert_allclose(value, tpu, rtol=0, atol=bound / 2)
