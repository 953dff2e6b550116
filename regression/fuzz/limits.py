"""What one input may need, and running inputs in a process of its own that is held to it."""

from __future__ import annotations

import mmap
import os
import resource
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SECONDS_PER_INPUT = 10
MEMORY_MIB = 2048


@dataclass(frozen=True)
class Outcome:
    """What a batch came to. done: inputs that were read. finding: why the one after them is a finding, "" if none is.
    said: what each input that was read led to, a refusal's text or ""."""

    done: int
    finding: str
    said: list[str]


def run_batch(one: Callable[[int], str], count: int) -> Outcome:
    """Calls one(0), one(1), … in a forked process; stops at the first that breaks a limit or ends the process.

    one: gives what is to be remembered of the input; an exception is a finding.
    """
    shared = mmap.mmap(-1, 8)
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _child(one, count, shared, writable)
    os.close(writable)
    chunks: list[bytes] = []
    os.set_blocking(readable, False)
    progress, since, hung = 0, time.monotonic(), False
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        _drain(readable, chunks)
        if ended:
            break
        now = struct.unpack("q", shared[:8])[0]
        if now != progress:
            progress, since = now, time.monotonic()
        elif time.monotonic() - since > SECONDS_PER_INPUT:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            hung = True
            break
        time.sleep(0.005)
    os.close(readable)
    done = struct.unpack("q", shared[:8])[0]
    lines = b"".join(chunks).decode("utf-8", "replace").split("\0")
    said = lines[:done]
    rest = lines[done].strip() if len(lines) > done else ""
    if hung:
        return Outcome(done, f"takes more than {SECONDS_PER_INPUT} s", said)
    if os.WIFSIGNALED(status):
        return Outcome(done, f"killed by signal {os.WTERMSIG(status)}", said)
    if os.WEXITSTATUS(status) != 0:
        return Outcome(done, rest or f"ended the process with status {os.WEXITSTATUS(status)}", said)
    return Outcome(done, "", said)


def _drain(descriptor: int, chunks: list[bytes]) -> None:
    try:
        while chunk := os.read(descriptor, 1 << 16):
            chunks.append(chunk)
    except BlockingIOError:
        pass


def _child(one: Callable[[int], str], count: int, shared: mmap.mmap, writable: int) -> None:
    status = 0
    try:
        # Far beyond the limit allocations fail, so that no input can take the machine's memory.
        with open("/proc/self/statm", encoding="ascii") as stream:
            data_bytes = int(stream.read().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (data_bytes + (2 * MEMORY_MIB << 20), resource.RLIM_INFINITY))
        begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for index in range(count):
            said = one(index).replace("\0", "")
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begin > MEMORY_MIB << 10:
                os.write(writable, f"takes more than {MEMORY_MIB} MiB".encode())
                status = 1
                break
            os.write(writable, said.encode("utf-8", "replace")[:400] + b"\0")
            shared[:8] = struct.pack("q", index + 1)
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__} at {os.path.basename(place.filename)}:{place.lineno}: {str(error)[:300]}"
        os.write(writable, text.encode("utf-8", "replace"))
        status = 1
    finally:
        sys.stdout.flush()
        os._exit(status)


def one_by_one(one: Callable[[int], str], count: int) -> Sequence[tuple[int, str]]:
    """The inputs that are findings, each with the reason; goes on behind each of them."""
    found = []
    first = 0
    while first < count:
        start = first
        outcome = run_batch(lambda index, start=start: one(start + index), count - first)
        if not outcome.finding:
            break
        found.append((first + outcome.done, outcome.finding))
        first += outcome.done + 1
    return found
