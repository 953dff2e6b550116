"""TFLite_Detection_PostProcess: boxes from differences to anchors, and the suppression of those that repeat others.

Decoding is arithmetic of core ops; YoloDetection, which takes decoded boxes, suppresses. Its columns x and y stand for
y and x here, which overlaps do not notice.
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


def _found(call: Call, boxes: list[Tensor], classes: int, keep: int) -> Tensor:
    """Rows center y, center x, height, width, class, score, by falling score: [1, keep, 6]."""
    shape, count = call.shape(1), boxes[0].shape[1]
    scores = call.x(1)
    if shape[2] > classes:  # the first one is background
        scores = _columns(call, scores, "classes", shape[2] - classes, shape[2])
    threshold = np.float32(_number(call, "nms_score_threshold"))
    regular = bool(call.option("use_regular_nms", False))
    if regular:
        joined = call.step("joined", "Concat", [[*boxes, scores]], [1, count, 4 + classes], axis=2)
        joined = call.permute(joined, [0, 2, 1], "candidates")
    else:
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
        obj_threshold=float(np.nextafter(threshold, np.float32(-np.inf))),  # a score may equal the threshold
        keep_topk=keep,
        anchors=[0.0],
        version="yolov8" if regular else "yolov5",
        class_num=classes,
        num_boxes=1,
        agnostic_nms=not regular,
    )
    return call.reshape(rows, [1, keep, 6], "found")


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
    rows = _found(call, _decoded(call, anchors), classes, keep)
    center, pair = _columns(call, rows, "centers_found", 0, 2), [1, keep, 2]
    half = call.step("half", "MulConst", [_columns(call, rows, "sizes_found", 2, 4)], pair, const_val=0.5)
    low, high = call.step("low", "Sub", [[center, half]], pair), call.step("high", "Add", [[center, half]], pair)
    call.finish("Concat", [[low, high]], [1, keep, 4], plain(3), 0, axis=2)
    for index, column in ((1, 4), (2, 5)):
        part = _columns(call, rows, "labels" if index == 1 else "best", column, column + 1)
        call.finish("Reshape", [part], [1, keep], plain(2), index, shape=[1, keep])
    best = _columns(call, rows, "filled", 5, 6)
    is_box = call.step("is_box", "CompareConst", [best], [1, keep, 1], mode="Greater", const_val=0.0, inversed=False)
    call.finish("Reduce", [is_box], [1], plain(1), 3, axes=[0, 1, 2], keepdims=False, mode="ReduceSum")
