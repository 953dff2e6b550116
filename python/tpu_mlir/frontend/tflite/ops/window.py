"""Windows of convolutions and pools: TFLite's two kinds of padding as explicit pads."""

from __future__ import annotations

from collections.abc import Sequence

from ..call import Call

SAME, VALID = 0, 1


def window(
    call: Call, sizes: Sequence[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> tuple[list[int], list[int]]:
    """The pads (all begins, then all ends) and the sizes of the result."""
    begins, ends, results = [], [], []
    padding = call.option("Padding", SAME)
    if padding not in (SAME, VALID):
        call.refuse(f"its padding {padding} is not known")
    for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        if min(width, stride, dilation) < 1:
            call.refuse(f"kernel {list(kernel)}, strides {list(strides)}, dilations {list(dilations)} are not positive")
        reach = (width - 1) * dilation + 1
        count = -(-size // stride) if padding == SAME else (size - reach) // stride + 1
        if count < 1:
            call.refuse(f"the kernel {list(kernel)} is larger than the input {list(sizes)}")
        total = max(0, (count - 1) * stride + reach - size) if padding == SAME else 0
        begins.append(total // 2)
        ends.append(total - total // 2)
        results.append(count)
    return begins + ends, results
