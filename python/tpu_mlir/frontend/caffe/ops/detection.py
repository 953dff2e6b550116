"""Default boxes, regions of interest and the layers that turn a detection network's outputs into boxes."""

from __future__ import annotations

import math
from typing import Any

from ..call import Call
from ..registry import caffe_layer

YOLO_V3 = (10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326)
YOLO_V4 = (12, 16, 19, 36, 40, 28, 36, 75, 76, 55, 72, 146, 142, 110, 192, 243, 459, 401)
YOLO_TINY = (10, 14, 23, 27, 37, 58, 81, 82, 135, 169, 344, 319)
"""Anchors of the published networks, in pixels, those of the finest head first."""

LARGEST = 1 << 24
"""Most rows of a result, as the ops have it."""


def _count(call: Call, parameters: Any, field: str) -> int:
    value = int(getattr(parameters, field))
    if not 1 <= value <= LARGEST:
        call.refuse(f"its {field} is {value}; it must be from 1 to {LARGEST}")
    return value


def _number(call: Call, parameters: Any, field: str) -> float:
    value = float(getattr(parameters, field))
    if not math.isfinite(value):
        call.refuse(f"its {field} is not finite")
    return value


@caffe_layer("PriorBox")
def prior_box(call: Call) -> None:
    """Boxes and variances for each cell of a map; only sizes of the two inputs count."""
    parameters = call.parameters("prior_box_param")
    call.only(2)
    if len(call.shape()) != 4 or len(call.shape(1)) != 4:
        call.refuse("its inputs are no images")
    ratios: list[float] = []
    for ratio in parameters.aspect_ratio:
        for value in (ratio, 1 / ratio if ratio else 0.0) if parameters.flip else (ratio,):
            if not (math.isfinite(value) and value > 0):
                call.refuse(f"its aspect_ratio {ratio} is not positive")
            if all(abs(value - other) >= 1e-6 for other in (1.0, *ratios)):
                ratios.append(value)
    low, high = [float(v) for v in parameters.min_size], [float(v) for v in parameters.max_size]
    if not low or any(not (math.isfinite(v) and v > 0) for v in low + high):
        call.refuse("its min_size is missing, or a size is not positive")
    if high and (len(high) != len(low) or any(a >= b for a, b in zip(low, high, strict=True))):
        call.refuse(f"its max_size {high} does not fit min_size {low}")
    variance = [float(v) for v in parameters.variance] or [0.1]
    if len(variance) not in (1, 4) or any(not (math.isfinite(v) and v > 0) for v in variance):
        call.refuse(f"its variance {variance} is neither one positive number nor four")
    count = (len(ratios) + bool(parameters.use_default_aspect_ratio)) * len(low) + len(high)
    sizes = {f"{name}_{axis}": getattr(parameters, f"{name}_{axis}") for name in ("img", "step") for axis in "hw"}
    for name, whole in (("img", "img_size"), ("step", "step")):
        if parameters.HasField(whole):
            sizes[f"{name}_h"] = sizes[f"{name}_w"] = getattr(parameters, whole)
    rows, columns = call.shape()[2:]
    call.finish(
        "PriorBox",
        [[call.x(0), call.x(1)]],
        [1, 2, rows * columns * count * 4],
        min_size=low,
        max_size=high,
        aspect_ratios=ratios,
        variance=variance,
        clip=bool(parameters.clip),
        step_h=float(sizes["step_h"]),
        step_w=float(sizes["step_w"]),
        img_h=int(sizes["img_h"]),
        img_w=int(sizes["img_w"]),
        offset=_number(call, parameters, "offset"),
        num_priors=count,
        use_default_aspect_ratio=bool(parameters.use_default_aspect_ratio),
    )


def _best_of_class(parameters: Any) -> int:
    """How many boxes of a class are compared; -1 for all."""
    suppression = parameters.nms_param
    return int(suppression.top_k) if suppression.HasField("top_k") and suppression.top_k > 0 else -1


def kept_boxes(parameters: Any, boxes: int) -> int:
    """The most boxes that a DetectionOutput layer can find in one image."""
    keep, best = int(parameters.keep_top_k), _best_of_class(parameters)
    return keep if keep > 0 else min(boxes, best if best > 0 else boxes) * int(parameters.num_classes)


