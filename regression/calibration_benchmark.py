#!/usr/bin/env python3
"""Measures run_calibration.py by the number of samples: seconds and peak memory, beside the vendor's.

    regression/calibration_benchmark.py [--network resnet18] [--samples 10,100] [--methods kl,auto] [--vendor]

The samples are the network's own ones, turned by some pixels for each further one. --vendor runs the vendor's
run_calibration.py (TPU_MLIR_VENDOR_TOOLS names the folder) on the same files in the same run; times of one run are
comparable, times of two are not. Memory must not grow with the samples, and the time be at most half of the vendor's:
with --check the status says so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from networks import ensure_network  # noqa: E402

MEMORY_TOLERANCE = 1.05
"""Peak memory of the most samples to that of the fewest: what allocators and threads vary by."""


@dataclass
class Run:
    """One calibration: wall and processor seconds, peak megabytes."""

    tool: str
    method: str
    samples: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def make_samples(source: Path, folder: Path, count: int) -> Path:
    """A folder of ``count`` npz files."""
    target = folder / f"samples_{count}"
    target.mkdir()
    files = sorted((source / "cali").glob("*.npz"))
    for number in range(count):
        with np.load(files[number % len(files)]) as arrays:
            turned = {name: np.roll(arrays[name], number // len(files), axis=-1) for name in arrays.files}
        np.savez(target / f"{number:04}.npz", **turned)
    return target


def measured(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> tuple[float, float, float]:
    """Runs a command in a folder; wall seconds, processor seconds, peak megabytes of its largest process."""
    log = folder / "last_command.log"
    start = time.perf_counter()
    process = os.fork()
    if process == 0:  # the child: its own resource usage is that of the command
        with log.open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        os.chdir(folder)
        try:
            os.execvpe(command[0], command, environment or dict(os.environ))
        finally:
            os._exit(127)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-2000:]}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def transform(network: str, source: Path, folder: Path, tool: str, environment: dict[str, str] | None = None) -> None:
    """Writes NETWORK.mlir into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shapes = json.loads((source / "meta.json").read_text())["inputs"]
    measured(
        [tool, "--model_name", network, "--model_def", str(source / f"{network}.onnx"), "--mlir", f"{network}.mlir"]
        + ["--input_shapes", json.dumps(list(shapes.values()))],
        folder, environment,
    )  # fmt: skip


def benchmark(network: str, counts: list[int], methods: list[str], vendor: Path | None) -> list[Run]:
    """All runs of one network."""
    source = ensure_network(network)
    runs = []
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        samples = {count: make_samples(source, folder, count) for count in counts}
        tools: list[tuple[str, str, list[str], dict[str, str] | None]] = [("ours", "", methods, None)]
        if vendor is not None:
            environment = dict(os.environ, PATH=f"{vendor / 'bin'}:{os.environ['PATH']}")
            environment.pop("PYTHONPATH", None)
            tools.append(("vendor", f"{vendor / 'bin'}/", ["kl"], environment))
        for tool, prefix, tried, environment in tools:
            place = folder / tool
            transform(network, source, place, f"{prefix}model_transform.py", environment)
            for method in tried:
                for count in counts:
                    command = [f"{prefix}run_calibration.py", f"{network}.mlir", "--dataset", str(samples[count])]
                    command += ["--input_num", str(count), "--cali_method", method, "-o", f"table_{method}_{count}"]
                    runs.append(Run(tool, method, count, *measured(command, place, environment)))
    return runs


def complaints(runs: list[Run]) -> list[str]:
    """What misses the targets."""
    found = []
    ours = [run for run in runs if run.tool == "ours"]
    for method in {run.method for run in ours}:
        peaks = {run.samples: run.peak_mb for run in ours if run.method == method}
        few, many = peaks[min(peaks)], peaks[max(peaks)]
        if many > MEMORY_TOLERANCE * few:
            found.append(f"{method}: {few:.0f} MB for {min(peaks)} samples, {many:.0f} MB for {max(peaks)}")
    for other in (run for run in runs if run.tool == "vendor"):
        for run in ours:
            if run.method == other.method and run.samples == other.samples and 2 * run.seconds > other.seconds:
                found.append(f"{run.method}, {run.samples} samples: {run.seconds:.1f} s, vendor {other.seconds:.1f} s")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--samples", default="10,100", help="numbers of samples, separated by commas")
    parser.add_argument("--methods", default="kl,auto", help="methods, separated by commas")
    parser.add_argument("--vendor", action="store_true", help="also measure the vendor's tool (TPU_MLIR_VENDOR_TOOLS)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--check", action="store_true", help="status 1 when a target is missed")
    arguments = parser.parse_args()
    vendor = Path(os.environ.get("TPU_MLIR_VENDOR_TOOLS", "")) if arguments.vendor else None
    if vendor is not None and not (vendor / "bin/run_calibration.py").exists():
        print("--vendor needs TPU_MLIR_VENDOR_TOOLS to name a folder with the vendor's tools", file=sys.stderr)
        return 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    counts = sorted(int(word) for word in arguments.samples.split(","))
    runs = benchmark(arguments.network, counts, arguments.methods.split(","), vendor)
    print(f"{arguments.network}\n{'tool':8}{'method':16}{'samples':>8}{'s':>8}{'cpu s':>8}{'peak MB':>9}")
    for run in runs:
        times = f"{run.seconds:8.1f}{run.cpu_seconds:8.1f}{run.peak_mb:9.0f}"
        print(f"{run.tool:8}{run.method:16}{run.samples:8}{times}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(run) for run in runs], indent=1))
    missed = complaints(runs)
    for sentence in missed:
        print(f"missed: {sentence}")
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
