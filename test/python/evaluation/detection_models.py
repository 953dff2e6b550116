"""NumPy models of the detection ops, in double, written from the published algorithms and not from the evaluation.

Rows are lists of numbers, as the ops' results have them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

Row = list[float]


def area(box: Sequence[float], border: float = 0) -> float:
    return max(0.0, box[2] - box[0] + border) * max(0.0, box[3] - box[1] + border)


def iou(a: Sequence[float], b: Sequence[float], border: float = 0) -> float:
    common = [max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])]
    shared = area(common, border)
    union = area(a, border) + area(b, border) - shared
    return shared / union if union > 0 else 0.0


def corners(place: Sequence[float]) -> Row:
    x, y, w, h = place
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def greedy(boxes: Sequence[Sequence[float]], scores: Sequence[float], threshold: float, border: float = 0) -> list[int]:
    """Indices of the boxes that stay, best first."""
    left = sorted(range(len(boxes)), key=lambda i: -scores[i])
    kept: list[int] = []
    while left:
        best, *left = left
        kept.append(best)
        left = [i for i in left if iou(boxes[best], boxes[i], border) <= threshold]
    return kept


def sigmoid(x: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


# ------------------------------------------------------------------------------------------------------- YOLO


def yolo_heads(
    heads: Sequence[np.ndarray], anchors: Sequence[float], boxes: int, classes: int, size: tuple[int, int], version: str
) -> list[list[tuple[Row, np.ndarray, float]]]:
    """Per image (place, class scores, objectness) of every box; places in pixels (yolov5) or parts of the input."""
    height, width = size
    found: list[list[tuple[Row, np.ndarray, float]]] = [[] for _ in range(heads[0].shape[0])]
    for level, head in enumerate(sorted(heads, key=lambda h: -h.shape[2] * h.shape[3])):
        n, _, rows, columns = head.shape
        cells = head.astype(np.float64).reshape(n, boxes, 5 + classes, rows, columns)
        for image, box, row, column in np.ndindex(n, boxes, rows, columns):
            t = cells[image, box, :, row, column]
            aw, ah = anchors[2 * (level * boxes + box) : 2 * (level * boxes + box) + 2]
            if version == "yolov5":
                x = (2 * sigmoid(t[0]) - 0.5 + column) * width / columns
                y = (2 * sigmoid(t[1]) - 0.5 + row) * height / rows
                w, h = (2 * sigmoid(t[2])) ** 2 * aw, (2 * sigmoid(t[3])) ** 2 * ah
            else:
                x, y = (sigmoid(t[0]) + column) / columns, (sigmoid(t[1]) + row) / rows
                w, h = np.exp(t[2]) * aw / width, np.exp(t[3]) * ah / height
            found[image].append(([float(x), float(y), float(w), float(h)], t[5:], float(sigmoid(t[4]))))
    return found


def best_class(candidates: Iterable[tuple[Row, np.ndarray, float]], form: str) -> list[tuple[Row, int, float]]:
    """(place, class, score) of heads' boxes; form: "sigmoid", "softmax" or "plain" class scores."""
    result = []
    for place, scores, objectness in candidates:
        label = int(np.argmax(scores))
        if form == "sigmoid":
            probability = float(sigmoid(scores[label]))
        elif form == "softmax":
            probability = float(1 / np.exp(scores - scores[label]).sum())
        else:
            probability = float(scores[label])
        result.append((place, label, objectness * probability))
    return result


def yolo_kept(
    candidates: Iterable[tuple[Row, int, float]], threshold: float, nms: float, limit: int, agnostic: bool = False
) -> list[tuple[Row, int, float]]:
    """What stays of one image, best first."""
    above = [c for c in candidates if c[2] > threshold]
    groups = [above] if agnostic else [[c for c in above if c[1] == label] for label in {c[1] for c in above}]
    kept = []
    for group in groups:
        kept += [group[i] for i in greedy([corners(c[0]) for c in group], [c[2] for c in group], nms)]
    return sorted(kept, key=lambda c: -c[2])[:limit]


def yolo_rows(kept: Sequence[Sequence[tuple[Row, int, float]]], limit: int) -> np.ndarray:
    """[1, 1, N * limit, 7]: image, class, score, place."""
    rows = [[n, label, score, *place] for n, image in enumerate(kept) for place, label, score in image]
    return filled(rows, len(kept) * limit, 7, 0)[None, None]


def filled(rows: Sequence[Row], count: int, width: int, value: float) -> np.ndarray:
    result = np.full((count, width), float(value))
    if rows:
        result[: len(rows)] = rows
    return result


# -------------------------------------------------------------------------------------------------------- SSD


