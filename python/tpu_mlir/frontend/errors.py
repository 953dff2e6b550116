"""Errors of the front ends. Every message is one sentence that names the model, the place and the remedy."""

from __future__ import annotations

from ..errors import UserError


class FrontendError(UserError):
    """A model or an option that the front end cannot accept; ``str(error)`` is ready for the user."""


class UnsupportedNodeError(FrontendError):
    """One source node that Top ops cannot express; ``str(error)`` is only the reason, the caller adds the node."""
