"""What tuning found, kept beside the model: a plan file that also says which network it is of and what it gains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..files import save_text
from .plan import Plan, parse_plan
from .search import Tuned


@dataclass(frozen=True)
class Stored:
    """A plan with the digest of its network and the id of the compiler's build.

    cycles, searched: of this plan and of the compiler's own.
    """

    network: str
    build: str
    plan: Plan
    trials: int
    cycles: int
    searched: int


def save_tuned(path: Path, network: str, build: str, tuned: Tuned, before: Stored | None = None) -> None:
    """Writes the plan file. before: what the search began with; its trials are counted, too."""
    earlier = before.trials if before is not None else 0
    facts = {
        "network": network,
        "build": build,
        "trials": tuned.trials + earlier,
        "cycles_before": tuned.searched,
        "cycles": tuned.cycles,
        "plan": tuned.plan.to_json(),
    }
    save_text(path, json.dumps(facts, indent=1) + "\n")


def load_tuned(path: Path) -> Stored | None:
    """What an earlier search left; None where there is no such file, or one that is not of a search."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        plan = parse_plan(json.dumps(found["plan"]))
        numbers = (int(found[name]) for name in ("trials", "cycles", "cycles_before"))
        return Stored(str(found["network"]), str(found.get("build", "")), plan, *numbers)
    except (OSError, ValueError, KeyError, TypeError, UserError):
        return None
