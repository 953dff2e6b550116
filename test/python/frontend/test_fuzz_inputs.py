"""Replays what fuzzing found (docs/fuzzing.md): each input is read or refused with a sentence, within the limits."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from onnx_models import compiler_is_built

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "regression" / "fuzz"))

import limits  # noqa: E402
import targets  # noqa: E402

pytestmark = pytest.mark.skipif(not compiler_is_built(), reason="the compiler is not built")

INPUTS = Path(__file__).with_name("fuzz_inputs")


@pytest.mark.parametrize("name", sorted(folder.name for folder in INPUTS.iterdir()))
def test_findings_stay_fixed(name: str, tmp_path: Path) -> None:
    target = targets.TARGETS[name]
    refused = targets.refusals()
    files = sorted((INPUTS / name).iterdir())
    path = tmp_path / f"net{target.suffix}"

    def read(index: int) -> str:
        path.write_bytes(files[index].read_bytes())
        try:
            target.run(path)
        except refused as error:
            assert str(error)
        return ""

    assert files
    assert [(files[index].name, why) for index, why in limits.one_by_one(read, len(files))] == []


@pytest.mark.parametrize("name", sorted(set(targets.TARGETS) - {"bmodel"}))
def test_seeds_are_read_within_the_limits(name: str, tmp_path: Path) -> None:
    """What fuzzing begins with is no finding itself, and some of it is read."""
    target = targets.TARGETS[name]
    refused = targets.refusals()
    seeds = list(target.seeds())[:20]
    path = tmp_path / f"net{target.suffix}"

    def read(index: int) -> str:
        path.write_bytes(seeds[index])
        try:
            target.run(path)
        except refused:
            return "refused"
        return "read"

    outcome = limits.run_batch(read, len(seeds))
    assert outcome.finding == ""
    assert "read" in outcome.said


def test_limits_are_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness sees endless loops, memory, exceptions and dead processes, and goes on behind them."""
    import os
    import signal

    monkeypatch.setattr(limits, "SECONDS_PER_INPUT", 1)
    monkeypatch.setattr(limits, "MEMORY_MIB", 64)
    kept = []

    def one(index: int) -> str:
        if index == 1:
            raise KeyError("lost")
        if index == 3:
            kept.append(bytearray(80 << 20))
        if index == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        while index == 6:
            pass
        return ""

    found = dict(limits.one_by_one(one, 8))
    assert sorted(found) == [1, 3, 4, 6]
    assert found[1].startswith("KeyError at test_fuzz_inputs.py")
    assert found[3] == "takes more than 64 MiB"
    assert found[4] == "killed by signal 9"
    assert found[6] == "takes more than 1 s"
