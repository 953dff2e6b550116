"""model_eval: the accuracy of a network (.onnx, .mlir or .bmodel) on a data set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..accuracy.samples import DATASETS
from ..errors import UserError
from ..files import require_writable, save_text
from .command import Parser, columns, guarded, make_parser, refuse
from .image_options import add_image_options, preprocessing_of

NAME = "model_eval"

UNSUPPORTED = {
    "debug_cmd": "there are no free-form switches",
    "cuda": "the inference runs on the CPU",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--model_file", required=True, type=Path, help="network: .onnx, canonical or Tpu .mlir, or .bmodel")
    p.add_argument("--dataset_type", default="imagenet", help=f"kind of data set: {', '.join(DATASETS)}")
    p.add_argument("--postprocess_type", required=True, help="topx, coco_mAP, or a .py file with postprocess()")
    p.add_argument("--dataset", type=Path, help="folder of pictures (one folder per class) or arrays, or one npz or pt")
    p.add_argument("--data_list", type=Path, help="lines PATH or PATH LABEL")
    p.add_argument("--label_file", type=Path, help="lines LABEL or NAME LABEL; for coco the annotations (JSON)")
    p.add_argument("--count", type=int, default=0, help="number of samples, 0 for all")
    p.add_argument("--mlir", type=Path, help="module that says how pictures are prepared, for .onnx and .bmodel")
    p.add_argument("--json", type=Path, help="also write the result to this file")
    p.add_argument("--jobs", type=int, default=0, help="samples under way at once, 0 for one per core")
    p.add_argument("--scheduler", help="address of a Dask scheduler that shares the work, tcp://HOST:PORT")
    p.add_argument("--debug", action="store_true", help="show stack traces")
    add_image_options(p)
    p.add_argument("--debug_cmd", default="", help=argparse.SUPPRESS)
    p.add_argument("--cuda", action="store_true", help=argparse.SUPPRESS)
    return p


def _run(args: argparse.Namespace, parser: Parser) -> int:
    from ..accuracy.evaluate import EvaluationOptions, evaluate

    if args.json is not None:
        require_writable(args.json, "the result")
    if args.jobs < 0:
        raise UserError(f"--jobs {args.jobs} is negative; 0 means one per core")
    images = ("resize_dims", "keep_aspect_ratio", "keep_ratio_mode", "mean", "scale", "pixel_format", "channel_format")
    given = [name for name in (*images, "pad_value", "pad_type") if getattr(args, name) != parser.get_default(name)]
    if given and args.mlir is not None:
        raise UserError(f"--{given[0]} and --mlir both say how pictures are prepared; leave one of them out")
    result = evaluate(
        EvaluationOptions(
            model=args.model_file,
            postprocess=args.postprocess_type,
            dataset_type=args.dataset_type,
            dataset=args.dataset,
            data_list=args.data_list,
            label_file=args.label_file,
            count=args.count,
            preprocessing=preprocessing_of(args),
            module=args.mlir,
            scheduler=args.scheduler,
            threads=args.jobs,
        )
    )
    print(f"{result.model}: {result.samples} samples in {result.seconds:.1f} s")
    print(columns([(name, f"{value:.4f}") for name, value in result.metrics.items()], ("metric", "value")))
    if args.json is not None:
        save_text(args.json, json.dumps(result.as_json(), indent=1) + "\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, UNSUPPORTED)
    return guarded(NAME, args.debug, lambda: _run(args, parser))


if __name__ == "__main__":
    sys.exit(main())
