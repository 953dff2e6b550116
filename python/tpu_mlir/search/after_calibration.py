"""``run_calibration.py --search``: a search behind the calibration, with the options of that command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..calibration.collect import collect
from ..calibration.data import Sample as SampleFiles
from ..calibration.data import from_folder, from_list, stream
from ..calibration.run import CalibrationOptions, CalibrationReport
from ..calibration.table import CalibrationTable, write_table
from ..errors import UserError
from ..inputs import network_inputs
from ..parallel import bar
from .options import SearchOptions
from .qtable import QtableResult, search_qtable
from .report import quantize_header, ranked_layers, summary, write_ranking
from .tables import write_quantize_table
from .thresholds import ThresholdResult, parse_methods, search_threshold, tables_of

FAST_TRIALS, FAST_PROBES = 4, 1
"""Of ``fast_search``: fewer proofs, and single layers measured on one sample."""


def sample_files(
    mlir: Path, dataset: Path | None, data_list: Path | None, count: int
) -> tuple[list[SampleFiles], list[dict[str, np.ndarray]]]:
    """All samples that are named, and the arrays of the first ``count`` (0: of all)."""
    inputs = network_inputs(pipelines.load(mlir, ir.Context()))
    if dataset is not None and data_list is not None:
        raise UserError("--dataset and --data_list both name samples; give one of them")
    if dataset is None and data_list is None:
        raise UserError("there are no samples; give --dataset FOLDER or --data_list FILE")
    files = from_list(data_list, inputs) if data_list is not None else from_folder(dataset or "", inputs)
    return files, [arrays for _, arrays in stream(files[: count or None], inputs)]


def tell(text: str) -> None:
    """Progress of a search, on stderr."""
    print(text, file=sys.stderr)


def options_of(args: argparse.Namespace, table: Path) -> SearchOptions:
    """The options of a search as both commands name them."""
    return SearchOptions(
        mlir=args.mlir_file,
        calibration_table=table,
        chip=args.chip,
        asymmetric=args.asymmetric,
        expected=args.expected_cos,
        min_layer_cos=args.min_layer_cos,
        max_float_layers=args.max_float_layers,
        float_type=args.fp_type,
        compare_layers=args.global_compare_layers,
        post_process=args.post_process,
        benchmark=args.benchmark_method,
        pre_table=args.pre_qtable,
        mix_mode=args.mix_mode,
        notify=tell,
    )


def search(args: argparse.Namespace, calibration: CalibrationOptions, report: CalibrationReport) -> int:
    """Runs the search that ``--search`` names; returns the exit status."""
    options = options_of(args, report.path)
    options.check()
    count = min(args.inference_num or calibration.input_num, calibration.input_num or args.inference_num)
    files, samples = sample_files(calibration.mlir, calibration.dataset, calibration.data_list, count)
    if calibration.input_num:
        files = files[: calibration.input_num]
    if args.search == "fast_search":
        options = replace(options, trials=FAST_TRIALS, probes=FAST_PROBES)
    if args.search in ("search_threshold", "mix_search", "fast_search"):
        _search_threshold(args, options, calibration, report, files, samples)
    if args.search != "search_threshold":
        finish_qtable(options, search_qtable(options, samples), args.quantize_table)
    return 0


def _search_threshold(
    args: argparse.Namespace,
    options: SearchOptions,
    calibration: CalibrationOptions,
    report: CalibrationReport,
    files: Sequence[SampleFiles],
    samples: Sequence[Mapping[str, np.ndarray]],
) -> None:
    """Replaces the calibration table where another method is better."""
    methods = parse_methods(args.quantize_method_list)
    with bar(len(files), "statistics") as tick:
        statistics = collect(calibration.mlir, files, bins=calibration.bins, tick=tick)
    tables = {f"{calibration.method} (calibrated)": report.table, **tables_of(statistics, methods)}
    found = search_threshold(options, samples, tables)
    note = f"thresholds searched: {found.chosen}"
    write_table(report.path, CalibrationTable(found.table.entries, [*report.table.header, note]))
    print(threshold_text(found) + f" -> {report.path}")


def threshold_text(found: ThresholdResult) -> str:
    """The similarity of each method and what was chosen."""
    from ..cli.command import columns

    rows = [(name, f"{measured.score:.6f}") for name, measured in found.methods.items()]
    text = columns(rows, ("thresholds", "similarity"))
    return f"{text}\nchosen: {found.chosen}, similarity {found.measured.score:.6f}"


def finish_qtable(options: SearchOptions, result: QtableResult, path: Path, ranking: Path | None = None) -> None:
    """Prints the ranked layers and writes table and ranking."""
    print(ranked_layers(result.rows))
    print(summary(options, result))
    write_quantize_table(path, result.table, quantize_header(options, result))
    ranking = ranking or path.with_name(path.name + ".layers.csv")
    write_ranking(ranking, result.rows)
    print(f"{len(result.table)} layers -> {path}, all layers -> {ranking}")
    if not result.reached:
        print(f"the asked {options.expected:g} is not reached; {REMEDY}")


REMEDY = "try --search search_threshold before, another --cali_method, --asymmetric, or model_deploy.py --auto"
