#!/usr/bin/env python3
"""The main job: the bundled digits network, trained on real data, from ONNX to BM1684X bmodels, run on the simulator.

Compiles regression/models/lenet/lenet.onnx in F32, F16 and BF16 with the same commands that a user types, runs the
committed test split (540 images) through each simulated bmodel, and prints accuracy, similarity and cycles beside
onnxruntime's result. Exit status 1 when a result is out of its bounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tpu_mlir.cli import model_deploy, model_transform
from tpu_mlir.runtime.bmodel import BModel

BUNDLED = Path(__file__).resolve().parent / "models" / "lenet"
# What a mode may lose: similarity of all outputs with onnxruntime, and points of top-1 accuracy.
LOWEST_COSINE = {"F32": 0.99999, "F16": 0.999, "BF16": 0.99}
POINTS = 0.2


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


def run_mode(mode: str, folder: Path, images: np.ndarray, labels: np.ndarray, expected: np.ndarray) -> Row:
    """Deploys the network in one mode and runs the test split on the simulator."""
    model = folder / f"lenet_{mode.lower()}.bmodel"
    start = time.perf_counter()
    command(
        model_deploy.main,
        ["--mlir", str(folder / "lenet.mlir"), "--quantize", mode, "--processor", "bm1684x"]
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
    return Row(mode, top1, cosine, bmodel.cycles()["total_cycles"], compile_s, simulate_s)


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
    rows = [run_mode(mode, folder, images, labels, expected) for mode in LOWEST_COSINE]
    float_top1 = 100.0 * float((expected.argmax(1) == labels).mean())
    print(f"\n{len(images)} digits; onnxruntime top-1 {float_top1:.2f} %")
    print("mode  top-1 %    cosine  cycles/image  compile s  simulate s")
    for row in rows:
        print(
            f"{row.mode:<4}  {row.top1:7.2f}  {row.cosine:.6f}  {row.cycles:12,}  {row.compile_s:9.2f}"
            f"  {row.simulate_s:10.2f}"
        )
    bad = [r.mode for r in rows if r.cosine < LOWEST_COSINE[r.mode] or abs(r.top1 - float_top1) > POINTS]
    if bad:
        print(f"digits: {', '.join(bad)} out of bounds (cosine {LOWEST_COSINE}, {POINTS} points)", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
