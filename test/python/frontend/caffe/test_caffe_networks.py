"""Networks of common kinds, made layer by layer, against OpenCV in every tensor."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("cv2", reason="the reference run needs OpenCV")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from caffe_models import Net, check, kinds, values  # noqa: E402
from tpu_mlir.frontend.caffe import supported  # noqa: E402


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Weights that keep the size of activations."""
    scale = 1 / np.sqrt(np.prod(shape[1:]) if len(shape) > 1 else 1)
    return (np.random.default_rng(seed + sum(shape)).standard_normal(shape) * scale).astype(np.float32)


def convolved(net: Net, bottom: str, top: str, outputs: int, inputs: int, kernel: int, more: str = "") -> str:
    """A convolution without bias, a normalization, a scale and a ReLU, the last three in place."""
    group = outputs if "group" in more else 1
    text = f"num_output: {outputs} kernel_size: {kernel} pad: {kernel // 2} bias_term: false {more}"
    net.layer(
        "Convolution",
        bottom,
        top,
        f"convolution_param {{ {text} }}",
        [normal(outputs, inputs // group, kernel, kernel)],
    )
    statistics = [normal(outputs), values(outputs, low=0.5), np.array([999.0], np.float32)]
    net.layer("BatchNorm", top, top, "", statistics, name=f"{top}_bn")
    blobs = [values(outputs, low=0.5), normal(outputs, seed=1)]
    net.layer("Scale", top, top, "scale_param { bias_term: true }", blobs, name=f"{top}_scale")
    net.layer("ReLU", top, top, name=f"{top}_relu")
    return top


def test_residual_network() -> None:
    net = Net(data=(2, 3, 33, 33))
    x = convolved(net, "data", "stem", 8, 3, 7, "stride: 2")
    net.layer("Pooling", x, "pool1", "pooling_param { kernel_size: 3 stride: 2 }")
    first = convolved(net, "pool1", "branch_a", 8, 8, 3)
    second = convolved(net, first, "branch_b", 8, 8, 3)
    net.layer("Eltwise", f"pool1 {second}", "sum").layer("ReLU", "sum", "sum", name="sum_relu")
    net.layer("Pooling", "sum", "pooled", "pooling_param { pool: AVE global_pooling: true }")
    net.layer("InnerProduct", "pooled", "fc", "inner_product_param { num_output: 10 }", [normal(10, 8), normal(10)])
    net.layer("Softmax", "fc", "prob")
    converted = check(net, tolerance=1e-4)
    assert converted.outputs == {"prob": "prob"}
    assert "sum_relu" in converted.tensors


def test_network_of_depthwise_convolutions() -> None:
    net = Net(data=(1, 3, 32, 24))
    x = convolved(net, "data", "c0", 8, 3, 3, "stride: 2")
    for block, stride in enumerate((1, 2, 1)):
        x = convolved(net, x, f"dw{block}", 8, 8, 3, f"group: 8 stride: {stride}")
        x = convolved(net, x, f"pw{block}", 8, 8, 1)
    net.layer("ShuffleChannel", x, "mixed", "shuffle_channel_param { group: 4 }")
    net.layer("Slice", "mixed", "left right", "slice_param { slice_point: 3 }", name="cut")
    net.layer("PReLU", "left", "left", "", [normal(3)], name="prelu")
    net.layer("Concat", "right left", "y")
    check(net, tolerance=1e-4)


def test_network_of_inception_blocks() -> None:
    net = Net(data=(1, 4, 14, 14))
    convolved(net, "data", "a", 4, 4, 1)
    convolved(net, "data", "b", 6, 4, 3)
    net.layer("Pooling", "data", "p", "pooling_param { kernel_size: 3 stride: 1 pad: 1 }")
    convolved(net, "p", "c", 2, 4, 1)
    net.layer("Concat", "a b c", "joined")
    net.layer("Pooling", "joined", "q", "pooling_param { pool: AVE kernel_size: 5 stride: 3 }")
    net.layer("Dropout", "q", "q", "dropout_param { dropout_ratio: 0.7 }", name="drop")
    net.layer("InnerProduct", "q", "y", "inner_product_param { num_output: 5 }", [normal(5, 192), normal(5)])
    check(net, tolerance=1e-4)


def test_head_of_a_detector() -> None:
    net = Net(data=(1, 8, 10, 10))
    net.layer("Normalize", "data", "norm", "norm_param { across_spatial: false channel_shared: false }", [values(8)])
    maps = []
    for level, size in enumerate((8, 8)):
        source = "norm" if not level else convolved(net, "data", "smaller", 8, 8, 3, "stride: 2")
        text = f"convolution_param {{ num_output: {size} kernel_size: 3 pad: 1 }}"
        net.layer("Convolution", source, f"conf{level}", text, [normal(size, 8, 3, 3), normal(size)])
        order = "permute_param { order: 0 order: 2 order: 3 order: 1 }"
        net.layer("Permute", f"conf{level}", f"perm{level}", order)
        net.layer("Flatten", f"perm{level}", f"flat{level}")
        maps.append(f"flat{level}")
    net.layer("Concat", " ".join(maps), "conf")
    net.layer("Reshape", "conf", "scores", "reshape_param { shape { dim: 0 dim: -1 dim: 4 } }")
    net.layer("Softmax", "scores", "prob", "softmax_param { axis: 2 }")
    net.layer("Flatten", "prob", "y")
    check(net, tolerance=1e-4)


def test_network_of_a_segmentation() -> None:
    net = Net(data=(1, 3, 25, 31))
    x = convolved(net, "data", "c0", 4, 3, 3)
    net.layer("Pooling", x, "half", "pooling_param { kernel_size: 2 stride: 2 }")
    text = "convolution_param { num_output: 4 kernel_size: 4 stride: 2 group: 4 bias_term: false }"
    net.layer("Deconvolution", "half", "up", text, [normal(4, 1, 4, 4)])
    net.layer("Crop", "up data", "cropped", "crop_param { axis: 2 offset: 1 }")
    net.layer("Eltwise", f"cropped {x}", "fused", "eltwise_param { operation: SUM coeff: 0.5 coeff: 1 }")
    net.layer("Sigmoid", "fused", "y")
    check(net, tolerance=1e-4)
    assert kinds(net.convert()).count("Slice") == 1


def test_every_layer_type_has_a_test() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [kind for kind in supported() if f'"{kind}"' not in text] == []