def prior_boxes(
    cells: tuple[int, int],
    image: tuple[int, int],
    minimum: Sequence[float],
    maximum: Sequence[float],
    ratios: Sequence[float],
    variance: Sequence[float],
    *,
    step: tuple[float, float] = (0, 0),
    offset: float = 0.5,
    clip: bool = False,
    default: bool = True,
) -> np.ndarray:
    """[2, cells * boxes * 4]"""
    step_h, step_w = (image[0] / cells[0], image[1] / cells[1]) if 0 in step else step
    boxes = []
    for row, column in np.ndindex(*cells):
        x, y = (column + offset) * step_w, (row + offset) * step_h
        for i, low in enumerate(minimum):
            sizes = [(low, low)] if default else []
            sizes += [(math.sqrt(low * maximum[i]),) * 2] if maximum else []
            sizes += [(low * math.sqrt(r), low / math.sqrt(r)) for r in ratios if r != 1]
            boxes += [[(x - w / 2) / image[1], (y - h / 2) / image[0], (x + w / 2) / image[1], (y + h / 2) / image[0]]
                      for w, h in sizes]  # fmt: skip
    values = np.array(boxes)
    values = np.clip(values, 0, 1) if clip else values
    return np.stack([values.ravel(), np.tile(np.resize(variance, 4), len(boxes))])


def ssd_box(prior: np.ndarray, variance: np.ndarray, location: np.ndarray, code: str) -> Row:
    """prior: corners; location: what the network says of it."""
    d = location.astype(np.float64) * variance
    size = np.array([prior[2] - prior[0], prior[3] - prior[1]])
    if code == "CENTER_SIZE":
        center = (prior[:2] + prior[2:]) / 2 + d[:2] * size
        return corners([*center, *(np.exp(d[2:]) * size)])
    return list(prior + (d if code == "CORNER" else d * np.concatenate([size, size])))


def ssd_rows(
    locations: np.ndarray,
    scores: np.ndarray,
    priors: np.ndarray,
    *,
    background: int,
    threshold: float,
    nms: float,
    top_k: int,
    keep: int,
    code: str,
    encoded: bool = False,
    eta: float = 1.0,
) -> np.ndarray:
    """locations [N, P, 1 or C, 4], scores [N, P, C], priors [1 or N, 2, P, 4] -> [N * keep, 7]"""
    images, _, classes = scores.shape
    rows: list[Row] = []
    for n in range(images):
        prior, variance = priors[min(n, len(priors) - 1)].astype(np.float64)
        kept: list[tuple[int, float, Row]] = []
        for label in range(classes):
            if label == background:
                continue
            order = [i for i in np.argsort(-scores[n, :, label], kind="stable") if scores[n, i, label] > threshold]
            chosen: list[tuple[int, float, Row]] = []
            limit = nms
            for i in order[: top_k if top_k >= 0 else None]:
                location = locations[n, i, min(label, locations.shape[2] - 1)]
                box = ssd_box(prior[i], np.ones(4) if encoded else variance[i], location, code)
                if all(iou(box, other) <= limit for _, _, other in chosen):
                    chosen.append((label, float(scores[n, i, label]), box))
                    limit = limit * eta if eta < 1 and limit > 0.5 else limit
            kept += chosen
        kept = sorted(sorted(kept, key=lambda k: -k[1])[:keep], key=lambda k: k[0])
        rows += [[n, label, score, *box] for label, score, box in kept]
    result = filled(rows, images * keep, 7, -1)
    if not rows:
        result[:images, 0] = np.arange(images)
    return result


# -------------------------------------------------------------------------------------------- two-stage networks


def moved_box(box: Sequence[float], d: Sequence[float]) -> Row:
    """Faster R-CNN: corners are pixels of the box, and x2 of the result is center + width / 2."""
    w, h = box[2] - box[0] + 1, box[3] - box[1] + 1
    x, y = box[0] + w / 2 + d[0] * w, box[1] + h / 2 + d[1] * h
    return corners([x, y, math.exp(d[2]) * w, math.exp(d[3]) * h])


def rpn_anchors(base: int) -> np.ndarray:
    middle, found = (base - 1) / 2, []
    for ratio in (0.5, 1, 2):
        width = np.round(np.sqrt(base * base / ratio))
        height = np.round(width * ratio)
        for scale in (8, 16, 32):
            found.append([middle - (width * scale - 1) / 2, middle - (height * scale - 1) / 2,
                          middle + (width * scale - 1) / 2, middle + (height * scale - 1) / 2])  # fmt: skip
    return np.array(found)


