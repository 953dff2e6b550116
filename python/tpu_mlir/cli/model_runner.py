"""model_runner: run a network (.onnx, .mlir or .bmodel) on an input npz and write the outputs as npz."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..files import load_npz, require_writable, save_npz
from .command import Parser, columns, guarded, make_parser, refuse

NAME = "model_runner"

UNSUPPORTED = {
    "weight": "Caffe models cannot be run, export the network to ONNX",
    "cuda": "the inference runs on the CPU",
    "decrypt_lib": "encrypted models cannot be opened",
    "ip": "run the bmodel on the device itself",
    "pwd": "run the bmodel on the device itself",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("--input", required=True, type=Path, help="npz with the inputs by name")
    p.add_argument("--model", required=True, type=Path, help="network: .onnx, .mlir or .bmodel")
    p.add_argument("--output", type=Path, default=Path("_output.npz"), help="npz for the outputs")
    p.add_argument("--dump_all_tensors", action="store_true", help="save every tensor, not only the outputs")
    p.add_argument("--out_fixed", action="store_true", help="keep the stored types; half types as uint16")
    p.add_argument("--debug", nargs="?", const="1", help="show stack traces")
    for name in UNSUPPORTED:
        p.add_argument(f"--{name}", action="store_true" if name == "cuda" else "store", help=argparse.SUPPRESS)
    return p


def _run(args: argparse.Namespace) -> int:
    from ..runtime.runner import run_model

    require_writable(args.output, "the output")
    inputs = load_npz(args.input, "the input")
    values = run_model(args.model, inputs, every_tensor=args.dump_all_tensors, raw_outputs=args.out_fixed)
    save_npz(args.output, values)
    if args.dump_all_tensors:
        print(f"{len(values)} tensors -> {args.output}")
    else:
        rows = [(name, str(list(value.shape)), str(value.dtype)) for name, value in values.items()]
        print(columns(rows, ("output", "shape", "type")))
        print(f"-> {args.output}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, UNSUPPORTED)
    return guarded(NAME, args.debug is not None, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
