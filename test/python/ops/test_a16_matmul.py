"""Products whose weights are integers already: bmodel, Tpu and Top modules agree, and the chip keeps packed weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

INNER, COLUMNS = 64, 24
TYPES = {"f32": np.float32, "ui8": np.uint8, "si8": np.int8}


def write(
    folder: Path, bits: int, group: int, transposed: bool, element: str, zero_step: float
) -> dict[str, np.ndarray]:
    """A module with one product; gives its input."""
    generator = np.random.default_rng(5)
    groups = INNER // group if group else 1
    stored = INNER // 2 if bits == 4 else INNER
    low, high = (-128, 128) if element == "si8" else (0, 256)
    weight = generator.integers(low, high, (COLUMNS, stored))
    middle = 8 if bits == 4 else (low + high) // 2
    arrays = {
        "w": np.ascontiguousarray(weight if transposed else weight.T).astype(TYPES[element]),
        "s": (generator.uniform(0.5, 1, (COLUMNS, groups)) / (1 << bits)).astype(np.float32),
        "z": (middle + zero_step * generator.integers(-3, 4, (COLUMNS, groups))).astype(np.float32),
        "b": generator.standard_normal(COLUMNS).astype(np.float32),
    }
    np.savez(folder / "weights.npz", **arrays)
    shape = "x".join(map(str, arrays["w"].shape))
    types = [f"tensor<{shape}x{element}>", *[f"tensor<{COLUMNS}x{groups}xf32>"] * 2, f"tensor<{COLUMNS}xf32>"]
    lines = [f'%{name} = "top.Weight"() : () -> {t} loc("{name}")' for name, t in zip("wszb", types, strict=True)]
    x, y = f"tensor<1x5x{INNER}xf32>", f"tensor<1x5x{COLUMNS}xf32>"
    attributes = (
        f"weight_bits = {bits} : i64, q_group_size = {group} : i64, right_transpose = {str(transposed).lower()}"
    )
    lines += [
        f'%x = "top.Input"(%a) : ({x}) -> {x} loc("x")',
        f'%y = "top.A16MatMul"(%x, %w, %s, %z, %b) {{{attributes}}} : ({", ".join([x, *types])}) -> {y} loc("y")',
        f"return %y : {y}",
    ]
    head = (
        'module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", '
        'module.top_run_mode = "STATIC", module.weight_file = "weights.npz"} {'
    )
    body = "\n".join(lines)
    (folder / "net.mlir").write_text(f"{head}\nfunc.func @main(%a: {x}) -> {y} {{\n{body}\n}}\n}}\n")
    return {"x": generator.standard_normal((1, 5, INNER)).astype(np.float32)}


@pytest.mark.parametrize("mode", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize(
    ("bits", "group", "element", "zero_step"),
    [(4, 16, "ui8", 1), (4, 0, "f32", 1), (8, 32, "ui8", 1), (8, 0, "si8", 1), (4, 32, "si8", 1), (8, 16, "ui8", 0.5)],
)
def test_stored_weights(
    bits: int, group: int, element: str, zero_step: float, transposed: bool, mode: str, tmp_path: Path
) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.runtime.bmodel import BModel

    inputs = write(tmp_path, bits, group, transposed, element, zero_step)
    module = pipelines.load(tmp_path / "net.mlir", ir.Context())
    (top,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.lowering("bm1684x", mode, "tpu_weights.npz"))
    packed = "tpu.A16MatMul" in str(module)
    assert packed == (mode != "F32" and zero_step == 1)
    (tpu,) = evaluate_module(module, inputs).in_order()
    pipelines.run(module, pipelines.final(opt=1), tmp_path / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    (value,) = BModel(tmp_path / "net.bmodel").run(inputs).values()
    # Each term is rounded some three times; errors of 64 terms add up like the square root of their number.
    tolerance = 24 * {"F32": 2.0**-21, "F16": 2.0**-11, "BF16": 2.0**-8}[mode] * max(1.0, float(np.abs(top).max()) / 4)
    np.testing.assert_allclose(tpu, top, rtol=0, atol=tolerance)
    np.testing.assert_allclose(value, tpu, rtol=0, atol=tolerance)


def test_computed_weights_are_refused(tmp_path: Path) -> None:
    from tpu_mlir import ir, pipelines
    from tpu_mlir._tpu_mlir import MLIRError

    write(tmp_path, 8, 0, True, "f32", 1)
    path = tmp_path / "net.mlir"
    scale = f"tensor<{COLUMNS}x1xf32>"
    text = path.read_text().replace(
        f'%s = "top.Weight"() : () -> {scale} loc("s")', f'%s = "top.Input"(%a1) : ({scale}) -> {scale} loc("s")'
    )
    path.write_text(text.replace("(%a: ", f"(%a1: {scale}, %a: "))
    module = pipelines.load(path, ir.Context())
    with pytest.raises(MLIRError, match="that are computed; they must be constant"):
        pipelines.run(module, pipelines.lowering("bm1684x", "F16", "tpu_weights.npz"))
