"""TFLite_Detection_PostProcess: boxes from differences to anchors, and the suppression of those that repeat others.

Decoding is arithmetic of core ops; YoloDetection or DetectionOutput, which take decoded boxes, suppress. Their columns
x and y stand for y and x here, which overlaps do not notice.
"""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor
from ..call import Call, plain
from ..registry import tflite_op

LARGEST = 1 << 24


def _count(call: Call, name: str, default: int | None = None) -> int:
    value = call.option(name, default)
    if not isinstance(value, int) or not 1 <= value <= LARGEST:
        call.refuse(f"its {name} is {value}; it must be from 1 to {LARGEST}")
    return value


def _number(call: Call, name: str, positive: bool = False) -> float:
    value = float(call.option(name))
    if not math.isfinite(value) or abs(value) > 1e30 or (positive and value <= 1e-30):
        call.refuse(f"its {name} is {value}, which no network has")
    return value


def _columns(call: Call, source: Tensor, suffix: str, begin: int, end: int) -> Tensor:
    """Some of the last axis of a tensor [1, rows, columns]."""
    rows = source.shape[1]
    operands = [source, call.none, call.none, call.none]
    limits = {"offset": [0, 0, begin], "ends": [1, rows, end], "steps": [1, 1, 1], "axes": []}
    return call.step(suffix, "Slice", operands, [1, rows, end - begin], **limits)


def _decoded(call: Call, anchors: np.ndarray) -> list[Tensor]:
    """Centers and sizes, each [1, boxes, 2] with y first."""
    count = len(anchors)
    pair = [1, count, 2]
    scales = {name: _number(call, f"{name}_scale", positive=True) for name in "yxhw"}
    places = call.x(0)
    centers, sizes = anchors[:, :2][None], anchors[:, 2:][None]
    moves = (sizes / np.array([scales["y"], scales["x"]])).astype(np.float32)
    shrink = np.array([[[1 / scales["h"], 1 / scales["w"]]]], np.float32)
    moved = call.step(
        "moves", "Mul", [[_columns(call, places, "yx", 0, 2), call.own_weight("anchor_moves", moves)]], pair
    )
    center = call.step("centers", "Add", [[moved, call.own_weight("anchor_centers", centers.astype(np.float32))]], pair)
    scaled = call.step("logs", "Mul", [[_columns(call, places, "hw", 2, 4), call.own_weight("shrink", shrink)]], pair)
    grown = call.step("growth", "Exp", [scaled], pair)
    size = call.step("sizes", "Mul", [[grown, call.own_weight("anchor_sizes", sizes.astype(np.float32))]], pair)
    return [center, size]


def _threshold(call: Call) -> float:
    """The largest number below the threshold, which a score may equal."""
    return float(np.nextafter(np.float32(_number(call, "nms_score_threshold")), np.float32(-np.inf)))


def _corners(call: Call, center: Tensor, size: Tensor, prefix: str) -> list[Tensor]:
    """The lower and the upper corner of boxes."""
    half = call.step(f"{prefix}_half", "MulConst", [size], size.shape, const_val=0.5)
    low = call.step(f"{prefix}_low", "Sub", [[center, half]], size.shape)
    return [low, call.step(f"{prefix}_high", "Add", [[center, half]], size.shape)]


def _fast(call: Call, boxes: list[Tensor], scores: Tensor, keep: int) -> list[Tensor]:
    """Each box has the class of its best score, and repeats better boxes of any class. Gives corners [1, keep, 4],
    classes, scores and marks of rows that are boxes, each [1, keep, 1]."""
    count, classes = scores.shape[1:]
    ones = call.own_weight("ones", np.ones((1, count, 1), np.float32))
    joined = call.step("joined", "Concat", [[*boxes, ones, scores]], [1, count, 5 + classes], axis=2)
    rows = call.step(
        "rows",
        "YoloDetection",
        [[joined]],
        [1, 1, keep, 6],
        net_input_h=1,
        net_input_w=1,
        nms_threshold=_number(call, "nms_iou_threshold"),
        obj_threshold=_threshold(call),
        keep_topk=keep,
        anchors=[0.0],
        version="yolov5",
        class_num=classes,
        num_boxes=1,
        agnostic_nms=True,
    )
    found = call.reshape(rows, [1, keep, 6], "found")
    center, size = _columns(call, found, "centers_found", 0, 2), _columns(call, found, "sizes_found", 2, 4)
    corners = call.step("corners", "Concat", [_corners(call, center, size, "found")], [1, keep, 4], axis=2)
    best = _columns(call, found, "best", 5, 6)
    return [corners, _columns(call, found, "labels", 4, 5), best, _marks(call, best, 0.0)]


