"""LSTM and GRU layers; every layer of a stack is one op."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...emit import Tensor
from ..call import Call
from ..graph import Value
from ..registry import torch_op

_ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}
"""PyTorch's gates (input, forget, cell, output; reset, update, new) in the order of the ops."""


class _Stack:
    """One operator with all of its layers."""

    def __init__(self, call: Call, kind: str) -> None:
        self.call = call
        self.kind = kind
        self.directions = 2 if call.get("bidirectional") else 1
        self.layers = int(call.get("num_layers", 1))
        self.batch_first = bool(call.get("batch_first"))
        if call.get("train") and float(call.get("dropout", 0)) and self.layers > 1:
            call.refuse("it drops values between layers, as in training; export the model in evaluation mode")
        weights: Sequence[Value] = call.get("params")
        per_direction = 4 if call.get("has_biases") else 2
        if len(weights) != per_direction * self.layers * self.directions:
            call.refuse("projections of the state have no Top op")
        self.weights = [weights[at : at + per_direction] for at in range(0, len(weights), per_direction)]
        self.hidden = self._constant(self.weights[0][1]).shape[1]

    def _constant(self, value: Value) -> np.ndarray:
        found = self.call.module.graph.constants.get(value.name)
        if found is None:
            self.call.refuse(f"its weight '{value.name}' is computed")
        return np.asarray(found, np.float32)

    def _gates(self, array: np.ndarray) -> np.ndarray:
        """Rows of gates in the op's order."""
        count = len(_ORDER[self.kind])
        parts = array.reshape(count, array.shape[0] // count, *array.shape[1:])
        return np.ascontiguousarray(parts[list(_ORDER[self.kind])]).reshape(array.shape)

    def operands(self, layer: int) -> list[object]:
        """Filter, recurrence and bias of a layer, all directions stacked."""
        chosen = self.weights[layer * self.directions : (layer + 1) * self.directions]
        filters = np.stack([self._gates(self._constant(group[0])) for group in chosen])
        recurrences = np.stack([self._gates(self._constant(group[1])) for group in chosen])
        made: list[object] = [
            self.call.own_weight(f"filter{layer}", filters),
            self.call.own_weight(f"recurrence{layer}", recurrences),
        ]
        if len(chosen[0]) == 4:
            rows = [np.concatenate([self._gates(self._constant(bias)) for bias in group[2:]]) for group in chosen]
            made.append(self.call.own_weight(f"bias{layer}", np.stack(rows)))
        else:
            made.append(self.call.none)
        return made

    def initial(self, value: Value, layer: int, name: str) -> object:
        """The state that a layer begins with, none for zeros; [directions, batch, hidden] or batch first."""
        constant = self.call.module.graph.constants.get(value.name)
        begin, end = layer * self.directions, (layer + 1) * self.directions
        if constant is not None:
            part = constant[begin:end]
            if not np.any(part):
                return self.call.none
            turned = part.transpose(1, 0, 2) if self.batch_first else part
            return self.call.own_weight(f"{name}{layer}", np.ascontiguousarray(turned))
        source = self.call.tensor(value)
        if self.layers > 1:
            shape = [self.directions, *source.shape[1:]]
            operands = [source, self.call.none, self.call.none, self.call.none]
            attributes = {"offset": [begin, 0, 0], "steps": [1, 1, 1], "ends": [end, *source.shape[1:]], "axes": []}
            source = self.call.step(f"{name}{layer}", "Slice", operands, shape, **attributes)
        return self.call.permute(source, [1, 0, 2], f"{name}{layer}_first") if self.batch_first else source

    def run(self, states: Sequence[Value]) -> None:
        """Emits all layers and binds the results: the sequence, and the last states of all layers."""
        call, current = self.call, call_input(self.call)
        last: list[list[Tensor]] = [[] for _ in states]
        wanted = [call.uses(1 + place) for place in range(len(states))]
        for layer in range(self.layers):
            sequence, finals = self._layer(layer, current, states, wanted)
            if sequence is not None:
                current = call.reshape(
                    sequence, [*sequence.shape[:2], self.directions * self.hidden], f"sequence{layer}"
                )
            for place, final in enumerate(finals):
                if final is not None:
                    last[place].append(final)
        if call.uses(0):
            call.bind(current, 0)
        for place, parts in enumerate(last):
            if wanted[place]:
                self._bind_state(parts, 1 + place)

    def _layer(
        self, layer: int, source: Tensor, states: Sequence[Value], wanted: Sequence[bool]
    ) -> tuple[Tensor | None, list[Tensor | None]]:
        call = self.call
        initial = [self.initial(state, layer, name) for state, name in zip(states, ("h", "c"), strict=False)]
        operands = [source, *self.operands(layer), *initial]
        attributes: dict[str, object] = {
            "hidden_size": self.hidden,
            "bidirectional": self.directions == 2,
            "batch_first": self.batch_first,
        }
        if self.kind == "LSTM":
            operands.append(call.none)
        else:
            attributes["linear_before_reset"] = True
        needed = call.uses(0) or layer + 1 < self.layers
        sequence = [*source.shape[:2], self.directions, self.hidden]
        batch = source.shape[0 if self.batch_first else 1]
        pair = [batch, self.directions] if self.batch_first else [self.directions, batch]
        flags = [needed, *wanted]
        names = [
            call.module.unique(f"{call.prefix}_{word}{layer}") if flag else None
            for word, flag in zip(("y", "yh", "yc"), flags, strict=False)
        ]
        shapes = [sequence, *[[*pair, self.hidden]] * len(states)]
        made = call.emit_all(names, self.kind, operands, shapes, attributes)
        results = [tensor if name is not None else None for tensor, name in zip(made, names, strict=True)]
        return results[0], results[1:]

    def _bind_state(self, parts: list[Tensor], index: int) -> None:
        call = self.call
        turned = [
            call.permute(part, [1, 0, 2], f"state{index}_{place}") if self.batch_first else part
            for place, part in enumerate(parts)
        ]
        if len(turned) == 1:
            call.bind(turned[0], index)
        else:
            call.finish("Concat", [turned], index, axis=0)


def call_input(call: Call) -> Tensor:
    """The sequence that the first layer reads."""
    if len(call.shape("input")) != 3:
        call.refuse("a packed or flat sequence has no Top op; give it one of three dimensions")
    return call.x("input")


@torch_op("aten.lstm.input")
def lstm(call: Call) -> None:
    _Stack(call, "LSTM").run(call.get("hx"))


@torch_op("aten.gru.input")
def gru(call: Call) -> None:
    _Stack(call, "GRU").run([call.value("hx")])
