"""What all commands share: errors become one sentence and status 1, progress is shown on terminals."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from .. import __version__

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """An argument parser that leaves with status 1 and one sentence."""

    def error(self, message: str) -> NoReturn:
        """Prints the sentence and leaves."""
        print(f"{self.prog}: error: {message} (see {self.prog.split()[0]} --help)", file=sys.stderr)
        raise SystemExit(1)


def make_parser(name: str, description: str) -> Parser:
    """A parser with --version, for the command ``name``."""
    parser = Parser(prog=name, description=description)
    parser.add_argument("-V", "--version", action="version", version=f"{name} {__version__}")
    return parser


def sentence(error: BaseException) -> str | None:
    """The sentence for the user if the error is the user's to mend, else None."""
    from ..errors import UserError
    from ..frontend.errors import FrontendError

    if isinstance(error, (UserError, FrontendError)):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror.lower()}"
    if isinstance(error, MemoryError):
        return "there is not enough memory for this model"
    if type(error).__name__ == "MLIRError":
        return str(error)
    return None


def guarded(name: str, debug: bool, body: Callable[[], int]) -> int:
    """Runs ``body`` and returns the exit status; with ``debug`` an error also shows its stack trace."""
    try:
        return body()
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        text = sentence(error)
        if text is None:
            text = f"internal error, please report it with the output of --debug: {type(error).__name__}: {error}"
        lines = text.splitlines() or [type(error).__name__]
        print(f"{name}: error: " + (text if debug else lines[0]), file=sys.stderr)
        return 1


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """The items, with a progress bar when stderr is a terminal."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, desc=what, total=total, leave=False)


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Gives a function to call with the name of each step; shows a bar when stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from tqdm import tqdm

    with tqdm(total=total, leave=False, bar_format="{desc:24} {bar} {n_fmt}/{total_fmt} {elapsed}") as bar:
        count = 0

        def advance(step: str) -> None:
            nonlocal count
            bar.set_description(step)
            bar.update(1 if count else 0)
            count += 1

        yield advance


def refuse(parser: Parser, args: argparse.Namespace, options: dict[str, str]) -> None:
    """Refuses options that upstream has and this compiler does not; ``options`` maps destination to the remedy."""
    for name, remedy in options.items():
        if getattr(args, name) != parser.get_default(name):
            parser.error(f"--{name} is not supported: {remedy}")


def columns(rows: Sequence[Sequence[Any]], header: Sequence[str]) -> str:
    """A table with aligned columns; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    numeric = [
        all(isinstance(row[i], (int, float)) or _is_number(str(row[i])) for row in rows) for i in range(len(header))
    ]
    lines = []
    for row in cells:
        parts = [cell.rjust(w) if right else cell.ljust(w) for cell, w, right in zip(row, widths, numeric, strict=True)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
