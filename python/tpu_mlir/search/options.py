"""What a search is asked for; one field per option of the commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError

FLOAT_TYPES = ("auto", "F16", "F32", "BF16")

MIX_MODES = ("wi8ai8_fp",)
"""Pairs of number types between which a search chooses."""


def no_news(text: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class SearchOptions:
    """Options of a search; ``check`` names the first that cannot be used.

    expected: similarity to reach, in the unit of ``benchmark`` or of the user's metric. min_layer_cos: only layers
    whose own cosine is below may become float; None for all. max_float_layers: most lines of the table; None for any
    number. probes: samples on which single layers are measured; similarity is always that of all samples.
    """

    mlir: Path
    calibration_table: Path
    chip: str = "bm1684x"
    asymmetric: bool = False
    expected: float = 0.99
    min_layer_cos: float | None = None
    max_float_layers: int | None = None
    float_type: str = "auto"
    compare_layers: str = ""
    post_process: Path | None = None
    benchmark: str = "cos"
    pre_table: Path | None = None
    mix_mode: str = "wi8ai8_fp"
    methods: Sequence[str] = ("mse",)
    probes: int = 3
    trials: int = 8
    notify: Callable[[str], None] = no_news

    def check(self) -> None:
        """Raises ``UserError`` for values outside their range."""
        if self.chip != "bm1684x":
            raise UserError(f"the chip {self.chip} is not supported yet; choose bm1684x")
        if self.mix_mode not in MIX_MODES:
            raise UserError(
                f"--mix_mode {self.mix_mode} is not supported: networks mix 8-bit integers with float; choose wi8ai8_fp"
            )
        if self.float_type not in FLOAT_TYPES:
            raise UserError(f"--fp_type {self.float_type} is unknown; choose {', '.join(FLOAT_TYPES)}")
        if self.benchmark not in ("cos", "snr"):
            raise UserError(f"--benchmark_method {self.benchmark} is unknown; choose cos or snr")
        if self.benchmark == "cos" and self.post_process is None and not -1 <= self.expected <= 1:
            raise UserError(f"--expected_cos {self.expected} is no cosine; give a number up to 1")
        if self.min_layer_cos is not None and not -1 <= self.min_layer_cos <= 1:
            raise UserError(f"--min_layer_cos {self.min_layer_cos} is no cosine; give a number up to 1")
        if self.max_float_layers is not None and self.max_float_layers < 0:
            raise UserError(f"--max_float_layers {self.max_float_layers} is negative; give a number of layers")
