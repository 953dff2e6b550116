"""Property: random small networks give the same bits however a plan file cuts them: groups of any ops, any numbers of
slices, blocks of channels, tiles, with parameters that stay or stream, also such that no search would choose.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from child import in_child
from graphs import Graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import SPATIAL, graphs
from variants import UNGROUPED, Lowered, Variant, assert_same_bits, compile_variant, lower, named, run_checked

MODES = ("F32", "F16", "INT8")
COUNT = int(os.environ.get("TPU_MLIR_EXAMPLES", "15"))
BUDGETS = [0, 0, 128 * 1024, 64 * 1024, 40 * 1024]
CHANGES = [
    "merge",
    "merge",
    "merge",
    "slices",
    "slices",
    "channels",
    "streams",
    "split",
    "shift",
    "tile",
    "order",
    "form",
]

PROPERTY = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize="TPU_MLIR_EXAMPLES" not in os.environ,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


def changed_plans(lowered: Lowered, seed: int, budget: int) -> list[str]:
    """Plan files, each some changes away from the one before; the changes are those of the tuning that fit."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.tune.bench import PlanBench
    from tpu_mlir.tune.moves import Moves

    module = pipelines.load(lowered.path, ir.Context())
    pipelines.run(module, pipelines.before_groups())
    bench = PlanBench(module, budget=budget)
    known = bench.plans()
    moves = Moves(bench.nodes, known)
    choice = random.Random(seed)
    plan, texts = choice.choice(known), []
    for count in range(1, 25):
        kind = choice.choice(CHANGES)
        edit = moves.kinds[kind](plan, choice.randrange(len(plan.groups)), choice)
        if edit is not None and bench.measure(plan.replaced([edit])) is not None:
            plan = plan.replaced([edit])
        if count % 12 == 0:
            texts.append(plan.text())
    return texts


def check_plans(graph: Graph, mode: str, seed: int, budget: int, folder: Path) -> None:
    lowered = lower(graph, mode, folder)
    wanted = run_checked(compile_variant(lowered, UNGROUPED), lowered.inputs)
    for text in changed_plans(lowered, seed, budget):
        variant = Variant(budget=budget, plan=text)
        try:
            path = compile_variant(lowered, variant)
        except Exception as error:
            if "positions along this axis" in str(error):
                continue
            raise
        with named(variant):
            actual = run_checked(path, lowered.inputs)
            assert_same_bits("by plan / op by op", actual, wanted)


@pytest.mark.parametrize("mode", MODES)
def test_plans(mode: str) -> None:
    @PROPERTY
    @given(graph=graphs(SPATIAL), seed=st.integers(0, 1 << 16), budget=st.sampled_from(BUDGETS))
    def holds(graph: Graph, seed: int, budget: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            in_child(lambda: check_plans(graph, mode, seed, budget, Path(folder)))

    holds()
