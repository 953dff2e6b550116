"""tpu_profile: where the cycles of a bmodel go, as an HTML page, a trace for Perfetto, and tables."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from .command import Parser, columns, guarded, make_parser, refuse

NAME = "tpu_profile"
FORMATS = ("html", "trace", "csv", "console", "layer")

UNSUPPORTED = {
    "test": "it belongs to --mode check; races are found by model_runner's simulator (BModel.hazards)",
    "option": "there are no further options",
    "compute_ability": "the rates are those of the BM1684X",
}
OTHER_MODES = {
    "time": "recordings of a device cannot be read; leave out --mode for the cycle model's timeline",
    "command": "for the fields of every instruction use bmodel_dis.py MODEL.bmodel",
    "check": "for races between the engines use tpu_mlir.runtime.bmodel.BModel(MODEL).hazards()",
    "lg": "the layer group of every op is in the table of ops; model_deploy --debug keeps the chosen groups",
}


def _parser() -> Parser:
    p = make_parser(NAME, __doc__ or "")
    p.add_argument("input", type=Path, help="the bmodel, or a folder with compilation.bmodel")
    p.add_argument("output", type=Path, nargs="?", help="folder for the results (default: MODEL_profile)")
    p.add_argument("--arch", type=str.upper, default="BM1684X", help="the chip: BM1684X")
    p.add_argument("--mode", default="sim", choices=["sim", *OTHER_MODES], help="sim: play the cycle model")
    p.add_argument(
        "--format",
        default="html,trace,csv",
        help="what to make, separated by commas: html (timeline), trace (Chrome/Perfetto JSON), csv (ops and "
        "instructions), layer (ops only), console (all ops on the terminal); default html,trace,csv",
    )
    p.add_argument("--disable_doc", action="store_true", help="leave out the csv files")
    p.add_argument("--net", help="which network of the file (default: the first)")
    p.add_argument("--stage", type=int, default=0, help="which set of input shapes (default 0)")
    p.add_argument("--by_kind", action="store_true", help="show kinds of instructions in place of ops")
    p.add_argument("--top", type=int, default=10, help="ops to list on the terminal; 0 for all (default 10)")
    p.add_argument("--debug", action="store_true", help="show stack traces")
    for name in UNSUPPORTED:
        p.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    return p


def _formats(text: str, without_tables: bool) -> set[str]:
    formats = {part.strip().lower() for part in text.split(",") if part.strip()}
    for part in sorted(formats - set(FORMATS)):
        raise UserError(f"--format {part} is not known; there are {', '.join(FORMATS)}")
    if not formats:
        raise UserError(f"--format names nothing; there are {', '.join(FORMATS)}")
    return formats - {"csv", "layer"} if without_tables else formats


def _folder(args: argparse.Namespace) -> Path:
    model: Path = args.input
    folder: Path = args.output or Path(f"{model.resolve().stem}_profile")
    if folder.exists() and not folder.is_dir():
        raise UserError(f"the output {folder} is not a folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(args: argparse.Namespace) -> int:
    from ..profile import analyse, find_remedies, load_program
    from ..profile.html import write_page
    from ..profile.tables import CONSOLE_HEADER, console_rows, summary_lines, write_instructions, write_ops
    from ..profile.trace import write_trace

    formats = _formats(args.format, args.disable_doc)
    profile = analyse(load_program(args.input, args.net, args.stage, by_kind=args.by_kind))
    remedies = find_remedies(profile)
    written: list[Path] = []
    if formats - {"console"}:
        folder = _folder(args)
        if "html" in formats:
            write_page(profile, remedies, folder / "profile.html")
            written.append(folder / "profile.html")
        if "trace" in formats:
            write_trace(profile, folder / "trace.json")
            written.append(folder / "trace.json")
        if formats & {"csv", "layer"}:
            write_ops(profile, folder / "ops.csv")
            written.append(folder / "ops.csv")
        if "csv" in formats:
            write_instructions(profile, folder / "instructions.csv")
            written.append(folder / "instructions.csv")
    print("\n".join(summary_lines(profile, remedies)) + "\n")
    print(columns(console_rows(profile, 0 if "console" in formats else max(0, args.top)), CONSOLE_HEADER))
    if written:
        print("-> " + ", ".join(map(str, written)))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    refuse(parser, args, UNSUPPORTED)
    if args.arch != "BM1684X":
        parser.error(f"--arch {args.arch} is not supported: the cycle model is that of the BM1684X")
    if args.mode in OTHER_MODES:
        parser.error(f"--mode {args.mode} is not supported: {OTHER_MODES[args.mode]}")
    return guarded(NAME, args.debug, lambda: _run(args))


if __name__ == "__main__":
    sys.exit(main())
