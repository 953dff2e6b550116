"""Convolutions and pools of Caffe against OpenCV."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, check, kinds, values  # noqa: E402
from hypothesis import assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

small = st.integers(1, 3)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.tuples(st.integers(4, 9), st.integers(4, 9)),
    kernel=st.tuples(small, small),
    stride=small,
    pad=st.integers(0, 2),
    dilation=st.integers(1, 2),
    group=st.integers(1, 2),
    bias=st.booleans(),
)
def test_convolution(
    sizes: tuple[int, int], kernel: tuple[int, int], stride: int, pad: int, dilation: int, group: int, bias: bool
) -> None:
    assume(all(s + 2 * pad >= dilation * (k - 1) + 1 for s, k in zip(sizes, kernel, strict=True)))
    net = Net(data=[2, 4, *sizes])
    blobs = [values(6, 4 // group, *kernel), values(6)][: 1 + bias]
    net.layer(
        "Convolution",
        "data",
        "y",
        f"convolution_param {{ num_output: 6 kernel_h: {kernel[0]} kernel_w: {kernel[1]} stride: {stride} pad: {pad} "
        f"dilation: {dilation} group: {group} bias_term: {str(bias).lower()} }}",
        blobs,
    )
    assert kinds(check(net)) == ["Conv"]


def test_convolution_of_uneven_windows() -> None:
    net = Net(data=[1, 3, 9, 7])
    text = "num_output: 4 kernel_size: 3 kernel_size: 2 stride_h: 2 stride_w: 1 pad_h: 0 pad_w: 1"
    net.layer("Convolution", "data", "y", f"convolution_param {{ {text} }}", [values(4, 3, 3, 2), values(4)])
    check(net)


def test_one_filter_for_several_inputs() -> None:
    net = Net(a=[1, 2, 5, 5], b=[1, 2, 5, 5])
    blobs = [values(3, 2, 3, 3), values(3)]
    net.layer("Convolution", "a b", "y z", "convolution_param { num_output: 3 kernel_size: 3 }", blobs)
    torch = pytest.importorskip("torch")
    tensors = [torch.from_numpy(array) for array in (*net.inputs().values(), *blobs)]
    expected = {
        name: torch.nn.functional.conv2d(tensors[place], tensors[2], tensors[3]).numpy()
        for place, name in enumerate("yz")
    }
    converted = check(net, expected)
    assert kinds(converted) == ["Conv", "Conv"]


def test_depthwise_types() -> None:
    blobs = [values(4, 1, 3, 3), values(4)]
    for kind in ("ConvolutionDepthwise", "DepthwiseConvolution"):
        net, same = Net(data=[1, 4, 6, 6]), Net(data=[1, 4, 6, 6])
        same.layer("Convolution", "data", "y", "convolution_param { num_output: 4 kernel_size: 3 group: 4 }", blobs)
        net.layer(kind, "data", "y", "convolution_param { num_output: 4 kernel_size: 3 }", blobs)
        assert net.convert().module().operation.get_asm() == same.convert().module().operation.get_asm()
        check(same)


@settings(max_examples=20, deadline=None)
@given(kernel=st.integers(1, 4), stride=small, pad=st.integers(0, 1), group=st.sampled_from([1, 2]), bias=st.booleans())
def test_deconvolution(kernel: int, stride: int, pad: int, group: int, bias: bool) -> None:
    assume(kernel > pad)
    net = Net(data=[1, 4, 5, 4])
    text = f"num_output: 6 kernel_size: {kernel} stride: {stride} pad: {pad} group: {group}"
    blobs = [values(4, 6 // group, kernel, kernel), values(6)][: 1 + bias]
    net.layer("Deconvolution", "data", "y", f"convolution_param {{ {text} bias_term: {str(bias).lower()} }}", blobs)
    assert kinds(check(net)) == ["Deconv"]


def caffe_pool(x: np.ndarray, kind: str, kernel: int, stride: int, pad: int, up: bool) -> np.ndarray:
    """Caffe's definition of a pool, window by window."""
    counts = []
    for size in x.shape[2:]:
        count = int((np.ceil if up else np.floor)((size + 2 * pad - kernel) / stride)) + 1
        counts.append(count - 1 if pad and (count - 1) * stride >= size + pad else count)
    result = np.zeros((*x.shape[:2], *counts), np.float32)
    height, width = x.shape[2:]
    for row in range(counts[0]):
        for column in range(counts[1]):
            top, left = row * stride - pad, column * stride - pad
            bottom, right = min(top + kernel, height + pad), min(left + kernel, width + pad)
            part = x[:, :, max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
            count = (bottom - top) * (right - left)
            value = part.max((2, 3)) if kind == "MAX" else part.sum((2, 3)) / count
            result[:, :, row, column] = value
    return result


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.tuples(st.integers(4, 10), st.integers(4, 10)),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 4),
    pad=st.integers(0, 2),
    kind=st.sampled_from(["MAX", "AVE"]),
    up=st.booleans(),
)
def test_pool(sizes: tuple[int, int], kernel: int, stride: int, pad: int, kind: str, up: bool) -> None:
    assume(pad < kernel and stride <= kernel)
    net = Net(data=[1, 2, *sizes])
    mode = "" if up else "round_mode: FLOOR"
    net.layer(
        "Pooling",
        "data",
        "y",
        f"pooling_param {{ pool: {kind} kernel_size: {kernel} stride: {stride} pad: {pad} {mode} }}",
    )
    expected = caffe_pool(net.inputs()["data"], kind, kernel, stride, pad, up)
    check(net, {"y": expected})


