"""The search: rounds of changed plans, measured side by side; what helps in different places is taken together.

What is found depends on the number of trials alone: a round has a fixed number of candidates, drawn from seeded random
numbers, and all of them are measured before the next one begins. Threads and the clock only decide when it ends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from .moves import Moves, Node
from .plan import Edit, Plan

DRAWN = 32
"""Candidates of a round, whose cycles are estimated."""

ROUND = 16
"""Of these the most promising ones, which are measured."""

PATIENCE = 12
"""Rounds without a better plan, after which the search goes on from a slightly worse one."""

SLACK = 0.01
"""How much worse that one may be."""

ATTEMPTS = 3
"""Rounds without a candidate that fits, after which the search ends."""

DRAWS = 40
"""Attempts to draw a new candidate before the neighbourhood counts as exhausted."""


class Bench(Protocol):
    """Measures plans of one network; called by several threads at once."""

    @property
    def nodes(self) -> Sequence[Node]:
        """All ops, in order."""

    def plans(self) -> Sequence[Plan]:
        """Plans of the compiler to begin with."""

    def estimate(self, plan: Plan) -> int | None:
        """Cycles, roughly; None where the plan does not fit."""

    def measure(self, plan: Plan) -> int | None:
        """Cycles; None where the plan does not fit."""

    def shares(self, plan: Plan) -> Mapping[str, int]:
        """Cycles that the ops of a plan that fits are responsible for, by name; may be empty."""


@dataclass(frozen=True)
class Budget:
    """When to stop: at the end of the first round after so many seconds or trials."""

    seconds: float | None = None
    trials: int | None = None


@dataclass
class Tuned:
    """What the search found. searched: cycles of the compiler's own plan. history: (trials, cycles) of every gain."""

    plan: Plan
    cycles: int
    searched: int
    trials: int = 0
    seconds: float = 0.0
    history: list[tuple[int, int]] = field(default_factory=list)

    @property
    def gain(self) -> float:
        """Part of the cycles that are saved."""
        return 1 - self.cycles / self.searched if self.searched else 0.0


def tune(
    bench: Bench,
    budget: Budget,
    *,
    threads: int = 1,
    seed: int = 0,
    stored: Plan | None = None,
    notify: Callable[[Tuned], None] = lambda tuned: None,
) -> Tuned | None:
    """Searches until the budget is spent, or the user interrupts; None where no plan of the compiler can be measured.

    stored: a plan found before, to begin with. notify: called after every round.
    """
    begin = time.monotonic()
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        search = _Search(bench, pool, seed, stored)
        if search.best is None:
            return None
        with suppress(KeyboardInterrupt):
            while search.draw_round():
                search.best.seconds = time.monotonic() - begin
                notify(search.best)
                if budget.seconds is not None and search.best.seconds >= budget.seconds:
                    break
                if budget.trials is not None and search.best.trials >= budget.trials:
                    break
        return search.best


