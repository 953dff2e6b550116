"""Which files of a run stay and which go."""

from __future__ import annotations

import pytest
from tpu_mlir.errors import UserError
from tpu_mlir.files import require_writable, save_npz, save_text, written_atomically
from tpu_mlir.workspace import Workspace


def test_temporary_files_go_and_results_stay(tmp_path):
    with Workspace(tmp_path, debug=False) as work:
        work.result("a").write_text("a")
        work.temporary("b").write_text("b")
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


def test_an_error_removes_what_this_run_wrote_but_not_what_was_there(tmp_path):
    (tmp_path / "old").write_text("old")
    with pytest.raises(UserError), Workspace(tmp_path, debug=False) as work:
        work.result("old")
        work.result("new").write_text("new")
        work.temporary("scratch").write_text("scratch")
        raise UserError("stop")
    assert {path.name for path in tmp_path.iterdir()} == {"old"}


def test_debug_keeps_everything(tmp_path):
    with pytest.raises(UserError), Workspace(tmp_path, debug=True) as work:
        work.result("a").write_text("a")
        work.temporary("b").write_text("b")
        raise UserError("stop")
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "t"
    save_text(target, "old")
    with pytest.raises(RuntimeError), written_atomically(target) as temporary:
        temporary.write_text("half of the")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_places_that_cannot_be_written_are_named(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        require_writable(tmp_path / "no" / "t", "the output")
    with pytest.raises(UserError, match="is a directory"):
        require_writable(tmp_path, "the output")
    with pytest.raises(UserError, match="cannot be written"):
        save_npz(tmp_path / "no" / "t.npz", {})
