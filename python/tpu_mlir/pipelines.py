"""The pass pipelines of each stage, with the names and options that ``tpuc-opt`` takes, and how to run them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from . import _tpu_mlir as _native
from . import ir

TRANSFORM = ("struct-optimize", "shape-infer", "canonicalize", "extra-optimize")
"""From NAME_origin.mlir to the canonical module."""


def with_options(name: str, options: Mapping[str, object]) -> str:
    """The pass with its options, as in "layer-group{opt=2}"; booleans are written as true and false."""
    words = [f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()]
    return f"{name}{{{' '.join(words)}}}" if words else name


def lowering(
    chip: str, mode: str, weight_file: str, *, high_precision: bool = False, quantize_table: str | None = None
) -> list[str]:
    """From the canonical module to PREFIX_tpu.mlir."""
    assign = {"chip": chip, "mode": mode, "num_device": 1, "num_core": 1, "addr_mode": "auto"}
    table = {"qtable": quantize_table} if quantize_table else {}
    convert = {**table, "weightFileName": weight_file, "asymmetric": False, "gelu_mode": "normal"}
    return [
        with_options("processor-assign", {**assign, "high_precision": high_precision}),
        "processor-top-optimize",
        with_options("convert-top-to-tpu", convert),
        "canonicalize",
        "weight-fold",
    ]


def final(*, opt: int = 2, topo_sort: bool = True, layer_group: bool = True) -> list[str]:
    """From PREFIX_tpu.mlir to PREFIX_final.mlir."""
    passes = ["strip-io-quant", "processor-tpu-optimize", "weight-reorder", "subnet-divide", "op-reorder"]
    if topo_sort:
        passes.append("topo-sort")
    passes.append(with_options("layer-group", {"opt": opt if layer_group else 0}))
    passes.append("address-assign")
    return passes


def codegen(model: str | os.PathLike[str], *, embed_debug_info: bool = False) -> list[str]:
    """From PREFIX_final.mlir to the bmodel."""
    return [with_options("codegen", {"model_file": os.fspath(model), "embed_debug_info": embed_debug_info})]


def load(path: str | os.PathLike[str], context: ir.Context) -> ir.Module:
    """The module of a file; its weights are looked up in the same folder. ``MLIRError`` where it cannot be read."""
    return ir.Module(_native._load_module(os.fspath(path), context))


def run(module: ir.Module, passes: Sequence[str], output: str | os.PathLike[str] | None = None) -> None:
    """Runs the passes without the GIL and writes module and weights where ``output`` is given.

    Raises:
        MLIRError: a pass failed; the module is then of no further use.
    """
    _native._run_pipeline(module.operation, ",".join(passes), "" if output is None else os.fspath(output))
