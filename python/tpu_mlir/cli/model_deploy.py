"""model_deploy: compile a canonical Top .mlir file to a bmodel and check every stage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..npz.compare import Tolerance, describe
from .command import Parser, columns, guarded, make_parser, refuse, steps

NAME = "model_deploy"

FLAGS = {
    "asymmetric": "INT8 is not supported yet, choose F32, F16 or BF16",
    "q_symmetric": "4- and 8-bit weights are not supported yet",
    "quant_input": "networks take f32",
    "quant_output": "networks give f32",
    "quant_output_bf16": "networks give f32",
    "quant_input_int8": "networks take f32",
    "quant_output_int8": "networks give f32",
    "ignore_f16_overflow": "use --high_precision",
    "cache_skip": "checks are always run",
    "fazzy_match": "tensors are compared by name",
    "cuda": "the inference runs on the CPU",
    "fuse_preprocess": "prepare pictures in your application",
    "aligned_input": "prepare pictures in your application",
    "dynamic": "compile one model per shape",
    "disable_structure_detect_opt": "there is no structure detection",
    "use_rewriter_config": "all rewrites are always on",
    "enable_lghash": "there is no cache of layer groups",
    "rvti": "only bm1684x can be compiled for",
    "op_divide": "tensors of any size compile without it",
    "merge_weight": "use model_tool --combine",
    "do_winograd": "only bm1684x can be compiled for",
    "includeWeight": "only bm1684x can be compiled for",
    "matmul_perchannel": "INT8 is not supported yet",
    "opt_post_processor": "only bm1684x can be compiled for",
    "weight_deduplicate": "equal weights are always shared",
    "io_alone": "use --addr_mode",
    "enable_maskrcnn": "Mask R-CNN has no flow of its own here",
}
VALUES = {
    "calibration_table": "INT8 is not supported yet, choose F32, F16 or BF16",
    "quant_input_list": "networks take f32",
    "quant_output_list": "networks give f32",
    "ip": "run the bmodel on the device itself",
    "pwd": "run the bmodel on the device itself",
    "customization_format": "prepare pictures in your application",
    "layer_group_config": "layer groups have no configuration file",
    "same_addr": "addresses cannot be chosen",
    "save_io_alone_config": "addresses cannot be chosen",
    "use_io_alone_config": "addresses cannot be chosen",
    "lghash_dir": "there is no cache of layer groups",
    "trunc_final": "cut the network with model_transform --output_names",
    "iomem_set": "addresses cannot be chosen",
    "patterns_count": "rewrites are not counted",
    "time_fixed_subnet": "the whole network is one sub-network",
    "subnet_params": "the whole network is one sub-network",
    "global_op_types": "use --disable_layer_group",
    "debug_cmd": "there are no free-form switches, see tpuc-opt --help",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--mlir", required=True, type=Path, help="canonical Top module of model_transform")
    p.add_argument("--chip", "--processor", required=True, type=str.lower, help="chip to compile for: bm1684x")
    p.add_argument("--quantize", default="F32", type=str.upper, help="number type: F32, F16 or BF16")
    p.add_argument("--model", required=True, type=Path, help="output: bmodel")
    p.add_argument("--quantize_table", type=Path, help="file with lines of op name and mode, for mixed precision")
    p.add_argument("--high_precision", action="store_true", help="keep sensitive ops in f32")
    p.add_argument("--test_input", type=_paths, default=[], help="npz, npy or images to check with")
    p.add_argument("--gen_test_input", action="store_true", help="make a random test input")
    p.add_argument("--gen_test_seed", type=int, default=0, help="seed of the random test input")
    p.add_argument("--test_reference", type=Path, help="npz with Top tensors; without it Top is evaluated")
    p.add_argument("--compare_all", action="store_true", help="compare every tensor, not only the outputs")
    p.add_argument("--tolerance", default="", help="smallest cosine,euclidean similarity of Tpu and Top")
    p.add_argument("--correctness", default="0.99,0.90", help="smallest similarity of bmodel and Tpu")
    p.add_argument("--excepts", default="", help="tensors left out of the comparison, separated by commas")
    p.add_argument("--skip_validation", action="store_true", help="do not run the bmodel")
    p.add_argument("--not_gen_bmodel", action="store_true", help="stop after the Tpu module")
    p.add_argument("--opt", type=int, default=2, choices=[1, 2], help="level of layer grouping")
    p.add_argument("--disable_layer_group", action="store_true", help="compile every op alone")
    p.add_argument("--disable_topo_sort", action="store_true", help="keep the order of the ops")
    p.add_argument("--debug", action="store_true", help="keep intermediate files, show stack traces")
    _add_fixed(p)
    for name in FLAGS:
        p.add_argument(f"--{name}", action="store_true", help=argparse.SUPPRESS)
    for name in VALUES:
        p.add_argument(f"--{name}", nargs="?", help=argparse.SUPPRESS)
    return p


def _add_fixed(p: Parser) -> None:
    """Options of which only the default, or a value of the same meaning, can be chosen."""
    p.add_argument("--num_device", type=int, default=1, choices=[1], help="number of chips: 1")
    p.add_argument("--num_core", type=int, default=1, choices=[1], help="number of cores: 1")
    p.add_argument("--group_by_cores", default="auto", choices=["auto", "false"], help=argparse.SUPPRESS)
    p.add_argument("--addr_mode", default="auto", choices=["auto", "basic"], help="addresses of inputs and outputs")
    p.add_argument("--compress_mode", default="none", choices=["none"], help=argparse.SUPPRESS)
    p.add_argument("--gelu_mode", default="normal", choices=["normal"], help=argparse.SUPPRESS)
    p.add_argument("--model_version", default="latest", choices=["latest"], help=argparse.SUPPRESS)
    p.add_argument("--q_group_size", type=int, default=64, help="accepted: only for 4- and 8-bit weights")
    p.add_argument("--lg_debugger", type=int, default=0, choices=[0], help=argparse.SUPPRESS)
    p.add_argument("--shape_secs_search_strategy", type=int, default=0, choices=[0], help=argparse.SUPPRESS)
    p.add_argument("--disable_affine", action="store_true", help="accepted: there is no such pass")
    p.add_argument("--disable_gdma_check", action="store_true", help="accepted: addresses are always checked")
    p.add_argument("--log_level", type=int, default=0, choices=[0, 1], help="accepted: reports are always short")


def _paths(text: str) -> list[Path]:
    return [Path(word.strip()) for word in text.split(",") if word.strip()]


def _run(args: argparse.Namespace) -> int:
    from .. import deploy

    with steps(6) as notify:
        report = deploy.deploy(
            deploy.DeployOptions(
                mlir=args.mlir,
                mode=args.quantize,
                chip=args.chip,
                model=args.model,
                test_input=args.test_input,
                gen_test_input=args.gen_test_input,
                gen_test_seed=args.gen_test_seed,
                test_reference=args.test_reference,
                compare_all=args.compare_all,
                tolerance=Tolerance.parse(args.tolerance) if args.tolerance else None,
                correctness=Tolerance.parse(args.correctness),
                excepts=[name for name in args.excepts.split(",") if name not in ("", "-")],
                skip_validation=args.skip_validation,
                not_gen_bmodel=args.not_gen_bmodel,
                high_precision=args.high_precision,
                quantize_table=args.quantize_table,
                opt=args.opt,
                topo_sort=not args.disable_topo_sort,
                layer_group=not args.disable_layer_group,
                debug=args.debug,
                notify=notify,
            )
        )
    rows = []
    for stage in report.stages:
        found = stage.comparison
        similarity = ("", "") if found is None else (f"{found.min_cosine:.6f}", f"{found.min_euclidean:.6f}")
        rows.append((stage.name, f"{stage.seconds:.2f}", *similarity, stage.result))
    print(columns(rows, ("step", "seconds", "cosine", "euclidean", "file")))
    for stage in report.failures:
        assert stage.comparison is not None
        for entry in stage.comparison.failures:
            print("  " + describe(entry))
        raise UserError(f"{stage.name}: {stage.comparison.summary()}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, FLAGS | VALUES)
    return guarded(NAME, args.debug, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
