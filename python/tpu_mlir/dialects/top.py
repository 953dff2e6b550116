"""Ops of the Top dialect: ``top.ConvOp(...)`` and so on."""

from ._top_ops_gen import *  # noqa: F403
