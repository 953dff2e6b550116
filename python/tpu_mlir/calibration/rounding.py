"""Adaptive rounding of weights to 8 bits: up or down is chosen such that the errors of the weights that are summed up
cancel on the inputs that there are, not such that each is least.

For an output Σ_k w_k·x_k the expected squared error is dᵀ·H·d with d the weights' errors and H = E[x·xᵀ]. Weights are
rounded one after the other, and the error of each is made good by those that are still free (the steps of Gauss'
elimination with H; known as optimal brain quantization, or GPTQ).
"""

from __future__ import annotations

import numpy as np

from ..search.graph import Layer

BLOCK = 64
"""Weights after which the change of all later ones is applied at once, as a matrix product."""

DAMPING = 0.01
"""Share of the mean of H's diagonal that is added to it, so that it can be inverted."""

LEAST_POSITIONS = 4096

STEP_PARTS = np.linspace(1, 0.8, 41)
"""Steps that are tried, as parts of the one that clips nothing."""


def patches(layer: Layer, values: np.ndarray, groups: int, count: int, random: np.random.Generator) -> np.ndarray:
    """What the filters of a convolution (or the columns of a right matrix) are multiplied with, at ``count`` random
    places: [groups, places, k], in the order of the weights."""
    if layer.kind == "MatMul":
        rows = values.reshape(-1, values.shape[-1])
        return rows[_some(len(rows), count, random)][np.newaxis].astype(np.float32)
    kernel, strides = _pair(layer, "kernel_shape", 1), _pair(layer, "strides", 1)
    dilations = _pair(layer, "dilations", 1)
    pads = [int(pad) for pad in layer.attributes.get("pads") or (0, 0, 0, 0)]
    padded = np.pad(values, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    extent = [(size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, extent, axis=(2, 3))
    windows = windows[:, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]]
    batch, channels, height, width = windows.shape[:4]
    chosen = _some(batch * height * width, count, random)
    n, rest = np.divmod(chosen, height * width)
    taken = windows[n, :, rest // width, rest % width]
    grouped = taken.reshape(len(chosen), groups, -1)
    return np.ascontiguousarray(grouped.transpose(1, 0, 2), dtype=np.float32)


def _pair(layer: Layer, name: str, default: int) -> tuple[int, int]:
    found = layer.attributes.get(name) or (default, default)
    return int(found[0]), int(found[1])


def _some(total: int, count: int, random: np.random.Generator) -> np.ndarray:
    return np.arange(total) if total <= count else np.sort(random.choice(total, count, replace=False))


def scales_of(weights: np.ndarray) -> np.ndarray:
    """The step of each output channel, [groups, outputs], of weights [groups, outputs, k]: the largest weight over 127,
    or less where clipping it leaves a smaller squared error."""
    largest = np.abs(weights).max(axis=2)
    full = np.where(largest > 0, largest / 127, 1.0)
    best, least = full, np.full(full.shape, np.inf)
    for part in STEP_PARTS:
        scale = full * part
        steps = np.clip(np.rint(weights / scale[:, :, None]), -127, 127)
        error = np.square(steps * scale[:, :, None] - weights).sum(axis=2)
        best, least = np.where(error < least, scale, best), np.minimum(error, least)
    return best


def round_weights(weights: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """The weights on the grid of their scales, [groups, outputs, k], double.

    moments: H of each group, [groups, k, k]. The largest weight of each output is put at ±127 steps, so that the
    lowering, which finds no error with this scale, takes it again.
    """
    scale = scales_of(weights)
    size = weights.shape[2]
    diagonal = np.einsum("gkk->gk", moments)
    mean = diagonal.mean(axis=1)
    damped = moments + (DAMPING * np.where(mean > 0, mean, 1.0))[:, None, None] * np.eye(size)
    # Row k of the upper factor of H⁻¹ says how the weights behind k make its error good.
    factor = np.linalg.cholesky(np.linalg.inv(damped)).transpose(0, 2, 1)
    left = weights.astype(np.float64).copy()
    pinned = np.abs(weights).argmax(axis=2)
    result = np.empty_like(left)
    for start in range(0, size, BLOCK):
        end = min(start + BLOCK, size)
        errors = np.empty((*left.shape[:2], end - start))
        for k in range(start, end):
            steps = np.clip(np.rint(left[:, :, k] / scale), -127, 127)
            steps = np.where(pinned == k, np.sign(weights[:, :, k]) * 127, steps)
            result[:, :, k] = steps * scale
            error = (left[:, :, k] - result[:, :, k]) / factor[:, None, k, k]
            left[:, :, k + 1 : end] -= error[:, :, None] * factor[:, None, k, k + 1 : end]
            errors[:, :, k - start] = error
        left[:, :, end:] -= errors @ factor[:, start:end, end:]
    # With few weights chance may favour the nearest steps.
    nearest = np.clip(np.rint(weights / scale[:, :, None]), -127, 127) * scale[:, :, None]
    np.put_along_axis(nearest, pinned[:, :, None], np.take_along_axis(result, pinned[:, :, None], axis=2), axis=2)
    worse = _error(nearest - weights, moments) < _error(result - weights, moments)
    return np.where(worse[:, :, None], nearest, result)


def _error(difference: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """dᵀ·H·d of each output."""
    found: np.ndarray = ((difference @ moments) * difference).sum(axis=2)
    return found
