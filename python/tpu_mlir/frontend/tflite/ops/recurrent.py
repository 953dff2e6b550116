"""Recurrent layers over whole sequences. The usual LSTM is an op of its own; RNN, and whatever else layers have
(peepholes, projections, clipping, coupled gates, normalization), is written out step by step. States begin as 0."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...compose import Formula
from ...emit import Tensor
from ..call import Call, plain
from ..registry import tflite_op

MAX_STEPS = 256
"""Longer sequences are not written out."""
EPSILON = 1e-8
"""What LiteRT adds to the variance of a normalized gate."""
RELU, RELU_N1_TO_1, RELU6, TANH, SIGMOID = 1, 2, 3, 4, 6
"""Activation functions by the schema's numbers; the last one only in recurrent layers."""


def _activate(call: Call, f: Formula, x: Tensor) -> Tensor:
    kind = call.node.options.get("FusedActivationFunction", 0)
    if kind == 0:
        return x
    if kind == RELU:
        return f.unary("Relu", x)
    if kind == RELU6:
        return f.unary("Relu", x, relu_limit=6.0)
    if kind == RELU_N1_TO_1:
        return f.clip(x, -1.0, 1.0)
    if kind == TANH:
        return f.unary("Tanh", x)
    if kind == SIGMOID:
        return f.unary("Sigmoid", x)
    call.refuse("its fused activation function has no Top op")


@dataclass(frozen=True)
class Sequence:
    """The input of a layer. time_major: steps come before the batch."""

    call: Call
    time_major: bool

    @property
    def steps(self) -> int:
        """Length of the sequences."""
        return self.call.shape(0)[0 if self.time_major else 1]

    @property
    def batch(self) -> int:
        """Number of sequences."""
        return self.call.shape(0)[1 if self.time_major else 0]

    @property
    def width(self) -> int:
        """Values per step."""
        return self.call.shape(0)[2]

    def result(self, hidden: int) -> tuple[int, ...]:
        """The shape of a result."""
        return (self.steps, self.batch, hidden) if self.time_major else (self.batch, self.steps, hidden)

    def rows(self, f: Formula, count: int) -> Tensor:
        """The input, steps first; refuses what is too long to be written out."""
        if self.steps > MAX_STEPS:
            self.call.refuse(f"a layer of {self.steps} steps in this form is not written out, only up to {MAX_STEPS}")
        x = self.call.x(0)
        return f.reshape(x if self.time_major else f.permute(x, [1, 0, 2]), (self.steps, self.batch, count))

    def stack(self, f: Formula, made: dict[int, Tensor]) -> Tensor:
        """The states after every step as a result."""
        axis = 0 if self.time_major else 1
        each = [made[time] for time in range(self.steps)]
        shape = (1, *each[0].shape) if self.time_major else (each[0].shape[0], 1, each[0].shape[1])
        return f.join([f.reshape(item, shape) for item in each], axis)


def _sequence(call: Call, time_major: bool) -> Sequence:
    shape = call.shape(0)
    if len(shape) != 3:
        call.refuse(f"an input of shape {list(shape)} is no sequence")
    return Sequence(call, time_major)


def _constant(call: Call, index: int, shape: tuple[int, ...], what: str) -> np.ndarray:
    """The real values of a constant operand of this shape."""
    found = call.real(index)
    if found is None:
        call.refuse(f"its {what} ('{call.info(index).name}') is not constant")
    if found[0].shape != shape:
        call.refuse(f"its {what} has the shape {list(found[0].shape)} instead of {list(shape)}")
    return found[0].astype(np.float32)


def _no_state(call: Call, *indices: int) -> None:
    """Refuses states that the network computes or stores; those of LiteRT are variables that begin as 0."""
    for index in indices:
        if not call.has(index):
            continue
        number = call.number(index)
        stored = call.const(index)
        if call.module.knows(number) or (stored is not None and np.any(stored)):
            call.refuse(f"its state '{call.info(index).name}' does not begin as 0")


