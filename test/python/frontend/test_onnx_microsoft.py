"""Operators of onnxruntime's own domain, against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx_models import check, convert, run_onnxruntime, values
from tpu_mlir.errors import UserError

Arrays = dict[str, np.ndarray]
X, Y = values(2, 3, 8), values(2, 3, 8, seed=5)
GAMMA, BETA = values(8, seed=1), values(8, seed=2)
MASK = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
QKV: Arrays = {"w": values(8, 24, low=-0.5, high=0.5), "b": values(24)}
KEYS: Arrays = {"q": X, "k": values(2, 5, 8, seed=1), "v": values(2, 5, 8, seed=2)}
GROUPS: Arrays = {"q": values(2, 3, 64), "k": values(2, 3, 32, seed=1), "v": values(2, 3, 32, seed=2)}
WIDE_TABLES: Arrays = {"c": np.cos(values(10, 8)), "s": np.sin(values(10, 8))}
COLUMNS = values(4, low=0.01, high=0.1)
TABLES: Arrays = {"c": np.cos(values(10, 2)), "s": np.sin(values(10, 2))}


def proto(op_type: str, inputs: str, feeds: Arrays, constants: Arrays, **options: Any) -> onnx.ModelProto:
    """A model of one node; "-" is a missing input or output."""
    outputs, opset = options.pop("outputs", "y"), options.pop("opset", 17)
    names = [["" if name == "-" else name for name in words.split()] for words in (inputs, outputs)]
    single = helper.make_node(op_type, *names, domain=options.pop("domain", "com.microsoft"), name="it", **options)
    kinds = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in feeds.items()
    ]
    results = [onnx.ValueInfoProto(name=name) for name in names[1] if name]
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    graph = helper.make_graph([single], "graph", kinds, results, tensors)
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    made = helper.make_model(graph, opset_imports=imports)
    made.ir_version = 9
    return made


CASES: dict[str, tuple[str, str, Arrays, Arrays, dict[str, Any]]] = {
    "gelu": ("Gelu", "x", {"x": X}, {}, {}),
    "fast gelu": ("FastGelu", "x b", {"x": X}, {"b": BETA}, {}),
    "fast gelu without bias": ("FastGelu", "x", {"x": X}, {}, {}),
    "bias gelu": ("BiasGelu", "x b", {"x": X}, {"b": BETA}, {}),
    "quick gelu": ("QuickGelu", "x", {"x": X}, {}, {"alpha": 1.5}),
    "old layer norm": ("LayerNormalization", "x g b", {"x": X}, {"g": GAMMA, "b": BETA}, {"domain": "", "opset": 11}),
    "simplified": ("SimplifiedLayerNormalization", "x g", {"x": X}, {"g": GAMMA}, {"domain": "", "opset": 11}),
    "skip": ("SkipLayerNormalization", "x s g b", {"x": X, "s": Y}, {"g": GAMMA, "b": BETA}, {}),
    "skip with all": (
        "SkipLayerNormalization",
        "x s g b c",
        {"x": X, "s": Y},
        {"g": GAMMA, "b": BETA, "c": GAMMA},
        {"outputs": "y - - t", "epsilon": 1e-3},
    ),
    "simplified skip": (
        "SkipSimplifiedLayerNormalization",
        "x s g c",
        {"x": X, "s": Y},
        {"g": GAMMA, "c": BETA},
        {"outputs": "y - - t", "epsilon": 1e-3},
    ),
    "embedding": (
        "EmbedLayerNormalization",
        "i s w p t g b m",
        {"i": np.array([[1, 2, 3], [0, 4, 5]], np.int32), "s": np.array([[0, 0, 1], [0, 1, 1]], np.int32), "m": MASK},
        {"w": values(6, 8), "p": values(5, 8), "t": values(2, 8), "g": GAMMA, "b": BETA},
        {"outputs": "y n e"},
    ),
    "fused matmul": (
        "FusedMatMul",
        "a b",
        {"a": values(2, 4, 3), "b": values(2, 5, 4)},
        {},
        {"transA": 1, "transB": 1},
    ),
    "matmul of batches": (
        "FusedMatMul",
        "a b",
        {"a": values(4, 2, 3), "b": values(4, 2, 5)},
        {},
        {"transA": 1, "transBatchA": 1, "transBatchB": 1, "alpha": 0.5},
    ),
    "transposed matmul": ("TransposeMatMul", "a b", {"a": values(2, 4, 3), "b": values(2, 4, 5)}, {}, {"transA": 1}),
    "fused gemm": (
        "FusedGemm",
        "a b c",
        {"a": values(2, 4)},
        {"b": values(4, 5), "c": values(5)},
        {"activation": "LeakyRelu", "activation_alpha": 0.3, "alpha": 0.5},
    ),
    "grid": (
        "GridSample",
        "x g",
        {"x": values(1, 2, 5, 5), "g": values(1, 3, 3, 2, low=-1.4, high=1.4)},
        {},
        {"mode": "bicubic", "padding_mode": "border", "align_corners": 1},
    ),
    "integers to float": (
        "MatMulIntegerToFloat",
        "a b as bs az bz c",
        {"a": np.random.default_rng(0).integers(0, 255, (3, 8)).astype(np.uint8)},
        {
            "b": np.random.default_rng(1).integers(-128, 127, (8, 4)).astype(np.int8),
            "as": np.float32(0.02),
            "bs": COLUMNS,
            "az": np.uint8(120),
            "bz": np.zeros(4, np.int8),
            "c": values(4),
        },
        {},
    ),
    "dynamic quantization": (
        "DynamicQuantizeMatMul",
        "a b bs bz c",
        {"a": values(3, 8)},
        {
            "b": np.random.default_rng(1).integers(-128, 127, (8, 4)).astype(np.int8),
            "bs": COLUMNS,
            "bz": np.zeros(4, np.int8),
            "c": values(4),
        },
        {},
    ),
    "attention": ("Attention", "x w b", {"x": X}, QKV, {"num_heads": 2}),
    "causal attention": ("Attention", "x w b", {"x": X}, QKV, {"num_heads": 2, "unidirectional": 1}),
    "mask of keys": ("Attention", "x w b m", {"x": X, "m": MASK}, QKV, {"num_heads": 2}),
    "lengths of keys": ("Attention", "x w b m", {"x": X, "m": np.array([2, 3], np.int32)}, QKV, {"num_heads": 2}),
    "past": (
        "Attention",
        "x w b - p",
        {"x": X, "p": values(2, 2, 2, 4, 4)},
        QKV,
        {"num_heads": 2, "unidirectional": 1, "outputs": "y r"},
    ),
    "attention bias": ("Attention", "x w b - - e", {"x": X, "e": values(2, 2, 3, 3)}, QKV, {"num_heads": 2}),
    "multi-head": ("MultiHeadAttention", "q k v", KEYS, {}, {"num_heads": 2}),
    "multi-head with bias": ("MultiHeadAttention", "q k v b", KEYS, {"b": values(24)}, {"num_heads": 2}),
    "multi-head with scale": (
        "MultiHeadAttention",
        "q k v - - e",
        {**KEYS, "e": values(1, 2, 3, 5)},
        {},
        {"num_heads": 2, "scale": 0.3},
    ),
    "multi-head with past": (
        "MultiHeadAttention",
        "q q q - - - pk pv",
        {"q": X, "pk": values(2, 2, 4, 4), "pv": values(2, 2, 4, 4)},
        {},
        {"num_heads": 2, "unidirectional": 1, "outputs": "y a b"},
    ),
    "grouped": (
        "GroupQueryAttention",
        "q k v - - n t c s",
        GROUPS,
        {"n": np.array([2, 2], np.int32), "t": np.int32(3), **WIDE_TABLES},
        {"num_heads": 4, "kv_num_heads": 2, "do_rotary": 1, "outputs": "y a b"},
    ),
    "grouped, one token": (
        "GroupQueryAttention",
        "q k v pk pv n t c s",
        {
            **{name: array[:, :1] for name, array in GROUPS.items()},
            "pk": values(2, 2, 4, 16),
            "pv": values(2, 2, 4, 16),
        },
        {"n": np.array([4, 4], np.int32), "t": np.int32(5), **WIDE_TABLES},
        {"num_heads": 4, "kv_num_heads": 2, "do_rotary": 1, "rotary_interleaved": 1, "outputs": "y a b"},
    ),
    "rotary": ("RotaryEmbedding", "x p c s", {"x": X, "p": np.array([[0, 1, 2], [3, 4, 5]])}, TABLES, {}),
    "rotary from": ("RotaryEmbedding", "x p c s", {"x": X, "p": np.array([3])}, TABLES, {"interleaved": 1}),
    "rotary of heads": ("RotaryEmbedding", "x p c s", {"x": values(2, 2, 3, 4), "p": np.array([3])}, TABLES, {}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_operators(case: tuple[str, str, Arrays, Arrays, dict[str, Any]]) -> None:
    op_type, inputs, feeds, constants, options = case
    check(proto(op_type, inputs, feeds, constants, **options), feeds)


@pytest.mark.parametrize(
    ("activation", "parameters"),
    [("Relu", []), ("LeakyRelu", [0.2]), ("Clip", [0.0, 6.0]), ("HardSigmoid", [0.3, 0.4]), ("Tanh", [])],
)
@pytest.mark.parametrize("added", [False, True])
def test_fused_convolution(activation: str, parameters: list[float], added: bool) -> None:
    feeds = {"x": values(1, 2, 5, 5)} | ({"z": values(1, 3, 3, 3)} if added else {})
    constants = {"w": values(3, 2, 3, 3), "b": values(3)}
    options = {"activation": activation} | ({"activation_params": parameters} if parameters else {})
    check(proto("FusedConv", "x w b z" if added else "x w b", feeds, constants, **options), feeds)


@pytest.mark.parametrize("shape", [(2, 1, 1, 5), (1, 1, 1, 5), (2, 3, 4, 5)])
def test_softmax_with_bias(shape: tuple[int, ...]) -> None:
    """onnxruntime has it for GPUs only."""
    feeds = {"x": values(2, 3, 4, 5)}
    bias = values(*shape, seed=3)
    _, builder = convert(proto("BiasSoftmax", "x b", feeds, {"b": bias}, axis=3, is_inner_broadcast=1), feeds)
    powers = np.exp(feeds["x"] + bias)
    np.testing.assert_allclose(builder.results[0], powers / powers.sum(-1, keepdims=True), rtol=1e-5)


INTEGERS = np.random.default_rng(0).integers(0, 255, (1, 4, 7, 7)).astype(np.uint8)


@pytest.mark.parametrize("counted", [0, 1])
def test_average_pool_of_integers(counted: int) -> None:
    scales = {"a": np.float32(0.02), "b": np.uint8(110), "c": np.float32(0.015), "d": np.uint8(100)}
    window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2], "count_include_pad": counted}
    check(proto("QLinearAveragePool", "x a b c d", {"x": INTEGERS}, scales, **window), {"x": INTEGERS})


def test_softmax_of_integers() -> None:
    scales = {"a": np.float32(0.02), "b": np.uint8(110), "c": np.float32(1 / 256), "d": np.uint8(0)}
    made = proto("QLinearSoftmax", "x a b c d", {"x": INTEGERS}, scales, axis=-1)
    made.graph.node[0].attribute.append(helper.make_attribute("opset", 17))
    (expected,) = run_onnxruntime(made, {"x": INTEGERS})
    _, builder = convert(made, {"x": INTEGERS})
    assert np.abs(builder.results[0] - expected.astype(np.float32)).max() <= 1  # onnxruntime looks powers up in a table


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("zero", ["", "packed", "float"])
def test_matrix_of_few_bits(bits: int, zero: str) -> None:
    random = np.random.default_rng(bits)
    columns, rows, block, blocks = 6, 40, 16, 3
    constants = {
        "b": random.integers(0, 256, (columns, blocks, block * bits // 8)).astype(np.uint8),
        "s": values(columns * blocks, low=0.01, high=0.1),
    }
    if zero == "packed":
        constants["z"] = random.integers(0, 256, columns * (-(-blocks * bits // 8))).astype(np.uint8)
    elif zero == "float":
        if bits == 8:
            pytest.skip("onnxruntime has no such form")
        constants["z"] = values(columns, blocks, low=0, high=9)
    sizes = {"N": columns, "K": rows, "bits": bits, "block_size": block}
    feeds = {"a": values(2, 3, rows)}
    check(proto("MatMulNBits", "a b s z" if zero else "a b s", feeds, constants, **sizes), feeds)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (("Attention", "x w b", {"x": X}, QKV, {"num_heads": 2, "do_rotary": 1}), "rotary"),
        (("Attention", "x w b", {"x": X}, QKV, {"num_heads": 5}), "5 heads"),
        (("Attention", "x w b m", {"x": X, "m": np.ones((2, 7), np.int32)}, QKV, {"num_heads": 2}), "a mask of shape"),
        (("FusedGemm", "a b", {"a": values(2, 4), "b": values(4, 2)}, {}, {"activation": "Abs"}), "'Abs' is not known"),
        (("GridSample", "x g", {"x": values(1, 1, 2, 2), "g": values(1, 1, 1, 2)}, {}, {"mode": "best"}), "'best'"),
    ],
)
def test_refusals(case: tuple[str, str, Arrays, Arrays, dict[str, Any]], reason: str) -> None:
    op_type, inputs, feeds, constants, options = case
    with pytest.raises(UserError, match=reason):
        convert(proto(op_type, inputs, feeds, constants, **options), feeds)
