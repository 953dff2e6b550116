"""Products and convolutions of halves with integer weights: the simulator gives every bit of the same op with weights
that were widened before, and evaluation the same up to the order of sums."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, bits_of, compile_single
from test_quantized_elementwise import GENERATOR, real


def integers(shape: tuple[int, ...], element: str, low: int, high: int) -> Operand:
    """A weight of 8-bit integers."""
    values = GENERATOR.integers(low, high, shape)
    return Operand(shape, element, values.astype("int8" if element == "si8" else "uint8"), True)


def product(
    left: tuple[int, ...],
    columns: int,
    half: str,
    bits: int,
    group: int = 0,
    zero_point: bool = True,
    bias: bool = False,
    transpose: bool = True,
    bias_type: str = "f32",
) -> Single:
    """A product [.., K] x [N, K]."""
    inner = left[-1]
    stored = inner * bits // 8
    shape = (columns, stored) if transpose else (stored, columns)
    groups = inner // group if group else 1
    operands = [
        real(left, half, 1.5),
        integers(shape, "ui8", 0, 256),
        real((columns, groups), half, 0.05, is_weight=True),
        integers((columns, groups), "ui8", 0, 1 << bits) if zero_point else None,
        real((columns,), bias_type, 2, is_weight=True) if bias else None,
    ]
    attributes = (
        f"w_transpose = {str(transpose).lower()}, weight_bits = {bits} : i64, sign = true, q_group_size = {group} : i64"
    )
    text = "x".join(map(str, left))
    name = f"{text}x{columns}-{half}-{bits}bit-group{group}-zp{zero_point}-bias{bias}-{transpose}-{bias_type}"
    return Single("A16MatMul", operands, (*left[:-1], columns), half, attributes, name)


PRODUCTS = [
    *(
        product((1, 7, 256), 130, half, bits, group, zero_point)
        for half in ("f16", "bf16")
        for bits in (8, 4)
        for group in (0, 64, 32)
        for zero_point in (True, False)
    ),
    product((3, 66, 96), 70, "f16", 8, bias=True),
    product((3, 66, 96), 70, "bf16", 4, 24, bias=True),
    product((3, 66, 96), 70, "f16", 8, bias=True, bias_type="f16"),
    product((1, 96), 1, "f16", 4, 6),
    product((5, 30), 9, "f16", 8, 3, zero_point=False),
    product((5, 30), 9, "f16", 4, 3, zero_point=True),
    product((5, 30), 9, "f16", 8, 5, transpose=False),
    product((5, 30), 9, "f16", 4, 15, transpose=False, zero_point=False),
    product((1, 1, 4096), 1000, "f16", 4, 128),
    product((2, 200, 1024), 512, "f16", 8),
    product((1, 3, 30000), 200, "bf16", 8, 0, bias=True),
    product((1, 3, 60000), 70, "f16", 8, 0),
    product((1, 70, 20000), 100, "f16", 4, 100, zero_point=False, bias=True),
]


def convolution(
    shape: tuple[int, int, int, int],
    channels: int,
    kernel: tuple[int, int],
    half: str,
    bits: int,
    group: int = 1,
    stride: int = 1,
    bias: bool = True,
    relu: bool = False,
) -> Single:
    """A convolution whose padding keeps the extents at stride 1."""
    n, ic, h, w = shape
    kh, kw = kernel
    top, left = (kh - 1) // 2, (kw - 1) // 2
    pads = [top, left, kh - 1 - top, kw - 1 - left]
    limit = 1 << (bits - 1)
    operands = [
        real(shape, half, 2),
        integers((channels, ic // group, kh, kw), "si8", -limit, limit),
        real((1, channels, 1, 1), "f32", 2, is_weight=True) if bias else None,
    ]
    scales = ", ".join(repr(float(value)) for value in GENERATOR.uniform(1e-3, 2e-2, channels))
    attributes = (
        f"kernel_shape = [{kh}, {kw}], strides = [{stride}, {stride}], pads = {pads}, dilations = [1, 1], "
        f"group = {group} : i64, with_bias = {str(bias).lower()}, do_relu = {str(relu).lower()}, "
        f"out_scales = [{scales}], weight_bits = {bits} : i64"
    )
    result = (n, channels, (h - 1) // stride + 1, (w - 1) // stride + 1)
    name = f"{n}x{ic}x{h}x{w}-{channels}-{kh}x{kw}-{half}-{bits}bit-g{group}-s{stride}-{bias}-{relu}"
    if group == ic == channels:
        name += "-depthwise"
    return Single("Conv2D", operands, result, half, attributes, name)


CONVOLUTIONS = [
    # 64 channels fill the array, so that the convolution of halves is not folded, which sums the taps in another order.
    *(convolution((1, 64, 13, 17), 70, (3, 3), half, bits) for half in ("f16", "bf16") for bits in (8, 4)),
    convolution((2, 3, 33, 40), 24, (3, 3), "f16", 8, stride=2),
    convolution((2, 3, 33, 40), 24, (7, 7), "bf16", 4, stride=2, relu=True),
    convolution((1, 64, 20, 20), 130, (1, 1), "f16", 8, bias=False, relu=True),
    convolution((1, 33, 20, 20), 65, (1, 1), "f16", 4),
    convolution((1, 24, 20, 20), 48, (3, 3), "f16", 4, group=3),
    convolution((2, 24, 20, 20), 48, (3, 5), "bf16", 8, group=2, bias=False),
    convolution((1, 70, 20, 20), 70, (3, 3), "f16", 8, group=70),
    convolution((1, 70, 20, 20), 70, (3, 3), "bf16", 4, group=70, bias=False),
    convolution((1, 512, 7, 7), 512, (3, 3), "f16", 8),
    convolution((1, 2048, 7, 7), 256, (1, 1), "f16", 4),
]


def rounded(values: np.ndarray, half: str) -> np.ndarray:
    """float32 values rounded to a half type, as float32."""
    if half == "f16":
        return values.astype(np.float16).astype(np.float32)
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def stored_integers(single: Single) -> np.ndarray:
    """The weights of a product as [N, K], signed where there is no zero point."""
    weight, zero_point = single.operands[1], single.operands[3]
    assert weight is not None
    rows = weight.values if "w_transpose = true" in single.attributes else weight.values.T
    signed = zero_point is None
    if "weight_bits = 8" in single.attributes:
        return rows.view(np.int8).astype(np.int32) if signed else rows.astype(np.int32)
    nibbles = np.stack([rows & 15, rows >> 4], -1).reshape(rows.shape[0], -1).astype(np.int32)
    return np.where(nibbles >= 8, nibbles - 16, nibbles) if signed else nibbles


def widened_product(single: Single) -> Single:
    """The product with its weights in the half type."""
    left, _, scale, zero_point, bias = single.operands
    assert left is not None and scale is not None
    values = stored_integers(single)
    groups = scale.shape[1]

    def spread(parameter: np.ndarray) -> np.ndarray:
        return np.repeat(parameter.astype(np.float32), values.shape[1] // groups, axis=1)

    shifted = values - (spread(zero_point.values) if zero_point else 0)
    weights = rounded(rounded(shifted.astype(np.float32), single.element) * spread(scale.values), single.element)
    right = Operand(values.shape, single.element, weights, True)
    if bias is not None:
        bias = Operand(bias.shape, "f32", bias.values.astype(np.float32), True)
    return Single("MatMul", [left, right, bias, None, None], single.shape, single.element, "right_transpose = true")


def widened_convolution(single: Single) -> Single:
    """The convolution with its filter in the half type."""
    x, weight, bias = single.operands
    assert x is not None and weight is not None
    before, rest = single.attributes.split(", out_scales = [")
    scales = np.array([float(text) for text in rest.split("]")[0].split(",")]).astype(np.float32)
    values = rounded(weight.values.astype(np.float32) * scales.reshape(-1, 1, 1, 1), single.element)
    return Single(
        "Conv2D", [x, Operand(weight.shape, single.element, values, True), bias], single.shape, single.element, before
    )


def compare(single: Single, wide: Single, folder: Path) -> None:
    """The simulator's results are equal, evaluation is close."""
    from tpu_mlir.runtime.bmodel import BModel

    results = []
    for name, form in (("integers", single), ("halves", wide)):
        (folder / name).mkdir()
        compiled = compile_single(form, folder / name)
        model = BModel(compiled.model)
        assert not model.hazards()
        (value,) = model.run(compiled.inputs, raw_outputs=True).values()
        results.append((value, compiled.evaluated))
    np.testing.assert_array_equal(bits_of(results[0][0]), bits_of(results[1][0]))
    np.testing.assert_array_equal(bits_of(results[0][1]), bits_of(results[1][1]), err_msg="evaluation")
    kind = np.float16 if single.element == "f16" else None
    actual, wanted = (as_real(value, kind) for value in results[0])
    tolerance = 2.0**-9 if kind else 2.0**-6
    # The chip rounds every step of a depthwise convolution to the half type.
    floor = 1 if "depthwise" in single.name else 0.01
    np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance * floor * float(np.abs(wanted).max()))


def as_real(values: np.ndarray, kind: type | None) -> np.ndarray:
    """Stored halves as float32; ``kind`` None: bfloat16."""
    if kind is not None:
        return np.ascontiguousarray(values).view(np.float16).astype(np.float32)
    return (np.ascontiguousarray(values).view(np.uint16).astype(np.uint32) << 16).view(np.float32)


@pytest.mark.parametrize("single", PRODUCTS, ids=lambda single: single.id)
def test_products(single: Single, tmp_path: Path) -> None:
    compare(single, widened_product(single), tmp_path)


@pytest.mark.parametrize("single", CONVOLUTIONS, ids=lambda single: single.id)
def test_convolutions(single: Single, tmp_path: Path) -> None:
    compare(single, widened_convolution(single), tmp_path)
