"""Resizing of images and volumes, and sampling at given positions."""

from __future__ import annotations

import math

import numpy as np

from ...emit import Tensor
from ...grid_sampling import sampled_by_taps
from ...moves import cut_axis
from ...resizing import Axis, Options, axis_product, check_matrix, repetition, resize_axes
from ..call import Call
from ..registry import torch_op

_SUFFIXES = ("d", "h", "w")


def _input(call: Call) -> str:
    return "self" if call.has("self") else "input"


def _scales(call: Call, rank: int) -> list[float | None]:
    """The stated factors of the last axes, None where only sizes are given."""
    factors = call.get("scale_factors")
    if factors is not None:
        return [float(factor) for factor in factors]
    names = ["scales"] if rank == 1 else [f"scales_{axis}" for axis in _SUFFIXES[-rank:]]
    return [None if call.get(name) is None else float(call.get(name)) for name in names]


def _axes(call: Call) -> list[Axis]:
    """The axes with their sizes; scale is result / input as PyTorch takes it for positions."""
    name = _input(call)
    shape, target = call.shape(name), call.out_shape()
    rank = len(shape) - 2
    found = []
    for place, factor in enumerate(_scales(call, rank), 2):
        ratio = target[place] / shape[place]
        found.append(Axis(place, shape[place], target[place], factor if factor is not None and factor > 0 else ratio))
    return found


@torch_op(
    "aten.upsample_nearest1d",
    "aten.upsample_nearest2d",
    "aten.upsample_nearest3d",
    "aten._upsample_nearest_exact1d",
    "aten._upsample_nearest_exact2d",
    "aten._upsample_nearest_exact3d",
)
def nearest(call: Call) -> None:
    """Positions are rounded down, in the f32 arithmetic of PyTorch."""
    source, offset = call.x(_input(call)), 0.5 if "exact" in call.operator else 0.0
    chosen: dict[int, np.ndarray] = {}
    for axis in _axes(call):
        step = np.float32(1 / axis.scale)
        positions = np.floor((np.arange(axis.target, dtype=np.float32) + np.float32(offset)) * step)
        indices = np.minimum(positions.astype(np.int64), axis.size - 1)
        if not np.array_equal(indices, np.arange(axis.size)):
            chosen[axis.axis] = indices
    if not chosen:
        call.bind(source)
        return
    factors = {axis: repetition(indices, source.shape[axis]) for axis, indices in chosen.items()}
    if source.rank == 4 and all(factors.values()):
        call.finish("Upsample", [source], scale_h=factors.get(2, 1), scale_w=factors.get(3, 1))
        return
    current = source
    for place, indices in chosen.items():
        current = _picked(call, current, place, indices)
    call.bind(current)


def _picked(call: Call, source: Tensor, axis: int, indices: np.ndarray) -> Tensor:
    """Positions of an axis in rising order: repeated, every n-th, or by a product with rows of a unit matrix."""
    size = source.shape[axis]
    factor = repetition(indices, size)
    if factor:
        before, after = math.prod(source.shape[:axis]), math.prod(source.shape[axis + 1 :])
        image = call.reshape(source, [1, before, size, after], f"image{axis}")
        shape = [1, before, size * factor, after]
        image = call.step(f"repeated{axis}", "Upsample", [image], shape, scale_h=factor, scale_w=1)
        return call.reshape(image, [*source.shape[:axis], size * factor, *source.shape[axis + 1 :]], f"axis{axis}")
    step = int(indices[1] - indices[0]) if len(indices) > 1 else 1
    if step > 0 and np.array_equal(indices, indices[0] + step * np.arange(len(indices))):
        return cut_axis(call, source, axis, int(indices[0]), int(indices[-1]) + 1, f"subset{axis}", step)
    check_matrix(call, size, len(indices))
    return axis_product(call, source, axis, np.eye(size)[indices])


@torch_op("aten.upsample_linear1d", "aten.upsample_bilinear2d", "aten.upsample_trilinear3d")
def linear(call: Call) -> None:
    _interpolate(call, "linear", False)


@torch_op("aten.upsample_bicubic2d")
def cubic(call: Call) -> None:
    _interpolate(call, "cubic", False)


@torch_op("aten._upsample_bilinear2d_aa")
def linear_antialiased(call: Call) -> None:
    _interpolate(call, "linear", True)


def _interpolate(call: Call, mode: str, antialias: bool) -> None:
    axes = _axes(call)
    if call.get("align_corners"):
        # The corners decide where positions lie, not the stated factor.
        axes = [Axis(axis.axis, axis.size, axis.target, axis.target / axis.size) for axis in axes]
    coordinates = "align_corners" if call.get("align_corners") else "half_pixel"
    options = Options(mode, coordinates, antialias=antialias, exclude_outside=antialias)
    changed = [axis for axis in axes if axis.size != axis.target or axis.scale != 1]
    if not changed:
        call.bind(call.x(_input(call)))
        return
    resize_axes(call, call.x(_input(call)), changed, options)


@torch_op("aten.grid_sampler", "aten.grid_sampler_2d", "aten.grid_sampler_3d", "aten.cudnn_grid_sampler")
def grid_sampler(call: Call) -> None:
    mode, padding = int(call.get("interpolation_mode", 0)), int(call.get("padding_mode", 0))
    align = bool(call.get("align_corners", False))
    if mode not in (0, 1):
        word = ("zeros", "border", "reflection")[padding]
        call.bind(sampled_by_taps(call, call.x("input"), call.x("grid"), "cubic", word, align))
        return
    call.finish(
        "GridSampler",
        [call.x("input"), call.x("grid")],
        mode=mode,
        padding_mode=padding,
        align_corners=align,
    )


@torch_op("torchvision.roi_align")
def roi_align(call: Call) -> None:
    call.finish(
        "RoiAlign",
        [call.x("input"), call.x("rois")],
        mode="Avg",
        output_height=int(call.get("pooled_height")),
        output_width=int(call.get("pooled_width")),
        sampling_ratio=max(0, int(call.get("sampling_ratio", 0))),
        spatial_scale=float(call.get("spatial_scale")),
        align_corners=bool(call.get("aligned", False)),
    )
