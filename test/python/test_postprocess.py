"""model_transform --add_postprocess: whole commands on small detection networks, checked against NumPy models."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent / "evaluation"))
import detection_models as models  # noqa: E402

V3 = [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326]
V7 = [12, 16, 19, 36, 40, 28, 36, 75, 76, 55, 72, 146, 142, 110, 192, 243, 459, 401]
KEPT = 200
SIZE = (64, 96)


class Graph:
    """An ONNX network under construction; its input x has the shape [images, 3, *SIZE]."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(3)

    def weight(self, array: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def conv(self, source: str, output: str, channels: int, outputs: int, stride: int, gain: float = 1) -> str:
        shape = (outputs, channels, stride, stride)
        weights = self.random.standard_normal(shape) * gain / np.sqrt(np.prod(shape[1:]))
        names = [source, self.weight(weights.astype(np.float32))]
        return self.op("Conv", names, output, kernel_shape=[stride] * 2, strides=[stride] * 2)

    def save(self, path: Path, outputs: Sequence[str]) -> None:
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [self.images, 3, *SIZE])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.weights,
        )
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))


def heads(path: Path, images: int, classes: int, exported: bool = False) -> None:
    """Three heads, the coarsest first; exported: as [N, 3, H, W, 5 + classes]."""
    graph = Graph(images)
    maps = [graph.conv("x", "m8", 3, 8, 8)]
    maps += [graph.conv("m8", "m16", 8, 8, 2), graph.conv("m16", "m32", 8, 8, 2)]
    outputs = []
    for name, source, stride in zip(("h8", "h16", "h32"), maps, (8, 16, 32), strict=True):
        graph.conv(source, name, 8, 3 * (5 + classes), 1, 3)
        if exported:
            shape = [images, 3, 5 + classes, SIZE[0] // stride, SIZE[1] // stride]
            graph.op("Reshape", [name, graph.weight(np.array(shape, np.int64))], name + "r")
            graph.op("Transpose", [name + "r"], name + "t", perm=[0, 1, 3, 4, 2])
        outputs.append(name + "t" if exported else name)
    graph.save(path, outputs[::-1])


def boxes(path: Path, classes: int, exchanged: bool) -> None:
    """One map whose cells are boxes: [1, 4 + classes, boxes]."""
    graph = Graph(1)
    graph.conv("x", "m", 3, 8, 8)
    graph.op("Sigmoid", [graph.conv("m", "c", 8, 4 + classes, 1, 3)], "s")
    scale = np.ones((1, 4 + classes, 1, 1), np.float32)
    scale[0, :4, 0, 0] = [96, 64, 30, 30]
    graph.op("Mul", ["s", graph.weight(scale)], "d")
    graph.op("Reshape", ["d", graph.weight(np.array([1, 4 + classes, -1], np.int64))], "y")
    graph.save(path, [graph.op("Transpose", ["y"], "z", perm=[0, 2, 1]) if exchanged else "y"])


def sample(folder: Path, images: int = 1) -> Path:
    path = folder / "in.npz"
    np.savez(path, x=np.random.default_rng(1).standard_normal((images, 3, *SIZE)).astype(np.float32))
    return path


def transform(run, tmp_path: Path, kind: str, images: int = 1, *more: str) -> dict[str, np.ndarray]:
    """Runs the command; gives the tensors of the canonical module."""
    files = ["--model_name", "net", "--model_def", "net.onnx", "--mlir", "net.mlir", "--test_result", "top.npz"]
    status, out, err = run(
        "model_transform", *files, "--test_input", sample(tmp_path, images), "--add_postprocess", kind, *more
    )
    assert status == 0, out + err
    with np.load(tmp_path / "top.npz") as tensors:
        return dict(tensors)


def close(actual: np.ndarray, expected: np.ndarray) -> None:
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "form", "anchors"), [("yolov3", "yolov3", V3), ("YOLOv5", "yolov5", V3), ("yolov7", "yolov5", V7)]
)
@pytest.mark.parametrize(("images", "classes", "exported"), [(1, 4, False), (2, 2, True)])
def test_three_heads(run, tmp_path, kind, form, anchors, images, classes, exported):
    heads(tmp_path / "net.onnx", images, classes, exported)
    tensors = transform(run, tmp_path, kind, images)
    found = models.yolo_heads([tensors[f"h{s}_Conv"] for s in (8, 16, 32)], anchors, 3, classes, SIZE, form)
    kept = [models.yolo_kept(models.best_class(f, "sigmoid"), 0.5, 0.5, KEPT) for f in found]
    assert all(len(k) > 10 for k in kept)
    close(tensors["yolo_post"], models.yolo_rows(kept, KEPT))
    text = (tmp_path / "net.mlir").read_text()
    assert f'module.postprocess = "{kind.lower()}"' in text
    assert f"-> tensor<1x1x{images * KEPT}x7xf32>" in text


