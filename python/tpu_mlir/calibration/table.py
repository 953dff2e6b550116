"""The calibration table: a text file with lines NAME THRESHOLD MIN MAX, interchangeable with upstream's."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .. import __version__
from ..errors import UserError
from ..files import require_file, save_text

BLOCKS = ("#weight_scale", "#weight_scale_fp8", "#int4_th", "#int4_op", "#tpu-mlir-fp8", "#mqbench-fp8", "#asym_op")
"""Comments with which upstream begins lines of another meaning."""


@dataclass(frozen=True)
class Entry:
    """What is known of a tensor: symmetric quantization takes [-threshold, threshold] ([0, threshold] where minimum is
    not negative), asymmetric quantization [minimum, maximum]."""

    threshold: float
    minimum: float
    maximum: float


@dataclass
class CalibrationTable:
    """Entries by tensor name, in the order of the network, and the comment lines of the file's head without '#'."""

    entries: dict[str, Entry] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)


def _number(value: float) -> str:
    # Seven decimals as upstream; numbers that would lose their digits by that get an exponent, which its parser takes.
    return f"{value:.7e}" if 0 < abs(value) < 1e-3 else f"{value:.7f}"


def head(mlir: str, method: str, bins: int, samples: int, tuned: int) -> list[str]:
    """The comment lines that say how a table was made."""
    return [
        f"tpu-mlir version: {__version__} cali version 1.0",
        f"mlir: {mlir}",
        f"generated time: {datetime.now()}",
        f"quantization threshold calculation method: ['{method}']",
        f"histogram number: {bins}",
        f"sample number: {samples}",
        "##",
        f"tune number: {tuned}",
        "##",
        "op_name    threshold    min    max",
    ]


def write_table(path: str | os.PathLike[str], table: CalibrationTable) -> None:
    """Writes the table; it appears complete or not at all."""
    lines = [f"#{line}" if line.startswith("#") else f"# {line}" for line in table.header]
    for name, entry in table.entries.items():
        numbers = (entry.threshold, entry.minimum, entry.maximum)
        if any(word.isspace() for word in name) or not name:
            raise UserError(f"the tensor name '{name}' has blanks, which a calibration table cannot hold")
        lines.append(" ".join([name, *map(_number, numbers)]))
    save_text(path, "\n".join(lines) + "\n")


def read_table(path: str | os.PathLike[str]) -> CalibrationTable:
    """Reads a table of ours or upstream's.

    Raises:
        UserError: a line is not a comment and not NAME THRESHOLD MIN MAX with usable numbers; it is named.
    """
    found = require_file(path, "the calibration table")
    try:
        text = found.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"the calibration table {found} is not a text file") from error
    return parse_table(text, str(found))


def parse_table(text: str, source: str) -> CalibrationTable:
    """The table of a text; ``source`` names it in errors."""
    table = CalibrationTable()
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{source}, line {number}"
        stripped = line.strip()
        if stripped.split(" ")[0] in BLOCKS:
            raise UserError(
                f"{where}: '{stripped}' begins values for other number types; only 8-bit thresholds are supported, "
                "remove what follows"
            )
        if stripped.startswith("#"):
            if not table.entries:
                table.header.append(stripped[1:].removeprefix(" "))
            continue
        if not stripped:
            continue
        name, entry = _parse_line(stripped, where)
        if name in table.entries:
            raise UserError(f"{where}: '{name}' has a line already; keep one of them")
        table.entries[name] = entry
    if not table.entries:
        raise UserError(f"{source} has no thresholds; make it with run_calibration.py")
    return table


def _parse_line(line: str, where: str) -> tuple[str, Entry]:
    words = line.split()
    if len(words) != 4:
        raise UserError(f"{where}: '{line}' is not NAME THRESHOLD MIN MAX, it has {len(words)} words")
    name = words[0]
    try:
        threshold, minimum, maximum = (float(word) for word in words[1:])
    except ValueError:
        raise UserError(f"{where}: '{line}' is not NAME THRESHOLD MIN MAX with numbers") from None
    if not all(map(math.isfinite, (threshold, minimum, maximum))):
        raise UserError(f"{where}: the numbers of '{name}' are not all finite; calibrate again")
    if threshold <= 0:
        raise UserError(f"{where}: the threshold of '{name}' is {words[1]}, it must be positive; calibrate again")
    if minimum > maximum:
        raise UserError(f"{where}: the minimum of '{name}', {words[2]}, is above its maximum, {words[3]}")
    return name, Entry(threshold, minimum, maximum)


@dataclass(frozen=True)
class Mismatch:
    """Names that only the table or only the network has."""

    unknown: list[str]
    missing: list[str]

    def sentences(self, known: Sequence[str]) -> list[str]:
        """What to tell the user; ``known`` are the network's names."""
        result = []
        if self.unknown:
            nearest = difflib.get_close_matches(self.unknown[0], known, n=1)
            hint = f" (did you mean '{nearest[0]}'?)" if nearest else ""
            result.append(f"the table has tensors that the network lacks: {_some(self.unknown)}{hint}")
        if self.missing:
            result.append(f"the table lacks tensors of the network: {_some(self.missing)}")
        return result


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def mismatch(table: CalibrationTable | Mapping[str, Entry], names: Iterable[str]) -> Mismatch:
    """Compares the names of a table with those of a network."""
    entries = table.entries if isinstance(table, CalibrationTable) else table
    wanted = list(names)
    known = set(wanted)
    return Mismatch([name for name in entries if name not in known], [name for name in wanted if name not in entries])


def default_path(mlir: Path) -> Path:
    """Where the table goes when no name is given."""
    return mlir.with_name(f"{mlir.stem}_cali_table")