def proposals(scores, deltas, size, stride, base, threshold, nms, limit) -> np.ndarray:
    """scores [N, 18, H, W], deltas [N, 36, H, W] -> [N, 1, limit, 5]"""
    n, _, rows, columns = scores.shape
    result = np.zeros((n, 1, limit, 5))
    for image in range(n):
        boxes, best = [], []
        for row, column, a in np.ndindex(rows, columns, 9):
            if scores[image, 9 + a, row, column] > threshold:
                anchor = rpn_anchors(base)[a] + np.array([column, row, column, row]) * stride
                box = moved_box(anchor, deltas[image, 4 * a : 4 * a + 4, row, column].astype(np.float64))
                boxes.append(list(np.clip(box, 0, [size[1] - 1, size[0] - 1] * 2)))
                best.append(scores[image, 9 + a, row, column])
        kept = greedy(boxes, best, nms, 1)[:limit]
        result[image, 0, : len(kept)] = [[image, *boxes[i]] for i in kept] or np.zeros((0, 5))
    return result


def frcn_rows(deltas, scores, regions, threshold, nms, limit) -> np.ndarray:
    """deltas [R, C, 4], scores [R, C], regions [R, 5] of one image -> [limit, 6]"""
    kept = []
    for label in range(1, scores.shape[1]):
        chosen = [i for i in range(len(scores)) if scores[i, label] > threshold]
        boxes = [moved_box(regions[i, 1:].astype(np.float64), deltas[i, label].astype(np.float64)) for i in chosen]
        best = [float(scores[i, label]) for i in chosen]
        kept += [[*boxes[i], label, best[i]] for i in greedy(boxes, best, nms, 1)]
    return filled(sorted(kept, key=lambda r: -r[5])[:limit], limit, 6, 0)


def retina_rows(levels: Sequence[Sequence[np.ndarray]], threshold: float, nms: float, limit: int) -> np.ndarray:
    """levels: (scores, deltas, landmarks) of one image each, [C, H, W] -> [limit, 15]"""
    boxes, best, marks = [], [], []
    for (scores, deltas, landmarks), stride, scales in zip(
        levels, (32, 16, 8), ((32, 16), (8, 4), (2, 1)), strict=True
    ):
        for row, column, a in np.ndindex(*scores.shape[1:], 2):
            if not scores[2 + a, row, column] > threshold:
                continue
            d = deltas[4 * a : 4 * a + 4, row, column].astype(np.float64)
            size, x, y = 16 * scales[a], 7.5 + column * stride, 7.5 + row * stride
            half = (np.exp(d[2:]) * size - 1) / 2
            boxes.append([x + d[0] * size - half[0], y + d[1] * size - half[1],
                          x + d[0] * size + half[0], y + d[1] * size + half[1]])  # fmt: skip
            best.append(float(scores[2 + a, row, column]))
            points = landmarks[10 * a : 10 * a + 10, row, column].astype(np.float64) * size
            marks.append(list(points + np.tile([x, y], 5)))
    rows = [[*boxes[i], best[i], *marks[i]] for i in greedy(boxes, best, nms, 1)[:limit]]
    return filled(rows, limit, 15, 0)


# -------------------------------------------------------------------------------------------------- regions


def bilinear(plane: np.ndarray, y: float, x: float) -> list[float]:
    """The four weighted corners of a sample; all 0 outside."""
    height, width = plane.shape
    if y < -1 or y > height or x < -1 or x > width:
        return [0.0] * 4
    y, x = max(y, 0.0), max(x, 0.0)
    y0, x0 = min(int(y), height - 1), min(int(x), width - 1)
    y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
    fy, fx = (0.0 if y0 == height - 1 else y - y0), (0.0 if x0 == width - 1 else x - x0)
    return [(1 - fy) * (1 - fx) * plane[y0, x0], (1 - fy) * fx * plane[y0, x1],
            fy * (1 - fx) * plane[y1, x0], fy * fx * plane[y1, x1]]  # fmt: skip


def roi_align(maps, regions, size, ratio, scale, aligned, maximum) -> np.ndarray:
    """maps [N, C, H, W], regions [R, 5] -> [R, C, *size]"""
    result = np.zeros((len(regions), maps.shape[1], *size))
    for r, region in enumerate(regions.astype(np.float64)):
        x1, y1, x2, y2 = region[1:] * scale - (0.5 if aligned else 0)
        h, w = (y2 - y1, x2 - x1) if aligned else (max(y2 - y1, 1.0), max(x2 - x1, 1.0))
        bh, bw = h / size[0], w / size[1]
        rows, columns = (ratio, ratio) if ratio else (max(math.ceil(bh), 0), max(math.ceil(bw), 0))
        for c, i, j in np.ndindex(maps.shape[1], *size):
            plane = maps[int(region[0]), c]
            samples = [
                bilinear(plane, y1 + (i + (k + 0.5) / rows) * bh, x1 + (j + (m + 0.5) / columns) * bw)
                for k in range(rows)
                for m in range(columns)
            ]
            if samples:
                result[r, c, i, j] = np.max(samples) if maximum else np.sum(samples) / len(samples)
    return result


