"""Pools. Pads never win a maximum and are not counted in an average."""

from __future__ import annotations

from typing import Any

from ..call import Call, channels_first
from ..registry import ANY, FLOAT, tflite_op
from .window import window


def _window(call: Call) -> tuple[dict[str, Any], tuple[int, ...]]:
    """The attributes of the pool and the result's shape."""
    shape = call.shape(0)
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    kernel = [int(call.option("FilterHeight")), int(call.option("FilterWidth"))]
    strides = [int(call.option("StrideH")), int(call.option("StrideW"))]
    pads, sizes = window(call, shape[1:3], kernel, strides, [1, 1])
    attributes = {"kernel_shape": kernel, "strides": strides, "pads": pads, "ceil_mode": False, "auto_pad": "NOTSET"}
    return attributes, (shape[0], *sizes, shape[3])


@tflite_op("MAX_POOL_2D", data=ANY)
def max_pool(call: Call) -> None:
    attributes, shape = _window(call)
    order = channels_first(4)
    call.activated("MaxPool", [call.x(0, order)], shape, order, **attributes)


@tflite_op("AVERAGE_POOL_2D", data=FLOAT)
def average_pool(call: Call) -> None:
    attributes, shape = _window(call)
    order = channels_first(4)
    call.activated("AvgPool", [call.x(0, order)], shape, order, count_include_pad=False, **attributes)


@tflite_op("L2_POOL_2D", data=FLOAT)
def l2_pool(call: Call) -> None:
    attributes, shape = _window(call)
    order = channels_first(4)
    source = call.x(0, order)
    squares = call.step("squares", "Mul", [[source, source]], source.shape)
    stored = [shape[axis] for axis in order]
    mean = call.step("mean", "AvgPool", [squares], stored, count_include_pad=False, **attributes)
    call.activated("Sqrt", [mean], shape, order)


@tflite_op("LOCAL_RESPONSE_NORMALIZATION")
def local_response_normalization(call: Call) -> None:
    """x / (bias + alpha * s)^beta, s the sum of the squares of up to ``Radius`` channels on either side and its own."""
    shape = call.shape(0)
    if len(shape) != 4:
        call.refuse(f"an input of {len(shape)} dimensions is no image")
    radius = int(call.option("Radius"))
    if radius < 0:
        call.refuse(f"its radius {radius} is negative")
    # more channels than there are on both sides change nothing, but the sum is divided by their number
    size = 2 * min(radius, shape[3]) + 1
    attributes = {
        "size": size,
        "alpha": float(call.option("Alpha")) * size,
        "beta": float(call.option("Beta")),
        "bias": float(call.option("Bias")),
    }
    order = channels_first(4)
    call.finish("LRN", [call.x(0, order)], shape, order, **attributes)
