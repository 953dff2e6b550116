"""What a conversion gives back, the same for every front end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .builder import GraphBuilder, TopModuleBuilder

if TYPE_CHECKING:
    from .. import ir

PreprocessAttributes = Callable[[str, tuple[int, ...]], Mapping[str, Any]]
"""Called with the name and shape of each input in order; gives the attributes of its top.Input, {} for a plain tensor.
What it says of inputs that are not floating point does not count."""


@dataclass(frozen=True)
class ConvertedModel:
    """What a conversion made.

    inputs: source input names with their shapes, in order; those that nothing depends on are left out.
    outputs: source output name -> name of the Top tensor. tensors: every source tensor that has a Top tensor -> its
    name, for comparisons with the source framework. axes: name of a Top tensor -> source axis of each of its axes, for
    those whose order was changed. mlir_path, weight_path: the written files, None without files.
    """

    builder: GraphBuilder
    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, str]
    tensors: dict[str, str]
    mlir_path: Path | None = None
    weight_path: Path | None = None
    axes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def module(self) -> ir.Module:
        """The module with its weights in memory, ready for passes and evaluation."""
        if not isinstance(self.builder, TopModuleBuilder):
            raise TypeError(f"{type(self.builder).__name__} makes no module")
        return self.builder.loaded()


def build_and_write(
    build: Callable[[GraphBuilder], ConvertedModel],
    builder: GraphBuilder | None,
    name: str,
    platform: str,
    directory: str | os.PathLike[str] | None,
) -> ConvertedModel:
    """Builds with the given builder, or one of a module; writes what was built where there is a directory.

    platform: upstream's word for the source framework.
    """
    target = builder if builder is not None else TopModuleBuilder(name, platform)
    if directory is None or not isinstance(target, TopModuleBuilder):
        return build(target)
    with target.written(directory) as (mlir_path, weight_path):
        converted = build(target)
    return replace(converted, mlir_path=mlir_path, weight_path=weight_path)
