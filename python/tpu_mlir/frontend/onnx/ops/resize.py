"""Resize and Upsample. Which input positions an output position reads is known statically, so every axis is first put
into numbers; whole repetitions become Upsample, subsets become Slice, bilinear images Interp, and everything else a
product with the matrix of interpolation weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...compose import Formula
from ...moves import cut
from ...resizing import axis_product, check_matrix, repetition
from ..call import Call, Tensor
from ..registry import ANY, FLOAT, onnx_op


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


_ROUNDING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
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
        result[rows, np.clip(_ROUNDING[options.rounding](positions), 0, axis.size - 1).astype(int)] = 1
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
    return np.clip(_ROUNDING[options.rounding](positions), 0, axis.size - 1).astype(int)


def resize_axes(call: Call, source: Tensor, axes: list[Axis], options: Options) -> None:
    """Resizes the given axes and makes output 0."""
    positions = {}
    for axis in axes:
        found = source_positions(axis, options)
        if found is None:
            call.refuse(f"its coordinate mode '{options.coordinates}' has no Top op")
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
    identity = all(
        np.array_equal(matrix_row_kind(axis, options, positions[axis.axis]), np.arange(axis.size)) for axis in axes
    )
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


def matrix_row_kind(axis: Axis, options: Options, positions: np.ndarray) -> np.ndarray:
    """Positions as the identity test sees them: the index read for nearest, the coordinate itself otherwise."""
    if options.mode == "nearest":
        return _nearest_indices(axis, options, positions)
    return positions


def _nearest(call: Call, source: Tensor, axes: list[Axis], options: Options, positions: dict[int, np.ndarray]) -> None:
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


def _repeat(call: Call, source: Tensor, factors: dict[int, int]) -> None:
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


def _interp(call: Call, source: Tensor, axes: list[Axis], options: Options) -> None:
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


def _products(call: Call, source: Tensor, axes: list[Axis], options: Options, positions: dict[int, np.ndarray]) -> None:
    """One matrix product per axis: weights from the left on [before, size, after]."""
    current = source
    for axis in axes:
        check_matrix(call, axis.size, axis.target)
        current = axis_product(call, current, axis.axis, matrix(axis, options, positions[axis.axis]))
    call.bind(current)


def _from_scales(call: Call, scales: list[float], axes: list[int]) -> list[Axis]:
    shape, target = call.shape(0), call.out_shape()
    found = [Axis(axis, shape[axis], target[axis], scale) for axis, scale in zip(axes, scales, strict=True)]
    return [item for item in found if item.scale != 1 or item.size != item.target]


@onnx_op("Upsample", since=7, data=FLOAT)
def upsample(call: Call) -> None:
    if call.node.opset >= 9:
        scales = [float(value) for value in call.need_const(1, "the list of scales").reshape(-1)]
    else:
        scales = [float(value) for value in call.attr("scales")]
    mode = "linear" if call.attr("mode", "nearest") in ("linear", "bilinear") else call.attr("mode", "nearest")
    _old_resize(call, mode, scales)


@onnx_op("Resize", since=10, data=FLOAT)
def resize_10(call: Call) -> None:
    scales = [float(value) for value in call.need_const(1, "the list of scales").reshape(-1)]
    _old_resize(call, call.attr("mode", "nearest"), scales)


def _old_resize(call: Call, mode: str, scales: list[float]) -> None:
    """Before operator set 11 there is one coordinate mode, and the rounding of shrunk positions is left open."""
    _check_mode(call, mode)
    axes = _from_scales(call, scales, list(range(len(scales))))
    options = Options(mode, "asymmetric")
    if mode == "nearest":
        for axis in axes:
            positions = source_positions(axis, options)
            if axis.scale < 1 and positions is not None and np.any(np.floor(positions) != np.ceil(positions)):
                call.refuse(
                    f"operator set {call.node.opset} does not define how scale {axis.scale:.6g} rounds positions"
                )
    resize_axes(call, call.x(0), axes, options)


@onnx_op("Resize", since=11, data=ANY)
def resize(call: Call) -> None:
    rank = len(call.shape(0))
    mode = call.attr("mode", "nearest")
    _check_mode(call, mode)
    if not call.is_float(0) and mode != "nearest":
        call.refuse(f"an input of type {call.type_name(0)} with mode '{mode}' has no Top op")
    coordinates = call.attr("coordinate_transformation_mode", "half_pixel")
    given = call.attr("axes")
    axes = [int(axis) % rank for axis in given] if given is not None else list(range(rank))
    options = Options(
        mode,
        coordinates,
        call.attr("nearest_mode", "round_prefer_floor"),
        float(call.attr("cubic_coeff_a", -0.75)),
        bool(call.attr("antialias", 0)),
        bool(call.attr("exclude_outside", 0)),
        float(call.attr("extrapolation_value", 0.0)),
    )
    if options.rounding not in _ROUNDING:
        call.refuse(f"its attribute nearest_mode = '{options.rounding}' is not known")
    if coordinates == "tf_crop_and_resize":
        _crop_and_resize(call, axes, options)
        return
    resize_axes(call, call.x(0), _resized(call, axes), options)


def _crop_and_resize(call: Call, axes: list[int], options: Options) -> None:
    """Reads a constant region; positions outside of the input have a value of their own."""
    f, shape, target = Formula(call), call.shape(0), call.out_shape()
    limits = [float(value) for value in call.need_const(1, "its region of interest").reshape(-1)]
    if len(limits) != 2 * len(axes):
        call.refuse(f"its region of interest has {len(limits)} limits for {len(axes)} axes")
    current, inside = call.x(0), np.ones([1] * len(shape), bool)
    for place, axis in enumerate(axes):
        region = (limits[place], limits[len(axes) + place])
        item = Axis(axis, shape[axis], target[axis], target[axis] / shape[axis], region)
        positions = source_positions(item, options)
        assert positions is not None
        if item.size == item.target and np.array_equal(positions, np.arange(item.size)):
            continue
        check_matrix(call, item.size, item.target)
        current = axis_product(call, current, axis, matrix(item, options, positions))
        exists = (positions >= 0) & (positions <= item.size - 1)
        inside = inside & exists.reshape([-1 if at == axis else 1 for at in range(len(shape))])
    if not np.all(inside):
        current = f.where(f.spread(f.weight("inside", inside), target), current, options.outside)
    call.bind(current)


def _check_mode(call: Call, mode: str) -> None:
    if mode not in ("nearest", "linear", "cubic"):
        call.refuse(f"its attribute mode = '{mode}' is not known")


def _resized(call: Call, axes: list[int]) -> list[Axis]:
    """The axes that change, from the list of scales or of sizes."""
    shape, target = call.shape(0), call.out_shape()
    if call.has(2) and call.need_const(2, "the list of scales").size:
        scales = [float(value) for value in call.need_const(2, "the list of scales").reshape(-1)]
    elif call.has(3):
        call.need_const(3, "the list of sizes")
        scales = [target[axis] / shape[axis] for axis in axes]
        if call.attr("keep_aspect_ratio_policy", "stretch") != "stretch":
            sizes = call.ints(3, "the list of sizes")
            ratios = [size / shape[axis] for size, axis in zip(sizes, axes, strict=True)]
            scale = min(ratios) if call.attr("keep_aspect_ratio_policy") == "not_larger" else max(ratios)
            scales = [scale] * len(axes)
    else:
        call.refuse("it has neither scales nor sizes")
    if len(scales) != len(axes):
        call.refuse(f"it has {len(scales)} scales for {len(axes)} axes")
    return _from_scales(call, scales, axes)
