"""Convolutions and pools of TFLite against LiteRT, over windows of many forms."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tflite_models import (  # noqa: E402
    NONE,
    RELU,
    RELU6,
    RELU_N1_TO_1,
    SAME,
    VALID,
    Network,
    check,
    kinds,
    values,
)
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import parse  # noqa: E402

COUNT = settings(max_examples=40, deadline=None)
ACTIVATIONS = st.sampled_from([NONE, RELU, RELU_N1_TO_1, RELU6])


def extent(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    reach = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == SAME else (size - reach) // stride + 1


@st.composite
def windows(draw: st.DrawFn, dilated: bool = False) -> dict[str, Any]:
    """Two axes of a window that fits its input."""
    kernel = [draw(st.integers(1, 4)) for _ in range(2)]
    dilations = [draw(st.integers(1, 2)) for _ in range(2)] if dilated else [1, 1]
    # LiteRT has dilations only without strides
    strides = [draw(st.integers(1, 3)) for _ in range(2)] if dilations == [1, 1] else [1, 1]
    sizes = [(k - 1) * d + 1 + draw(st.integers(0, 5)) for k, d in zip(kernel, dilations, strict=True)]
    padding = draw(st.sampled_from([SAME, VALID]))
    results = [extent(*item, padding) for item in zip(sizes, kernel, strides, dilations, strict=True)]
    options = {"Padding": padding, "StrideH": strides[0], "StrideW": strides[1]}
    if dilated:
        options |= {"DilationHFactor": dilations[0], "DilationWFactor": dilations[1]}
    return {"kernel": kernel, "sizes": sizes, "results": results, "options": options}


@COUNT
@given(windows(dilated=True), ACTIVATIONS, st.sampled_from([(3, 4, 1), (4, 6, 2)]))
def test_conv(window: dict[str, Any], activation: int, channels: tuple[int, int, int]) -> None:
    inputs, outputs, group = channels
    net = Network()
    x = net.input("x", [2, *window["sizes"], inputs])
    w = net.constant("w", values(outputs, *window["kernel"], inputs // group, seed=1))
    operands = [x, w, net.constant("b", values(outputs, seed=2))]
    shape = [2, *window["results"], outputs]
    y = net.op("CONV_2D", operands, "y", shape, FusedActivationFunction=activation, **window["options"])
    check(net.build(y), {"x": values(2, *window["sizes"], inputs)})


@COUNT
@given(windows(dilated=True), ACTIVATIONS, st.sampled_from([1, 2, 3]))
def test_depthwise_conv(window: dict[str, Any], activation: int, multiplier: int) -> None:
    net = Network()
    x = net.input("x", [2, *window["sizes"], 4])
    w = net.constant("w", values(1, *window["kernel"], 4 * multiplier, seed=1))
    b = net.constant("b", values(4 * multiplier, seed=2))
    shape = [2, *window["results"], 4 * multiplier]
    options = {"FusedActivationFunction": activation, "DepthMultiplier": multiplier, **window["options"]}
    y = net.op("DEPTHWISE_CONV_2D", [x, w, b], "y", shape, **options)
    check(net.build(y), {"x": values(2, *window["sizes"], 4)})


@COUNT
@given(windows(), ACTIVATIONS, st.sampled_from(["MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D"]))
def test_pools(window: dict[str, Any], activation: int, kind: str) -> None:
    net = Network()
    x = net.input("x", [2, *window["sizes"], 3])
    options = {"FilterHeight": window["kernel"][0], "FilterWidth": window["kernel"][1], **window["options"]}
    shape = [2, *window["results"], 3]
    y = net.op(kind, [x], "y", shape, FusedActivationFunction=activation, **options)
    check(net.build(y), {"x": values(2, *window["sizes"], 3)})


@COUNT
@given(windows(), st.booleans(), st.data())
def test_transpose_conv(window: dict[str, Any], with_bias: bool, data: st.DataObject) -> None:
    """The forward window gives the input's size; the result may be any size with that one."""
    net = Network()
    shape = net.ints("shape", 1, *window["sizes"], 3)
    w = net.constant("w", values(3, *window["kernel"], 4, seed=1))
    x = net.input("x", [1, *window["results"], 4])
    operands = [shape, w, x, *([net.constant("b", values(3, seed=2))] if with_bias else [])]
    y = net.op("TRANSPOSE_CONV", operands, "y", [1, *window["sizes"], 3], **window["options"])
    check(net.build(y), {"x": values(1, *window["results"], 4)})


