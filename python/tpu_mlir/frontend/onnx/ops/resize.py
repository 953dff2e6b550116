"""Resize and Upsample: their attributes and inputs in the words of the common resizing."""

from __future__ import annotations

import numpy as np

from ...compose import Formula
from ...resizing import (
    ROUNDING,
    Axis,
    Options,
    axis_product,
    check_matrix,
    matrix,
    resize_axes,
    source_positions,
)
from ..call import Call
from ..registry import ANY, FLOAT, onnx_op


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
    if options.rounding not in ROUNDING:
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
