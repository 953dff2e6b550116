"""Plans as text, and the changes that the search makes: all ops stay, in order."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tpu_mlir.errors import UserError  # noqa: E402
from tpu_mlir.tune.moves import Moves, Node  # noqa: E402
from tpu_mlir.tune.plan import Chain, Edit, Group, Plan, Slices, parse_plan  # noqa: E402
from tune_networks import ToyBench  # noqa: E402

PLAN = Plan(
    (
        Group(("a", "b"), Slices(1, 4, 2, (0, 64), streams=True)),
        Group(("c",), None),
        Group(("d", "e"), Chain((1, 64, 8, 28, 128), "NHCWK")),
        Group(("f",), Slices(1, 1, 1, (0,))),
    )
)
NODES = [Node(name, (2, 256, 28, 28), name != "c") for name in "abcdef"]


def test_plans_are_read_as_they_were_written():
    assert parse_plan(PLAN.text()) == PLAN
    assert list(PLAN.cuts()) == [0, 2, 3, 5]


def test_edits_that_do_not_overlap_are_made_at_once():
    first = Edit(0, 1, (Group(("a",), None), Group(("b",), None)))
    second = Edit(3, 4, (Group(("f",), Chain((1, 1, 1, 1, 1))),))
    assert not first.overlaps(second) and first.overlaps(Edit(0, 2)) and not first.overlaps(Edit(1, 2))
    changed = PLAN.replaced([first, second])
    assert [group.ops for group in changed.groups] == [("a",), ("b",), ("c",), ("d", "e"), ("f",)]
    assert changed.groups[-1].form == Chain((1, 1, 1, 1, 1))


@pytest.mark.parametrize("text", ["", "3", "{}", '{"groups": [3]}', '{"groups": [{"ops": ["a"], "tile": ["x"]}]}'])
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(UserError, match="not a plan"):
        parse_plan(text)


@pytest.mark.parametrize("kind", list(Moves(NODES, [PLAN]).kinds))
def test_moves_change_the_plan_and_keep_all_ops(kind):
    level = Plan(tuple(Group((node.name,), None if node.name == "c" else Chain((1, 64, 7, 28, 64))) for node in NODES))
    moves = Moves(NODES, [PLAN, level])
    numbers = random.Random(3)
    changed = 0
    for _ in range(400):
        plan = numbers.choice((PLAN, level))
        edit = moves.kinds[kind](plan, numbers.randrange(len(plan.groups)), numbers)
        if edit is None:
            continue
        result = plan.replaced([edit])
        changed += result != plan
        assert edit.kind == kind
        assert [op for group in result.groups for op in group.ops] == list("abcdef")
        assert parse_plan(result.text()) == result
        for group in result.groups:
            _check_form(group)
    assert changed > 5


def _check_form(group: Group) -> None:
    assert group.ops
    if isinstance(group.form, Slices):
        assert "c" not in group.ops
        assert len(group.form.channel_tiles) == len(group.ops)
        assert all(tile % 64 == 0 for tile in group.form.channel_tiles)
        assert min(group.form.secs) >= 1
    elif isinstance(group.form, Chain):
        assert len(group.form.tile) == 5 and min(group.form.tile) >= 1
        assert sorted(group.form.order) == sorted("NCHWK") and group.form.order.endswith("K")
    else:
        assert group.ops == ("c",)


def test_moves_of_the_toy_keep_ops_that_cannot_be_members_alone():
    bench = ToyBench((10, 0, 10))
    moves = Moves(bench.nodes, bench.plans())
    numbers = random.Random(1)
    assert all(moves.merge(bench.plans()[0], at, numbers) is None for at in range(3) for _ in range(20))
