"""The search over plans on a toy whose best plan is known; what it keeps beside the model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tpu_mlir.tune.plan import Plan, parse_plan  # noqa: E402
from tpu_mlir.tune.search import Budget, tune  # noqa: E402
from tpu_mlir.tune.store import load_tuned, save_tuned  # noqa: E402
from tune_networks import ToyBench  # noqa: E402

SIZES = (30, 70, 20, 20, 0, 200, 10, 10, 10, 400, 50, 0, 60, 60)


def test_the_best_plan_of_a_small_network_is_found():
    bench = ToyBench(SIZES[:5])
    tuned = tune(bench, Budget(trials=2000))
    assert tuned is not None
    assert tuned.searched == 5 * 160
    assert tuned.cycles == bench.best() == bench.measure(tuned.plan)
    assert tuned.gain == pytest.approx(1 - bench.best() / 800)


def test_a_larger_network_gets_close_to_its_best_plan():
    bench = ToyBench(SIZES)
    tuned = tune(bench, Budget(trials=3000))
    assert tuned is not None
    assert bench.best() <= tuned.cycles <= 1.05 * bench.best()
    trials, cycles = zip(*tuned.history, strict=True)
    assert list(trials) == sorted(trials) and list(cycles) == sorted(cycles, reverse=True)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_result_depends_on_seed_and_trials_only(threads):
    first = tune(ToyBench(SIZES), Budget(trials=200), threads=threads, seed=5)
    again = tune(ToyBench(SIZES), Budget(trials=200), threads=1, seed=5)
    assert first is not None and again is not None
    assert (first.plan, first.cycles, first.history) == (again.plan, again.cycles, again.history)
    other = tune(ToyBench(SIZES), Budget(trials=200), seed=6)
    assert other is not None and other.plan != first.plan


def test_no_plan_is_measured_twice():
    bench = ToyBench(SIZES)
    tuned = tune(bench, Budget(trials=300))
    assert tuned is not None
    # The first plan, and those that put several changes of a round together, are no trials.
    assert bench.calls <= 1 + tuned.trials + tuned.trials // 16 + 1


def test_the_search_ends_when_time_is_up_or_nothing_is_left_to_try():
    assert tune(ToyBench(SIZES), Budget(seconds=0)).trials <= 16  # type: ignore[union-attr]
    small = tune(ToyBench((0,)), Budget(seconds=60))
    assert small is not None and small.trials == 0


def test_an_interrupted_search_keeps_what_it_found():
    class Interrupted(ToyBench):
        def measure(self, plan: Plan) -> int | None:
            if self.calls == 150:
                raise KeyboardInterrupt
            return super().measure(plan)

    tuned = tune(Interrupted(SIZES), Budget(trials=2000))
    assert tuned is not None
    assert 0 < tuned.trials < 150 and tuned.cycles < tuned.searched
    assert ToyBench(SIZES).measure(tuned.plan) == tuned.cycles


def test_without_a_plan_that_fits_there_is_no_result():
    assert tune(ToyBench(SIZES, fits=False), Budget(trials=10)) is None


def test_a_stored_plan_is_where_the_next_search_begins(tmp_path):
    bench = ToyBench(SIZES)
    tuned = tune(bench, Budget(trials=400))
    assert tuned is not None
    path = tmp_path / "net.layer_group_config.json"
    save_tuned(path, "digest", "build", tuned)
    stored = load_tuned(path)
    assert stored is not None and (stored.network, stored.build) == ("digest", "build") and stored.plan == tuned.plan
    assert parse_plan(path.read_text()) == tuned.plan
    more = tune(bench, Budget(trials=1), stored=stored.plan)
    assert more is not None and more.cycles <= tuned.cycles and more.searched == tuned.searched
    save_tuned(path, "digest", "build", more, stored)
    assert json.loads(path.read_text())["trials"] == tuned.trials + more.trials


@pytest.mark.parametrize("text", [None, "", "[]", '{"plan": 3}', '{"groups": []}'])
def test_files_that_are_not_of_a_search_count_as_none(tmp_path, text):
    path = tmp_path / "net.layer_group_config.json"
    if text is not None:
        path.write_text(text)
    assert load_tuned(path) is None