@pytest.mark.parametrize("kind", ["MAX", "AVE"])
@pytest.mark.parametrize(
    "text", ["kernel_size: 3 stride: 2", "kernel_size: 3 stride: 2 pad: 1", "global_pooling: true"]
)
def test_pool_as_opencv(kind: str, text: str) -> None:
    check(Net(data=[2, 3, 8, 11]).layer("Pooling", "data", "y", f"pooling_param {{ pool: {kind} {text} }}"))


@pytest.mark.parametrize(
    "text, word",
    [
        ("pool: STOCHASTIC kernel_size: 2", "stochastic"),
        ("stride: 2", "kernel_size is missing"),
        ("kernel_size: 2 stride: 0", "stride"),
        ("kernel_size: 2 stride: 4294967295", "too large"),
        ("kernel_size: 2 pad: 2", "do not all see"),
        ("kernel_size: 9", "do not all see"),
        ("kernel_size: 1 stride: 4", "do not all see"),
    ],
)
def test_refused_pools(text: str, word: str) -> None:
    net = Net(data=[1, 2, 7, 7]).layer("Pooling", "data", "y", f"pooling_param {{ {text} }}")
    with pytest.raises(FrontendError, match=word):
        net.convert()


def masks(x: np.ndarray, kernel: int, stride: int, pad: int, result: tuple[int, ...]) -> np.ndarray:
    """Where in its plane the maximum of each window is."""
    found = np.zeros(result, np.float32)
    height, width = x.shape[2:]
    for image, channel, row, column in np.ndindex(*result):
        top, left = row * stride - pad, column * stride - pad
        rows, columns = slice(max(top, 0), min(top + kernel, height)), slice(max(left, 0), min(left + kernel, width))
        part = x[image, channel, rows, columns]
        y, z = np.unravel_index(part.argmax(), part.shape)
        found[image, channel, row, column] = (rows.start + y) * width + columns.start + z
    return found


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.tuples(st.integers(4, 9), st.integers(4, 9)),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    pad=st.integers(0, 1),
)
def test_masks_and_unpooling(sizes: tuple[int, int], kernel: int, stride: int, pad: int) -> None:
    assume(pad < kernel and stride <= kernel)
    net = Net(data=[2, 3, *sizes])
    window = f"kernel_size: {kernel} stride: {stride} pad: {pad}"
    net.layer("Pooling", "data", "p mask", f"pooling_param {{ {window} }}", name="pool")
    net.layer("ReLU", "p", "r")
    stated = f"upsample_h: {sizes[0]} upsample_w: {sizes[1]}"
    net.layer("Upsample", "r mask", "y", f"upsample_param {{ {stated} }}")
    net.layer("AbsVal", "mask", "where")
    x = net.inputs()["data"]
    pooled = caffe_pool(x, "MAX", kernel, stride, pad, True)
    where = masks(x, kernel, stride, pad, pooled.shape)
    expected = np.zeros((2, 3, sizes[0] * sizes[1]), np.float32)
    for place in np.ndindex(*pooled.shape):
        expected[(*place[:2], int(where[place]))] = max(pooled[place], 0)
    check(net, {"y": expected.reshape(x.shape), "where": where})


