"""The pass pipelines of each stage, with the names and options that ``tpuc-opt`` takes, and how to run them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import _tpu_mlir as _native
from . import ir

TRANSFORM = ("struct-optimize", "shape-infer", "canonicalize", "extra-optimize")
"""From NAME_origin.mlir to the canonical module."""


def transform(postprocess: str = "") -> list[str]:
    """``TRANSFORM``; postprocess: the kind of boxes that the network's outputs become, such as "yolov5"."""
    added = [with_options("add-postprocess", {"type": postprocess})] if postprocess else []
    place = TRANSFORM.index("canonicalize")
    return [*TRANSFORM[:place], *added, *TRANSFORM[place:]]


def with_options(name: str, options: Mapping[str, object]) -> str:
    """The pass with its options, as in "layer-group{opt=2}"; booleans are written as true and false."""
    words = [f"{key}={_word(value)}" for key, value in options.items()]
    return f"{name}{{{' '.join(words)}}}" if words else name


def _word(value: object) -> str:
    """A value as the parser of pass options takes it; paths with blanks or brackets are quoted."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}'" if any(character in text for character in ' \t{}"') else text


@dataclass(frozen=True)
class Lowering:
    """How a network becomes chip types.

    quantize_table and calibration_table: paths. quant_mode: form of integer requantization, None for the default.
    q_group_size: rows of a weight that share a scale, in the weight-only modes. customization_format: layout of the
    pictures that a network with fused preprocessing takes, empty for that of its training. quant_output: the 8-bit
    results of the network are wanted as they are, so the last product does not give real values.
    """

    chip: str
    mode: str
    high_precision: bool = False
    calibration_table: str | None = None
    quantize_table: str | None = None
    asymmetric: bool = False
    quant_mode: str | None = None
    q_group_size: int = 0
    q_symmetric: bool = False
    matmul_perchannel: bool = False
    fuse_preprocess: bool = False
    customization_format: str = ""
    aligned_input: bool = False
    quant_output: bool = False

    def passes(self, weight_file: str) -> list[str]:
        """The pipeline from the canonical module to PREFIX_tpu.mlir."""
        assign = {"chip": self.chip, "mode": self.mode, "num_device": 1, "num_core": 1, "addr_mode": "auto"}
        names = [with_options("processor-assign", {**assign, "high_precision": self.high_precision})]
        if self.calibration_table is not None:
            table = {"file": self.calibration_table, "asymmetric": self.asymmetric}
            names.append(with_options("import-calibration-table", table))
        names.append("processor-top-optimize")
        if self.fuse_preprocess:
            names.append(self.fusion())
        return [*names, with_options("convert-top-to-tpu", self._convert(weight_file)), "canonicalize", "weight-fold"]

    def fusion(self) -> str:
        """The pass after which the network takes frames of bytes."""
        fuse: dict[str, object] = {"mode": self.mode, "align": self.aligned_input}
        if self.customization_format:
            fuse["customization_format"] = self.customization_format
        return with_options("fuse-preprocess", fuse)

    def _convert(self, weight_file: str) -> dict[str, object]:
        options: dict[str, object] = {"qtable": self.quantize_table} if self.quantize_table else {}
        options |= {"weightFileName": weight_file, "asymmetric": self.asymmetric, "gelu_mode": "normal"}
        if self.q_group_size or self.q_symmetric:
            options |= {"q_group_size": self.q_group_size, "q_symmetric": self.q_symmetric}
        if self.matmul_perchannel:
            options["matmul_perchannel"] = True
        if self.quant_mode is not None:
            options["quant_mode"] = self.quant_mode
        if self.quant_output:
            options["quant_output"] = True
        return options


def lowering(
    chip: str,
    mode: str,
    weight_file: str,
    *,
    high_precision: bool = False,
    quantize_table: str | None = None,
    calibration_table: str | None = None,
    asymmetric: bool = False,
) -> list[str]:
    """From the canonical module to PREFIX_tpu.mlir, with the most common options of ``Lowering``."""
    return Lowering(
        chip,
        mode,
        high_precision=high_precision,
        quantize_table=quantize_table,
        calibration_table=calibration_table,
        asymmetric=asymmetric,
    ).passes(weight_file)


@dataclass(frozen=True)
class QuantizedPorts:
    """Which inputs and outputs of a network are left in chip types; lists are positions from 1, empty for all."""

    quant_input: bool = False
    quant_output: bool = False
    quant_input_list: Sequence[int] = ()
    quant_output_list: Sequence[int] = ()
    quant_output_bf16: bool = False
    quant_input_int8: bool = False
    quant_output_int8: bool = False

    def strip_pass(self) -> str:
        """The pass that takes their casts away."""
        options: dict[str, object] = {}
        for name in ("quant_input", "quant_output", "quant_output_bf16", "quant_input_int8", "quant_output_int8"):
            if getattr(self, name):
                options[name] = True
        for name in ("quant_input_list", "quant_output_list"):
            if getattr(self, name):
                options[name] = ",".join(str(number) for number in getattr(self, name))
        return with_options("strip-io-quant", options)


@dataclass(frozen=True)
class LayerGroups:
    """How ops are put together in groups whose intermediate tensors stay in local memory.

    opt: 0 every op alone, 1 chains of elementwise ops, 2 groups by search, 3 by a longer one. config: a plan file that
    is taken as it is. cache: file with the plan of the last compile. hash_dir: folder with the plans of all compiles.
    dump: file for a readable account of the groups. overlap: whether a group may load while the one before it computes.
    budget: bytes of local memory per lane that groups may use, 0 for all.
    """

    opt: int = 2
    config: str | os.PathLike[str] | None = None
    cache: str | os.PathLike[str] | None = None
    hash_dir: str | os.PathLike[str] | None = None
    dump: str | os.PathLike[str] | None = None
    overlap: bool = True
    budget: int = 0

    def passes(self) -> list[str]:
        """From the ordered ops to PREFIX_final.mlir."""
        options: dict[str, object] = {"opt": self.opt}
        if self.config is not None:
            options["config_filename"] = os.fspath(self.config)
        if self.cache is not None:
            options["lgcache_filename"] = os.fspath(self.cache)
        if self.hash_dir is not None:
            options |= {"enable_lghash": True, "lghash_dir": os.fspath(self.hash_dir)}
        if self.dump is not None:
            options |= {"debugger": 1, "debugger_filename": os.fspath(self.dump)}
        if not self.overlap:
            options["disable_group_overlap"] = True
        if self.budget:
            options["budget"] = self.budget
        return [with_options("layer-group", options), "address-assign"]


def before_groups(
    *, topo_sort: bool = True, ports: QuantizedPorts | None = None, avoid_price_quirks: bool = False
) -> list[str]:
    """From PREFIX_tpu.mlir to the order of ops in which they are grouped. avoid_price_quirks: as of ``codegen``."""
    strip = (ports or QuantizedPorts()).strip_pass()
    reorder = "weight-reorder{avoid_price_quirks=true}" if avoid_price_quirks else "weight-reorder"
    passes = [strip, "processor-tpu-optimize", reorder, "subnet-divide", "op-reorder"]
    return [*passes, "topo-sort"] if topo_sort else passes


def final(
    *,
    opt: int = 2,
    topo_sort: bool = True,
    layer_group: bool = True,
    ports: QuantizedPorts | None = None,
    groups: LayerGroups | None = None,
) -> list[str]:
    """From PREFIX_tpu.mlir to PREFIX_final.mlir. groups: in place of opt and layer_group."""
    groups = groups or LayerGroups(opt if layer_group else 0)
    return [*before_groups(topo_sort=topo_sort, ports=ports), *groups.passes()]


def codegen(
    model: str | os.PathLike[str], *, embed_debug_info: bool = False, avoid_price_quirks: bool = False
) -> list[str]:
    """From PREFIX_final.mlir to the bmodel. avoid_price_quirks: leave out what may only pay in the model of cycles."""
    options: dict[str, object] = {"model_file": os.fspath(model), "embed_debug_info": embed_debug_info}
    if avoid_price_quirks:
        options["avoid_price_quirks"] = True
    return [with_options("codegen", options)]


def load(path: str | os.PathLike[str], context: ir.Context) -> ir.Module:
    """The module of a file; its weights are looked up in the same folder. ``MLIRError`` where it cannot be read."""
    return ir.Module(_native._load_module(os.fspath(path), context))


def run(module: ir.Module, passes: Sequence[str], output: str | os.PathLike[str] | None = None) -> None:
    """Runs the passes without the GIL and writes module and weights where ``output`` is given.

    Raises:
        MLIRError: a pass failed; the module is then of no further use.
    """
    _native._run_pipeline(module.operation, ",".join(passes), "" if output is None else os.fspath(output))
