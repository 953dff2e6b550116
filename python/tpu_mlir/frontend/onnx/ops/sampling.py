"""Reading images at computed positions, and putting windows back into images."""

from __future__ import annotations

import math

import numpy as np

from ...compose import Formula
from ...grid_sampling import LARGEST_INDEX, sampled_by_taps
from ..call import Call
from ..registry import ANY, OWN, onnx_op
from .window import spatial

_MODES = {"linear": "linear", "bilinear": "linear", "nearest": "nearest", "cubic": "cubic", "bicubic": "cubic"}
_PADDINGS = ("zeros", "border", "reflection")


@onnx_op("GridSample", since=16)
def grid_sample(call: Call) -> None:
    """Linear and nearest reads of images are an op of their own; the rest is gathered tap by tap."""
    given, padding = call.attr("mode", "linear"), call.attr("padding_mode", "zeros")
    align = bool(call.attr("align_corners", 0))
    rank = len(call.shape(0)) - 2
    if given not in _MODES or padding not in _PADDINGS or rank not in (1, 2, 3):
        call.refuse(f"mode '{given}' with padding '{padding}' in {rank} spatial dimensions is not known")
    mode = _MODES[given]
    # a nearest read at the middle between two pixels is reflected before it is rounded in GridSampler
    if rank == 2 and (mode == "linear" or (mode == "nearest" and padding != "reflection")):
        attributes = {"mode": int(mode == "nearest"), "padding_mode": _PADDINGS.index(padding), "align_corners": align}
        call.finish("GridSampler", [call.x(0), call.x(1)], **attributes)
        return
    call.bind(sampled_by_taps(call, call.x(0), call.x(1), mode, padding, align))


def _window(call: Call, rank: int) -> tuple[list[int], list[int]]:
    strides = spatial(call, "strides", rank, 1)
    pads = [int(value) for value in call.attr("pads") or [0] * (2 * rank)]
    if len(pads) != 2 * rank or any(value < 0 for value in pads):
        call.refuse(f"its attribute pads = {pads} does not fit {rank} spatial dimensions")
    return strides, pads


@onnx_op("MaxUnpool", since=9, data=OWN)
def max_unpool(call: Call) -> None:
    """Indices count the elements of the unpadded result; a larger output_shape adds zeros behind it."""
    f, shape = Formula(call), call.shape(0)
    rank = len(shape) - 2
    kernel = spatial(call, "kernel_shape", rank, 1)
    strides, pads = _window(call, rank)
    target = list(shape[:2])
    for axis in range(rank):
        target.append((shape[axis + 2] - 1) * strides[axis] - pads[axis] - pads[rank + axis] + kernel[axis])
    total = math.prod(target)
    if not 1 <= total <= LARGEST_INDEX:
        call.refuse(f"its result would have the shape {target}, whose elements f32 cannot count")
    count = [math.prod(shape)]
    operands = [f.weight("zero", np.zeros(total)), f.reshape(call.x(1), count), f.reshape(call.x(0), count)]
    flat = call.step("scattered", "ScatterElements", operands, [total], axis=0, reduction=0)
    result, wanted = f.reshape(flat, target), target
    if call.has(2):
        wanted = call.ints(2, "its output shape")
        if len(wanted) != len(target) or any(new < old for new, old in zip(wanted, target, strict=True)):
            call.refuse(f"its output shape {wanted} is smaller than {target}")
    more = [new - old for new, old in zip(wanted, target, strict=True)]
    call.bind(f.pad(result, [0] * len(target), more))


@onnx_op("Col2Im", since=18)
def columns_to_image(call: Call) -> None:
    """Overlapping blocks are summed: a transposed convolution whose filter puts each row at its place of the block."""
    f, shape = Formula(call), call.shape(0)
    image, block = call.ints(1, "the image's shape"), call.ints(2, "the block's shape")
    rank = len(image)
    if rank not in (1, 2, 3) or len(block) != rank:
        call.refuse(f"blocks {block} in an image {image} are not 1-D to 3-D")
    strides, pads = _window(call, rank)
    dilations = spatial(call, "dilations", rank, 1)
    size = math.prod(block)
    channels = shape[1] // size
    counts, rest = [], []
    for axis in range(rank):
        free = image[axis] + pads[axis] + pads[rank + axis] - dilations[axis] * (block[axis] - 1) - 1
        counts.append(free // strides[axis] + 1)
        rest.append(free % strides[axis])
    if any(count < 1 for count in counts) or math.prod(counts) != shape[2] or channels * size != shape[1]:
        call.refuse(f"blocks {block} of an image {image} do not give columns of shape {list(shape)}")
    columns = f.reshape(call.x(0), [shape[0], shape[1], *counts])
    places = np.eye(size).reshape([1, size, *block])
    attributes = {
        "kernel_shape": block,
        "strides": strides,
        "pads": pads,
        "group": channels,
        "dilations": dilations,
        "output_padding": rest,
    }
    operands = [columns, f.weight("places", np.tile(places, [1, channels] + [1] * rank)), call.none]
    call.bind(call.step("image", "Deconv", operands, [shape[0], channels, *image], **attributes))


@onnx_op("RoiAlign", since=10, data=OWN)
def roi_align(call: Call) -> None:
    """Regions with the number of their image in front are one tensor in the module."""
    f, mode = Formula(call), call.attr("mode", "avg")
    words = {"avg": "Avg", "max": "Max"}
    half = call.attr("coordinate_transformation_mode", "half_pixel" if call.node.opset >= 16 else "output_half_pixel")
    if mode not in words or half not in ("half_pixel", "output_half_pixel"):
        call.refuse(f"mode '{mode}' with coordinates '{half}' is not known")
    regions = f.join([f.reshape(call.x(2), [call.shape(1)[0], 1]), call.x(1)], 1)
    call.finish(
        "RoiAlign",
        [call.x(0), regions],
        mode=words[mode],
        output_height=int(call.attr("output_height", 1)),
        output_width=int(call.attr("output_width", 1)),
        sampling_ratio=int(call.attr("sampling_ratio", 0)),
        spatial_scale=float(call.attr("spatial_scale", 1.0)),
        align_corners=half == "half_pixel",
    )


@onnx_op("MaxRoiPool", data=ANY)
def max_roi_pool(call: Call) -> None:
    height, width = (int(value) for value in call.attr("pooled_shape"))
    scale = float(call.attr("spatial_scale", 1.0))
    operands = [[call.x(0), call.x(1)]]
    call.finish("ROIPooling", operands, pooled_h=height, pooled_w=width, spatial_scale=scale)


@onnx_op("DeformConv", since=19)
def deform_conv(call: Call) -> None:
    rank = len(call.shape(0)) - 2
    if rank != 2:
        call.refuse(f"a deformable convolution in {rank} spatial dimensions has no Top op")
    kernel = spatial(call, "kernel_shape", rank, 1) if call.attr("kernel_shape") else list(call.shape(1)[2:])
    strides, pads = _window(call, rank)
    operands = [call.x(0), call.x(1), call.x(2)]
    operands += [call.x(index) if call.has(index) else call.none for index in (4, 3)]
    call.finish(
        "DeformConv2D",
        operands,
        kernel_shape=kernel,
        strides=strides,
        pads=pads,
        group=int(call.attr("group", 1)),
        deform_group=int(call.attr("offset_group", 1)),
        use_mask=call.has(4),
        dilations=spatial(call, "dilations", rank, 1),
    )
