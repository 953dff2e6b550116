"""Convolutions in one, two and three dimensions. PyTorch writes all of them as aten.convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...emit import Tensor
from ..call import Call
from ..registry import torch_op


def _per_axis(call: Call, name: str, rank: int) -> list[int]:
    """An argument with one entry per axis; one entry counts for all."""
    values = [int(value) for value in call.get(name, [1])]
    return values * rank if len(values) == 1 else values


def _bias(call: Call) -> tuple[Any, bool]:
    """The operand, and whether it has to be added afterwards because it is computed."""
    if not call.has("bias"):
        return call.none, False
    value = call.const("bias")
    if value is None:
        return call.none, True
    return (call.derived("bias", value.reshape(-1), "") if np.any(value) else call.none), False


@torch_op("aten.convolution", "aten._convolution")
def convolution(call: Call) -> None:
    shape, filters = call.shape("input"), call.shape("weight")
    rank = len(filters) - 2
    if rank not in (1, 2, 3):
        call.refuse(f"a filter of the shape {list(filters)} is no 1-D to 3-D convolution")
    source = call.x("input")
    if len(shape) == rank + 1:  # one image without a batch
        source = call.reshape(source, [1, *shape], "batch")
    padding = _per_axis(call, "padding", rank)
    attributes: dict[str, Any] = {
        "kernel_shape": list(filters[2:]),
        "strides": _per_axis(call, "stride", rank),
        "pads": padding * 2,
        "group": int(call.get("groups", 1)),
        "dilations": _per_axis(call, "dilation", rank),
    }
    if call.get("transposed"):
        attributes["output_padding"] = _per_axis(call, "output_padding", rank)
        kind, weight = "Deconv", _transposed_filter(call)
    else:
        attributes.update({"auto_pad": "NOTSET", "weight_is_coeff": int(call.const("weight") is not None)})
        kind, weight = "Conv", call.x("weight")
    bias, late = _bias(call)
    if not late and len(shape) == rank + 2:
        call.finish(kind, [source, weight, bias], **attributes)
        return
    out = call.out_shape() if len(shape) == rank + 2 else (1, *call.out_shape())
    made = call.step("nobias" if late else "image", kind, [source, weight, bias], out, **attributes)
    if late:
        addend = call.reshape(call.x("bias"), [1, out[1]] + [1] * rank, "bias")
        made = call.step("shifted", "Add", [[made, addend]], out)
    call.bind(made)


def _transposed_filter(call: Call) -> Tensor:
    """The filter as Top stores it, [outputs / group, inputs, ...]: the first two dimensions swapped."""
    value = call.const("weight")
    if value is not None:
        return call.derived("weight", value.swapaxes(0, 1), "transposed")
    return call.permute(call.x("weight"), [1, 0, *range(2, len(call.shape("weight")))], "filter")


@torch_op("torchvision.deform_conv2d")
def deform_conv2d(call: Call) -> None:
    value = call.const("weight")
    if value is None:
        call.refuse("its filter is not constant")
    strides, pads = [[int(call.get(f"{name}_{axis}", 1)) for axis in "hw"] for name in ("stride", "pad")]
    use_mask = bool(call.get("use_mask"))
    bias, late = _bias(call)
    if late:
        call.refuse("its bias is not constant")
    call.finish(
        "DeformConv2D",
        [call.x("input"), call.x("weight"), call.x("offset"), call.x("mask") if use_mask else call.none, bias],
        kernel_shape=list(value.shape[2:]),
        strides=strides,
        pads=pads * 2,
        group=int(call.get("groups", 1)),
        deform_group=int(call.get("offset_groups", 1)),
        use_mask=use_mask,
        dilations=[int(call.get(f"dilation_{axis}", 1)) for axis in "hw"],
    )
