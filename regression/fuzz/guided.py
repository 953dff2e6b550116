"""One process of coverage-guided fuzzing with atheris (libFuzzer). fuzz.py starts it, because a crash ends it.

python regression/fuzz/guided.py TARGET CORPUS ARTIFACTS SECONDS
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tpu_mlir", "tflite"], exclude=["tpu_mlir._tpu_mlir"]):
    import tpu_mlir.dialects.top
    import tpu_mlir.frontend.caffe
    import tpu_mlir.frontend.onnx
    import tpu_mlir.frontend.tflite
    import tpu_mlir.pipelines  # noqa: F401

from limits import MEMORY_MIB, SECONDS_PER_INPUT
from mutations import LONGEST, mutate
from targets import TARGETS, refusals


def main() -> None:
    """Fuzzes until the time is over or an input is a finding."""
    name, corpus, artifacts, seconds = sys.argv[1:5]
    target = TARGETS[name]
    refused = refusals()
    pool = [path.read_bytes() for path in sorted(Path(corpus).iterdir())[:500]]
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    path = folder / f"net{target.suffix}"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        with contextlib.suppress(refused):
            target.run(path)

    def mutator(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.3:
            return bytes(atheris.Mutate(data, longest))
        return mutate(target.structure, chance, data, pool or [data])[:longest]

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={artifacts}/",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], corpus, *options], one, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
