"""Convolution, transposed convolution and pooling: onnxruntime → Top → Tpu → bmodel for shapes that need tiling along
every axis, channels above and below a multiple of 64, and windows beyond what one instruction can do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import harness
import numpy as np
import pytest
from harness import Row


def small(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values that keep long sums near 1, where f32 implementations differ little."""
    return (0.2 * generator.standard_normal(shape)).astype(np.float32)


SUMS: dict[str, Any] = {"floor": 1.0, "tolerance": 8, "values": small}


def tiny(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """The same for very long sums."""
    return (0.05 * generator.standard_normal(shape)).astype(np.float32)


def positive(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values whose mean is far from 0."""
    return generator.uniform(0, 1, shape).astype(np.float32)


def conv(
    shape: tuple[int, ...], filters: tuple[int, ...], *, bias: bool = True, op: str = "Conv", **options: Any
) -> Row:
    """A convolution of the given filter shape; attributes and row fields as keywords."""
    fields = {key: options.pop(key) for key in ("modes", "floor", "tolerance", "name", "values") if key in options}
    outputs = filters[0] if op == "Conv" else filters[1] * options.get("group", 1)
    constants: dict[int, Any] = {1: filters}
    if bias:
        constants[2] = (outputs,)
    return Row(op, [shape], options, constants, **{**SUMS, **fields})


def deconv(shape: tuple[int, ...], filters: tuple[int, ...], **options: Any) -> Row:
    """A transposed convolution."""
    return conv(shape, filters, op="ConvTranspose", **options)


def pool(op: str, shape: tuple[int, ...], kernel: Sequence[int] = (), **options: Any) -> Row:
    """A pooling; without kernel a global one."""
    fields = {key: options.pop(key) for key in ("modes", "floor", "tolerance", "name", "values") if key in options}
    attributes = {**({"kernel_shape": list(kernel)} if kernel else {}), **options}
    return Row(op, [shape], attributes, **{"floor": 1.0, "tolerance": 4, **fields})


ROWS = [
    conv((1, 3, 8, 8), (8, 3, 3, 3), pads=[1, 1, 1, 1]),
    conv((1, 1, 9, 7), (5, 1, 3, 3), bias=False),
    conv((2, 64, 14, 14), (64, 64, 3, 3), pads=[1, 1, 1, 1]),
    conv((1, 65, 7, 9), (130, 65, 1, 1)),
    conv((3, 100, 13, 11), (70, 100, 3, 3), pads=[0, 1, 2, 1], strides=[2, 1]),
    conv((1, 3, 64, 64), (32, 3, 7, 7), pads=[3, 3, 3, 3], strides=[2, 2]),
    conv((2, 3, 33, 47), (16, 3, 5, 5), pads=[2, 2, 2, 2], strides=[3, 2]),
    conv((1, 4, 21, 300), (70, 4, 3, 9), pads=[1, 20, 1, 3]),
    conv((1, 16, 30, 30), (20, 16, 3, 3), dilations=[2, 3], pads=[2, 3, 2, 3]),
    conv((1, 8, 20, 20), (8, 8, 3, 3), dilations=[9, 9], pads=[9, 9, 9, 9]),
    conv((1, 8, 12, 12), (6, 8, 3, 3), pads=[17, 20, 18, 16], name="pads_above_15"),
    conv((1, 3, 64, 64), (24, 3, 16, 16), strides=[16, 16], name="patches"),
    conv((2, 12, 40, 40), (24, 6, 3, 3), group=2, pads=[1, 1, 1, 1]),
    conv((1, 192, 10, 10), (192, 32, 3, 3), group=6, pads=[1, 1, 1, 1]),
    conv((1, 32, 56, 56), (32, 1, 3, 3), group=32, pads=[1, 1, 1, 1]),
    conv((2, 130, 15, 15), (130, 1, 5, 3), group=130, pads=[2, 1, 2, 1], strides=[2, 2]),
    conv((1, 70, 9, 9), (70, 1, 3, 3), group=70, dilations=[2, 2], bias=False),
    conv((1, 70, 9, 9), (140, 1, 3, 3), group=70),
    conv((2, 20, 100), (30, 20, 5), pads=[2, 2]),
    conv((1, 7, 70000), (9, 7, 3), strides=[2], modes=("F32", "F16"), name="long_1d"),
    conv((1, 512, 7, 7), (512, 512, 3, 3), pads=[1, 1, 1, 1], modes=("F16", "F32"), tolerance=64),
    conv((1, 2048, 5, 5), (256, 2048, 3, 3), pads=[1, 1, 1, 1], modes=("F16", "F32"), tolerance=128),
    conv((1, 64, 12, 1920), (64, 64, 3, 3), pads=[1, 1, 1, 1], modes=("F16", "F32")),
    conv((1, 8, 5, 10000), (8, 8, 3, 3), pads=[1, 1, 1, 1], modes=("F16", "F32"), name="wide"),
    conv((32, 16, 9, 9), (16, 16, 3, 3), pads=[1, 1, 1, 1]),
    conv((1, 64, 40, 40), (32, 64, 31, 31), pads=[15, 15, 15, 15], modes=("F16",), tolerance=16, values=tiny),
    deconv((1, 8, 7, 7), (8, 6, 2, 2), strides=[2, 2]),
    deconv((2, 70, 5, 9), (70, 66, 3, 3), strides=[2, 3], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    deconv((1, 16, 6, 6), (16, 5, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1]),
    deconv((1, 5, 9, 8), (5, 7, 3, 3)),
    deconv((1, 5, 9, 8), (5, 7, 3, 3), dilations=[2, 2], strides=[2, 2]),
    deconv((1, 4, 6, 6), (4, 3, 2, 2), strides=[5, 4], name="gaps"),
    conv((1, 3, 2, 30), (8, 3, 7, 7), pads=[3, 3, 3, 3], name="lower_than_the_kernel"),
    deconv((1, 6, 8, 8), (6, 2, 3, 3), group=3, strides=[2, 2]),
    deconv((1, 20, 8, 8), (20, 1, 4, 4), group=20, strides=[2, 2], pads=[1, 1, 1, 1]),
    deconv((1, 10, 6, 6), (10, 1, 3, 3), group=10, strides=[9, 9], name="depthwise_wide_stride"),
    deconv((1, 3, 5, 5), (3, 4, 16, 16), strides=[8, 8], pads=[4, 4, 4, 4]),
    deconv((1, 64, 64, 64), (64, 64, 2, 2), strides=[2, 2], modes=("F16", "F32")),
    deconv((1, 4, 30), (4, 6, 4), strides=[3]),
    # Thin layers, computed several rows at once or with kernel rows as channels; zeros between pixels left out.
    conv((2, 16, 37, 130), (9, 16, 3, 3), pads=[1, 1, 1, 1]),
    conv((2, 3, 66, 130), (30, 3, 6, 6), pads=[2, 2, 2, 2], strides=[2, 2]),
    conv((1, 32, 64, 64), (32, 32, 3, 3), pads=[1, 1, 1, 1]),
    conv((1, 24, 40, 70), (16, 24, 3, 3), dilations=[2, 2], pads=[2, 2, 2, 2]),
    conv((1, 3, 224, 224), (192, 3, 16, 16), strides=[16, 16], name="joined_patches"),
    deconv((1, 32, 24, 20), (32, 16, 2, 2), strides=[2, 2]),
    deconv((2, 32, 24, 20), (32, 12, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1]),
    deconv((1, 64, 13, 11), (64, 130, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]),
    pool("MaxPool", (1, 64, 112, 112), [3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    pool("MaxPool", (2, 70, 13, 15), [2, 3], strides=[1, 2]),
    pool("MaxPool", (1, 20, 14, 14), [3, 3], strides=[2, 2], ceil_mode=1),
    pool("MaxPool", (1, 20, 20, 20), [13, 13], strides=[1, 1], pads=[6, 6, 6, 6]),
    pool("MaxPool", (1, 5, 100, 90), [20, 30], strides=[20, 17], name="strides_above_15"),
    pool("MaxPool", (2, 9, 101), [5], strides=[3]),
    pool("MaxPool", (1, 4, 200, 3000), [150, 2500], modes=("F32", "F16"), name="huge_window"),
    pool("AveragePool", (1, 64, 16, 16), [2, 2], strides=[2, 2]),
    pool("AveragePool", (2, 70, 13, 15), [3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    pool("AveragePool", (2, 70, 13, 15), [3, 3], strides=[2, 2], pads=[1, 0, 1, 1], count_include_pad=1),
    pool("AveragePool", (1, 10, 15, 15), [4, 4], strides=[3, 3], ceil_mode=1),
    pool("AveragePool", (1, 10, 61, 61), [20, 20], strides=[18, 16], pads=[5, 5, 5, 5]),
    pool("AveragePool", (1, 6, 300, 400), [250, 390], modes=("F32", "F16"), values=positive, tolerance=500),
    pool("AveragePool", (2, 9, 101), [5], strides=[3], pads=[2, 2]),
    pool("GlobalAveragePool", (2, 100, 7, 7)),
    pool("GlobalAveragePool", (1, 4, 512, 512), values=positive, tolerance=500),
    pool("GlobalMaxPool", (2, 100, 9, 5)),
]


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_window(row: Row, mode: str, tmp_path: Path) -> None:
    if mode not in row.modes:
        pytest.skip("this row is for other modes")
    harness.check(row, mode, tmp_path)
