"""Random small networks for hypothesis: chains, residuals, branches that are joined, several outputs, odd sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphs import KINDS, Graph, Shape, Step
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

LARGEST = 60_000
"""Elements of a value; more only makes the simulation longer."""
MOST_PRODUCTS = 6_000_000
"""Multiply-adds of a convolution."""

CHANNELS = st.sampled_from([8, 1, 3, 16, 17, 32, 33, 64, 65, 96, 130])
EXTENTS = st.one_of(st.integers(1, 12), st.integers(13, 40))
FUNCTIONS = ["Relu", "Sigmoid", "SiLU", "LeakyRelu", "HardSwish", "Tanh", "Clip", "HardSigmoid", "Elu", "Abs"]


def pick(draw: Draw, *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def window_of(draw: Draw, x: Shape, largest: int, largest_stride: int) -> dict[str, Any]:
    """Kernel, strides and pads that fit into a tensor."""
    kernel, strides, pads = [], [], []
    for extent in x[2:]:
        k = draw(st.integers(1, largest))
        before, after = draw(st.integers(0, k - 1)), draw(st.integers(0, k - 1))
        k = min(k, extent)
        pads.append((min(before, k - 1), min(after, k - 1)))
        kernel.append(k)
        strides.append(draw(st.integers(1, largest_stride)))
    (top, bottom), (left, right) = pads
    return {"kernel": tuple(kernel), "strides": tuple(strides), "pads": (top, left, bottom, right)}


def usual_window(draw: Draw, x: Shape) -> dict[str, Any]:
    """What most layers have: a square kernel that keeps the extents or halves them."""
    k = pick(draw, 3, 1, 5)
    if min(x[2:]) < k:
        k = 1
    stride = pick(draw, 1, 2)
    return {"kernel": (k, k), "strides": (stride, stride), "pads": (k // 2,) * 4}


def draw_conv(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    c = s[0][1]
    usual = draw(st.booleans())
    p = usual_window(draw, s[0]) if usual else window_of(draw, s[0], 5, 3)
    form = pick(draw, "dense", "dense", "depthwise", "grouped")
    groups = {"dense": 1, "depthwise": c, "grouped": 2 if c % 2 == 0 else 1}[form]
    channels = c if form == "depthwise" else draw(CHANNELS) * groups
    largest = [max(1, (n - 1) // max(1, k - 1)) for n, k in zip(s[0][2:], p["kernel"], strict=True)]
    dilation = 1 if usual else min(draw(st.integers(1, 2)), *largest)
    return {**p, "dilations": (dilation, dilation), "group": groups, "channels": channels, "bias": draw(st.booleans())}


def draw_deconv(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    k, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    pad = draw(st.integers(0, (k - 1) // 2))
    return {"kernel": (k, k), "strides": (stride, stride), "pads": (pad,) * 4, "channels": draw(CHANNELS)}


def draw_pool(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    p = usual_window(draw, s[0]) if draw(st.booleans()) else window_of(draw, s[0], 4, 3)
    if draw(st.integers(0, 4)) == 4:
        p = {"kernel": s[0][2:], "strides": (1, 1), "pads": (0, 0, 0, 0)}
    return {**p, "average": draw(st.booleans()), "include": int(draw(st.booleans()))}


def draw_slice(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    axis = draw(st.integers(1, 3))
    start = draw(st.integers(0, s[0][axis] - 1))
    end = draw(st.integers(start + 1, s[0][axis]))
    return {"axis": axis, "start": start, "end": end, "step": pick(draw, 1, 1, 2)}


def draw_pad(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    mode = pick(draw, "constant", "constant", "reflect", "edge")
    limit = [0, 2 if mode == "constant" else 0, *(min(3, n - 1) if mode == "reflect" else 3 for n in s[0][2:])]
    return {"pads": tuple(draw(st.integers(0, limit[i % 4])) for i in range(8)), "mode": mode}


def draw_reshape(draw: Draw, s: list[Shape]) -> dict[str, Any]:
    n, c, h, w = s[0]
    targets = [(n, c, h * w, 1), (n, c * h, w, 1), (n, 1, c, h * w), (n, c * h * w, 1, 1), (1, n * c, h, w)]
    if c % 2 == 0:
        targets.append((n, c // 2, 2 * h, w))
    return {"to": draw(st.sampled_from(targets))}


DRAWN: dict[str, Callable[[Draw, list[Shape]], dict[str, Any]]] = {
    "conv": draw_conv,
    "deconv": draw_deconv,
    "pool": draw_pool,
    "function": lambda draw, s: {"function": draw(st.sampled_from(FUNCTIONS))},
    "binary": lambda draw, s: {"function": pick(draw, "Add", "Mul", "Sub", "Max", "Min")},
    "constant": lambda draw, s: {"function": pick(draw, "Add", "Mul", "Max"), "per_channel": draw(st.booleans())},
    "norm": lambda draw, s: {},
    "prelu": lambda draw, s: {},
    "concat": lambda draw, s: {"axis": pick(draw, 1, 1, 2, 3)},
    "resize": lambda draw, s: {"scales": pick(draw, (2, 2), (3, 1), (1, 2)), "mode": pick(draw, "nearest", "linear")},
    "slice": draw_slice,
    "pad": draw_pad,
    "transpose": lambda draw, s: {"perm": (0, *draw(st.permutations((1, 2, 3))))},
    "reshape": draw_reshape,
    "mean": lambda draw, s: {"axes": pick(draw, (2, 3), (1,), (3,))},
    "softmax": lambda draw, s: {"axis": pick(draw, 1, 3)},
    "layer_norm": lambda draw, s: {},
    "matmul": lambda draw, s: {"columns": draw(CHANNELS)},
    "depth_to_space": lambda draw, s: {},
    "space_to_depth": lambda draw, s: {},
}

SPATIAL = ["conv"] * 8 + ["function"] * 4 + ["binary"] * 5 + ["pool"] * 3 + ["concat"] * 4 + ["resize"] * 2
SPATIAL += ["constant", "norm", "prelu", "deconv"]
EVERY = SPATIAL + ["slice", "slice", "pad", "pad", "depth_to_space", "space_to_depth"]
EVERY += ["transpose", "reshape", "mean", "softmax", "layer_norm", "matmul"]


def operands_of(draw: Draw, kind: str, shapes: list[Shape]) -> tuple[int, ...]:
    """Values that such an op may read; mostly what was made last, so that chains get long."""
    back = min(draw(st.sampled_from([1, 1, 1, 2, 3, 5])), len(shapes))
    first = len(shapes) - back
    if kind not in ("binary", "concat"):
        return (first,)
    x = shapes[first]
    partners = [i for i, shape in enumerate(shapes) if shape[:2] == x[:2] and shape[2:] in (x[2:], (1, 1))]
    if kind == "concat":
        partners = [i for i, shape in enumerate(shapes) if shape == x or (shape[0] == x[0] and shape[2:] == x[2:])]
    more = draw(st.lists(st.sampled_from(partners), min_size=1, max_size=1 if kind == "binary" else 2))
    return (first, *more) if draw(st.booleans()) else (*more, first)


def allowed(kind: str, s: list[Shape], params: dict[str, Any]) -> Shape | None:
    """Shape of the result; None where the step is impossible or too large."""
    if kind == "concat" and len({tuple(n for i, n in enumerate(x) if i != params["axis"]) for x in s}) > 1:
        return None
    if kind == "depth_to_space" and s[0][1] % 4:
        return None
    if kind == "space_to_depth" and (s[0][2] % 2 or s[0][3] % 2):
        return None
    if kind == "resize" and params["mode"] == "linear" and min(s[0][2:]) < 2:
        return None
    shape = KINDS[kind].shape(s, params)
    products = 0
    if kind in ("conv", "deconv"):
        products = math.prod(shape) * s[0][1] // params.get("group", 1) * math.prod(params["kernel"])
    return shape if min(shape) >= 1 and math.prod(shape) <= LARGEST and products <= MOST_PRODUCTS else None


@st.composite
def graphs(draw: Draw, kinds: list[str] = EVERY, most_steps: int = 9) -> Graph:
    """A network of a few steps."""
    shape = (draw(st.sampled_from([1, 1, 1, 2, 3])), draw(CHANNELS), draw(EXTENTS), draw(EXTENTS))
    inputs = (shape,) * draw(st.sampled_from([1, 1, 1, 2]))
    shapes, steps = list(inputs), []
    for _ in range(draw(st.integers(1, most_steps))):
        kind = draw(st.sampled_from(kinds))
        operands = operands_of(draw, kind, shapes)
        s = [shapes[i] for i in operands]
        params = DRAWN[kind](draw, s)
        result = allowed(kind, s, params)
        if result is None:
            continue
        shapes.append(result)
        steps.append(Step(kind, operands, params))
    if not steps:
        shapes.append(shapes[0])
        steps.append(Step("function", (0,), {"function": "Relu"}))
    made = list(range(len(inputs), len(shapes)))
    # Inputs that nobody reads would not be part of the network.
    for i in set(range(len(inputs))) - {i for step in steps for i in step.operands}:
        steps.append(Step("function", (i,), {"function": "Relu"}))
    return Graph(inputs, tuple(steps), tuple(draw(st.lists(st.sampled_from(made), max_size=2, unique=True))))
