"""Options of layer groups: levels, plan files, caches, and plans that --autotune leaves beside the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_support import one_sentence

FAST = ("--skip_validation", "--quantize", "F16")
CACHE = "small_bm1684x_f16.layer_group_cache.json"
TUNED = "small_bm1684x_f16.layer_group_config.json"

Compile = Callable[..., tuple[bytes, str, str]]


@pytest.fixture
def build(run: Callable[..., tuple[int, str, str]], calibrated: Path) -> Compile:
    """build(options…) compiles the small network in tmp_path without checks; gives the bmodel, stdout and stderr."""

    def call(*options: object) -> tuple[bytes, str, str]:
        common = ["--mlir", calibrated / "small.mlir", "--chip", "bm1684x", "--model", "small.bmodel"]
        status, out, err = run("model_deploy", *common, *FAST, *map(str, options))
        assert status == 0, err
        return Path("small.bmodel").read_bytes(), out, err

    return call


@pytest.mark.parametrize("opt", range(4))
def test_every_level_compiles_what_the_tpu_module_computes(deploy, opt):
    status, out, err = deploy("--quantize", "F16", "--opt", opt)
    assert status == 0, err
    assert "bmodel / Tpu" in out


def test_a_second_compile_takes_the_plan_from_the_cache(build):
    first, _, _ = build()
    kept = Path(CACHE).read_text()
    Path("small.bmodel").unlink()
    again, _, _ = build()
    assert again == first and Path(CACHE).read_text() == kept


def test_the_cached_plan_is_what_is_compiled(build):
    """A plan that no search would choose, under the key of this compile, shows that the cache is used."""
    first, _, _ = build()
    level_0 = _plan_of_level_0(build)
    build()
    kept = json.loads(Path(CACHE).read_text())
    Path(CACHE).write_text(json.dumps({**kept, "plan": {"groups": level_0}}))
    assert build()[0] != first


def test_level_3_keeps_what_it_measured(build):
    first, _, _ = build("--opt", "3")
    kept = json.loads(Path(CACHE).read_text())
    assert kept["opt"] == 3
    written = Path(CACHE).stat().st_mtime_ns
    assert build("--opt", "3")[0] == first and Path(CACHE).stat().st_mtime_ns == written
    Path(CACHE).write_text(json.dumps({**kept, "key": "0"}))
    assert build("--opt", "3")[0] == first
    assert json.loads(Path(CACHE).read_text()) == kept


def test_level_3_takes_plans_from_the_folder(build, tmp_path):
    options = ("--opt", "3", "--enable_lghash", "--lghash_dir", tmp_path / "plans")
    first, _, _ = build(*options)
    (kept,) = (tmp_path / "plans").iterdir()
    Path(CACHE).unlink()
    assert build(*options)[0] == first
    assert not Path(CACHE).exists() and kept.exists()


def test_a_cache_of_other_options_or_a_damaged_one_is_replaced(build):
    build()
    first = json.loads(Path(CACHE).read_text())
    build("--opt", "1")
    other = json.loads(Path(CACHE).read_text())
    assert other["key"] != first["key"]
    for text in ("", "[]", '{"key": 3}', json.dumps({**first, "plan": {"groups": []}})):
        Path(CACHE).write_text(text)
        build()
        assert json.loads(Path(CACHE).read_text()) == first


def test_plans_of_all_compiles_can_be_kept_in_a_folder(build, tmp_path):
    for options in (["--opt", "1"], [], ["--opt", "1"]):
        build(*options, "--enable_lghash", "--lghash_dir", tmp_path / "plans")
    kept = list((tmp_path / "plans").iterdir())
    assert len(kept) == 2
    plan = json.loads(kept[0].read_text())
    assert kept[0].stem == plan["key"]


def test_the_plan_of_a_cache_can_be_given_as_plan_file(build):
    first, _, _ = build()
    Path(CACHE).rename("plan.json")
    again, _, _ = build("--layer_group_config", "plan.json")
    assert again == first
    assert not Path(CACHE).exists()


def _plan() -> dict:
    return json.loads(Path(CACHE).read_text())["plan"]


def _plan_of_level_0(build: Compile) -> list[dict]:
    """Every op alone; the tiles are those of level 1."""
    build("--opt", "1")
    return [{"ops": [op], **form} for group in _plan()["groups"] for op, form in _alone(group)]


def _alone(group: dict) -> list[tuple[str, dict]]:
    if len(group["ops"]) == 1:
        return [(group["ops"][0], {key: value for key, value in group.items() if key != "ops"})]
    return [(op, {"nsecs": 1, "hsecs": 1, "wsecs": 1, "channel_tiles": [0], "streams": False}) for op in group["ops"]]


def test_a_plan_made_by_hand_is_what_is_compiled(build):
    first, _, _ = build()
    Path("plan.json").write_text(json.dumps({"groups": _plan_of_level_0(build)}))
    by_hand, _, _ = build("--layer_group_config", "plan.json")
    assert by_hand != first
    assert build("--layer_group_config", "plan.json")[0] == by_hand


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["not JSON"]),
        ("{}", ["does not fit"]),
        ('{"groups": []}', ["does not fit"]),
        ('{"groups": [{"ops": ["nobody"]}]}', ["does not fit"]),
    ],
)
def test_a_plan_file_that_does_not_fit_is_one_sentence(run, calibrated, text, words):
    Path("plan.json").write_text(text)
    common = ["--mlir", calibrated / "small.mlir", "--chip", "bm1684x", "--model", "small.bmodel", *FAST]
    status, _, err = run("model_deploy", *common, "--layer_group_config", "plan.json")
    assert status == 1
    one_sentence(err, "plan.json", *words)
    assert not Path("small.bmodel").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--layer_group_config", "missing.json"], ["missing.json"]),
        (["--layer_group_config", "plan.json", "--autotune", "1"], ["--layer_group_config", "--autotune"]),
        (["--layer_group_config", "plan.json", "--disable_layer_group"], ["--layer_group_config"]),
        (["--autotune", "1", "--opt", "0"], ["--autotune", "--opt 0"]),
        (["--autotune", "0"], ["--autotune"]),
        (["--autotune_trials", "0"], ["--autotune_trials"]),
        (["--lghash_dir", "x"], ["--enable_lghash"]),
    ],
)
def test_what_does_not_go_together_is_refused(run, calibrated, options, words):
    Path("plan.json").write_text("{}")
    common = ["--mlir", calibrated / "small.mlir", "--chip", "bm1684x", "--model", "small.bmodel", *FAST]
    status, _, err = run("model_deploy", *common, *options)
    assert status == 1
    one_sentence(err, *words)


def test_debug_writes_what_the_groups_are(build):
    build("--lg_debugger", "1")
    account = Path("small_bm1684x_f16.layer_group_debugger.txt").read_text()
    for group in _plan()["groups"]:
        assert all(op in account for op in group["ops"])


def test_a_tuned_plan_is_kept_and_used_by_later_compiles(build):
    own, _, _ = build()
    tuned, out, _ = build("--autotune_trials", "40")
    assert "autotune: " in out and TUNED in out
    kept = json.loads(Path(TUNED).read_text())
    assert kept["cycles"] <= kept["cycles_before"]
    later, out, _ = build()
    assert later == tuned and TUNED in out
    Path(TUNED).unlink()
    assert build()[0] == own


def test_tuning_gives_the_same_for_the_same_number_of_trials(build):
    build("--autotune_trials", "40")
    first = Path(TUNED).read_bytes()
    Path(TUNED).unlink()
    build("--autotune_trials", "40")
    assert Path(TUNED).read_bytes() == first


def test_a_second_tuning_goes_on_from_the_first(build):
    build("--autotune_trials", "20")
    first = json.loads(Path(TUNED).read_text())
    build("--autotune_trials", "20")
    second = json.loads(Path(TUNED).read_text())
    assert second["cycles"] <= first["cycles"] and second["trials"] > first["trials"]
    assert second["cycles_before"] == first["cycles_before"]


def test_a_tuned_plan_of_another_network_is_not_used(build):
    own, _, _ = build()
    build("--autotune_trials", "20")
    kept = json.loads(Path(TUNED).read_text())
    Path(TUNED).write_text(json.dumps({**kept, "network": "0"}))
    other, out, _ = build()
    assert other == own and "not used" in out


def test_plans_tuned_with_and_without_quirks_of_prices_are_kept_apart(build):
    build("--autotune_trials", "20", "--avoid_price_quirks")
    kept = Path(TUNED).read_bytes()
    assert "not used" in build()[1]
    _, out, _ = build("--avoid_price_quirks")
    assert "found by --autotune" in out and Path(TUNED).read_bytes() == kept
    assert "not used" not in build("--opt", "3", "--avoid_price_quirks")[1]


def test_a_tuned_plan_of_another_build_is_measured_beside_the_compilers_own(build):
    tuned, _, _ = build("--autotune_trials", "40")
    kept = json.loads(Path(TUNED).read_text())
    Path(TUNED).write_text(json.dumps({**kept, "build": "0"}))
    assert build()[0] == tuned
