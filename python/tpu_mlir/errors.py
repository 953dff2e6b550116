"""Errors that are the user's to mend. Commands print their text and leave with status 1."""

from __future__ import annotations


class UserError(ValueError):
    """A file, option or network that cannot be used; the text is one sentence with the remedy."""
