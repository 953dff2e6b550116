"""Resizing of pictures. Which positions are read is known: whole repetitions become Upsample, subsets Slice, bilinear
forms Interp, and everything else a product with a matrix."""

from __future__ import annotations

import numpy as np

from ...emit import Tensor
from ...resizing import axis_product, check_matrix, repetition
from ..call import NCHW, Call
from ..registry import ANY, tflite_op

MAX_SIZE = 1 << 20
"""Larger pictures are refused before positions are counted."""


def _target(call: Call) -> tuple[tuple[int, ...], list[int]]:
    shape, target = call.shape(0), call.ints(1, "its size")
    if len(shape) != 4 or len(target) != 2 or min(target) < 1 or max(*target, *shape) > MAX_SIZE:
        call.refuse(f"the size {target} is none for an input of shape {list(shape)}")
    return (shape[0], *target, shape[3]), target


def nearest_positions(size: int, target: int, align_corners: bool, half_pixel: bool) -> np.ndarray:
    """The input position of every output position, computed in f32 as LiteRT does."""
    one = np.float32(1)
    aligned = align_corners and target > 1
    scale = np.float32(size - 1) / np.float32(target - 1) if aligned else np.float32(size) / np.float32(target)
    places = (np.arange(target, dtype=np.float32) + (one / 2 if half_pixel else 0 * one)) * scale
    rounded = np.floor(places + one / 2) if align_corners else np.floor(places)
    return np.clip(rounded, 0, size - 1).astype(np.int64)


@tflite_op("RESIZE_NEAREST_NEIGHBOR", data=ANY)
def resize_nearest(call: Call) -> None:
    result, target = _target(call)
    align, half = bool(call.option("AlignCorners", False)), bool(call.option("HalfPixelCenters", False))
    sizes = call.shape(0)[1:3]
    positions = [nearest_positions(size, to, align, half) for size, to in zip(sizes, target, strict=True)]
    if all(np.array_equal(chosen, np.arange(size)) for chosen, size in zip(positions, sizes, strict=True)):
        call.alias(call.value(0))
        return
    source = call.x(0, NCHW)
    factors = [repetition(chosen, size) for chosen, size in zip(positions, sizes, strict=True)]
    if all(factors):
        call.finish("Upsample", [source], result, NCHW, scale_h=factors[0], scale_w=factors[1])
        return
    for axis, chosen in zip((2, 3), positions, strict=True):
        source = _chosen(call, source, axis, chosen)
    call.bind(source, result, NCHW)


def _chosen(call: Call, source: Tensor, axis: int, chosen: np.ndarray) -> Tensor:
    """The positions of one axis."""
    size = source.shape[axis]
    if np.array_equal(chosen, np.arange(size)):
        return source
    steps = np.diff(chosen)
    if steps.size == 0 or (steps[0] > 0 and np.all(steps == steps[0])):
        begins, ends, stride = [0] * source.rank, list(source.shape), [1] * source.rank
        begins[axis], ends[axis] = int(chosen[0]), int(chosen[-1]) + 1
        stride[axis] = int(steps[0]) if steps.size else 1
        shape = [len(chosen) if place == axis else n for place, n in enumerate(source.shape)]
        operands = [source, call.none, call.none, call.none]
        return call.step(f"subset{axis}", "Slice", operands, shape, offset=begins, ends=ends, steps=stride, axes=[])
    check_matrix(call, size, len(chosen))
    weights = np.zeros((len(chosen), size), np.float32)
    weights[np.arange(len(chosen)), chosen] = 1
    return axis_product(call, source, axis, weights)


@tflite_op("RESIZE_BILINEAR")
def resize_bilinear(call: Call) -> None:
    result, target = _target(call)
    sizes = call.shape(0)[1:3]
    if call.option("AlignCorners", False) and call.option("HalfPixelCenters", False):
        call.refuse("aligned corners and half pixels contradict each other")
    if tuple(target) == tuple(sizes):
        call.alias(call.value(0))
        return
    mode = "asymmetric"
    if call.option("AlignCorners", False):
        mode = "align_corners"
    elif call.option("HalfPixelCenters", False):
        mode = "half_pixel"
    scales = {"scale_h": target[0] / sizes[0], "scale_w": target[1] / sizes[1]}
    call.finish("Interp", [call.x(0, NCHW), call.none], result, NCHW, mode="linear", coord_mode=mode, **scales)


@tflite_op("DEPTH_TO_SPACE", data=ANY)
def depth_to_space(call: Call) -> None:
    shape, block = call.shape(0), int(call.option("BlockSize"))
    if len(shape) != 4 or block < 1 or shape[3] % (block * block):
        call.refuse(f"an input of shape {list(shape)} has no blocks of {block} x {block}")
    result = (shape[0], shape[1] * block, shape[2] * block, shape[3] // (block * block))
    _blocks(call, result, block, False)


@tflite_op("SPACE_TO_DEPTH", data=ANY)
def space_to_depth(call: Call) -> None:
    shape, block = call.shape(0), int(call.option("BlockSize"))
    if len(shape) != 4 or block < 1 or shape[1] % block or shape[2] % block:
        call.refuse(f"an input of shape {list(shape)} has no blocks of {block} x {block}")
    _blocks(call, (shape[0], shape[1] // block, shape[2] // block, shape[3] * block * block), block, True)


def _blocks(call: Call, result: tuple[int, ...], block: int, inversed: bool) -> None:
    attributes = {"block_h": block, "block_w": block, "is_CRD": False, "is_inversed": inversed}
    call.finish("Depth2Space", [call.x(0, NCHW)], result, NCHW, **attributes)
