"""What the memory is that a move reads or writes: weights, inputs, outputs, results of ops, or memory on the chip.

Memory is shared: once an input has been read, results of ops may lie in its place, and results may lie where an output
will be. So the time and the op of a move count as well as its address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NOWHERE, WEIGHTS, INPUTS, OUTPUTS, RESULTS, ON_CHIP = range(6)
PLACES = ("", "weights", "inputs", "outputs", "results", "on-chip memory")
GLOBAL_BASE = 0x1_0000_0000
"""Addresses below it are on the chip: local memory and L2."""


def find_places(facts: Mapping[str, Any], columns: dict[str, np.ndarray], op: np.ndarray) -> None:
    """Adds the columns "reads" and "writes": a place for every instruction."""
    read_at, write_at = columns["read_address"], columns["write_address"]
    reads = np.where(read_at == 0, NOWHERE, np.where(read_at < GLOBAL_BASE, ON_CHIP, RESULTS))
    writes = np.where(write_at == 0, NOWHERE, np.where(write_at < GLOBAL_BASE, ON_CHIP, RESULTS))
    begin = facts["weight_address"]
    reads[_within(read_at, begin, facts["weight_bytes"]) & (reads != ON_CHIP)] = WEIGHTS
    order = np.lexsort((columns["id"], columns["start"], columns["group"]))
    for _, address, size in _tensors(facts["inputs"]):
        rows = order[_within(write_at[order], address, size)]
        first_written = columns["start"][rows[0]] if len(rows) else np.inf
        reads[_within(read_at, address, size) & (columns["start"] <= first_written)] = INPUTS
    for _, address, size in _tensors(facts["outputs"]):
        inside = _within(write_at, address, size)
        rows = order[inside[order]]
        if not len(rows):
            continue
        # The op that writes last makes the output; so do others (a joined output) if nobody reads there afterwards.
        readers = _within(read_at, address, size)
        last_read = columns["start"][readers].max() if readers.any() else -1
        writes[inside & ((op == op[rows[-1]]) | (columns["start"].astype(np.int64) > last_read))] = OUTPUTS
    columns["reads"], columns["writes"] = reads.astype(np.uint8), writes.astype(np.uint8)


def _tensors(tensors: Sequence[tuple[str, int, int]]) -> Sequence[tuple[str, int, int]]:
    return [tensor for tensor in tensors if tensor[2]]


def _within(addresses: np.ndarray, begin: int, size: int) -> np.ndarray:
    return (addresses >= begin) & (addresses < begin + size)
