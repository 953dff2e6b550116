"""Operators in the operator sets that gave them another meaning or form, against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx_models import check, model, node, values

X = values(2, 3, 8)
IMAGE = values(1, 2, 7, 6)
INDEX = np.array([[[0, 1, 1]]])


def at(*values_: float, kind: Any = np.int64) -> np.ndarray:
    return np.array(values_, kind)


def case(
    op_type: str, inputs: str, opset: int, feeds: Any, constants: Any, /, outputs: str = "y", **attributes: Any
) -> Any:
    """One operator in one operator set."""
    return pytest.param(op_type, inputs, opset, feeds, constants, outputs, attributes, id=f"{op_type}-{opset}")


NORM = {name: values(3, low=0.3, seed=place) for place, name in enumerate("sbmv")}
CASES = [
    case("TopK", "x", 9, {"x": X}, {}, "y i", k=2, axis=1),
    case("TopK", "x k", 10, {"x": X}, {"k": at(2)}, "y i", axis=1),
    case("TopK", "x k", 11, {"x": X}, {"k": at(3)}, "y i", axis=-1, largest=0),
    case("TopK", "x k", 24, {"x": X}, {"k": at(3)}, "y i", axis=0 - 1),
    case("Scatter", "x i u", 9, {"x": X, "u": values(1, 1, 3)}, {"i": INDEX}, axis=0),
    case("ScatterElements", "x i u", 11, {"x": X, "u": values(1, 1, 3)}, {"i": INDEX}, axis=1),
    case("ScatterElements", "x i u", 16, {"x": X, "u": values(1, 1, 3)}, {"i": INDEX}, axis=1, reduction="add"),
    case("ScatterElements", "x i u", 18, {"x": X, "u": values(1, 1, 3)}, {"i": INDEX}, axis=1, reduction="max"),
    case("Hardmax", "x", 11, {"x": values(3, 5)}, {}),
    case("Hardmax", "x", 13, {"x": X}, {}, axis=1),
    case("Softmax", "x", 11, {"x": X}, {}, axis=1),
    case("Softmax", "x", 13, {"x": X}, {}, axis=1),
    case("LogSoftmax", "x", 9, {"x": X}, {}),
    case("ArgMax", "x", 9, {"x": X}, {}, axis=1),
    case("ArgMin", "x", 12, {"x": np.round(X)}, {}, axis=1, select_last_index=1),
    *[case("ReduceSum", "x", opset, {"x": X}, {}, axes=[1]) for opset in (9, 11)],
    case("ReduceSum", "x a", 13, {"x": X}, {"a": at(-1)}),
    *[
        case(kind, "x", opset, {"x": X}, {}, axes=[1])
        for kind in ("ReduceMean", "ReduceMax", "ReduceL2")
        for opset in (11, 13)
    ],
    *[
        case(kind, "x a", 18, {"x": X}, {"a": at(0, 2)})
        for kind in ("ReduceMean", "ReduceMax", "ReduceL2", "ReduceProd")
    ],
    case("Clip", "x", 9, {"x": X}, {}, min=-1.0, max=2.0),
    case("Clip", "x - h", 11, {"x": X}, {"h": np.float32(1)}),
    case("Pad", "x", 9, {"x": X}, {}, pads=[0, 1, 2, 1, 0, 0], value=3.0),
    case("Pad", "x p v", 11, {"x": X}, {"p": at(0, 1, 2, 1, 0, 0), "v": np.float32(2)}),
    case("Pad", "x p v a", 18, {"x": X}, {"p": at(1, 2), "v": np.float32(2), "a": at(-1)}),
    case("Pad", "x p", 19, {"x": X}, {"p": at(0, 2, 3, 0, 1, 9)}, mode="wrap"),
    case("Squeeze", "x", 9, {"x": values(2, 1, 3)}, {}, axes=[1]),
    case("Squeeze", "x a", 13, {"x": values(2, 1, 3)}, {"a": at(-2)}),
    case("Unsqueeze", "x", 11, {"x": X}, {}, axes=[0, 3]),
    case("Unsqueeze", "x a", 13, {"x": X}, {"a": at(-1)}),
    case("Slice", "x", 9, {"x": X}, {}, starts=[1], ends=[-1], axes=[2]),
    case("Slice", "x s e a t", 10, {"x": X}, {"s": at(7), "e": at(0), "a": at(-1), "t": at(-2)}),
    case("Split", "x", 11, {"x": X}, {}, "y z", axis=2, split=[3, 5]),
    case("Split", "x s", 13, {"x": X}, {"s": at(3, 5)}, "y z", axis=2),
    case("Split", "x", 18, {"x": X}, {}, "y z w", axis=2, num_outputs=3),
    case("Upsample", "x s", 9, {"x": IMAGE}, {"s": at(1, 1, 2, 3, kind=np.float32)}, mode="nearest"),
    case("Resize", "x s", 10, {"x": IMAGE}, {"s": at(1, 1, 2, 2, kind=np.float32)}, mode="linear"),
    case(
        "Resize",
        "x r s",
        11,
        {"x": IMAGE},
        {"r": at(kind=np.float32), "s": at(1, 1, 2, 3, kind=np.float32)},
        mode="cubic",
    ),
    case("Resize", "x - s", 13, {"x": IMAGE}, {"s": at(1, 1, 0.5, 2, kind=np.float32)}, mode="linear"),
    case("Resize", "x - - z", 18, {"x": IMAGE}, {"z": at(5, 9)}, axes=[2, 3], mode="linear", antialias=1),
    *[case("BatchNormalization", "x s b m v", opset, {"x": values(2, 3, 4)}, NORM) for opset in (9, 14, 15)],
    case("Dropout", "x", 9, {"x": X}, {}),
    case("Dropout", "x r", 12, {"x": X}, {"r": np.float32(0.3)}),
    case("Dropout", "x r t", 13, {"x": X}, {"r": np.float32(0.3), "t": np.array(False)}),
    case("AveragePool", "x", 9, {"x": IMAGE}, {}, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    case("AveragePool", "x", 10, {"x": IMAGE}, {}, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    case("AveragePool", "x", 19, {"x": IMAGE}, {}, kernel_shape=[2, 2], dilations=[2, 1]),
    case("MaxPool", "x", 9, {"x": IMAGE}, {}, "y i", kernel_shape=[3, 3], strides=[2, 2]),
    case(
        "MaxPool", "x", 10, {"x": IMAGE}, {}, "y i", kernel_shape=[2, 3], dilations=[2, 1], ceil_mode=1, strides=[2, 2]
    ),
    case("Where", "c a b", 9, {"c": np.array([True, False]), "a": values(3, 2)}, {"b": values(2)}),
    *[case("Pow", "a b", opset, {"a": values(3, 4, low=0.1), "b": values(4)}, {}) for opset in (9, 12, 15)],
    case("Mod", "a b", 10, {"a": values(5), "b": values(5, seed=3)}, {}, fmod=1),
    case("Gelu", "x", 20, {"x": X}, {}, approximate="tanh"),
    case("GridSample", "x g", 16, {"x": IMAGE, "g": values(1, 3, 3, 2)}, {}, mode="bicubic"),
    case("GridSample", "x g", 20, {"x": IMAGE, "g": values(1, 3, 3, 2)}, {}, mode="linear"),
    case("LayerNormalization", "x s", 17, {"x": X}, {"s": values(8)}),
    case("GroupNormalization", "x s b", 21, {"x": values(2, 4, 5)}, {"s": values(4), "b": values(4)}, num_groups=2),
    case("CumSum", "x a", 11, {"x": X}, {"a": np.array(1)}),
    case("Trilu", "x", 14, {"x": X}, {}, upper=0),
    case("DFT", "x", 17, {"x": values(2, 6, 1)}, {}, axis=1),
    case("DFT", "x - a", 20, {"x": values(2, 6, 2)}, {"a": np.array(1)}),
    case(
        "RoiAlign",
        "x r b",
        10,
        {"x": IMAGE, "r": at(1, 1, 5, 4, kind=np.float32).reshape(1, 4)},
        {"b": at(0)},
        output_height=2,
    ),
    case(
        "RoiAlign",
        "x r b",
        16,
        {"x": IMAGE, "r": at(1, 1, 5, 4, kind=np.float32).reshape(1, 4)},
        {"b": at(0)},
        output_width=3,
    ),
    case(
        "MaxRoiPool",
        "x r",
        9,
        {"x": IMAGE, "r": at(0, 1, 1, 5, 4, kind=np.float32).reshape(1, 5)},
        {},
        pooled_shape=[2, 2],
    ),
    case("DeformConv", "x w o", 19, {"x": IMAGE, "o": values(1, 8, 6, 5, low=-1, high=1)}, {"w": values(3, 2, 2, 2)}),
    case("RNN", "x w r", 9, {"x": X}, {"w": values(1, 4, 8), "r": values(1, 4, 4)}, "y last", hidden_size=4),
    case("LSTM", "x w r", 14, {"x": X}, {"w": values(1, 16, 8), "r": values(1, 16, 4)}, "y last", hidden_size=4),
]


@pytest.mark.parametrize(("op_type", "inputs", "opset", "feeds", "constants", "outputs", "attributes"), CASES)
def test_operators(
    op_type: str, inputs: str, opset: int, feeds: Any, constants: Any, outputs: str, attributes: dict[str, Any]
) -> None:
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip("the onnx package is older")
    check(model(node(op_type, inputs, outputs, **attributes), feeds, constants, outputs, opset), feeds, 1e-4)
