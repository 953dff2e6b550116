"""Layers that read a sequence. Their states begin as zeros: what an earlier run left behind is not kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...compose import Formula
from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer

MAX_STEPS = 1024
"""The longest sequence whose steps become ops of their own."""

_GATES = (0, 2, 1, 3)
"""Caffe's gates input, forget, output, cell in the order of the Top op."""


@caffe_layer("ContinuationIndicator")
def continuation_indicator(call: Call) -> None:
    """0 in the first step of every sequence, then 1."""
    given = call.parameters("continuation_indicator_param")
    call.only(0)
    steps, batch = int(given.time_step), int(given.batch_size)
    if not (steps >= 1 and batch >= 1 and steps * batch < 1 << 24):
        call.refuse(f"its time_step {steps} and batch_size {batch} are missing or too large")
    marks = np.ones((steps, batch), np.float32)
    marks[0] = 0
    call.constant(marks)


def _marks(call: Call, index: int, shape: tuple[int, int], begins_as_zero: bool) -> Tensor | None:
    """The continuation marks, or None where they change nothing."""
    if math.prod(call.shape(index)) != math.prod(shape):
        call.refuse(f"its continuation marks have the shape {list(call.shape(index))} instead of {list(shape)}")
    if begins_as_zero and shape[0] == 1:
        return None
    known = call.module.constants.get(call.layer.bottoms[index])
    if known is not None and np.all(known.reshape(shape)[1 if begins_as_zero else 0 :] == 1):
        return None
    return call.reshape(call.x(index), shape, "marks")


def _gates(values: np.ndarray, hidden: int) -> np.ndarray:
    """Rows of the four gates in the order of the Top op."""
    return np.concatenate([values[gate * hidden : (gate + 1) * hidden] for gate in _GATES])


def _lstm(
    call: Call,
    source: Tensor,
    marks: Tensor | None,
    weights: tuple[np.ndarray, np.ndarray, np.ndarray],
    states: list[Tensor | None],
    names: list[str | None],
) -> list[Tensor]:
    """The states after each step, and the last ones. weights: of the input, of the state, and biases."""
    steps, batch, inputs = source.shape
    hidden = weights[1].shape[1]
    arrays = {
        "filter": _gates(weights[0], hidden).reshape(1, 4 * hidden, inputs),
        "recurrence": _gates(weights[1], hidden).reshape(1, 4 * hidden, hidden),
        "bias": np.concatenate([_gates(weights[2], hidden), np.zeros(4 * hidden, np.float32)]).reshape(1, -1),
    }
    operands: list[Any] = [source, *(call.weight(name, array) for name, array in arrays.items())]
    operands += [state or call.none for state in states] + [marks or call.none]
    last = (1, batch, hidden)
    attributes = {"hidden_size": hidden, "bidirectional": False, "batch_first": False}
    return call.emit_all(names, "LSTM", operands, [(steps, 1, batch, hidden), last, last], attributes)


