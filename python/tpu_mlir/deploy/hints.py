"""What to try when a network is less similar to the float network than asked for: reasons with the exact command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .layers import LayerReport
from .options import DeployOptions

SAMPLES = "FOLDER"
"""Stands for the folder with sample inputs, which this command does not know."""


@dataclass(frozen=True)
class Hint:
    """One thing to try. reason: what it may mend; commands: to be run one after the other."""

    reason: str
    commands: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.reason}:", *(f"    {command}" for command in self.commands)])


def hints(options: DeployOptions, layers: LayerReport) -> list[Hint]:
    """What to try next, the cheapest first; depends on what has been tried."""
    if options.mode == "INT8":
        return list(_integer(options, layers))
    if options.mode == "QDQ":
        return [Hint("the scales are the network's own; a float mode ignores them", (again(options, quantize="F16"),))]
    if options.facts.weight_only:
        return list(_weight_only(options))
    return list(_float(options))


def _integer(options: DeployOptions, layers: LayerReport) -> Iterable[Hint]:
    if options.calibration_table is not None and not options.searched:
        method = calibration_method(options.calibration_table)
        if method != "auto":
            made = f" (the table was made with {method})" if method else ""
            command = _calibration(options)
            yield Hint(f"thresholds chosen for each tensor by the error of its output{made}", (command, again(options)))
    if not options.asymmetric and not options.searched:
        reason = "asymmetric ranges, which use all 256 values where a tensor is not centred on 0"
        yield Hint(reason, (again(options, asymmetric=True),))
    yield _mixed(options, layers)
    if options.searched:
        return
    yield Hint(
        "method, ranges and mixed precision chosen by measuring",
        (again(options, calibration_table=None, quantize_table=None, asymmetric=None, auto=True, dataset=SAMPLES),),
    )


def _calibration(options: DeployOptions) -> str:
    return shlex.join(
        ["run_calibration.py", str(options.mlir), "--dataset", SAMPLES, "--input_num", "100"]
        + ["--cali_method", "auto", "-o", str(options.calibration_table)]
    )


def _mixed(options: DeployOptions, layers: LayerReport) -> Hint:
    """A quantize table, or more lines for the one that was given."""
    if options.quantize_table is None and options.calibration_table is not None:
        table = f"{options.mlir.with_suffix('')}_qtable"
        search = ["run_qtable.py", str(options.mlir), "--dataset", SAMPLES, "--input_num", "10"]
        search += ["--calibration_table", str(options.calibration_table), "--chip", options.chip]
        search += ["--expected_cos", f"{max(0.99, options.smallest_similarity.cosine):g}", "-o", table]
        reason = "mixed precision: the layers that cost most run in half precision"
        return Hint(reason, (shlex.join(search), again(options, quantize_table=table)))
    table = str(options.quantize_table or f"{options.mlir.with_suffix('')}_qtable")
    names = [loss.layer.name for loss in layers.costly(3)]
    words = shlex.join(["printf", r"%s F16\n", *names]) if names else "printf ''"
    reason = "half precision for the layers that lose most themselves"
    return Hint(reason, (f"{words} >> {shlex.quote(table)}", again(options, quantize_table=table)))


def _weight_only(options: DeployOptions) -> Iterable[Hint]:
    half = "BF16" if options.mode.endswith("BF16") else "F16"
    if options.mode.startswith("W4"):
        group = 64 if options.q_group_size is None else options.q_group_size
        if group == 0 or group > 32:
            yield Hint("smaller groups of weights with a scale each", (again(options, q_group_size="32"),))
        yield Hint("8-bit weights", (again(options, quantize=f"W8{half}"),))
    yield Hint("weights in half precision", (again(options, quantize=half, q_group_size=None, q_symmetric=None),))


def _float(options: DeployOptions) -> Iterable[Hint]:
    if options.mode == "F32":
        return
    if options.mode == "BF16":
        yield Hint("11 instead of 8 bits of precision", (again(options, quantize="F16"),))
    else:
        yield Hint("values above 65504 need the range of BF16", (again(options, quantize="BF16"),))
    if not options.high_precision:
        yield Hint("sensitive ops in f32", (again(options, high_precision=True),))
    yield Hint("the whole network in f32", (again(options, quantize="F32"),))


def again(options: DeployOptions, **changes: str | bool | None) -> str:
    """The command line of this run with some options changed; None takes one out, True sets a flag."""
    words = _without(options.command or _basic(options), changes)
    for name, value in changes.items():
        if value is True:
            words.append(f"--{name}")
        elif value:
            words += [f"--{name}", str(value)]
    return shlex.join(words)


def _without(words: Sequence[str], names: Iterable[str]) -> list[str]:
    """The words without these options and what follows them up to the next option."""
    doomed = {f"--{name}" for name in names}
    kept: list[str] = []
    skipping = False
    for word in words:
        if word.startswith("--"):
            skipping = word.split("=")[0] in doomed
        if not skipping:
            kept.append(word)
    return kept


def _basic(options: DeployOptions) -> list[str]:
    words = ["model_deploy.py", "--mlir", str(options.mlir), "--quantize", options.mode, "--chip", options.chip]
    for name, value in (
        ("calibration_table", options.calibration_table),
        ("quantize_table", options.quantize_table),
        ("test_input", ",".join(str(path) for path in options.test_input)),
        ("test_reference", options.test_reference),
        ("tolerance", options.tolerance),
        ("model", options.model),
    ):
        if value:
            words += [f"--{name}", str(value)]
    return [*words, "--asymmetric"] if options.asymmetric else words


METHOD = re.compile(r"^#.*calculation method:\s*\[?['\"]?([\w ]+)", re.MULTILINE)


def calibration_method(table: Path) -> str:
    """The method named in the head of a calibration table, empty where there is none."""
    try:
        head = table.read_text(encoding="utf-8", errors="replace")[:4000]
    except OSError:
        return ""
    found = METHOD.search(head)
    return found.group(1).strip() if found else ""
