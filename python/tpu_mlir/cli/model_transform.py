"""model_transform: convert a source network to a canonical Top .mlir file and check it."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..npz.compare import Tolerance, describe
from .command import Parser, guarded, make_parser, refuse, steps
from .image_options import add_image_options, integers, preprocessing_of, words

NAME = "model_transform"

_FIXED = (
    "code is generated for fixed shapes; compile one model per shape with --input_shapes and join them with model_tool "
    "--combine, where the runtime chooses by shape"
)
UNSUPPORTED = {
    "model_extern": "several PyTorch files cannot be read, export the network to ONNX",
    "pruning": "the format of its file is not public; take the pruned channels out of the network before exporting it, "
    "or set their weights to zero there",
    "dynamic_shape_input_names": _FIXED,
    "shape_influencing_input_names": "shapes may not depend on the values of inputs; export the network with these "
    "inputs as constants, or cut it before them with --output_names",
    "dynamic": _FIXED,
    "path_yaml": "Mask R-CNN has no flow of its own here",
    "enable_maskrcnn": "Mask R-CNN has no flow of its own here",
    "op_custom_shape": "sizes that depend on data cannot be stated; export the network with constant ones, and fix the "
    "shapes of inputs with --input_shapes",
    "replace_topk_indices": "indices are compared like other values; leave them out with --excepts",
    "yuv_type": "convert the picture to png or jpg",
    "use_rewriter_config": "all rewrites are always on",
    "struct_optimize": "there are no presets for special structures",
    "patterns_count": "rewrites are not counted",
    "debug_cmd": "there are no free-form switches, see tpuc-opt --help",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--model_name", required=True, help="beginning of all file names")
    p.add_argument("--model_def", required=True, type=Path, help=".onnx, .tflite, .pt, .pt2, .prototxt or Top .mlir")
    p.add_argument("--model_data", type=Path, help="the weights of a .prototxt: a file .caffemodel")
    p.add_argument("--mlir", required=True, type=Path, help="output: canonical Top module")
    p.add_argument("--input_shapes", type=_shapes, default=[], help="shapes of the inputs, as [[1,3,224,224],[1,10]]")
    p.add_argument(
        "--input_types", type=words, default=[], help="types of inputs: chosen for TorchScript, else checked"
    )
    p.add_argument("--trust_pickle", action="store_true", help="load PyTorch files that can run any code")
    p.add_argument("--output_names", type=words, default=[], help="tensors at which the network is cut")
    p.add_argument("--test_input", type=words, default=[], help="npz, npy or images, separated by commas")
    p.add_argument("--test_result", type=Path, help="output: npz of all Top tensors, needed with --test_input")
    p.add_argument("--tolerance", default="0.99,0.99", help="smallest cosine,euclidean similarity")
    p.add_argument("--cache_skip", action="store_true", help="do not compare again what passed and has not changed")
    p.add_argument("--excepts", default="", help="tensors left out of the comparison, separated by commas")
    p.add_argument("--not_inference", action="store_true", help="do not run the comparison")
    p.add_argument("--add_postprocess", default="", help="append the decoding of yolov3, v5, v7, v8, v11 or ssd")
    p.add_argument(
        "--onnx_sim", default="", choices=["", "skip_fuse_bn"], help="accepted: simplifying keeps all results"
    )
    p.add_argument("--do_onnx_sim", type=_truth, default=True, help="accepted: constants are always folded")
    p.add_argument("--log_level", type=int, default=0, choices=[0, 1], help="accepted: reports are always short")
    p.add_argument("--debug", action="store_true", help="keep intermediate files, show stack traces")
    add_image_options(p)
    p.add_argument("--preprocess_list", type=integers, default=(), help="numbers (from 1) of inputs that are images")
    _add_unsupported(p)
    return p


def _add_unsupported(p: Parser) -> None:
    flags = ("dynamic", "enable_maskrcnn", "use_rewriter_config")
    for name in UNSUPPORTED:
        if name in flags:
            p.add_argument(f"--{name}", action="store_true", help=argparse.SUPPRESS)
        else:
            p.add_argument(f"--{name}", help=argparse.SUPPRESS)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "1")


def _shapes(text: str) -> list[list[int]]:
    try:
        shapes = ast.literal_eval(text) if text else []
        shapes = [shapes] if shapes and isinstance(shapes[0], int) else shapes
        if not all(isinstance(size, int) for shape in shapes for size in shape):
            raise TypeError
        return [list(shape) for shape in shapes]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of shapes such as [[1,3,224,224]]") from error


def _run(args: argparse.Namespace) -> int:
    from .. import transform

    with steps(5) as notify:
        report = transform.transform(
            transform.TransformOptions(
                model_name=args.model_name,
                model_def=args.model_def,
                model_data=args.model_data,
                mlir=args.mlir,
                input_shapes=args.input_shapes,
                input_types=args.input_types,
                output_names=args.output_names,
                preprocessing=preprocessing_of(args),
                preprocess_list=args.preprocess_list,
                test_input=[] if args.not_inference else [Path(name) for name in args.test_input],
                test_result=args.test_result,
                tolerance=Tolerance.parse(args.tolerance),
                postprocess=args.add_postprocess,
                excepts=[name for name in args.excepts.split(",") if name not in ("", "-")],
                trust_pickle=args.trust_pickle,
                cache_skip=args.cache_skip,
                debug=args.debug,
                notify=notify,
            )
        )
    print(transform.describe(report, args.model_def))
    if report.comparison is None or report.comparison.passed:
        return 0
    for entry in report.comparison.failures:
        print("  " + describe(entry))
    raise UserError(f"{args.mlir} differs from {args.model_def} in {len(report.comparison.failures)} tensors")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, UNSUPPORTED)
    return guarded(NAME, args.debug, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
