"""Resizing of images. Which input positions an output position reads is known statically, so every axis is first put
into numbers; whole repetitions become Upsample, subsets become Slice, bilinear images Interp, and everything else a
product with the matrix of interpolation weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .emit import NodeEmitter, Tensor
from .moves import cut

MAX_MATRIX_ELEMENTS = 1 << 24
"""Bound on one matrix of interpolation weights."""
MAX_TABLE_ELEMENTS = 1 << 27
"""Bound on all copies of it that one product takes."""


def repetition(indices: np.ndarray, size: int) -> int:
    """s when every one of ``size`` input positions is repeated s times in order, else 0."""
    factor, rest = divmod(len(indices), size)
    whole = rest == 0 and np.array_equal(indices, np.repeat(np.arange(size), factor))
    return factor if whole else 0


def check_matrix(call: NodeEmitter, size: int, target: int) -> None:
    """Refuses the node when the matrix from ``size`` to ``target`` positions would be too large."""
    if size * target > MAX_MATRIX_ELEMENTS:
        call.refuse(f"resizing an axis from {size} to {target} positions needs too large a matrix")


def axis_product(call: NodeEmitter, source: Tensor, axis: int, weights: np.ndarray) -> Tensor:
    """One axis of a tensor multiplied by weights [target, size], from the left on [before, size, after]."""
    target, size = weights.shape
    shape = list(source.shape)
    before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    if after > 1 and before * weights.size > MAX_TABLE_ELEMENTS:
        call.refuse(f"resizing an axis from {size} to {target} positions needs too many copies of a matrix")
    shape[axis] = target
    if after == 1:
        rows = call.reshape(source, [before, size], f"rows{axis}")
        table = call.own_weight(f"weights{axis}", np.ascontiguousarray(weights.T))
        product = call.step(f"axis{axis}", "MatMul", [rows, table, call.none], [before, target])
    else:
        columns = call.reshape(source, [before, size, after], f"columns{axis}")
        table = call.own_weight(f"weights{axis}", np.broadcast_to(weights, (before, *weights.shape)).copy())
        product = call.step(f"axis{axis}", "MatMul", [table, columns, call.none], [before, target, after])
    return call.reshape(product, shape, f"resized{axis}")


@dataclass(frozen=True)
class Options:
    """How positions are mapped and weighted; names and words are those of the operator's attributes."""

    mode: str
    coordinates: str
    rounding: str = "floor"
    cubic: float = -0.75
    antialias: bool = False
    exclude_outside: bool = False
    outside: float = 0.0


@dataclass(frozen=True)
class Axis:
    """One resized axis. scale: output / input as the node states it, region: the part that tf_crop_and_resize reads."""

    axis: int
    size: int
    target: int
    scale: float
    region: tuple[float, float] = (0.0, 1.0)


def source_positions(axis: Axis, options: Options) -> np.ndarray | None:
    """The input coordinate of every output position; None for an unknown word.

    Rounding to the nearest position is sensitive to the last bit, so it is computed in f32 as onnxruntime does.
    """
    kind: Any = np.float32 if options.mode == "nearest" else np.float64
    x, scale = np.arange(axis.target, dtype=kind), kind(axis.scale)
    if options.coordinates == "half_pixel":
        return (x + kind(0.5)) / scale - kind(0.5)
    if options.coordinates == "pytorch_half_pixel":
        return (x + kind(0.5)) / scale - kind(0.5) if axis.target > 1 else np.zeros(1)
    if options.coordinates == "align_corners":
        return x * kind(axis.size - 1) / kind(axis.target - 1) if axis.target > 1 else np.zeros(1)
    if options.coordinates == "asymmetric":
        return x / scale
    if options.coordinates == "tf_crop_and_resize":
        low, high = (kind(limit) for limit in axis.region)
        if axis.target == 1:
            return np.array([(low + high) * kind(axis.size - 1) / 2])
        return low * kind(axis.size - 1) + x * ((high - low) * kind(axis.size - 1) / kind(axis.target - 1))
    if options.coordinates == "half_pixel_symmetric":
        adjustment = kind(axis.target) / (kind(axis.size) * scale)
        return kind(axis.size / 2) * (1 - adjustment) + (x + kind(0.5)) / scale - kind(0.5)
    return None


ROUNDING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
}


def _weights(options: Options, distance: np.ndarray) -> np.ndarray:
    """The interpolation kernel at signed distances in input pixels."""
    d = np.abs(distance)
    if options.mode == "linear":
        return np.maximum(1 - d, 0)
    a = options.cubic
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0))


def matrix(axis: Axis, options: Options, positions: np.ndarray) -> np.ndarray:
    """Interpolation weights [target, size]; rows sum to 1. Positions outside read the edge unless excluded."""
    result = np.zeros((axis.target, axis.size))
    rows = np.arange(axis.target)
    if options.mode == "nearest":
        result[rows, np.clip(ROUNDING[options.rounding](positions), 0, axis.size - 1).astype(int)] = 1
        return result
    radius = 1 if options.mode == "linear" else 2
    stretch = max(1.0, 1 / axis.scale) if options.antialias else 1.0
    reach = math.ceil(radius * stretch) + 1
    base = np.floor(positions)
    for offset in range(-reach, reach + 1):
        index = base + offset
        weight = _weights(options, (index - positions) / stretch)
        if options.exclude_outside:
            weight = np.where((index < 0) | (index >= axis.size), 0, weight)
        np.add.at(result, (rows, np.clip(index, 0, axis.size - 1).astype(int)), weight)
    return result / result.sum(axis=1, keepdims=True)


