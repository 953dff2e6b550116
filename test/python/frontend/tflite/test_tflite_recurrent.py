"""Recurrent layers of TFLite against LiteRT, in all forms that it runs in floating point."""

from __future__ import annotations

import pytest

pytest.importorskip("tflite", reason="the schema package tflite is not installed")
pytest.importorskip("ai_edge_litert", reason="LiteRT is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from hypothesis import assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from test_tflite_choices import refused  # noqa: E402
from tflite_models import NONE, RELU, RELU6, TANH, Network, check, kinds, values  # noqa: E402

COUNT = settings(max_examples=20, deadline=None)


class Layer:
    """Operands of a layer being written; -1 is a missing one."""

    def __init__(self, steps: int, batch: int, width: int, hidden: int, time_major: bool) -> None:
        self.net = Network()
        self.steps, self.batch, self.width, self.hidden = steps, batch, width, hidden
        self.time_major = time_major
        self.x = self.net.input("x", self.sizes(width))
        self.count = 0

    def sizes(self, last: int) -> list[int]:
        return [self.steps, self.batch, last] if self.time_major else [self.batch, self.steps, last]

    def weight(self, *shape: int, scale: float = 0.5) -> int:
        self.count += 1
        return self.net.constant(f"w{self.count}", values(*shape, seed=self.count) * np.float32(scale))

    def state(self, width: int) -> int:
        self.count += 1
        return self.net.tensor(f"state{self.count}", [self.batch, width], variable=True)

    def lstm(self, coupled: bool, peephole: bool, projection: int, shift: bool) -> list[int]:
        """The 17 weights of a direction."""
        hidden, out = self.hidden, projection or self.hidden
        gates = [not coupled, True, True, True]
        found = [self.weight(hidden, self.width) if there else -1 for there in gates]
        found += [self.weight(hidden, out) if there else -1 for there in gates]
        found += [self.weight(hidden) if peephole and there else -1 for there in (not coupled, True, True)]
        found += [self.weight(hidden) if there else -1 for there in gates]
        found.append(self.weight(out, hidden) if projection else -1)
        found.append(self.weight(out) if projection and shift else -1)
        return found

    def check(self, *outputs: int) -> list[str]:
        return kinds(check(self.net.build(*outputs), {"x": values(*self.sizes(self.width), seed=99)}))


LAYERS = st.builds(Layer, st.integers(1, 5), st.integers(1, 3), st.integers(1, 4), st.integers(1, 5), st.booleans())


@COUNT
@given(LAYERS)
def test_usual_lstm(layer: Layer) -> None:
    states = [layer.state(layer.hidden), layer.state(layer.hidden)]
    operands = [layer.x, *layer.lstm(False, False, 0, False), *states, -1, -1, -1, -1]
    options = {"FusedActivationFunction": TANH, "TimeMajor": layer.time_major}
    y = layer.net.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, "y", layer.sizes(layer.hidden), **options)
    assert "LSTM" in layer.check(y)


@COUNT
@given(LAYERS, st.booleans(), st.booleans(), st.integers(0, 4), st.booleans(), st.booleans(), st.booleans(), st.data())
def test_lstm(
    layer: Layer,
    coupled: bool,
    peephole: bool,
    projection: int,
    shift: bool,
    norm: bool,
    clip: bool,
    data: st.DataObject,
) -> None:
    """Coupled gates, peepholes, projections, normalization, limits and other functions."""
    hidden, out = layer.hidden, projection or layer.hidden
    weights = layer.lstm(coupled, peephole, projection, shift)
    states = [layer.state(out), layer.state(hidden)]
    norms = [layer.weight(hidden) if norm and (place or not coupled) else -1 for place in range(4)]
    options = {
        "FusedActivationFunction": data.draw(st.sampled_from([TANH, RELU, RELU6])),
        "TimeMajor": layer.time_major,
        "CellClip": 0.4 if clip else 0.0,
        "ProjClip": 0.3 if clip else 0.0,
    }
    operands = [layer.x, *weights, *states, *norms]
    y = layer.net.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, "y", layer.sizes(out), **options)
    layer.check(y)


@COUNT
@given(LAYERS, st.booleans(), st.sampled_from([(False, False, 0), (True, False, 0), (False, True, 2)]))
def test_bidirectional_lstm(layer: Layer, merge: bool, form: tuple[bool, bool, int]) -> None:
    coupled, peephole, projection = form
    # LiteRT itself reads behind the states where merged results have several batches in front of the steps
    assume(not (merge and not layer.time_major and layer.batch > 1))
    out = projection or layer.hidden
    both = [*layer.lstm(coupled, peephole, projection, True), *layer.lstm(coupled, peephole, projection, True)]
    states = [layer.state(size) for size in (out, layer.hidden) * 2]
    options = {"FusedActivationFunction": TANH, "TimeMajor": layer.time_major, "MergeOutputs": merge}
    operands = [layer.x, *both, *states, *[-1] * 9]
    if merge:
        layer.check(layer.net.op("BIDIRECTIONAL_SEQUENCE_LSTM", operands, "y", layer.sizes(2 * out), **options))
        return
    shapes = {"forward": layer.sizes(out), "backward": layer.sizes(out)}
    layer.check(*layer.net.ops("BIDIRECTIONAL_SEQUENCE_LSTM", operands, shapes, **options))


def rnn(layer: Layer) -> list[int]:
    return [
        layer.weight(layer.hidden, layer.width),
        layer.weight(layer.hidden, layer.hidden),
        layer.weight(layer.hidden),
    ]


@COUNT
@given(LAYERS, st.sampled_from([NONE, RELU, RELU6, TANH]))
def test_rnn(layer: Layer, activation: int) -> None:
    operands = [layer.x, *rnn(layer), layer.state(layer.hidden)]
    options = {"FusedActivationFunction": activation, "TimeMajor": layer.time_major}
    layer.check(layer.net.op("UNIDIRECTIONAL_SEQUENCE_RNN", operands, "y", layer.sizes(layer.hidden), **options))


@COUNT
@given(LAYERS, st.booleans())
def test_bidirectional_rnn(layer: Layer, merge: bool) -> None:
    operands = [layer.x, *rnn(layer), layer.state(layer.hidden), *rnn(layer), layer.state(layer.hidden), -1, -1, -1]
    options = {"FusedActivationFunction": TANH, "TimeMajor": layer.time_major, "MergeOutputs": merge}
    if merge:
        shape = layer.sizes(2 * layer.hidden)
        layer.check(layer.net.op("BIDIRECTIONAL_SEQUENCE_RNN", operands, "y", shape, **options))
        return
    shapes = {"forward": layer.sizes(layer.hidden), "backward": layer.sizes(layer.hidden)}
    layer.check(*layer.net.ops("BIDIRECTIONAL_SEQUENCE_RNN", operands, shapes, **options))


def test_states_that_do_not_begin_as_zero_are_refused() -> None:
    layer = Layer(2, 1, 3, 4, False)
    state = layer.net.input("h", [1, 4])
    y = layer.net.op("UNIDIRECTIONAL_SEQUENCE_RNN", [layer.x, *rnn(layer), state], "y", layer.sizes(4))
    refused(layer.net.build(y), "does not begin as 0")


def test_layers_for_streams_are_refused() -> None:
    layer = Layer(1, 1, 3, 4, False)
    flat = layer.net.op("RESHAPE", [layer.x, layer.net.ints("s", 1, 3)], "flat", [1, 3])
    y = layer.net.op("RNN", [flat, *rnn(layer), layer.state(4)], "y", [1, 4])
    refused(layer.net.build(y), "keeps its state for the next run")
