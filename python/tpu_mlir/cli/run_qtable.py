"""run_qtable: find the layers that must be computed in float for INT8 to be accurate, and write the quantize table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..files import require_file, require_writable
from .command import Parser, guarded, make_parser

NAME = "run_qtable"


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("mlir_file", type=Path, help="canonical Top module of model_transform")
    p.add_argument("--dataset", type=Path, help="folder of samples: images, npz or npy files")
    p.add_argument("--data_list", type=Path, help="text file: a sample per line, its inputs separated by commas")
    p.add_argument("--calibration_table", type=Path, required=True, help="table of run_calibration.py")
    p.add_argument("--chip", "--processor", default="bm1684x", type=str.lower, help="chip to compile for: bm1684x")
    p.add_argument("--asymmetric", action="store_true", help="the network is for model_deploy.py --asymmetric")
    p.add_argument(
        "--input_num", "--inference_num", dest="input_num", type=int, default=10, help="samples (0: all; default: 10)"
    )
    p.add_argument("--expected_cos", type=float, default=0.99, help="similarity of every output to reach")
    p.add_argument("--min_layer_cos", type=float, help="only layers whose own cosine is below may become float")
    p.add_argument("--max_float_layers", type=int, help="most lines of the table (default: any number)")
    p.add_argument("--fp_type", default="auto", choices=["auto", "F16", "F32", "BF16"], help="type of float layers")
    p.add_argument("--post_process", type=Path, help="Python file with metric(outputs, reference) or class PostProcess")
    p.add_argument(
        "--global_compare_layers", default="", help="tensors to compare instead of the outputs: NAME[:WEIGHT],…"
    )
    p.add_argument("--benchmark_method", default="cos", choices=["cos", "snr"], help="measure of similarity")
    p.add_argument("--pre_qtable", type=Path, help="quantize table whose lines are kept")
    p.add_argument("--mix_mode", default="wi8ai8_fp", help="number types to mix: wi8ai8_fp")
    p.add_argument("--cluster", action="store_true", help="accepted: neighbouring layers are always decided together")
    p.add_argument("--loss_table", type=Path, help="CSV of all layers (default: TABLE.layers.csv)")
    p.add_argument("-o", "--quantize_table", type=Path, required=True, help="quantize table to write")
    p.add_argument("--debug", action="store_true", help="show stack traces")
    return p


def _run(args: argparse.Namespace) -> int:
    from ..search.after_calibration import finish_qtable, options_of, sample_files
    from ..search.qtable import search_qtable

    require_file(args.mlir_file, "the module")
    require_writable(args.quantize_table, "the quantize table")
    if args.input_num < 0:
        raise UserError(f"the number of samples is {args.input_num}; give 0 for all")
    options = options_of(args, require_file(args.calibration_table, "the calibration table"))
    options.check()
    _, samples = sample_files(args.mlir_file, args.dataset, args.data_list, args.input_num)
    result = search_qtable(options, samples)
    finish_qtable(options, result, args.quantize_table, args.loss_table)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    args = _parser().parse_args(argv)
    return guarded(NAME, args.debug, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
