"""Boxes out of the outputs of detection networks of the YOLOv5 family, and their mean average precision on COCO."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..inputs import NetworkInput
from ..preprocess import Preprocessing
from .samples import Sample

ANCHORS = {
    8: ((10, 13), (16, 30), (33, 23)),
    16: ((30, 61), (62, 45), (59, 119)),
    32: ((116, 90), (156, 198), (373, 326)),
}
"""Width and height in pixels of the anchors of YOLOv5 by the stride of the head."""

SCORE, OVERLAP, CANDIDATES, BOXES = 0.001, 0.6, 30000, 300
"""Lowest score, largest IoU of two boxes of one class, most boxes before and after suppression: YOLOv5's validation."""


@dataclass(frozen=True)
class CocoMap:
    """Mean average precision by pycocotools. categories: their ids in ascending order."""

    annotations: str
    categories: tuple[int, ...]

    @staticmethod
    def from_annotations(path: Path) -> CocoMap:
        """Reads the categories; ``UserError`` where pycocotools is missing or the file is none of COCO's."""
        from .samples import coco_images

        try:
            import pycocotools.coco  # noqa: F401
        except ImportError as error:
            raise UserError("coco_mAP needs pycocotools: pip install tpu_mlir[eval]") from error
        coco_images(path)
        content = json.loads(path.read_text(encoding="utf-8"))
        try:
            ids = tuple(sorted(int(entry["id"]) for entry in content["categories"]))
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path}: the categories have no numbers") from error
        return CocoMap(str(path), ids)

    def sample(
        self, outputs: Mapping[str, np.ndarray], sample: Sample, inputs: Sequence[NetworkInput]
    ) -> tuple[int, list[dict[str, Any]]]:
        """The number of the picture and its detections as COCO writes them, boxes in pixels of the original picture."""
        if sample.identity is None or sample.size is None:
            raise UserError("coco_mAP is for --dataset_type coco")
        spec = inputs[0]
        preprocessing = spec.preprocessing or Preprocessing()
        nhwc = preprocessing.channel_format == "nhwc"
        size = (spec.shape[1], spec.shape[2]) if nhwc else (spec.shape[2], spec.shape[3])
        candidates = decode(list(outputs.values()), size)
        boxes, scores, classes = suppressed(candidates)
        boxes = to_picture(boxes, sample.size, size, preprocessing)
        ids = self._ids(candidates.shape[1] - 5)
        found = [
            {
                "image_id": sample.identity,
                "category_id": ids[int(label)],
                "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
                "score": float(score),
            }
            for (x0, y0, x1, y1), score, label in zip(boxes, scores, classes, strict=True)
        ]
        return sample.identity, found

    def _ids(self, classes: int) -> tuple[int, ...]:
        if classes == len(self.categories):
            return self.categories
        if classes >= max(self.categories, default=0):  # a subset of the annotations, numbered from 1
            return tuple(range(1, classes + 1))
        raise UserError(f"the network has {classes} classes, {self.annotations} has {len(self.categories)} categories")

    def summarize(self, results: Sequence[tuple[int, list[dict[str, Any]]]]) -> dict[str, float]:
        """mAP (IoU 0.50 to 0.95), mAP50 and mAP75 in percent."""
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval

        detections = [found for _, boxes in results for found in boxes]
        if not detections:
            return {"mAP": 0.0, "mAP50": 0.0, "mAP75": 0.0}
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints what it does
            truth = COCO(self.annotations)
            judge = COCOeval(truth, truth.loadRes(detections), "bbox")
            judge.params.imgIds = [identity for identity, _ in results]
            judge.evaluate()
            judge.accumulate()
            judge.summarize()
        return {name: 100.0 * float(judge.stats[i]) for i, name in enumerate(("mAP", "mAP50", "mAP75"))}


