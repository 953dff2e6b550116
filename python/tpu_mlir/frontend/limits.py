"""Values limited from below and above, as every front end with a Clip needs it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NoReturn, Protocol

import numpy as np

from .emit import Tensor

_HIGHEST_F32 = float(np.finfo(np.float32).max)


class Ending(Protocol):
    """A conversion that ends with one result."""

    def refuse(self, reason: str) -> NoReturn:
        """Says why Top ops cannot express this."""

    def step(
        self, suffix: str, kind: str, operands: Sequence[Any], shape: Sequence[int], /, **attributes: Any
    ) -> Tensor:
        """An op in the middle."""

    def finish(self, kind: str, operands: Sequence[Any], /, **attributes: Any) -> None:
        """The op that makes the result."""

    def bind(self, tensor: Tensor) -> None:
        """An existing tensor as the result."""


def clip(call: Ending, source: Tensor, minimum: float | None, maximum: float | None) -> None:
    """Ends with the values of ``source`` between both; a limit that every f32 number satisfies is none."""
    if any(value is not None and math.isnan(value) for value in (minimum, maximum)):
        call.refuse("one of its limits is not a number")
    low = None if minimum is None or minimum <= -_HIGHEST_F32 else float(minimum)
    high = None if maximum is None or maximum >= _HIGHEST_F32 else float(maximum)
    if low is None and high is None:
        call.bind(source)
    elif high is None and low is not None:
        if low == 0:
            call.finish("Relu", [source])
        else:
            call.finish("MaxConst", [source], const_val=low)
    elif low is None and high is not None:
        call.finish("MinConst", [source], const_val=high)
    elif low is not None and high is not None and low > high:
        raised = call.step("raised", "MaxConst", [source], source.shape, const_val=low)
        call.finish("MinConst", [raised], const_val=high)
    elif low == 0 and high is not None and high > 0:
        call.finish("Relu", [source], relu_limit=high)
    else:
        call.finish("Clip", [source], min=low, max=high)
