"""Functions behind the subcommands of npz_tool that show or change an archive.

Functions that change a file read all of it first and replace it at once, so an error leaves it as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..files import load_npz, save_npz, written_atomically

Arrays = dict[str, np.ndarray]
PathLike = str | os.PathLike[str]


def pick(arrays: Arrays, name: str, path: PathLike) -> np.ndarray:
    """The named array; ``UserError`` lists what there is."""
    if name not in arrays:
        known = ", ".join(list(arrays)[:8]) + (" …" if len(arrays) > 8 else "")
        raise UserError(f"{path} holds no array '{name}'; it has {known or 'none'}")
    return arrays[name]


def names_from(text: str) -> list[str]:
    """Names of a comma separated list."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UserError(f"'{text}' names no array")
    return names


def integers_from(text: str) -> list[int]:
    """Integers of a comma separated list."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError(f"'{text}' is not a list of integers such as 1,3,224,224") from error


def shape_text(array: np.ndarray) -> str:
    """The shape as [a,b,c]."""
    return "[" + ",".join(str(size) for size in array.shape) + "]"


def listing(path: PathLike) -> list[tuple[str, str, str]]:
    """Name, shape and type of every array."""
    return [(name, shape_text(array), str(array.dtype)) for name, array in load_npz(path).items()]


def part_of(array: np.ndarray, which: str) -> np.ndarray:
    """The first K elements for "K", the last ones for "-K", or the slice "a:b" or "a:b:c" of the flat array."""
    flat = array.reshape(-1)
    try:
        if ":" in which:
            parts = [int(part) if part else None for part in which.split(":")]
            if len(parts) > 3:
                raise ValueError
            return flat[slice(*parts)]
        count = int(which)
    except ValueError as error:
        raise UserError(f"'{which}' is neither a count of elements nor a slice such as 10:20") from error
    return flat[:count] if count >= 0 else flat[count:]


def extract(source: PathLike, target: PathLike, names: Sequence[str]) -> None:
    """Copies the named arrays to a new archive."""
    arrays = load_npz(source)
    save_npz(target, {name: pick(arrays, name, source) for name in names})


def remove(path: PathLike, names: Sequence[str]) -> None:
    """Removes arrays in place."""
    arrays = load_npz(path)
    for name in names:
        pick(arrays, name, path)
        del arrays[name]
    save_npz(path, arrays)


def merge(sources: Sequence[PathLike], target: PathLike) -> None:
    """The arrays of all sources; an array of a later source replaces one of the same name."""
    merged: Arrays = {}
    for source in sources:
        merged.update(load_npz(source))
    save_npz(target, merged)


def insert(source: PathLike, target: PathLike) -> None:
    """Adds the arrays of ``source`` to the archive ``target``."""
    merged = load_npz(target) if Path(target).exists() else {}
    merged.update(load_npz(source))
    save_npz(target, merged)


def rename(path: PathLike, old: str, new: str) -> None:
    """Renames an array in place, keeping the order."""
    arrays = load_npz(path)
    pick(arrays, old, path)
    if new != old and new in arrays:
        raise UserError(f"{path} has an array '{new}' already")
    save_npz(path, {new if name == old else name: array for name, array in arrays.items()})


def reshape(path: PathLike, name: str, shape: Sequence[int]) -> None:
    """Gives an array another shape of the same size, in place."""
    arrays = load_npz(path)
    array = pick(arrays, name, path)
    try:
        arrays[name] = array.reshape(shape)
    except ValueError as error:
        raise UserError(f"'{name}' of shape {shape_text(array)} cannot be reshaped to {list(shape)}") from error
    save_npz(path, arrays)


def permute(path: PathLike, name: str | None, order: Sequence[int]) -> None:
    """Permutes the axes of an array in place; ``name`` may be None when there is only one."""
    arrays = load_npz(path)
    if name is None:
        if len(arrays) != 1:
            raise UserError(f"{path} holds {len(arrays)} arrays: say which one to permute")
        name = next(iter(arrays))
    array = pick(arrays, name, path)
    if sorted(order) != list(range(array.ndim)):
        raise UserError(f"{list(order)} is not an order of the {array.ndim} axes of '{name}'")
    arrays[name] = np.ascontiguousarray(array.transpose(order))
    save_npz(path, arrays)


def bf16_to_f32(array: np.ndarray) -> np.ndarray:
    """float32 of bfloat16 bits (uint16); other types are returned as they are."""
    if array.dtype != np.uint16:
        return array
    return (array.astype(np.uint32) << 16).view(np.float32)


def f16_to_f32(array: np.ndarray) -> np.ndarray:
    """float32 of float16 or of its bits (uint16); other types are returned as they are."""
    if array.dtype == np.uint16:
        array = np.ascontiguousarray(array).view(np.float16)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def f32_to_bf16(array: np.ndarray) -> np.ndarray:
    """The bits (uint16) of float32 values rounded to bfloat16, ties to even; other types are returned as they are."""
    if array.dtype != np.float32:
        return array
    bits = np.ascontiguousarray(array).view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    quiet = ((bits >> 16) | 0x40).astype(np.uint16)
    return np.where(np.isnan(array), quiet, rounded).astype(np.uint16)


def f32_to_f16(array: np.ndarray) -> np.ndarray:
    """The bits (uint16) of float32 values rounded to float16; other types are returned as they are."""
    if array.dtype != np.float32:
        return array
    with np.errstate(over="ignore"):
        return array.astype(np.float16).view(np.uint16)


def convert(source: PathLike, target: PathLike, function: Callable[[np.ndarray], np.ndarray]) -> None:
    """Applies ``function`` to every array."""
    save_npz(target, {name: function(array) for name, array in load_npz(source).items()})


RAW_TYPES = ("int8", "bf16", "uint16", "float32")


def raw_bytes(array: np.ndarray, kind: str | None) -> bytes:
    """The elements as bytes, converted to ``kind`` where it is given."""
    if kind is None:
        return array.tobytes()
    if kind == "bf16":
        return f32_to_bf16(array.astype(np.float32)).tobytes()
    return array.astype(kind).tobytes()


def write_bytes(path: PathLike, chunks: Iterator[bytes] | Sequence[bytes]) -> None:
    """Writes the chunks one after the other."""
    with written_atomically(path) as temporary, temporary.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)


def to_npy(path: PathLike, name: str) -> Path:
    """Writes the array to NAME.npy in the working directory; slashes of the name become underscores."""
    array = pick(load_npz(path), name, path)
    target = Path(name.replace("/", "_") + ".npy")
    with written_atomically(target) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    return target


def statistics(path: PathLike) -> list[tuple[str, ...]]:
    """Name, smallest, largest, mean and standard deviation of every number array."""
    rows: list[tuple[str, ...]] = []
    for name, array in load_npz(path).items():
        if array.size and np.issubdtype(array.dtype, np.number):
            values = array.astype(np.float64)
            rows.append((name, *(f"{f(values):.6g}" for f in (np.min, np.max, np.mean, np.std))))
    return rows


def not_finite(path: PathLike) -> list[tuple[str, int, int]]:
    """Name, count of NaN and count of infinities of the arrays that have some."""
    rows = []
    for name, array in load_npz(path).items():
        if np.issubdtype(array.dtype, np.floating):
            nans, infinities = int(np.isnan(array).sum()), int(np.isinf(array).sum())
            if nans or infinities:
                rows.append((name, nans, infinities))
    return rows


def clipping_error(path: PathLike, table: PathLike) -> list[tuple[str, float, float, float]]:
    """Name, threshold, cosine and Euclidean similarity of each array to itself clipped to its calibrated range."""
    from ..calibration.table import read_table
    from .similarity import cosine_similarity, euclidean_similarity

    arrays = load_npz(path)
    rows = []
    for name, entry in read_table(table).entries.items():
        threshold = entry.threshold
        if name in arrays:
            array = arrays[name].astype(np.float32)
            clipped = np.clip(array, -threshold, threshold)
            rows.append((name, threshold, cosine_similarity(clipped, array), euclidean_similarity(clipped, array)))
    return rows
