"""Networks that were compiled wrongly once, as hypothesis left them; they are compiled in every mode."""

from __future__ import annotations

from graphs import Graph, Step


def conv(x: int, channels: int, size: int = 1, group: int = 1, stride: int = 1, bias: bool = False) -> Step:
    params = {"kernel": (size, size), "strides": (stride, stride), "pads": (size // 2,) * 4, "dilations": (1, 1)}
    return Step("conv", (x,), {**params, "group": group, "channels": channels, "bias": bias})


def function(x: int, name: str) -> Step:
    return Step("function", (x,), {"function": name})


DOUBLED = {"scales": (2, 2), "mode": "nearest"}

EXAMPLES = {
    "sums of f32 cut where memory allows": Graph(
        ((1, 8, 3, 6),), (conv(0, 32, 3), function(1, "Sigmoid"), conv(2, 8, 3))
    ),
    "output that another group keeps in local memory": Graph(
        ((1, 8, 13, 13),),
        (
            Step("resize", (0,), DOUBLED),
            conv(1, 8),
            conv(2, 8, group=8),
            Step("norm", (3,)),
            Step("resize", (3,), DOUBLED),
        ),
    ),
}
