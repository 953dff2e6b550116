"""What both kinds of programs share when torch.export records them: weights under their names in the user's file, and
names for the values that operators make."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import torch

ROOT = "file"
"""The submodule that holds the tree of weights, so that their names cannot meet those of a module's own fields."""


class Recordable(torch.nn.Module):
    """A program that runs operator by operator in Python."""

    def __init__(self) -> None:
        super().__init__()
        self._step_number = 0

    def keep(self, path: str, tensor: torch.Tensor) -> None:
        """Stores a weight under its dotted name in the file."""
        owner: torch.nn.Module = self
        *scopes, name = f"{ROOT}.{path}".split(".")
        for scope in scopes:
            if scope not in owner._modules:
                owner.add_module(scope, torch.nn.Module())
            owner = owner._modules[scope]
        if name not in owner._buffers:
            owner.register_buffer(name, tensor.detach())

    def kept(self, path: str) -> torch.Tensor:
        """The weight of that name: while recording, what stands for it."""
        owner: Any = self
        *scopes, name = f"{ROOT}.{path}".split(".")
        for scope in scopes:
            owner = owner._modules[scope]
        return owner._buffers[name]

    def reference(self, *inputs: torch.Tensor) -> Any:
        """What the file itself gives, by PyTorch's own means."""
        return self(*inputs)

    def named(self, names: Sequence[str]) -> contextlib.AbstractContextManager[Any]:
        """Operators that run inside belong to one step of the program, whose results have these names."""
        self._step_number += 1
        return torch.fx.traceback.annotate({"step": self._step_number, "values": list(names)})
