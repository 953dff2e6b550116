"""Figures of programs made by hand, where every number can be worked out."""

from __future__ import annotations

import numpy as np
import pytest
from profile_programs import INPUTS, NOWHERE, OUTPUTS, RESULTS, Made, compute, load, program, store
from tpu_mlir.profile import analyse, find_remedies
from tpu_mlir.profile.analysis import PARTS
from tpu_mlir.profile.attribution import from_locations, from_map
from tpu_mlir.profile.places import WEIGHTS, find_places
from tpu_mlir.profile.program import ARRAY, VECTOR, Op, needed_cycles


def serial():
    """Loads, computes and stores one after the other: 100 + 50 + 30, then 200 + 20."""
    return program(
        [
            load(0, 100),
            compute(0, 50, waits=1, macs=51200),
            store(0, 30, waits=1),
            load(1, 200, RESULTS, waits=1),
            compute(1, 20, waits=3, unit=VECTOR),
        ]
    )


def random_program(seed: int, count: int = 300):
    random = np.random.default_rng(seed)
    made: list[Made] = []
    numbers = [0, 0]
    for _ in range(count):
        engine = int(random.integers(2))
        waits = int(random.integers(numbers[1 - engine] + 1))
        item = load if engine else compute
        made.append(item(int(random.integers(4)), int(random.integers(0, 50)), waits=waits))
        numbers[engine] += 1
    return program(made)


def test_the_critical_path_of_a_chain_is_everything_and_adds_up_to_the_total():
    profile = analyse(serial())
    assert profile.program.total == 400
    assert [(row.op.name, row.critical_tiu, row.critical_gdma) for row in profile.rows] == [
        ("a", 50, 130),
        ("b", 20, 200),
    ]
    assert profile.roofline.tiu_busy == 70
    assert profile.roofline.gdma_busy == 330
    assert profile.roofline.engines == 330


def test_what_runs_in_the_shadow_of_something_else_is_hidden():
    profile = analyse(program([load(0, 100), compute(0, 500, waits=1), load(1, 50), compute(1, 10, waits=2)]))
    first, second = profile.rows
    assert (first.critical, second.critical) == (600, 10)
    assert second.critical_gdma == 0
    assert first.bound == "arithmetic"
    shadow = analyse(program([load(0, 100), compute(0, 500, waits=1), load(1, 50)]))
    assert shadow.rows[1].bound == "hidden"


@pytest.mark.parametrize(
    ("made", "bound"),
    [
        (compute(0, 100, ideal=90.0), "arithmetic"),
        (compute(0, 100, ideal=10.0), "idle array"),
        (compute(0, 100, unit=VECTOR), "elementwise"),
        (load(0, 100), "weights"),
        (load(0, 100, INPUTS), "tensors"),
        (store(0, 100, OUTPUTS), "tensors"),
        (load(0, 100, ideal=10.0), "short bursts"),
    ],
)
def test_the_bound_names_what_the_critical_path_does(made, bound):
    assert analyse(program([made])).rows[0].bound == bound


@pytest.mark.parametrize("seed", range(8))
def test_playing_the_queues_again_gives_the_total_and_the_critical_path_has_no_gap(seed):
    made = random_program(seed)
    assert made.queues.play(made.cycles) == made.total
    assert made.queues.play(2 * made.cycles) == 2 * made.total
    assert made.queues.play(np.zeros(len(made))) == 0
    profile = analyse(made)
    assert sum(row.critical for row in profile.rows) == made.total
    path = np.flatnonzero(profile.critical)
    path = path[np.lexsort((made.end[path], made.start[path]))]
    assert made.start[path[0]] == 0
    assert (made.start[path[1:]] == made.end[path[:-1]]).all()
    assert made.end[path[-1]] == made.total


