#!/usr/bin/env python3
"""The main job: the bundled digits network, trained on real data, from ONNX to BM1684X bmodels, run on the simulator.

Compiles regression/models/lenet/lenet.onnx in F32, F16, BF16, INT8 (symmetric and asymmetric) and mixed precision with
the same commands that a user types, runs the committed test split (540 images) through each simulated bmodel, and
prints accuracy, similarity and cycles beside those of onnxruntime. Exit status 1 when a result is out of its bounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tpu_mlir.cli import model_deploy, model_transform, run_calibration, run_qtable
from tpu_mlir.runtime.bmodel import BModel

BUNDLED = Path(__file__).resolve().parent / "models" / "lenet"
TABLES = ("lenet_cali_table", "lenet_qtable")


@dataclass(frozen=True)
class Mode:
    """A way to compile. cosine, points: what it may lose, of similarity to onnxruntime and of top-1 accuracy."""

    name: str
    options: tuple[str, ...]
    cosine: float
    points: float = 0.2


MODES = [
    Mode("F32", ("--quantize", "F32"), 0.99999),
    Mode("F16", ("--quantize", "F16"), 0.999),
    Mode("BF16", ("--quantize", "BF16"), 0.99),
    Mode("INT8", ("--quantize", "INT8", "--calibration_table", TABLES[0]), 0.99, 0.6),
    Mode("INT8_ASYM", ("--quantize", "INT8", "--calibration_table", TABLES[0], "--asymmetric"), 0.99, 0.6),
    Mode(
        "MIXED",
        ("--quantize", "INT8", "--calibration_table", TABLES[0], "--quantize_table", TABLES[1]),
        0.99,
        0.6,
    ),
]


@dataclass
class Row:
    """One line of the result table. top1 in percent; cycles per image at 1 GHz."""

    mode: str
    top1: float
    cosine: float
    cycles: int
    compile_s: float
    simulate_s: float


def reference(images: np.ndarray) -> np.ndarray:
    """onnxruntime's outputs, image by image: the network has batch 1."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(BUNDLED / "lenet.onnx"), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"input": image[None]})[0] for image in images])


def command(main, arguments: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Runs a command as from the shell; a failure ends this program with its status."""
    print(f"$ {main.__module__.rsplit('.', 1)[-1]}.py {' '.join(arguments)}")
    status = main(arguments)
    if status:
        sys.exit(status)


def calibrate(folder: Path) -> None:
    """Writes the calibration table and the quantize table from the bundled samples."""
    samples = ["--dataset", str(BUNDLED / "cali")]
    module, table = str(folder / "lenet.mlir"), str(folder / TABLES[0])
    command(run_calibration.main, [module, *samples, "--cali_method", "auto", "-o", table])
    command(
        run_qtable.main,
        [module, *samples, "--calibration_table", table, "--expected_cos", "0.99999", "-o", str(folder / TABLES[1])],
    )


def run_mode(mode: Mode, folder: Path, images: np.ndarray, labels: np.ndarray, expected: np.ndarray) -> Row:
    """Deploys the network in one mode and runs the test split on the simulator."""
    model = folder / f"lenet_{mode.name.lower()}.bmodel"
    start = time.perf_counter()
    options = [str(folder / word) if word in TABLES else word for word in mode.options]
    command(
        model_deploy.main,
        ["--mlir", str(folder / "lenet.mlir"), *options, "--processor", "bm1684x"]
        + ["--test_input", str(folder / "lenet_in_f32.npz"), "--test_reference", str(folder / "lenet_top.npz")]
        + ["--model", str(model)],
    )
    compile_s = time.perf_counter() - start
    bmodel = BModel(model)
    start = time.perf_counter()
    outputs = np.concatenate([next(iter(bmodel.run({"input": image[None]}).values())) for image in images])
    simulate_s = time.perf_counter() - start
    a, b = outputs.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    top1 = 100.0 * float((outputs.argmax(1) == labels).mean())
    return Row(mode.name, top1, cosine, bmodel.cycles()["total_cycles"], compile_s, simulate_s)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/digits"), help="folder for the files made")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(BUNDLED / "test.npz") as split:
        images, labels = split["input"], split["label"]
    expected = reference(images)
    command(
        model_transform.main,
        ["--model_name", "lenet", "--model_def", str(BUNDLED / "lenet.onnx"), "--input_shapes", "[[1,1,8,8]]"]
        + ["--test_input", str(BUNDLED / "in.npz"), "--test_result", str(folder / "lenet_top.npz")]
        + ["--mlir", str(folder / "lenet.mlir")],
    )
    calibrate(folder)
    rows = [run_mode(mode, folder, images, labels, expected) for mode in MODES]
    float_top1 = 100.0 * float((expected.argmax(1) == labels).mean())
    print(f"\n{len(images)} digits; onnxruntime top-1 {float_top1:.2f} %")
    print("mode       top-1 %    cosine  cycles/image  compile s  simulate s")
    for row in rows:
        print(
            f"{row.mode:<9}  {row.top1:7.2f}  {row.cosine:.6f}  {row.cycles:12,}  {row.compile_s:9.2f}"
            f"  {row.simulate_s:10.2f}"
        )
    bad = [
        mode.name
        for mode, row in zip(MODES, rows, strict=True)
        if row.cosine < mode.cosine or float_top1 - row.top1 > mode.points
    ]
    found = {row.mode: row for row in rows}
    if found["MIXED"].top1 < found["INT8"].top1:
        bad.append("MIXED is below INT8")
    if bad:
        print(f"digits: out of bounds: {', '.join(bad)}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
