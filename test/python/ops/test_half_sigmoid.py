"""The logistic function and its kin in half precision: evaluation takes the steps of the chip's code and gives its bits
for every half number there is, and both are as near to the true value as a half number can be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from single import Operand, Single, check

FUNCTIONS = {
    "SIGMOID": lambda x: 1 / (1 + np.exp(-x)),
    "SILU": lambda x: x / (1 + np.exp(-x)),
    "SWISH": lambda x: x / (1 + np.exp(-1.5 * x)),
    "QGELU": lambda x: x / (1 + np.exp(-1.702 * x)),
}


def halves(element: str) -> np.ndarray:
    """Every finite number of the type, as float16 or (for bf16) as float32."""
    bits = np.arange(1 << 16, dtype=np.uint16)
    values = bits.view(np.float16) if element == "f16" else (bits.astype(np.uint32) << 16).view(np.float32)
    return values[np.isfinite(values)]


@pytest.mark.parametrize("element", ["f16", "bf16"])
@pytest.mark.parametrize("mode", FUNCTIONS)
def test_every_half_number(mode: str, element: str, tmp_path: Path) -> None:
    values = halves(element)
    shape = (1, 64, 1, len(values) // 64)
    attributes = f"mode = #tpu<active_mode {mode}>" + (", coeffs = [1.5]" if mode == "SWISH" else "")
    operand = Operand(shape, element, values.reshape(shape))
    result = check(Single("Active", [operand], shape, element, attributes), tmp_path).evaluated.ravel()
    real = result.view(np.float16) if element == "f16" else (result.astype(np.uint32) << 16).view(np.float32)
    values = values.astype(np.float64)
    with np.errstate(over="ignore"):
        wanted = FUNCTIONS[mode](values)
    # Half a unit in the last place, an eighth of it more for the steps in f32, and the least normal number.
    unit = np.abs(wanted) * (2.0**-11 if element == "f16" else 2.0**-8)
    assert np.all(np.abs(real.astype(np.float64) - wanted) <= 1.13 * unit + (6.2e-5 if element == "f16" else 1e-29))
