"""A plan of a network as plan files have it: consecutive ops in groups, and how each group is cut.

{"groups": [{"ops": [NAME, …], "tile": [n, c, h, w, k], "order": "NCHWK"},
            {"ops": [NAME, …], "nsecs": 1, "hsecs": 4, "wsecs": 1, "channel_tiles": [0, 64, …], "streams": false}, …],
 "cycles": …}

The first form is a chain: one op and elementwise followers, cut tile by tile. The second one holds any consecutive ops,
computed slice by slice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UserError

AXES = "NCHWK"


@dataclass(frozen=True)
class Chain:
    """tile: extents along n, c, h, w and the reduction. order: axes of the loops from the outside in."""

    tile: tuple[int, ...]
    order: str = AXES


@dataclass(frozen=True)
class Slices:
    """Parts along n, h and w; channels that each op computes at a time, 0 for all.

    streams: parameters are loaded again for every slice; else they stay in local memory for all of them.
    """

    nsecs: int = 1
    hsecs: int = 1
    wsecs: int = 1
    channel_tiles: tuple[int, ...] = ()
    streams: bool = False

    @property
    def secs(self) -> tuple[int, int, int]:
        """Parts along n, h, w."""
        return self.nsecs, self.hsecs, self.wsecs


Form = Chain | Slices


@dataclass(frozen=True)
class Group:
    """Consecutive ops of the network, by name. form: None for an op that is not cut (moves in global memory)."""

    ops: tuple[str, ...]
    form: Form | None


@dataclass(frozen=True)
class Plan:
    """All ops of the network, group by group."""

    groups: tuple[Group, ...]

    def replaced(self, edits: Sequence[Edit]) -> Plan:
        """The plan with some of its groups replaced; the edits must not overlap."""
        groups = list(self.groups)
        for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
            groups[edit.begin : edit.end] = edit.groups
        return Plan(tuple(groups))

    def to_json(self) -> dict[str, Any]:
        """The object of a plan file."""
        return {"groups": [_group_to_json(group) for group in self.groups]}

    def text(self) -> str:
        """The plan file's text, equal for equal plans."""
        return json.dumps(self.to_json(), separators=(",", ":"))

    def cuts(self) -> Iterator[int]:
        """For every group the number of ops before it."""
        count = 0
        for group in self.groups:
            yield count
            count += len(group.ops)


@dataclass(frozen=True)
class Edit:
    """Groups [begin, end) of a plan become others with the same ops. kind: the move that made it."""

    begin: int
    end: int
    groups: tuple[Group, ...] = field(default=())
    kind: str = ""

    def overlaps(self, other: Edit) -> bool:
        """Whether both replace the same group."""
        return self.begin < other.end and other.begin < self.end


def _group_to_json(group: Group) -> dict[str, Any]:
    found: dict[str, Any] = {"ops": list(group.ops)}
    if isinstance(group.form, Chain):
        found |= {"tile": list(group.form.tile), "order": group.form.order}
    elif isinstance(group.form, Slices):
        found |= {"nsecs": group.form.nsecs, "hsecs": group.form.hsecs, "wsecs": group.form.wsecs}
        found |= {"channel_tiles": list(group.form.channel_tiles), "streams": group.form.streams}
    return found


def parse_plan(text: str) -> Plan:
    """The plan of a plan file, or of a file that keeps one as "plan"; ``UserError`` where there is none."""
    try:
        found = json.loads(text)
        found = found.get("plan", found)
        return Plan(tuple(_group_from_json(group) for group in found["groups"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"not a plan of layer groups: {error!r}") from error


def _group_from_json(group: dict[str, Any]) -> Group:
    ops = tuple(str(op) for op in group["ops"])
    if "tile" in group:
        return Group(ops, Chain(tuple(int(extent) for extent in group["tile"]), str(group.get("order", AXES))))
    if "nsecs" not in group and "hsecs" not in group:
        return Group(ops, None)
    nsecs, hsecs, wsecs = (int(group.get(name, 1)) for name in ("nsecs", "hsecs", "wsecs"))
    tiles = tuple(int(tile) for tile in group.get("channel_tiles", ())) or (0,) * len(ops)
    return Group(ops, Slices(nsecs, hsecs, wsecs, tiles, bool(group.get("streams", False))))