@caffe_layer("Lstm")
def flat_lstm(call: Call) -> None:
    """The variant whose steps and sequences share the first axis: rows are step * batch_size + sequence."""
    given = call.parameters("lstm_param")
    call.only(1, 2)
    shape, hidden, batch = call.shape(), int(given.num_output), int(given.batch_size)
    inputs = math.prod(shape[1:])
    if hidden < 1 or batch < 1 or shape[0] % batch:
        call.refuse(f"its num_output {hidden} or its batch_size {batch} does not fit the input {list(shape)}")
    marks = _marks(call, 1, (shape[0] // batch, batch), True) if call.count == 2 else None
    weights = (
        call.blob(0, [4 * hidden, inputs], "input weights"),
        call.blob(1, [4 * hidden, hidden], "recurrent weights"),
        call.blob(2, [4 * hidden], "bias"),
    )
    source = call.reshape(call.x(), [shape[0] // batch, batch, inputs], "sequence")
    names = [call.module.unique(f"{call.prefix}_steps"), None, None]
    result = [shape[0], hidden]
    found = _lstm(call, source, marks, weights, [None, None], names)
    call.finish("Reshape", [found[0]], result, shape=result)


class _Recurrent:
    """What Caffe's own recurrent layers have in common: a sequence, marks, an input for all steps, given states."""

    def __init__(self, call: Call, states: int) -> None:
        given = call.parameters("recurrent_param")
        self.call = call
        self.hidden = int(given.num_output)
        self.exposed = states if given.expose_hidden else 0
        call.only(2 + self.exposed, 3 + self.exposed)
        shape = call.shape()
        if len(shape) < 2 or len(call.shape(1)) != 2 or self.hidden < 1:
            call.refuse(f"the input {list(shape)} or the marks {list(call.shape(1))} are no sequence")
        if call.tops > 1 + self.exposed:
            call.refuse(f"it has {call.tops} results instead of {1 + self.exposed}")
        self.steps, self.batch, self.inputs = shape[0], shape[1], math.prod(shape[2:])
        self.is_static = call.count == 3 + self.exposed
        self.states = [self._state(call.count - self.exposed + index) for index in range(self.exposed)]
        self.states += [None] * (states - self.exposed)
        self.marks = _marks(call, 1, (self.steps, self.batch), not self.exposed)

    def _state(self, index: int) -> Tensor | None:
        last = (1, self.batch, self.hidden)
        if math.prod(self.call.shape(index)) != math.prod(last):
            self.call.refuse(f"its state of the shape {list(self.call.shape(index))} is not one of {list(last)}")
        return self.call.reshape(self.call.x(index), last, f"state{index}")

    def source(self) -> Tensor:
        """The sequence; an input for all steps follows the values of every step."""
        call = self.call
        sequence = call.reshape(call.x(), [self.steps, self.batch, self.inputs], "sequence")
        if not self.is_static:
            return sequence
        shape = call.shape(2)
        if len(shape) < 2 or shape[0] != self.batch:
            call.refuse(f"its third input {list(shape)} is not one vector for each of {self.batch} sequences")
        f, width = Formula(call), math.prod(shape[1:])
        same = f.spread(call.reshape(call.x(2), [1, self.batch, width], "static"), [self.steps, self.batch, width])
        return f.join([sequence, same], 2)

    def weights(self, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Those of the input, of the state, the biases; and how many weights that were."""
        call = self.call
        of_input = call.blob(0, [rows, self.inputs], "input weights")
        bias = call.blob(1, [rows], "bias")
        if self.is_static:
            width = math.prod(call.shape(2)[1:])
            of_input = np.concatenate([of_input, call.blob(2, [rows, width], "weights of the third input")], 1)
        of_state = call.blob(2 + self.is_static, [rows, self.hidden], "recurrent weights")
        return of_input, of_state, bias, 3 + self.is_static

    def name(self, index: int) -> str | None:
        """The name of a last state, where that is read."""
        call = self.call
        wanted = index < call.tops and call.is_used(index)
        return call.module.unique(call.layer.tops[index]) if wanted else None


@caffe_layer("LSTM")
def lstm(call: Call) -> None:
    """Inputs: sequence, marks, an input for all steps if there is one, and with expose_hidden the states h and c."""
    layer = _Recurrent(call, 2)
    source = layer.source()
    of_input, of_state, bias, _ = layer.weights(4 * layer.hidden)
    whole = call.module.unique(f"{call.prefix}_steps") if call.is_used(0) else None
    names = [whole, layer.name(1), layer.name(2)]
    if not any(names):
        return
    found = _lstm(call, source, layer.marks, (of_input, of_state, bias), layer.states, names)
    for index in (1, 2):
        if names[index]:
            call.bind(found[index], index)
    if whole:
        result = [layer.steps, layer.batch, layer.hidden]
        call.finish("Reshape", [found[0]], result, shape=result)


@caffe_layer("RNN")
def rnn(call: Call) -> None:
    """h = tanh(W x + R h + b) in every step, and the result tanh(V h + c)."""
    layer = _Recurrent(call, 1)
    hidden, steps, batch = layer.hidden, layer.steps, layer.batch
    if steps > MAX_STEPS:
        call.refuse(f"it has {steps} steps, more than {MAX_STEPS}")
    source = layer.source()
    of_input, of_state, bias, count = layer.weights(hidden)
    of_result = call.blob(count, [hidden, hidden], "output weights")
    result_bias = call.blob(count + 1, [hidden], "output bias")
    f, none = Formula(call), call.none
    rows = call.reshape(source, [steps * batch, of_input.shape[1]], "rows")
    operands = [rows, call.weight("filter", of_input.T), call.weight("bias", bias)]
    added = call.step("added", "MatMul", operands, [steps * batch, hidden])
    matrix = call.weight("recurrence", of_state.T)
    state = call.reshape(layer.states[0], [batch, hidden], "first") if layer.states[0] else None
    states = []
    for step in range(steps):
        total = f.part(added, 0, step * batch, (step + 1) * batch)
        if state is not None:
            if layer.marks is not None:
                state = f.mul(state, call.reshape(f.part(layer.marks, 0, step, step + 1), [batch, 1], "mark"))
            total = f.add(total, call.step("recurred", "MatMul", [state, matrix, none], [batch, hidden]))
        state = f.unary("Tanh", total)
        states.append(state)
    operands = [f.join(states, 0), call.weight("output", of_result.T), call.weight("output_bias", result_bias)]
    outputs = call.step("outputs", "MatMul", operands, [steps * batch, hidden])
    result = [steps, batch, hidden]
    call.finish("Tanh", [call.reshape(outputs, result, "shaped")], result)
    if call.tops > 1:
        call.finish("Reshape", [states[-1]], [1, batch, hidden], 1, shape=[1, batch, hidden])
