"""Runs a check in a child process: a crash of the compiler is a failure like any other and can be made smaller."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def in_child(check: Callable[[], None]) -> None:
    """Raises AssertionError with the last line of the child's error, or with its signal."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            check()
            status = 0
        except BaseException as error:
            lines = traceback.format_exception_only(error)
            os.write(writing, "".join(lines).encode()[:60_000])
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        message = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise AssertionError(f"the compiler or the simulator died with signal {os.WTERMSIG(status)}")
    assert status == 0, message
