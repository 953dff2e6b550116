"""A toy of a network whose best plan is known: groups save a fixed price, but have to be cut finely enough to fit."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from tpu_mlir.tune.moves import Node
from tpu_mlir.tune.plan import Chain, Group, Plan, Slices


class ToyBench:
    """Ops of given sizes. A group costs 100, a slice 7; the sizes of its ops must not exceed 40 for each slice."""

    def __init__(self, sizes: Sequence[int], *, fits: bool = True):
        self.sizes = {f"op{i}": size for i, size in enumerate(sizes)}
        self.fits = fits
        self.calls = 0
        self._lock = threading.Lock()

    @property
    def nodes(self) -> list[Node]:
        """Every op can be a member but those of size 0."""
        return [Node(name, (1, 128, 32, 32), size > 0) for name, size in self.sizes.items()]

    def plans(self) -> list[Plan]:
        """Every op alone, as a chain."""
        return [
            Plan(
                tuple(Group((name,), Chain((1, 128, 8, 32, 64)) if size else None) for name, size in self.sizes.items())
            )
        ]

    def estimate(self, plan: Plan) -> int | None:
        """A little wrong."""
        cycles = self._cycles(plan)
        return None if cycles is None else cycles + len(plan.text()) % 7

    def measure(self, plan: Plan) -> int | None:
        """Cycles by the rules above."""
        with self._lock:
            self.calls += 1
        return self._cycles(plan)

    def _cycles(self, plan: Plan) -> int | None:
        assert [op for group in plan.groups for op in group.ops] == list(self.sizes)
        return sum(costs) if None not in (costs := [self._cost(group) for group in plan.groups]) and self.fits else None

    def _cost(self, group: Group) -> int | None:
        if isinstance(group.form, Slices):
            parts = group.form.nsecs * group.form.hsecs * group.form.wsecs
            too_large = sum(self.sizes[op] for op in group.ops) > 40 * parts
            return None if too_large or 0 in map(self.sizes.get, group.ops) else 100 + 7 * parts
        return 160 if len(group.ops) == 1 else None

    def shares(self, plan: Plan) -> Mapping[str, int]:
        """Equal ones."""
        return dict.fromkeys(self.sizes, 100)

    def best(self) -> int:
        """Cycles of the best plan, by dynamic programming."""
        sizes = list(self.sizes.values())
        cost = [0]
        for end in range(1, len(sizes) + 1):
            options = [cost[end - 1] + 160]
            for begin in range(end):
                if 0 not in sizes[begin:end]:
                    options.append(cost[begin] + 100 + 7 * -(-sum(sizes[begin:end]) // 40))
            cost.append(min(options))
        return cost[-1]
