"""Recurrent layers. LSTM and GRU in their usual form are ops of their own; RNN, and whatever they do not have (other
activations, peepholes, clipping, sequences of different length), is written out step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import OWN, onnx_op

MAX_STEPS = 256
"""Longer sequences are not written out."""

Activation = Callable[[Formula, Tensor], Tensor]

_DEFAULT_ALPHA = {
    "affine": 1.0,
    "leakyrelu": 0.01,
    "thresholdedrelu": 1.0,
    "scaledtanh": 1.0,
    "hardsigmoid": 0.2,
    "elu": 1.0,
}
"""Functions that take the next value of activation_alpha, with what holds when there is none."""
_DEFAULT_BETA = {"affine": 0.0, "scaledtanh": 1.0, "hardsigmoid": 0.5}


def _activation(call: Call, name: str, a: float, b: float) -> Activation:
    functions: dict[str, Activation] = {
        "relu": lambda f, x: f.unary("Relu", x),
        "tanh": lambda f, x: f.unary("Tanh", x),
        "sigmoid": lambda f, x: f.unary("Sigmoid", x),
        "softsign": lambda f, x: f.unary("Softsign", x),
        "softplus": lambda f, x: f.unary("Softplus", x),
        "affine": lambda f, x: f.add(f.mul(x, a), b),
        "leakyrelu": lambda f, x: f.unary("LeakyRelu", x, alpha=a),
        "thresholdedrelu": lambda f, x: f.where(f.compare("Greater", x, a), x, 0.0),
        "scaledtanh": lambda f, x: f.mul(f.unary("Tanh", f.mul(x, b)), a),
        "hardsigmoid": lambda f, x: f.unary("HardSigmoid", x, alpha=a, beta=b),
        "elu": lambda f, x: f.unary("Elu", x, alpha=a),
    }
    if name not in functions:
        call.refuse(f"its activation '{name}' is not known")
    return functions[name]


@dataclass(frozen=True)
class Layer:
    """What the operators have in common. gates: rows of weights per hidden value; bias: its input, states: first input
    and number of initial states."""

    call: Call
    gates: int
    activations: tuple[str, ...]
    states: int

    @property
    def batch_first(self) -> bool:
        """Whether batch comes before steps."""
        return bool(self.call.attr("layout", 0))

    @property
    def steps(self) -> int:
        """Length of the sequence."""
        return self.call.shape(0)[1 if self.batch_first else 0]

    @property
    def batch(self) -> int:
        """Number of sequences."""
        return self.call.shape(0)[0 if self.batch_first else 1]

    @property
    def hidden(self) -> int:
        """Size of the state."""
        return self.call.shape(2)[2]

    @property
    def direction(self) -> str:
        """forward, reverse or bidirectional; refuses other words and shapes that contradict it."""
        word = str(self.call.attr("direction", "forward"))
        count = 2 if word == "bidirectional" else 1
        expected = (
            [count, self.gates * self.hidden, self.call.shape(0)[2]],
            [count, self.gates * self.hidden, self.hidden],
        )
        if word not in ("forward", "reverse", "bidirectional") or (
            list(self.call.shape(1)),
            list(self.call.shape(2)),
        ) != (
            expected[0],
            expected[1],
        ):
            self.call.refuse(
                f"weights of shapes {list(self.call.shape(1))} and {list(self.call.shape(2))} do not fit direction "
                f"'{word}' and an input of shape {list(self.call.shape(0))}"
            )
        state = [self.batch, count, self.hidden] if self.batch_first else [count, self.batch, self.hidden]
        for index in range(5, 5 + self.states):
            if self.call.has(index) and list(self.call.shape(index)) != state:
                self.call.refuse(f"an initial state has the shape {list(self.call.shape(index))} instead of {state}")
        return word

    def lengths(self) -> Tensor | np.ndarray | None:
        """Lengths of the sequences; None when all are whole."""
        if not self.call.has(4):
            return None
        known = self.call.const(4)
        if known is None:
            return self.call.x(4)
        return None if np.all(known == self.steps) else known.reshape(-1).astype(np.int64)

    def functions(self, place: int) -> list[Activation]:
        """The activations of a direction."""
        names = [str(name).lower() for name in self.call.attr("activations") or []]
        count = len(self.activations)
        if not names:
            names = list(self.activations) * (place + 1)
        if len(names) < (place + 1) * count:
            self.call.refuse(f"it has {len(names)} activations where {(place + 1) * count} are needed")
        alphas = [float(value) for value in self.call.attr("activation_alpha") or []]
        betas = [float(value) for value in self.call.attr("activation_beta") or []]
        made = []
        for name in names:
            a = alphas.pop(0) if name in _DEFAULT_ALPHA and alphas else _DEFAULT_ALPHA.get(name, 0.0)
            b = betas.pop(0) if name in _DEFAULT_BETA and betas else _DEFAULT_BETA.get(name, 0.0)
            made.append(_activation(self.call, name, a, b))
        return made[place * count : (place + 1) * count]

    def is_usual(self) -> bool:
        """Whether the form is the one that Top's ops have."""
        names = [str(name).lower() for name in self.call.attr("activations") or []]
        count = 2 if self.direction == "bidirectional" else 1
        usual = not names or names == list(self.activations) * count
        return usual and not self.call.attr("clip", 0.0) and self.lengths() is None


