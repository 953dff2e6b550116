"""Errors that are the user's to mend. Commands print their text and leave with status 1."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """A file, option or network that cannot be used; the text is one sentence with the remedy."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """The end of a sentence about an unknown name: the names most like it, or nothing."""
    found = difflib.get_close_matches(name, sorted(set(known)), count, 0.3)
    return f"; the nearest names are {', '.join(found)}" if found else ""
