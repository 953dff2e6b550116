"""Operator sets 1 to 6: operators that kept their meaning, those that are written in another way now, and the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from onnx import numpy_helper
from onnx_models import Arrays, convert, model, node, values
from tpu_mlir.errors import UserError

X, Y = values(2, 3, 4, 5), values(2, 3, 4, 5, seed=1)
ROWS, COLUMNS = values(5, seed=2), values(3, seed=3)
PAIR = {"x": X, "z": Y}
WEIGHT = values(4, 3, 2, 2)
NORM = {name: values(3, low=0.3, high=2, seed=place) for place, name in enumerate("sbmv")}
CHANNELS = COLUMNS.reshape(3, 1, 1)


def normalized() -> np.ndarray:
    s, b, m, v = (array.reshape(3, 1, 1) for array in NORM.values())
    return (X - m) / np.sqrt(v + 1e-5) * s + b


def selu(alpha: float, gamma: float) -> np.ndarray:
    return np.where(X > 0, X, alpha * (np.exp(X) - 1)) * gamma


CASES: dict[str, tuple[str, str, int, Arrays, Arrays, dict[str, Any], np.ndarray]] = {
    "convolution": (
        "Conv",
        "x w",
        1,
        {"x": X},
        {"w": WEIGHT},
        {},
        torch.conv2d(torch.from_numpy(X), torch.from_numpy(WEIGHT)).numpy(),
    ),
    "relu": ("Relu", "x", 1, {"x": X}, {}, {"consumed_inputs": [0]}, np.maximum(X, 0)),
    "relu now": ("Relu", "x", 6, {"x": X}, {}, {}, np.maximum(X, 0)),
    "older defaults": ("Selu", "x", 1, {"x": X}, {}, {}, selu(1.6732, 1.0507)),
    "clip": ("Clip", "x", 1, {"x": X}, {}, {"max": 1.0}, np.minimum(X, 1)),
    "sum": ("Sum", "x z", 1, PAIR, {}, {}, X + Y),
    "add": ("Add", "x z", 6, PAIR, {}, {}, X + Y),
    "last axis": ("Mul", "x z", 6, {"x": X}, {"z": ROWS}, {"broadcast": 1}, X * ROWS),
    "channels": ("Sub", "x z", 1, {"x": X}, {"z": COLUMNS}, {"broadcast": 1, "axis": 1}, X - CHANNELS),
    "from behind": ("Add", "x z", 6, {"x": X}, {"z": COLUMNS}, {"broadcast": 1, "axis": -3}, X + CHANNELS),
    "number": ("Div", "x z", 6, {"x": X}, {"z": np.float32(2)}, {"broadcast": 1}, X / 2),
    "greater": ("Greater", "x z", 1, {"x": X}, {"z": COLUMNS}, {"broadcast": 1, "axis": 1}, X > CHANNELS),
    "slopes": ("PRelu", "x s", 6, {"x": X}, {"s": COLUMNS}, {}, np.where(X > 0, X, CHANNELS * X)),
    "one slope": ("PRelu", "x s", 1, {"x": X}, {"s": np.float32([0.3])}, {}, np.where(X > 0, X, np.float32(0.3) * X)),
    "dropout": ("Dropout", "x", 6, {"x": X}, {}, {"is_test": 1}, X),
    "norm": ("BatchNormalization", "x s b m v", 6, {"x": X}, NORM, {"is_test": 1}, normalized()),
    "reshape": ("Reshape", "x", 1, {"x": X}, {}, {"shape": [0, -1]}, X.reshape(2, -1)),
    "concat": ("Concat", "x z", 1, PAIR, {}, {}, np.concatenate([X, Y], axis=1)),
    "pad": (
        "Pad",
        "x",
        1,
        {"x": X},
        {},
        {"paddings": [0, 0, 1, 0, 0, 0, 0, 2]},
        np.pad(X, [(0, 0)] * 2 + [(1, 0), (0, 2)]),
    ),
    "cast": ("Cast", "x", 1, {"x": X}, {}, {"to": "INT32"}, np.trunc(X)),
    "upsample": (
        "Upsample",
        "x",
        1,
        {"x": X},
        {},
        {"height_scale": 2.0, "width_scale": 3.0},
        X.repeat(2, axis=2).repeat(3, axis=3),
    ),
    "gemm": (
        "Gemm",
        "x w b",
        6,
        {"x": Y[0, 0]},
        {"w": X[0, 0].T, "b": ROWS[:4]},
        {"broadcast": 1},
        Y[0, 0] @ X[0, 0].T + ROWS[:4],
    ),
    "mean of windows": (
        "AveragePool",
        "x",
        6,
        {"x": X},
        {},
        {"kernel_shape": [2, 2], "pads": [1, 1, 0, 0]},
        torch.nn.functional.avg_pool2d(torch.from_numpy(X), 2, 1, 1, count_include_pad=False).numpy()[..., :-1, :-1],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_values(case: tuple[str, str, int, Arrays, Arrays, dict[str, Any], np.ndarray]) -> None:
    op_type, inputs, opset, feeds, constants, attributes, expected = case
    _, builder = convert(model(node(op_type, inputs, **attributes), feeds, constants, opset=opset), feeds)
    assert builder.results[0].shape == expected.shape
    np.testing.assert_allclose(builder.results[0], expected.astype(np.float32), rtol=1e-4, atol=1e-5)


REFUSED: dict[str, tuple[str, str, int, Arrays, Arrays, dict[str, Any], str]] = {
    "learning dropout": ("Dropout", "x", 6, {"x": X}, {}, {}, "training mode"),
    "learning norm": ("BatchNormalization", "x s b m v", 6, {"x": X}, NORM, {}, "training mode"),
    "no broadcast": ("Add", "x z", 6, {"x": X}, {"z": ROWS}, {}, "has no broadcast"),
    "no room": ("Add", "x z", 6, {"x": X}, {"z": ROWS}, {"broadcast": 1, "axis": 1}, "cannot be spread"),
    "far axis": ("Add", "x z", 6, {"x": X}, {"z": ROWS}, {"broadcast": 1, "axis": 1 << 40}, "out of any range"),
    "other spread": ("Add", "x z", 6, {"x": X[:, :, :, :1]}, {"z": ROWS}, {"broadcast": 1}, "cannot be spread"),
    "slopes": ("PRelu", "x s", 6, {"x": X}, {"s": ROWS}, {}, "not one per channel"),
    "no slope": ("PRelu", "x", 6, {"x": X}, {}, {}, "do not fit together"),
    "no shape": ("Reshape", "x", 1, {"x": X}, {}, {}, "no attribute 'shape'"),
    "no type": ("Cast", "x", 1, {"x": X}, {}, {"to": "number"}, "no element type"),
    "other form": ("Tile", "x n a", 1, {"x": X}, {"n": np.float32(2), "a": np.float32(0)}, {}, "another form"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refusals(case: tuple[str, str, int, Arrays, Arrays, dict[str, Any], str]) -> None:
    op_type, inputs, opset, feeds, constants, attributes, reason = case
    with pytest.raises(UserError, match=reason):
        convert(model(node(op_type, inputs, **attributes), feeds, constants, opset=opset), feeds)


def test_networks_mix_them() -> None:
    nodes = [
        node("Conv", "x w", "c", kernel_shape=[2, 2]),
        node("Add", "c b", "a", broadcast=1, axis=1),
        node("Relu", "a", "r", consumed_inputs=[0]),
        node("GlobalAveragePool", "r", "y"),
    ]
    bias = values(4)
    made = model(nodes, {"x": X}, {"w": WEIGHT, "b": bias}, opset=5)
    made.ir_version = 3
    result = torch.conv2d(torch.from_numpy(X), torch.from_numpy(WEIGHT), torch.from_numpy(bias))
    _, builder = convert(made, {"x": X})
    expected = torch.relu(result).mean(dim=(2, 3), keepdim=True).numpy()
    np.testing.assert_allclose(builder.results[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("opset", [5, 7, 8])
def test_constants_of_integers(opset: int) -> None:
    """Exporters wrote them before the standard allowed them."""
    shape = numpy_helper.from_array(np.array([2, -1]), "s")
    nodes = [node("Constant", "", "s", value=shape), node("Reshape", "x s", "r"), node("Sum", "r r")]
    _, builder = convert(model(nodes, {"x": X}, opset=opset), {"x": X})
    np.testing.assert_array_equal(builder.results[0], 2 * X.reshape(2, -1))
