"""Fake quantization: float values rounded to the 8-bit values of a range, with the compiler's rules for ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .graph import Layer

Range = tuple[float, float]


@dataclass(frozen=True)
class Steps:
    """value = (q - zero_point) * scale, q within [low, high]."""

    scale: float
    zero_point: int
    low: int
    high: int


def steps_of(limits: Range, asymmetric: bool) -> Steps:
    """The quantization of a range, as the lowering chooses it: u8 without negative values, else i8."""
    low, high = min(limits[0], 0.0), max(limits[1], 0.0)
    if low == 0:
        return Steps(high / 255 if high > 0 else 1.0, 0, 0, 255)
    if not asymmetric:
        return Steps(max(-low, high) / 127, 0, -128, 127)
    scale = (high - low) / 255
    return Steps(scale, round(-low / scale) - 128, -128, 127)


def fake_quantize(values: np.ndarray, limits: Range, asymmetric: bool) -> np.ndarray:
    """The values as 8 bits of the range hold them; float32."""
    steps = steps_of(limits, asymmetric)
    scaled = np.multiply(values, np.float32(1 / steps.scale), dtype=np.float32)
    np.rint(scaled, out=scaled)
    np.clip(scaled, steps.low - steps.zero_point, steps.high - steps.zero_point, out=scaled)
    scaled *= np.float32(steps.scale)
    return scaled


def fake_weight(layer: Layer, weight: np.ndarray) -> np.ndarray:
    """A filter or matrix as symmetric 8 bits per output channel hold it."""
    axes = _reduced_axes(layer, weight.ndim)
    largest = np.abs(weight).max(axis=axes, keepdims=True) if weight.size else np.ones(1, np.float32)
    scale = np.where(largest > 0, largest / np.float32(127), np.float32(1)).astype(np.float32)
    return np.clip(np.rint(weight / scale), -128, 127).astype(np.float32) * scale


def _reduced_axes(layer: Layer, rank: int) -> tuple[int, ...]:
    """The axes that share a scale: all but that of the output channels."""
    if layer.kind in ("Conv", "Deconv"):
        return tuple(range(1, rank))
    transposed = bool(layer.attributes.get("right_transpose", False))
    channel = rank - 2 if transposed and rank > 1 else rank - 1
    return tuple(axis for axis in range(rank) if axis != channel)
