"""Layers that change the size of pictures."""

from __future__ import annotations

import math

import numpy as np

from ..call import Call
from ..registry import caffe_layer


def _picture(call: Call) -> tuple[int, ...]:
    shape = call.shape()
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    return shape


@caffe_layer("Interp")
def interp(call: Call) -> None:
    """Linear interpolation whose corners are those of the input. Negative pads cut the input first."""
    given = call.parameters("interp_param")
    shape = _picture(call)
    if given.pad_beg > 0 or given.pad_end > 0:
        call.refuse(f"its pads {given.pad_beg} and {given.pad_end} are positive; they only cut the input")
    sizes = [size + given.pad_beg + given.pad_end for size in shape[2:]]
    if any(size < 1 for size in sizes):
        call.refuse(f"its pads leave nothing of the input {list(shape)}")
    target = _target(call, sizes)
    source = call.x()
    if sizes != list(shape[2:]):
        begin = -given.pad_beg
        ends = [shape[0], shape[1], begin + sizes[0], begin + sizes[1]]
        operands = [source, call.none, call.none, call.none]
        part = {"offset": [0, 0, begin, begin], "ends": ends, "steps": [1] * 4, "axes": []}
        source = call.step("part", "Slice", operands, [*shape[:2], *sizes], **part)
    if target == sizes:
        call.bind(source)
        return
    scales = [out / size for out, size in zip(target, sizes, strict=True)]
    attributes = {"mode": "linear", "coord_mode": "align_corners", "scale_h": scales[0], "scale_w": scales[1]}
    call.finish("Interp", [source, call.none], [*shape[:2], *target], **attributes)


def _target(call: Call, sizes: list[int]) -> list[int]:
    """Height and width of the result: stated, or those of a second input, or by whole factors."""
    given = call.parameters("interp_param")
    call.only(1, 2)
    if call.count == 2:
        return list(call.shape(1)[2:]) if len(call.shape(1)) == 4 else call.refuse("its second input is no image")
    if given.height and given.width:
        return [int(given.height), int(given.width)]
    if not given.zoom_factor and not given.shrink_factor:
        call.refuse("it has neither a size nor a factor")
    target = sizes
    if given.shrink_factor:
        target = [(size - 1) // given.shrink_factor + 1 for size in target]
    if given.zoom_factor:
        target = [size + (size - 1) * (given.zoom_factor - 1) for size in target]
    return [int(size) for size in target]


@caffe_layer("Upsample")
def upsample(call: Call) -> None:
    """Repeats pixels, or with the mask of a pool puts values back to where the pool found them."""
    given = call.parameters("upsample_param")
    call.only(1, 2)
    shape = _picture(call)
    scales = [int(given.scale_h or given.scale or 2), int(given.scale_w or given.scale or 2)]
    if call.count == 2:
        _unpool(call, scales)
        return
    if given.pad_out_h or given.pad_out_w or given.upsample_h or given.upsample_w:
        call.refuse("sizes other than a whole multiple of the input's need a mask")
    result = [*shape[:2], shape[2] * scales[0], shape[3] * scales[1]]
    call.finish("Upsample", [call.x()], result, scale_h=scales[0], scale_w=scales[1])


def _unpool(call: Call, scales: list[int]) -> None:
    """The mask counts in the planes of the result, whose sizes may be stated or one less than a multiple."""
    given, shape = call.parameters("upsample_param"), call.shape()
    if call.shape(1) != shape:
        call.refuse(f"its mask {list(call.shape(1))} does not have the shape {list(shape)} of the values")
    if bool(given.upsample_h) != bool(given.upsample_w):
        call.refuse("of upsample_h and upsample_w only one is stated")
    sizes = [shape[2] * scales[0] - given.pad_out_h, shape[3] * scales[1] - given.pad_out_w]
    if given.upsample_h:
        sizes = [int(given.upsample_h), int(given.upsample_w)]
    result, plane = [*shape[:2], *sizes], math.prod(sizes)
    if not 1 <= plane <= 1 << 24:
        call.refuse(f"planes of {sizes[0]} x {sizes[1]} positions are too large or empty")
    multiples = [size // part for size, part in zip(sizes, shape[2:], strict=True)]
    if all(size == part * count for size, part, count in zip(sizes, shape[2:], multiples, strict=True)):
        operands = [call.x(0), call.x(1)]
        call.finish("MaxUnpool", operands, result, scale_h=multiples[0], scale_w=multiples[1])
        return
    call.take(result)
    rows = [*shape[:2], shape[2] * shape[3]]
    values, mask = call.reshape(call.x(0), rows, "values"), call.reshape(call.x(1), rows, "places")
    zeros = call.weight("zeros", np.zeros([*shape[:2], plane], np.float32))
    flat = call.step("flat", "ScatterElements", [zeros, mask, values], zeros.shape, axis=2)
    call.finish("Reshape", [flat], result, shape=result)


@caffe_layer("Reorg")
def reorg(call: Call) -> None:
    """Blocks of pixels become channels, or with reverse the other way; the place in the block is the slower index."""
    given = call.parameters("reorg_param")
    call.only(1)
    shape, block = _picture(call), int(given.stride)
    if block < 1 or (shape[1] % block**2 if given.reverse else shape[2] % block or shape[3] % block):
        call.refuse(f"its stride {block} does not fit the input {list(shape)}")
    result = [shape[0], shape[1] * block**2, shape[2] // block, shape[3] // block]
    if given.reverse:
        result = [shape[0], shape[1] // block**2, shape[2] * block, shape[3] * block]
    attributes = {"block_h": block, "block_w": block, "is_CRD": False, "is_inversed": not given.reverse}
    call.finish("Depth2Space", [call.x()], result, **attributes)
