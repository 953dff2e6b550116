"""What a deployment is asked for, and which wishes go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import ir
from ..calibration.table import read_table
from ..errors import UserError, nearest
from ..files import require_file, require_writable
from ..npz.compare import Tolerance
from ..pipelines import Lowering, QuantizedPorts
from .modes import CHIPS, CORRECTNESS, CORRECTNESS_MIXED, QUANT_MODES, WEIGHT_GROUP, Mode, lowered_mode, mode_named


@dataclass(frozen=True)
class DeployOptions:
    """What to compile and how to check it; see ``model_deploy.py --help``.

    lghash_dir: folder that keeps the plans of all compiles. autotune: seconds to search plans of layer groups;
    autotune_trials: plans to try, in place of seconds or besides. command: the words of the command line, from which
    hints make the command to try. searched: tables and symmetry were chosen by --auto.
    """

    mlir: Path
    mode: str
    chip: str
    model: Path
    calibration_table: Path | None = None
    quantize_table: Path | None = None
    asymmetric: bool = False
    quant_mode: str | None = None
    q_group_size: int | None = None
    q_symmetric: bool = False
    matmul_perchannel: bool = False
    ports: QuantizedPorts = field(default_factory=QuantizedPorts)
    fuse_preprocess: bool = False
    customization_format: str = ""
    aligned_input: bool = False
    test_input: Sequence[Path] = ()
    gen_test_input: bool = False
    gen_test_seed: int = 0
    test_reference: Path | None = None
    compare_all: bool = False
    tolerance: Tolerance | None = None
    correctness: Tolerance | None = None
    excepts: Sequence[str] = ()
    fuzzy_match: bool = False
    skip_validation: bool = False
    not_gen_bmodel: bool = False
    high_precision: bool = False
    opt: int = 2
    topo_sort: bool = True
    layer_group: bool = True
    layer_group_config: Path | None = None
    lghash_dir: Path | None = None
    dump_groups: bool = False
    autotune: float | None = None
    autotune_trials: int | None = None
    avoid_price_quirks: bool = False
    debug: bool = False
    command: Sequence[str] = ()
    searched: bool = False
    notify: Callable[[str], None] = lambda step: None  # called with the name of each step as it begins
    say: Callable[[str], None] = lambda text: None  # called with news of a long search

    @property
    def facts(self) -> Mode:
        """What belongs to the mode."""
        return mode_named(self.mode)

    @property
    def tunes(self) -> bool:
        """Whether plans of layer groups are searched for longer than the compiler does."""
        return self.autotune is not None or self.autotune_trials is not None

    @property
    def smallest_similarity(self) -> Tolerance:
        """Of the Tpu module to the Top module."""
        return self.tolerance or self.facts.tolerance

    @property
    def smallest_correctness(self) -> Tolerance:
        """Of the bmodel to the Tpu module."""
        return self.correctness or (CORRECTNESS if self.quantize_table is None else CORRECTNESS_MIXED)

    def lowering(self) -> Lowering:
        """The options of the lowering; the table that --high_precision makes is put in later."""
        group = (WEIGHT_GROUP if self.q_group_size is None else self.q_group_size) if self.facts.weight_only else 0
        return Lowering(
            self.chip,
            lowered_mode(self.mode),
            calibration_table=str(self.calibration_table) if self.calibration_table else None,
            quantize_table=str(self.quantize_table) if self.quantize_table else None,
            asymmetric=self.asymmetric,
            quant_mode=self.quant_mode,
            q_group_size=group,
            q_symmetric=self.q_symmetric,
            matmul_perchannel=self.matmul_perchannel,
            fuse_preprocess=self.fuse_preprocess,
            customization_format=self.customization_format,
            aligned_input=self.aligned_input,
            quant_output=self.ports.quant_output or self.ports.quant_output_int8 or bool(self.ports.quant_output_list),
        )


def check(options: DeployOptions) -> None:
    """Refuses what cannot be done, before any work begins; ``UserError``."""
    require_file(options.mlir, "the module")
    require_writable(options.model, "the output")
    if options.chip not in CHIPS:
        raise UserError(f"the chip {options.chip} is not supported yet; choose {' or '.join(CHIPS)}")
    mode_named(options.mode)
    for path, what in (
        *((path, "the test input") for path in options.test_input),
        (options.test_reference, "the test reference"),
        (options.quantize_table, "the quantize table"),
        (options.calibration_table, "the calibration table"),
    ):
        if path is not None:
            require_file(path, what)
    if options.calibration_table is not None:
        read_table(options.calibration_table)
    if options.test_reference is not None and not options.test_input:
        raise UserError("--test_reference needs --test_input, the input that the reference was made with")
    _check_quantization(options)
    _check_groups(options)
    _check_ports(options.ports)
    if not options.fuse_preprocess and (options.customization_format or options.aligned_input):
        name = "customization_format" if options.customization_format else "aligned_input"
        raise UserError(f"--{name} says how pictures reach the network; give --fuse_preprocess too")


def _check_quantization(options: DeployOptions) -> None:
    mode = options.facts
    if options.calibration_table is not None and not mode.quantized and options.quantize_table is None:
        raise UserError(f"the mode {mode.name} needs no calibration table; leave it out, or choose --quantize INT8")
    if mode.name == "QDQ" and options.calibration_table is not None:
        raise UserError("a network in mode QDQ brings its own scales; leave the calibration table out, or choose INT8")
    for given, name in (
        (options.asymmetric, "asymmetric"),
        (options.quant_mode is not None, "quant_mode"),
        (options.matmul_perchannel, "matmul_perchannel"),
    ):
        if given and mode.name not in ("INT8", "QDQ"):
            raise UserError(f"--{name} is for the mode INT8, the mode is {mode.name}")
    if options.quant_mode is not None and options.quant_mode not in QUANT_MODES:
        raise UserError(f"--quant_mode {options.quant_mode} is none of {', '.join(QUANT_MODES)}")
    for given, name in ((options.q_group_size is not None, "q_group_size"), (options.q_symmetric, "q_symmetric")):
        if given and not mode.weight_only:
            raise UserError(f"--{name} is for the modes W8F16, W8BF16, W4F16 and W4BF16, the mode is {mode.name}")
    if options.q_group_size is not None and options.q_group_size < 0:
        raise UserError(f"--q_group_size {options.q_group_size} is negative; 0 means one group for a whole column")


def _check_groups(options: DeployOptions) -> None:
    config, tunes = options.layer_group_config, options.tunes
    if config is not None:
        require_file(config, "the plan of layer groups")
        if tunes:
            raise UserError("--layer_group_config gives a plan and --autotune searches one; leave one of them out")
    if not options.layer_group or options.opt == 0:
        for given, name in ((config is not None, "layer_group_config"), (tunes, "autotune")):
            if given:
                raise UserError(f"--{name} needs layer groups; leave --disable_layer_group and --opt 0 out")
    if options.autotune is not None and not options.autotune > 0:
        raise UserError(f"--autotune {options.autotune:g} is no time to search; give seconds, such as --autotune 60")
    if options.autotune_trials is not None and options.autotune_trials < 1:
        raise UserError(f"--autotune_trials {options.autotune_trials} is no number of plans to try")


def _check_ports(ports: QuantizedPorts) -> None:
    if ports.quant_output_bf16 and ports.quant_output_int8:
        raise UserError("--quant_output_bf16 and --quant_output_int8 exclude each other")
    for given, name in (
        (ports.quant_input_list, "quant_input_list"),
        (ports.quant_output_list, "quant_output_list"),
    ):
        if any(number < 1 for number in given):
            raise UserError(f"--{name} counts from 1, it has {min(given)}")


def check_module(options: DeployOptions, module: ir.Module, inputs: int, outputs: int) -> None:
    """Refuses what the network does not allow; ``UserError``."""
    for given, count, name in (
        (options.ports.quant_input_list, inputs, "input"),
        (options.ports.quant_output_list, outputs, "output"),
    ):
        if given and max(given) > count:
            raise UserError(f"--quant_{name}_list has {max(given)}, the network has {count} {name}s")
    _check_excepts(options.excepts, module)
    _check_postprocess(options, module)
    if options.mode not in ("INT8", "QDQ"):
        return
    quantized = brings_scales(module)
    if options.mode == "QDQ" and not quantized:
        raise UserError(
            f"{options.mlir} has no QuantizeLinear or DequantizeLinear nodes, so it brings no scales; "
            "choose --quantize INT8 with a calibration table"
        )
    if options.calibration_table is None and not quantized:
        table = options.mlir.with_suffix("").name + "_cali_table"
        raise UserError(
            "INT8 needs a calibration table; make one with: "
            f"run_calibration.py {options.mlir} --dataset FOLDER --input_num 100 -o {table}"
        )


def _check_postprocess(options: DeployOptions, module: ir.Module) -> None:
    """Boxes are computed in the canonical module only."""
    kind = module.operation.attributes.get("module.postprocess")
    if kind is not None:
        raise UserError(
            f"{options.mlir} has the post-processing {kind.value}, which cannot be compiled yet; "
            "run model_transform.py without --add_postprocess and find the boxes in your application"
        )


def _check_excepts(names: Sequence[str], module: ir.Module) -> None:
    """Names must be tensors of the network, or what the lowering makes of them (X_f16 of X)."""
    known: set[str] = set()

    def visit(op: ir.OpView) -> None:
        if op.operation.name.startswith("top."):
            known.update(value.location.name_str or "" for value in op.results)

    module.operation.walk(visit)
    for name in names:
        if name not in known and name.rpartition("_")[0] not in known:
            raise UserError(f"--excepts: there is no tensor '{name}'" + nearest(name, known))


def brings_scales(module: ir.Module) -> bool:
    """Whether the network was quantized before (QuantizeLinear, DequantizeLinear, or types with scales)."""
    found = False

    def visit(op: ir.OpView) -> None:
        nonlocal found
        if op.name in ("top.QuantizeLinear", "top.DequantizeLinear"):
            found = True
        elif op.operation.name.startswith("top.") and not found:
            found = any("!quant.uniform" in str(value.type) for value in op.results)

    module.operation.walk(visit)
    return found
