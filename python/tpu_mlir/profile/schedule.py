"""The two queues of the chip, played with any prices: what would be saved if some instructions were cheaper.

The rule is the cycle model's (docs/cycle-model.md): a command starts when the one before it in its queue has ended and
the command of the other engine that it names, too. Command groups run one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


class Queues:
    """Built once from the columns of a program; rows are numbers of instructions."""

    def __init__(self, columns: Mapping[str, np.ndarray]):
        self.cycles = columns["cycles"].astype(np.int64)
        self._start = columns["start"].astype(np.int64)
        count = len(self.cycles)
        self.before = np.full(count, -1, dtype=np.int64)
        """The row before it in its queue; -1 at the beginning of a command group."""
        self.waits_for = np.full(count, -1, dtype=np.int64)
        """The row of the other engine that it waits for; -1 for none."""
        group, engine = columns["group"], columns["engine"]
        row_of: dict[tuple[int, int, int], int] = {}
        last: dict[tuple[int, int], int] = {}
        keys = list(zip(group.tolist(), engine.tolist(), columns["id"].tolist(), strict=True))
        for row, (g, e, number) in enumerate(keys):
            self.before[row] = last.get((g, e), -1)
            last[g, e] = row
            row_of[g, e, number] = row
        for row, (dependency, (g, e, _)) in enumerate(zip(columns["dependency"].tolist(), keys, strict=True)):
            if dependency:
                self.waits_for[row] = row_of.get((g, 1 - e, dependency), -1)
        self.group = group.astype(np.int64)
        # By start, dependencies come first; instructions of no length need their end and then their place, too.
        self._order = self._valid_order()

    def _valid_order(self) -> list[int]:
        """Rows so that each follows what it waits for."""
        before, waits_for = self.before.tolist(), self.waits_for.tolist()
        order: list[int] = []
        done = [False] * len(self.cycles)
        for first in np.lexsort(
            (np.arange(len(self.cycles)), self._start + self.cycles, self._start, self.group)
        ).tolist():
            stack = [first]
            while stack:
                row = stack[-1]
                if done[row]:
                    stack.pop()
                    continue
                needed = [other for other in (before[row], waits_for[row]) if other >= 0 and not done[other]]
                if needed:
                    stack.extend(needed)
                else:
                    done[row] = True
                    order.append(row)
                    stack.pop()
        return order

    def play(self, cycles: np.ndarray | Sequence[float]) -> float:
        """Total cycles with these prices."""
        prices = np.asarray(cycles, dtype=float).tolist()
        before, waits_for, group = self.before.tolist(), self.waits_for.tolist(), self.group.tolist()
        end = [0.0] * len(prices)
        begin = total = 0.0
        current = 0
        for row in self._order:
            if group[row] != current:
                current, begin = group[row], total
            start = begin
            if (other := before[row]) >= 0 and end[other] > start:
                start = end[other]
            if (other := waits_for[row]) >= 0 and end[other] > start:
                start = end[other]
            finish = end[row] = start + prices[row]
            if finish > total:
                total = finish
        return total

    def critical(self) -> np.ndarray:
        """Whether each instruction lies on the critical path: a chain without gaps from the beginning to the end."""
        on_path = np.zeros(len(self.cycles), dtype=bool)
        if not len(on_path):
            return on_path
        start, end = self._start, self._start + self.cycles
        row = int(np.lexsort((np.arange(len(end)), end))[-1])
        while True:
            on_path[row] = True
            if start[row] == 0:
                return on_path
            previous, other = int(self.before[row]), int(self.waits_for[row])
            if previous >= 0 and end[previous] == start[row]:
                row = previous
            elif other >= 0 and end[other] == start[row]:
                row = other
            else:  # the first of a command group follows the last of the one before it
                earlier = np.flatnonzero(self.group < self.group[row])
                if not len(earlier):
                    return on_path
                row = int(earlier[np.argmax(end[earlier])])
