"""The number types that a network can be compiled to, and what belongs to each."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UserError
from ..npz.compare import Tolerance

CHIPS = ("bm1684x",)

CORRECTNESS = Tolerance(0.99, 0.90)
"""Smallest similarity of the bmodel to the Tpu module."""

CORRECTNESS_MIXED = Tolerance(0.98, 0.80)
"""The same with a quantize table."""

WEIGHT_GROUP = 64
"""Default of --q_group_size: rows of a weight that share a scale."""


QUANT_MODES = ("OnlyScale", "MultiplierShift")
"""Forms of integer requantization: by an f32 factor, or by an integer factor and a shift as upstream does it."""


@dataclass(frozen=True)
class Mode:
    """tolerance: smallest similarity of the Tpu module to the Top module. quantized: 8- or 4-bit numbers take part."""

    name: str
    tolerance: Tolerance
    quantized: bool = False
    weight_only: bool = False


_QUANTIZED = Tolerance(0.90, 0.80)

MODES = {
    mode.name: mode
    for mode in (
        Mode("F32", Tolerance(0.99, 0.99)),
        Mode("F16", Tolerance(0.99, 0.90)),
        Mode("BF16", Tolerance(0.99, 0.90)),
        Mode("INT8", _QUANTIZED, quantized=True),
        Mode("QDQ", _QUANTIZED, quantized=True),
        Mode("W8F16", _QUANTIZED, quantized=True, weight_only=True),
        Mode("W8BF16", _QUANTIZED, quantized=True, weight_only=True),
        Mode("W4F16", _QUANTIZED, quantized=True, weight_only=True),
        Mode("W4BF16", _QUANTIZED, quantized=True, weight_only=True),
    )
}

TOLERANCES = {name: mode.tolerance for name, mode in MODES.items()}
"""Smallest similarity of the Tpu module to the Top module, by mode."""


def mode_named(name: str) -> Mode:
    """The mode of --quantize; ``UserError`` where there is none of this name."""
    if name not in MODES:
        raise UserError(f"the mode {name} is not supported; choose {', '.join(MODES)}")
    return MODES[name]


def lowered_mode(name: str) -> str:
    """The mode that the passes are given: networks that bring their own scales (QDQ) are lowered as INT8."""
    return "INT8" if name == "QDQ" else name


def file_word(name: str, asymmetric: bool) -> str:
    """The mode as it stands in file names: int8_sym, int8_asym, f16 …"""
    word = lowered_mode(name).lower()
    if word == "int8":
        word += "_asym" if asymmetric else "_sym"
    return word
