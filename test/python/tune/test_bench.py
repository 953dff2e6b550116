"""Plans measured by the compiler's own code generation: levels, agreement with what is compiled, threads, errors."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_support import small_network
from tpu_mlir import _tpu_mlir as native
from tpu_mlir import ir, pipelines
from tpu_mlir.tune.bench import PlanBench
from tpu_mlir.tune.plan import Group, Plan
from tpu_mlir.tune.search import Budget, tune


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> ir.Module:
    """The small network in F16, in the order in which ops are grouped."""
    from tpu_mlir.cli import model_transform

    folder = tmp_path_factory.mktemp("bench")
    small_network(folder / "small.onnx", channels=96)
    words = ["--model_name", "small", "--model_def", str(folder / "small.onnx"), "--mlir", str(folder / "small.mlir")]
    assert model_transform.main(words) == 0
    module = pipelines.load(folder / "small.mlir", ir.Context())
    pipelines.run(module, pipelines.Lowering("bm1684x", "F16").passes("weights.npz"))
    pipelines.run(module, pipelines.before_groups())
    return module


@pytest.fixture(scope="module")
def bench(divided: ir.Module) -> PlanBench:
    return PlanBench(divided)


def test_plans_of_all_levels_hold_all_ops_and_can_be_measured(bench):
    names = [node.name for node in bench.nodes]
    assert len(bench.plans()) == 3
    cycles = [bench.measure(bench.plan(level)) for level in range(4)]
    assert None not in cycles
    assert cycles[2] <= cycles[0]
    for plan in bench.plans():
        assert [op for group in plan.groups for op in group.ops] == names


def test_the_measured_module_is_a_copy(divided, bench):
    assert "TPU_DIVIDED" in str(divided)
    assert "TPU_ADDRESSED" in str(bench.module)


def test_plans_are_measured_equally_on_several_threads(bench):
    plans = bench.plans() * 4
    expected = [bench.measure(plan) for plan in plans]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(bench.measure, plans)) == expected


def test_shares_divide_the_cycles_among_ops(bench):
    plan = bench.plan(2)
    shares = bench.shares(plan)
    assert shares and min(shares.values()) >= 0
    in_order = bench.native.measure(plan.text(), reorder=False)["cycles"]
    assert 0.9 * in_order <= sum(shares.values()) <= in_order
    assert bench.measure(plan) <= in_order


@pytest.mark.parametrize(
    ("text", "words"), [("", "Expected|expected|JSON|Unexpected"), ("{}", "groups"), ('{"groups": []}', "reach")]
)
def test_plans_that_do_not_fit_raise_value_errors(bench, text, words):
    with pytest.raises(ValueError, match=words):
        bench.native.measure(text)
    with pytest.raises(ValueError, match=words):
        bench.native.estimate(text)


def test_a_plan_of_another_network_cannot_be_measured(bench):
    assert bench.measure(Plan((Group(("nobody",), None),))) is None


def test_a_budget_of_local_memory_that_is_too_small_is_an_error(bench):
    with pytest.raises(ValueError):
        bench.native.search(2, 64)


def test_modules_before_subnet_divide_have_no_plans(divided):
    with pytest.raises(ValueError, match="subnet-divide"):
        native.PlanBench(ir.Module.create(ir.Location.unknown(divided.context)).operation)


def test_digests_tell_networks_apart_and_not_how_they_are_placed(divided, bench):
    digest = native.PlanBench(divided.operation).digest
    assert digest == native.PlanBench(divided.operation).digest
    int(digest, 16)
    assert digest == bench.native.digest


def test_a_search_never_ends_with_more_cycles(bench):
    tuned = tune(bench, Budget(trials=48), threads=2)
    again = tune(bench, Budget(trials=48), threads=1)
    assert tuned is not None and again is not None
    assert tuned.cycles <= tuned.searched
    assert bench.measure(tuned.plan) == tuned.cycles
    assert tuned.plan == again.plan


def test_a_tuned_plan_costs_in_the_model_what_was_measured(divided, bench, tmp_path: Path):
    tuned = tune(bench, Budget(trials=48))
    assert tuned is not None
    (tmp_path / "plan.json").write_text(json.dumps(tuned.plan.to_json()))
    module = ir.Module(divided.operation.clone())
    pipelines.run(module, pipelines.LayerGroups(config=tmp_path / "plan.json").passes())
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    runner = native.simulator.ModelRunner(str(tmp_path / "net.bmodel"))
    assert runner.cycles()["total_cycles"] == pytest.approx(tuned.cycles, rel=0.02)
    assert not runner.hazards()
