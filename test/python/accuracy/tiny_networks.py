"""Networks whose right answers are known by construction: a classifier of colours and a detector of bright squares."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

CELL = 8


def _save(path: Path, nodes: list, inputs: dict, outputs: dict, constants: dict) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def colour_classifier(path: Path, batch: int = 1) -> Path:
    """Input x [batch, 3, 8, 8]; the class is the brightest channel."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "w", "b"], ["y"], name="gemm"),
    ]
    constants = {"w": np.eye(3, dtype=np.float32), "b": np.zeros(3, np.float32)}
    return _save(path, nodes, {"x": [batch, 3, 8, 8]}, {"y": [batch, 3]}, constants)


def colour_pictures(folder: Path, count: int, seed: int = 0) -> list[tuple[Path, int]]:
    """Noisy 8 x 8 pictures of which one channel is brightest, with the number of that channel (0 is red)."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    found = []
    for index in range(count):
        label = int(random.integers(3))
        pixels = random.integers(0, 100, (8, 8, 3), np.uint8)
        pixels[..., label] += 120
        path = folder / f"{index:03d}.png"
        Image.fromarray(pixels).save(path)
        found.append((path, label))
    return found


def square_detector(path: Path, size: int = 64) -> Path:
    """A YOLOv5 head of stride 8 with two classes that finds red and green cells of 8 x 8 pixels.

    Input images [1, 3, size, size], RGB from 0 to 1; output [1, 3, h, w, 7]. A convolution takes the mean of each
    cell; objectness and class follow from the brightness of red and green. Only the first anchor is used.
    """
    weight = np.zeros((3, 7, 3, CELL, CELL), np.float32)
    bias = np.zeros((3, 7), np.float32)
    anchor = (10.0, 13.0)
    for axis in range(2):
        half = np.sqrt(CELL / anchor[axis]) / 2  # the sigmoid that makes the box as large as the cell
        bias[0, 2 + axis] = np.log(half / (1 - half))
    mean = 1.0 / CELL**2
    weight[0, 4, :2] = 20 * mean
    bias[0, 4] = -10
    weight[0, 5, 0], weight[0, 5, 1] = 10 * mean, -10 * mean
    weight[0, 6, 0], weight[0, 6, 1] = -10 * mean, 10 * mean
    bias[1:, 4] = -20
    cells = size // CELL
    nodes = [
        helper.make_node("Conv", ["images", "w", "b"], ["c"], name="conv", kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Reshape", ["c", "s"], ["r"], name="reshape"),
        helper.make_node("Transpose", ["r"], ["head"], name="transpose", perm=[0, 1, 3, 4, 2]),
    ]
    constants = {
        "w": weight.reshape(21, 3, CELL, CELL),
        "b": bias.reshape(21),
        "s": np.array([1, 3, 7, cells, cells], np.int64),
    }
    return _save(path, nodes, {"images": [1, 3, size, size]}, {"head": [1, 3, cells, cells, 7]}, constants)


def coco_data(folder: Path, count: int, size: tuple[int, int] = (64, 64), zoom: int = 1) -> Path:
    """Black pictures with red (category 3) and green (category 7) cells, and their annotations; returns the latter.

    zoom: pictures are that much larger than the network's input, so cells are, too.
    """
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    images, boxes = [], []
    for number in range(count):
        name = f"p{number}.png"
        pixels = np.zeros((*size, 3), np.uint8)
        cells = random.permutation((size[0] // CELL) * (size[1] // CELL))[:4]
        for cell in cells:
            row, column = divmod(int(cell), size[1] // CELL)
            label = int(random.integers(2))
            y, x = row * CELL, column * CELL
            pixels[y : y + CELL, x : x + CELL, label] = 255
            boxes.append(
                {
                    "id": len(boxes) + 1,
                    "image_id": 10 + number,
                    "category_id": (3, 7)[label],
                    "bbox": [x * zoom, y * zoom, CELL * zoom, CELL * zoom],
                    "area": (CELL * zoom) ** 2,
                    "iscrowd": 0,
                }
            )
        large = pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)
        Image.fromarray(large).save(pictures / name)
        images.append({"id": 10 + number, "file_name": name, "height": size[0] * zoom, "width": size[1] * zoom})
    categories = [{"id": 3, "name": "red"}, {"id": 7, "name": "green"}]
    target = folder / "instances.json"
    target.write_text(json.dumps({"images": images, "annotations": boxes, "categories": categories}))
    return target