@pytest.mark.parametrize("exchanged", [False, True])
@pytest.mark.parametrize("kind", ["yolov8", "yolov11"])
def test_decoded_boxes(run, tmp_path, kind, exchanged):
    boxes(tmp_path / "net.onnx", 3, exchanged)
    tensors = transform(run, tmp_path, kind)
    rows = tensors["y_Reshape"][0].T
    assert rows.shape == (96, 7)
    candidates = [(list(map(float, row[:4])), row[4:], 1.0) for row in rows]
    kept = models.yolo_kept(models.best_class(candidates, "plain"), 0.5, 0.5, KEPT)
    assert len(kept) > 20
    close(tensors["yolo_post"], models.yolo_rows([kept], KEPT))


def test_other_outputs_are_left_out_by_name(run, tmp_path):
    heads(tmp_path / "net.onnx", 1, 4)
    everything = transform(run, tmp_path, "yolov5")
    names = ["--output_names", "h8,h16,h32"]
    np.testing.assert_array_equal(transform(run, tmp_path, "yolov5", 1, *names)["yolo_post"], everything["yolo_post"])
    status, _, err = run(
        "model_transform", "--model_name", "net", "--model_def", "net.onnx", "--mlir", "net.mlir",
        "--add_postprocess", "yolov5", "--output_names", "h8,h16",
    )  # fmt: skip
    assert status == 1
    one_sentence(err, "yolov5", "three outputs", "'h8_Conv' of shape 1x27x8x12", "--output_names")


def test_single_shot_detector(run, tmp_path):
    """Priors are a constant of the network, as exporters write them."""
    graph, count, classes = Graph(2), 96, 3
    graph.conv("x", "m", 3, 8, 8)
    for name, width, gain in (("loc", 4, 0.5), ("conf", classes, 3)):
        graph.op("Transpose", [graph.conv("m", name + "c", 8, width, 1, gain)], name + "t", perm=[0, 2, 3, 1])
        graph.op("Reshape", [name + "t", graph.weight(np.array([2, count, width], np.int64))], name + "r")
    graph.op("Softmax", ["confr"], "conf", axis=2)
    prior = models.prior_boxes((8, 12), SIZE, [24], [], [], [0.1, 0.1, 0.2, 0.2])
    graph.op("Sum", [graph.weight(prior[None].astype(np.float32))], "priors")
    graph.op("Mul", ["m", graph.weight(np.zeros(1, np.float32))], "zero")
    graph.op("ReduceSum", ["zero", graph.weight(np.array([0, 1, 2, 3], np.int64))], "none", keepdims=0)
    graph.op("Add", ["priors", "none"], "moving_priors")
    graph.save(tmp_path / "net.onnx", ["moving_priors", "conf", "locr"])
    tensors = transform(run, tmp_path, "ssd", 2)
    loc, conf = tensors["locr_Reshape"].reshape(2, count, 1, 4), tensors["conf_Softmax"].reshape(2, count, classes)
    expected = models.ssd_rows(
        loc, conf, prior.reshape(1, 2, count, 4), background=0, threshold=0.05, nms=0.5, top_k=200, keep=200,
        code="CENTER_SIZE",
    )  # fmt: skip
    assert (expected[:, 1] > 0).sum() > 20
    close(tensors["ssd_post"].reshape(-1, 7), expected)


def test_boxes_cannot_be_compiled_yet(run, tmp_path):
    heads(tmp_path / "net.onnx", 1, 4)
    transform(run, tmp_path, "yolov5")
    status, _, err = run(
        "model_deploy", "--mlir", "net.mlir", "--quantize", "F16", "--chip", "bm1684x", "--model", "net.bmodel"
    )
    assert status == 1
    one_sentence(err, "net.mlir", "yolov5", "without --add_postprocess")
    assert not (tmp_path / "net.bmodel").exists()
