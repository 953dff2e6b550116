"""Modules go both ways: upstream's tpuc-opt reads ours, and its own passes find nothing left to do in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tpu_mlir import ir, pipelines
from tpu_mlir.evaluation import evaluate_module
from tpu_mlir.frontend.onnx import convert_onnx

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def upstream(vendor_home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of upstream's optimizer; the wheel's binary is not executable and misses two of its own libraries."""
    folder = tmp_path_factory.mktemp("upstream")
    tool = folder / "tpuc-opt"
    shutil.copy(vendor_home / "bin" / "tpuc-opt", tool)
    tool.chmod(0o755)
    for library in ("libdnnl.so.3", "libomp.so.5"):
        (folder / library).symlink_to(vendor_home / "lib" / "third_party" / library)
    return ["env", f"LD_LIBRARY_PATH={vendor_home / 'lib'}:{folder}", os.fspath(tool)]


def without_flops(path: Path) -> str:
    """The text without module.FLOPs, in which upstream counts ops that its fusions have made dead."""
    return re.sub(r"module\.FLOPs = \d+ : i64, ", "", path.read_text())


def transform(command: list[str], folder: Path, source: str, target: str) -> None:
    passes = [f"--{name}" for name in pipelines.TRANSFORM]
    result = subprocess.run([*command, source, *passes, "-o", target], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_canonical_module_is_upstreams(upstream: list[str], tmp_path: Path) -> None:
    """From one origin file, both canonicalizations write the same text."""
    convert_onnx(ROOT / "regression" / "models" / "lenet" / "lenet.onnx", "lenet", directory=tmp_path)
    transform(upstream, tmp_path, "lenet_origin.mlir", "theirs.mlir")
    module = pipelines.load(tmp_path / "lenet_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "ours.mlir")
    assert without_flops(tmp_path / "ours.mlir") == without_flops(tmp_path / "theirs.mlir")


def test_canonical_module_is_a_fixed_point_of_upstream(upstream: list[str], tmp_path: Path) -> None:
    """Upstream reads our canonical module and its weights, and prints it unchanged."""
    convert_onnx(ROOT / "regression" / "models" / "lenet" / "lenet.onnx", "lenet", directory=tmp_path)
    module = pipelines.load(tmp_path / "lenet_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, tmp_path / "ours.mlir")
    text = (tmp_path / "ours.mlir").read_text()
    transform(upstream, tmp_path, "ours.mlir", "theirs.mlir")
    assert (tmp_path / "theirs.mlir").read_text() == text


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (ROOT / "test/Dialect/Roundtrip/Inputs").glob("*-tpu.mlir"))
)
def test_lowered_module_survives_both(upstream: list[str], name: str, tmp_path: Path) -> None:
    """What we print of a lowered module, upstream reads and prints the same."""
    module = pipelines.load(ROOT / "test/Dialect/Roundtrip/Inputs" / name, ir.Context())
    text = module.operation.get_asm(enable_debug_info=True)
    (tmp_path / "ours.mlir").write_text(text)
    command = [*upstream, "ours.mlir", "--mlir-print-debuginfo", "-o", "theirs.mlir"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    # Upstream names the weight file anew on every run.
    names = re.compile(r'weight_file = "[^"]*"')
    assert names.sub("", (tmp_path / "theirs.mlir").read_text()).strip() == names.sub("", text).strip()


def test_grouped_module_survives_both(upstream: list[str], tmp_path: Path) -> None:
    """Groups with loads, stores, placement and our own attributes: upstream reads them and prints the same."""
    convert_onnx(ROOT / "regression" / "models" / "lenet" / "lenet.onnx", "lenet", directory=tmp_path)
    module = pipelines.load(tmp_path / "lenet_origin.mlir", ir.Context())
    passes = [*pipelines.TRANSFORM, *pipelines.lowering("bm1684x", "F16", "weights.npz"), *pipelines.final()]
    pipelines.run(module, passes, tmp_path / "ours.mlir")
    text = (tmp_path / "ours.mlir").read_text()
    assert "tpu.Group" in text and "#tpu.lg<" in text and "lg_options" in text
    command = [*upstream, "ours.mlir", "--mlir-print-debuginfo", "-o", "theirs.mlir"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    names = re.compile(r'weight_file = "[^"]*"')
    assert names.sub("", (tmp_path / "theirs.mlir").read_text()).strip() == names.sub("", text).strip()


def test_branches_go_both_ways(upstream: list[str], tmp_path: Path) -> None:
    """Upstream reads a branch that depends on data as we write it, and we what it makes of it; the values are equal."""
    sys.path.insert(0, os.fspath(ROOT / "test" / "python"))
    from test_control_flow import branching

    convert_onnx(branching(tmp_path / "n.onnx"), "n", directory=tmp_path)
    transform(upstream, tmp_path, "n_origin.mlir", "theirs.mlir")
    ours, theirs = (pipelines.load(tmp_path / name, ir.Context()) for name in ("n_origin.mlir", "theirs.mlir"))
    pipelines.run(ours, pipelines.TRANSFORM)
    assert "top.If" in str(ours) and "top.If" in str(theirs)
    for sign in (1, -1):
        x = {"x": sign * np.arange(1, 5, dtype=np.float32).reshape(1, 4)}
        for one, other in zip(evaluate_module(ours, x).in_order(), evaluate_module(theirs, x).in_order(), strict=True):
            np.testing.assert_array_equal(one, other)
