"""Constant indices as slices."""

from __future__ import annotations

MAX_GATHERED = 256
"""A Gather with more constant indices than this, in no regular order, is not unrolled into slices."""


def evenly_spaced(indices: list[int]) -> list[list[int]]:
    """The list cut into evenly spaced pieces; a repeated index starts a new piece."""
    runs: list[list[int]] = []
    for index in indices:
        run = runs[-1] if runs else []
        fits = len(run) == 1 and index != run[0] or len(run) > 1 and index - run[-1] == run[1] - run[0]
        if run and fits:
            run.append(index)
        else:
            runs.append([index])
    return runs
