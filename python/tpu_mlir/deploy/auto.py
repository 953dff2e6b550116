"""--auto of model_deploy: calibration table, symmetry and quantize table are found by measuring, then used."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import ir, pipelines
from ..errors import UserError
from ..files import require_file
from ..inputs import network_inputs
from ..npz.compare import Tolerance
from .options import DeployOptions

if TYPE_CHECKING:
    from ..search.auto import AutoResult


@dataclass(frozen=True)
class Samples:
    """Where the samples of --auto are. input_num: how many to calibrate with, 0 for all."""

    dataset: Path | None = None
    data_list: Path | None = None
    input_num: int = 0
    inference_num: int = 10
    expected_cos: float = 0.99
    float_type: str = "auto"
    post_process: Path | None = None


def check_auto(options: DeployOptions, samples: Samples) -> None:
    """Refuses what --auto chooses by itself, and samples that are missing; ``UserError``."""
    if options.mode != "INT8":
        raise UserError(f"--auto is for the mode INT8, the mode is {options.mode}")
    for given, name in (
        (options.calibration_table is not None, "calibration_table"),
        (options.quantize_table is not None, "quantize_table"),
        (options.asymmetric, "asymmetric"),
    ):
        if given:
            raise UserError(f"--auto makes its own choice of --{name}; leave one of them out")
    if samples.dataset is not None and samples.data_list is not None:
        raise UserError("--dataset and --data_list both name samples; give one of them")
    if samples.dataset is None and samples.data_list is None:
        raise UserError("--auto needs samples to calibrate with; give --dataset FOLDER or --data_list FILE")
    for number, name in ((samples.input_num, "input_num"), (samples.inference_num, "inference_num")):
        if number < 0:
            raise UserError(f"--{name} {number} is negative; 0 means all samples")
    if samples.post_process is None and not 0 < samples.expected_cos < 1:
        raise UserError(f"--expected_cos {samples.expected_cos:g} is no similarity between 0 and 1")
    require_file(options.mlir, "the module")


def choose(options: DeployOptions, samples: Samples) -> tuple[DeployOptions, AutoResult]:
    """The options with what was chosen; NAME_auto_cali_table and NAME_auto_qtable lie beside the model.

    Raises:
        UserError, MLIRError: samples cannot be used, or the network cannot be lowered.
    """
    from ..calibration.data import choose as first
    from ..calibration.data import from_folder, from_list
    from ..search.auto import AutoOptions, auto
    from ..search.options import SearchOptions

    module = pipelines.load(options.mlir, ir.Context())
    inputs = network_inputs(module)
    if samples.data_list is not None:
        files = from_list(samples.data_list, inputs)
    else:
        assert samples.dataset is not None
        files = from_folder(samples.dataset, inputs)
    files = first(files, samples.input_num)
    base = options.model.parent / options.mlir.stem
    table = base.with_name(base.name + "_auto_cali_table")
    search = SearchOptions(
        options.mlir,
        table,
        chip=options.chip,
        float_type=samples.float_type,
        post_process=samples.post_process,
        notify=options.say,
    )
    result = auto(
        AutoOptions(
            options.mlir,
            samples.expected_cos,
            table,
            base.with_name(base.name + "_auto_qtable"),
            chip=options.chip,
            inference_num=samples.inference_num or len(files),
            search=search,
        ),
        files,
    )
    tolerance = _tolerance(samples)
    chosen = replace(
        options,
        calibration_table=result.calibration_table,
        quantize_table=result.quantize_table,
        asymmetric=result.asymmetric,
        tolerance=options.tolerance or tolerance,
        correctness=options.correctness or (tolerance if result.quantize_table else None),
        searched=True,
    )
    return chosen, result


def _tolerance(samples: Samples) -> Tolerance:
    """What one test input must reach by default: the asked similarity is a mean over samples, single ones are below.

    The Euclidean similarity is the one that belongs to the cosine where only the direction differs. With float layers
    it is the least similarity of bmodel and evaluation, too: they round sums of halves in different orders, and layers
    of 8 bits behind make whole steps of it.
    """
    cosine = 0.9 if samples.post_process is not None else min(0.9, samples.expected_cos - 0.05)
    return Tolerance(cosine, 1 - math.sqrt(2 * (1 - cosine)))