def roi_pool(maps, regions, size, scale) -> np.ndarray:
    """As Caffe: rounded corners, cells rounded outwards."""
    result = np.zeros((len(regions), maps.shape[1], *size))
    for r, region in enumerate(regions):
        x1, y1, x2, y2 = (math.floor(abs(v) + 0.5) * (1 if v >= 0 else -1) for v in region[1:] * np.float32(scale))
        bh, bw = max(y2 - y1 + 1, 1) / size[0], max(x2 - x1 + 1, 1) / size[1]
        for i, j in np.ndindex(*size):
            rows = np.clip(
                [math.floor(np.float32(i * bh)) + y1, math.ceil(np.float32((i + 1) * bh)) + y1], 0, maps.shape[2]
            )
            columns = np.clip(
                [math.floor(np.float32(j * bw)) + x1, math.ceil(np.float32((j + 1) * bw)) + x1], 0, maps.shape[3]
            )
            part = maps[int(region[0]), :, rows[0] : rows[1], columns[0] : columns[1]]
            if part.size:
                result[r, :, i, j] = part.max((1, 2))
    return result


# ------------------------------------------------------------------------------------------------- Mask R-CNN


def pyramid_pool(maps: Sequence[np.ndarray], regions: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """MMDetection's extractor: the level follows from the area; strides 4, 8, 16, 32."""
    result = []
    for region in regions:
        extent = math.sqrt((region[3] - region[1]) * (region[4] - region[2]))
        level = min(max(math.floor(math.log2(extent / 56 + 1e-6)), 0), len(maps) - 1)
        result.append(roi_align(maps[level], region[None], size, 0, 1 / (4 << level), True, False))
    return np.concatenate(result)


def coded_box(box: Sequence[float], d: Sequence[float], limit: float, right: float, bottom: float) -> Row:
    """MMDetection's delta2bbox of differences that have their means and deviations."""
    w, h = box[2] - box[0], box[3] - box[1]
    x, y = (box[0] + box[2]) / 2 + d[0] * w, (box[1] + box[3]) / 2 + d[1] * h
    x1, y1, x2, y2 = corners(
        [x, y, math.exp(np.clip(d[2], -limit, limit)) * w, math.exp(np.clip(d[3], -limit, limit)) * h]
    )
    return [min(max(x1, 0), right), min(max(y1, 0), bottom), min(max(x2, 0), right), min(max(y2, 0), bottom)]


def best_of_labels(found: Sequence[tuple[Row, int, float]], nms: float, limit: int) -> list[tuple[Row, int, float]]:
    """(box, label, score) that stay, best first."""
    kept = []
    for label in {f[1] for f in found}:
        group = [f for f in found if f[1] == label]
        kept += [group[i] for i in greedy([f[0] for f in group], [f[2] for f in group], nms)]
    return sorted(kept, key=lambda f: -f[2])[:limit]


def rpn_boxes(scores, deltas, anchors, size, means, deviations, clip, nms, threshold, before, keep) -> np.ndarray:
    """Lists per level of one image: scores [A, H, W], deltas [4 A, H, W], anchors [H W A, 4] -> [keep, 5]"""
    found = []
    for level, (score, delta, anchor) in enumerate(zip(scores, deltas, anchors, strict=True)):
        flat = sigmoid(score.transpose(1, 2, 0).reshape(-1))
        moves = delta.transpose(1, 2, 0).reshape(-1, 4).astype(np.float64) * deviations + means
        for i in np.argsort(-flat, kind="stable")[:before]:
            box = coded_box(anchor[i].astype(np.float64), moves[i], clip, *size)
            if box[2] > box[0] and box[3] > box[1] and flat[i] >= threshold:
                found.append((box, level, float(flat[i])))
    kept = best_of_labels(found, nms, keep)
    return filled([[*box, score] for box, _, score in kept], keep, 5, 0)


def head_boxes(regions, deltas, scores, size, factors, deviations, clip, threshold, nms, keep):
    """regions [R, 4], deltas [R, C, 4], scores [R, C + 1] of one image -> boxes [keep, 5], labels [keep, 1]"""
    weights = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    found = []
    for i, label in np.ndindex(*deltas.shape[:2]):
        if weights[i, label] > threshold:
            d = deltas[i, label].astype(np.float64) * np.repeat(deviations, 2)
            box = np.array(coded_box(regions[i].astype(np.float64), d, clip, *size)) / factors
            found.append((list(box), label, float(weights[i, label])))
    kept = best_of_labels(found, nms, keep)
    return filled([[*b, s] for b, _, s in kept], keep, 5, 0), filled([[label] for _, label, _ in kept], keep, 1, 0)
