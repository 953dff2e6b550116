"""Detection ops against NumPy models, and the ones that ONNX has against onnxruntime.

Scores are drawn from a grid, so that rounding reorders nothing; a box differs from the double model by f32 rounding.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import detection_models as models  # noqa: E402
from one_op import evaluate, flag  # noqa: E402
from tpu_mlir._tpu_mlir import MLIRError  # noqa: E402

POSTPROCESS = 'module.postprocess = "yolov5"'


def numbers(values) -> str:
    return "[" + ", ".join(f"{float(value):.9e}" for value in values) + "]"


def scores(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Values in 0 ... 1, all different."""
    count = int(np.prod(shape))
    return ((generator.permutation(count) + 0.5) / count).astype(np.float32).reshape(shape)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p / (1 - p)).astype(np.float32)


def close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 2e-5) -> None:
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale)


# ------------------------------------------------------------------------------------------------------- YOLO

ANCHORS = [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326]


def head_values(generator, images, boxes, classes, rows, columns) -> np.ndarray:
    """Differences of about 1; objectness spread over all scores."""
    values = generator.standard_normal((images, boxes, 5 + classes, rows, columns)).astype(np.float32)
    values[:, :, 4] = logit(scores(generator, images, boxes, rows, columns))
    return values.reshape(images, -1, rows, columns)


def yolo_attributes(version, size, classes, anchors, keep, nms=0.5, threshold=0.3, agnostic=False, boxes=3) -> str:
    return (
        f"net_input_h = {size[0]} : i64, net_input_w = {size[1]} : i64, nms_threshold = {nms} : f64, "
        f"obj_threshold = {threshold} : f64, keep_topk = {keep} : i64, anchors = {numbers(anchors)}, "
        f'version = "{version}", class_num = {classes} : i64, num_boxes = {boxes} : i64, '
        f"agnostic_nms = {flag(agnostic)}"
    )


