"""Which nodes of a source graph its outputs depend on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

NodeT = TypeVar("NodeT")
ValueT = TypeVar("ValueT", bound=Hashable)


def needed_nodes(
    nodes: Sequence[NodeT],
    outputs: Iterable[ValueT],
    made: Callable[[NodeT], Iterable[ValueT]],
    read: Callable[[NodeT], Iterable[ValueT]],
) -> list[NodeT]:
    """The nodes on which the outputs depend, in their order.

    nodes: in an order in which they can run. made, read: the values that a node makes and reads.
    """
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(made(node)):
            kept.append(node)
            wanted.update(read(node))
    return kept[::-1]
