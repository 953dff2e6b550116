"""Property: random small networks give the same bits however their ops are grouped and whatever local memory they have.

TPU_MLIR_EXAMPLES sets the number of networks by mode (default 15; nightly runs take 1000); --hypothesis-seed gives
others than those of every run. A failure prints the smallest network found, which can be kept in EXAMPLES.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from child import in_child
from graph_examples import EXAMPLES
from graphs import Graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import EVERY, SPATIAL, graphs
from variants import LEVELS, Variant, check

MODES = ("F32", "F16", "INT8", "INT8_ASYM", "BF16")
COUNT = int(os.environ.get("TPU_MLIR_EXAMPLES", "15"))

PROPERTY = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize="TPU_MLIR_EXAMPLES" not in os.environ,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


BUDGETS = st.sampled_from([192 * 1024, 128 * 1024, 64 * 1024, 32 * 1024, 16 * 1024])


def check_in_new_folder(graph: Graph, mode: str, *more: Variant) -> None:
    with tempfile.TemporaryDirectory() as folder:
        in_child(lambda: check(graph, mode, [*LEVELS, *more], Path(folder)))


@pytest.mark.parametrize("mode", MODES)
def test_spatial_networks(mode: str) -> None:
    """Convolutions, poolings, functions, sums, concatenations, resizing."""

    @PROPERTY
    @given(graph=graphs(SPATIAL), budget=BUDGETS, overlap=st.booleans())
    def holds(graph: Graph, budget: int, overlap: bool) -> None:
        check_in_new_folder(graph, mode, Variant(2, budget, overlap), Variant(1, budget))

    holds()


@pytest.mark.parametrize("mode", MODES)
def test_mixed_networks(mode: str) -> None:
    """Every kind of op, also those that cannot be in one group."""

    @PROPERTY
    @given(graph=graphs(EVERY), budget=BUDGETS, overlap=st.booleans())
    def holds(graph: Graph, budget: int, overlap: bool) -> None:
        check_in_new_folder(graph, mode, Variant(2, budget, overlap), Variant(1, budget))

    holds()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, mode: str) -> None:
    check_in_new_folder(EXAMPLES[name], mode)
