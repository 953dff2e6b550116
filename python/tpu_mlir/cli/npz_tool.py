"""npz_tool: compare, print and edit archives of named arrays."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import UserError
from ..files import load_npz, written_atomically
from ..npz import edit
from ..npz.compare import Comparison, Tolerance, common_names, compare, describe
from ..npz.similarity import cosine_similarity, euclidean_similarity, sqnr
from .command import Parser, columns, guarded, make_parser, progress

NAME = "npz_tool"


def _compare(args: argparse.Namespace) -> int:
    target, reference = load_npz(args.target), load_npz(args.reference)
    excepts = {name for name in args.excepts.split(",") if name and name != "-"}
    if args.only_key:
        return _compare_names(target, reference, excepts)
    if args.key:
        target = {args.key: edit.pick(target, args.key, args.target)}
        edit.pick(reference, args.key, args.reference)
    if args.per_axis_compare >= 0:
        return _compare_slices(args, target, reference, excepts)
    result = compare(
        target,
        reference,
        Tolerance.parse(args.tolerance),
        excepts,
        everything=args.forall,
        int8_must_equal=bool(args.int8_tensor_close),
        progress=lambda names: progress(names, "comparing"),
    )
    _report(result, args, target, reference)
    if args.save:
        _save_csv(result, args.save)
    return 0 if result.passed else 1


def _report(result: Comparison, args: argparse.Namespace, target: edit.Arrays, reference: edit.Arrays) -> None:
    shown = result.entries if args.verbose else result.failures
    for entry in shown:
        print(describe(entry))
        if args.verbose >= 2:
            _print_largest(entry.name, target, reference, None if args.verbose >= 3 or args.full_array else 10)
        if args.stats_int8_tensor and entry.dtype == "int8":
            values = target[entry.name]
            print(f"  saturated: {int(np.sum((values == 127) | (values == -128)))} of {values.size}")
    print(("PASS: " if result.passed else "FAIL: ") + result.summary())


def _print_largest(name: str, target: edit.Arrays, reference: edit.Arrays, limit: int | None) -> None:
    a, b = target[name].reshape(-1).astype(np.float64), reference[name].reshape(-1).astype(np.float64)
    if a.size != b.size:
        return
    difference = np.abs(a - b)
    for index in np.argsort(-difference, kind="stable")[:limit]:
        if difference[index] == 0:
            break
        print(f"  [{index}] {a[index]:.6g} instead of {b[index]:.6g}")


def _compare_names(target: edit.Arrays, reference: edit.Arrays, excepts: set[str]) -> int:
    missing = [name for name in reference if name not in target and name not in excepts]
    extra = [name for name in target if name not in reference and name not in excepts]
    for label, names in (("only in the reference", missing), ("only in the target", extra)):
        for name in names:
            print(f"{name}: {label}")
    print(f"{len(common_names(target, reference, excepts))} names in both files")
    return 1 if missing or extra else 0


def _compare_slices(args: argparse.Namespace, target: edit.Arrays, reference: edit.Arrays, excepts: set[str]) -> int:
    tolerance = Tolerance.parse(args.tolerance)
    axis = args.per_axis_compare
    failed = 0
    for name in common_names(target, reference, excepts):
        a, b = target[name], reference[name]
        if a.shape != b.shape or axis >= a.ndim:
            print(f"{name}: skipped, it has no common axis {axis}")
            continue
        for index in range(a.shape[axis]):
            x, y = np.take(a, index, axis), np.take(b, index, axis)
            result = compare({name: x}, {name: y}, tolerance)
            failed += not result.passed
            if args.verbose or not result.passed:
                print(f"axis {axis}, index {index}: {describe(result.entries[0])}")
    print("PASS" if not failed else f"FAIL: {failed} slices differ")
    return 1 if failed else 0


def _save_csv(result: Comparison, path: str) -> None:
    with written_atomically(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "op", "quant", "pass", "sim_cos", "sim_euc", "sqnr"])
        for entry in result.entries:
            outcome = entry.result
            row = [entry.name, "", entry.dtype, int(outcome.verdict.passed), outcome.cosine, outcome.euclidean]
            writer.writerow([*row, outcome.sqnr])


def _print_diff(args: argparse.Namespace) -> int:
    a = edit.pick(load_npz(args.target), args.name, args.target)
    b = edit.pick(load_npz(args.reference), args.name, args.reference)
    if a.size != b.size:
        raise UserError(f"'{args.name}' has {a.size} elements in one file and {b.size} in the other")
    x, y = a.reshape(-1), b.reshape(-1)
    different = np.flatnonzero(x != y)
    for index in different[: args.count]:
        print(f"[{index}] {x[index]} {y[index]}")
    print(f"{different.size} of {x.size} elements differ")
    return 0


def _visualize_diff(args: argparse.Namespace) -> int:
    target, reference = load_npz(args.target), load_npz(args.reference)
    excepts = {name for name in args.excepts.split(",") if name}
    includes = {name for name in args.includes.split(",") if name}
    names = [n for n in common_names(target, reference, excepts) if not includes or n in includes]
    rows = []
    for name in names:
        a, b = target[name], reference[name]
        if a.size == b.size:
            step = max(1, a.size // args.max_sampling)
            x, y = a.reshape(-1)[::step], b.reshape(-1)[::step]
            cosine, euclidean, ratio = cosine_similarity(x, y), euclidean_similarity(x, y), sqnr(x, y)
            bar = "#" * round(40 * max(0.0, min(1.0, euclidean)))
            rows.append((name, f"{cosine:.6f}", f"{euclidean:.6f}", f"{ratio:.2f}", bar))
    print(columns(rows, ("name", "cosine", "euclidean", "sqnr dB", "euclidean 0 … 1")))
    return 0


def _dump(args: argparse.Namespace) -> int:
    if args.list or args.name is None:
        print(columns(edit.listing(args.file), ("name", "shape", "type")))
        return 0
    array = edit.pick(load_npz(args.file), args.name, args.file)
    print(f"{args.name} {edit.shape_text(array)} {array.dtype}")
    with np.printoptions(suppress=True, threshold=sys.maxsize if args.which else 1000, precision=8):
        print(edit.part_of(array, args.which) if args.which else array)
    return 0


def _get_shape(args: argparse.Namespace) -> int:
    print(edit.shape_text(edit.pick(load_npz(args.file), args.name, args.file)))
    return 0


def _to_bin(args: argparse.Namespace) -> int:
    array = edit.pick(load_npz(args.file), args.name, args.file)
    edit.write_bytes(args.output, [edit.raw_bytes(array, args.type)])
    return 0


def _to_dat(args: argparse.Namespace) -> int:
    edit.write_bytes(args.output, [array.tobytes() for array in load_npz(args.file).values()])
    return 0


def _check_nan_inf(args: argparse.Namespace) -> int:
    rows = edit.not_finite(args.file)
    if not rows:
        print("all values are finite")
        return 0
    print(columns(rows, ("name", "nan", "inf")))
    return 1


def _cali_test(args: argparse.Namespace) -> int:
    rows = [
        (n, f"{t:.7f}", f"{c:.6f}", f"{e:.6f}") for n, t, c, e in edit.clipping_error(args.file, args.calibration_table)
    ]
    print(columns(rows, ("name", "threshold", "cosine", "euclidean")))
    return 0


def _merge(args: argparse.Namespace) -> int:
    if len(args.files) < 3:
        raise UserError("merge needs at least two archives and the name of the new one")
    edit.merge(args.files[:-1], args.files[-1])
    return 0


def _permute(args: argparse.Namespace) -> int:
    name, order = (None, args.rest[0]) if len(args.rest) == 1 else (args.rest[0], args.rest[1])
    edit.permute(args.file, name, edit.integers_from(order))
    return 0


def _done(action: Callable[[argparse.Namespace], Any]) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        action(args)
        return 0

    return run


def _add_compare(commands: Any) -> None:
    p = commands.add_parser("compare", help="compare two archives; status 1 where they differ")
    p.add_argument("target")
    p.add_argument("reference")
    p.add_argument("-v", "--verbose", action="count", default=0, help="every tensor; twice: largest differences")
    p.add_argument("--tolerance", default="0.99,0.99", help="smallest cosine,euclidean similarity")
    p.add_argument("--excepts", "--except", default="", help="tensors left out, separated by commas")
    p.add_argument("--full-array", dest="full_array", action="store_true", help="with -vv: all differences")
    p.add_argument("--stats_int8_tensor", action="store_true", help="count saturated int8 values")
    p.add_argument("--int8_tensor_close", type=int, default=1, choices=[0, 1], help="1: int8 tensors must be equal")
    p.add_argument("-s", "--save", help="write the similarities to a csv file")
    p.add_argument("--only_key", action="store_true", help="compare the names only")
    p.add_argument("--per_axis_compare", type=int, default=-1, help="compare slice by slice along an axis")
    p.add_argument("-a", "--forall", action="store_true", help="all tensors, even if there are more than 200")
    p.add_argument("-k", "--key", default="", help="this tensor only")
    p.set_defaults(action=_compare)


def _add_showing(commands: Any) -> None:
    p = commands.add_parser("print_diff", help="print the elements that differ")
    p.add_argument("target")
    p.add_argument("reference")
    p.add_argument("name")
    p.add_argument("count", nargs="?", type=int, default=100, help="at most this many")
    p.set_defaults(action=_print_diff)
    p = commands.add_parser("visualize_diff", help="similarities of all tensors as bars")
    p.add_argument("target")
    p.add_argument("reference")
    p.add_argument("-v", "--verbose", action="count", default=0)
    p.add_argument("--excepts", default="")
    p.add_argument("--includes", default="")
    p.add_argument("--max_sampling", type=int, default=10000, help="elements looked at per tensor")
    p.set_defaults(action=_visualize_diff)
    for alias in ("dump", "print"):
        p = commands.add_parser(alias, help="list the arrays, or print one")
        p.add_argument("file")
        p.add_argument("name", nargs="?")
        p.add_argument("which", nargs="?", help="count of elements (negative: from the end) or slice a:b")
        p.add_argument("--list", action="store_true")
        p.set_defaults(action=_dump)
    p = commands.add_parser("get_shape", help="print the shape of an array")
    p.add_argument("file")
    p.add_argument("name")
    p.set_defaults(action=_get_shape)
    p = commands.add_parser("statistic", help="smallest, largest, mean and deviation of every array")
    p.add_argument("file")
    header = ("name", "min", "max", "mean", "std")
    p.set_defaults(action=_done(lambda a: print(columns(edit.statistics(a.file), header))))
    p = commands.add_parser("check_nan_inf", help="status 1 where a value is not finite")
    p.add_argument("file")
    p.set_defaults(action=_check_nan_inf)
    p = commands.add_parser("cali_test", help="error of clipping to the thresholds of a calibration table")
    p.add_argument("file")
    p.add_argument("--calibration_table", required=True)
    p.set_defaults(action=_cali_test)


def _add_editing(commands: Any) -> None:
    def add(name: str, help_text: str, arguments: Sequence[str], action: Callable[[argparse.Namespace], Any]) -> Parser:
        p = commands.add_parser(name, help=help_text)
        for argument in arguments:
            p.add_argument(argument)
        p.set_defaults(action=_done(action))
        return p

    add("extract", "copy arrays (n1,n2) to a new archive", ["input", "output", "names"],
        lambda a: edit.extract(a.input, a.output, edit.names_from(a.names)))  # fmt: skip
    add("remove", "remove arrays (n1,n2) in place", ["file", "names"],
        lambda a: edit.remove(a.file, edit.names_from(a.names)))  # fmt: skip
    add("insert", "add the arrays of INPUT to OUTPUT", ["input", "output"], lambda a: edit.insert(a.input, a.output))
    add("rename", "rename an array in place", ["file", "old", "new"], lambda a: edit.rename(a.file, a.old, a.new))
    add("reshape", "change a shape (4,5,1) in place", ["file", "name", "shape"],
        lambda a: edit.reshape(a.file, a.name, edit.integers_from(a.shape)))  # fmt: skip
    conversions = (
        ("bf16_to_fp32", "uint16 arrays, taken as bf16, to float32", edit.bf16_to_f32),
        ("fp16_to_fp32", "uint16 arrays, taken as f16, to float32", edit.f16_to_f32),
        ("fp32_to_bf16", "float32 arrays to bf16, stored as uint16", edit.f32_to_bf16),
        ("fp32_to_fp16", "float32 arrays to f16, stored as uint16", edit.f32_to_f16),
    )
    for name, help_text, function in conversions:
        add(name, help_text, ["input", "output"], lambda a, f=function: edit.convert(a.input, a.output, f))  # type: ignore[misc]
    p = add("to_npy", "write an array to NAME.npy", ["file", "name"], lambda a: edit.to_npy(a.file, a.name))
    p = add("merge", "arrays of several archives into a new one", [], _merge)
    p.add_argument("files", nargs="+", metavar="INPUT… OUTPUT")
    p = add("permute", "permute axes (0,2,1,3) in place: FILE [NAME] ORDER", ["file"], _permute)
    p.add_argument("rest", nargs="+", metavar="[NAME] ORDER")
    p = add("to_bin", "write the bytes of an array", ["file", "name", "output"], _to_bin)
    p.add_argument("type", nargs="?", choices=edit.RAW_TYPES)
    add("to_dat", "write the bytes of all arrays in file order", ["file", "output"], _to_dat)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = make_parser(NAME, "Compare, print and edit npz archives.")
    parser.add_argument("--debug", action="store_true", help="show stack traces")
    commands = parser.add_subparsers(dest="command", metavar="SUBCOMMAND", required=True)
    _add_compare(commands)
    _add_showing(commands)
    _add_editing(commands)
    args = parser.parse_args(argv)
    return guarded(f"{NAME} {args.command}", args.debug, lambda: args.action(args))


if __name__ == "__main__":
    sys.exit(main())
