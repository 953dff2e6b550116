"""The samples of a data set: where each one lies and what it should give. Reading them is in ``reading``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..files import load_npz, require_file
from ..preprocess import IMAGE_SUFFIXES

DATASETS = ("imagenet", "coco", "user_define")
"""Kinds of data sets that can be read."""

ARRAY_SUFFIXES = (".npz", ".npy", ".pt", ".pth")
LABELS = ("label", "labels", "target", "targets")
"""Names under which an npz or pt file can hold its labels."""


@dataclass(frozen=True)
class Sample:
    """One element of a data set.

    row: element of the arrays of a file that holds many samples, None where the file is one sample. label: number of
    the class, None where it is not known (yet). identity, size: number, height and width of a picture as annotated.
    """

    file: str
    row: int | None = None
    label: int | None = None
    identity: int | None = None
    size: tuple[int, int] | None = None

    def __str__(self) -> str:
        return self.file if self.row is None else f"{self.file}, sample {self.row}"


def image_classes(folder: Path | None, data_list: Path | None, label_file: Path | None) -> list[Sample]:
    """Pictures with the number of their class, as ImageNet is kept.

    data_list: lines ``PATH LABEL``, or ``PATH`` with the labels in ``label_file``; paths are relative to ``folder`` or
    to the list. Without a list ``folder`` has one folder of pictures for each class, numbered in the order of their
    names, or pictures with the labels in ``label_file``.

    Raises:
        UserError: something is missing or empty; lines are named by their number.
    """
    if data_list is not None:
        samples = _listed(data_list, folder)
    elif folder is not None:
        samples = _class_folders(folder) or [Sample(str(path)) for path in _files(folder, IMAGE_SUFFIXES)]
    else:
        raise UserError("give the pictures with --dataset FOLDER or --data_list FILE")
    return _labelled(samples, label_file)


def user_arrays(source: Path | None, data_list: Path | None, label_file: Path | None) -> list[Sample]:
    """Arrays that the user prepared: npz, npy and pt files.

    source: a folder with one sample per file, or one npz or pt file with many samples. data_list: lines ``PATH`` or
    ``PATH LABEL``. Labels may also be in ``label_file`` or in the files, under the name "label".

    Raises:
        UserError: something is missing or empty.
    """
    if data_list is not None:
        samples = _listed(data_list, source)
    elif source is None:
        raise UserError("give the samples with --dataset FOLDER_OR_FILE or --data_list FILE")
    elif source.is_dir():
        samples = [Sample(str(path)) for path in _files(source, ARRAY_SUFFIXES)]
    else:
        samples = _rows(source)
    for sample in samples:
        if Path(sample.file).suffix.lower() not in (*ARRAY_SUFFIXES, *IMAGE_SUFFIXES):
            raise UserError(f"{sample.file} is no npz, npy, pt or picture file")
    return _labelled(samples, label_file)


def coco_pictures(folder: Path | None, annotations: Path | None, data_list: Path | None) -> list[Sample]:
    """The pictures of a COCO annotation file (``instances_*.json``), all or those named in ``data_list``.

    Raises:
        UserError: the annotations cannot be read, or name a picture that is not in ``folder``.
    """
    if annotations is None:
        raise UserError("--dataset_type coco needs the annotations, --label_file instances_val2017.json")
    if folder is None or not folder.is_dir():
        raise UserError("--dataset_type coco needs the folder of the pictures, --dataset val2017")
    samples = []
    for entry in coco_images(annotations):
        path = folder / entry["file_name"]
        size = (int(entry["height"]), int(entry["width"]))
        samples.append(Sample(str(path), identity=int(entry["id"]), size=size))
    if data_list is not None:
        names = {Path(sample.file).name for sample in _listed(data_list, folder)}
        samples = [sample for sample in samples if Path(sample.file).name in names]
    if not samples:
        raise UserError(f"{annotations} names no pictures that are asked for")
    return samples


def coco_images(annotations: Path) -> list[dict[str, Any]]:
    """The entries ``images`` of an annotation file."""
    try:
        content = json.loads(require_file(annotations, "the annotations").read_text(encoding="utf-8"))
        images = content["images"]
        for entry in images:
            _ = entry["file_name"], int(entry["id"]), int(entry["height"]), int(entry["width"])
        _ = content["annotations"], content["categories"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{annotations} is not a COCO annotation file (images, annotations, categories)") from error
    return list(images)


def limited(samples: Sequence[Sample], count: int) -> list[Sample]:
    """The first ``count`` samples, all for 0."""
    if count < 0:
        raise UserError(f"--count {count} is negative; 0 means all samples")
    return list(samples[:count] if count else samples)


def _files(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    _require_folder(folder)
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())
    if not found:
        raise UserError(f"the folder {folder} has no files of the kinds {', '.join(suffixes)}")
    return found


def _require_folder(folder: Path) -> None:
    if folder.is_file():
        raise UserError(
            f"{folder} is a file; a data set of pictures is a folder, arrays are --dataset_type user_define"
        )
    if not folder.is_dir():
        raise UserError(f"the folder {folder} of --dataset does not exist")


def _class_folders(folder: Path) -> list[Sample]:
    _require_folder(folder)
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    return [
        Sample(str(path), label=label)
        for label, inner in enumerate(classes)
        for path in sorted(inner.iterdir())
        if path.suffix.lower() in IMAGE_SUFFIXES
    ]


def _lines(path: Path, what: str) -> list[tuple[int, str]]:
    """Lines that are no comments and not empty, with their numbers from 1."""
    try:
        text = require_file(path, what).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{what} {path} is not a text file") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise UserError(f"{what} {path} is empty")
    return lines


def _listed(data_list: Path, folder: Path | None) -> list[Sample]:
    samples = []
    roots = [Path(), data_list.parent] if folder is None else [folder, Path(), data_list.parent]
    for number, line in _lines(data_list, "the data list"):
        for text, label in ((line, None), *_split(line)):
            found = next((root / text for root in roots if (root / text).is_file()), None)
            if found is not None:
                samples.append(Sample(str(found), label=label))
                break
        else:
            raise UserError(f"{data_list}, line {number}: there is no file '{line.split()[0]}'")
    return samples


def _split(line: str) -> list[tuple[str, int]]:
    """The line as path and label, if it ends in a number."""
    path, _, label = line.rpartition(" ")
    return [(path.strip(), int(label))] if path and label.lstrip("-").isdigit() else []


def _labelled(samples: list[Sample], label_file: Path | None) -> list[Sample]:
    if not samples:
        raise UserError("the data set is empty")
    if label_file is None:
        return samples
    lines = _lines(label_file, "the label file")
    labels: list[int] = []
    by_name: dict[str, int] = {}
    for number, line in lines:
        name, _, word = line.rpartition(" ")
        if not word.lstrip("-").isdigit():
            raise UserError(f"{label_file}, line {number}: '{line}' does not end in the number of a class")
        labels.append(int(word))
        by_name[Path(name.strip()).name] = int(word)
    if all(line.rpartition(" ")[0] for _, line in lines):
        missing = [sample for sample in samples if Path(sample.file).name not in by_name]
        if missing:
            raise UserError(f"{label_file} has no label for {missing[0]}")
        return [replace(sample, label=by_name[Path(sample.file).name]) for sample in samples]
    if len(labels) < len(samples):
        raise UserError(f"{label_file} has {len(labels)} labels for {len(samples)} samples")
    return [replace(sample, label=label) for sample, label in zip(samples, labels, strict=False)]


def _rows(source: Path) -> list[Sample]:
    """The samples of one file that holds many."""
    require_file(source, "the data set")
    arrays = read_arrays(source)
    labels = next((np.asarray(arrays[name]) for name in LABELS if name in arrays), None)
    counts = {len(array) for name, array in arrays.items() if name not in LABELS and np.ndim(array)}
    if len(counts) != 1 or 0 in counts:
        raise UserError(f"{source}: the arrays have no common number of samples in their first dimension")
    (count,) = counts
    if labels is None:
        return [Sample(str(source), row=row) for row in range(count)]
    flat = labels.reshape(-1)
    if flat.size != count or flat.dtype.kind not in "iu":
        raise UserError(f"{source}: there are {flat.size} labels of type {flat.dtype} for {count} samples")
    return [Sample(str(source), row=row, label=int(flat[row])) for row in range(count)]


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an npz or pt file by name; a lone tensor of a pt file is called ""."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return load_npz(path, "the sample")
    if suffix in (".pt", ".pth"):
        return _torch_arrays(path)
    raise UserError(f"{path} is neither npz nor pt; a file with many samples has one of these types")


def _torch_arrays(path: Path) -> dict[str, np.ndarray]:
    require_file(path, "the sample")
    try:
        import torch
    except ImportError as error:
        raise UserError(f"{path} needs PyTorch: pip install tpu_mlir[torch]; or save the arrays as npz") from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling raises many kinds
        raise UserError(f"{path} is not a file of tensors that PyTorch can read") from error
    if isinstance(content, torch.Tensor):
        content = {"": content}
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise UserError(f"{path} holds neither a tensor nor tensors by name")
    return {str(name): value.numpy() for name, value in content.items()}
