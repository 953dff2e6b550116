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
        self._results: list[Path] = []

    def result(self, name: str | Path) -> Path:
        """The path of a file that stays."""
        path = self.folder / name
        self._results.append(path)
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
        doomed = self._temporary + (self._results if error is not None else [])
        for path in doomed:
            with suppress(OSError):
                path.unlink()