def test_the_parts_of_the_critical_path_add_up_to_the_total():
    made = [
        load(0, 100, INPUTS, ideal=80.0),
        load(0, 200, address=2**32, size=9000, ideal=150.0),
        load(0, 200, address=2**32, size=9000, ideal=150.0),
        compute(0, 50, waits=3, ideal=30.0),
        compute(0, 7, unit=VECTOR),
        store(0, 40, RESULTS, waits=2),
        load(1, 60, RESULTS),
        store(1, 90, OUTPUTS, ideal=90.0),
        load(1, 5, NOWHERE),
    ]
    profile = analyse(program(made))
    assert profile.parts == {
        "arithmetic": 30, "idle array": 20, "elementwise": 7, "needed moves": 80 + 150 + 90, "results between ops": 100,
        "weights again": 200, "slow moves": 20 + 50, "other moves": 5,
    }  # fmt: skip
    assert sum(profile.parts.values()) == profile.program.total
    assert list(PARTS) == list(profile.parts)
    for seed in range(3):
        profile = analyse(random_program(seed))
        assert sum(profile.parts.values()) == pytest.approx(profile.program.total)


def test_an_op_computes_from_its_first_to_its_last_tiu_instruction():
    first, second = analyse(serial()).rows
    assert (first.start, first.compute_start, first.compute_end, first.end) == (0, 100, 150, 180)
    assert (second.start, second.compute_start, second.compute_end, second.end) == (180, 380, 400, 400)
    moved = analyse(program([load(0, 100)])).rows[0]
    assert (moved.compute_start, moved.compute_end) == (0, 100)


def test_command_groups_run_one_after_the_other():
    made = program([load(0, 100), compute(0, 30, waits=1), compute(1, 40, group=1), load(1, 10, group=1)])
    assert made.total == 170
    assert made.queues.play(made.cycles) == 170
    assert sum(row.critical for row in analyse(made).rows) == 170


def test_the_roofline_is_the_dearer_of_array_and_memory():
    roofline = analyse(program([load(0, 100, size=5000), compute(0, 400, waits=1, ideal=300.0)])).roofline
    assert roofline.array == 300
    assert roofline.memory == pytest.approx((5000 + 1000) / 58 + 1000 / 44)
    assert roofline.ideal == 300
    assert roofline.distance == pytest.approx(500 / 300)


def test_weights_that_are_loaded_again_count_once_in_the_roofline_and_are_a_remedy():
    again = [load(0, 1000, address=2**32), load(0, 1000, address=2**32), load(0, 1000, address=2**32 + 50000)]
    profile = analyse(program([*again, compute(0, 10, waits=3)]))
    assert profile.roofline.memory == pytest.approx((100_000 + 1000) / 58 + 1000 / 44)
    assert {remedy.key: remedy.saving for remedy in find_remedies(profile, 8)}["weights"] == 1000


def test_remedies_are_ordered_by_what_they_save_and_name_the_ops():
    made = program([load(0, 100, RESULTS), compute(0, 1000, waits=1, ideal=400.0), store(1, 300, RESULTS, waits=1)])
    remedies = find_remedies(analyse(made), 8)
    savings = {remedy.key: remedy for remedy in remedies}
    assert [remedy.saving for remedy in remedies] == sorted((remedy.saving for remedy in remedies), reverse=True)
    assert savings["array"].saving == 600
    assert savings["array"].ops == [0]
    assert savings["results"].saving == 400
    assert savings["results"].ops == [1, 0]
    assert savings["overlap"].saving == 400
    assert len(find_remedies(analyse(made))) == 3
    assert all(remedy.text.endswith(".") for remedy in remedies)


def test_a_program_at_its_best_gets_no_remedies_but_lower_precision():
    made = program([compute(0, 10_000, precision=0)])
    assert find_remedies(analyse(made)) == []
    made = program([compute(0, 10_000, precision=2)])
    assert [(remedy.key, remedy.saving) for remedy in find_remedies(analyse(made))] == [("precision", 8750)]


def columns_of(engines: str) -> dict[str, np.ndarray]:
    engine = np.array([0 if letter == "t" else 1 for letter in engines], dtype=np.uint8)
    ids = [1 + sum(e == engine[row] for e in engine[:row]) for row in range(len(engine))]
    return {"engine": engine, "id": np.array(ids), "group": np.zeros(len(engine), dtype=np.uint32)}


