"""The files that one run of a command makes: which stay, which go, and what happens after an error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType


class Workspace:
    """Collects the files of a run in one folder.

    Used as a context manager: temporary files are removed at the end, and after an error all files that this run made,
    so that nothing incomplete is taken for a result. With ``debug`` everything stays.
    """

    def __init__(self, folder: Path, debug: bool):
        self.folder = folder
        self.debug = debug
        self._temporary: list[Path] = []
        self._results: dict[Path, tuple[int, int] | None] = {}

    def result(self, name: str | Path) -> Path:
        """The path of a file that stays."""
        path = self.folder / name
        self._results.setdefault(path, _signature(path))
        return path

    def temporary(self, name: str | Path) -> Path:
        """The path of a file that only stays with ``debug``."""
        path = self.folder / name
        self._temporary.append(path)
        return path

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.debug:
            return
        doomed = list(self._temporary)
        if error is not None:
            # What an earlier run left is only removed where this run has written over it.
            doomed += [path for path, before in self._results.items() if _signature(path) != before]
        for path in doomed:
            with suppress(OSError):
                path.unlink()


def _signature(path: Path) -> tuple[int, int] | None:
    """Tells whether a file was written: inode and time of change, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
