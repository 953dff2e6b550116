"""What becomes of a network's outputs: a small result for each sample, and metrics of all results together.

Results of samples are made where the network runs (another thread, another machine) and put together at the end, so
metrics do not depend on how the data set was split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from .. import user_script
from ..errors import UserError
from ..files import require_file
from ..inputs import NetworkInput
from .reading import stored_label
from .samples import Sample


class Postprocess(Protocol):
    """One kind of metric. Objects are pickled when the work is done by a cluster."""

    def sample(self, outputs: Mapping[str, np.ndarray], sample: Sample, inputs: Sequence[NetworkInput]) -> Any:
        """The result of one sample; outputs: float32 by name in the order of the network, with a batch of 1."""
        ...

    def summarize(self, results: Sequence[Any]) -> dict[str, float]:
        """The metrics of all results, which are in the order of the data set."""
        ...


def label_of(sample: Sample) -> int:
    """The number of the sample's class; ``UserError`` where nothing says it."""
    label = sample.label if sample.label is not None else stored_label(sample)
    if label is None:
        raise UserError(f"nothing says the class of {sample}; give it in --data_list, --label_file or the file itself")
    return label


@dataclass(frozen=True)
class TopX:
    """Share of samples whose class is the best one, or among the five best, of the network's only output."""

    def sample(self, outputs: Mapping[str, np.ndarray], sample: Sample, inputs: Sequence[NetworkInput]) -> int:
        """How many classes are before the right one."""
        if len(outputs) != 1:
            raise UserError(f"topx is for networks with one output, this one has {len(outputs)}: {', '.join(outputs)}")
        scores = next(iter(outputs.values())).reshape(-1)
        label = label_of(sample)
        if not 0 <= label < scores.size:
            raise UserError(f"the class of {sample} is {label}, the network has {scores.size} classes")
        scores = np.nan_to_num(scores.astype(np.float64), nan=-np.inf)
        # Equal scores count as the order in which a stable sort puts them.
        return int(np.count_nonzero(scores > scores[label]) + np.count_nonzero(scores[:label] == scores[label]))

    def summarize(self, results: Sequence[int]) -> dict[str, float]:
        """Both shares in percent."""
        ranks = np.asarray(results)
        return {"top1": 100.0 * float((ranks < 1).mean()), "top5": 100.0 * float((ranks < 5).mean())}


@dataclass(frozen=True)
class Script:
    """A user's Python file with ``postprocess(outputs, label)`` and, if wanted, ``summarize(results)``.

    ``postprocess`` gets the outputs of one sample (name -> float32 array) and its label (None where there is none).
    ``summarize`` gets the list of what it returned and gives metrics by name; without it, results are numbers (or
    numbers by name) of which the mean is taken.
    """

    path: str

    def sample(self, outputs: Mapping[str, np.ndarray], sample: Sample, inputs: Sequence[NetworkInput]) -> Any:
        """What the script's ``postprocess`` returns."""
        function = load_script(self.path).postprocess
        label = sample.label if sample.label is not None else stored_label(sample)
        try:
            return function(dict(outputs), label)
        except Exception as error:  # the user's program may raise anything
            raise UserError(f"{self.path} failed for {sample}: {type(error).__name__}: {error}") from error

    def summarize(self, results: Sequence[Any]) -> dict[str, float]:
        """What the script's ``summarize`` returns, or means."""
        own = getattr(load_script(self.path), "summarize", None)
        try:
            if callable(own):
                return {str(name): float(value) for name, value in own(list(results)).items()}
            rows = [result if isinstance(result, Mapping) else {"mean": result} for result in results]
            return {str(name): float(np.mean([row[name] for row in rows])) for name in rows[0]}
        except Exception as error:  # the user's program may raise anything
            raise UserError(
                f"{self.path}: the results cannot be summarized: {type(error).__name__}: {error}"
            ) from error


def load_script(path: str) -> ModuleType:
    """The module of a user's script; ``UserError`` where it cannot be run or has no ``postprocess``."""
    found = require_file(path, "the script of --postprocess_type")
    return _loaded(path, found.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _loaded(path: str, changed: int) -> ModuleType:
    module = user_script.load_script(path, "--postprocess_type takes topx, coco_mAP or a .py file")
    if not callable(getattr(module, "postprocess", None)):
        raise UserError(f"{path} has no function postprocess(outputs, label)")
    return module


def postprocess_named(name: str, annotations: Path | None, shared: bool = False) -> Postprocess:
    """The post-processing of --postprocess_type: topx, coco_mAP or the path of a script.

    shared: it is used by other processes too, whose working directories are others.
    """
    if name == "topx":
        return TopX()
    if name.lower() == "coco_map":
        from .detection import CocoMap

        if annotations is None:
            raise UserError("coco_mAP needs the annotations, --label_file instances_val2017.json")
        return CocoMap.from_annotations(annotations)
    if not name.endswith(".py"):
        raise UserError(f"the post-processing '{name}' is not topx, coco_mAP or the path of a .py file")
    load_script(name)
    return Script(str(Path(name).resolve()) if shared else name)
