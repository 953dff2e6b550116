"""Layers that change the size of pictures."""

from __future__ import annotations

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
    """Repeats pixels; the variant that puts values where a pool found its maxima needs an op that is missing."""
    given = call.parameters("upsample_param")
    if call.count == 2:
        call.refuse("it needs the mask of a pool (unpooling), which has no Top op; cut the network before it")
    call.only(1)
    shape = _picture(call)
    scales = [int(given.scale_h or given.scale or 2), int(given.scale_w or given.scale or 2)]
    if given.pad_out_h or given.pad_out_w or given.upsample_h or given.upsample_w:
        call.refuse("sizes other than a whole multiple of the input's are not supported")
    result = [*shape[:2], shape[2] * scales[0], shape[3] * scales[1]]
    call.finish("Upsample", [call.x()], result, scale_h=scales[0], scale_w=scales[1])
