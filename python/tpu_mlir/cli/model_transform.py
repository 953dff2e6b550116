"""model_transform: convert a source network to a canonical Top .mlir file and check it."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..npz.compare import Tolerance, describe
from ..preprocess import Preprocessing
from .command import Parser, guarded, make_parser, refuse, steps

NAME = "model_transform"

UNSUPPORTED = {
    "model_data": "Caffe models cannot be read yet, export the network to ONNX",
    "model_extern": "several PyTorch files cannot be read, export the network to ONNX",
    "add_postprocess": "append the detection head in your application",
    "pruning": "prune the network before exporting it",
    "dynamic_shape_input_names": "compile one model per shape with --input_shapes",
    "shape_influencing_input_names": "export the network with fixed shapes",
    "dynamic": "compile one model per shape with --input_shapes",
    "path_yaml": "Mask R-CNN has no flow of its own here",
    "enable_maskrcnn": "Mask R-CNN has no flow of its own here",
    "op_custom_shape": "export the network with fixed shapes",
    "replace_topk_indices": "TopK cannot be compiled yet",
    "yuv_type": "convert the picture to png or jpg",
    "use_rewriter_config": "all rewrites are always on",
    "struct_optimize": "there are no presets for special structures",
    "patterns_count": "rewrites are not counted",
    "debug_cmd": "there are no free-form switches, see tpuc-opt --help",
    "cache_skip": "checks are always run",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--model_name", required=True, help="beginning of all file names")
    p.add_argument("--model_def", required=True, type=Path, help="the network: a file .onnx")
    p.add_argument("--mlir", required=True, type=Path, help="output: canonical Top module")
    p.add_argument("--input_shapes", type=_shapes, default=[], help="shapes of the inputs, as [[1,3,224,224],[1,10]]")
    p.add_argument("--input_types", type=_words, default=[], help="types of the inputs; only float32 can be chosen")
    p.add_argument("--output_names", type=_words, default=[], help="tensors at which the network is cut")
    p.add_argument("--test_input", type=_words, default=[], help="npz, npy or images, separated by commas")
    p.add_argument("--test_result", type=Path, help="output: npz of all Top tensors, needed with --test_input")
    p.add_argument("--tolerance", default="0.99,0.99", help="smallest cosine,euclidean similarity")
    p.add_argument("--excepts", default="", help="tensors left out of the comparison, separated by commas")
    p.add_argument("--not_inference", action="store_true", help="do not run the comparison")
    p.add_argument("--onnx_sim", default="", choices=["", "skip_fuse_bn"], help="accepted: constants are always folded")
    p.add_argument("--do_onnx_sim", type=_truth, default=True, help="accepted: constants are always folded")
    p.add_argument("--log_level", type=int, default=0, choices=[0, 1], help="accepted: reports are always short")
    p.add_argument("--debug", action="store_true", help="keep intermediate files, show stack traces")
    _add_image_options(p)
    _add_unsupported(p)
    return p


def _add_image_options(p: Parser) -> None:
    p.add_argument("--resize_dims", type=_integers, help="h,w that images are resized to before the crop")
    p.add_argument("--keep_aspect_ratio", action="store_true", help="keep the aspect ratio when resizing")
    p.add_argument("--keep_ratio_mode", default="letterbox", choices=["letterbox", "short_side_scale"])
    p.add_argument("--mean", type=_numbers, default=(0.0, 0.0, 0.0), help="subtracted, per channel")
    p.add_argument("--scale", type=_numbers, default=(1.0, 1.0, 1.0), help="factor after the mean, per channel")
    p.add_argument("--pixel_format", default="bgr", choices=["rgb", "bgr", "gray", "rgba"])
    p.add_argument("--channel_format", default="nchw", choices=["nhwc", "nchw", "none"], help="none: no image")
    p.add_argument("--pad_value", type=int, default=0, help="value of letterbox padding")
    p.add_argument("--pad_type", default="center", choices=["normal", "center"], help="where letterbox padding goes")
    p.add_argument("--preprocess_list", type=_integers, default=(), help="numbers (from 1) of inputs that are images")


def _add_unsupported(p: Parser) -> None:
    flags = ("dynamic", "enable_maskrcnn", "use_rewriter_config", "cache_skip")
    for name in UNSUPPORTED:
        if name in flags:
            p.add_argument(f"--{name}", action="store_true", help=argparse.SUPPRESS)
        else:
            p.add_argument(f"--{name}", help=argparse.SUPPRESS)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.strip("[]").split(",") if word.strip()]


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "1")


def _integers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in _words(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of integers") from error


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in _words(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers") from error


def _shapes(text: str) -> list[list[int]]:
    try:
        shapes = ast.literal_eval(text) if text else []
        shapes = [shapes] if shapes and isinstance(shapes[0], int) else shapes
        if not all(isinstance(size, int) for shape in shapes for size in shape):
            raise TypeError
        return [list(shape) for shape in shapes]
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of shapes such as [[1,3,224,224]]") from error


def _preprocessing(args: argparse.Namespace) -> Preprocessing:
    dims = args.resize_dims
    if dims is not None and (len(dims) != 2 or min(dims) < 1):
        raise UserError(f"--resize_dims {list(dims)} is not a height and a width")
    return Preprocessing(
        resize_dims=None if dims is None else (dims[0], dims[1]),
        keep_aspect_ratio=args.keep_aspect_ratio,
        keep_ratio_mode=args.keep_ratio_mode,
        mean=args.mean,
        scale=args.scale,
        pixel_format=args.pixel_format,
        channel_format=args.channel_format,
        pad_value=args.pad_value,
        pad_type=args.pad_type,
    )


def _run(args: argparse.Namespace) -> int:
    from .. import transform

    if any(kind not in ("float32", "f32") for kind in args.input_types):
        raise UserError("--input_types: inputs are float32, or integers where the network says so")
    with steps(5) as notify:
        report = transform.transform(
            transform.TransformOptions(
                model_name=args.model_name,
                model_def=args.model_def,
                mlir=args.mlir,
                input_shapes=args.input_shapes,
                output_names=args.output_names,
                preprocessing=_preprocessing(args),
                preprocess_list=args.preprocess_list,
                test_input=[] if args.not_inference else [Path(name) for name in args.test_input],
                test_result=args.test_result,
                tolerance=Tolerance.parse(args.tolerance),
                excepts=[name for name in args.excepts.split(",") if name not in ("", "-")],
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
