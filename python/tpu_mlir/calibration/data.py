"""The samples of a calibration: which files make which sample, and reading them into the network's inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import require_file
from ..inputs import NetworkInput, load_inputs
from ..preprocess import IMAGE_SUFFIXES

KINDS = (".npz", ".npy", *IMAGE_SUFFIXES)


@dataclass(frozen=True)
class Sample:
    """Files that make the inputs of one run: one npz, one file per input, or images for the elements of a batch."""

    files: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.files)


def from_folder(folder: str | os.PathLike[str], inputs: Sequence[NetworkInput]) -> list[Sample]:
    """The samples of a folder in the order of their names: npz, npy or image files, also in folders below it.

    Images are grouped where the network takes a batch; the last group is filled with the first images.

    Raises:
        UserError: there is no such folder, it has no such files, or it mixes kinds.
    """
    root = Path(folder)
    if not root.is_dir():
        what = "is not a folder; name single samples with --data_list" if root.exists() else "does not exist"
        raise UserError(f"the data set {root} {what}")
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in KINDS and path.is_file())
    files = [path for path in files if not any(part.startswith(".") for part in path.relative_to(root).parts)]
    if not files:
        raise UserError(f"the data set {root} has no npz, npy or image files")
    kinds = {"image" if path.suffix.lower() in IMAGE_SUFFIXES else path.suffix.lower() for path in files}
    if len(kinds) > 1:
        raise UserError(f"the data set {root} mixes {' and '.join(sorted(kinds))} files; keep one kind")
    if kinds != {".npz"} and len(inputs) > 1:
        raise UserError(
            f"the network has {len(inputs)} inputs: give npz files with all of them, or a --data_list with lines "
            "FILE_OF_INPUT_1,FILE_OF_INPUT_2,…"
        )
    batch = inputs[0].shape[0] if kinds == {"image"} and inputs[0].shape else 1
    return _batches([str(path) for path in files], batch)


def _batches(files: Sequence[str], batch: int) -> list[Sample]:
    groups = [files[start : start + batch] for start in range(0, len(files), batch)]
    last = len(groups[-1])
    if last < batch:
        groups[-1] = [*groups[-1], *(files[i % len(files)] for i in range(batch - last))]
    return [Sample(tuple(group)) for group in groups]


def from_list(path: str | os.PathLike[str], inputs: Sequence[NetworkInput]) -> list[Sample]:
    """The samples of a list: one per line, its inputs separated by commas; paths are taken from the current directory
    or from the list's own. Blank lines and lines that begin with # are left out.

    Raises:
        UserError: the list cannot be read, names nothing, or a line has a wrong number of inputs (the line is named).
    """
    found = require_file(path, "the data list")
    try:
        lines = found.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UserError(f"the data list {found} is not a text file") from error
    samples = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        words = [word.strip() for word in line.split(",") if word.strip()]
        where = f"{found}, line {number}"
        single = len(words) == 1 and words[0].lower().endswith(".npz")
        if not single and len(words) != len(inputs):
            raise UserError(f"{where} names {len(words)} files, the network has {len(inputs)} inputs")
        samples.append(Sample(tuple(_resolve(word, found.parent, where) for word in words)))
    if not samples:
        raise UserError(f"the data list {found} names no samples")
    if len(inputs) == 1 and all(Path(sample.files[0]).suffix.lower() in IMAGE_SUFFIXES for sample in samples):
        return _batches([sample.files[0] for sample in samples], inputs[0].shape[0] if inputs[0].shape else 1)
    return samples


def _resolve(word: str, folder: Path, where: str) -> str:
    for path in (Path(word), folder / word):
        if path.is_file():
            return str(path)
    raise UserError(f"{where}: the file {word} does not exist")


def choose(samples: Sequence[Sample], count: int) -> list[Sample]:
    """The first ``count`` samples; all of them for 0, or where there are fewer."""
    if count < 0:
        raise UserError(f"the number of samples is {count}; give 0 for all of them")
    return list(samples[:count] if count else samples)


def load(sample: Sample, inputs: Sequence[NetworkInput]) -> dict[str, np.ndarray]:
    """The arrays of a sample by input name.

    Raises:
        UserError: a file cannot be read or does not fit, or holds NaN or infinity; the file is named.
    """
    kinds = {Path(file).suffix.lower() for file in sample.files}
    if kinds in ({".npz"}, {".npy"}) or kinds <= set(IMAGE_SUFFIXES):
        try:
            arrays = load_inputs(sample.files, inputs)
        except UserError as error:
            text = str(error)
            raise error if any(file in text for file in sample.files) else UserError(f"{sample}: {text}") from error
    else:
        arrays = {}
        for spec, file in zip(inputs, sample.files, strict=True):
            arrays.update(load_inputs([file], [spec]))
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise UserError(f"the input '{name}' of the sample {sample} has NaN or infinite values; leave it out")
    return arrays


def stream(samples: Sequence[Sample], inputs: Sequence[NetworkInput]) -> Iterator[tuple[Sample, dict[str, np.ndarray]]]:
    """Samples with their arrays, in order; a few are read ahead by other threads, the others are not in memory."""
    ahead = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(ahead) as pool:
        waiting: list[tuple[Sample, Future[dict[str, np.ndarray]]]] = []
        try:
            for sample in samples:
                waiting.append((sample, pool.submit(load, sample, inputs)))
                if len(waiting) > ahead:
                    first, future = waiting.pop(0)
                    yield first, future.result()
            while waiting:
                first, future = waiting.pop(0)
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
