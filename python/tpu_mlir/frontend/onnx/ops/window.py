"""Arithmetic of sliding windows shared by convolutions and pools; no ops are emitted here."""

from __future__ import annotations

from collections.abc import Sequence

from ..call import Call


def spatial(call: Call, name: str, rank: int, default: int) -> list[int]:
    """A per-axis attribute; refuses a wrong number of entries or one below 1."""
    values = [int(value) for value in call.attr(name) or [default] * rank]
    if len(values) != rank or any(value < 1 for value in values):
        call.refuse(f"its attribute {name} = {values} does not fit {rank} spatial dimensions")
    return values


def explicit_pads(
    call: Call, sizes: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> list[int]:
    """The pads [begins..., ends...] that ``pads`` or ``auto_pad`` ask for."""
    rank = len(sizes)
    mode = call.attr("auto_pad", "NOTSET") or "NOTSET"
    if mode == "NOTSET":
        pads = [int(value) for value in call.attr("pads") or [0] * (2 * rank)]
        if len(pads) != 2 * rank or any(value < 0 for value in pads):
            call.refuse(f"its attribute pads = {pads} does not fit {rank} spatial dimensions")
        return pads
    if mode == "VALID":
        return [0] * (2 * rank)
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        call.refuse(f"its attribute auto_pad = '{mode}' is not known")
    begins, ends = [], []
    for size, window, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        output = -(-size // stride)
        total = max((output - 1) * stride + (window - 1) * dilation + 1 - size, 0)
        small, large = total // 2, total - total // 2
        begins.append(small if mode == "SAME_UPPER" else large)
        ends.append(large if mode == "SAME_UPPER" else small)
    return begins + ends
