"""QuantizeLinear and DequantizeLinear: equal to onnxruntime, and weights that keep the scales of their integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx_models import check, convert, kinds, model, node, values
from tpu_mlir.frontend import FrontendError

SCALE = np.float32(0.03)


def scalar(value: float, dtype: Any) -> np.ndarray:
    return np.array(value, dtype)


@pytest.mark.parametrize("opset", [10, 13, 19, 21])
@pytest.mark.parametrize("dtype, zero", [(np.int8, -3), (np.uint8, 128)])
def test_pairs_round_half_to_even_and_saturate(opset: int, dtype: Any, zero: int) -> None:
    x = np.concatenate([values(40) * 9, np.arange(-8, 8) * np.float32(0.125)]).astype(np.float32)
    nodes = [node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z", "y")]
    constants = {"s": scalar(0.0625, np.float32), "z": scalar(zero, dtype)}
    builder = check(model(nodes, {"x": x}, constants, opset=opset), {"x": x})
    assert kinds(builder) == ["QuantizeLinear", "DequantizeLinear"]


def test_a_missing_zero_point_means_uint8() -> None:
    x = values(3, 4)
    nodes = [node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s", "y")]
    check(model(nodes, {"x": x}, {"s": scalar(0.01, np.float32)}, opset=13), {"x": x})


@pytest.mark.parametrize("axis", [1, -1])
def test_scales_per_axis(axis: int) -> None:
    x = values(2, 3, 4)
    count = x.shape[axis]
    constants = {"s": np.linspace(0.01, 0.05, count).astype(np.float32), "z": np.arange(count).astype(np.int8)}
    nodes = [node("QuantizeLinear", "x s z", "q", axis=axis), node("DequantizeLinear", "q s z", "y", axis=axis)]
    check(model(nodes, {"x": x}, constants, opset=13), {"x": x})


def test_integers_that_others_read_are_values() -> None:
    x = values(2, 3, 4, 4)
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("Cast", "q", "c", to=1),
        node("DequantizeLinear", "q s z", "d"),
        node("Mul", "c d"),
    ]
    constants = {"s": SCALE, "z": scalar(7, np.uint8)}
    builder = check(model(nodes, {"x": x}, constants, opset=13), {"x": x})
    assert kinds(builder) == ["QuantizeLinear", "DequantizeLinear", "DequantizeLinear", "Mul"]


def test_integers_of_the_network_become_values() -> None:
    q = np.random.default_rng(0).integers(0, 256, (2, 3, 4)).astype(np.uint8)
    nodes = [node("DequantizeLinear", "q s z", "d", axis=1), node("Relu", "d")]
    for count in (1, 3):
        shape = () if count == 1 else (3,)
        constants = {"s": np.full(shape, 0.02, np.float32), "z": np.full(shape, 100, np.uint8)}
        check(model(nodes, {"q": q}, constants, opset=13), {"q": q})


def quantized_conv(zero: int, dtype: Any, axis: int = 0) -> tuple[onnx.ModelProto, dict[str, np.ndarray], np.ndarray]:
    inputs = {"x": values(1, 3, 6, 6)}
    low, high = (-128, 128) if dtype == np.int8 else (0, 256)
    weight = np.random.default_rng(1).integers(low, high, (4, 3, 3, 3)).astype(dtype)
    scales = np.array([0.01, 0.02, 0.03, 0.04][: weight.shape[axis]], np.float32)
    constants = {
        "w": weight,
        "ws": scales,
        "wz": np.full(scales.shape, zero, dtype),
        "b": np.array([100, -200, 300, 70000], np.int32),
        "bs": np.array([0.001] * 4, np.float32),
        "bz": np.zeros(4, np.int32),
    }
    nodes = [
        node("DequantizeLinear", "w ws wz", "wf", axis=axis),
        node("DequantizeLinear", "b bs bz", "bf", axis=0),
        node("Conv", "x wf bf", kernel_shape=[3, 3]),
    ]
    return model(nodes, inputs, constants, opset=13), inputs, weight


@pytest.mark.parametrize("zero, dtype", [(0, np.int8), (128, np.uint8)])
def test_weights_keep_their_scales(zero: int, dtype: Any) -> None:
    proto, inputs, weight = quantized_conv(zero, dtype)
    builder = check(proto, inputs)
    assert np.allclose(builder.scales["wf"], [0.01, 0.02, 0.03, 0.04]) and builder.scales["bf"] is None
    whole = builder.weights["wf"] / np.array(builder.scales["wf"], np.float32).reshape(-1, 1, 1, 1)
    assert np.array_equal(np.rint(whole), weight.astype(np.int32) - zero)


def test_scales_that_a_signed_byte_cannot_have_are_dropped() -> None:
    proto, inputs, _ = quantized_conv(20, np.uint8)
    assert check(proto, inputs).scales["wf"] is None


def test_scales_of_input_channels_are_dropped() -> None:
    proto, inputs, _ = quantized_conv(0, np.int8, axis=1)
    assert check(proto, inputs).scales["wf"] is None


@pytest.mark.parametrize("transposed", [0, 1])
def test_scales_follow_the_columns_of_a_product(transposed: int) -> None:
    x = values(2, 6)
    weight = np.random.default_rng(2).integers(-127, 128, (4, 6) if transposed else (6, 4)).astype(np.int8)
    axis = 0 if transposed else 1
    constants = {"w": weight, "s": np.array([1, 2, 3, 4], np.float32) / 100, "z": np.zeros(4, np.int8)}
    nodes = [
        node("DequantizeLinear", "w s z", "f", axis=axis),
        node("Transpose", "f", "t", perm=[1, 0]),
        node("Gemm", "x f", "g", transB=transposed),
        node("MatMul", "x t" if transposed else "x f", "m"),
        node("Add", "g m"),
    ]
    nodes = nodes if transposed else [nodes[0], *nodes[2:]]
    builder = check(model(nodes, {"x": x}, constants, opset=13), {"x": x})
    assert all(np.allclose(found, [0.01, 0.02, 0.03, 0.04]) for found in builder.scales.values())


def test_weights_that_are_quantized_in_the_graph() -> None:
    """As PyTorch exports them: float weights with both ops in front."""
    x = values(2, 6)
    constants = {"w": values(6, 4), "s": SCALE, "z": scalar(0, np.int8)}
    nodes = [
        node("QuantizeLinear", "w s z", "q"),
        node("DequantizeLinear", "q s z", "f"),
        node("MatMul", "x f"),
    ]
    builder = check(model(nodes, {"x": x}, constants, opset=13), {"x": x})
    assert kinds(builder) == ["MatMul"] and np.allclose(builder.scales["f"], [SCALE])


@pytest.mark.parametrize(
    "kind, scale, opset, reason",
    [
        (onnx.TensorProto.FLOAT8E4M3FN, 0.1, 19, "float8e4m3fn is not supported"),
        (onnx.TensorProto.INT8, 0.0, 19, "a scale is not a positive finite number"),
        (onnx.TensorProto.INT8, np.inf, 19, "a scale is not a positive finite number"),
    ],
)
def test_other_types_and_scales_are_refused(kind: int, scale: float, opset: int, reason: str) -> None:
    x = values(2, 6)
    proto = model([node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z")], {"x": x}, {}, opset=opset)
    proto.graph.initializer.append(helper.make_tensor("s", onnx.TensorProto.FLOAT, [], [scale]))
    proto.graph.initializer.append(helper.make_tensor("z", kind, [], [0]))
    with pytest.raises(FrontendError, match=reason):
        convert(proto, {"x": x})


@pytest.mark.parametrize("kind", [np.int8, np.uint16])
@pytest.mark.parametrize("axis", [0, 1])
def test_blocks(kind: type[np.integer[Any]], axis: int) -> None:
    x = values(4, 6)
    shape = (2, 6) if axis == 0 else (4, 3)
    constants = {"s": values(*shape, low=0.05, high=0.1), "z": np.full(shape, 3, kind)}
    nodes = [node("QuantizeLinear", "x s z", "q", axis=axis, block_size=2)]
    nodes.append(node("DequantizeLinear", "q s z", axis=axis, block_size=2))
    check(model(nodes, {"x": x}, constants, opset=21), {"x": x})


@pytest.mark.parametrize("kind", [onnx.TensorProto.INT4, onnx.TensorProto.UINT4, onnx.TensorProto.INT16])
def test_other_integer_types(kind: int) -> None:
    x = values(4, 6)
    nodes = [node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z")]
    proto = model(nodes, {"x": x}, {"s": np.float32(0.3)}, opset=21)
    proto.graph.initializer.append(helper.make_tensor("z", kind, [], [2]))
    proto.ir_version = 10
    check(proto, {"x": x})


def test_computed_scales() -> None:
    x = values(4, 6)
    nodes = [node("ReduceMax", "x", "s", keepdims=0), node("QuantizeLinear", "x s", "q"), node("Cast", "q", "y", to=1)]
    check(model(nodes, {"x": x}, opset=13), {"x": x})


def test_operators_on_integers() -> None:
    """QLinearConv, a pool of its integers, QLinearMatMul."""
    x = values(1, 2, 6, 6)
    random = np.random.default_rng(4)
    constants: dict[str, np.ndarray] = {
        "xs": scalar(0.03, np.float32),
        "xz": scalar(120, np.uint8),
        "w": random.integers(-100, 100, (3, 2, 3, 3)).astype(np.int8),
        "ws": np.array([0.01, 0.02, 0.005], np.float32),
        "wz": np.zeros(3, np.int8),
        "b": random.integers(-3000, 3000, 3).astype(np.int32),
        "ys": scalar(0.11, np.float32),
        "yz": scalar(100, np.uint8),
        "shape": np.array([3, 4], np.int64),
        "m": random.integers(-100, 100, (4, 5)).astype(np.int8),
        "ms": scalar(0.02, np.float32),
        "mz": scalar(0, np.int8),
        "os": scalar(0.2, np.float32),
        "oz": scalar(128, np.uint8),
    }
    nodes = [
        node("QuantizeLinear", "x xs xz", "q"),
        node("QLinearConv", "q xs xz w ws wz ys yz b", "c", kernel_shape=[3, 3]),
        node("MaxPool", "c", "p", kernel_shape=[2, 2], strides=[2, 2]),
        node("Reshape", "p shape", "r"),
        node("QLinearMatMul", "r ys yz m ms mz os oz", "o"),
        node("DequantizeLinear", "o os oz"),
    ]
    builder = check(model(nodes, {"x": x}, constants, opset=13), {"x": x}, tolerance=0.2001)
    pair = ["QuantizeLinear", "DequantizeLinear"]
    assert kinds(builder) == [*pair, "Conv", *pair, "MaxPool", *pair, "Reshape", *pair, "MatMul", *pair]
    assert [found for found in builder.scales.values() if found] == [
        pytest.approx([0.01, 0.02, 0.005]),
        pytest.approx([0.02]),
    ]


@pytest.mark.parametrize(
    "kind, inputs, attributes",
    [
        ("QLinearAdd", "q s z r t u o p", {}),
        ("QLinearMul", "q s z r t u o p", {}),
        ("QLinearGlobalAveragePool", "q s z o p", {"channels_last": 0}),
        ("QLinearSigmoid", "q s z o p", {}),
        ("QLinearLeakyRelu", "q s z o p", {"alpha": 0.1}),
        ("QLinearConcat", "o p q s z r t u", {"axis": 1}),
    ],
)
def test_operators_of_onnxruntime(kind: str, inputs: str, attributes: dict[str, Any]) -> None:
    arrays = {"x": values(1, 3, 4, 4), "y": values(1, 3, 4, 4, seed=1)}
    constants = {
        "s": scalar(0.03, np.float32),
        "z": scalar(120, np.uint8),
        "t": scalar(0.02, np.float32),
        "u": scalar(130, np.uint8),
        "o": scalar(0.05, np.float32),
        "p": scalar(90, np.uint8),
    }
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("QuantizeLinear", "y t u", "r"),
        node(kind, inputs, "i", domain="com.microsoft", **attributes),
        node("DequantizeLinear", "i o p", "d"),
        node("ReduceMean", "d", "e", axes=[1], keepdims=1),
        node("Add", "e y", "out"),
    ]
    made = model(nodes, arrays, constants, outputs="out", opset=13)
    made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    check(made, arrays, tolerance=0.0501)
