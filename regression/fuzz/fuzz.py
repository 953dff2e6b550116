"""Fuzzes the readers of users' files. See docs/fuzzing.md.

    python regression/fuzz/fuzz.py TARGET … [--seconds 600] [--work DIR]

Each target runs for the given time. An input that ends the process, raises anything but a refusal, takes more than 10 s
or more than 2 GiB is a finding and is written to DIR/TARGET/findings with the reason beside it. The exit status is 1
when there are findings.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "python")]

from limits import run_batch  # noqa: E402
from mutations import mutate  # noqa: E402
from targets import TARGETS, Target, refusals  # noqa: E402

BATCH = 100


class Findings:
    """The inputs that break a rule, one file each; the same reason is kept five times at most."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder = folder
        self.suffix = suffix
        self.reasons: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, data: bytes, reason: str) -> None:
        """Keeps an input."""
        key = _class_of(reason)
        self.reasons[key] = self.reasons.get(key, 0) + 1
        if self.reasons[key] <= 5:
            path = self.folder / f"{hashlib.sha256(data).hexdigest()[:12]}{self.suffix}"
            path.write_bytes(data)
            path.with_name(path.name + ".reason").write_text(reason + "\n", encoding="utf-8")
            print(f"  finding {path.name}: {reason[:300]}", flush=True)


def _class_of(text: str) -> str:
    """The text without what differs between inputs of the same kind."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+|/\S+", "#", text)[:160]


def write_seeds(target: Target, corpus: Path) -> None:
    """Adds the target's seeds and earlier findings to the corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    kept = HERE.parents[1] / "test/python/frontend/fuzz_inputs" / target.name
    earlier = [path.read_bytes() for path in sorted(kept.iterdir())] if kept.is_dir() else []
    for data in [*target.seeds(), *earlier]:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def fuzz_guided(target: Target, corpus: Path, findings: Findings, seconds: float) -> int:
    """atheris in processes of their own until the time is over; gives the number of inputs."""
    artifacts = findings.folder.parent / "artifacts"
    artifacts.mkdir(exist_ok=True)
    end, executions = time.monotonic() + seconds, 0
    while (left := int(end - time.monotonic())) > 0:
        command = [sys.executable, str(HERE / "guided.py"), target.name, str(corpus), str(artifacts), str(left)]
        log = findings.folder.parent / "log.txt"
        with log.open("wb") as stream:
            status = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False).returncode
        text = log.read_text(encoding="utf-8", errors="replace")
        counts = re.findall(r"number_of_executed_units: (\d+)", text) or re.findall(r"^#(\d+)", text, re.MULTILINE)
        executions += int(counts[-1]) if counts else 0
        made = sorted(artifacts.iterdir())
        for path in made:
            if not path.name.startswith("slow-unit"):
                findings.add(path.read_bytes(), _reason(path, text))
            path.unlink()
        if status != 0 and not made:
            raise RuntimeError(f"the fuzzing process failed: {text[-2000:]}")
    return executions


def _reason(artifact: Path, log: str) -> str:
    kind = artifact.name.split("-")[0]
    error = re.findall(r"^(\w+(?:\.\w+)*(?:Error|Exception|Interrupt)\b.*)$", log, re.MULTILINE)
    places = re.findall(r'File "([^"]+)", line (\d+)', log)
    where = f" at {os.path.basename(places[-1][0])}:{places[-1][1]}" if places else ""
    signal = re.findall(r"ERROR: libFuzzer: (.*)", log)
    return f"{kind}: {error[-1] if error else signal[-1] if signal else ''}{where}"


def fuzz_batches(target: Target, corpus: Path, findings: Findings, seconds: float, seed: int) -> int:
    """Mutated inputs in forked batches. What leads to a new kind of refusal becomes a seed itself."""
    chance = random.Random(seed)
    pool = [path.read_bytes() for path in sorted(corpus.iterdir())]
    refused = refusals()
    path = corpus.parent / f"net{target.suffix}"

    def read(data: bytes) -> str:
        path.write_bytes(data)
        try:
            target.run(path)
        except refused as error:
            return _class_of(str(error)) or "refused"
        return "read"

    known: set[str] = set()
    end, executions = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        batch = [mutate(target.structure, chance, chance.choice(pool), pool) for _ in range(BATCH)]
        outcome = run_batch(lambda index, batch=batch: read(batch[index]), BATCH)
        executions += outcome.done + bool(outcome.finding)
        for data, said in zip(batch, outcome.said, strict=False):
            if said not in known:
                known.add(said)
                pool.append(data)
        if outcome.finding:
            findings.add(batch[outcome.done], outcome.finding)
    return executions


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="+", choices=[*TARGETS, "all"], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=600, help="time per target")
    parser.add_argument("--work", type=Path, default=Path("fuzzing"), help="corpora and findings")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations where nothing guides them")
    args = parser.parse_args(argv)
    total = 0
    for name in TARGETS if "all" in args.targets else args.targets:
        target = TARGETS[name]
        folder = (args.work / name).resolve()
        corpus, findings = folder / "corpus", Findings(folder / "findings", target.suffix)
        write_seeds(target, corpus)
        begin = time.monotonic()
        if target.guided:
            executions = fuzz_guided(target, corpus, findings, args.seconds)
        else:
            executions = fuzz_batches(target, corpus, findings, args.seconds, args.seed)
        count = sum(findings.reasons.values())
        seconds = time.monotonic() - begin
        print(f"{name}: {executions} inputs in {seconds:.0f} s, {count} findings of {len(findings.reasons)} kinds")
        total += count
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
