"""Front ends: each reads the models of one framework and writes them as Top modules."""

from .errors import FrontendError

__all__ = ["FrontendError"]
