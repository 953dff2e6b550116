"""From samples to the inputs of a network: pictures are prepared, arrays are taken as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import load_npy
from ..inputs import NetworkInput, fitting
from ..preprocess import IMAGE_SUFFIXES
from .samples import LABELS, Sample, read_arrays


@lru_cache(maxsize=2)
def _shared(file: str) -> dict[str, np.ndarray]:
    """A file that holds many samples is read once."""
    return read_arrays(Path(file))


def batch_size(inputs: Sequence[NetworkInput]) -> int:
    """How many samples the network takes at once: the common first dimension of its inputs, else 1."""
    sizes = {spec.shape[0] if spec.shape else 1 for spec in inputs}
    return sizes.pop() if len(sizes) == 1 else 1


def batch_inputs(samples: Sequence[Sample], inputs: Sequence[NetworkInput]) -> dict[str, np.ndarray]:
    """The inputs for a batch of samples; the last sample is repeated where there are too few.

    Raises:
        UserError: a file cannot be read, or its arrays do not fit; the file is named.
    """
    size = batch_size(inputs)
    filled = [*samples, *[samples[-1]] * (size - len(samples))]
    single = [NetworkInput(i.name, (i.shape[0] // size, *i.shape[1:]), i.element, i.preprocessing) for i in inputs]
    read = {id(sample): one_sample(sample, single) for sample in samples}
    return {spec.name: np.concatenate([read[id(sample)][spec.name] for sample in filled]) for spec in inputs}


def one_sample(sample: Sample, inputs: Sequence[NetworkInput]) -> dict[str, np.ndarray]:
    """The inputs of one sample in shapes of batch 1."""
    path = Path(sample.file)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return {inputs[0].name: _picture(path, inputs)}
    if path.suffix.lower() == ".npy":
        if len(inputs) != 1:
            raise UserError(f"{path} is one array, the network takes {len(inputs)} inputs; give npz files")
        arrays: Mapping[str, np.ndarray] = {inputs[0].name: load_npy(path, "the sample")}
    elif sample.row is not None:
        arrays = {name: array[sample.row] for name, array in _shared(sample.file).items() if name not in LABELS}
    else:
        arrays = {name: array for name, array in read_arrays(path).items() if name not in LABELS}
    if len(inputs) == 1 and len(arrays) == 1 and inputs[0].name not in arrays:
        arrays = {inputs[0].name: next(iter(arrays.values()))}
    return {spec.name: _fitting(arrays, spec, str(sample)) for spec in inputs}


def _picture(path: Path, inputs: Sequence[NetworkInput]) -> np.ndarray:
    if len(inputs) != 1:
        raise UserError(f"{path} is one picture, the network takes {len(inputs)} inputs; give npz files")
    spec = inputs[0]
    if spec.preprocessing is None or not spec.preprocessing.applies_to(spec.shape):
        raise UserError(
            f"nothing says how pictures become the input '{spec.name}' of shape {list(spec.shape)}; "
            "give --mlir NET.mlir, or --mean, --scale and the like"
        )
    return spec.preprocessing.load([path], spec.shape)


def _fitting(arrays: Mapping[str, np.ndarray], spec: NetworkInput, source: str) -> np.ndarray:
    """The array; a missing first dimension of 1 is added."""
    if spec.name in arrays and spec.shape and spec.shape[0] == 1 and arrays[spec.name].shape == spec.shape[1:]:
        arrays = {**arrays, spec.name: arrays[spec.name][np.newaxis]}
    return fitting(arrays, spec, source)


def split_outputs(outputs: Mapping[str, np.ndarray], count: int, size: int) -> list[dict[str, np.ndarray]]:
    """The outputs of each of the first ``count`` samples of a batch of ``size``.

    Raises:
        UserError: an output cannot be cut into that many parts.
    """
    if size == 1:
        return [dict(outputs)]
    for name, array in outputs.items():
        if not array.ndim or array.shape[0] % size:
            raise UserError(f"the output '{name}' of shape {list(array.shape)} cannot be cut into {size} samples")
    return [
        {name: array[i * (len(array) // size) : (i + 1) * (len(array) // size)] for name, array in outputs.items()}
        for i in range(count)
    ]


def stored_label(sample: Sample) -> int | None:
    """The label in the sample's own file, for samples of which no list says it."""
    if sample.row is not None or Path(sample.file).suffix.lower() not in (".npz", ".pt", ".pth"):
        return None
    arrays = read_arrays(Path(sample.file))
    for name in LABELS:
        if name in arrays and np.asarray(arrays[name]).size == 1:
            return int(np.asarray(arrays[name]).reshape(-1)[0])
    return None
