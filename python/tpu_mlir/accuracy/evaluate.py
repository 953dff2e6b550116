"""The accuracy of a network on a data set: samples are read, run and judged in parallel, in batches of the network."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import parallel
from ..errors import UserError
from ..parallel import Tick
from ..preprocess import Preprocessing
from .network import Network, preprocessing_of
from .postprocess import Postprocess, postprocess_named
from .reading import batch_inputs, batch_size, split_outputs
from .samples import DATASETS, Sample, coco_pictures, image_classes, limited, user_arrays


@dataclass(frozen=True)
class EvaluationOptions:
    """What to evaluate; see ``model_eval.py --help``.

    module: a .mlir file whose preparation of pictures is used for models that do not say it. count: 0 for all samples.
    scheduler: address of a Dask scheduler; its workers must see the same files. threads: samples that are under way
    at once here, 0 for one per core.
    """

    model: Path
    postprocess: str
    dataset_type: str = "imagenet"
    dataset: Path | None = None
    data_list: Path | None = None
    label_file: Path | None = None
    count: int = 0
    preprocessing: Preprocessing | None = None
    module: Path | None = None
    scheduler: str | None = None
    threads: int = 0


@dataclass(frozen=True)
class Result:
    """metrics: by name, shares in percent. samples: how many. seconds: wall time."""

    model: str
    metrics: dict[str, float]
    samples: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For ``json.dump``."""
        return {
            "model": self.model,
            "samples": self.samples,
            "seconds": round(self.seconds, 3),
            "metrics": self.metrics,
        }


def evaluate(options: EvaluationOptions) -> Result:
    """Runs the network on the data set.

    Raises:
        UserError, MLIRError: with one sentence.
    """
    start = time.perf_counter()
    samples = limited(samples_of(options), options.count)
    judge = postprocess_named(options.postprocess, options.label_file, shared=options.scheduler is not None)
    preprocessing = options.preprocessing
    if options.module is not None:
        preprocessing = preprocessing_of(options.module)
    # Opened here first: an error is found before any work is handed out, and the size of batches is known.
    size = batch_size(Network(options.model, preprocessing).inputs)
    if options.scheduler:  # workers have working directories of their own
        samples = [replace(sample, file=str(Path(sample.file).resolve())) for sample in samples]
    batches = [samples[i : i + size] for i in range(0, len(samples), size)]
    work = partial(run_part, str(options.model.resolve()), preprocessing, judge)
    threads = min(options.threads or os.cpu_count() or 1, len(batches))
    results: dict[int, list[Any]] = {}
    with parallel.bar(len(samples), "evaluate") as tick:
        parts = None if options.scheduler else threads
        for number, part in parallel.over_parts(
            work, batches, scheduler=options.scheduler, threads=threads, parts=parts, tick=tick
        ):
            results[number] = part
    ordered = [result for number in sorted(results) for result in results[number]]
    metrics = judge.summarize(ordered)
    return Result(str(options.model), metrics, len(samples), time.perf_counter() - start)


def run_part(
    model: str, preprocessing: Preprocessing | None, judge: Postprocess, batches: Sequence[Sequence[Sample]], tick: Tick
) -> list[Any]:
    """The results of some batches, sample by sample; opens the network for itself."""
    network = Network(Path(model), preprocessing)
    size = batch_size(network.inputs)
    results = []
    for batch in batches:
        outputs = network.run(batch_inputs(batch, network.inputs))
        for sample, own in zip(batch, split_outputs(outputs, len(batch), size), strict=True):
            results.append(judge.sample(own, sample, network.inputs))
        tick(len(batch))
    return results


def samples_of(options: EvaluationOptions) -> list[Sample]:
    """The samples that the options name; ``UserError`` where there are none."""
    if options.dataset_type == "imagenet":
        return image_classes(options.dataset, options.data_list, options.label_file)
    if options.dataset_type == "coco":
        return coco_pictures(options.dataset, options.label_file, options.data_list)
    if options.dataset_type == "user_define":
        return user_arrays(options.dataset, options.data_list, options.label_file)
    if options.dataset_type == "voc":
        raise UserError("VOC annotations cannot be read; convert them to COCO's JSON and choose --dataset_type coco")
    raise UserError(f"the data set type {options.dataset_type} is none of {', '.join(DATASETS)}")
