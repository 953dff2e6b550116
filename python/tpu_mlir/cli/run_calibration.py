"""run_calibration: find the ranges of every tensor over sample inputs and write the calibration table for INT8."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from .command import Parser, guarded, make_parser, refuse

NAME = "run_calibration"

METHODS = ("kl", "max", "percentile9999", "mse", "aciq_gauss", "aciq_laplace", "auto")
ALIASES = ("use_kl", "use_max", "use_percentile9999", "use_mse")
SEARCHES = ("search_threshold", "search_qtable", "fast_search", "mix_search", "False")

UNSUPPORTED = {
    "smc": "softmax runs in float, there is nothing to correct",
    "kurtosis_analysis": "compare layers with model_deploy.py --compare_all",
    "part_quantize": "give a quantize table to model_deploy.py (run_qtable.py makes one)",
    "custom_operator": "give a quantize table to model_deploy.py (run_qtable.py makes one)",
    "part_asymmetric": "choose model_deploy.py --asymmetric for the whole network",
    "mix_mode": "8-bit layers are mixed with float ones only",
    "debug_cmd": "there are no free-form switches",
}
SEARCH_ONLY = ("pre_qtable", "cluster", "global_compare_layers", "post_process")


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("mlir_file", type=Path, help="canonical Top module of model_transform")
    p.add_argument("--dataset", type=Path, help="folder of samples: images, npz or npy files")
    p.add_argument("--data_list", type=Path, help="text file: a sample per line, its inputs separated by commas")
    p.add_argument("--input_num", type=int, default=0, help="number of samples taken (0: all)")
    p.add_argument(
        "--cali_method",
        default="kl",
        choices=[*METHODS, *ALIASES],
        help="how thresholds are found; auto takes for each tensor what causes the least error (default: kl)",
    )
    p.add_argument("--tune_num", type=int, default=5, help="samples on which thresholds are tuned (0: no tuning)")
    p.add_argument("--tune_list", type=Path, help="samples for tuning, as --data_list (default: the first ones)")
    p.add_argument("--histogram_bin_num", type=int, default=2048, help="least bins up to a tensor's largest value")
    p.add_argument("-o", "--calibration_table", type=Path, help="table to write (default: NAME_cali_table)")
    p.add_argument("--we", action="store_true", help="balance channels between layers (rewrites the module)")
    p.add_argument("--sq", action="store_true", help="move ranges from activations to weights (rewrites the module)")
    p.add_argument("--bc", action="store_true", help="correct mean errors in biases (rewrites the module)")
    p.add_argument("--ar", action="store_true", help="round weights so that their errors cancel (rewrites the module)")
    p.add_argument("--bc_inference_num", type=int, default=30, help="samples for --bc, --ar, --we and --sq (0: all)")
    p.add_argument("--asymmetric", action="store_true", help="what --bc, --ar and --search are for")
    p.add_argument("--scheduler", help="address of a Dask scheduler whose workers take part, tcp://HOST:PORT")
    p.add_argument("--chip", "--processor", default="bm1684x", type=str.lower, help="chip to compile for: bm1684x")
    p.add_argument("--debug_log", "--debug", action="store_true", help="show stack traces")
    _add_search(p)
    p.add_argument("--smc", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--kurtosis_analysis", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--part_quantize", help=argparse.SUPPRESS)
    p.add_argument("--custom_operator", help=argparse.SUPPRESS)
    p.add_argument("--part_asymmetric", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--mix_mode", default="wi8ai8_fp", help=argparse.SUPPRESS)
    p.add_argument("--q_group_size", type=int, default=64, help=argparse.SUPPRESS)
    p.add_argument("--debug_cmd", help=argparse.SUPPRESS)
    return p


def _add_search(p: Parser) -> None:
    group = p.add_argument_group("search, after the calibration (see also run_qtable.py)")
    group.add_argument("--search", default="False", choices=SEARCHES, help="what to search")
    group.add_argument("--quantize_table", type=Path, help="quantize table to write")
    group.add_argument("--inference_num", type=int, default=30, help="samples for the search")
    group.add_argument("--expected_cos", type=float, default=0.99, help="similarity of the outputs to reach")
    group.add_argument("--min_layer_cos", type=float, help="only layers whose own cosine is below may become float")
    group.add_argument("--max_float_layers", type=int, help="most float layers in the table (default: any number)")
    group.add_argument("--fp_type", default="auto", choices=["auto", "F16", "F32", "BF16"], help="type of float layers")
    group.add_argument("--post_process", type=Path, help="Python file with the metric to reach")
    group.add_argument("--global_compare_layers", default="", help="tensors to compare instead of the outputs")
    group.add_argument("--quantize_method_list", default="mse", help="methods that search_threshold tries")
    group.add_argument("--benchmark_method", default="cos", choices=["cos", "snr"], help="measure of similarity")
    group.add_argument("--pre_qtable", type=Path, help="quantize table to begin with")
    group.add_argument("--cluster", action="store_true", help="decide on neighbouring layers together")


def _run(args: argparse.Namespace) -> int:
    from ..calibration.run import CalibrationOptions, calibrate
    from ..parallel import bar

    if args.chip != "bm1684x":
        raise UserError(f"the chip {args.chip} is not supported yet; choose bm1684x")
    for name in SEARCH_ONLY:
        if args.search == "False" and getattr(args, name):
            raise UserError(f"--{name} belongs to a search; add --search search_qtable")
    options = CalibrationOptions(
        mlir=args.mlir_file,
        dataset=args.dataset,
        data_list=args.data_list,
        input_num=args.input_num,
        method=args.cali_method.removeprefix("use_"),
        tune_list=args.tune_list,
        tune_num=args.tune_num,
        bins=args.histogram_bin_num,
        table=args.calibration_table,
        equalize=args.we,
        smooth=args.sq,
        correct_bias=args.bc,
        adapt_rounding=args.ar,
        bias_samples=args.bc_inference_num,
        asymmetric=args.asymmetric,
        scheduler=args.scheduler,
        bar=bar,
    )
    if args.search != "False" and args.quantize_table is None and args.search != "search_threshold":
        raise UserError(f"--search {args.search} writes a quantize table; name it with --quantize_table")
    report = calibrate(options)
    for sentence in [*report.changed, *report.warnings]:
        print(sentence)
    count = len(report.table.entries)
    print(f"{count} tensors, {report.samples} samples, {options.method}, {report.seconds:.1f} s -> {report.path}")
    if args.search != "False":
        from ..search.after_calibration import search

        return search(args, options, report)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, UNSUPPORTED)
    return guarded(NAME, args.debug_log, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