@caffe_layer("DetectionOutput")
def detection_output(call: Call) -> None:
    """Rows image, class, score, corners: as many as there can be, while Caffe's result has as many as are found."""
    parameters = call.parameters("detection_output_param")
    call.only(3)
    locations, scores, priors = (call.shape(index) for index in range(3))
    classes = _count(call, parameters, "num_classes")
    if classes < 2:
        call.refuse("its num_classes is 1; there is a class besides the background")
    if len(priors) != 3 or priors[1] != 2 or priors[2] % 4:
        call.refuse(f"its priors have the shape {list(priors)} instead of [1, 2, boxes * 4]")
    boxes, images = priors[2] // 4, locations[0]
    located = 1 if parameters.share_location else classes
    if math.prod(locations) != images * boxes * 4 * located or math.prod(scores) != images * boxes * classes:
        call.refuse(f"its inputs {list(locations)} and {list(scores)} do not fit {boxes} boxes of {classes} classes")
    if call.word(parameters, "code_type") == "NO_CODE":
        call.refuse("its code_type is none of CORNER, CENTER_SIZE and CORNER_SIZE")
    suppression = parameters.nms_param
    best, keep = _best_of_class(parameters), kept_boxes(parameters, boxes)
    if keep > LARGEST or best > LARGEST:
        call.refuse(f"it keeps {max(keep, best)} boxes, which is too many")
    threshold = (
        _number(call, parameters, "confidence_threshold") if parameters.HasField("confidence_threshold") else -1e9
    )
    call.finish(
        "DetectionOutput",
        [[call.x(0), call.x(1), call.x(2)]],
        [images, 1, keep, 7],
        num_classes=classes,
        background_label_id=int(parameters.background_label_id),
        nms_threshold=_number(call, suppression, "nms_threshold"),
        top_k=best,
        code_type=call.word(parameters, "code_type"),
        keep_top_k=keep,
        confidence_threshold=threshold,
        share_location=bool(parameters.share_location),
        variance_encoded_in_target=float(parameters.variance_encoded_in_target),
        eta=_number(call, suppression, "eta"),
    )


def _anchors(call: Call, text: str, default: tuple[int, ...]) -> list[float]:
    try:
        anchors = [float(word) for word in text.split(",")] if text.strip() else [float(value) for value in default]
    except ValueError:
        call.refuse(f"its anchors '{text}' are no numbers separated by commas")
    if any(not (math.isfinite(value) and value > 0) for value in anchors):
        call.refuse(f"its anchors '{text}' are not all positive")
    return anchors


@caffe_layer("YoloDetection")
def yolo_detection(call: Call) -> None:
    """Rows center x, center y, width, height, class, score for each image."""
    parameters = call.parameters("yolo_detection_param")
    flags = {"yolov3_tiny": parameters.tiny, "yolov3_spp": parameters.spp_net, "yolov4": parameters.yolo_v4}
    chosen = [version for version, flag in flags.items() if flag]
    if len(chosen) > 1:
        call.refuse(f"it is {' and '.join(chosen)} at once")
    version = chosen[0] if chosen else "yolov3"
    default = {"yolov3_tiny": YOLO_TINY, "yolov4": YOLO_V4}.get(version, YOLO_V3)
    anchors, heads = _anchors(call, parameters.anchors, default), call.count
    classes, keep = _count(call, parameters, "class_num"), _count(call, parameters, "keep_topk")
    if not heads or len(anchors) % (2 * heads):
        call.refuse(f"its {len(anchors)} numbers in anchors are no pairs for {heads} inputs")
    boxes = len(anchors) // (2 * heads)
    shapes = [call.shape(index) for index in range(heads)]
    for shape in shapes:
        if len(shape) != 4 or shape[0] != shapes[0][0] or shape[1] != boxes * (5 + classes):
            call.refuse(f"its input {list(shape)} is no head with {boxes} boxes of {classes} classes per cell")
    if len({shape[2] * shape[3] for shape in shapes}) != heads:
        call.refuse(f"two of its inputs {[list(shape) for shape in shapes]} have equally many cells")
    call.finish(
        "YoloDetection",
        [[call.x(index) for index in range(heads)]],
        [shapes[0][0], 1, keep, 6],
        net_input_h=_count(call, parameters, "net_input_h"),
        net_input_w=_count(call, parameters, "net_input_w"),
        nms_threshold=_number(call, parameters, "nms_threshold"),
        obj_threshold=_number(call, parameters, "obj_threshold"),
        keep_topk=keep,
        anchors=anchors,
        version=version,
        class_num=classes,
        num_boxes=boxes,
        agnostic_nms=False,
    )