def decode(outputs: Sequence[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """Rows (x, y, width, height, objectness, class scores …) in pixels of the network's input.

    outputs: heads of shape [1, 3, h, w, 5 + classes] or [1, 3 * (5 + classes), h, w] before the sigmoid, or one array
    [1, n, 5 + classes] of decoded rows. size: height and width of the network's input.

    Raises:
        UserError: the outputs have none of these forms.
    """
    if len(outputs) == 1 and outputs[0].ndim == 3 and outputs[0].shape[2] > 5:
        return outputs[0][0].astype(np.float64)
    rows = [_decode_head(_five(output, size), size) for output in outputs]
    if len({part.shape[1] for part in rows}) != 1:
        raise UserError("the heads of the network have different numbers of classes")
    return np.concatenate(rows)


def _five(output: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A head as [anchors, h, w, 5 + classes]."""
    if output.ndim == 5 and output.shape[0] == 1:
        head = output[0]
    elif output.ndim == 4 and output.shape[0] == 1 and output.shape[1] % 3 == 0:
        _, channels, height, width = output.shape
        head = output[0].reshape(3, channels // 3, height, width).transpose(0, 2, 3, 1)
    else:
        head = np.empty((0, 1, 1, 0))
    stride = size[0] // head.shape[1]
    if len(head) != 3 or head.shape[3] < 6 or stride not in ANCHORS or size[1] // head.shape[2] != stride:
        raise UserError(
            f"coco_mAP knows the outputs of YOLOv5, not one of shape {list(output.shape)}; "
            "write a script for --postprocess_type"
        )
    return head


def _decode_head(head: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    _, height, width, _ = head.shape
    stride = size[0] // height
    values = 1.0 / (1.0 + np.exp(-np.clip(head.astype(np.float64), -500, 500)))
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    centres = (values[..., 0:2] * 2 - 0.5 + grid) * stride
    sizes = (values[..., 2:4] * 2) ** 2 * np.asarray(ANCHORS[stride])[:, None, None, :]
    return np.concatenate([centres, sizes, values[..., 4:]], axis=-1).reshape(-1, head.shape[3])


def suppressed(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes (x0, y0, x1, y1), scores and classes that survive non-maximum suppression within each class."""
    rows = np.nan_to_num(rows, nan=0.0, posinf=1e9, neginf=-1e9)
    rows = rows[rows[:, 4] > SCORE]
    scores = rows[:, 4:5] * rows[:, 5:]
    row, label = np.nonzero(scores > SCORE)
    values = scores[row, label]
    order = np.argsort(-values, kind="stable")[:CANDIDATES]
    row, label, values = row[order], label[order], values[order]
    half = rows[row, 2:4] / 2
    boxes = np.concatenate([rows[row, :2] - half, rows[row, :2] + half], axis=1)
    kept: list[int] = []
    alive = np.arange(len(values))
    while alive.size and len(kept) < BOXES:
        best, others = alive[0], alive[1:]
        kept.append(int(best))
        clash = (overlap(boxes[best], boxes[others]) > OVERLAP) & (label[others] == label[best])
        alive = others[~clash]
    return boxes[kept], values[kept], label[kept]


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of a box with each of the others."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(common / np.maximum(areas - common, 1e-9))


def to_picture(
    boxes: np.ndarray, picture: tuple[int, int], network: tuple[int, int], preprocessing: Preprocessing
) -> np.ndarray:
    """Boxes in pixels of the network's input, in pixels of the original picture; the inverse of the preparation."""
    target = preprocessing.resize_dims or network
    scaled, offset = (float(target[0]), float(target[1])), (0.0, 0.0)
    if preprocessing.keep_aspect_ratio:
        letterbox = preprocessing.keep_ratio_mode == "letterbox"
        ratios = target[0] / picture[0], target[1] / picture[1]
        ratio = min(ratios) if letterbox else max(ratios)
        scaled = (float(max(1, int(picture[0] * ratio))), float(max(1, int(picture[1] * ratio))))
        if not letterbox or preprocessing.pad_type == "center":
            offset = tuple((whole - part) // 2 for whole, part in zip(target, scaled, strict=True))  # type: ignore
    crop = [(whole - part) // 2 for whole, part in zip(target, network, strict=True)]
    shift = np.asarray([crop[1] - offset[1], crop[0] - offset[0]] * 2, dtype=np.float64)
    scale = np.asarray([picture[1] / scaled[1], picture[0] / scaled[0]] * 2)
    limits = np.asarray([picture[1], picture[0]] * 2)
    return np.clip((boxes + shift) * scale, 0, limits)
