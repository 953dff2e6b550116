"""What the front ends mean by the Top ops beyond the core families; ``reference_builder`` imports it."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reference_builder import Attributes, register_all, top_op
from torch.nn import functional

sys.path.append(str(Path(__file__).resolve().parents[1] / "evaluation"))
from detection_models import roi_align, roi_pool  # noqa: E402

_COMPARISONS = {
    "Equal": torch.eq,
    "NotEqual": torch.ne,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
}

register_all(
    {
        "Tan": lambda x, a: torch.tan(x),
        "Sinh": lambda x, a: torch.sinh(x),
        "Cosh": lambda x, a: torch.cosh(x),
        "Arccos": lambda x, a: torch.acos(x),
        "Arctanh": lambda x, a: torch.atanh(x),
        "Pow": lambda x, a: torch.pow(x, a["exponent"]),
        "Pow2": lambda x, a: torch.pow(torch.tensor(a["const_val"], dtype=torch.float32), x),
        "Pow3": lambda xs, a: torch.pow(xs[0], xs[1]),
        "Mod": lambda xs, a: torch.fmod(xs[0], xs[1]),
        "Remainder": lambda xs, a: torch.remainder(xs[0], xs[1]),
        "DivConst": lambda x, a: torch.floor(a["const_val"] / x if a.get("is_reverse") else x / a["const_val"]),
        "CumSum": lambda x, d, a: torch.cumsum(x, a["axis"]),
        "Reverse": lambda x, a: torch.flip(x, [a["axis"]]),
        "LogicalAnd": lambda xs, a: ((xs[0] != 0) & (xs[1] != 0)).float(),
    }
)


def _checked(x: torch.Tensor, indices: torch.Tensor, axis: int) -> np.ndarray:
    size = x.shape[axis]
    assert bool(((indices >= -size) & (indices < size)).all()), "an index is out of range"
    return x.numpy()


@top_op("GatherElements")
def _gather_elements(x: torch.Tensor, i: torch.Tensor, a: Attributes) -> torch.Tensor:
    axis = a["axis"]
    used = tuple(slice(None) if at == axis else slice(0, size) for at, size in enumerate(i.shape))
    return torch.from_numpy(np.take_along_axis(_checked(x, i, axis)[used], i.numpy().astype(np.int64), axis))


@top_op("Compare")
def _compare(x: torch.Tensor, y: torch.Tensor, a: Attributes) -> torch.Tensor:
    return _COMPARISONS[a["mode"]](x, y).float()


@top_op("CompareConst")
def _compare_const(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    number = torch.tensor(a["const_val"], dtype=torch.float32)
    sides = (number, x) if a["inversed"] else (x, number)
    return _COMPARISONS[a["mode"]](*sides).float()


@top_op("Where")
def _where(c: torch.Tensor, x: Any, y: Any, a: Attributes) -> torch.Tensor:
    assert a.get("x_is_const", False) == (x is None) and a.get("y_is_const", False) == (y is None)
    left = torch.tensor(a["x_const_val"], dtype=torch.float32) if x is None else x
    right = torch.tensor(a["y_const_val"], dtype=torch.float32) if y is None else y
    return torch.where(c != 0, left, right)


@top_op("Gather")
def _gather(x: torch.Tensor, i: torch.Tensor, a: Attributes) -> torch.Tensor:
    axis = a.get("axis", 0)
    result = np.take(_checked(x, torch.stack([i.min(), i.max()]), axis), i.numpy().astype(np.int64), axis)
    if a.get("keepdims", True) is False:
        result = np.squeeze(result, axis)
    return torch.from_numpy(np.ascontiguousarray(result).reshape(result.shape or (1,)))


@top_op("GatherND")
def _gather_nd(x: torch.Tensor, i: torch.Tensor, a: Attributes) -> torch.Tensor:
    batch = a.get("batch_dims", 0)
    data, indices = x.numpy(), i.numpy().astype(np.int64)
    lead = data.shape[:batch]
    flat = data.reshape((math.prod(lead), *data.shape[batch:]))
    index = indices.reshape((math.prod(lead), *indices.shape[batch:]))
    parts = [item[tuple(np.moveaxis(where, -1, 0))] for item, where in zip(flat, index, strict=True)]
    result = np.stack(parts).reshape(lead + parts[0].shape)
    return torch.from_numpy(result.reshape(result.shape or (1,)))


_REDUCTIONS = (None, np.add, np.subtract, np.maximum, np.minimum, np.multiply)
"""By the number that the attribute reduction has."""


@top_op("ScatterElements")
def _scatter_elements(x: torch.Tensor, i: torch.Tensor, u: torch.Tensor, a: Attributes) -> torch.Tensor:
    result, indices = np.array(x.numpy()), i.numpy().astype(np.int64)
    axis, operation = a["axis"], _REDUCTIONS[a.get("reduction", 0)]
    where = list(np.indices(indices.shape))
    where[axis] = np.where(indices < 0, indices + result.shape[axis], indices)
    _scatter(result, tuple(where), u.numpy(), operation)
    return torch.from_numpy(result)


@top_op("ScatterND")
def _scatter_nd(x: torch.Tensor, i: torch.Tensor, u: torch.Tensor, a: Attributes) -> torch.Tensor:
    result, indices = np.array(x.numpy()), i.numpy().astype(np.int64)
    operation = _REDUCTIONS[a.get("reduction", 0)]
    updates = u.numpy().reshape(indices.shape[:-1] + result.shape[indices.shape[-1] :])
    for place in np.ndindex(*indices.shape[:-1]):
        _scatter(result, tuple(indices[place]), updates[place], operation)
    return torch.from_numpy(result)


def _scatter(target: np.ndarray, where: tuple[Any, ...], updates: np.ndarray, operation: Any) -> None:
    if operation is None:
        target[where] = updates
    else:
        operation.at(target, where, updates)


@top_op("Arg")
def _arg(x: torch.Tensor, a: Attributes) -> list[torch.Tensor]:
    data, axis = x.numpy(), a["axis"]
    pick = np.argmax if a["mode"] == "ArgMax" else np.argmin
    index = data.shape[axis] - 1 - pick(np.flip(data, axis), axis) if a["select_last_index"] else pick(data, axis)
    kept = np.expand_dims(index, axis)
    found = np.take_along_axis(data, kept, axis)
    if not a["keepdims"]:
        kept, found = np.squeeze(kept, axis), np.squeeze(found, axis)
    return [torch.from_numpy(item.astype(np.float32).reshape(item.shape or (1,))) for item in (kept, found)]


@top_op("TopK")
def _top_k(x: torch.Tensor, a: Attributes) -> list[torch.Tensor]:
    data, axis = x.numpy(), a["axis"]
    order = np.argsort(-data if a["largest"] else data, axis=axis, kind="stable")
    index = np.take(order, np.arange(a["K"]), axis)
    found = np.take_along_axis(data, index, axis)
    return [torch.from_numpy(found), torch.from_numpy(index.astype(np.float32))]


@top_op("Trilu")
def _trilu(x: torch.Tensor, a: Attributes) -> torch.Tensor:
    return (torch.triu if a["upper"] else torch.tril)(x, a["diagonal"])


@top_op("ConstantFill")
def _constant_fill(shape: torch.Tensor, a: Attributes) -> torch.Tensor:
    return torch.full([int(size) for size in shape], a["value"])


@top_op("Split")
def _split(x: torch.Tensor, a: Attributes) -> Sequence[torch.Tensor]:
    return [item.contiguous() for item in torch.split(x, list(a["split_size"]), a["axis"])]


@top_op("GroupNorm")
def _group_norm(x: torch.Tensor, w: Any, b: Any, a: Attributes) -> torch.Tensor:
    flat = [None if item is None else item.reshape(-1) for item in (w, b)]
    return functional.group_norm(x, a["num_groups"], flat[0], flat[1], a["eps"])


@top_op("InstanceNorm")
def _instance_norm(x: torch.Tensor, w: Any, b: Any, a: Attributes) -> torch.Tensor:
    flat = [None if item is None else item.reshape(-1) for item in (w, b)]
    return functional.instance_norm(x, weight=flat[0], bias=flat[1], eps=a["eps"])


@top_op("RMSNorm")
def _rms_norm(x: torch.Tensor, w: Any, a: Attributes) -> torch.Tensor:
    scaled = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + a["eps"])
    return scaled if w is None else scaled * w


@top_op("GridSampler")
def _grid_sampler(x: torch.Tensor, grid: torch.Tensor, a: Attributes) -> torch.Tensor:
    mode = ("bilinear", "nearest")[a["mode"]]
    padding = ("zeros", "border", "reflection")[a["padding_mode"]]
    return functional.grid_sample(x, grid, mode, padding, a["align_corners"])


def _directions(x: torch.Tensor, a: Attributes) -> tuple[torch.Tensor, list[bool]]:
    return (x.transpose(0, 1) if a["batch_first"] else x), ([False, True] if a["bidirectional"] else [False])


def _recurrent(
    x: torch.Tensor, initial: list[Any], a: Attributes, step: Callable[[int, torch.Tensor, list[torch.Tensor]], Any]
) -> list[torch.Tensor]:
    """Y and the last states; step(direction, x_t, states) -> states, the output first."""
    sequence, directions = _directions(x, a)
    steps, batch = sequence.shape[:2]
    outputs = torch.zeros(steps, len(directions), batch, a["hidden_size"])
    finals = []
    for place, reverse in enumerate(directions):
        states = []
        for item in initial:
            whole = torch.zeros(len(directions), batch, a["hidden_size"]) if item is None else item
            states.append(whole[:, place] if item is not None and a["batch_first"] else whole[place])
        for time in reversed(range(steps)) if reverse else range(steps):
            states = step(place, sequence[time], states)
            outputs[time, place] = states[0]
        finals.append(states)
    last = [torch.stack([states[index] for states in finals]) for index in range(len(initial))]
    if a["batch_first"]:
        return [outputs.permute(2, 0, 1, 3).contiguous(), *[item.transpose(0, 1).contiguous() for item in last]]
    return [outputs, *last]


@top_op("LSTM")
def _lstm(
    x: torch.Tensor, w: torch.Tensor, r: torch.Tensor, b: Any, h0: Any, c0: Any, cont: None, a: Attributes
) -> list[torch.Tensor]:
    size = a["hidden_size"]

    def step(place: int, row: torch.Tensor, states: list[torch.Tensor]) -> list[torch.Tensor]:
        total = row @ w[place].T + states[0] @ r[place].T
        if b is not None:
            total = total + b[place, : 4 * size] + b[place, 4 * size :]
        i, o, f, g = torch.split(total, size, 1)
        cell = torch.sigmoid(f) * states[1] + torch.sigmoid(i) * torch.tanh(g)
        return [torch.sigmoid(o) * torch.tanh(cell), cell]

    return _recurrent(x, [h0, c0], a, step)


@top_op("GRU")
def _gru(x: torch.Tensor, w: torch.Tensor, r: torch.Tensor, b: Any, h0: Any, a: Attributes) -> list[torch.Tensor]:
    size = a["hidden_size"]

    def step(place: int, row: torch.Tensor, states: list[torch.Tensor]) -> list[torch.Tensor]:
        biases = torch.zeros(6 * size) if b is None else b[place]
        outer, inner = biases[: 3 * size], biases[3 * size :]
        xz, xr, xn = torch.split(row @ w[place].T + outer, size, 1)
        hz, hr, hn = torch.split(states[0] @ r[place].T + inner, size, 1)
        update, reset = torch.sigmoid(xz + hz), torch.sigmoid(xr + hr)
        if a["linear_before_reset"]:
            new = torch.tanh(xn + reset * hn)
        else:
            new = torch.tanh(xn + (reset * states[0]) @ r[place][2 * size :].T + inner[2 * size :])
        return [(1 - update) * new + update * states[0]]

    return _recurrent(x, [h0], a, step)


@top_op("RoiAlign")
def _roi_align(x: torch.Tensor, rois: torch.Tensor, a: Attributes) -> torch.Tensor:
    size = (a["output_height"], a["output_width"])
    options = (a["sampling_ratio"], a["spatial_scale"], a["align_corners"], a["mode"] == "Max")
    return torch.from_numpy(roi_align(x.numpy(), rois.numpy(), size, *options).astype(np.float32))


@top_op("ROIPooling")
def _roi_pool(xs: Sequence[torch.Tensor], a: Attributes) -> torch.Tensor:
    pooled = roi_pool(xs[0].numpy(), xs[1].numpy(), (a["pooled_h"], a["pooled_w"]), a["spatial_scale"])
    return torch.from_numpy(pooled.astype(np.float32))


@top_op("DeformConv2D")
def _deform_conv(x: torch.Tensor, w: torch.Tensor, offset: torch.Tensor, m: Any, b: Any, a: Attributes) -> torch.Tensor:
    """Tap by tap, interpolated by grid_sample."""
    (batch, channels, height, width), (outputs, _, kh, kw) = x.shape, w.shape
    oh, ow = offset.shape[2:]
    groups, (pad_y, pad_x), kernel = a["deform_group"], a["pads"][:2], kh * kw
    moves = offset.reshape(batch, groups, kernel, 2, oh, ow)
    masks = torch.ones(batch, groups, kernel, oh, ow) if m is None else m.reshape(batch, groups, kernel, oh, ow)
    columns = torch.zeros(batch, channels, kernel, oh, ow)
    share = channels // groups
    for g, tap in itertools.product(range(groups), range(kernel)):
        rows = torch.arange(oh)[:, None] * a["strides"][0] - pad_y + tap // kw * a["dilations"][0] + moves[:, g, tap, 0]
        along = torch.arange(ow) * a["strides"][1] - pad_x + tap % kw * a["dilations"][1] + moves[:, g, tap, 1]
        grid = torch.stack([(along * 2 + 1) / width - 1, (rows * 2 + 1) / height - 1], -1)
        value = functional.grid_sample(x[:, g * share : (g + 1) * share], grid, align_corners=False)
        columns[:, g * share : (g + 1) * share, tap] = value * masks[:, g, tap][:, None]
    grouped = columns.reshape(batch, a["group"], -1, oh * ow)
    result = torch.einsum("goc,bgcp->bgop", w.reshape(a["group"], outputs // a["group"], -1), grouped)
    result = result.reshape(batch, outputs, oh, ow)
    return result if b is None else result + b.reshape(1, -1, 1, 1)
