"""A builder that builds nothing. A conversion is rehearsed with it to find out what is refused and which tensors are
read, before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .builder import Body, InputSpec, Operand


class RehearsalBuilder:
    """A graph builder whose handles are all None."""

    def start(self, inputs: Sequence[InputSpec]) -> list[None]:
        """One handle per input."""
        return [None] * len(inputs)

    def none(self) -> None:
        """The absent operand."""

    def weight(self, name: str, array: np.ndarray, scales: Sequence[float] | None = None) -> None:
        """A weight that is not kept."""

    def op(
        self, kind: str, operands: Sequence[Operand], attributes: Mapping[str, Any], name: str, element: str = "f32"
    ) -> None:
        """An op that is not made."""

    def ops(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str | None],
        variadic: bool = False,
    ) -> list[None]:
        """An op with several results that is not made."""
        return [None] * len(names)

    def nested(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str],
        bodies: Sequence[Body],
    ) -> list[None]:
        """An op with regions that is not made; its bodies are rehearsed."""
        for body in bodies:
            body.build([None] * len(body.arguments))
        return [None] * len(names)

    def finish(self, outputs: Sequence[None]) -> None:
        """The end of the rehearsal."""
