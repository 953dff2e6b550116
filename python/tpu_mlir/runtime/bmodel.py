"""Compiled models: what they contain, and running them on the simulator."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _tpu_mlir as _native
from .. import ir as _ir  # noqa: F401  sets the class of errors
from ..errors import UserError
from ..files import require_file
from ..npz.edit import bf16_to_f32


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a network. dtype: "float32", "float16", "bfloat16", "int8" …"""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


class BModel:
    """A compiled model on the simulator; the memory of a network is set up once and used for every run.

    Raises:
        UserError: the file is damaged, or not compiled for a chip that can be simulated.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self._native = _native.BModel(os.fspath(require_file(path, "the bmodel")))
        self.path = path

    @property
    def chip(self) -> str:
        """The chip that it was compiled for."""
        return str(self._native.chip)

    @property
    def networks(self) -> list[str]:
        """Names of the networks."""
        return list(self._native.networks)

    def inputs(self, network: int = 0) -> list[TensorInfo]:
        """Inputs of a network in order."""
        return [TensorInfo(n, tuple(s), d, scale, zero) for n, s, d, scale, zero in self._native.inputs(network)]

    def outputs(self, network: int = 0) -> list[TensorInfo]:
        """Outputs of a network in order."""
        return [TensorInfo(n, tuple(s), d, scale, zero) for n, s, d, scale, zero in self._native.outputs(network)]

    def run(
        self,
        inputs: Mapping[str, np.ndarray],
        network: int = 0,
        *,
        raw_outputs: bool = False,
        schedule: str = "gdma",
        seed: int = 0,
    ) -> dict[str, np.ndarray]:
        """Runs a network; the GIL is released.

        inputs: by name, in the network's shapes; floats are converted to the type that the network takes (integers
        through scale and zero point). Results are float32, or in the network's own types with ``raw_outputs``.
        schedule: which engine goes first where both could: "gdma", "tiu" or "random" (with ``seed``); a program without
        races gives the same result with each.
        """
        arrays = [_encode(_named(inputs, spec, self.path), spec) for spec in self.inputs(network)]
        values = self._native.run(network, arrays, 0, schedule, seed)
        pairs = zip(self.outputs(network), values, strict=True)
        return {spec.name: value if raw_outputs else decode(value, spec) for spec, value in pairs}

    def hazards(self, network: int = 0) -> list[str]:
        """Races between the two engines, one sentence each; empty when there are none."""
        return list(self._native.hazards(network, 0))

    def cycles(self, network: int = 0) -> dict[str, int]:
        """Totals of the cycle model: cycles at 1 GHz, bytes read from and written to global memory, instructions."""
        return dict(self._native.cycles(network, 0))


def _named(inputs: Mapping[str, np.ndarray], spec: TensorInfo, path: object) -> np.ndarray:
    if spec.name not in inputs:
        known = ", ".join(list(inputs)[:6]) or "nothing"
        raise UserError(f"{path} takes the input '{spec.name}'; there is {known}")
    array = np.asarray(inputs[spec.name])
    if array.dtype.kind not in "biuf":
        raise UserError(f"the input '{spec.name}' holds values of type {array.dtype}, not real numbers")
    if tuple(array.shape) != spec.shape:
        raise UserError(
            f"the input '{spec.name}' has the shape {list(array.shape)}, {path} takes {list(spec.shape)}; "
            "compile the network for this shape"
        )
    return array


STORED = {
    "float32": np.float32,
    "float16": np.uint16,
    "bfloat16": np.uint16,
    "int8": np.int8,
    "uint8": np.uint8,
    "int16": np.int16,
    "uint16": np.uint16,
    "int32": np.int32,
    "uint32": np.uint32,
}


def _encode(array: np.ndarray, spec: TensorInfo) -> np.ndarray:
    """The array in the form that lies in the chip's memory."""
    from ..npz.edit import f32_to_bf16, f32_to_f16

    if spec.dtype not in STORED:
        raise UserError(f"the input '{spec.name}' has the type {spec.dtype}, which cannot be given")
    if spec.dtype in ("float16", "bfloat16"):
        convert: Callable[[np.ndarray], np.ndarray] = f32_to_f16 if spec.dtype == "float16" else f32_to_bf16
        if array.dtype == np.float16:
            return array.view(np.uint16) if spec.dtype == "float16" else convert(array.astype(np.float32))
        return np.ascontiguousarray(array if array.dtype == np.uint16 else convert(array.astype(np.float32)))
    stored: Any = np.dtype(STORED[spec.dtype])
    if spec.dtype != "float32" and np.issubdtype(array.dtype, np.floating):
        return quantize(array.astype(np.float32), spec.scale, spec.zero_point, stored)
    return np.ascontiguousarray(array, dtype=stored)


def quantize(values: np.ndarray, scale: float, zero_point: int, stored: Any) -> np.ndarray:
    """float32 values as integers: times ``scale`` plus ``zero_point`` in float32, halves away from zero, saturated."""
    limits = np.iinfo(stored)
    scaled = values * np.float32(scale) + np.float32(zero_point)
    rounded = np.trunc(scaled.astype(np.float64) + np.copysign(0.5, scaled))
    return np.ascontiguousarray(np.clip(np.nan_to_num(rounded), limits.min, limits.max).astype(stored))


def decode(array: np.ndarray, spec: TensorInfo) -> np.ndarray:
    """Values as they lie in the chip's memory, as float32."""
    if spec.dtype == "float16":
        return np.ascontiguousarray(array).view(np.float16).astype(np.float32)
    if spec.dtype == "bfloat16":
        return bf16_to_f32(array.view(np.uint16))
    if spec.dtype == "float32":
        return array
    return (array.astype(np.float32) - np.float32(spec.zero_point)) * np.float32(spec.scale)