Step = Callable[[Formula, Tensor, list[Tensor], "Weights"], list[Tensor]]
"""Called with the projected input [batch, gates * hidden] and the states; gives the new states, the output first."""


@dataclass(frozen=True)
class Weights:
    """Those of one direction. recurrence: [hidden, gates * hidden], bias: [1, gates * hidden] that belongs to it, None
    when it is in the projected input already. peephole: [1, 3 * hidden] or None."""

    hidden: int
    recurrence: Tensor
    bias: Tensor | None
    peephole: Tensor | None
    functions: list[Activation]
    clip: float

    def gate(self, f: Formula, x: Tensor, place: int) -> Tensor:
        """The columns of one gate."""
        return f.part(x, 1, place * self.hidden, (place + 1) * self.hidden)

    def act(self, f: Formula, which: int, x: Tensor) -> Tensor:
        """An activation, of a clipped value where the layer asks for it."""
        return self.functions[which](f, f.clip(x, -self.clip, self.clip) if self.clip else x)


def _written_out(layer: Layer, step: Step, split_bias: bool) -> None:
    """Makes Y and the last states. split_bias: the bias of the recurrence is not added to the input's."""
    call, f = layer.call, Formula(layer.call)
    if layer.steps > MAX_STEPS:
        call.refuse(f"a sequence of {layer.steps} steps in this form is not written out, only up to {MAX_STEPS}")
    word, lengths = layer.direction, layer.lengths()
    x = f.permute(call.x(0), [1, 0, 2]) if layer.batch_first else call.x(0)
    outputs, finals = [], []
    for place, reverse in enumerate({"forward": [False], "reverse": [True]}.get(word, [False, True])):
        projected, weights = _prepare(layer, f, x, place, split_bias)
        states = [_initial(layer, f, index, place) for index in range(layer.states)]
        made: dict[int, Tensor] = {}
        order = range(layer.steps - 1, -1, -1) if reverse else range(layer.steps)
        for time in order:
            row = f.reshape(f.part(projected, 0, time, time + 1), [layer.batch, projected.shape[2]])
            new = step(f, row, states, weights)
            made[time] = new[0]
            if lengths is not None:
                inside = _inside(layer, f, lengths, time)
                new = [f.where(inside, state, old) for state, old in zip(new, states, strict=True)]
                made[time] = f.where(inside, made[time], 0.0)
            states = new
        stacked = [f.reshape(made[time], [1, 1, layer.batch, layer.hidden]) for time in range(layer.steps)]
        outputs.append(f.join(stacked, 0))
        finals.append(states)
    _bind_results(layer, f, outputs, finals)


