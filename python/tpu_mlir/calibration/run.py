"""What ``run_calibration.py`` does: samples, statistics, thresholds, tuning, the table, corrections of the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from .. import ir, pipelines
from ..errors import UserError
from ..files import require_file, require_writable
from ..inputs import NetworkInput, network_inputs
from ..parallel import Tick, nothing
from . import collect as _collect
from .data import Sample, choose, from_folder, from_list
from .methods import METHODS, Distribution
from .table import CalibrationTable, Entry, default_path, head, write_table
from .tune import Tuner

AUTO = "auto"
CHOICES = (*METHODS, AUTO)

Bar = Callable[[int, str], AbstractContextManager[Tick]]
"""Gives a progress bar for a number of samples and the name of a step; see ``parallel.bar``."""


def _silent(total: int, what: str) -> AbstractContextManager[Tick]:
    return nullcontext(nothing)


@dataclass(frozen=True)
class CalibrationOptions:
    """What to calibrate and how; see ``run_calibration.py --help``. Numbers of samples: 0 means all of them."""

    mlir: Path
    dataset: Path | None = None
    data_list: Path | None = None
    input_num: int = 0
    method: str = "kl"
    tune_list: Path | None = None
    tune_num: int = 5
    bins: int = 2048
    table: Path | None = None
    equalize: bool = False
    smooth: bool = False
    correct_bias: bool = False
    adapt_rounding: bool = False
    bias_samples: int = 30
    asymmetric: bool = False  # which 8-bit form corrections are for
    scheduler: str | None = None
    threads: int = 1
    bar: Bar = _silent


@dataclass
class CalibrationReport:
    """What was made. warnings: sentences that the user should read."""

    table: CalibrationTable
    path: Path
    samples: int
    seconds: float = 0.0
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def calibrate(options: CalibrationOptions) -> CalibrationReport:
    """Calibrates and writes the table.

    Raises:
        UserError, MLIRError: with one sentence; no table is written then.
    """
    start = time.perf_counter()
    path = options.table or default_path(options.mlir)
    inputs = _check(options, path)
    samples = _samples(options, inputs)
    report = CalibrationReport(CalibrationTable(), path, len(samples))
    kept = _balance(options, samples, report) if options.equalize or options.smooth else None
    tuning = _tuning_samples(options, samples, inputs)
    entries = thresholds(options, samples, tuning, report)
    comments = head(options.mlir.name, options.method, options.bins, len(samples), len(tuning))
    report.table = CalibrationTable(dict(entries), comments)
    if options.correct_bias or options.adapt_rounding:
        _correct(options, samples, report, kept)
    write_table(path, report.table)
    report.seconds = time.perf_counter() - start
    return report


def _check(options: CalibrationOptions, path: Path) -> list[NetworkInput]:
    require_file(options.mlir, "the module")
    require_writable(path, "the calibration table")
    if options.method not in CHOICES:
        raise UserError(f"the method {options.method} is not known; choose {', '.join(CHOICES)}")
    if not 128 <= options.bins <= 1 << 20:
        raise UserError(f"the number of histogram bins is {options.bins}; choose 128 to {1 << 20}")
    module = pipelines.load(options.mlir, ir.Context())
    state = module.operation.attributes.get("module.state")
    if state is not None and state.value != "TOP_F32":
        raise UserError(f"{options.mlir} has the state {state.value}; calibrate the module of model_transform.py")
    inputs = network_inputs(module)
    if not inputs:
        raise UserError(f"{options.mlir} has no inputs, there is nothing to calibrate")
    return inputs


def _samples(options: CalibrationOptions, inputs: Sequence[NetworkInput]) -> list[Sample]:
    if options.dataset is not None and options.data_list is not None:
        raise UserError("--dataset and --data_list both name samples; give one of them")
    if options.data_list is not None:
        samples = from_list(options.data_list, inputs)
    elif options.dataset is not None:
        samples = from_folder(options.dataset, inputs)
    else:
        raise UserError("there are no samples; give --dataset FOLDER or --data_list FILE")
    return choose(samples, options.input_num)


def _tuning_samples(
    options: CalibrationOptions, samples: Sequence[Sample], inputs: Sequence[NetworkInput]
) -> list[Sample]:
    if options.tune_num < 0:
        raise UserError(f"the number of tuning samples is {options.tune_num}; give 0 for no tuning")
    if options.tune_num == 0:
        if options.method == AUTO:
            raise UserError("the method auto chooses by samples; give --tune_num 1 or more")
        return []
    found = from_list(options.tune_list, inputs) if options.tune_list is not None else samples
    return list(found[: options.tune_num])


def thresholds(
    options: CalibrationOptions, samples: Sequence[Sample], tuning: Sequence[Sample], report: CalibrationReport
) -> dict[str, Entry]:
    """Table entries of every tensor."""
    with options.bar(len(samples), "statistics") as tick:
        statistics = _collect.collect(
            options.mlir,
            samples,
            bins=options.bins,
            scheduler=options.scheduler,
            threads=options.threads,
            tick=tick,
        )
    distributions = {name: Distribution.of(found) for name, found in statistics.items() if found.count}
    # "auto" starts from the least squared error of the tensor, which is nearest to what it looks for.
    method = METHODS["mse" if options.method == AUTO else options.method]
    entries = {name: method(values) for name, values in distributions.items()}
    constant = [name for name, values in distributions.items() if values.largest == 0]
    if constant:
        report.warnings.append(f"always zero: {', '.join(constant[:5])}{' …' if len(constant) > 5 else ''}")
    if tuning:
        tuner = Tuner(options.mlir, distributions)
        with options.bar(2 * len(tuning), "tuning") as tick:
            entries = tuner.improve(entries, tuning, every_method=options.method == AUTO, tick=tick)
    return entries


def _balance(options: CalibrationOptions, samples: Sequence[Sample], report: CalibrationReport) -> Path | None:
    from .balance import balance_network

    few = samples[: options.bias_samples or None]
    with options.bar(len(few), "balancing") as tick:
        kept, sentences = balance_network(
            options.mlir, few, equalize=options.equalize, smooth=options.smooth, tick=tick
        )
    report.changed += sentences
    return kept


def _correct(
    options: CalibrationOptions, samples: Sequence[Sample], report: CalibrationReport, kept: Path | None
) -> None:
    from .correction import correct_network

    few = samples[: options.bias_samples or None]
    with options.bar(len(few), "correction") as tick:
        report.changed += correct_network(
            options.mlir,
            report.table.entries,
            few,
            biases=options.correct_bias,
            adapt=options.adapt_rounding,
            asymmetric=options.asymmetric,
            kept=kept,
            tick=tick,
        )
