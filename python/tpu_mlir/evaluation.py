"""Evaluation of Top and Tpu modules on the host, as NumPy arrays in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _tpu_mlir as _native
from . import ir

CustomFunction = Callable[[list[np.ndarray], list[dict[str, Any]]], Sequence[np.ndarray]]
"""Evaluates a user-defined op: input arrays (not to be written to) and its parameters to one array per result."""


@dataclass(frozen=True)
class Evaluation:
    """Results of one run.

    values: tensor name -> float32 array (outputs only, or every tensor). outputs: names of the outputs in order.
    """

    values: dict[str, np.ndarray]
    outputs: list[str]

    def in_order(self) -> list[np.ndarray]:
        """The outputs in order."""
        return [self.values[name] for name in self.outputs]


class ModuleInterpreter:
    """Evaluates one module for any number of inputs; weights are read once.

    custom: functions for ops of the kind top.Custom, by their names.

    Raises:
        MLIRError: the module has an op without evaluation, or a weight cannot be read.
    """

    def __init__(self, module: ir.Module, custom: Mapping[str, CustomFunction] | None = None):
        self._native = _native.ModuleInterpreter(module.operation, dict(custom or {}))

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs in order."""
        return list(self._native.input_names)

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs in order."""
        return list(self._native.output_names)

    def run(
        self,
        inputs: Mapping[str, np.ndarray],
        *,
        every_tensor: bool = False,
        native_types: bool = False,
        given: Mapping[str, np.ndarray] | None = None,
        wanted: Sequence[str] = (),
    ) -> Evaluation:
        """Evaluates the module, or a part of it.

        inputs: float32 (or integer) arrays by name, in the shapes that the module declares. native_types: results in
        the module's own types (float16; bfloat16 as the uint16 of its bits; quantized values as their bytes) instead
        of the real values in float32. given: values of the main function that are taken as they are; ops (and inputs)
        that only they depend on are not needed. wanted: names of the values to compute, in place of the outputs; ops
        on which none of them depends are not run. Threads may run one interpreter at once.
        """
        values = self._native.run(
            dict(inputs), every_tensor, native_types, given=dict(given or {}), wanted=list(wanted)
        )
        return Evaluation(values, list(wanted) if wanted else self.output_names)


def evaluate_module(module: ir.Module, inputs: Mapping[str, np.ndarray], *, every_tensor: bool = False) -> Evaluation:
    """Evaluates a module once; see ``ModuleInterpreter.run``."""
    return ModuleInterpreter(module).run(inputs, every_tensor=every_tensor)