def _bind_results(layer: Layer, f: Formula, outputs: list[Tensor], finals: list[list[Tensor]]) -> None:
    call = layer.call
    if call.uses(0):
        joined = f.join(outputs, 1)
        call.bind(f.permute(joined, [2, 0, 1, 3]) if layer.batch_first else joined)
    for index in range(layer.states):
        if call.uses(1 + index):
            states = [f.reshape(states[index], [1, layer.batch, layer.hidden]) for states in finals]
            state = f.join(states, 0)
            call.bind(f.permute(state, [1, 0, 2]) if layer.batch_first else state, 1 + index)


def _inside(layer: Layer, f: Formula, lengths: Tensor | np.ndarray, time: int) -> Tensor:
    """[batch, 1]: whether the step belongs to the sequence."""
    if isinstance(lengths, np.ndarray):
        return f.weight("inside", (lengths > time).reshape(-1, 1))
    return f.compare("Greater", f.reshape(lengths, [layer.batch, 1]), float(time))


def _initial(layer: Layer, f: Formula, index: int, place: int) -> Tensor:
    """[batch, hidden]: an initial state of one direction."""
    call = layer.call
    if not call.has(5 + index):
        return f.weight("zero", np.zeros((layer.batch, layer.hidden)))
    axis = 1 if layer.batch_first else 0
    return f.reshape(f.part(call.x(5 + index), axis, place, place + 1), [layer.batch, layer.hidden])


def _direction(f: Formula, x: Tensor, place: int) -> Tensor:
    """One direction of weights [directions, ...]."""
    return f.reshape(f.part(x, 0, place, place + 1), x.shape[1:])


def _prepare(layer: Layer, f: Formula, x: Tensor, place: int, split_bias: bool) -> tuple[Tensor, Weights]:
    """The projected input [steps, batch, gates * hidden] and the weights of a direction."""
    call, width = layer.call, layer.gates * layer.hidden
    rows = f.reshape(x, [layer.steps * layer.batch, x.shape[2]])
    projected = f.matmul(rows, f.permute(_direction(f, call.x(1), place), [1, 0]))
    recurrence = f.permute(_direction(f, call.x(2), place), [1, 0])
    inner = None
    if call.has(3):
        bias = f.reshape(_direction(f, call.x(3), place), [1, 2 * width])
        outer, inner = f.part(bias, 1, 0, width), f.part(bias, 1, width, 2 * width)
        projected = f.add(projected, outer if split_bias else f.add(outer, inner))
    peephole = None
    if layer.states == 2 and call.has(7):
        peephole = f.reshape(_direction(f, call.x(7), place), [1, 3 * layer.hidden])
    clip = float(call.attr("clip", 0.0))
    weights = Weights(layer.hidden, recurrence, inner if split_bias else None, peephole, layer.functions(place), clip)
    return f.reshape(projected, [layer.steps, layer.batch, width]), weights


def _rnn_step(f: Formula, x: Tensor, states: list[Tensor], w: Weights) -> list[Tensor]:
    return [w.act(f, 0, f.add(x, f.matmul(states[0], w.recurrence)))]


def _lstm_step(coupled: bool) -> Step:
    """Gates in the order input, output, forget, cell. coupled: the forget gate is what the input gate leaves."""

    def step(f: Formula, x: Tensor, states: list[Tensor], w: Weights) -> list[Tensor]:
        hidden, cell = states
        total = f.add(x, f.matmul(hidden, w.recurrence))
        gates = [w.gate(f, total, place) for place in range(4)]

        def peeped(place: int, state: Tensor) -> Tensor:
            if w.peephole is None:
                return gates[place]
            return f.add(gates[place], f.mul(state, w.gate(f, w.peephole, place)))

        entered = w.act(f, 0, peeped(0, cell))
        forgotten = f.opposite(entered) if coupled else w.act(f, 0, peeped(2, cell))
        cell = f.add(f.mul(forgotten, cell), f.mul(entered, w.act(f, 1, gates[3])))
        output = w.act(f, 0, peeped(1, cell))
        return [f.mul(output, w.functions[2](f, cell)), cell]

    return step