def test_conv_3d() -> None:
    net = Network()
    x, w = net.input("x", [1, 4, 5, 6, 2]), net.constant("w", values(2, 3, 3, 2, 4, seed=1))
    options = {"StrideD": 1, "StrideH": 2, "StrideW": 2, "Padding": SAME}
    y = net.op("CONV_3D", [x, w], "y", [1, 4, 3, 3, 4], **options)
    check(net.build(y), {"x": values(1, 4, 5, 6, 2)})


def cnn() -> bytes:
    """Every layer that a picture classifier has."""
    net = Network()
    x = net.input("x", [1, 9, 11, 3])
    w, b = net.constant("w", values(4, 3, 3, 3)), net.constant("b", values(4))
    options = {"Padding": SAME, "StrideH": 2, "StrideW": 2}
    c = net.op("CONV_2D", [x, w, b], "c", [1, 5, 6, 4], FusedActivationFunction=RELU6, **options)
    dw, db = net.constant("dw", values(1, 3, 3, 4)), net.constant("db", values(4))
    stay = {"Padding": SAME, "StrideH": 1, "StrideW": 1}
    d = net.op("DEPTHWISE_CONV_2D", [c, dw, db], "d", [1, 5, 6, 4], DepthMultiplier=1, **stay)
    a = net.op("ADD", [c, d], "a", [1, 5, 6, 4])
    p = net.op("MAX_POOL_2D", [a], "p", [1, 3, 3, 4], FilterHeight=2, FilterWidth=2, **options)
    flat = net.op("RESHAPE", [p, net.ints("flat_shape", -1, 36)], "flat", [1, 36])
    fw, fb = net.constant("fw", values(5, 36)), net.constant("fb", values(5))
    f = net.op("FULLY_CONNECTED", [flat, fw, fb], "f", [1, 5])
    return net.build(net.op("SOFTMAX", [f], "s", [1, 5], Beta=1.0))


def test_a_classifier_needs_no_permutation() -> None:
    converted = check(cnn(), {"x": values(1, 9, 11, 3)})
    assert converted.inputs == {"x": (1, 3, 9, 11)}
    made = kinds(convert_tflite(parse(cnn(), "net"), "net", directory=None))
    assert made == ["Conv", "Relu", "Conv", "Add", "MaxPool", "Reshape", "MatMul", "Softmax"]


def test_filters_must_be_constant() -> None:
    net = Network()
    x, w = net.input("x", [1, 4, 4, 2]), net.input("w", [3, 3, 3, 2])
    y = net.op("CONV_2D", [x, w, -1], "y", [1, 4, 4, 3], Padding=SAME, StrideH=1, StrideW=1)
    with pytest.raises(FrontendError, match=r"node 'y' \(operator CONV_2D\) .* filter 'w' is not constant"):
        convert_tflite(parse(net.build(y), "net"), "net", directory=None)


def test_a_declared_shape_that_the_operator_does_not_give_is_refused() -> None:
    net = Network()
    x, w = net.input("x", [1, 4, 4, 2]), net.constant("w", np.ones((3, 3, 3, 2), np.float32))
    y = net.op("CONV_2D", [x, w, -1], "y", [1, 3, 4, 3], Padding=SAME, StrideH=1, StrideW=1)
    with pytest.raises(FrontendError, match=r"it gives the shape \[1, 4, 4, 3\], the file says \[1, 3, 4, 3\]"):
        convert_tflite(parse(net.build(y), "net"), "net", directory=None)