def test_unpooling_by_factors() -> None:
    net = Net(data=[1, 2, 8, 7]).layer("Pooling", "data", "p mask", "pooling_param { kernel_size: 2 stride: 2 }")
    net.layer("Upsample", "p mask", "y", "upsample_param { scale: 2 pad_out_w: true }")
    x = net.inputs()["data"]
    pooled = caffe_pool(x, "MAX", 2, 2, 0, True)
    where = masks(x, 2, 2, 0, pooled.shape)
    expected = np.zeros((1, 2, 56), np.float32)
    for place in np.ndindex(*pooled.shape):
        expected[(*place[:2], int(where[place]))] = pooled[place]
    check(net, {"y": expected.reshape(x.shape)})
    assert "ScatterElements" in kinds(net.convert())
    even = Net(data=[1, 2, 8, 8]).layer("Pooling", "data", "p mask", "pooling_param { kernel_size: 2 stride: 2 }")
    even.layer("Upsample", "p mask", "y", "upsample_param { scale: 2 }")
    assert kinds(even.convert()) == ["MaxPoolWithMask", "MaxUnpool"]
    even.layer("Upsample", "p mask", "z", "upsample_param { upsample_h: 8 }")
    with pytest.raises(FrontendError, match="only one is stated"):
        even.convert()


def test_masks_of_whole_planes() -> None:
    net = Net(data=[2, 3, 4, 5]).layer("Pooling", "data", "p mask", "pooling_param { global_pooling: true }")
    x = net.inputs()["data"]
    check(net, {"p": x.max((2, 3), keepdims=True), "mask": x.reshape(2, 3, 20).argmax(2).reshape(2, 3, 1, 1)})


def test_masks_that_are_not_used() -> None:
    net = Net(data=[1, 2, 4, 4]).layer("Pooling", "data", "y mask", "pooling_param { kernel_size: 2 stride: 2 }")
    assert kinds(net.convert(output_names=["y"])) == ["MaxPool"]
    net = Net(data=[1, 2, 4, 4]).layer("Pooling", "data", "y mask", "pooling_param { pool: AVE kernel_size: 2 }")
    with pytest.raises(FrontendError, match="mask"):
        net.convert()
    net = Net(data=[1, 2, 4, 4], mask=[1, 2, 4, 3]).layer("Upsample", "data mask", "y")
    with pytest.raises(FrontendError, match="does not have the shape"):
        net.convert()


