"""Changes of a plan: each replaces a few neighbouring groups by others with the same ops."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .plan import AXES, Chain, Edit, Form, Group, Plan, Slices

LANES = 64
"""Blocks of channels are multiples of it."""


@dataclass(frozen=True)
class Node:
    """What moves know of an op. shape: n, c, h, w of its result. is_member: whether sliced groups may hold it."""

    name: str
    shape: tuple[int, int, int, int]
    is_member: bool


class Moves:
    """The changes of plans of one network.

    known: plans of the compiler, whose forms serve for groups that moves make.
    """

    def __init__(self, nodes: Sequence[Node], known: Iterable[Plan]):
        self.nodes = {node.name: node for node in nodes}
        self.plans = list(known)
        self.forms: dict[tuple[str, ...], list[Form]] = {}
        for plan in self.plans:
            self.learn(plan)
        self.kinds: dict[str, Callable[[Plan, int, random.Random], Edit | None]] = {
            "merge": self.merge,
            "split": self.split,
            "shift": self.shift,
            "slices": self.slices,
            "streams": self.streams,
            "channels": self.channels,
            "tile": self.tile,
            "order": self.order,
            "form": self.form,
            "graft": self.graft,
        }

    def learn(self, plan: Plan) -> None:
        """Keeps the forms of a plan for later."""
        for group in plan.groups:
            forms = self.forms.setdefault(group.ops, [])
            if group.form is not None and group.form not in forms:
                forms.append(group.form)

    def _shape(self, op: str) -> tuple[int, int, int, int]:
        node = self.nodes.get(op)
        return node.shape if node else (1, 1, 1, 1)

    def _sliceable(self, ops: Iterable[str]) -> bool:
        return all(op in self.nodes and self.nodes[op].is_member for op in ops)

    def _pieces(self, ops: tuple[str, ...], form: Slices, random: random.Random) -> tuple[Group, ...] | None:
        """A group of these ops: cut as the compiler would where that is known, else in these slices."""
        known = self.forms.get(ops)
        if known and random.random() < 0.7:
            return (Group(ops, random.choice(known)),)
        if self._sliceable(ops) and (len(ops) > 1 or not known):
            return (Group(ops, form if random.random() < 0.5 else _with_few(form, random)),)
        if known is not None:
            return (Group(ops, random.choice(known) if known else None),)
        return None

    def merge(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """Two to four groups become one."""
        end = min(len(plan.groups), at + random.choice((2, 2, 2, 3, 4)))
        groups = plan.groups[at:end]
        ops = tuple(op for group in groups for op in group.ops)
        if len(groups) < 2 or not self._sliceable(ops):
            return None
        forms = [_slices_of(group.form, self._shape(group.ops[-1]), len(group.ops)) for group in groups]
        tiles = tuple(tile for form in forms for tile in form.channel_tiles)
        known = self.forms.get(ops)
        if known and random.random() < 0.5:
            return Edit(at, end, (Group(ops, random.choice(known)),), "merge")
        like = random.choice(forms)
        n, h, w = (random.choice((like.secs[axis], max(form.secs[axis] for form in forms))) for axis in range(3))
        form = Slices(n, h * random.choice((1, 1, 1, 2, 3, 4)), w, tiles, like.streams)  # more ops need more memory
        if random.random() < 0.5:
            form = _with_few(form, random)
        return Edit(at, end, (Group(ops, form),), "merge")

    def split(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """One group becomes two."""
        group = plan.groups[at]
        if len(group.ops) < 2:
            return None
        cut = random.randrange(1, len(group.ops))
        return self._recut(plan, at, at + 1, cut, random, "split")

    def shift(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """The cut behind a group moves by a few ops."""
        if at + 1 >= len(plan.groups):
            return None
        left, right = plan.groups[at], plan.groups[at + 1]
        cut = len(left.ops) + random.choice((-2, -1, 1, 2))
        if not 0 < cut < len(left.ops) + len(right.ops) or cut == len(left.ops):
            return None
        return self._recut(plan, at, at + 2, cut, random, "shift")

    def _recut(self, plan: Plan, begin: int, end: int, cut: int, random: random.Random, kind: str) -> Edit | None:
        """The ops of some groups as two groups, the first with ``cut`` of them."""
        groups = plan.groups[begin:end]
        ops = tuple(op for group in groups for op in group.ops)
        forms = [_slices_of(group.form, self._shape(group.ops[-1]), len(group.ops)) for group in groups]
        tiles = tuple(tile for form in forms for tile in form.channel_tiles)
        left = self._pieces(ops[:cut], replace(forms[0], channel_tiles=tiles[:cut]), random)
        right = self._pieces(ops[cut:], replace(forms[-1], channel_tiles=tiles[cut:]), random)
        return Edit(begin, end, left + right, kind) if left is not None and right is not None else None

    def slices(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """More or fewer slices."""
        group = plan.groups[at]
        if not isinstance(group.form, Slices) or not self._sliceable(group.ops):
            return None
        shape = self._shape(group.ops[-1])
        axis = random.choice([i for i, extent in enumerate((shape[0], shape[2], shape[3])) if extent > 1] or [1])
        extent = (shape[0], shape[2], shape[3])[axis]
        secs = list(group.form.secs)
        secs[axis] = _stepped(secs[axis], random)
        if not 1 <= secs[axis] <= extent or secs[axis] == group.form.secs[axis]:
            return None
        form = replace(group.form, nsecs=secs[0], hsecs=secs[1], wsecs=secs[2])
        return Edit(at, at + 1, (Group(group.ops, form),), "slices")

    def streams(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """Parameters stay in local memory, or are loaded for every slice."""
        group = plan.groups[at]
        if not isinstance(group.form, Slices) or max(group.form.secs) == 1 or not self._sliceable(group.ops):
            return None
        form = replace(group.form, streams=not group.form.streams)
        return Edit(at, at + 1, (Group(group.ops, form),), "streams")

    def channels(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """Other blocks of channels, of one op or of all."""
        group = plan.groups[at]
        if not isinstance(group.form, Slices) or not self._sliceable(group.ops):
            return None
        tiles = list(group.form.channel_tiles)
        wide = [i for i, op in enumerate(group.ops) if self._shape(op)[1] > LANES]
        if not wide:
            return None
        for i in wide if random.random() < 0.2 else [random.choice(wide)]:
            blocks = -(-self._shape(group.ops[i])[1] // LANES)
            now = -(-tiles[i] // LANES) if tiles[i] else blocks
            then = _stepped(now, random)
            tiles[i] = 0 if then >= blocks else max(then, 1) * LANES
        if tuple(tiles) == group.form.channel_tiles:
            return None
        return Edit(at, at + 1, (Group(group.ops, replace(group.form, channel_tiles=tuple(tiles))),), "channels")

    def tile(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """A larger or smaller tile of a chain. The reduction stays: sums of floats depend on where it is cut."""
        group = plan.groups[at]
        if not isinstance(group.form, Chain):
            return None
        tile = list(group.form.tile)
        axis = random.randrange(AXES.index("K"))
        if axis == 1:  # blocks that fill the lanes
            step = LANES if tile[axis] >= LANES else 1
            tile[axis] = max(1, _stepped(-(-tile[axis] // step), random)) * step
        else:
            tile[axis] = _stepped(tile[axis], random)
        if tile[axis] < 1 or tile[axis] == group.form.tile[axis]:
            return None
        return Edit(at, at + 1, (Group(group.ops, replace(group.form, tile=tuple(tile))),), "tile")

    def order(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """Another nesting of the loops of a chain; the reduction stays innermost."""
        group = plan.groups[at]
        if not isinstance(group.form, Chain):
            return None
        axes = list(group.form.order)
        first, second = random.sample(range(len(axes) - 1), 2)
        axes[first], axes[second] = axes[second], axes[first]
        return Edit(at, at + 1, (Group(group.ops, replace(group.form, order="".join(axes))),), "order")

    def form(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """The same ops cut in another known way, or a chain as slices."""
        group = plan.groups[at]
        others: list[Form] = [form for form in self.forms.get(group.ops, ()) if form != group.form]
        if isinstance(group.form, Chain) and self._sliceable(group.ops):
            others.append(_slices_of(group.form, self._shape(group.ops[-1]), len(group.ops)))
        return Edit(at, at + 1, (Group(group.ops, random.choice(others)),), "form") if others else None

    def graft(self, plan: Plan, at: int, random: random.Random) -> Edit | None:
        """The groups of another plan of the compiler for some ops, where both have cuts."""
        other = random.choice(self.plans)
        mine, its = [*plan.cuts(), len(self.nodes)], [*other.cuts(), len(self.nodes)]
        if mine[at] not in its:
            return None
        common = [cut for cut in its if cut > mine[at] and cut in mine][:6]
        if not common:
            return None
        end = random.choice(common)
        groups = other.groups[its.index(mine[at]) : its.index(end)]
        last = mine.index(end)
        return Edit(at, last, groups, "graft") if groups != plan.groups[at:last] else None


def _with_few(form: Slices, random: random.Random) -> Slices:
    """The form with few slices, however many the groups before had."""
    h, w = random.choice((1, 1, 2, 2, 3, 4, 5, 6, 8, 12)), random.choice((1, 1, 1, 1, 1, 1, 2))
    return replace(form, hsecs=h, wsecs=w)


def _stepped(value: int, random: random.Random) -> int:
    return random.choice((value * 2, value // 2, value + 1, value - 1, value + 2, value - 2))


def _slices_of(form: Form | None, shape: Sequence[int], count: int) -> Slices:
    """Slices like a form for ``count`` ops whose last result has ``shape``: as many as a chain has tiles."""
    if isinstance(form, Slices):
        tiles = (*form.channel_tiles, *[0] * count)[:count]
        return replace(form, channel_tiles=tiles)
    n = h = w = 1
    if isinstance(form, Chain):
        n, h, w = (-(-shape[axis] // max(1, form.tile[axis])) for axis in (0, 2, 3))
    return Slices(n, h, w, (0,) * count)