def _nearest_indices(axis: Axis, options: Options, positions: np.ndarray) -> np.ndarray:
    return np.clip(ROUNDING[options.rounding](positions), 0, axis.size - 1).astype(int)


def resize_axes(call: Any, source: Tensor, axes: list[Axis], options: Options) -> None:
    """Resizes the given axes and makes output 0. call: a front end's node with ``finish`` and ``bind``."""
    positions = {}
    for axis in axes:
        found = source_positions(axis, options)
        if found is None:
            call.refuse(f"its coordinate mode '{options.coordinates}' has no Top op")
        assert found is not None
        delicate = options.coordinates == "align_corners"
        delicate |= options.coordinates == "half_pixel_symmetric" and options.mode == "nearest"
        if delicate and not _is_whole(axis):
            call.refuse(
                f"{options.coordinates} with scale {axis.scale:.6g} for {axis.size} positions gives no whole size, and "
                "implementations differ on where it reads; export it with sizes"
            )
        if options.mode == "cubic" and options.coordinates == "pytorch_half_pixel" and axis.target == 1:
            call.refuse("implementations differ on where a cubic pytorch_half_pixel resize to one position reads")
        positions[axis.axis] = found
    identity = all(np.array_equal(_read(axis, options, positions[axis.axis]), np.arange(axis.size)) for axis in axes)
    if identity and all(axis.size == axis.target for axis in axes):
        call.bind(source)
    elif options.mode == "nearest":
        _nearest(call, source, axes, options, positions)
    elif _is_bilinear(source, axes, options):
        _interp(call, source, axes, options)
    else:
        _products(call, source, axes, options, positions)


def _is_whole(axis: Axis) -> bool:
    """Whether the stated scale is the ratio of the sizes (up to rounding)."""
    return math.isclose(axis.scale, axis.target / axis.size, rel_tol=1e-6)


def _read(axis: Axis, options: Options, positions: np.ndarray) -> np.ndarray:
    """Positions as the identity test sees them: the index read for nearest, the coordinate itself otherwise."""
    if options.mode == "nearest":
        return _nearest_indices(axis, options, positions)
    return positions


def _nearest(call: Any, source: Tensor, axes: list[Axis], options: Options, positions: dict[int, np.ndarray]) -> None:
    indices = {axis.axis: _nearest_indices(axis, options, positions[axis.axis]) for axis in axes}
    factors = {axis.axis: repetition(indices[axis.axis], axis.size) for axis in axes}
    if all(factors.values()):
        _repeat(call, source, factors)
        return
    rest = []
    begins, ends, steps = [0] * source.rank, list(source.shape), [1] * source.rank
    for axis in axes:
        chosen = indices[axis.axis]
        step = int(chosen[1] - chosen[0]) if len(chosen) > 1 else 1
        if step > 0 and np.array_equal(chosen, chosen[0] + step * np.arange(len(chosen))):
            begins[axis.axis], ends[axis.axis], steps[axis.axis] = int(chosen[0]), int(chosen[-1]) + 1, step
        else:
            rest.append(axis)
    current = cut(call, source, begins, ends, steps, "subset")
    if rest:
        _products(call, current, rest, options, positions)
    else:
        call.bind(current)


def _repeat(call: Any, source: Tensor, factors: dict[int, int]) -> None:
    """Every element repeated per axis. Two last axes of an image are an Upsample; others are moved there first."""
    repeated = [axis for axis in sorted(factors) if factors[axis] > 1]
    if source.rank == 4 and all(axis >= 2 for axis in repeated):
        call.finish("Upsample", [source], scale_h=factors.get(2, 1), scale_w=factors.get(3, 1))
        return
    current = source
    for axis in repeated:
        shape = list(current.shape)
        before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        image = call.reshape(current, [1, before, shape[axis], after], f"image{axis}")
        target = [1, before, shape[axis] * factors[axis], after]
        image = call.step(f"repeated{axis}", "Upsample", [image], target, scale_h=factors[axis], scale_w=1)
        shape[axis] *= factors[axis]
        current = call.reshape(image, shape, f"axis{axis}")
    call.bind(current)


_INTERP_COORDINATES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")


def _is_bilinear(source: Tensor, axes: list[Axis], options: Options) -> bool:
    """Whether Interp's linear mode is this resize: two last axes of an image, the scale being the ratio of sizes."""
    return (
        source.rank == 4
        and options.mode == "linear"
        and not options.antialias
        and not options.exclude_outside
        and options.coordinates in _INTERP_COORDINATES
        and all(axis.axis >= 2 and _is_whole(axis) for axis in axes)
    )


def _interp(call: Any, source: Tensor, axes: list[Axis], options: Options) -> None:
    targets = {axis.axis: axis.target for axis in axes}
    scales = [targets.get(axis, source.shape[axis]) / source.shape[axis] for axis in (2, 3)]
    call.finish(
        "Interp",
        [source, call.none],
        mode="linear",
        coord_mode=options.coordinates,
        scale_h=scales[0],
        scale_w=scales[1],
    )


def _products(call: Any, source: Tensor, axes: list[Axis], options: Options, positions: dict[int, np.ndarray]) -> None:
    """One matrix product per axis: weights from the left on [before, size, after]."""
    current = source
    for axis in axes:
        check_matrix(call, axis.size, axis.target)
        current = axis_product(call, current, axis.axis, matrix(axis, options, positions[axis.axis]))
    call.bind(current)
