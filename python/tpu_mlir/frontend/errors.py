"""Errors of the front ends. Every message is one sentence that names the model, the place and the remedy."""

from __future__ import annotations


class FrontendError(ValueError):
    """A model, an option or a file that the front end can not accept; ``str(error)`` is ready for the user."""


class UnsupportedNode(FrontendError):
    """One source node that Top ops can not express; ``str(error)`` is only the reason, the caller adds the node."""
