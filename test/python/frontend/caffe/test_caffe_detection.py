"""Detection layers of Caffe: those of SSD against OpenCV, the others against NumPy models of their algorithms."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, check, kinds, values  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "evaluation"))
import detection_models as models  # noqa: E402


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1 - p))


def conv(
    net: Net, bottom: str, top: str, channels: int, outputs: int, kernel: int = 1, stride: int = 1, size: float = 0.5
) -> None:
    weights = values(outputs, channels, kernel, kernel, low=-size, high=size, seed=len(net.text))
    more = f"convolution_param {{ num_output: {outputs} kernel_size: {kernel} stride: {stride} bias_term: false }}"
    net.layer("Convolution", bottom, top, more, [weights])


PRIORS = [
    "min_size: 20 max_size: 45 aspect_ratio: 2 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 clip: false",
    "min_size: 20 aspect_ratio: 2 aspect_ratio: 3 aspect_ratio: 1 flip: false clip: true variance: 0.1",
    "min_size: 10 min_size: 30 max_size: 25 max_size: 50 variance: 0.2 step: 16 offset: 0.25 clip: false",
    "min_size: 12.5 step_h: 8 step_w: 12 variance: 0.3 clip: false",
]


@pytest.mark.parametrize("text", PRIORS)
def test_prior_box(text: str) -> None:
    """OpenCV clips unless it is told not to, unlike Caffe."""
    net = Net(data=(1, 3, 48, 64))
    conv(net, "data", "map", 3, 2, 16, 16)
    net.layer("PriorBox", "map data", "priors", f"prior_box_param {{ {text} }}")
    net.layer("Power", "priors", "y", "power_param { scale: 2 }")
    net.layer("ReLU", "map", "z")
    converted = check(net)
    assert "PriorBox" not in kinds(converted)  # a weight


def ssd(images: int, text: str, classes: int = 3, priors: str = PRIORS[0], per_cell: int = 4) -> Net:
    """Two maps, each with its locations, confidences and priors, as SSD networks join them."""
    net = Net(data=(images, 3, 48, 64))
    conv(net, "data", "map1", 3, 6, 16, 16)
    conv(net, "map1", "map2", 6, 6, 2, 1)
    for part, width in (("loc", 4), ("conf", classes)):
        for level in ("1", "2"):
            conv(net, "map" + level, part + level, 6, per_cell * width, size=0.02 if part == "loc" else 0.1)
            net.layer(
                "Permute", part + level, f"{part}{level}p", "permute_param { order: 0 order: 2 order: 3 order: 1 }"
            )
            net.layer("Flatten", f"{part}{level}p", f"{part}{level}f")
        net.layer("Concat", f"{part}1f {part}2f", part, "concat_param { axis: 1 }")
    for level in ("1", "2"):
        net.layer("PriorBox", f"map{level} data", "priors" + level, f"prior_box_param {{ {priors} }}")
    net.layer("Concat", "priors1 priors2", "priors", "concat_param { axis: 2 }")
    net.layer("Reshape", "conf", "rows", f"reshape_param {{ shape {{ dim: 0 dim: -1 dim: {classes} }} }}")
    net.layer("Softmax", "rows", "soft", "softmax_param { axis: 2 }")
    net.layer("Flatten", "soft", "probabilities")
    net.layer("DetectionOutput", "loc probabilities priors", "found", f"detection_output_param {{ {text} }}")
    return net


@pytest.mark.parametrize(
    ("images", "text"),
    [
        (1, "nms_param { nms_threshold: 0.45 top_k: 9 } code_type: CENTER_SIZE keep_top_k: 12 confidence_threshold: 0"),
        (2, "nms_param { nms_threshold: 0.3 } code_type: CORNER keep_top_k: 9 confidence_threshold: 0.4"),
        (1, "nms_param { nms_threshold: 0.3 top_k: 5 } code_type: CORNER keep_top_k: 100 confidence_threshold: 0.2"),
        (1, "nms_param { nms_threshold: 0.5 } code_type: CENTER_SIZE keep_top_k: 4 confidence_threshold: 1.5"),
    ],
)
def test_single_shot_detector(images: int, text: str) -> None:
    text = f"num_classes: 3 share_location: true background_label_id: 0 {text}"
    converted = check(ssd(images, text), tolerance=1e-4)
    assert converted.outputs == {"found": "found"}
    assert kinds(converted)[-1] == "DetectionOutput" and "PriorBox" not in kinds(converted)


def test_all_boxes_are_kept_where_no_number_is_stated() -> None:
    """Five of each of three classes in an image; OpenCV stops after the first one."""
    net = ssd(2, "num_classes: 3 nms_param { top_k: 5 } keep_top_k: -1 confidence_threshold: 0.2")
    assert "keep_top_k = 15 : i64" in net.convert().builder.text()  # type: ignore[attr-defined]


def test_boxes_without_a_code_are_refused() -> None:
    with pytest.raises(FrontendError, match="none of CORNER, CENTER_SIZE"):
        ssd(1, "num_classes: 3 code_type: NO_CODE").convert()


def test_prior_box_of_a_stated_image() -> None:
    """OpenCV does not know img_size; sizes of no axis are those of the input."""
    net = Net(data=(1, 3, 48, 64), map=(1, 2, 3, 4))
    text = "min_size: 12.5 img_size: 100 step: 0 aspect_ratio: 2"
    net.layer("PriorBox", "map data", "y", f"prior_box_param {{ {text} }}")
    net.layer("ReLU", "map", "z")
    expected = models.prior_boxes((3, 4), (100, 100), [12.5], [], [2, 0.5], [0.1])
    check(net, {"y": expected[None].astype(np.float32), "z": np.maximum(net.inputs()["map"], 0)})


def yolo(inputs: dict[str, tuple[int, ...]], text: str) -> Net:
    net = Net(**inputs)
    base = "net_input_h: 64 net_input_w: 64 nms_threshold: 0.4 obj_threshold: 0.3"
    return net.layer("YoloDetection", " ".join(inputs), "y", f"yolo_detection_param {{ {base} {text} }}")


@pytest.mark.parametrize(
    ("text", "anchors", "heads"),
    [
        (
            "keep_topk: 30 class_num: 2",
            [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326],
            3,
        ),
        ("keep_topk: 4 class_num: 2 tiny: true", [10, 14, 23, 27, 37, 58, 81, 82, 135, 169, 344, 319], 2),
        ('keep_topk: 50 class_num: 2 anchors: "8,9,20,10" yolo_v4: true', [8, 9, 20, 10], 2),
    ],
)
def test_yolo_detection(text: str, anchors: list[float], heads: int) -> None:
    keep = int(text.split()[1])
    boxes = len(anchors) // 2 // heads
    shapes = {f"h{i}": (2, boxes * 7, 2 << i, 2 << i) for i in range(heads)}
    net = yolo(shapes, text)
    found = models.yolo_heads(list(net.inputs().values()), anchors, boxes, 2, (64, 64), "yolov3")
    kept = [models.yolo_kept(models.best_class(f, "softmax"), 0.3, 0.4, keep) for f in found]
    rows = [models.filled([[*place, label, score] for place, label, score in k], keep, 6, 0) for k in kept]
    assert sum(len(k) for k in kept) > 4
    check(net, {"y": np.stack(rows)[:, None].astype(np.float32)})


def test_two_stages() -> None:
    """Proposals, the pooled regions of a map, and the boxes that come of them."""
    net = Net(
        scores=(1, 18, 4, 5), deltas=(1, 36, 4, 5), map=(1, 6, 4, 5), offsets=(12, 12), classes=(12, 3), info=(1, 3)
    )
    text = "net_input_h: 64 net_input_w: 80 rpn_nms_post_top_n: 12 rpn_obj_threshold: 0.5 rpn_nms_threshold: 0.6"
    net.layer("Proposal", "scores deltas info", "rois", f"proposal_param {{ {text} }}")
    net.layer("ROIPooling", "map rois", "pooled", "roi_pooling_param { pooled_h: 2 pooled_w: 3 spatial_scale: 0.0625 }")
    text = "class_num: 3 obj_threshold: 0.3 nms_threshold: 0.4 keep_topk: 8"
    net.layer("FrcnDetection", "offsets classes rois", "found", f"frcn_detection_param {{ {text} }}")
    x = net.inputs()
    rois = models.proposals(x["scores"], x["deltas"], (64, 80), 16, 16, 0.5, 0.6, 12)
    flat = rois.reshape(-1, 5).astype(np.float32)
    expected = {
        "pooled": models.roi_pool(x["map"], flat, (2, 3), 0.0625).astype(np.float32),
        "found": models.frcn_rows(x["offsets"].reshape(12, 3, 4), x["classes"], flat, 0.3, 0.4, 8)[None, None],
    }
    assert flat[:, 3].astype(bool).sum() > 2
    converted = check(net, expected)
    assert "info" not in converted.inputs


def test_retina_face_detection() -> None:
    names = [f"{part}{stride}" for stride in (32, 16, 8) for part in ("c", "b", "l")]
    sizes = [(1, c, s, s) for s in (1, 2, 4) for c in (4, 8, 20)]
    net = Net(**dict(zip(names, sizes, strict=True)))
    text = "nms_threshold: 0.4 confidence_threshold: 0.8 keep_topk: 7"
    net.layer("RetinaFaceDetection", " ".join(names), "y", f"retinaface_detection_param {{ {text} }}")
    x = list(net.inputs().values())
    levels = [[a[0] for a in x[3 * i : 3 * i + 3]] for i in range(3)]
    check(net, {"y": models.retina_rows(levels, 0.8, 0.4, 7)[None, None].astype(np.float32)})


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (ssd(1, "num_classes: 4 keep_top_k: 4"), "do not fit"),
        (ssd(1, "num_classes: 1 keep_top_k: 4"), "num_classes is 1"),
        (ssd(1, "keep_top_k: 4"), "num_classes is 0"),
        (ssd(1, "num_classes: 3 keep_top_k: 2000000000"), "too many"),
        (ssd(1, "num_classes: 3 keep_top_k: 4", priors="max_size: 3"), "min_size is missing"),
        (ssd(1, "num_classes: 3 keep_top_k: 4", priors="min_size: 4 max_size: 3"), "does not fit min_size"),
        (ssd(1, "num_classes: 3 keep_top_k: 4", priors="min_size: 4 aspect_ratio: 0"), "0.0 is not positive"),
        (ssd(1, "num_classes: 3 keep_top_k: 4", priors="min_size: 4 aspect_ratio: nan"), "is not positive"),
        (ssd(1, "num_classes: 3 keep_top_k: 4", priors="min_size: 4 variance: 1 variance: 2"), "neither one positive"),
        (yolo({"a": (1, 21, 4, 4)}, "keep_topk: 3 class_num: 2 tiny: true spp_net: true"), "at once"),
        (yolo({"a": (1, 21, 4, 4)}, 'keep_topk: 3 class_num: 2 anchors: "1,x"'), "no numbers"),
        (yolo({"a": (1, 21, 4, 4)}, 'keep_topk: 3 class_num: 2 anchors: "1,2,-3,4,5,6"'), "not all positive"),
        (yolo({"a": (1, 20, 4, 4)}, 'keep_topk: 3 class_num: 2 anchors: "1,2,3,4,5,6"'), "is no head"),
        (yolo({"a": (1, 7, 4, 4), "b": (1, 7, 2, 8)}, 'keep_topk: 3 class_num: 2 anchors: "1,2,3,4"'), "equally many"),
        (yolo({"a": (1, 21, 4, 4)}, "class_num: 2"), "keep_topk is 0"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(net: Net, words: str) -> None:
    with pytest.raises(FrontendError, match=words) as error:
        net.convert()
    assert "\n" not in str(error.value)