def _regular(call: Call, boxes: list[Tensor], scores: Tensor, keep: int) -> list[Tensor]:
    """Every class of a box is a candidate, and repeats better boxes of its class. Results as of ``_fast``."""
    count, classes = scores.shape[1:]
    corners = call.step("decoded", "Concat", [_corners(call, boxes[0], boxes[1], "box")], [1, count, 4], axis=2)
    operands = [
        call.reshape(corners, [1, 4 * count], "locations"),
        call.reshape(scores, [1, classes * count], "confidences"),
        call.own_weight("no_priors", np.zeros((1, 2, 4 * count), np.float32)),
    ]
    rows = call.step(
        "rows",
        "DetectionOutput",
        [operands],
        [1, 1, keep, 7],
        num_classes=classes,
        background_label_id=-1,
        nms_threshold=_number(call, "nms_iou_threshold"),
        top_k=-1,
        code_type="CORNER",
        keep_top_k=keep,
        confidence_threshold=_threshold(call),
        share_location=True,
        variance_encoded_in_target=1.0,
        eta=1.0,
    )
    found = call.reshape(rows, [1, keep, 7], "by_class")
    order = call.reshape(_columns(call, found, "unsorted", 2, 3), [1, keep], "unsorted_row")
    names = [call.emission.unique(f"{call.prefix}_{suffix}") for suffix in ("sorted", "order")]
    shapes = [[1, keep], [1, keep]]
    places = call.emit_all(names, "TopK", [order], shapes, {"axis": 1, "K": keep})[1]
    found = call.step("found", "Gather", [found, call.reshape(places, [keep], "places")], [1, keep, 7], axis=1)
    best = _columns(call, found, "best", 2, 3)
    marks = _marks(call, best, -0.5)  # rows without a box are -1
    parts = [_columns(call, found, "rows_corners", 3, 7), _columns(call, found, "labels", 1, 2), best]
    return [*(call.step(f"kept{i}", "Mul", [[part, marks]], part.shape) for i, part in enumerate(parts)), marks]


def _marks(call: Call, scores: Tensor, limit: float) -> Tensor:
    """1 where a score is above the limit, else 0."""
    return call.step("is_box", "CompareConst", [scores], scores.shape, mode="Greater", const_val=limit, inversed=False)


@tflite_op("TFLite_Detection_PostProcess", custom=True)
def detection_postprocess(call: Call) -> None:
    """Inputs: differences [1, boxes, 4], scores [1, boxes, classes (+ background)], anchors [boxes, 4]; y before x.

    Results: corners [1, n, 4], classes [1, n], scores [1, n], and how many there are; the rest of them is 0.
    """
    places, scores = call.shape(0), call.shape(1)
    found = call.real(2)
    if found is None:
        call.refuse(f"its anchors ('{call.info(2).name}') are not constant")
    anchors = np.asarray(found[0], np.float64)
    classes, keep = _count(call, "num_classes"), _count(call, "max_detections")
    if len(places) != 3 or places[0] != 1 or places[2] != 4 or anchors.shape != places[1:]:
        call.refuse(f"its boxes {list(places)} do not fit its anchors {list(anchors.shape)}; there is one picture")
    if len(scores) != 3 or scores[:2] != places[:2] or scores[2] not in (classes, classes + 1):
        call.refuse(f"its scores {list(scores)} do not fit {places[1]} boxes of {classes} classes")
    regular = bool(call.option("use_regular_nms", False))
    if regular and _count(call, "detections_per_class", 100) < keep:
        call.refuse("it finds more boxes than one class may have; set detections_per_class to max_detections or more")
    if _count(call, "max_classes_per_detection") > 1:
        call.refuse("it gives several classes per box; set max_classes_per_detection to 1")
    if len(call.node.outputs) != 4:
        call.refuse(f"it has {len(call.node.outputs)} results instead of 4")
    candidates = call.x(1)
    if scores[2] > classes:  # the first one is background
        candidates = _columns(call, candidates, "classes", scores[2] - classes, scores[2])
    suppress = _regular if regular and classes > 1 else _fast
    corners, labels, best, marks = suppress(call, _decoded(call, anchors), candidates, keep)
    call.finish("Reshape", [corners], [1, keep, 4], plain(3), 0, shape=[1, keep, 4])
    call.finish("Reshape", [labels], [1, keep], plain(2), 1, shape=[1, keep])
    call.finish("Reshape", [best], [1, keep], plain(2), 2, shape=[1, keep])
    call.finish("Reduce", [marks], [1], plain(1), 3, axes=[0, 1, 2], keepdims=False, mode="ReduceSum")
