"""Writes the networks in ``models``: one picture classifier in float, int8 per channel and uint8."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tflite_models import RELU, SAME, Network

FOLDER = Path(__file__).parent / "models"


class Writer:
    """The same layers in every number type. dtype: np.float32, np.int8 or np.uint8."""

    def __init__(self, dtype: Any) -> None:
        self.net, self.dtype = Network(), dtype
        self.scales: dict[int, float] = {}

    def _quantized(self, scale: float, zero: int) -> dict[str, Any]:
        if self.dtype == np.float32:
            return {}
        return {"scales": [scale], "zeros": [zero + 128 * (self.dtype == np.uint8)]}

    def input(self, shape: list[int], scale: float, zero: int) -> int:
        made = self.net.input("x", shape, self.dtype, **self._quantized(scale, zero))
        self.scales[made] = scale
        return made

    def layer(
        self, kind: str, inputs: list[int], name: str, shape: list[int], scale: float, zero: int, **options: Any
    ) -> int:
        quantized = self._quantized(scale, zero)
        made = self.net.op(kind, inputs, name, shape, self.dtype, **quantized, **options)
        self.scales[made] = scale
        return made

    def weights(self, name: str, source: int, shape: list[int], axis: int) -> list[int]:
        """A filter and its bias."""
        random = np.random.default_rng(len(name) + shape[axis])
        fan = np.prod(shape) / shape[axis]
        w = (random.standard_normal(shape) / np.sqrt(fan)).astype(np.float32)
        b = (random.standard_normal(shape[axis]) / 4).astype(np.float32)
        if self.dtype == np.float32:
            return [self.net.constant(name, w), self.net.constant(f"{name}_bias", b)]
        others = tuple(place for place in range(w.ndim) if place != axis)
        per_channel = self.dtype == np.int8
        scales = np.abs(w).max(axis=others if per_channel else None).reshape(-1) / 127
        factor = scales.reshape([-1 if place == axis and per_channel else 1 for place in range(w.ndim)])
        zero = 0 if per_channel else 128
        stored = (np.clip(np.rint(w / factor), -127, 127) + zero).astype(self.dtype)
        bias_scales = scales * self.scales[source]
        bias = np.rint(b / bias_scales).astype(np.int32)
        zeros = [zero] * scales.size
        first = self.net.constant(name, stored, scales=list(scales), zeros=zeros, axis=axis)
        return [first, self.net.constant(f"{name}_bias", bias, scales=list(bias_scales))]

    def build(self) -> bytes:
        x = self.input([1, 12, 12, 3], 0.0251, -5)
        half, stay = {"Padding": SAME, "StrideH": 2, "StrideW": 2}, {"Padding": SAME, "StrideH": 1, "StrideW": 1}
        c = self.layer("CONV_2D", [x, *self.weights("w", x, [8, 3, 3, 3], 0)], "conv", [1, 6, 6, 8], 0.0137, -128,
                       FusedActivationFunction=RELU, **half)  # fmt: skip
        d = self.layer("DEPTHWISE_CONV_2D", [c, *self.weights("v", c, [1, 3, 3, 8], 3)], "depthwise", [1, 6, 6, 8],
                       0.0211, 4, DepthMultiplier=1, **stay)  # fmt: skip
        a = self.layer("ADD", [c, d], "add", [1, 6, 6, 8], 0.0293, -40)
        p = self.layer("MAX_POOL_2D", [a], "pool", [1, 3, 3, 8], 0.0293, -40, FilterHeight=2, FilterWidth=2, **half)
        flat = self.layer("RESHAPE", [p, self.net.ints("shape", 1, 72)], "flat", [1, 72], 0.0293, -40)
        f = self.layer("FULLY_CONNECTED", [flat, *self.weights("f", flat, [10, 72], 0)], "logits", [1, 10], 0.0397, 3)
        return self.net.build(self.layer("SOFTMAX", [f], "probabilities", [1, 10], 1 / 256, -128, Beta=1.0))


def networks() -> dict[str, bytes]:
    """File name -> content."""
    types = {"float": np.float32, "int8": np.int8, "uint8": np.uint8}
    return {f"classifier_{name}.tflite": Writer(dtype).build() for name, dtype in types.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in networks().items():
        (FOLDER / file).write_bytes(content)
