"""Kernel, strides, pads and dilations as layers state them: one number for all spatial axes, one each, or h and w."""

from __future__ import annotations

from typing import Any

from ..call import Call


def spatial(call: Call, parameters: Any, field: str, rank: int, default: int | None, short: str = "") -> list[int]:
    """One number per spatial axis. short: the beginning of the fields that end in _h and _w."""
    given = [int(value) for value in getattr(parameters, field, [])]
    pair = [f"{short}_h", f"{short}_w"]
    stated = [name for name in pair if short and parameters.HasField(name)]
    if stated:
        if given or rank != 2 or len(stated) != 2 and default is None:
            call.refuse(f"its {field} contradicts {' and '.join(stated)}")
        return [int(getattr(parameters, name)) if name in stated else int(default or 0) for name in pair]
    if not given:
        if default is None:
            call.refuse(f"its {field} is missing")
        return [default] * rank
    if len(given) not in (1, rank):
        call.refuse(f"its {field} {given} does not fit {rank} spatial axes")
    return given * rank if len(given) == 1 else given


def positive(call: Call, **lists: list[int]) -> None:
    """Refuses numbers below 1, and such that 32 bits with a sign do not hold."""
    for name, numbers in lists.items():
        if any(not 1 <= number < 1 << 31 for number in numbers):
            call.refuse(f"its {name} {numbers} is not positive or too large")