def test_the_map_gives_interleaved_instructions_to_their_ops():
    content = {
        "format": "tpu-mlir instruction map",
        "version": 1,
        "ops": [{"name": "a", "type": "tpu.Conv2D", "shape": [1, 2], "dtype": "f16"}, {"name": "b", "group": 3}],
        "groups": [{"tiu": [0, 2, 1, 1], "gdma": [1, 1, 0, 1, -1, 1]}],
    }
    found = from_map(content, columns_of("tttggg"))
    assert found is not None
    assert found.op.tolist() == [0, 0, 1, 1, 0, -1]
    assert (found.ops[0].shape, found.ops[1].group) == ((1, 2), 3)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"format": "other"},
        {"ops": [{}]},
        {"ops": []},
        {"groups": []},
        {"groups": [{"tiu": [0, 2, 1, 1], "gdma": [1, 2]}]},
        {"groups": [{"tiu": [0, 2, 1, 1], "gdma": [1, 4, 1, -1]}]},
        {"groups": [{"tiu": [0, 2, 1], "gdma": [1, 3]}]},
        {"groups": [{"tiu": [7, 3], "gdma": [1, 3]}]},
        {"groups": [{"tiu": "x", "gdma": [1, 3]}]},
        {"groups": 3},
    ],
)
def test_a_map_that_does_not_fit_is_not_believed(change):
    content = {
        "format": "tpu-mlir instruction map",
        "version": 1,
        "ops": [{"name": "a"}, {"name": "b"}],
        "groups": [{"tiu": [0, 2, 1, 1], "gdma": [1, 3]}],
    }
    assert from_map(content, columns_of("tttggg")) is not None
    assert from_map({**content, **change}, columns_of("tttggg")) is None


def located(opcode, operands, results, before, after):
    def tensors(names):
        return [{"name": name, "shape": [1, 2]} for name in names]

    return {
        "opcode": opcode, "operands": tensors(operands), "results": tensors(results),
        "tiu_dma_id(before)": before, "tiu_dma_id(after)": after,
    }  # fmt: skip


def test_loads_and_stores_of_upstream_belong_to_reader_and_writer():
    content = [
        located("tpu.Load", ["x"], ["load_x"], [0, 0], [0, 1]),
        located("tpu.Conv2D", ["load_x"], ["y"], [0, 1], [2, 1]),
        located("tpu.Load", ["w"], ["load_w"], [0, 1], [0, 2]),
        located("tpu.Add", ["y", "load_w"], ["z"], [2, 2], [3, 2]),
        located("tpu.Store", ["y"], ["store_y"], [2, 2], [2, 3]),
    ]
    found = from_locations(content, columns_of("tttggg"))
    assert found is not None
    assert [op.name for op in found.ops] == ["y", "z"]
    assert found.op.tolist() == [0, 0, 1, 0, 1, 0]
    assert from_locations([{"opcode": "tpu.Add"}], columns_of("tg")) is None
    assert from_locations({"a": 1}, columns_of("tg")) is None


def test_multiply_adds_that_no_op_needs_are_no_work():
    columns = {
        "unit": np.array([ARRAY, ARRAY, ARRAY, VECTOR, ARRAY]),
        "multiply_adds": np.array([300, 100, 50, 0, 70]),
        "ideal": np.array([30.0, 10.0, 5.0, 8.0, 7.0]),
    }
    ops = [Op("padded", macs=200), Op("as needed", macs=50), Op("unknown")]
    ideal = needed_cycles(columns, ops, np.array([0, 0, 1, 0, 2]))
    assert ideal.tolist() == [15.0, 5.0, 5.0, 8.0, 7.0]


def test_memory_that_is_used_again_is_told_by_time_and_op():
    base = 2**32
    columns = {
        # weights; the input; a result into the input's place; that result; a result in the output's place, read again;
        # the output; local memory
        "read_address": np.array([base, base + 100, 0, base + 100, 0, base + 200, 0, 2**27]),
        "write_address": np.array([0, 0, base + 100, 0, base + 200, 0, base + 200, 0]),
        "start": np.arange(8), "id": np.arange(8), "group": np.zeros(8),
    }  # fmt: skip
    facts = {
        "weight_address": base,
        "weight_bytes": 50,
        "inputs": [("x", base + 100, 50)],
        "outputs": [("y", base + 200, 50)],
    }
    find_places(facts, columns, np.array([0, 0, 0, 1, 1, 2, 2, 2]))
    assert columns["reads"].tolist() == [WEIGHTS, INPUTS, 0, RESULTS, 0, RESULTS, 0, 5]
    assert columns["writes"].tolist() == [0, 0, RESULTS, 0, RESULTS, 0, OUTPUTS, 0]
