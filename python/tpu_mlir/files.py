"""Reading and writing files so that every error is one sentence and no half-written output is left behind."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from .errors import UserError


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


@contextmanager
def written_atomically(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Gives a temporary path beside ``path``; on success it is renamed to ``path``, on failure it is removed.

    Raises:
        UserError: the directory is missing or not writable, or the disk is full.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    except OSError as error:
        raise UserError(f"{target} cannot be written: {_reason(error)}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        raise UserError(f"{target} cannot be written: {_reason(error)}") from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def require_file(path: str | os.PathLike[str], what: str) -> Path:
    """The path, if it is a file that can be opened; ``what`` names it in the error."""
    found = Path(path)
    try:
        with found.open("rb"):
            return found
    except OSError as error:
        raise UserError(f"{what} {found} cannot be read: {_reason(error)}") from error


def require_writable(path: str | os.PathLike[str], what: str) -> Path:
    """The path, if a file of that name can be made; asked before long work begins."""
    target = Path(path)
    folder = target.parent
    if not folder.is_dir():
        raise UserError(f"{what} {target} cannot be written: the directory {folder} does not exist")
    if target.is_dir():
        raise UserError(f"{what} {target} cannot be written: it is a directory")
    if not os.access(folder, os.W_OK):
        raise UserError(f"{what} {target} cannot be written: the directory {folder} is not writable")
    return target


def load_npz(path: str | os.PathLike[str], what: str = "the file") -> dict[str, np.ndarray]:
    """All arrays of an archive by name, in file order.

    Raises:
        UserError: the file is missing, truncated, not an archive, or holds Python objects.
    """
    found = require_file(path, what)
    if not zipfile.is_zipfile(found):
        raise UserError(f"{what} {found} is not an npz archive, or is truncated")
    try:
        with np.load(found, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except MemoryError as error:
        raise UserError(f"{what} {found} needs more memory than there is") from error
    except Exception as error:  # NumPy and zipfile raise many kinds for damaged headers, tokenize.TokenError among them
        raise UserError(
            f"{what} {found} is damaged: {str(error).splitlines()[0] if str(error) else error!r}"
        ) from error


def load_npy(path: str | os.PathLike[str], what: str = "the file") -> np.ndarray:
    """The array of an npy file; ``UserError`` as for ``load_npz``."""
    found = require_file(path, what)
    try:
        array = np.load(found, allow_pickle=False)
    except MemoryError as error:
        raise UserError(f"{what} {found} needs more memory than there is") from error
    except Exception as error:  # NumPy raises many kinds for damaged headers, tokenize.TokenError among them
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        raise UserError(f"{what} {found} is not a readable npy file: {reason}") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{what} {found} is not an npy file")
    return array


Add = Callable[[str, np.ndarray], None]


@contextmanager
def npz_written(path: str | os.PathLike[str]) -> Iterator[Add]:
    """Gives a function that appends an array under a name to an uncompressed archive, so that none has to be kept.

    The archive appears complete when the block ends, or not at all when it raises.
    """
    # np.savez takes names as keywords, where "file" would clash with its own argument.
    with written_atomically(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:

        def add(name: str, array: np.ndarray) -> None:
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)

        yield add


def save_npz(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an uncompressed archive; it appears complete or not at all."""
    with npz_written(path) as add:
        for name, array in arrays.items():
            add(name, array)


def save_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes a UTF-8 text file; it appears complete or not at all."""
    with written_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
