"""Minimum cuts: the cheapest division of nodes into two sides (Dinic's algorithm)."""

from __future__ import annotations

from collections import deque

INFINITE = float("inf")
EPSILON = 1e-9


class Cut:
    """A flow network. Node 0 is the source, node 1 the sink; capacities are not negative."""

    def __init__(self) -> None:
        self._edges: list[list[int]] = [[], []]
        self._target: list[int] = []
        self._capacity: list[float] = []

    def node(self) -> int:
        """A new node."""
        self._edges.append([])
        return len(self._edges) - 1

    def edge(self, start: int, end: int, capacity: float) -> None:
        """Costs ``capacity`` where start lies on the side of the source and end on that of the sink."""
        if capacity <= 0:
            return
        for origin, target, amount in ((start, end, capacity), (end, start, 0.0)):
            self._edges[origin].append(len(self._target))
            self._target.append(target)
            self._capacity.append(amount)

    def source_side(self) -> list[bool]:
        """By node, whether it lies on the side of the source in a minimum cut."""
        while True:
            level = self._levels()
            if level[1] < 0:
                return [found >= 0 for found in level]
            places = [0] * len(self._edges)
            while self._push(level, places):
                pass

    def _levels(self) -> list[int]:
        level = [-1] * len(self._edges)
        level[0] = 0
        waiting = deque([0])
        while waiting:
            node = waiting.popleft()
            for edge in self._edges[node]:
                target = self._target[edge]
                if level[target] < 0 and self._capacity[edge] > EPSILON:
                    level[target] = level[node] + 1
                    waiting.append(target)
        return level

    def _push(self, level: list[int], places: list[int]) -> bool:
        """Sends flow along one path of the level graph."""
        path: list[int] = []
        node = 0
        while node != 1:
            step = self._next(node, level, places)
            if step >= 0:
                path.append(step)
                node = self._target[step]
                continue
            if not path:
                return False
            back = path.pop()
            node = self._target[back ^ 1]
            places[node] += 1
        amount = min(self._capacity[edge] for edge in path)
        for edge in path:
            self._capacity[edge] -= amount
            self._capacity[edge ^ 1] += amount
        return True

    def _next(self, node: int, level: list[int], places: list[int]) -> int:
        """The next edge of a node that leads closer to the sink, or -1."""
        edges = self._edges[node]
        while places[node] < len(edges):
            edge = edges[places[node]]
            if self._capacity[edge] > EPSILON and level[self._target[edge]] == level[node] + 1:
                return edge
            places[node] += 1
        return -1
