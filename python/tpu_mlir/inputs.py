"""Test inputs of a network: from npz, npy or image files, or made up; checked against the shapes that it takes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import ir
from .errors import UserError
from .files import load_npy, load_npz
from .preprocess import IMAGE_SUFFIXES, Preprocessing


@dataclass(frozen=True)
class NetworkInput:
    """An input as ``top.Input`` declares it. element: "f32", an integer type as "si32", or a quantized type."""

    name: str
    shape: tuple[int, ...]
    element: str
    preprocessing: Preprocessing | None

    @property
    def takes_bytes(self) -> bool:
        """Whether these are frames of bytes, made by fuse-preprocess."""
        return self.preprocessing is not None and self.preprocessing.frame is not None


def network_inputs(module: ir.Module) -> list[NetworkInput]:
    """The inputs of a module in order."""
    found: list[NetworkInput] = []

    def visit(op: ir.OpView) -> None:
        if op.name != "top.Input":
            return
        plain = {name: attribute.value for name, attribute in op.attributes.items()}
        images = Preprocessing.from_attributes(plain) if plain.get("do_preprocess") else None
        argument = op.operands[0].type
        found.append(
            NetworkInput(
                op.location.name_str or f"input_{len(found)}",
                tuple(op.result.type.shape),
                str(argument.element_type) if argument.has_rank else "f32",
                images,
            )
        )

    module.operation.walk(visit)
    return found


def load_inputs(paths: Sequence[str | os.PathLike[str]], inputs: Sequence[NetworkInput]) -> dict[str, np.ndarray]:
    """The arrays for all inputs.

    paths: npz files with the inputs by name; or one file per input in order, each npy, an image, or npz (with the input
    by its name, or with one array); or for a single input one image per batch element.

    Raises:
        UserError: a file cannot be read, an input is missing, or a shape or type does not fit.
    """
    files = [Path(path) for path in paths]
    suffixes = {file.suffix.lower() for file in files}
    if not files:
        raise UserError("no test input is given")
    if suffixes == {".npz"}:
        arrays: dict[str, np.ndarray] = {}
        for file in files:
            arrays.update(load_npz(file, "the test input"))
        source = ", ".join(str(file) for file in files)
        return {spec.name: fitting(arrays, spec, source) for spec in inputs}
    if suffixes == {".npy"}:
        if len(files) != len(inputs):
            raise UserError(f"there are {len(files)} npy files for {len(inputs)} inputs")
        pairs = zip(inputs, files, strict=True)
        return {spec.name: fitting({spec.name: load_npy(file)}, spec, str(file)) for spec, file in pairs}
    if all(suffix in IMAGE_SUFFIXES for suffix in suffixes):
        return _load_images(files, inputs)
    for file in files:
        if file.suffix.lower() not in {".npz", ".npy", *IMAGE_SUFFIXES}:
            raise UserError(f"the test input {file} has an unknown kind of file; give npz, npy or images")
    if len(files) != len(inputs):
        raise UserError(f"there are {len(files)} files of several kinds for {len(inputs)} inputs; give one per input")
    return {spec.name: _load_one(file, spec) for spec, file in zip(inputs, files, strict=True)}


def _load_one(file: Path, spec: NetworkInput) -> np.ndarray:
    """The array of one input from a file of its own."""
    suffix = file.suffix.lower()
    if suffix == ".npz":
        arrays = load_npz(file, "the test input")
        return fitting({spec.name: next(iter(arrays.values()))} if len(arrays) == 1 else arrays, spec, str(file))
    if suffix == ".npy":
        return fitting({spec.name: load_npy(file)}, spec, str(file))
    return _load_images([file], [spec])[spec.name]


def _load_images(files: Sequence[Path], inputs: Sequence[NetworkInput]) -> dict[str, np.ndarray]:
    for spec in inputs:
        if spec.preprocessing is None:
            raise UserError(
                f"the input '{spec.name}' of shape {list(spec.shape)} is no image for this model; give an npz file"
            )
    if len(inputs) == 1 and inputs[0].preprocessing is not None:
        return {inputs[0].name: inputs[0].preprocessing.load(files, inputs[0].shape)}
    if len(files) != len(inputs):
        raise UserError(f"there are {len(files)} images for {len(inputs)} inputs")
    result = {}
    for spec, file in zip(inputs, files, strict=True):
        assert spec.preprocessing is not None
        result[spec.name] = spec.preprocessing.load([file], spec.shape)
    return result


def fitting(arrays: Mapping[str, np.ndarray], spec: NetworkInput, source: str) -> np.ndarray:
    """The array of an input in the type that it takes; ``UserError`` where it is missing or does not fit."""
    if spec.name not in arrays:
        known = ", ".join(list(arrays)[:6]) or "nothing"
        raise UserError(f"{source} has no array for the input '{spec.name}'; it has {known}")
    array = arrays[spec.name]
    if tuple(array.shape) != spec.shape and spec.takes_bytes:
        raise UserError(
            f"{source}: '{spec.name}' has the shape {list(array.shape)}, but its preprocessing is fused: "
            f"give a picture, or the frame as uint8 of the shape {list(spec.shape)}"
        )
    if tuple(array.shape) != spec.shape:
        raise UserError(
            f"{source}: '{spec.name}' has the shape {list(array.shape)}, the network takes {list(spec.shape)}"
        )
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == np.bool_) or np.iscomplexobj(array):
        raise UserError(f"{source}: '{spec.name}' has the type {array.dtype}, the network takes {spec.element}")
    if spec.takes_bytes:
        return _bytes(array, spec, source)
    if spec.element.startswith("!quant.uniform"):
        return array
    if spec.element == "f32" or not np.issubdtype(array.dtype, np.floating):
        return array.astype(np.float32 if spec.element == "f32" else np.int32, copy=False)
    if not np.array_equal(array, np.rint(array)):
        raise UserError(f"{source}: '{spec.name}' has fractions, the network takes integers ({spec.element})")
    return array.astype(np.int32)


def _bytes(array: np.ndarray, spec: NetworkInput, source: str) -> np.ndarray:
    whole = np.asarray(array, np.float64)
    if not np.array_equal(whole, np.clip(np.rint(whole), 0, 255)):
        raise UserError(
            f"{source}: '{spec.name}' has values that are no bytes; its preprocessing is fused, give a picture or the "
            "frame as uint8"
        )
    return array.astype(np.uint8)


def prepared_frames(
    frames: Mapping[str, np.ndarray], fused: Sequence[NetworkInput], plain: Sequence[NetworkInput]
) -> dict[str, np.ndarray]:
    """The inputs of a network before ``fuse-preprocess`` that mean the same as those after it.

    fused, plain: the inputs of both networks, in the same order.
    """
    result = {}
    for with_frames, without in zip(fused, plain, strict=True):
        array = frames[with_frames.name]
        preprocessing = with_frames.preprocessing
        if with_frames.takes_bytes and preprocessing is not None and preprocessing.frame is not None:
            array = preprocessing.of_frames(array, without.shape)
        result[without.name] = array
    return result


def random_inputs(inputs: Sequence[NetworkInput], seed: int) -> dict[str, np.ndarray]:
    """Made-up inputs: floats in [0, 1), or preprocessed pixels where the input is an image; integers 0 and 1."""
    random = np.random.default_rng(seed)
    result: dict[str, np.ndarray] = {}
    for spec in inputs:
        if spec.takes_bytes:
            result[spec.name] = random.integers(0, 256, spec.shape, dtype=np.uint8)
        elif spec.element == "f32" or spec.element.startswith("!quant"):
            result[spec.name] = random.random(spec.shape, dtype=np.float32)
        else:
            result[spec.name] = random.integers(0, 2, spec.shape, dtype=np.int32)
    return result
