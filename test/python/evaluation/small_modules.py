"""Shared by the tests of the evaluation: small modules written down as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tpu_mlir import _tpu_mlir as native
from tpu_mlir import ir
from tpu_mlir.evaluation import ModuleInterpreter

HEAD = 'module attributes {module.weight_file = "weights.npz"} {\n'


def interpreter(
    folder: Path, ports: Mapping[str, str], weights: Mapping[str, tuple[np.ndarray, str]], body: Sequence[str]
) -> ModuleInterpreter:
    """The interpreter of a module.

    ports: input names and types. weights: arrays and their types. body: lines of IR that use %NAME for inputs and
    weights and %none; the last one is the result of type TYPE, written `return %value : TYPE`.
    """
    result = body[-1].split(" : ", 1)[1]
    arguments = ", ".join(f"%arg{i}: {type_}" for i, type_ in enumerate(ports.values()))
    lines = ['%none = "top.None"() : () -> none']
    lines += [
        f'%{name} = "top.Input"(%arg{i}) : ({type_}) -> {type_} loc("{name}")'
        for i, (name, type_) in enumerate(ports.items())
    ]
    lines += [f'%{name} = "top.Weight"() : () -> {type_} loc("{name}")' for name, (_, type_) in weights.items()]
    text = HEAD + f"func.func @main({arguments}) -> {result} {{\n" + "\n".join([*lines, *body]) + "\n}\n}\n"
    np.savez(folder / "weights.npz", **{name: array for name, (array, _) in weights.items()})
    context = ir.Context()
    native.set_weight_directory(context, str(folder))
    return ModuleInterpreter(ir.Module.parse(text, context))