@pytest.mark.parametrize("version", ["yolov3", "yolov3_spp", "yolov4", "yolov5"])
@pytest.mark.parametrize(
    ("images", "classes", "size", "keep", "agnostic"),
    [
        (1, 4, (64, 96), 200, False),
        (2, 1, (64, 64), 10, False),
        (2, 7, (96, 64), 200, True),
        (1, 80, (32, 32), 5, False),
    ],
)
def test_yolo_heads(version, images, classes, size, keep, agnostic):
    generator = np.random.default_rng(classes)
    heads = [head_values(generator, images, 3, classes, size[0] // s, size[1] // s) for s in (16, 8, 32)]
    form = "yolov5" if version == "yolov5" else "yolov3"
    found = models.yolo_heads(heads, ANCHORS, 3, classes, size, form)
    kept = [models.yolo_kept(models.best_class(f, "sigmoid"), 0.3, 0.5, keep, agnostic) for f in found]
    assert sum(len(k) for k in kept) > images
    attributes = yolo_attributes(version, size, classes, ANCHORS, keep, agnostic=agnostic)
    (y,) = evaluate("YoloDetection", heads, attributes, [(1, 1, images * keep, 7)], POSTPROCESS)
    close(y, models.yolo_rows(kept, keep), 1e-4)


def test_yolo_heads_of_the_caffe_layer():
    """One block of rows per image; class scores are a softmax."""
    generator = np.random.default_rng(5)
    heads = [head_values(generator, 2, 2, 3, s, s) for s in (4, 8)]
    anchors = [10, 14, 23, 27, 37, 58, 81, 82]
    found = models.yolo_heads(heads, anchors, 2, 3, (64, 64), "yolov3")
    kept = [models.yolo_kept(models.best_class(f, "softmax"), 0.3, 0.4, 9) for f in found]
    rows = [models.filled([[*place, label, score] for place, label, score in k], 9, 6, 0) for k in kept]
    attributes = yolo_attributes("yolov3_tiny", (64, 64), 3, anchors, 9, nms=0.4, boxes=2)
    (y,) = evaluate("YoloDetection", heads, attributes, [(2, 1, 9, 6)])
    close(y, np.stack(rows)[:, None], 1e-4)


def decoded(generator, images, count) -> np.ndarray:
    centers, sizes = generator.uniform(0, 64, (images, count, 2)), generator.uniform(4, 30, (images, count, 2))
    return np.concatenate([centers, sizes], 2).astype(np.float32)


@pytest.mark.parametrize("agnostic", [False, True])
@pytest.mark.parametrize("version", ["yolov8", "yolov11"])
def test_yolo_boxes_of_classes(version, agnostic):
    """The shape says how many classes there are, as in upstream's files."""
    generator = np.random.default_rng(3)
    boxes, best = decoded(generator, 2, 90), scores(generator, 2, 90, 3)
    kept = []
    for n in range(2):
        candidates = [(list(map(float, boxes[n, i])), best[n, i], 1.0) for i in range(90)]
        kept.append(models.yolo_kept(models.best_class(candidates, "plain"), 0.4, 0.45, 50, agnostic))
    x = np.ascontiguousarray(np.concatenate([boxes, best], 2).transpose(0, 2, 1))
    attributes = yolo_attributes(version, (64, 64), 80, [0], 50, nms=0.45, threshold=0.4, agnostic=agnostic)
    (y,) = evaluate("YoloDetection", [x], attributes, [(1, 1, 100, 7)], POSTPROCESS)
    close(y, models.yolo_rows(kept, 50))


@pytest.mark.parametrize("version", ["yolov3", "yolov5"])
def test_yolo_boxes_with_objectness(version):
    generator = np.random.default_rng(4)
    boxes, objectness, best = decoded(generator, 1, 150), scores(generator, 1, 150, 1), scores(generator, 1, 150, 5)
    candidates = [(list(map(float, boxes[0, i])), best[0, i], float(objectness[0, i, 0])) for i in range(150)]
    kept = models.yolo_kept(models.best_class(candidates, "plain"), 0.25, 0.5, 20)
    x = np.concatenate([boxes, objectness, best], 2)
    attributes = yolo_attributes(version, (64, 64), 5, [0], 20, threshold=0.25)
    (y,) = evaluate("YoloDetection", [x], attributes, [(1, 1, 20, 7)], POSTPROCESS)
    close(y, models.yolo_rows([kept], 20))


def test_finished_yolo_boxes_are_only_filtered():
    x = np.array(
        [[[10, 20, 16, 28, 0.5, 1], [10, 20, 16, 28, 0.9, 2], [0, 0, 4, 4, 0.1, 1], [9, 9, 9, 9, 0.8, -1]]], np.float32
    )
    attributes = yolo_attributes("yolov26", (64, 64), 3, [0], 3)
    (y,) = evaluate("YoloDetection", [x], attributes, [(1, 1, 3, 7)], POSTPROCESS)
    expected = [[0, 2, 0.9, 13, 24, 6, 8], [0, 1, 0.5, 13, 24, 6, 8], [0] * 7]
    close(y, np.array(expected)[None, None])


def test_nothing_is_found_in_values_that_are_no_numbers():
    x = np.full((1, 7, 40), np.nan, np.float32)
    (y,) = evaluate("YoloDetection", [x], yolo_attributes("yolov8", (64, 64), 3, [0], 3), [(1, 1, 3, 7)], POSTPROCESS)
    assert not y.any()


# -------------------------------------------------------------------------------------------------------- SSD


@pytest.mark.parametrize("code", ["CORNER", "CENTER_SIZE", "CORNER_SIZE"])
@pytest.mark.parametrize(
    ("images", "boxes", "classes", "shared", "own_priors", "top_k", "keep", "background", "encoded", "eta"),
    [
        (1, 40, 3, True, False, -1, 200, 0, False, 1.0),
        (2, 30, 4, True, True, 12, 7, 0, False, 1.0),
        (2, 25, 3, False, False, 20, 30, -1, False, 1.0),
        (1, 60, 2, True, False, 50, 20, 1, True, 0.9),
    ],
)
def test_detection_output(code, images, boxes, classes, shared, own_priors, top_k, keep, background, encoded, eta):
    generator = np.random.default_rng(boxes)
    count = images if own_priors else 1
    center, size = generator.uniform(0.2, 0.8, (count, boxes, 2)), generator.uniform(0.05, 0.4, (count, boxes, 2))
    prior = np.concatenate([center - size / 2, center + size / 2], 2)
    variance = np.broadcast_to(np.array([0.1, 0.1, 0.2, 0.2]), prior.shape)
    priors = np.stack([prior, variance], 1).astype(np.float32)
    locations = generator.normal(0, 0.3, (images, boxes, 1 if shared else classes, 4)).astype(np.float32)
    best = scores(generator, images, boxes, classes)
    nms = 0.6 if eta < 1 else 0.45
    expected = models.ssd_rows(
        locations, best, priors, background=background, threshold=0.3, nms=nms, top_k=top_k, keep=keep, code=code,
        encoded=encoded, eta=eta,
    )  # fmt: skip
    assert (expected[:, 1] >= 0).sum() > 3
    attributes = (
        f"num_classes = {classes} : i64, background_label_id = {background} : i64, nms_threshold = {nms} : f64, "
        f'top_k = {top_k} : i64, code_type = "{code}", keep_top_k = {keep} : i64, confidence_threshold = 0.3 : f64, '
        f"share_location = {flag(shared)}, variance_encoded_in_target = {float(encoded)} : f64, eta = {eta} : f64"
    )
    operands = [locations.reshape(images, -1), best.reshape(images, -1), priors.reshape(count, 2, -1)]
    (y,) = evaluate("DetectionOutput", operands, attributes, [(images, 1, keep, 7)])
    close(y.reshape(-1, 7), expected)


def test_detection_output_without_detections():
    """Row i says that image i has none."""
    operands = [np.zeros((2, 8), np.float32), np.zeros((2, 4), np.float32), np.zeros((1, 2, 8), np.float32)]
    attributes = (
        'num_classes = 2 : i64, nms_threshold = 0.5 : f64, top_k = 4 : i64, code_type = "CORNER", keep_top_k = 2 '
        ": i64, confidence_threshold = 0.3 : f64"
    )
    (y,) = evaluate("DetectionOutput", operands, attributes, [(2, 1, 2, 7)])
    expected = np.full((4, 7), -1.0)
    expected[:2, 0] = [0, 1]
    np.testing.assert_array_equal(y.reshape(4, 7), expected)


@pytest.mark.parametrize(
    ("minimum", "maximum", "ratios", "variance", "step", "image", "clip", "default"),
    [
        ([30], [60], [2, 0.5], [0.1, 0.1, 0.2, 0.2], (0, 0), (0, 0), False, True),
        ([30], [], [1, 2, 0.5, 3, 1 / 3], [0.1], (8, 16), (0, 0), True, True),
        ([20, 40], [50, 60], [2], [0.1, 0.1, 0.2, 0.2], (0, 0), (300, 200), False, False),
        ([7.5], [], [], [0.3], (0, 0), (64, 64), True, True),
    ],
)
def test_prior_box(minimum, maximum, ratios, variance, step, image, clip, default):
    expected = models.prior_boxes(
        (3, 5),
        (image[0] or 64, image[1] or 96),
        minimum,
        maximum,
        ratios,
        variance,
        step=step,
        clip=clip,
        default=default,
    )
    count = expected.shape[1] // (3 * 5 * 4)
    attributes = (
        f"min_size = {numbers(minimum)}, max_size = {numbers(maximum)}, aspect_ratios = {numbers(ratios)}, "
        f"variance = {numbers(variance)}, clip = {flag(clip)}, step_h = {float(step[0])} : f64, "
        f"step_w = {float(step[1])} : f64, img_h = {image[0]} : i64, img_w = {image[1]} : i64, "
        f"num_priors = {count} : i64, use_default_aspect_ratio = {flag(default)}"
    )
    operands = [np.zeros((1, 2, 3, 5), np.float32), np.zeros((1, 3, 64, 96), np.float32)]
    (y,) = evaluate("PriorBox", operands, attributes, [(1, 2, expected.shape[1])])
    close(y[0], expected, 1e-6)
    if image[0]:
        (y,) = evaluate("PriorBox", operands[:1], attributes, [(1, 2, expected.shape[1])])
        close(y[0], expected, 1e-6)


# ---------------------------------------------------------------------------------------------------- regions


def regions(generator, count, images) -> np.ndarray:
    """Boxes of all kinds: inside, crossing the border, outside, without area, turned around."""
    boxes = generator.uniform(-10, 45, (count, 4))
    boxes[2::3, 2:] = boxes[2::3, :2] + generator.uniform(1, 20, (len(boxes[2::3]), 2))
    boxes[0] = [4, 4, 4, 4]
    boxes[1] = [100, 100, 120, 130]
    return np.concatenate([generator.integers(0, images, (count, 1)), boxes], 1).astype(np.float32)


def align_attributes(maximum, size, ratio, aligned) -> str:
    return (
        f'mode = "{"Max" if maximum else "Avg"}", output_height = {size[0]} : i64, output_width = {size[1]} : i64, '
        f"sampling_ratio = {ratio} : i64, align_corners = {flag(aligned)}"
    )


@pytest.mark.parametrize("maximum", [False, True])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [0, 1, 3])
def test_roi_align(maximum, aligned, ratio):
    generator = np.random.default_rng(ratio)
    maps, rois = generator.standard_normal((2, 3, 9, 7)).astype(np.float32), regions(generator, 9, 2)
    attributes = align_attributes(maximum, (2, 3), ratio, aligned) + ", spatial_scale = 0.25 : f64"
    (y,) = evaluate("RoiAlign", [maps, rois], attributes, [(9, 3, 2, 3)])
    close(y, models.roi_align(maps, rois, (2, 3), ratio, 0.25, aligned, maximum))


@pytest.mark.parametrize("maximum", [False, True])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [0, 2])
def test_roi_align_is_onnx_s(maximum, aligned, ratio):
    onnx = pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    helper, float_, int_ = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    node = helper.make_node(
        "RoiAlign", ["x", "r", "b"], ["y"], mode="max" if maximum else "avg", output_height=4, output_width=5,
        sampling_ratio=ratio, spatial_scale=0.25,
        coordinate_transformation_mode="half_pixel" if aligned else "output_half_pixel",
    )  # fmt: skip
    ports = [("x", float_, (2, 5, 16, 16)), ("r", float_, (8, 4)), ("b", int_, (8,))]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(*port) for port in ports],
        [helper.make_tensor_value_info("y", float_, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(1)
    maps, rois = generator.standard_normal((2, 5, 16, 16)).astype(np.float32), regions(generator, 8, 2)
    (expected,) = session.run(None, {"x": maps, "r": rois[:, 1:].copy(), "b": rois[:, 0].astype(np.int64)})
    attributes = align_attributes(maximum, (4, 5), ratio, aligned) + ", spatial_scale = 0.25 : f64"
    (y,) = evaluate("RoiAlign", [maps, rois], attributes, [(8, 5, 4, 5)])
    close(y, expected)


def test_roi_extractor_takes_the_level_of_each_region():
    generator = np.random.default_rng(2)
    maps = [generator.standard_normal((2, 3, s, s)).astype(np.float32) for s in (12, 6, 3)]
    rois, levels = regions(generator, 10, 2), generator.integers(0, 3, 10).astype(np.float32)
    scales = [0.25, 0.125, 0.0625]
    expected = np.concatenate(
        [
            models.roi_align(maps[int(k)], rois[i : i + 1], (3, 3), 2, scales[int(k)], True, False)
            for i, k in enumerate(levels)
        ]
    )
    attributes = (
        align_attributes(False, (3, 3), 2, True)
        + f", num_levels = 3 : i64, spatial_scales = {numbers(scales)}, is_static = true"
    )
    (y,) = evaluate("RoiExtractor", [rois, levels, *maps], attributes, [(10, 3, 3, 3)])
    close(y, expected)
    levels[3] = 3
    with pytest.raises(MLIRError, match="has region 3 of a level that is not one of 3"):
        evaluate("RoiExtractor", [rois, levels, *maps], attributes, [(10, 3, 3, 3)])


@pytest.mark.parametrize("size", [(2, 3), (6, 6), (1, 1)])
def test_roi_pooling(size):
    generator = np.random.default_rng(8)
    maps, rois = generator.standard_normal((2, 4, 9, 11)).astype(np.float32), regions(generator, 12, 2)
    attributes = f"pooled_h = {size[0]} : i64, pooled_w = {size[1]} : i64, spatial_scale = 0.25 : f64"
    (y,) = evaluate("ROIPooling", [maps, rois.reshape(1, 1, 12, 5)], attributes, [(12, 4, *size)])
    close(y, models.roi_pool(maps, rois, size, 0.25), 0)


@pytest.mark.parametrize("op", ["RoiAlign", "ROIPooling"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -1e30])
def test_regions_that_are_no_pixels_are_refused(op, value):
    maps, rois = np.zeros((1, 1, 4, 4), np.float32), np.array([[0, 1, value, 2, 2]], np.float32)
    attributes = (
        align_attributes(False, (2, 2), 0, True) if op == "RoiAlign" else "pooled_h = 2 : i64, pooled_w = 2 : i64"
    )
    with pytest.raises(MLIRError, match="has region 0 with a corner that is no pixel"):
        evaluate(op, [maps, rois], attributes + ", spatial_scale = 1.0 : f64", [(1, 1, 2, 2)])
    for image in (-1, 1, 0.5, np.nan):
        with pytest.raises(MLIRError, match="has region 0 of an image that is not one of 1"):
            bad = np.array([[image, 0, 0, 2, 2]], np.float32)
            evaluate(op, [maps, bad], attributes + ", spatial_scale = 1.0 : f64", [(1, 1, 2, 2)])


def test_a_huge_region_takes_no_longer_than_its_map():
    maps, rois = np.ones((1, 1, 4, 4), np.float32), np.array([[0, -5e8, -5e8, 5e8, 5e8]], np.float32)
    attributes = align_attributes(False, (3, 3), 0, True) + ", spatial_scale = 1.0 : f64"
    (y,) = evaluate("RoiAlign", [maps, rois], attributes, [(1, 1, 3, 3)])
    assert np.all(y >= 0) and np.all(y < 1e-6)


# -------------------------------------------------------------------------------------------- two-stage networks


@pytest.mark.parametrize(
    ("images", "base", "limit", "threshold"), [(1, 16, 30, 0.5), (2, 32, 4, 0.2), (1, 9, 300, 0.0)]
)
def test_proposal(images, base, limit, threshold):
    generator = np.random.default_rng(base)
    best = scores(generator, images, 18, 4, 6)
    deltas = generator.normal(0, 0.3, (images, 36, 4, 6)).astype(np.float32)
    expected = models.proposals(best, deltas, (200, 300), 16, base, threshold, 0.6, limit)
    attributes = (
        f"net_input_h = 200 : i64, net_input_w = 300 : i64, feat_stride = 16 : i64, anchor_base_size = {base} : i64, "
        f"rpn_obj_threshold = {threshold} : f64, rpn_nms_threshold = 0.6 : f64, rpn_nms_post_top_n = {limit} : i64"
    )
    (y,) = evaluate("Proposal", [best, deltas], attributes, [(images, 1, limit, 5)])
    close(y, expected)
    (again,) = evaluate("Proposal", [best, deltas, np.ones((1, 3), np.float32)], attributes, [(images, 1, limit, 5)])
    np.testing.assert_array_equal(y, again)


@pytest.mark.parametrize(("images", "keep"), [(1, 40), (2, 5)])
def test_frcn_detection(images, keep):
    generator = np.random.default_rng(keep)
    count, classes = 20, 4
    rois = np.concatenate([np.zeros((images, count, 1)), generator.uniform(0, 60, (images, count, 4))], 2)
    rois[..., 3:] = rois[..., 1:3] + generator.uniform(5, 50, (images, count, 2))
    best = scores(generator, images, count, classes)
    deltas = generator.normal(0, 0.2, (images, count, classes, 4)).astype(np.float32)
    rois = rois.astype(np.float32)
    expected = np.stack([models.frcn_rows(deltas[n], best[n], rois[n], 0.4, 0.3, keep) for n in range(images)])[:, None]
    operands = [deltas.reshape(-1, 4 * classes), best.reshape(-1, classes), rois.reshape(images, 1, count, 5)]
    attributes = (
        f"class_num = {classes} : i64, obj_threshold = 0.4 : f64, nms_threshold = 0.3 : f64, keep_topk = {keep} : i64"
    )
    (y,) = evaluate("FrcnDetection", operands, attributes, [(images, 1, keep, 6)])
    close(y, expected)


@pytest.mark.parametrize(("images", "keep"), [(1, 50), (2, 6)])
def test_retina_face_detection(images, keep):
    generator = np.random.default_rng(keep)
    levels = []
    for s in (1, 2, 4):
        best = scores(generator, images, 4, s, s + 1)
        levels.append([best, *(generator.normal(0, 0.3, (images, c, s, s + 1)).astype(np.float32) for c in (8, 20))])
    expected = np.stack(
        [models.retina_rows([[x[n] for x in level] for level in levels], 0.5, 0.4, keep) for n in range(images)]
    )
    attributes = f"nms_threshold = 0.4 : f64, confidence_threshold = 0.5 : f64, keep_topk = {keep} : i64"
    (y,) = evaluate("RetinaFaceDetection", [x for level in levels for x in level], attributes, [(images, 1, keep, 15)])
    close(y, expected[:, None])


# ------------------------------------------------------------------------------------------------- Mask R-CNN


def real(name: str, value: float) -> str:
    return f"{name} = {value:.9e} : f64"


def whole(**values: int) -> str:
    return ", ".join(f"{name} = {value} : i64" for name, value in values.items())


def pyramid(generator, images: int) -> list[np.ndarray]:
    return [generator.standard_normal((images, 3, 64 >> k, 48 >> k)).astype(np.float32) for k in range(4)]


def boxes_of_all_sizes(generator, count: int) -> np.ndarray:
    low, size = generator.uniform(0, 60, (count, 2)), np.exp(generator.uniform(1, 5, (count, 2)))
    return np.concatenate([low, low + size], 1).astype(np.float32)


@pytest.mark.parametrize("images", [1, 2])
def test_mask_rcnn_poolers(images):
    generator = np.random.default_rng(images)
    maps, boxes = pyramid(generator, images), boxes_of_all_sizes(generator, images * 6)
    attributes = whole(ROI_NUM_LEVELS=4, ROI_H=64, ROI_W=48, CHANNEL_ROI=3, ROI_SLICE=6, ROI_PH=2, ROI_PW=3, ROI_LEN=5)
    image = np.repeat(np.arange(images), 6)[:, None].astype(np.float32)
    rows = np.concatenate([boxes, scores(generator, images * 6, 1)], 1)
    operands = [*maps, rows.reshape(images, 6, 1, 5)]
    y, rois = evaluate("MaskRCNN_BboxPooler", operands, attributes, [(images * 6, 3, 2, 3), (images, 6, 1, 5)])
    regions_ = np.concatenate([image, boxes], 1)
    np.testing.assert_array_equal(rois.reshape(-1, 5), regions_)
    close(y, models.pyramid_pool(maps, regions_, (2, 3)))
    factors = generator.uniform(0.5, 1.5, (images * 6, 4)).astype(np.float32)
    operands = [*maps, rows.reshape(images, 1, 6, 5), np.zeros((images, 1, 6, 1), np.float32), factors]
    (y,) = evaluate("MaskRCNN_MaskPooler", operands, attributes, [(images * 6, 3, 2, 3)])
    scaled = boxes * factors
    wide = (scaled[:, 2] > scaled[:, 0]) & (scaled[:, 3] > scaled[:, 1])  # others have no area
    close(y[wide], models.pyramid_pool(maps, np.concatenate([image, scaled], 1)[wide], (2, 3)))


@pytest.mark.parametrize(("images", "before", "keep", "width"), [(1, 1000, 100, 5), (2, 5, 7, 5), (1, 9, 300, 4)])
def test_mask_rcnn_proposals(images, before, keep, width):
    generator = np.random.default_rng(before)
    sizes = [(8, 6), (4, 3), (2, 3), (1, 2), (1, 1)]
    best = scores(generator, images * 3 * sum(h * w for h, w in sizes))
    best_of, place = [], 0
    for h, w in sizes:
        count = images * 3 * h * w
        best_of.append(logit(best[place : place + count].astype(np.float64)).reshape(images, 3, h, w))
        place += count
    deltas = [generator.normal(0, 0.5, (images, 12, h, w)).astype(np.float32) for h, w in sizes]
    anchors = [boxes_of_all_sizes(generator, 3 * h * w) for h, w in sizes]
    means, deviations = np.array([0, 0.1, 0, -0.1]), np.array([1, 0.5, 1, 2])
    expected = []
    for n in range(images):
        levels = [s[n] for s in best_of], [d[n] for d in deltas], anchors
        expected.append(models.rpn_boxes(*levels, (90, 70), means, deviations, 1.0, 0.6, 0.2, before, keep))
    numbers_ = {f"delta2bbox_mean_{k}": means[k] for k in range(4)}
    numbers_ |= {f"delta2bbox_std_{k}": deviations[k] for k in range(4)}
    numbers_ |= {"delta2bbox_max_scalar_c": 1.0, "iou_threshold": 0.6, "conf_threshold": 0.2}
    attributes = ", ".join(real(name, value) for name, value in numbers_.items())
    attributes += ", " + whole(
        MAX_LENGTH_STATIC_STRECHED=8, NUM_INDEXES=3, NUM_CLASSES=1, CHANNEL_RPN_BBOXES=12, CHANNEL_RPN_SCORES=3,
        NMS_PRE=before, HARDWARE_FACTOR_TOPK=3, NMS_MAX_LENGTH=8, TOPK_ONNX_NMS=8, H_RPN_DYN_MAX=8, W_RPN_DYN_MAX=6,
        MAX_PER_IMG=keep,
    )  # fmt: skip
    stored = [np.pad(a, ((0, 0), (0, width - 4)))[None, None] for a in anchors]
    limits = np.broadcast_to(np.array([90, 70, 90, 70], np.float32), (images, 1, 5, 4))
    operands = [*best_of, *deltas, np.ascontiguousarray(limits), *stored]
    (y,) = evaluate("MaskRCNN_RPNGetBboxes", operands, attributes, [(images, 1, keep, width)])
    close(y[:, 0], np.stack(expected)[:, :, :width], 1e-4)


@pytest.mark.parametrize(("images", "keep"), [(1, 40), (2, 6)])
def test_mask_rcnn_box_head(images, keep):
    generator = np.random.default_rng(keep)
    count, classes = 15, 4
    rois = boxes_of_all_sizes(generator, images * count)
    deltas = generator.normal(0, 1, (images * count, classes, 4)).astype(np.float32)
    best = generator.normal(0, 2, (images * count, classes + 1)).astype(np.float32)
    factors = np.array([1.5, 1.25, 1.5, 1.25])
    found = []
    for n in range(images):
        part = slice(n * count, (n + 1) * count)
        found.append(
            models.head_boxes(rois[part], deltas[part], best[part], (90, 70), factors, [0.1, 0.2], 0.3, 0.1, 0.5, keep)
        )
    numbers_ = {"threshold_score_eq": 0.1, "wh_ratio_log": 0.3, "nms_iou_thr": 0.5, "delta2bbox_means": 0.0}
    numbers_ |= {"delta2bbox_stds_0": 0.1, "delta2bbox_stds_1": 0.2}
    attributes = ", ".join(real(name, value) for name, value in numbers_.items()) + ", "
    attributes += whole(NUM_INDEXES=3, NUM_CLASSES=1, TOPK_ONNX_NMS=8, NUM_CLASSES_getBboxB=classes)
    attributes += ", " + whole(MAX_NMS_LENGTH_GetBboxB=8, MAX_PER_IMG=8, MAX_PER_IMG_GetBboxB=keep)
    image = np.zeros((images * count, 1), np.float32)
    operands = [
        np.concatenate([image, rois], 1)[None, :, None],
        deltas.reshape(1, -1, 1, 4 * classes),
        best[None, :, None],
    ]
    operands.append(np.tile(np.array([90, 70, 90, 70], np.float32), (images * 3, 1))[None, :, None])
    operands.append(np.tile(factors.astype(np.float32), (1, images, 3, 1)))
    boxes, labels = evaluate("MaskRCNN_GetBboxB", operands, attributes, [(images, 1, keep, 5), (images, 1, keep, 1)])
    close(boxes[:, 0], np.stack([f[0] for f in found]), 1e-4)
    np.testing.assert_array_equal(labels[:, 0], np.stack([f[1] for f in found]))
