"""The cycle model against the table that the vendor's compiler prints, and against a second writing of its rules.

vendor_cycles.py prices commands from its own decoder and knows nothing of our library. Both must agree in the price and
the start of every instruction, of bmodels that we compile, of the one in the vendor's wheel and of those in the folder
TPU_MLIR_VENDOR_BMODELS, if that is set. The compiler's own table is compared where TPU_MLIR_VENDOR_TOOLS is set.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import vendor_cycles

from tpu_mlir.cli import model_deploy, model_transform
from tpu_mlir.runtime.bmodel import BModel

LENET = Path(__file__).resolve().parents[2] / "regression" / "models" / "lenet" / "lenet.onnx"
Row = tuple[int, int]


def our_rows(model: Path) -> tuple[int, list[dict[tuple[str, int], Row]]]:
    """Total cycles, and by command group (start, price) of every instruction by engine and id."""
    native = BModel(model)._native
    assert len(native.networks) == 1 and native.stage_count(0) == 1
    facts = native.profile()
    columns = facts["columns"]
    groups: list[dict[tuple[str, int], Row]] = [{} for _ in range(facts["groups"])]
    names = ("group", "engine", "id", "start", "cycles")
    for group, engine, index, start, cycles in zip(*(columns[name].tolist() for name in names), strict=True):
        groups[group][("TD"[engine], index)] = (start, cycles)
    return native.cycles()["total_cycles"], groups


def assert_equals_second_writing(model: Path) -> None:
    expected, expected_groups = vendor_cycles.analyse(str(model))
    total, groups = our_rows(model)
    assert total == expected["total"]
    assert len(groups) == len(expected_groups)
    before = 0  # our starts go on from group to group
    for rows, expected_rows in zip(groups, expected_groups, strict=True):
        for engine, index, start, cycles, _, _, fields in expected_rows:
            ours = rows[engine, index]
            assert (ours[0] - before, ours[1]) == (start, cycles), f"{engine} {index} {fields}"
        before += max((start + cycles for _, _, start, cycles, *_ in expected_rows), default=0)
    report = BModel(model)._native.cycles()
    for ours_name, name in {"tiu_cycles": "tiu_busy", "gdma_cycles": "gdma_busy"}.items():
        assert report[ours_name] == expected[name]
    assert report["bytes_read"] == expected["ddr_read"] and report["bytes_written"] == expected["ddr_write"]


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of lenet's canonical module, with a made-up calibration table."""
    folder = tmp_path_factory.mktemp("lenet")
    arguments = ["--model_name", "lenet", "--model_def", LENET, "--input_shapes", "[[1,1,8,8]]"]
    assert model_transform.main([*map(str, arguments), "--mlir", str(folder / "lenet.mlir")]) == 0
    names = re.findall(r'loc\("([^"]+)"\)', (folder / "lenet.mlir").read_text())
    (folder / "table").write_text("".join(f"{name} 4.0 -4.0 4.0\n" for name in dict.fromkeys(names)))
    return folder


MODES = ["F32", "F16", "BF16", "INT8"]


def arguments_of(mode: str, folder: Path) -> list[str]:
    calibrated = ["--calibration_table", str(folder / "table")] if mode == "INT8" else []
    return ["--quantize", mode, "--chip", "bm1684x", "--skip_validation", *calibrated]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("extra", [[], ["--disable_layer_group"], ["--avoid_price_quirks"]], ids=" ".join)
def test_both_writings_agree_on_our_bmodels(lenet: Path, tmp_path: Path, mode: str, extra: list[str]) -> None:
    model = tmp_path / "m.bmodel"
    words = ["--mlir", str(lenet / "lenet.mlir"), *arguments_of(mode, lenet), *extra, "--model", str(model)]
    assert model_deploy.main(words) == 0
    assert_equals_second_writing(model)


@pytest.mark.vendor
def test_both_writings_agree_on_the_bmodel_of_the_wheel(vendor_home: Path) -> None:
    model = vendor_home / "python/tools/soc_infer/demo/Yuv2rgb_0_int8/compilation.bmodel"
    if not model.is_file():
        pytest.skip(f"this wheel has no {model.name} in its demo folder")
    assert_equals_second_writing(model)


@pytest.mark.vendor
def test_both_writings_agree_on_given_bmodels() -> None:
    folder = os.environ.get("TPU_MLIR_VENDOR_BMODELS")
    if not folder:
        pytest.skip("TPU_MLIR_VENDOR_BMODELS is not set: it names a folder with bmodels to compare on")
    models = sorted(Path(folder).rglob("*.bmodel"))
    assert models, f"no bmodel in {folder}"
    for model in models:
        try:
            assert_equals_second_writing(model)
        except AssertionError as error:
            raise AssertionError(f"{model}: {error}") from error


def table_rows(text: str) -> Iterator[tuple[tuple[str, int], Row]]:
    """Engine and id, start and price of the rows of compiler_profile_0.txt; two columns, one per engine."""
    for line in text.splitlines():
        for kind, start, tiu, gdma, price in re.findall(r"\|(\w+)\|s:(\d+)\|b:(\d+)\|g:(\d+)\|e:\d+\|t:(\d+)", line):
            engine = "D" if kind.startswith("GDMA") else "T"
            yield (engine, int(gdma if engine == "D" else tiu)), (int(start), int(price))


@pytest.mark.vendor
@pytest.mark.parametrize("mode", MODES)
def test_prices_are_those_of_the_vendors_table(lenet: Path, tmp_path: Path, mode: str) -> None:
    home = os.environ.get("TPU_MLIR_VENDOR_TOOLS")
    if not home or not Path(home, "bin", "model_deploy.py").exists():
        pytest.skip("TPU_MLIR_VENDOR_TOOLS names no virtual environment with upstream's commands")
    for path in lenet.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TPU_MLIR"))}
    done = subprocess.run(
        [f"{home}/bin/model_deploy.py", "--mlir", "lenet.mlir", *arguments_of(mode, tmp_path), "--model", "m.bmodel"],
        cwd=tmp_path,
        env={**clean, "VIRTUAL_ENV": home, "PATH": f"{home}/bin:{clean['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    text = (tmp_path / "compiler_profile_0.txt").read_text()
    printed = dict(table_rows(text))
    total, (rows,) = our_rows(tmp_path / "m.bmodel")
    assert len(printed) > 20
    assert {key: rows[key] for key in printed} == printed
    (vendor_total,) = re.findall(r"TCYC : (\d+)", text)
    assert total == int(vendor_total)
    assert total == pytest.approx(vendor_cycles.analyse(str(tmp_path / "m.bmodel"))[0]["total"])