def _gru_step(linear_before_reset: bool) -> Step:
    """Gates in the order update, reset, new."""

    def step(f: Formula, x: Tensor, states: list[Tensor], w: Weights) -> list[Tensor]:
        hidden, count = states[0], w.hidden
        both = f.matmul(hidden, f.part(w.recurrence, 1, 0, 2 * count))
        last = f.part(w.recurrence, 1, 2 * count, 3 * count)
        total = f.add(f.part(x, 1, 0, 2 * count), both)
        if w.bias is not None:
            total = f.add(total, f.part(w.bias, 1, 0, 2 * count))
        update, reset = (w.act(f, 0, w.gate(f, total, place)) for place in (0, 1))
        inner = f.matmul(hidden if linear_before_reset else f.mul(reset, hidden), last)
        if w.bias is not None:
            inner = f.add(inner, f.part(w.bias, 1, 2 * count, 3 * count))
        if linear_before_reset:
            inner = f.mul(reset, inner)
        new = w.act(f, 1, f.add(w.gate(f, x, 2), inner))
        return [f.add(f.mul(f.opposite(update), new), f.mul(update, hidden))]

    return step


def _op(layer: Layer, kind: str, operands: list[object], **attributes: object) -> None:
    """Top's own op; one that only runs backwards reads and gives its sequence reversed."""
    call, f = layer.call, Formula(layer.call)
    axis, backwards = (1 if layer.batch_first else 0), layer.direction == "reverse"
    x = f.flip(call.x(0), axis) if backwards else call.x(0)
    directions = 2 if layer.direction == "bidirectional" else 1
    whole = [layer.steps, directions, layer.batch, layer.hidden]
    state = [directions, layer.batch, layer.hidden]
    if layer.batch_first:
        whole, state = [layer.batch, layer.steps, directions, layer.hidden], [layer.batch, directions, layer.hidden]
    shapes = [whole] + [state] * layer.states
    names = [
        call.module.unique(f"{call.node.outputs[index]}_{kind}") if call.uses(index) else None
        for index in range(1 + layer.states)
    ]
    given = [x, call.x(1), call.x(2), call.x(3) if call.has(3) else call.none, *operands]
    attributes |= {"hidden_size": layer.hidden, "bidirectional": directions == 2, "batch_first": layer.batch_first}
    results = call.emit_all(names, kind, given, shapes, attributes)
    for index, name in enumerate(names):
        if name is not None:
            result = results[index]
            call.bind(f.flip(result, axis) if backwards and index == 0 else result, index)


@onnx_op("RNN", since=7, data=OWN)
def rnn(call: Call) -> None:
    _written_out(Layer(call, 1, ("tanh",), 1), _rnn_step, False)


@onnx_op("LSTM", since=7, data=OWN)
def lstm(call: Call) -> None:
    layer = Layer(call, 4, ("sigmoid", "tanh", "tanh"), 2)
    coupled = bool(call.attr("input_forget", 0))
    if coupled or call.has(7) or not layer.is_usual():
        _written_out(layer, _lstm_step(coupled), False)
        return
    states = [call.x(index) if call.has(index) else call.none for index in (5, 6)]
    _op(layer, "LSTM", [*states, call.none])


@onnx_op("GRU", since=7, data=OWN)
def gru(call: Call) -> None:
    layer = Layer(call, 3, ("sigmoid", "tanh"), 1)
    linear = bool(call.attr("linear_before_reset", 0))
    if not layer.is_usual():
        _written_out(layer, _gru_step(linear), True)
        return
    _op(layer, "GRU", [call.x(5) if call.has(5) else call.none], linear_before_reset=linear)
