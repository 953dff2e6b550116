"""TFLite_Detection_PostProcess against LiteRT."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tflite", reason="the TFLite schema is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from tflite_models import Network, check, kinds  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402
from tpu_mlir.frontend.tflite import convert_tflite  # noqa: E402
from tpu_mlir.frontend.tflite.source import parse  # noqa: E402

OPTIONS = {
    "max_detections": 10,
    "max_classes_per_detection": 1,
    "detections_per_class": 100,
    "use_regular_nms": False,
    "nms_score_threshold": 0.3,
    "nms_iou_threshold": 0.5,
    "num_classes": 3,
    "y_scale": 10.0,
    "x_scale": 10.0,
    "h_scale": 5.0,
    "w_scale": 5.0,
}
BOXES = 40


def network(background: int = 1, boxes: int = BOXES, anchors: int = BOXES, scores: int = 0, **changes: object) -> bytes:
    options = {**OPTIONS, **changes}
    options = {name: value for name, value in options.items() if value is not None}
    random = np.random.default_rng(5)
    places = np.concatenate([random.uniform(0.2, 0.8, (anchors, 2)), random.uniform(0.1, 0.4, (anchors, 2))], 1)
    net = Network()
    inputs = [net.input("places", (1, boxes, 4)), net.input("scores", (1, boxes, scores or 3 + background))]
    inputs.append(net.constant("anchors", places.astype(np.float32)))
    keep = int(options.get("max_detections", 1))
    shapes = {"corners": (1, keep, 4), "classes": (1, keep), "best": (1, keep), "count": (1,)}
    return net.build(*net.ops("TFLite_Detection_PostProcess", inputs, shapes, **options))


def inputs(background: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(6)
    scores = (random.permutation(BOXES * (3 + background)) + 0.5) / (BOXES * (3 + background))
    return {
        "places": random.normal(0, 2, (1, BOXES, 4)).astype(np.float32),
        "scores": scores.astype(np.float32).reshape(1, BOXES, 3 + background),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"max_detections": 40},
        {"nms_iou_threshold": 0.1, "nms_score_threshold": 0.0},
        {"nms_score_threshold": 0.999},
        {"use_regular_nms": True},
        {"use_regular_nms": True, "max_detections": 100, "nms_score_threshold": 0.6},
        {"y_scale": 4.0, "x_scale": 8.0, "h_scale": 2.0, "w_scale": 9.0, "detections_per_class": None},
    ],
)
@pytest.mark.parametrize("background", [0, 1])
def test_detection_post_process(changes: dict[str, object], background: int) -> None:
    converted = check(network(background, **changes), inputs(background))
    assert ("DetectionOutput" if changes.get("use_regular_nms") else "YoloDetection") in kinds(converted)


def test_bytes_in_front_stand_for_real_values() -> None:
    """As exporters quantize the rest of such a network; boxes and scores are real numbers."""
    net = Network()
    places = net.input("places", (1, BOXES, 4), np.uint8, scales=[0.05], zeros=[128])
    scores = net.input("scores", (1, BOXES, 4), np.uint8, scales=[1 / 256], zeros=[0])
    random = np.random.default_rng(5)
    anchors = np.concatenate([random.uniform(0.2, 0.8, (BOXES, 2)), random.uniform(0.1, 0.4, (BOXES, 2))], 1)
    stored = np.rint(anchors * 256).astype(np.uint8)
    ends = [places, scores, net.constant("anchors", stored, scales=[1 / 256], zeros=[0])]
    shapes = {"corners": (1, 10, 4), "classes": (1, 10), "best": (1, 10), "count": (1,)}
    data = net.build(*net.ops("TFLite_Detection_PostProcess", ends, shapes, **OPTIONS))
    given = inputs()
    given["scores"] = np.rint(given["scores"] * 256).astype(np.float32) / 256
    given["places"] = np.rint(given["places"] / 0.05).astype(np.float32) * np.float32(0.05)
    check(data, given)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_classes_per_detection": 2}, "several classes per box"),
        ({"use_regular_nms": True, "max_detections": 200}, "more boxes than one class may have"),
        ({"num_classes": None}, "num_classes is missing"),
        ({"num_classes": 0}, "num_classes is 0"),
        ({"num_classes": 7}, "do not fit 40 boxes of 7 classes"),
        ({"max_detections": 1 << 40}, "max_detections is"),
        ({"h_scale": 0.0}, "h_scale is 0.0"),
        ({"h_scale": float("nan")}, "h_scale is nan"),
        ({"nms_iou_threshold": float("inf")}, "nms_iou_threshold is inf"),
        ({"anchors": 39}, "do not fit its anchors"),
        ({"scores": 9}, "do not fit 40 boxes of 3 classes"),
    ],
)
def test_what_has_no_meaning_is_refused(changes: dict[str, object], words: str) -> None:
    wanted = changes.get("max_detections", 1)
    data = network(**changes) if not isinstance(wanted, int) or wanted < 1 << 30 else _wide(changes)
    with pytest.raises(FrontendError, match=words) as error:
        convert_tflite(parse(data, "net.tflite"), "net", directory=None)
    assert "\n" not in str(error.value)


def _wide(changes: dict[str, object]) -> bytes:
    """More boxes than the shape of a tensor can say."""
    net = Network()
    ends = [net.input("places", (1, 2, 4)), net.input("scores", (1, 2, 3))]
    ends.append(net.constant("anchors", np.ones((2, 4), np.float32)))
    shapes = {"corners": (1, 1, 4), "classes": (1, 1), "best": (1, 1), "count": (1,)}
    return net.build(*net.ops("TFLite_Detection_PostProcess", ends, shapes, **{**OPTIONS, **changes}))


def test_damaged_options_are_one_sentence() -> None:
    good = network()
    place = good.index(b"nms_score_threshold")
    random = np.random.default_rng(1)
    for _ in range(200):
        data = bytearray(good)
        for _ in range(3):
            data[place + int(random.integers(-40, 260))] = int(random.integers(256))
        try:
            convert_tflite(parse(bytes(data), "net.tflite"), "net", directory=None)
        except FrontendError as error:
            assert "\n" not in str(error)
