"""Errors of the front ends. Every message is one sentence that names the model, the place and the remedy."""

from __future__ import annotations

from ..errors import UserError


class FrontendError(UserError):
    """A model or an option that the front end cannot accept; ``str(error)`` is ready for the user.

    Names in a model are anything that its author wrote: unprintable characters are escaped, long texts cut.
    """

    LONGEST = 1000

    def __init__(self, text: str) -> None:
        clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: self.LONGEST + 1])
        super().__init__(clean if len(clean) <= self.LONGEST else clean[: self.LONGEST] + " ...")


class UnsupportedNodeError(FrontendError):
    """One source node that Top ops cannot express; ``str(error)`` is only the reason, the caller adds the node."""
