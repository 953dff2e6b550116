"""Scales of constants that were quantized before."""

from __future__ import annotations

from dataclasses import dataclass

LOW, HIGH = -128, 127
"""Integers that a weight may have on the chip, without zero point."""


@dataclass(frozen=True)
class ConstantScales:
    """scales: one, or one per position of ``axis``."""

    scales: tuple[float, ...]
    axis: int | None

    def along(self, axis: int) -> tuple[float, ...] | None:
        """One scale or those per position of ``axis``; None when they lie along another one."""
        return self.scales if self.axis is None or self.axis == axis else None
