"""Operators that vanish: they hand their input on."""

from __future__ import annotations

import numpy as np

from ..call import Call
from ..registry import ANY, onnx_op


@onnx_op("Identity", data=ANY)
def identity(call: Call) -> None:
    call.bind(call.x(0))


@onnx_op("Dropout", since=7)
def dropout(call: Call) -> None:
    call.only_first_output()
    call.bind(call.x(0))


@onnx_op("Dropout", since=12)
def dropout_with_mode(call: Call) -> None:
    call.only_first_output()
    if call.has(2) and bool(np.any(call.need_const(2, "the training mode"))):
        ratio = call.need_const(1, "the ratio") if call.has(1) else np.array(0.5)
        if float(ratio.reshape(-1)[0]) != 0:
            call.refuse("it is in training mode; export the model in evaluation mode")
    call.bind(call.x(0))