class _Search:
    """State: where the search stands, the best plan, and what was tried."""

    def __init__(self, bench: Bench, pool: Executor, seed: int, stored: Plan | None):
        self.bench = bench
        self.pool = pool
        self.random = random.Random(seed)
        self.best: Tuned | None = None
        own = list(bench.plans())
        starts = own + ([stored] if stored is not None else [])
        self.moves = Moves(bench.nodes, starts)
        self.tried: dict[str, int | None] = {}
        cycles = self.measured(starts)
        fitting = [found for found in cycles[: len(own)] if found is not None]
        if not fitting:
            return
        # The first plan is the one that would be compiled without tuning.
        searched = cycles[0] if cycles[0] is not None else min(fitting)
        at = min((i for i, found in enumerate(cycles) if found is not None), key=lambda i: cycles[i] or 0)
        self.here, self.cycles = starts[at], cycles[at] or 0
        self.best = Tuned(self.here, self.cycles, searched, history=[(0, self.cycles)])
        self.weights = dict.fromkeys(self.moves.kinds, 1.0)
        self.idle = 0
        self.weigh_groups()

    def measured(self, plans: Sequence[Plan]) -> list[int | None]:
        """Cycles of each plan, measured on the threads of the pool where they are not known."""
        texts = [plan.text() for plan in plans]
        new = {text: plan for text, plan in zip(texts, plans, strict=True) if text not in self.tried}
        self.tried.update(zip(new, self.pool.map(self.bench.measure, new.values()), strict=True))
        return [self.tried[text] for text in texts]

    def weigh_groups(self) -> None:
        """Groups that take long are changed more often."""
        shares = self.bench.shares(self.here)
        total = sum(shares.values())
        floor = max(total, 1) / len(self.here.groups) / 4
        self.heat = [sum(shares.get(op, 0) for op in group.ops) + floor for group in self.here.groups]

    def draw(self) -> list[Edit] | None:
        """A new candidate: one change of the plan, or several in different places."""
        for _ in range(DRAWS):
            edits: list[Edit] = []
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                kind = self.random.choices(list(self.weights), list(self.weights.values()))[0]
                at = self.random.choices(range(len(self.heat)), self.heat)[0]
                edit = self.moves.kinds[kind](self.here, at, self.random)
                if edit is not None and not any(edit.overlaps(other) for other in edits):
                    edits.append(edit)
            if edits and self.here.replaced(edits).text() not in self.tried:
                return edits
        return None

    def promising(self) -> list[list[Edit]]:
        """The candidates of a round that fit and have the best estimates; empty where no new ones are left."""
        for _ in range(ATTEMPTS):
            candidates: dict[str, list[Edit]] = {}
            for _ in range(DRAWN):
                edits = self.draw()
                if edits is not None:
                    candidates[self.here.replaced(edits).text()] = edits
            plans = [self.here.replaced(edits) for edits in candidates.values()]
            estimates = list(self.pool.map(self.bench.estimate, plans))
            self.tried.update((text, None) for text, found in zip(candidates, estimates, strict=True) if found is None)
            ranked = sorted((found, i) for i, found in enumerate(estimates) if found is not None)
            drawn = list(candidates.values())
            if ranked:
                return [drawn[i] for _, i in ranked[:ROUND]]
        return []

    def draw_round(self) -> bool:
        """Draws and measures one round; False where no new plan was found."""
        if self.best is None:
            return False
        drawn = self.promising()
        if not drawn:
            return False
        cycles = self.measured([self.here.replaced(edits) for edits in drawn])
        self.best.trials += len(drawn)
        fitting = sorted(((found, i) for i, found in enumerate(cycles) if found is not None), key=lambda entry: entry)
        self.reward(drawn, [i for found, i in fitting if found < self.cycles])
        self.go([(found, drawn[i]) for found, i in fitting])
        return True

    def reward(self, drawn: Sequence[Sequence[Edit]], better: Sequence[int]) -> None:
        """Kinds of changes that helped are drawn more often."""
        for kind in self.weights:
            self.weights[kind] = 0.9 * self.weights[kind] + 0.1
        for i in better:
            for edit in drawn[i]:
                self.weights[edit.kind] = min(self.weights[edit.kind] + 0.5, 6.0)

    def go(self, fitting: Sequence[tuple[int, list[Edit]]]) -> None:
        """Goes to the best candidate, or to the better ones put together; after long vain efforts to a worse one."""
        better = [(found, edits) for found, edits in fitting if found < self.cycles]
        if better:
            self.idle = 0
            found, edits = better[0]
            together = self.joined([edits for _, edits in better])
            if together is not None:
                (both,) = self.measured([self.here.replaced(together)])
                if both is not None and both < found:
                    found, edits = both, together
            self.move_to(self.here.replaced(edits), found)
            return
        self.idle += 1
        if self.idle < PATIENCE or self.best is None:
            return
        self.idle = 0
        allowed = [entry for entry in fitting if entry[0] <= self.best.cycles * (1 + SLACK)]
        if allowed:
            found, edits = self.random.choice(allowed)
            self.move_to(self.here.replaced(edits), found)
        elif self.here != self.best.plan:
            self.move_to(self.best.plan, self.best.cycles)

    def joined(self, better: Sequence[Sequence[Edit]]) -> list[Edit] | None:
        """The changes that do not touch each other, the best first; None where only one is left."""
        taken = list(better[0])
        count = 1
        for edits in better[1:]:
            if not any(edit.overlaps(other) for edit in edits for other in taken):
                taken += edits
                count += 1
        return taken if count > 1 else None

    def move_to(self, plan: Plan, cycles: int) -> None:
        self.here, self.cycles = plan, cycles
        self.moves.learn(plan)
        self.weigh_groups()
        assert self.best is not None
        if cycles < self.best.cycles:
            self.best.plan, self.best.cycles = plan, cycles
            self.best.history.append((self.best.trials, cycles))