@pytest.mark.parametrize("kind", ["MAX", "AVE"])
@pytest.mark.parametrize("levels, sizes", [(1, (5, 6)), (2, (5, 6)), (3, (13, 11)), (3, (8, 16))])
def test_spatial_pyramid(kind: str, levels: int, sizes: tuple[int, int]) -> None:
    net = Net(data=[2, 3, *sizes])
    net.layer("SPP", "data", "y", f"spp_param {{ pool: {kind} pyramid_height: {levels} }}")
    x, parts = net.inputs()["data"], []
    for level in range(levels):
        kernel = [-(-size // 2**level) for size in sizes]
        rows, columns = ((k * 2**level - size + 1) // 2 for k, size in zip(kernel, sizes, strict=True))
        part = np.zeros((2, 3, 2**level, 2**level), np.float32)
        for row, column in np.ndindex(*part.shape[2:]):
            top, left = row * kernel[0] - rows, column * kernel[1] - columns
            bottom, right = top + kernel[0], left + kernel[1]
            bottom, right = min(bottom, sizes[0] + rows), min(right, sizes[1] + columns)
            window = x[:, :, max(top, 0) : min(bottom, sizes[0]), max(left, 0) : min(right, sizes[1])]
            area = (bottom - top) * (right - left)
            part[:, :, row, column] = window.max((2, 3)) if kind == "MAX" else window.sum((2, 3)) / area
        parts.append(part)
    check(net, {"y": parts[0] if levels == 1 else np.concatenate([part.reshape(2, -1) for part in parts], 1)})


def test_refused_spatial_pyramids() -> None:
    for text, word in (("pyramid_height: 3", "do not all see"), ("pyramid_height: 0", "pyramid_height")):
        with pytest.raises(FrontendError, match=word):
            Net(data=[1, 2, 2, 5]).layer("SPP", "data", "y", f"spp_param {{ {text} }}").convert()
    with pytest.raises(FrontendError, match="stochastic"):
        Net(data=[1, 2, 4, 4]).layer("SPP", "data", "y", "spp_param { pyramid_height: 2 pool: STOCHASTIC }").convert()


def test_refused_convolutions() -> None:
    def convolved(text: str, *blobs: np.ndarray) -> Net:
        return Net(data=[1, 4, 6, 6]).layer("Convolution", "data", "y", f"convolution_param {{ {text} }}", blobs)

    for net, word in (
        (convolved("num_output: 4 kernel_size: 3"), "filter is missing"),
        (convolved("num_output: 4 kernel_size: 3", values(4, 4, 3, 3)), "bias is missing"),
        (convolved("num_output: 4 kernel_size: 3", values(4, 3, 3, 3), values(4)), "has the shape"),
        (convolved("num_output: 4 kernel_size: 3 group: 3", values(4, 4, 3, 3), values(4)), "group 3"),
        (convolved("num_output: 4 kernel_size: 8", values(4, 4, 8, 8), values(4)), "would have the shape"),
        (convolved("num_output: 4"), "kernel_size is missing"),
        (convolved("num_output: 4 kernel_size: 3 axis: 2"), "axis 2"),
    ):
        with pytest.raises(FrontendError, match=word):
            net.convert()


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 3),
    pad=st.integers(0, 2),
    dilation=st.integers(1, 2),
)
def test_im2col(sizes: tuple[int, int], kernel: tuple[int, int], stride: int, pad: int, dilation: int) -> None:
    counts = [(n + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(sizes, kernel, strict=True)]
    net = Net(data=[2, 3, *sizes])
    text = f"kernel_h: {kernel[0]} kernel_w: {kernel[1]} stride: {stride} pad: {pad} dilation: {dilation}"
    net.layer("Im2col", "data", "c", f"convolution_param {{ {text} }}").layer("AbsVal", "c", "y")
    if min(counts) < 1:
        with pytest.raises(FrontendError, match="larger than the input"):
            net.convert()
        return
    x = np.pad(net.inputs()["data"], ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    expected = np.zeros((2, 3, *kernel, *counts), np.float32)
    for u, v, row, column in np.ndindex(*kernel, *counts):
        place = x[:, :, row * stride + u * dilation, column * stride + v * dilation]
        expected[:, :, u, v, row, column] = place
    check(net, {"y": np.abs(expected.reshape(2, -1, *counts))})


def test_im2col_of_a_sequence() -> None:
    net = Net(data=[2, 3, 7]).layer("Im2col", "data", "y", "convolution_param { kernel_size: 3 stride: 2 }")
    x = net.inputs()["data"]
    expected = np.stack([x[:, :, k : k + 5 : 2] for k in range(3)], 2).reshape(2, 9, 3)
    check(net, {"y": expected})
    with pytest.raises(FrontendError, match="positions"):
        Net(data=[1, 1, 99, 99]).layer("Im2col", "data", "y", "convolution_param { kernel_size: 33 }").convert()
