"""Statistics of every tensor over the samples: one pass in which no tensor outlives its last use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .. import _tpu_mlir as _native
from .. import ir, pipelines
from ..errors import UserError
from ..inputs import network_inputs
from ..parallel import Tick, nothing, over_parts
from .data import Sample, stream

Statistics = dict[str, "_native.TensorStatistics"]
"""Statistics by tensor name, in the order of computation."""


def collect_part(mlir: str, bins: int, samples: Sequence[Sample], tick: Tick) -> Statistics:
    """Statistics over some samples; a function that a cluster's workers can run.

    Raises:
        UserError: a sample cannot be used, or a tensor gets NaN or infinite values (tensor and sample are named).
    """
    try:
        module = pipelines.load(mlir, ir.Context())
        inputs = network_inputs(module)
        collection = _native.StatisticsCollection(module.operation, bins)
        for sample, arrays in stream(samples, inputs):
            bad = collection.run(arrays)
            if bad is not None:
                raise UserError(
                    f"the tensor '{bad}' has NaN or infinite values for the sample {sample}; check the preprocessing "
                    "and the network, or leave the sample out"
                )
            tick(1)
        return collection.statistics()
    except ir.MLIRError as error:  # which cannot be sent from one process to another
        raise UserError(str(error).splitlines()[0]) from error


def collect(
    mlir: str | os.PathLike[str],
    samples: Sequence[Sample],
    *,
    bins: int = 2048,
    scheduler: str | None = None,
    threads: int = 1,
    parts: int | None = None,
    tick: Tick = nothing,
) -> Statistics:
    """Statistics over all samples; the same however they are divided.

    bins: least number of histogram bins up to a tensor's largest magnitude. scheduler, threads, parts: see
    ``parallel.over_parts``; evaluation itself uses all cores, so one thread is usually best. On a cluster the module,
    its weights and the samples must have the same paths on every worker.
    """
    if scheduler:
        mlir = Path(mlir).resolve()
        samples = [Sample(tuple(str(Path(file).resolve()) for file in sample.files)) for sample in samples]
    work = partial(collect_part, os.fspath(mlir), bins)
    total: Statistics = {}
    for _, part in over_parts(work, samples, scheduler=scheduler, threads=threads, parts=parts, tick=tick):
        for name, statistics in part.items():
            if name in total:
                total[name].merge(statistics)
            else:
                total[name] = statistics
    return total
