"""Quantized TFLite networks: within one step of LiteRT, weights with the scales of their integers, no calibration."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import re  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from test_tflite_windows import windows  # noqa: E402
from tflite_models import RELU, RELU6, SAME, VALID, Network, check, kinds, values  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import parse  # noqa: E402

STORAGE = pytest.mark.parametrize("dtype", [np.int8, np.uint8])


def zero(dtype: Any, signed: int = 0) -> int:
    """The zero point of a type for the signed one."""
    return signed if dtype == np.int8 else signed + 128


def integers(dtype: Any, *shape: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).integers(-127, 128, shape) + zero(dtype)).astype(dtype)


class Quantized(Network):
    """A network of one byte type. Scales of filters are per channel for int8 and per tensor for uint8."""

    def __init__(self, dtype: Any) -> None:
        super().__init__()
        self.dtype = dtype
        self.scale: dict[int, float] = {}

    def picture(self, name: str, shape: list[int], scale: float = 0.05, offset: int = 3) -> int:
        made = self.input(name, shape, self.dtype, scales=[scale], zeros=[zero(self.dtype, offset)])
        self.scale[made] = scale
        return made

    def layer(
        self, kind: str, inputs: list[int], name: str, shape: list[int], scale: float, offset: int, **o: Any
    ) -> int:
        made = self.op(kind, inputs, name, shape, self.dtype, [scale], [zero(self.dtype, offset)], **o)
        self.scale[made] = scale
        return made

    def filter(self, name: str, source: int, shape: list[int], axis: int, seed: int = 1) -> list[int]:
        """A filter and its bias for the activation ``source``."""
        count = shape[axis] if self.dtype == np.int8 else 1
        scales = list(np.linspace(0.004, 0.009, count).astype(float))
        zeros = [zero(self.dtype)] * count
        w = self.constant(name, integers(self.dtype, *shape, seed=seed), scales=scales, zeros=zeros, axis=axis)
        bias_scales = [self.scale[source] * scale for scale in scales]
        data = np.random.default_rng(seed + 1).integers(-2000, 2000, shape[axis]).astype(np.int32)
        b = self.constant(f"{name}_bias", data, scales=bias_scales, zeros=[0] * count, axis=0)
        return [w, b]


@STORAGE
@pytest.mark.parametrize("activation", [0, RELU, RELU6])
def test_convolutions(dtype: Any, activation: int) -> None:
    net = Quantized(dtype)
    x = net.picture("x", [2, 9, 8, 3])
    options = {"Padding": SAME, "FusedActivationFunction": activation}
    c = net.layer("CONV_2D", [x, *net.filter("w", x, [6, 3, 3, 3], 0)], "c", [2, 5, 4, 6], 0.1, -10,
                  StrideH=2, StrideW=2, **options)  # fmt: skip
    d = net.layer("DEPTHWISE_CONV_2D", [c, *net.filter("v", c, [1, 3, 3, 6], 3)], "d", [2, 5, 4, 6], 0.08, 5,
                  StrideH=1, StrideW=1, DepthMultiplier=1, **options)  # fmt: skip
    for output in (c, d):
        converted = check(net.build(output), {"x": values(2, 9, 8, 3) * 3}, steps=1)
    assert kinds(converted)[:3] == ["QuantizeLinear", "DequantizeLinear", "Conv"]


def test_filters_keep_the_scales_of_their_channels() -> None:
    net = Quantized(np.int8)
    x = net.picture("x", [1, 5, 5, 3])
    c = net.layer("CONV_2D", [x, *net.filter("w", x, [4, 3, 3, 3], 0)], "c", [1, 5, 5, 4], 0.1, 0,
                  Padding=SAME, StrideH=1, StrideW=1)  # fmt: skip
    text = str(convert_tflite(parse(net.build(c), "net"), "net", directory=None).module().operation)
    found = re.search(r'"top.Weight"\(\) \{scale = \[([^]]*)\]\}', text)
    assert found is not None
    scales = [float(part.split()[0]) for part in found[1].split(",")]
    np.testing.assert_allclose(scales, np.linspace(0.004, 0.009, 4), rtol=1e-6)
    assert "!quant.uniform<i8:f32, " in text


@STORAGE
@pytest.mark.parametrize("kind", ["MAX_POOL_2D", "AVERAGE_POOL_2D"])
def test_pools(dtype: Any, kind: str) -> None:
    net = Quantized(dtype)
    x = net.picture("x", [1, 7, 7, 4])
    y = net.layer(kind, [x], "y", [1, 3, 3, 4], 0.05, 3, FilterHeight=3, FilterWidth=3, StrideH=2, StrideW=2,
                  Padding=VALID)  # fmt: skip
    check(net.build(y), {"x": values(1, 7, 7, 4) * 3}, steps=0 if kind == "MAX_POOL_2D" else 1)


@STORAGE
@pytest.mark.parametrize("kind, activation", [("ADD", RELU), ("ADD", 0), ("SUB", 0), ("MUL", 0), ("CONCATENATION", 0)])
def test_two_operands(dtype: Any, kind: str, activation: int) -> None:
    net = Quantized(dtype)
    a, b = net.picture("a", [1, 4, 4, 3]), net.picture("b", [1, 4, 4, 3], 0.03, -7)
    shape = [1, 4, 4, 6] if kind == "CONCATENATION" else [1, 4, 4, 3]
    options = {"Axis": 3} if kind == "CONCATENATION" else {}
    if kind == "CONCATENATION":  # LiteRT joins int8 of one scale only
        net.tensors[b] |= {"scales": net.tensors[a]["scales"], "zeros": net.tensors[a]["zeros"]}
    scale, offset = (0.05, 3) if kind == "CONCATENATION" else (0.11, -20)
    y = net.layer(kind, [a, b], "y", shape, scale, offset, FusedActivationFunction=activation, **options)
    check(net.build(y), {"a": values(1, 4, 4, 3) * 3, "b": values(1, 4, 4, 3, seed=1)}, steps=1)


@STORAGE
@pytest.mark.parametrize(
    "kind, scale, offset",
    [("LOGISTIC", 1 / 256, -128), ("TANH", 1 / 128, 0), ("SOFTMAX", 1 / 256, -128), ("RELU", 0.05, 3),
     ("RELU6", 0.03, -128), ("HARD_SWISH", 0.05, 3), ("LEAKY_RELU", 0.05, 3)],
)  # fmt: skip
def test_functions(dtype: Any, kind: str, scale: float, offset: int) -> None:
    net = Quantized(dtype)
    x = net.picture("x", [1, 4, 8])
    options = {"SOFTMAX": {"Beta": 1.0}, "LEAKY_RELU": {"Alpha": 0.1}}.get(kind, {})
    y = net.layer(kind, [x], "y", [1, 4, 8], scale, offset, **options)
    check(net.build(y), {"x": values(1, 4, 8) * 3}, steps=1)


@STORAGE
def test_a_whole_network(dtype: Any) -> None:
    net = Quantized(dtype)
    x = net.picture("x", [1, 12, 12, 3], 0.02, -5)
    stay = {"Padding": SAME, "StrideH": 1, "StrideW": 1}
    c = net.layer("CONV_2D", [x, *net.filter("w", x, [8, 3, 3, 3], 0)], "c", [1, 12, 12, 8], 0.06, -128,
                  FusedActivationFunction=RELU, **stay)  # fmt: skip
    d = net.layer("DEPTHWISE_CONV_2D", [c, *net.filter("v", c, [1, 3, 3, 8], 3)], "d", [1, 12, 12, 8], 0.09, 0,
                  DepthMultiplier=1, **stay)  # fmt: skip
    a = net.layer("ADD", [c, d], "a", [1, 12, 12, 8], 0.12, -10)
    m = net.layer("MEAN", [a, net.ints("axes", 1, 2)], "m", [1, 8], 0.02, -40, KeepDims=False)
    f = net.layer("FULLY_CONNECTED", [m, *net.filter("f", m, [5, 8], 0)], "y", [1, 5], 0.05, 7)
    q = net.layer("SOFTMAX", [f], "p", [1, 5], 1 / 256, -128, Beta=1.0)
    check(net.build(f, q), {"x": values(1, 12, 12, 3)}, steps=1)


def test_quantized_moves_round_nothing_twice() -> None:
    net = Quantized(np.int8)
    x = net.picture("x", [1, 4, 6, 3])
    t = net.layer("TRANSPOSE", [x, net.ints("order", 0, 2, 1, 3)], "t", [1, 6, 4, 3], 0.05, 3)
    r = net.layer("RESHAPE", [t, net.ints("shape", 6, 12)], "r", [6, 12], 0.05, 3)
    converted = check(net.build(r), {"x": values(1, 4, 6, 3)}, steps=0)
    assert kinds(convert_tflite(parse(net.build(t), "n"), "n", directory=None)).count("QuantizeLinear") == 1
    assert converted.outputs == {"r": "r"}


def test_float_networks_with_bytes_inside_and_at_their_ends() -> None:
    """QUANTIZE and DEQUANTIZE between floats and bytes, also of constants."""
    net = Quantized(np.int8)
    x = net.input("x", [1, 6])
    q = net.layer("QUANTIZE", [x], "q", [1, 6], 0.05, 3)
    f = net.layer("FULLY_CONNECTED", [q, *net.filter("w", q, [4, 6], 0)], "f", [1, 4], 0.05, 0)
    r = net.layer("QUANTIZE", [f], "r", [1, 4], 0.07, 9)
    d = net.op("DEQUANTIZE", [r], "d", [1, 4])
    half = net.constant("half", values(1, 4).astype(np.float16))
    y = net.op("ADD", [d, net.op("DEQUANTIZE", [half], "wide", [1, 4])], "y", [1, 4])
    check(net.build(y, r), {"x": values(1, 6)}, tolerance=0.071, steps=1)


@pytest.mark.parametrize(
    "dtype, scales, sentence",
    [
        (np.int16, [0.01], "is quantized to INT16; quantize activations to INT8 or UINT8"),
        (np.int8, [0.01, 0.02, 0.03], "has scales per axis; quantize activations per tensor"),
    ],
)
def test_other_quantizations_are_refused(dtype: Any, scales: list[float], sentence: str) -> None:
    net = Network()
    x = net.input("x", [1, 2, 2, 3], dtype, scales=scales, zeros=[0] * len(scales), axis=3)
    y = net.op("RELU", [x], "y", [1, 2, 2, 3], dtype, scales, [0] * len(scales))
    net.tensors[y]["axis"] = 3
    with pytest.raises(FrontendError, match=sentence):
        convert_tflite(parse(net.build(y), "net"), "net", directory=None)


@settings(max_examples=40, deadline=None)
@given(
    windows(dilated=True),
    st.sampled_from(["CONV_2D", "DEPTHWISE_CONV_2D"]),
    st.sampled_from([np.int8, np.uint8]),
    st.sampled_from([0, RELU, RELU6]),
    st.tuples(st.integers(-128, 127), st.integers(-128, 127), st.floats(0.02, 0.2)),
)
def test_windows(
    window: dict[str, Any], kind: str, dtype: Any, activation: int, numbers: tuple[int, int, float]
) -> None:
    """Padding is the zero point, wherever it lies."""
    zero_in, zero_out, scale = numbers
    net = Quantized(dtype)
    x = net.picture("x", [1, *window["sizes"], 4], 0.0431, zero_in)
    shape = [1, *window["kernel"], 4] if kind == "DEPTHWISE_CONV_2D" else [6, *window["kernel"], 4]
    filters = net.filter("w", x, shape, 3 if kind == "DEPTHWISE_CONV_2D" else 0)
    options = {"DepthMultiplier": 1} if kind == "DEPTHWISE_CONV_2D" else {}
    result = [1, *window["results"], 4 if options else 6]
    y = net.layer(kind, [x, *filters], "y", result, scale, zero_out, FusedActivationFunction=activation,
                  **window["options"], **options)  # fmt: skip
    check(net.build(y), {"x": values(1, *window["sizes"], 4) * 2}, steps=1)


def test_transposed_convolution() -> None:
    net = Quantized(np.int8)
    shape = net.ints("shape", 1, 8, 8, 5)
    x = net.picture("x", [1, 4, 4, 3])
    w, b = net.filter("w", x, [5, 3, 3, 3], 0)
    y = net.layer("TRANSPOSE_CONV", [shape, w, x, b], "y", [1, 8, 8, 5], 0.0713, -9, Padding=SAME, StrideH=2, StrideW=2)
    check(net.build(y), {"x": values(1, 4, 4, 3) * 3}, steps=1)


@pytest.mark.parametrize("kind", ["RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR", "PAD", "SLICE", "MEAN", "REDUCE_MAX"])
def test_pictures(kind: str) -> None:
    net = Quantized(np.int8)
    x = net.picture("x", [1, 4, 6, 3])
    operands, shape, options = {
        "RESIZE_NEAREST_NEIGHBOR": ([net.ints("size", 8, 12)], [1, 8, 12, 3], {}),
        "RESIZE_BILINEAR": ([net.ints("size", 8, 12)], [1, 8, 12, 3], {"HalfPixelCenters": True}),
        "PAD": ([net.constant("pads", np.array([[0, 0], [1, 2], [0, 1], [0, 0]], np.int32))], [1, 7, 7, 3], {}),
        "SLICE": ([net.ints("b", 0, 1, 2, 0), net.ints("s", 1, 2, 3, 3)], [1, 2, 3, 3], {}),
        "MEAN": ([net.ints("axes", 1, 2)], [1, 3], {"KeepDims": False}),
        "REDUCE_MAX": ([net.ints("axes", 1, 2)], [1, 3], {"KeepDims": False}),
    }[kind]
    y = net.layer(kind, [x, *operands], "y", shape, 0.05, 3, **options)
    steps = 1 if kind in ("RESIZE_BILINEAR", "MEAN") else 0
    check(net.build(y), {"x": values(1, 4, 6, 3) * 3}, steps=steps)


def test_bytes_of_weights_only() -> None:
    """Float activations with int8 filters: LiteRT rounds the activations to bytes, which we do not."""
    net = Quantized(np.int8)
    x = net.input("x", [1, 16])
    w = net.constant("w", integers(np.int8, 6, 16), scales=[0.01], zeros=[0])
    b = net.constant("b", values(6))
    y = net.op("FULLY_CONNECTED", [x, w, b], "y", [1, 6])
    check(net.build(y), {"x": values(1, 16)}, tolerance=0.02)


BOTH = ("MAXIMUM", "MINIMUM", "DIV", "SELECT_V2", "GATHER", "GATHER_ND", "SCATTER_ND", "TOPK_V2", "ARG_MIN",
        "REVERSE_V2", "BROADCAST_TO")  # fmt: skip


@pytest.mark.parametrize(
    "kind, dtype",
    [*((kind, dtype) for kind in BOTH for dtype in (np.int8, np.uint8)), ("SQUARED_DIFFERENCE", np.int8),
     ("REVERSE_SEQUENCE", np.uint8)],
)  # fmt: skip
def test_operators_that_move_or_choose_bytes(kind: str, dtype: Any) -> None:
    """What LiteRT computes on bytes, we compute on their real values."""
    net, shape = Quantized(dtype), [2, 3, 4, 5]
    x, y = net.picture("x", shape), net.picture("y", shape)
    feeds = {"x": values(*shape) * 2, "y": values(*shape, seed=1) * 2}
    for array in feeds.values():
        array += np.sign(array)  # no division by 0, nor of 0, which LiteRT makes the largest value
    same: dict[str, Any] = {"scale": 0.05, "offset": 3}
    if kind == "SCATTER_ND":
        x = net.picture("u", shape, offset=0 if dtype == np.int8 else -128)
        feeds["u"] = np.abs(feeds["x"])
    if kind == "TOPK_V2":
        z = net.tensor("z", [2, 3, 4, 2], dtype, scales=[0.05], zeros=[zero(dtype, 3)])
        operands = [x, net.constant("k", np.int32(2))]
        net.nodes.append((kind, operands, [z, net.tensor("i", [2, 3, 4, 2], np.int32)], {}))
    elif kind == "ARG_MIN":
        z = net.op(kind, [x, net.ints("a", 3)], "z", shape[:3], np.int32, OutputType=2)
    elif kind == "SELECT_V2":
        z = net.layer(kind, [net.op("LESS", [x, y], "c", shape, bool), x, y], "z", shape, **same)
    elif kind in ("GATHER", "GATHER_ND"):
        feeds["i"] = np.array([4, 0, 2]) if kind == "GATHER" else np.array([[1, 0], [0, 2], [1, 1]])
        i = net.input("i", feeds["i"].shape, np.int32)
        options = {"Axis": 3} if kind == "GATHER" else {}
        z = net.layer(kind, [x, i], "z", [2, 3, 4, 3] if kind == "GATHER" else [3, 4, 5], **same, **options)
    elif kind == "REVERSE_SEQUENCE":
        z = net.layer(kind, [x, net.ints("l", 3, 4)], "z", shape, **same, SeqDim=2, BatchDim=0)
    elif kind == "REVERSE_V2":
        z = net.layer(kind, [x, net.ints("a", 2)], "z", shape, **same)
    elif kind == "BROADCAST_TO":
        z = net.layer(kind, [net.picture("s", [1, 3, 1, 5]), net.ints("a", *shape)], "z", shape, **same)
        feeds["s"] = values(1, 3, 1, 5)
    elif kind == "SCATTER_ND":
        i = net.constant("i", np.array([[5], [0]], np.int32))
        offset = 0 if dtype == np.int8 else -128
        z = net.layer(kind, [i, x, net.ints("shape", 7, 3, 4, 5)], "z", [7, 3, 4, 5], 0.05, offset)
    elif kind in ("MAXIMUM", "MINIMUM"):
        z = net.layer(kind, [x, y], "z", shape, **same)
    else:
        z = net.layer(kind, [x, y], "z", shape, 0.3, -5)
    check(net.build(z), feeds, steps=1)


def test_scattered_bytes_whose_zero_is_not_0_are_refused() -> None:
    net = Quantized(np.int8)
    i = net.constant("i", np.array([[5], [0]], np.int32))
    x = net.picture("x", [2, 3])
    z = net.layer("SCATTER_ND", [i, x, net.ints("shape", 7, 3)], "z", [7, 3], 0.05, 3)
    with pytest.raises(FrontendError, match="stored bytes"):
        convert_tflite(parse(net.build(z), "net"), "net", directory=None)
