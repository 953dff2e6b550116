"""Ops of the Tpu dialect: ``tpu.Conv2DOp(...)`` and so on."""

from ._tpu_ops_gen import *  # noqa: F403
