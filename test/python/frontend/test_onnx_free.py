"""Operators outside of the ONNX standard, against NumPy and torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper
from onnx_models import Arrays, compiler_is_built, convert, model, node, values
from torch.nn import functional
from tpu_mlir.errors import UserError

X = values(2, 4, 6, 5)
LEFT, RIGHT = values(1, 4, 3, 6), values(1, 4, 3, 6, seed=1)
C, A, B = (values(5, 3, 2, 2, seed=seed, low=-1, high=1) for seed in range(3))
U, D = values(5, 3, 2), values(3)
GRADIENT = values(2, 6, 3, 3)
BOXES = np.array([[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11]]], np.float32)
SCORES = np.array([[[0.5, 0.9, 0.7]]], np.float32)


def made(
    op_type: str, inputs: str, feeds: Arrays, constants: Arrays, domain: str, **attributes: Any
) -> onnx.ModelProto:
    """A model of one node in a domain without an imported operator set, as exporters leave it."""
    return model(node(op_type, inputs, domain=domain, **attributes), feeds, constants)


def torch_(function: Callable[..., torch.Tensor], *arrays: np.ndarray, **options: Any) -> np.ndarray:
    return function(*map(torch.from_numpy, arrays), **options).numpy()


def moved(right: np.ndarray, by: int) -> np.ndarray:
    """The image moved to the right, zeros at the left."""
    return np.pad(right, [(0, 0)] * 3 + [(by, 0)])[..., : right.shape[-1]]


def volume(displacements: int) -> np.ndarray:
    parts = []
    for by in range(displacements):
        left = LEFT.copy()
        parts.append(np.concatenate([left, moved(RIGHT, by)], axis=1))
    return np.stack(parts, axis=2)


def correlation(displacements: int, groups: int) -> np.ndarray:
    products = np.stack([LEFT * moved(RIGHT, by) for by in range(displacements)], axis=1)[0]
    return products.reshape(displacements, groups, -1, *LEFT.shape[2:]).mean(axis=2).swapaxes(0, 1)


def scan(last: bool) -> np.ndarray:
    state, rows = np.zeros(A.shape[1:], np.float32), []
    for c, a, b, u in zip(C, A, B, U, strict=True):
        state = a * state + b
        rows.append((c * state).sum(axis=1) + (D[:, None] * u if last else 0))
    return np.stack(rows)


def filter_gradient() -> np.ndarray:
    weight = torch.zeros(6, 2, 3, 3, requires_grad=True)
    result = functional.conv2d(torch.from_numpy(X), weight, stride=[2, 2], padding=[1, 1], groups=2)
    result.backward(torch.from_numpy(GRADIENT))
    return weight.grad.numpy()


def pixels(weight: Any = 1, bias: Any = 0) -> np.ndarray:
    centred = X - X.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 0.1) * weight + bias


PARAMETERS = {"w": values(4), "b": values(4, seed=1)}
COLUMN = (4, 1, 1)
PICTURE = {"mean": [1.0, 2.0, 3.0, 4.0], "std": [2.0, 0.5, 1.5, 4.0]}
MEANS, DEVIATIONS = np.float32(PICTURE["mean"]), np.float32(PICTURE["std"])
GRADIENT_OPTIONS = {"kernel_shape": [6, 2, 3, 3], "stride": [2, 2], "padding": [1, 1, 1, 1], "groups": 2}
LIMITS = {"n": np.array([2]), "iou": np.array([0.5], np.float32)}
STEREO = {"a": LEFT, "b": RIGHT}
STATES = {"c": C, "a": A, "b": B, "u": U}
CASES: dict[str, tuple[str, str, Arrays, Arrays, dict[str, Any], np.ndarray]] = {
    "gelu": ("GELU", "x", {"x": X}, {}, {}, torch_(functional.gelu, X)),
    "gelu by tanh": (
        "GELU",
        "x",
        {"x": X},
        {},
        {"approx_mode": "tanh"},
        torch_(functional.gelu, X, approximate="tanh"),
    ),
    "rsqrt": ("Rsqrt", "x", {"x": np.abs(X) + 1}, {}, {}, 1 / np.sqrt(np.abs(X) + 1)),
    "quotient": ("DivConst", "x", {"x": X}, {}, {"const_val": 0.7}, np.floor(X / 0.7)),
    "quotient by an input": ("DivConst", "x c", {"x": X}, {"c": np.float32([0.7])}, {}, np.floor(X / 0.7)),
    "reversed": ("DivConst", "x", {"x": X + 9}, {}, {"const_val": 40.0, "is_reverse": 1}, np.floor(40 / (X + 9))),
    "picture": (
        "MeanStdScale",
        "x",
        {"x": X},
        {},
        PICTURE,
        (X - MEANS.reshape(COLUMN)) / DEVIATIONS.reshape(COLUMN),
    ),
    "bytes, channels last": (
        "MeanStdScale",
        "x",
        {"x": np.arange(72, dtype=np.uint8).reshape(1, 6, 3, 4)},
        {},
        {**PICTURE, "channel_order": "nhwc"},
        (np.arange(72).reshape(1, 6, 3, 4) - MEANS) / DEVIATIONS,
    ),
    "adaptive": (
        "AdaptiveAvgPool",
        "x",
        {"x": X},
        {},
        {"output_size": [4, 3]},
        torch_(functional.adaptive_avg_pool2d, X, output_size=[4, 3]),
    ),
    "adaptive, size as input": (
        "AdaptiveAvgPool",
        "x s",
        {"x": X},
        {"s": np.array([3, 5])},
        {},
        torch_(functional.adaptive_avg_pool2d, X, output_size=[3, 5]),
    ),
    "pixels": ("PixelNormalization", "x", {"x": X}, {}, {"eps": 0.1}, pixels()),
    "pixels with parameters": (
        "PixelNormalization",
        "x w b",
        {"x": X},
        PARAMETERS,
        {"eps": 0.1},
        pixels(*(array.reshape(COLUMN) for array in PARAMETERS.values())),
    ),
    "correlation": ("Correlation", "a b", STEREO, {}, {"max_disp": 3, "num_groups": 2}, correlation(3, 2)),
    "volume": ("ConcatVolume", "a b", STEREO, {}, {"max_disp": 3}, volume(3)),
    "suppression": (
        "Nms",
        "b s n iou",
        {"b": BOXES, "s": SCORES},
        LIMITS,
        {},
        np.array([[0, 0, 1], [0, 0, 2]]),
    ),
    "suppression by scores": (
        "Nms",
        "b s - iou t",
        {"b": BOXES, "s": SCORES},
        {"iou": LIMITS["iou"], "t": np.float32([0.8])},
        {"max_output_size": 3},
        np.array([[0, 0, 1], [-1, -1, -1], [-1, -1, -1]]),
    ),
    "filter": ("ConvBwd_Weight", "x g", {"x": X, "g": GRADIENT}, {}, GRADIENT_OPTIONS, filter_gradient()),
    "scan": ("SelectiveScan", "c a b u", STATES, {}, {}, scan(False)),
    "scan with last term": ("SelectiveScan", "c a b u d", STATES, {"d": D}, {}, scan(True)),
}


@pytest.mark.skipif(not compiler_is_built(), reason="the compiler is not built")
@pytest.mark.parametrize("domain", ["", "my.ops"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_values(case: tuple[str, str, Arrays, Arrays, dict[str, Any], np.ndarray], domain: str) -> None:
    from onnx_node_suite import evaluate_top

    op_type, inputs, feeds, constants, attributes, expected = case
    (result,) = evaluate_top(made(op_type, inputs, feeds, constants, domain, **attributes), feeds).values()
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


REFUSED: dict[str, tuple[tuple[str, str, Arrays, Arrays, dict[str, Any]], str]] = {
    "mode": (("GELU", "x", {"x": X}, {}, {"approx_mode": "fast"}), "'fast' is not normal"),
    "no divisor": (("DivConst", "x", {"x": X}, {}, {}), "neither an attribute 'const_val'"),
    "means": (("MeanStdScale", "x", {"x": X}, {}, {**PICTURE, "mean": [1.0, 2.0]}), "2 values for 4 channels"),
    "no deviation": (("MeanStdScale", "x", {"x": X}, {}, {**PICTURE, "std": [0.0]}), "has a 0"),
    "sizes": (("AdaptiveAvgPool", "x", {"x": X}, {}, {"output_size": [2, 0]}), "below 1"),
    "size of text": (("AdaptiveAvgPool", "x", {"x": X}, {}, {"output_size": "two"}), "do not fit together"),
    "parameters": (("PixelNormalization", "x w", {"x": X}, {"w": D}, {}), "3 values for 4 channels"),
    "displacements": (("ConcatVolume", "a b", STEREO, {}, {}), "max_disp is 0"),
    "huge": (("ConcatVolume", "a b", STEREO, {}, {"max_disp": 1 << 40}), "too large"),
    "groups": (("Correlation", "a b", STEREO, {}, {"max_disp": 1, "num_groups": 3}), "3 groups"),
    "one picture": (("Correlation", "a", {"a": LEFT}, {}, {"max_disp": 1}), "its input 1 is missing"),
    "boxes": (("Nms", "b s n", {"b": BOXES, "s": values(1, 1, 4)}, LIMITS, {}), "boxes and scores"),
    "gradient": (("ConvBwd_Weight", "x g", {"x": X, "g": X}, {}, GRADIENT_OPTIONS), "the convolution gives"),
    "states": (("SelectiveScan", "c a b u", {**STATES, "u": X}, {}, {}), "us has the shape"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refusals(case: tuple[tuple[str, str, Arrays, Arrays, dict[str, Any]], str]) -> None:
    (op_type, inputs, feeds, constants, attributes), reason = case
    with pytest.raises(UserError, match=reason):
        convert(made(op_type, inputs, feeds, constants, "", **attributes), feeds)


@pytest.mark.parametrize("domain", ["ai.onnx.ml", "com.microsoft"])
def test_domains_of_others(domain: str) -> None:
    with pytest.raises(UserError, match=f"domain '{domain}' has no such operator"):
        convert(made("Rsqrt", "x", {"x": X}, {}, domain), {"x": X})


def test_one_result() -> None:
    proto = model(helper.make_node("Rsqrt", ["x"], ["y", "z"], domain="mine"), {"x": X}, outputs="y z")
    with pytest.raises(UserError, match="one result only"):
        convert(proto, {"x": X})
