"""Work on the samples of a data set: in this process by default, or on the workers of a Dask cluster.

A function gets a part of the items and returns a result of any kind; the caller puts the results together. Results come
in the order in which they are finished, each with the number of its part, so what the caller makes of them must not
depend on the order (sums of integers, largest values), or be put in order by the number.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from .errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")

Tick = Callable[[int], None]
"""Tells that so many items more are done."""

Work = Callable[[Sequence[Item], Tick], Result]
"""A part of the items -> its result. For a cluster it is pickled: a function of a module, or ``functools.partial``."""


def nothing(count: int) -> None:
    """A ``Tick`` that shows nothing."""


def parts_of(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    """The items cut into at most ``count`` consecutive parts of nearly equal size; none of them is empty."""
    count = max(1, min(count, len(items)))
    bounds = [len(items) * i // count for i in range(count + 1)]
    return [items[low:high] for low, high in zip(bounds, bounds[1:], strict=False) if low < high]


@contextmanager
def bar(total: int, what: str) -> Iterator[Tick]:
    """A progress bar with items done and time left on a terminal; elsewhere it shows nothing."""
    import sys

    if not sys.stderr.isatty():
        yield nothing
        return
    from tqdm import tqdm

    lock = threading.Lock()
    shape = "{desc} {bar} {n_fmt}/{total_fmt} samples, {remaining} left"
    with tqdm(total=total, desc=what, leave=False, bar_format=shape) as shown:

        def tick(count: int) -> None:
            with lock:
                shown.update(count)

        yield tick


def over_parts(
    work: Callable[[Sequence[Item], Tick], Result],
    items: Sequence[Item],
    *,
    scheduler: str | None = None,
    threads: int = 1,
    parts: int | None = None,
    tick: Tick = nothing,
) -> Iterator[tuple[int, Result]]:
    """Results of ``work`` for all parts of the items, as (number of the part, result), in order of completion.

    scheduler: address of a Dask scheduler ("tcp://HOST:PORT"); without it the work is done here. threads: parts that
    are under way at once here; 1 is right where the work itself uses all cores. parts: number of parts; by default as
    many as threads, on a cluster four for each worker, so that slow workers hold nobody up.

    Raises:
        UserError: the cluster cannot be reached. Errors of ``work`` are raised as they are.
    """
    if scheduler:
        yield from _on_cluster(work, items, scheduler, parts, tick)
        return
    pieces = parts_of(items, parts or threads)
    if threads <= 1:
        for number, piece in enumerate(pieces):
            yield number, work(piece, tick)
        return
    yield from _on_threads(work, pieces, threads, tick)


def _on_threads(
    work: Callable[[Sequence[Item], Tick], Result], pieces: Sequence[Sequence[Item]], threads: int, tick: Tick
) -> Iterator[tuple[int, Result]]:
    waiting: queue.SimpleQueue[tuple[int, Sequence[Item]]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    for entry in enumerate(pieces):
        waiting.put(entry)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                number, piece = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, work(piece, tick), None))
            except BaseException as error:  # raised again by the caller's thread
                done.put((number, None, error))

    crew = [threading.Thread(target=serve, daemon=True) for _ in range(min(threads, len(pieces)))]
    for thread in crew:
        thread.start()
    try:
        for _ in pieces:
            number, result, error = done.get()
            if error is not None:
                raise error
            yield number, result  # type: ignore[misc]  # no error: there is a result
    finally:
        stop.set()
        for thread in crew:
            thread.join()


def _on_cluster(
    work: Callable[[Sequence[Item], Tick], Result],
    items: Sequence[Item],
    scheduler: str,
    parts: int | None,
    tick: Tick,
) -> Iterator[tuple[int, Result]]:
    client = _connect(scheduler)
    try:
        from distributed import as_completed

        workers = len(client.nthreads())
        if workers == 0:
            raise UserError(f"the Dask scheduler {scheduler} has no workers; start some with: dask worker {scheduler}")
        pieces = parts_of(items, parts or 4 * workers)
        futures = {
            client.submit(work, piece, nothing, pure=False, retries=0): number for number, piece in enumerate(pieces)
        }
        finished = as_completed(list(futures), loop=client.loop)
        try:
            for future in finished:
                result = future.result()
                number = futures.pop(future)
                future.release()
                tick(len(pieces[number]))
                yield number, result
        finally:
            client.cancel(list(futures))
    finally:
        client.close()


def _connect(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError("--scheduler needs Dask: pip install tpu-mlir[dask]") from error
    try:
        return Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"the Dask scheduler {scheduler} cannot be reached; give the address that `dask scheduler` prints"
        ) from error
