"""The memory that transforming a large network needs; regression/large_onnx.py measures it at full size."""

from __future__ import annotations

from pathlib import Path

import large_onnx
import numpy as np
import pytest
from onnx_models import compiler_is_built
from tpu_mlir.frontend.onnx import convert_onnx

pytestmark = pytest.mark.skipif(not compiler_is_built(), reason="the compiler is not built")


@pytest.mark.parametrize("element, factor", [("float32", 1.5), ("float16", 1.5)])
def test_memory_grows_with_the_file_once(tmp_path: Path, element: str, factor: float) -> None:
    """Neither the file, nor its arrays in f32, nor the canonical module's weights are in memory beside each other."""
    peaks, sizes = [], []
    for mib in (16, 144):
        folder = tmp_path / str(mib)
        folder.mkdir()
        measured = large_onnx.measure(large_onnx.make_network(folder, mib, element), folder)
        assert measured.passed
        peaks.append(measured.peak_mib)
        sizes.append(measured.file_mib)
    assert peaks[1] - peaks[0] <= factor * (sizes[1] - sizes[0])


def test_weights_are_written_as_they_are_made(tmp_path: Path) -> None:
    path = large_onnx.make_network(tmp_path, 4)
    converted = convert_onnx(path, "net", directory=tmp_path)
    assert converted.builder.weights == {}
    assert converted.weight_path is not None
    with np.load(converted.weight_path) as stored:
        assert sum(stored[name].size for name in stored.files) * 4 == (tmp_path / "large.data").stat().st_size


def test_nothing_is_left_when_a_conversion_breaks_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tpu_mlir.frontend.builder import TopModuleBuilder

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = large_onnx.make_network(tmp_path, 4)
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(TopModuleBuilder, "finish", broken)
    with pytest.raises(Exception, match=r"cannot be written: no space left"):
        convert_onnx(path, "net", directory=tmp_path)
    assert sorted(tmp_path.iterdir()) == before
