"""Quantize tables (lines ``NAME MODE``) and the names in them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..errors import UserError
from ..files import require_file, save_text

MODES = ("INT8", "UINT8", "F32", "F16", "BF16", "W8F16", "W8BF16", "W4F16", "W4BF16")
"""Words that a table may use; letter case does not matter."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """The end of a sentence about an unknown name: " (did you mean a, b or c?)", or nothing where none is like it."""
    found = difflib.get_close_matches(name, list(known), n=count, cutoff=0.5)
    if not found:
        return ""
    *rest, last = (f"'{word}'" for word in found)
    return f"; did you mean {', '.join(rest)} or {last}?" if rest else f"; did you mean {last}?"


def read_quantize_table(path: Path, names: Iterable[str] | None = None) -> dict[str, str]:
    """Mode by layer name, in the order of the file.

    names: the layers of the network; a name outside is an error that gives the nearest ones.

    Raises:
        UserError: with file and line, for a line that is not ``NAME MODE [GROUP_SIZE]``, an unknown mode or name.
    """
    known = None if names is None else set(names)
    table: dict[str, str] = {}
    text = require_file(path, "the quantize table").read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"{path}, line {number}"
        if len(words) not in (2, 3) or (len(words) == 3 and not words[2].isdigit()):
            raise UserError(f"{where}: expected a layer name and a mode, found '{line.strip()}'")
        mode = words[1].upper()
        if mode not in MODES:
            raise UserError(f"{where}: the mode '{words[1]}' is unknown; use one of {', '.join(MODES)}")
        if known is not None and words[0] not in known:
            raise UserError(f"{where}: the network has no layer '{words[0]}'{nearest(words[0], known)}")
        table[words[0]] = mode
    return table


def quantize_table_text(table: Mapping[str, str], header: Iterable[str]) -> str:
    """The text of a table; each line of the header becomes a comment."""
    lines = [f"# {line}" for line in header]
    lines += ["###", "# op_name   quantize_mode", "###"]
    lines += [f"{name} {mode}" for name, mode in table.items()]
    return "\n".join(lines) + "\n"


def write_quantize_table(path: Path, table: Mapping[str, str], header: Iterable[str]) -> None:
    """Writes a table; it appears complete or not at all."""
    save_text(path, quantize_table_text(table, header))