@caffe_layer("Proposal")
def proposal(call: Call) -> None:
    """Rows image, corners. A third input, the sizes of the image, is not read: net_input_h and net_input_w say them."""
    parameters = call.parameters("proposal_param")
    call.only(2, 3)
    scores, deltas = call.shape(), call.shape(1)
    if len(scores) != 4 or scores[1] != 18 or deltas != (scores[0], 36, *scores[2:]):
        call.refuse(f"its inputs {list(scores)} and {list(deltas)} are not those of nine anchors per cell")
    keep = _count(call, parameters, "rpn_nms_post_top_n")
    call.finish(
        "Proposal",
        [[call.x(0), call.x(1)]],
        [scores[0], 1, keep, 5],
        net_input_h=_count(call, parameters, "net_input_h"),
        net_input_w=_count(call, parameters, "net_input_w"),
        feat_stride=_count(call, parameters, "feat_stride"),
        anchor_base_size=_count(call, parameters, "anchor_base_size"),
        rpn_obj_threshold=_number(call, parameters, "rpn_obj_threshold"),
        rpn_nms_threshold=_number(call, parameters, "rpn_nms_threshold"),
        rpn_nms_post_top_n=keep,
    )


@caffe_layer("ROIPooling")
def roi_pooling(call: Call) -> None:
    """One result image per region, which are rows image, corners."""
    parameters = call.parameters("roi_pooling_param")
    call.only(2)
    maps, regions = call.shape(), call.shape(1)
    if parameters.pooled_size:
        call.refuse("pooled_size belongs to cubes of values; state pooled_h and pooled_w")
    if len(maps) != 4 or regions[-1] != 5:
        call.refuse(f"its inputs {list(maps)} and {list(regions)} are no map and regions of five numbers")
    scale = _number(call, parameters, "spatial_scale")
    if scale <= 0:
        call.refuse(f"its spatial_scale {scale} is not positive")
    size = [_count(call, parameters, "pooled_h"), _count(call, parameters, "pooled_w")]
    call.finish(
        "ROIPooling",
        [[call.x(0), call.x(1)]],
        [math.prod(regions) // 5, maps[1], *size],
        pooled_h=size[0],
        pooled_w=size[1],
        spatial_scale=scale,
    )


@caffe_layer("FrcnDetection")
def frcn_detection(call: Call) -> None:
    """Rows corners, class, score."""
    parameters = call.parameters("frcn_detection_param")
    call.only(3)
    deltas, scores, regions = (call.shape(index) for index in range(3))
    classes, keep = _count(call, parameters, "class_num"), _count(call, parameters, "keep_topk")
    count = math.prod(regions) // 5
    if (
        classes < 2
        or regions[-1] != 5
        or math.prod(deltas) != 4 * count * classes
        or math.prod(scores) != count * classes
    ):
        shapes = [list(shape) for shape in (deltas, scores, regions)]
        call.refuse(f"its inputs {shapes} are not differences, scores and regions of {classes} classes")
    call.finish(
        "FrcnDetection",
        [[call.x(0), call.x(1), call.x(2)]],
        [regions[0] if len(regions) > 2 else 1, 1, keep, 6],
        class_num=classes,
        obj_threshold=_number(call, parameters, "obj_threshold"),
        nms_threshold=_number(call, parameters, "nms_threshold"),
        keep_topk=keep,
    )


@caffe_layer("RetinaFaceDetection")
def retina_face_detection(call: Call) -> None:
    """Rows corners, score, five landmarks. Inputs are scores, differences, landmarks for the strides 32, 16, 8."""
    parameters = call.parameters("retinaface_detection_param")
    call.only(9)
    shapes, keep = [call.shape(index) for index in range(9)], _count(call, parameters, "keep_topk")
    for index, shape in enumerate(shapes):
        first = shapes[index - index % 3]
        if len(first) != 4 or shape != (shapes[0][0], (4, 8, 20)[index % 3], *first[2:]):
            call.refuse(f"its input {index} of shape {list(shape)} is not that of two anchors per cell")
    call.finish(
        "RetinaFaceDetection",
        [[call.x(index) for index in range(9)]],
        [shapes[0][0], 1, keep, 15],
        nms_threshold=_number(call, parameters, "nms_threshold"),
        confidence_threshold=_number(call, parameters, "confidence_threshold"),
        keep_topk=keep,
    )
