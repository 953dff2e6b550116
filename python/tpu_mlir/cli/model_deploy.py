"""model_deploy: compile a canonical Top .mlir file to a bmodel and check every stage."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..deploy.modes import MODES, QUANT_MODES, WEIGHT_GROUP
from ..errors import UserError
from ..npz.compare import Tolerance, describe
from .command import Parser, columns, guarded, make_parser, refuse, steps

if TYPE_CHECKING:  # the compiler is loaded when it is needed, so that --help is quick
    from ..deploy.flow import DeployReport
    from ..deploy.layers import LayerReport
    from ..deploy.options import DeployOptions

NAME = "model_deploy"

FLAGS = {
    "ignore_f16_overflow": "use --high_precision",
    "cache_skip": "checks are always run",
    "cuda": "the inference runs on the CPU",
    "dynamic": "compile one model per shape",
    "disable_structure_detect_opt": "there is no structure detection",
    "use_rewriter_config": "all rewrites are always on",
    "rvti": "only bm1684x can be compiled for",
    "op_divide": "tensors of any size compile without it",
    "merge_weight": "use model_tool --combine",
    "do_winograd": "only bm1684x can be compiled for",
    "includeWeight": "only bm1684x can be compiled for",
    "opt_post_processor": "only bm1684x can be compiled for",
    "weight_deduplicate": "equal weights are always shared",
    "io_alone": "use --addr_mode",
    "enable_maskrcnn": "Mask R-CNN has no flow of its own here",
}
VALUES = {
    "ip": "run the bmodel on the device itself",
    "pwd": "run the bmodel on the device itself",
    "same_addr": "addresses cannot be chosen",
    "save_io_alone_config": "addresses cannot be chosen",
    "use_io_alone_config": "addresses cannot be chosen",
    "trunc_final": "cut the network with model_transform --output_names",
    "iomem_set": "addresses cannot be chosen",
    "patterns_count": "rewrites are not counted",
    "time_fixed_subnet": "the whole network is one sub-network",
    "subnet_params": "the whole network is one sub-network",
    "global_op_types": "use --disable_layer_group",
    "debug_cmd": "there are no free-form switches, see tpuc-opt --help",
}
OPT_HELP = "layer groups: 0 none, 1 chains of elementwise ops, 2 by search (default), 3 by a longer search"
QUIRKS_HELP = "leave out what may be cheap in the model of cycles only, for figures beside those with it"
WORST = 5
"""Lines of the table of layers."""

LISTED = 10
"""Tensors that are listed when they do not pass."""


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--mlir", required=True, type=Path, help="canonical Top module of model_transform")
    p.add_argument("--chip", "--processor", required=True, type=str.lower, help="chip to compile for: bm1684x")
    p.add_argument("--quantize", type=str.upper, help=f"number type: {', '.join(MODES)} (default: F32)")
    p.add_argument("--model", required=True, type=Path, help="output: bmodel")
    _add_quantization(p)
    _add_auto(p)
    _add_ports(p)
    _add_checks(p)
    p.add_argument("--high_precision", action="store_true", help="keep sensitive ops in f32")
    p.add_argument("--not_gen_bmodel", action="store_true", help="stop after the Tpu module")
    _add_groups(p)
    p.add_argument("--disable_topo_sort", action="store_true", help="keep the order of the ops")
    p.add_argument("--debug", action="store_true", help="keep intermediate files, show stack traces")
    _add_fixed(p)
    for name in FLAGS:
        p.add_argument(f"--{name}", action="store_true", help=argparse.SUPPRESS)
    for name in VALUES:
        p.add_argument(f"--{name}", nargs="?", help=argparse.SUPPRESS)
    return p


def _add_quantization(p: Parser) -> None:
    g = p.add_argument_group("quantization")
    g.add_argument("--calibration_table", type=Path, help="ranges of the activations, from run_calibration")
    g.add_argument("--quantize_table", type=Path, help="file with lines of op name and mode, for mixed precision")
    g.add_argument("--asymmetric", action="store_true", help="INT8 activations with zero points")
    g.add_argument("--quant_mode", choices=QUANT_MODES, help="requantization by an f32 factor, or multiplier and shift")
    g.add_argument("--q_group_size", type=int, help=f"weights that share a scale, in W8 and W4 modes ({WEIGHT_GROUP})")
    g.add_argument("--q_symmetric", action="store_true", help="groups of weights without zero points")
    g.add_argument("--matmul_perchannel", action="store_true", help="INT8 matrix products with a scale per column")


def _add_auto(p: Parser) -> None:
    g = p.add_argument_group("automatic choice of calibration, symmetry and mixed precision")
    g.add_argument("--auto", action="store_true", help="INT8: choose by measuring what reaches --expected_cos cheapest")
    g.add_argument("--dataset", type=Path, help="folder of samples: pictures, npz or npy files")
    g.add_argument("--data_list", type=Path, help="text file: a sample per line, its inputs separated by commas")
    g.add_argument("--input_num", type=int, default=0, help="samples to calibrate with (0: all)")
    g.add_argument("--inference_num", type=int, default=10, help="samples to measure similarity on (0: all)")
    g.add_argument("--expected_cos", type=float, default=0.99, help="similarity of every output to reach")
    g.add_argument("--fp_type", default="auto", choices=["auto", "F16", "F32", "BF16"], help="type of float layers")
    g.add_argument("--post_process", type=Path, help="Python file with the metric to reach")


AUTO_ONLY = ("dataset", "data_list", "input_num", "inference_num", "expected_cos", "fp_type", "post_process")


def _add_ports(p: Parser) -> None:
    g = p.add_argument_group("inputs and outputs")
    g.add_argument("--quant_input", action="store_true", help="take inputs in the types of the chip, without casts")
    g.add_argument("--quant_output", action="store_true", help="give outputs in the types of the chip")
    g.add_argument("--quant_input_list", type=_numbers, default=(), help="only these inputs, counted from 1: 1,3")
    g.add_argument("--quant_output_list", type=_numbers, default=(), help="only these outputs, counted from 1")
    g.add_argument("--quant_output_bf16", action="store_true", help="give outputs in bf16")
    g.add_argument("--quant_input_int8", action="store_true", help="take 8-bit inputs")
    g.add_argument("--quant_output_int8", action="store_true", help="give 8-bit outputs")
    g.add_argument("--fuse_preprocess", action="store_true", help="take pictures; the network prepares them")
    g.add_argument("--customization_format", type=str.upper, default="", help="layout of these pictures: RGB_PACKED …")
    g.add_argument("--aligned_input", action="store_true", help="rows and planes of these pictures are aligned")


def _add_checks(p: Parser) -> None:
    g = p.add_argument_group("checks")
    g.add_argument("--test_input", type=_paths, default=[], help="npz, npy or images to check with")
    g.add_argument("--gen_test_input", action="store_true", help="make a random test input")
    g.add_argument("--gen_test_seed", type=int, default=0, help="seed of the random test input")
    g.add_argument("--test_reference", type=Path, help="npz with Top tensors; without it Top is evaluated")
    g.add_argument(
        "--compare_all", action="store_true", help="compare every tensor, write PREFIX_compare.html and .csv"
    )
    g.add_argument("--tolerance", default="", help="smallest cosine,euclidean similarity of Tpu and Top")
    g.add_argument("--correctness", default="", help="smallest similarity of bmodel and Tpu")
    g.add_argument("--excepts", default="", help="tensors left out of the comparison, separated by commas")
    g.add_argument("--fazzy_match", action="store_true", help="find partners of unknown names by their content")
    g.add_argument("--skip_validation", action="store_true", help="do not run the bmodel")


def _add_groups(p: Parser) -> None:
    g = p.add_argument_group("layer groups")
    g.add_argument("--opt", type=int, default=2, choices=[0, 1, 2, 3], help=OPT_HELP)
    g.add_argument("--disable_layer_group", action="store_true", help="compile every op alone, as --opt 0")
    g.add_argument("--layer_group_config", type=Path, help="plan file: these groups and slices, without a search")
    g.add_argument("--autotune", type=float, metavar="SECONDS", help="search better groups; kept for later compiles")
    g.add_argument("--autotune_trials", type=int, metavar="N", help="the same, until about N plans have been tried")
    g.add_argument("--enable_lghash", action="store_true", help="keep the plans of all networks in a folder")
    g.add_argument("--lghash_dir", type=Path, help="this folder (default: that of the model)")
    g.add_argument("--avoid_price_quirks", action="store_true", help=QUIRKS_HELP)
    g.add_argument("--lg_debugger", type=int, default=0, choices=[0, 1], help="1: write what the groups are")


def _add_fixed(p: Parser) -> None:
    """Options of which only the default, or a value of the same meaning, can be chosen."""
    p.add_argument("--num_device", type=int, default=1, choices=[1], help="number of chips: 1")
    p.add_argument("--num_core", type=int, default=1, choices=[1], help="number of cores: 1")
    p.add_argument("--group_by_cores", default="auto", choices=["auto", "false"], help=argparse.SUPPRESS)
    p.add_argument("--addr_mode", default="auto", choices=["auto", "basic"], help="addresses of inputs and outputs")
    p.add_argument("--compress_mode", default="none", choices=["none"], help=argparse.SUPPRESS)
    p.add_argument("--gelu_mode", default="normal", choices=["normal"], help=argparse.SUPPRESS)
    p.add_argument("--model_version", default="latest", choices=["latest"], help=argparse.SUPPRESS)
    p.add_argument("--shape_secs_search_strategy", type=int, default=0, choices=[0], help=argparse.SUPPRESS)
    p.add_argument("--disable_affine", action="store_true", help="accepted: there is no such pass")
    p.add_argument("--disable_gdma_check", action="store_true", help="accepted: addresses are always checked")
    p.add_argument("--log_level", type=int, default=0, choices=[0, 1], help="accepted: reports are always short")


def _paths(text: str) -> list[Path]:
    return [Path(word.strip()) for word in text.split(",") if word.strip()]


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(",") if word.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers such as 1,3") from error


def _options(args: argparse.Namespace, command: Sequence[str], notify: Callable[[str], None]) -> DeployOptions:
    from ..deploy.options import DeployOptions
    from ..pipelines import QuantizedPorts

    return DeployOptions(
        mlir=args.mlir,
        mode=args.quantize or ("INT8" if args.auto else "F32"),
        chip=args.chip,
        model=args.model,
        calibration_table=args.calibration_table,
        quantize_table=args.quantize_table,
        asymmetric=args.asymmetric,
        quant_mode=args.quant_mode,
        q_group_size=args.q_group_size,
        q_symmetric=args.q_symmetric,
        matmul_perchannel=args.matmul_perchannel,
        ports=QuantizedPorts(**{f.name: getattr(args, f.name) for f in fields(QuantizedPorts)}),
        fuse_preprocess=args.fuse_preprocess,
        customization_format=args.customization_format,
        aligned_input=args.aligned_input,
        test_input=args.test_input,
        gen_test_input=args.gen_test_input,
        gen_test_seed=args.gen_test_seed,
        test_reference=args.test_reference,
        compare_all=args.compare_all,
        tolerance=Tolerance.parse(args.tolerance) if args.tolerance else None,
        correctness=Tolerance.parse(args.correctness) if args.correctness else None,
        excepts=[name for name in args.excepts.split(",") if name not in ("", "-")],
        fuzzy_match=args.fazzy_match,
        skip_validation=args.skip_validation,
        not_gen_bmodel=args.not_gen_bmodel,
        high_precision=args.high_precision,
        opt=args.opt,
        topo_sort=not args.disable_topo_sort,
        layer_group=not args.disable_layer_group,
        layer_group_config=args.layer_group_config,
        lghash_dir=_hash_folder(args),
        dump_groups=args.debug or args.lg_debugger == 1,
        autotune=args.autotune,
        autotune_trials=args.autotune_trials,
        avoid_price_quirks=args.avoid_price_quirks,
        debug=args.debug,
        command=command,
        notify=notify,
        say=lambda text: print(text, file=sys.stderr),
    )


def _hash_folder(args: argparse.Namespace) -> Path | None:
    if args.lghash_dir is not None and not args.enable_lghash:
        raise UserError("--lghash_dir says where --enable_lghash keeps plans; give both")
    if not args.enable_lghash:
        return None
    return args.lghash_dir if args.lghash_dir is not None else args.model.parent


def _run(args: argparse.Namespace, command: Sequence[str]) -> int:
    from ..deploy.flow import deploy

    chosen = _chosen(args, command) if args.auto else None
    with steps(7) as notify:
        options = _options(args, command, notify)
        report = deploy(options if chosen is None else replace(chosen, notify=notify))
    for note in report.notes:
        print(f"note: {note}")
    return _show(report)


def _chosen(args: argparse.Namespace, command: Sequence[str]) -> DeployOptions:
    """The options with what --auto chose; says what it is, why, and how to get it again."""
    from ..deploy.auto import Samples, check_auto, choose
    from ..deploy.hints import again
    from ..deploy.options import check

    options = _options(args, command, lambda step: None)
    samples = Samples(
        args.dataset,
        args.data_list,
        args.input_num,
        args.inference_num,
        args.expected_cos,
        args.fp_type,
        args.post_process,
    )
    check_auto(options, samples)
    check(options)
    options, result = choose(options, samples)
    rows = [
        (variant.name, f"{variant.measured.score:.6f}", "" if variant.cycles is None else f"{variant.cycles:,}")
        for variant in result.variants
    ]
    print(columns(rows, ("tried", "similarity", "cycles")))
    for reason in result.reasons:
        print(reason)
    table = str(result.quantize_table) if result.quantize_table else None
    same = again(
        options,
        auto=None,
        **dict.fromkeys(AUTO_ONLY),
        quantize="INT8",
        calibration_table=str(result.calibration_table),
        quantize_table=table,
        asymmetric=result.asymmetric or None,
        tolerance=_as_option(options.tolerance),
        correctness=_as_option(options.correctness),
    )
    print(f"the same without a search: {same}\n")
    return replace(options, command=shlex.split(same))


def _as_option(tolerance: Tolerance | None) -> str | None:
    return f"{tolerance.cosine:.4g},{tolerance.euclidean:.4g}" if tolerance is not None else None


def _show(report: DeployReport) -> int:
    rows = []
    for stage in report.stages:
        found = stage.comparison
        similarity = ("", "") if found is None else (f"{found.min_cosine:.6f}", f"{found.min_euclidean:.6f}")
        rows.append((stage.name, f"{stage.seconds:.2f}", *similarity, stage.result))
    print(columns(rows, ("step", "seconds", "cosine", "euclidean", "file")))
    _print_layers(report.layers)
    for stage in report.failures:
        assert stage.comparison is not None
        failures = stage.comparison.failures
        for entry in failures[:LISTED]:
            print("  " + describe(entry))
        if len(failures) > LISTED:
            print(f"  and {len(failures) - LISTED} more")
        for hint in report.hints:
            print(f"to try: {hint}")
        raise UserError(f"{stage.name}: {stage.comparison.summary()}")
    return 0


def _print_layers(layers: LayerReport) -> None:
    """The layers of lowest similarity; "drop" is what the layer itself loses."""
    rows = []
    for loss in layers.worst(WORST):
        layer, similarity = loss.layer, loss.similarity
        figures = (f"{similarity.cosine:.6f}", f"{similarity.euclidean:.6f}", f"{similarity.sqnr:.1f}")
        rows.append((layer.name, layer.op, layer.kind, *figures, f"{loss.drop:.6f}", f"{100 * loss.clipped:.2f}"))
    if rows:
        print(f"\nworst of {len(layers.losses)} layers")
        print(columns(rows, ("layer", "op", "type", "cosine", "euclidean", "SNR dB", "drop", "clipped %")))


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    words = list(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(words)
    refuse(parser, args, FLAGS | VALUES)
    for name in AUTO_ONLY:
        if not args.auto and getattr(args, name) != parser.get_default(name):
            parser.error(f"--{name} is for --auto; run_calibration.py makes a calibration table from samples")
    return guarded(NAME, args.debug, lambda: _run(args, [f"{NAME}.py", *words]))


if __name__ == "__main__":
    sys.exit(main())
