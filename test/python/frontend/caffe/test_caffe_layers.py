"""Layer types of Caffe against OpenCV, and against NumPy where OpenCV has no such layer."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, check, kinds, values  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

COUNT = settings(max_examples=25, deadline=None)


def one(kind: str, more: str = "", *blobs: np.ndarray, shape: tuple[int, ...] = (2, 4, 3, 5)) -> Net:
    """A network of one layer."""
    return Net(data=shape).layer(kind, "data", "y", more, blobs)


@pytest.mark.parametrize(
    "kind", ["Sigmoid", "TanH", "AbsVal", "BNLL", "ReLU", "ReLU6", "Softmax", "ELU", "Mish", "Swish"]
)
@pytest.mark.parametrize("shape", [(2, 6), (1, 3, 4, 5)])
def test_functions(kind: str, shape: tuple[int, ...]) -> None:
    check(one(kind, shape=shape))


@pytest.mark.parametrize(
    "kind, more, ops",
    [
        ("ReLU", "relu_param { negative_slope: 0.25 }", ["LeakyRelu"]),
        ("ELU", "elu_param { alpha: 0.5 }", ["Elu"]),
        ("Softmax", "softmax_param { axis: 2 }", ["Softmax"]),
        ("Softmax", "softmax_param { axis: -1 }", ["Softmax"]),
        ("Power", "", []),
        ("Power", "power_param { scale: 3 }", ["MulConst"]),
        ("Power", "power_param { shift: -1 scale: 0.5 }", ["MulConst", "AddConst"]),
        ("Power", "power_param { power: 2 shift: 1 }", ["AddConst", "Mul"]),
        ("Power", "power_param { power: 3 scale: -1 }", ["MulConst", "Mul"]),
        ("Power", "power_param { power: 4 scale: 0.5 }", ["MulConst", "Mul", "Mul"]),
        ("Power", "power_param { power: 0.5 shift: 3 }", ["AddConst", "Sqrt"]),
        ("Power", "power_param { power: 0.25 shift: 3 }", ["AddConst", "Sqrt", "Sqrt"]),
        ("Power", "power_param { power: -0.5 shift: 3 }", ["AddConst", "Rsqrt"]),
        ("Power", "power_param { power: -1 shift: 3 }", ["AddConst", "Reciprocal"]),
        ("Power", "power_param { power: -2 shift: 3 }", ["AddConst", "Mul", "Reciprocal"]),
        ("Exp", "", ["Exp"]),
        ("Exp", "exp_param { base: 2 scale: 0.5 shift: 1 }", ["MulConst", "AddConst", "Exp"]),
    ],
)
def test_function_parameters(kind: str, more: str, ops: list[str]) -> None:
    net = one(kind, more)
    if not ops:  # a network needs an op
        net.layer("ReLU", "y", "z")
        ops = ["Relu"]
    converted = check(net)
    assert kinds(net.convert()) == ops
    assert set(converted.outputs) == {"z" if "z" in converted.outputs else "y"}


@COUNT
@given(
    power=st.one_of(st.integers(-16, 16), st.sampled_from([0.3, 1.5, -2.5, 0.75, 33])),
    scale=st.sampled_from([1.0, 0.25, 0.0]),
    shift=st.sampled_from([2.5, 3.0]),
)
def test_power(power: float, scale: float, shift: float) -> None:
    net = one("Power", f"power_param {{ power: {power} scale: {scale} shift: {shift} }}")
    net.layer("Eltwise", "data y", "z", "eltwise_param { operation: SUM }")
    x = net.inputs()["data"].astype(np.float64)
    check(net, {"z": x + (x * scale + shift) ** power})


def test_whole_powers_of_negative_values() -> None:
    for power in (-5, 5, 6, 20):
        net = one("Power", f"power_param {{ power: {power} shift: -3 }}")
        check(net, {"y": (net.inputs()["data"].astype(np.float64) - 3) ** power})


@COUNT
@given(limit=st.floats(-2, 2, width=32))
def test_threshold(limit: float) -> None:
    net = one("Threshold", f"threshold_param {{ threshold: {limit!r} }}")
    check(net, {"y": (net.inputs()["data"] > np.float32(limit)).astype(np.float32)})


def neighbours(x: np.ndarray, size: int) -> np.ndarray:
    """The sum of the channels around each one."""
    channels, half = x.shape[1], size // 2
    parts = [x[:, max(c - half, 0) : c + half + 1].sum(1) for c in range(channels)]
    return np.stack(parts, 1)


@COUNT
@given(
    size=st.sampled_from([1, 3, 5, 7]),
    alpha=st.sampled_from([1e-4, 0.5, 1]),
    beta=st.sampled_from([0.75, 0.5, 1, 0.6]),
    k=st.sampled_from([1, 2]),
    within=st.booleans(),
)
def test_lrn(size: int, alpha: float, beta: float, k: float, within: bool) -> None:
    region = "WITHIN_CHANNEL" if within else "ACROSS_CHANNELS"
    text = f"local_size: {size} alpha: {alpha} beta: {beta} k: {k} norm_region: {region}"
    net = one("LRN", f"lrn_param {{ {text} }}")
    x = net.inputs()["data"].astype(np.float64)
    if within:
        columns = neighbours((x**2).swapaxes(1, 3), size)
        total = neighbours(columns.swapaxes(1, 2), size).swapaxes(1, 2).swapaxes(1, 3)
        base = 1 + alpha * total / size**2
    else:
        base = k + alpha * neighbours(x**2, size) / size
    check(net, {"y": x / base**beta})


def test_lrn_as_opencv() -> None:
    # OpenCV has another alpha than Caffe where the description states none.
    check(one("LRN", "lrn_param { alpha: 1 }", shape=(2, 8, 5, 6)))
    check(one("LRN", "lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 alpha: 0.5 }", shape=(2, 3, 7, 8)))
    with pytest.raises(FrontendError, match="odd"):
        one("LRN", "lrn_param { local_size: 4 }").convert()


def test_functions_without_opencv() -> None:
    net = Net(data=(2, 3, 4))
    x = net.inputs()["data"]
    net.layer("Clip", "data", "clip", "clip_param { min: -1 max: 0.5 }")
    net.layer("Swish", "data", "swish", "swish_param { beta: 2 }")
    net.layer("Power", "data", "shifted", "power_param { shift: 3 }")
    net.layer("Log", "shifted", "log")
    net.layer("Log", "data", "log2", "log_param { base: 2 scale: 0.5 shift: 3 }")
    net.layer("Reverse", "data", "reversed", "reverse_param { axis: 1 }")
    net.layer("Dropout", "data", "scaled", "dropout_param { dropout_ratio: 0.25 scale_train: false }")
    check(
        net,
        {
            "clip": x.clip(-1, 0.5),
            "swish": x / (1 + np.exp(-2 * x)),
            "log": np.log(x + 3),
            "log2": np.log2(0.5 * x + 3),
            "reversed": x[:, ::-1],
            "scaled": x * 0.75,
        },
    )


def test_prelu() -> None:
    check(one("PReLU", "", values(4)))
    check(one("PReLU", "prelu_param { channel_shared: true }", values(1)))
    check(one("PReLU", "", values(4), shape=(3, 4)))


@COUNT
@given(axis=st.integers(1, 3), transposed=st.booleans(), bias=st.booleans(), legacy=st.booleans())
def test_inner_product(axis: int, transposed: bool, bias: bool, legacy: bool) -> None:
    net = Net(data=(2, 3, 4, 5))
    inputs = int(np.prod((2, 3, 4, 5)[axis:]))
    matrix, addend = values(7, inputs), values(7)
    stored = matrix.T if transposed else matrix
    text = f"num_output: 7 axis: {axis} transpose: {str(transposed).lower()} bias_term: {str(bias).lower()}"
    blobs = [stored.reshape(1, 1, *stored.shape) if legacy else stored, addend.reshape(1, 1, 1, -1)][: 1 + bias]
    net.layer("InnerProduct", "data", "y", f"inner_product_param {{ {text} }}", blobs)
    rows = net.inputs()["data"].reshape(*(2, 3, 4, 5)[:axis], inputs)
    check(net, {"y": rows @ matrix.T + (addend if bias else 0)})


def test_inner_product_as_opencv() -> None:
    check(one("InnerProduct", "inner_product_param { num_output: 6 }", values(6, 60), values(6)))


def test_batch_norm_and_scale() -> None:
    statistics = [values(4), values(4, low=0.5), np.array([2.5], np.float32)]
    net = one("BatchNorm", "batch_norm_param { eps: 0.01 }", *statistics)
    net.layer("Scale", "y", "z", "scale_param { bias_term: true }", [values(4, seed=1), values(4, seed=2)])
    net.layer("ReLU", "z", "z", name="relu")
    converted = check(net)
    assert kinds(net.convert()) == ["BatchNorm", "Scale", "Relu"]
    assert converted.outputs == {"z": "relu"}
    check(one("BatchNorm", "batch_norm_param { use_global_stats: true }", *statistics, shape=(3, 4)))
    empty = one("BatchNorm", "", *statistics[:2], np.zeros(1, np.float32))
    x = empty.inputs()["data"]
    check(empty, {"y": x / np.sqrt(np.float32(1e-5))})
    with pytest.raises(FrontendError, match="use_global_stats"):
        one("BatchNorm", "batch_norm_param { use_global_stats: false }", *statistics).convert()


def test_bn() -> None:
    slope, bias, mean, variance = values(4), values(4, seed=1), values(4, seed=2), values(4, low=0.5)
    net = one("BN", "", *(array.reshape(1, 4, 1, 1) for array in (slope, bias, mean, variance)))
    spread = (slope, bias, mean, variance)
    a, b, m, v = (array.reshape(4, 1, 1) for array in spread)
    x = net.inputs()["data"]
    check(net, {"y": (x - m) / np.sqrt(v + 1e-5) * a + b})
    folded = one("BN", "bn_param { bn_mode: INFERENCE }", slope.reshape(1, 4, 1, 1), bias.reshape(1, 4, 1, 1))
    check(folded, {"y": x * a + b})
    with pytest.raises(FrontendError, match="2 weights"):
        one("BN", "", slope, bias).convert()


@COUNT
@given(axis=st.integers(-4, 3), count=st.integers(-1, 3), bias=st.booleans(), kind=st.sampled_from(["Scale", "Bias"]))
def test_scale_and_bias_along_axes(axis: int, count: int, bias: bool, kind: str) -> None:
    shape, begin = (2, 3, 4, 5), axis % 4
    end = 4 if count == -1 else min(begin + count, 4)
    count = count if count == -1 else end - begin
    part = shape[begin:end]
    factor, addend = values(*part), values(*part, seed=1)
    text = f"axis: {axis} num_axes: {count}"
    bias = bias and kind == "Scale"
    more = f"scale_param {{ {text} bias_term: {str(bias).lower()} }}" if kind == "Scale" else f"bias_param {{ {text} }}"
    net = Net(data=shape).layer(kind, "data", "y", more, [factor, addend][: 1 + bias])
    spread = [size if begin <= place < end else 1 for place, size in enumerate(shape)]
    x, f = net.inputs()["data"], factor.reshape(spread)
    check(net, {"y": x + f if kind == "Bias" else x * f + (addend.reshape(spread) if bias else 0)})


@pytest.mark.parametrize("part, axis", [((2, 3), 0), ((3,), 1), ((3, 4), 1), ((5,), -1), ((2, 3, 4, 5), 0), ((1,), 1)])
def test_scale_and_bias_of_two_inputs(part: tuple[int, ...], axis: int) -> None:
    net = Net(data=(2, 3, 4, 5), other=part)
    net.layer("Scale", "data other", "y", f"scale_param {{ axis: {axis} }}")
    net.layer("Bias", "data other", "z", f"bias_param {{ axis: {axis} }}")
    begin = axis % 4
    spread = [1] * begin + list(part) + [1] * (4 - begin - len(part))
    x, other = net.inputs().values()
    check(net, {"y": x * other.reshape(spread), "z": x + other.reshape(spread)})
    with pytest.raises(FrontendError, match="does not lie at axis"):
        Net(data=(2, 3, 4, 5), other=(7,)).layer("Scale", "data other", "y").convert()


def test_scale_of_two_inputs_with_bias() -> None:
    net = Net(data=(2, 3, 4, 5), other=(2, 3))
    bias = values(2, 3, seed=4)
    net.layer("Scale", "data other", "y", "scale_param { axis: 0 bias_term: true }", [bias])
    x, other = net.inputs().values()
    check(net, {"y": x * other[:, :, None, None] + bias[:, :, None, None]})


@pytest.mark.parametrize("operation", ["SUM", "PROD", "MAX", "MIN"])
@pytest.mark.parametrize("count", [2, 3])
def test_eltwise(operation: str, count: int) -> None:
    names = " ".join("abc"[:count])
    net = Net(**dict.fromkeys(names.split(), (2, 3, 4, 5)))
    net.layer("Eltwise", names, "y", f"eltwise_param {{ operation: {operation} }}")
    function = {"SUM": np.add, "PROD": np.multiply, "MAX": np.maximum, "MIN": np.minimum}[operation]
    check(net, {"y": function.reduce(list(net.inputs().values()))})
    if operation != "MIN":
        check(net)


def test_eltwise_with_coefficients() -> None:
    net = Net(a=(1, 2, 3, 4), b=(1, 2, 3, 4))
    net.layer("Eltwise", "a b", "y", "eltwise_param { coeff: 2 coeff: -0.5 }")
    check(net)
    net = Net(a=(1, 2, 3, 4), b=(1, 2, 3, 4))
    net.layer("Eltwise", "a b", "y", "eltwise_param { coeff: 2 }")
    with pytest.raises(FrontendError, match="do not fit"):
        net.convert()
    with pytest.raises(FrontendError, match="one shape"):
        Net(a=(1, 2), b=(2, 2)).layer("Eltwise", "a b", "y").convert()


@COUNT
@given(across=st.booleans(), variance=st.booleans(), eps=st.sampled_from([1e-9, 1e-3]))
def test_mvn(across: bool, variance: bool, eps: float) -> None:
    text = f"across_channels: {str(across).lower()} normalize_variance: {str(variance).lower()} eps: {eps}"
    net = one("MVN", f"mvn_param {{ {text} }}")
    x = net.inputs()["data"]
    axes = (1, 2, 3) if across else (2, 3)
    centered = x - x.mean(axes, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axes, keepdims=True)) + eps
    check(net, {"y": centered / deviation if variance else centered})


def test_mvn_as_opencv() -> None:
    check(one("MVN"))
    check(one("MVN", "mvn_param { across_channels: true }"))


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_normalize(across: bool, shared: bool) -> None:
    text = f"across_spatial: {str(across).lower()} channel_shared: {str(shared).lower()}"
    factor = values(1 if shared else 4)
    net = one("Normalize", f"norm_param {{ {text} }}", factor)
    x = net.inputs()["data"]
    length = np.sqrt((x**2).sum((1, 2, 3) if across else 1, keepdims=True) + 1e-10)
    check(net, {"y": x / length * factor.reshape(-1, 1, 1)})
    if shared or not across:  # OpenCV has no factor per channel for the length of everything
        check(net)


def test_refused_functions() -> None:
    for more in ("exp_param { base: 0 }", "exp_param { base: 1 }", "exp_param { base: -2 }"):
        with pytest.raises(FrontendError, match="base"):
            one("Exp", more).convert()
    with pytest.raises(FrontendError, match="min and max"):
        one("Clip", "clip_param { min: 1 }").convert()


@COUNT
@given(batch=st.lists(st.integers(1, 3), max_size=2), sizes=st.tuples(*[st.integers(1, 5)] * 3))
def test_matmul(batch: list[int], sizes: tuple[int, int, int]) -> None:
    rows, inner, columns = sizes
    net = Net(a=(*batch, rows, inner), b=(*batch, inner, columns)).layer("MatMul", "a b", "y")
    a, b = net.inputs().values()
    check(net, {"y": a @ b})
    with pytest.raises(FrontendError, match="no matrices"):
        Net(a=(2, 3), b=(2, 3)).layer("MatMul", "a b", "y").convert()


@pytest.mark.parametrize("factor, shape", [((2, 3, 1, 1), (2, 3, 4, 5)), ((2, 3), (2, 3, 4, 5)), ((2, 3), (2, 3))])
def test_axpy(factor: tuple[int, ...], shape: tuple[int, ...]) -> None:
    net = Net(a=factor, x=shape, y=shape).layer("Axpy", "a x y", "z")
    a, x, y = net.inputs().values()
    check(net, {"z": a.reshape(2, 3, *[1] * (len(shape) - 2)) * x + y})
    with pytest.raises(FrontendError, match="no factors"):
        Net(a=(3, 2), x=shape, y=shape).layer("Axpy", "a x y", "z").convert()
