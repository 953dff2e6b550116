"""Measures plans with the compiler: writes the instructions of the whole network and plays them through both queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _tpu_mlir as _native
from .. import ir, pipelines
from .moves import Node
from .plan import Plan, parse_plan

LEVELS = (2, 1, 0)
"""Levels whose plans a search begins with, besides the one that is compiled."""


class PlanBench:
    """Plans of the network in a module of state TPU_DIVIDED, which stays as it is.

    level: of the plan that would be compiled without tuning. budget: bytes of local memory per lane, 0 for all.
    avoid_price_quirks: measure without what may be cheap in the model of cycles only.
    """

    def __init__(
        self,
        module: ir.Module,
        *,
        level: int = 2,
        overlap: bool = True,
        budget: int = 0,
        avoid_price_quirks: bool = False,
    ):
        # Instructions need addresses; those of another grouping do, for prices hardly depend on them.
        self.module = ir.Module(module.operation.clone())
        pipelines.run(self.module, pipelines.LayerGroups(opt=0).passes())
        self.native = _native.PlanBench(self.module.operation)
        self.level, self.overlap, self.budget = level, overlap, budget
        self.avoid_price_quirks = avoid_price_quirks
        self._nodes = [Node(node.name, tuple(node.shape), node.is_member) for node in self.native.nodes]

    @property
    def nodes(self) -> Sequence[Node]:
        """All ops, in order."""
        return self._nodes

    def plan(self, level: int) -> Plan:
        """The compiler's own plan of a level."""
        return parse_plan(self.native.search(level, self.budget, self.overlap))

    def plans(self) -> list[Plan]:
        """Plans of the compiler: first the one of the level, then those of the others."""
        levels = [self.level, *(level for level in LEVELS if level != self.level)]
        return [self.plan(level) for level in levels]

    def estimate(self, plan: Plan) -> int | None:
        """Cycles by the estimates of the ops; None where the plan does not fit."""
        try:
            return int(self.native.estimate(plan.text(), self.budget, self.overlap))
        except ValueError:
            return None

    def measure(self, plan: Plan) -> int | None:
        """Cycles by the cycle model; None where the plan does not fit."""
        try:
            return int(self._measure(plan)["cycles"])
        except ValueError:
            return None

    def shares(self, plan: Plan) -> Mapping[str, int]:
        """Cycles by op: of every moment, the op that the TIU works on, or else GDMA; roughly, without reordering."""
        return dict(self._measure(plan, shares=True)["shares"])

    def _measure(self, plan: Plan, shares: bool = False) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.native.measure(
            plan.text(), self.budget, self.overlap, self.avoid_price_quirks, shares, reorder=not shares
        )
        return found