@dataclass(frozen=True)
class Lstm:
    """Weights of one direction. Gates in the order input, forget, cell, output; the first one is None where it is
    coupled to the forget gate. peepholes: [hidden] of input, forget, output; norms: [hidden] of every gate."""

    hidden: int
    outputs: int
    filters: list[np.ndarray | None]
    recurrences: list[np.ndarray | None]
    biases: list[np.ndarray | None]
    peepholes: list[np.ndarray | None]
    norms: list[np.ndarray | None]
    projection: np.ndarray | None
    projection_bias: np.ndarray | None
    made: dict[str, Tensor] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Whether the op LSTM has this form."""
        extra = [*self.peepholes, *self.norms, self.projection]
        return self.filters[0] is not None and all(item is None for item in extra)

    def rows(self, f: Formula) -> dict[str, Tensor]:
        """Vectors that every step needs, made once: peephole0, 1 and 3, norm0..3 with shift0..3, projected."""
        if not self.made:
            vectors = {f"peephole{place}": item for place, item in zip((0, 1, 3), self.peepholes, strict=True)}
            for place, item in enumerate(self.norms):
                vectors |= {f"norm{place}": item, f"shift{place}": self.biases[place] if item is not None else None}
            vectors["projected"] = self.projection_bias
            self.made.update({key: f.weight(key, item[None]) for key, item in vectors.items() if item is not None})
        return self.made


_GATES = ("input", "forget", "cell", "output")


def _lstm_weights(call: Call, first: int, norm: int | None) -> Lstm:
    """first: the first of the 17 operands of a direction. norm: the first of the four factors of normalization."""
    if not call.has(first + 1) or not call.has(first + 5):
        call.refuse("weights of its forget gate are missing")
    hidden, width = call.shape(first + 1)[0] if call.shape(first + 1) else 0, call.shape(0)[2]
    projected = call.has(first + 15)
    outputs = call.shape(first + 15)[0] if projected else hidden

    def each(begin: int, shape: tuple[int, ...], what: str, count: int = 4) -> list[np.ndarray | None]:
        return [
            _constant(call, begin + place, shape, what) if call.has(begin + place) else None for place in range(count)
        ]

    diagonal = bool(call.node.options.get("DiagonalRecurrentTensors", False))
    if diagonal:
        call.refuse("diagonal recurrent weights are not supported")
    filters = each(first, (hidden, width), "weight matrix")
    recurrences = each(first + 4, (hidden, outputs), "recurrent matrix")
    peepholes = each(first + 8, (hidden,), "peephole", 3)
    biases = each(first + 11, (hidden,), "bias")
    norms: list[np.ndarray | None] = [None] * 4
    if norm is not None:
        norms = each(norm, (hidden,), "factor of normalization")
    coupled = filters[0] is None
    for place in range(4):
        needed = place > 0 or not coupled
        if needed != (filters[place] is not None) or needed != (recurrences[place] is not None):
            call.refuse(f"weights of its {_GATES[place]} gate are incomplete")
        if needed and biases[place] is None:
            call.refuse(f"the bias of its {_GATES[place]} gate is missing")
    has_norm = any(item is not None for item in norms)
    if has_norm and any(norms[place] is None for place in range(int(coupled), 4)):
        call.refuse("factors of normalization are incomplete")
    if (peepholes[1] is None) != (peepholes[2] is None) or (
        not coupled and (peepholes[0] is None) != (peepholes[1] is None)
    ):
        call.refuse("its peepholes are incomplete")
    matrix = _constant(call, first + 15, (outputs, hidden), "projection") if projected else None
    shift = _constant(call, first + 16, (outputs,), "bias of the projection") if call.has(first + 16) else None
    if shift is not None and matrix is None:
        call.refuse("it has the bias of a projection without one")
    return Lstm(hidden, outputs, filters, recurrences, biases, peepholes, norms, matrix, shift)


def _is_plain(call: Call) -> bool:
    options = call.node.options
    clips = options.get("CellClip", 0.0) or options.get("ProjClip", 0.0)
    return options.get("FusedActivationFunction", 0) == TANH and not clips


def _stacked(parts: list[np.ndarray | None]) -> np.ndarray:
    """Gates in the order of the op: input, output, forget, cell."""
    chosen = [parts[place] for place in (0, 3, 1, 2)]
    return np.concatenate([part for part in chosen if part is not None])[None]


def _usual_lstm(f: Formula, sequence: Sequence, lstms: list[Lstm]) -> Tensor:
    """Both directions, or the only one, by the op; the result is [.., directions, hidden], steps first or second."""
    call, first = sequence.call, lstms[0]
    none = call.none
    filters = np.concatenate([_stacked(item.filters) for item in lstms])
    recurrences = np.concatenate([_stacked(item.recurrences) for item in lstms])
    biases = np.concatenate([_stacked(item.biases) for item in lstms])
    operands = [
        call.x(0),
        f.weight("filter", filters),
        f.weight("recurrence", recurrences),
        f.weight("bias", np.concatenate([biases, np.zeros_like(biases)], axis=1)),
        none,
        none,
        none,
    ]
    hidden, count = first.hidden, len(lstms)
    attributes = {"hidden_size": hidden, "bidirectional": count == 2, "batch_first": not sequence.time_major}
    steps, batch = sequence.steps, sequence.batch
    shape = (steps, count, batch, hidden) if sequence.time_major else (batch, steps, count, hidden)
    name = call.module.unique(f"{call.prefix}_lstm")
    made = call.emit_all([name, None, None], "LSTM", operands, [shape, [], []], attributes)[0]
    return f.permute(made, [0, 2, 1, 3]) if sequence.time_major else made


def _gate(f: Formula, lstm: Lstm, place: int, x: Tensor, cell: Tensor | None) -> Tensor:
    """What goes into the function of a gate. cell: the state that a peephole sees."""
    rows = lstm.rows(f)
    if cell is not None and f"peephole{place}" in rows:
        x = f.add(x, f.mul(cell, rows[f"peephole{place}"]))
    if f"norm{place}" not in rows:
        return x
    centred = f.sub(x, f.reduce("ReduceMean", x, [1]))
    variance = f.reduce("ReduceMean", f.mul(centred, centred), [1])
    scaled = f.mul(centred, f.unary("Rsqrt", f.add(variance, EPSILON)))
    return f.add(f.mul(scaled, rows[f"norm{place}"]), rows[f"shift{place}"])


def _lstm_written_out(f: Formula, sequence: Sequence, lstm: Lstm, reverse: bool) -> Tensor:
    call = sequence.call
    present = [place for place in range(4) if lstm.filters[place] is not None]
    filters = np.concatenate([item for item in lstm.filters if item is not None])
    recurrence = f.weight("recurrence", np.concatenate([item for item in lstm.recurrences if item is not None]).T)
    rows = f.matmul(sequence.rows(f, sequence.width), f.weight("filter", filters.T))
    if all(item is None for item in lstm.norms):
        rows = f.add(rows, f.weight("bias", np.concatenate([lstm.biases[place] for place in present])[None, None]))
    cell_clip = float(call.option("CellClip", 0.0))
    state: Tensor | None = None
    cell: Tensor | None = None
    made: dict[int, Tensor] = {}
    hidden = lstm.hidden
    projection = f.weight("projection", lstm.projection.T) if lstm.projection is not None else None
    for time in range(sequence.steps - 1, -1, -1) if reverse else range(sequence.steps):
        row = f.reshape(f.part(rows, 0, time, time + 1), (sequence.batch, len(present) * hidden))
        if state is not None:
            row = f.add(row, f.matmul(state, recurrence))
        parts = {place: f.part(row, 1, at * hidden, (at + 1) * hidden) for at, place in enumerate(present)}
        forget = f.unary("Sigmoid", _gate(f, lstm, 1, parts[1], cell))
        coupled = 0 not in parts
        enter = f.opposite(forget) if coupled else f.unary("Sigmoid", _gate(f, lstm, 0, parts[0], cell))
        new = f.mul(enter, _activate(call, f, _gate(f, lstm, 2, parts[2], None)))
        cell = new if cell is None else f.add(f.mul(forget, cell), new)
        if cell_clip > 0:
            cell = f.clip(cell, -cell_clip, cell_clip)
        state = f.mul(f.unary("Sigmoid", _gate(f, lstm, 3, parts[3], cell)), _activate(call, f, cell))
        if projection is not None:
            state = _projected(call, f, lstm, state, projection)
        made[time] = state
    return sequence.stack(f, made)


def _projected(call: Call, f: Formula, lstm: Lstm, state: Tensor, projection: Tensor) -> Tensor:
    state = f.matmul(state, projection)
    if lstm.projection_bias is not None:
        state = f.add(state, lstm.rows(f)["projected"])
    limit = float(call.option("ProjClip", 0.0))
    return f.clip(state, -limit, limit) if limit > 0 else state


@tflite_op("UNIDIRECTIONAL_SEQUENCE_LSTM")
def unidirectional_lstm(call: Call) -> None:
    sequence = _sequence(call, bool(call.option("TimeMajor", False)))
    lstm = _lstm_weights(call, 1, 20)
    _no_state(call, 18, 19)
    f = Formula(call)
    if lstm.is_usual and _is_plain(call):
        made = _usual_lstm(f, sequence, [lstm])
        shape = sequence.result(lstm.hidden)
        call.finish("Reshape", [made], shape, plain(3), shape=list(shape))
        return
    call.bind(_lstm_written_out(f, sequence, lstm, False), sequence.result(lstm.outputs), plain(3))


@tflite_op("BIDIRECTIONAL_SEQUENCE_LSTM")
def bidirectional_lstm(call: Call) -> None:
    """The second direction reads the sequence from its end."""
    sequence = _sequence(call, bool(call.option("TimeMajor", False)))
    if any(call.has(index) for index in range(39, 48)):
        call.refuse("an auxiliary input is not supported")
    lstms = [_lstm_weights(call, first, None) for first in (1, 18)]
    _no_state(call, 35, 36, 37, 38)
    merge, f = bool(call.option("MergeOutputs", False)), Formula(call)
    same = lstms[0].hidden == lstms[1].hidden
    if same and all(item.is_usual for item in lstms) and _is_plain(call):
        made = _usual_lstm(f, sequence, lstms)
        hidden = lstms[0].hidden
        if merge:
            shape = sequence.result(2 * hidden)
            call.finish("Reshape", [made], shape, plain(3), shape=list(shape))
            return
        both = [f.reshape(f.part(made, 2, place, place + 1), sequence.result(hidden)) for place in range(2)]
    else:
        both = [_lstm_written_out(f, sequence, item, place == 1) for place, item in enumerate(lstms)]
    _bind_both(call, sequence, both, merge)


def _bind_both(call: Call, sequence: Sequence, both: list[Tensor], merge: bool) -> None:
    if merge:
        shape = sequence.result(sum(item.shape[2] for item in both))
        call.finish("Concat", [both], shape, plain(3), axis=2)
        return
    for index, item in enumerate(both):
        call.bind(item, item.shape, plain(3), index)


def _rnn(f: Formula, sequence: Sequence, first: int, reverse: bool) -> Tensor:
    """first: the first of the operands weights, recurrent weights, bias."""
    call = sequence.call
    hidden = call.shape(first)[0] if call.shape(first) else 0
    matrix = _constant(call, first, (hidden, sequence.width), "weight matrix")
    recurrence = f.weight("recurrence", _constant(call, first + 1, (hidden, hidden), "recurrent matrix").T)
    shift = f.weight("bias", _constant(call, first + 2, (hidden,), "bias")[None, None])
    rows = f.add(f.matmul(sequence.rows(f, sequence.width), f.weight("filter", matrix.T)), shift)
    state: Tensor | None = None
    made: dict[int, Tensor] = {}
    for time in range(sequence.steps - 1, -1, -1) if reverse else range(sequence.steps):
        row = f.reshape(f.part(rows, 0, time, time + 1), (sequence.batch, hidden))
        state = _activate(call, f, row if state is None else f.add(row, f.matmul(state, recurrence)))
        made[time] = state
    return sequence.stack(f, made)


@tflite_op("UNIDIRECTIONAL_SEQUENCE_RNN")
def unidirectional_rnn(call: Call) -> None:
    sequence = _sequence(call, bool(call.option("TimeMajor", False)))
    _no_state(call, 4)
    made = _rnn(Formula(call), sequence, 1, False)
    call.bind(made, made.shape, plain(3))


@tflite_op("BIDIRECTIONAL_SEQUENCE_RNN")
def bidirectional_rnn(call: Call) -> None:
    """The second direction reads the sequence from its end."""
    sequence = _sequence(call, bool(call.option("TimeMajor", False)))
    if any(call.has(index) for index in range(9, 12)):
        call.refuse("an auxiliary input is not supported")
    _no_state(call, 4, 8)
    f = Formula(call)  # one for both, which keeps the names of their weights apart
    both = [_rnn(f, sequence, first, first == 5) for first in (1, 5)]
    _bind_both(call, sequence, both, bool(call.option("MergeOutputs", False)))
