"""Layers that read a sequence, against NumPy."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, evaluate, kinds, values  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

COUNT = settings(max_examples=20, deadline=None)
SIZES = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(1, 5))
"""Steps, sequences, values of the input, values of the state."""

Arrays = dict[str, np.ndarray]


def compare(net: Net, inputs: Arrays, **expected: np.ndarray) -> None:
    for canonical in (False, True):
        converted = net.convert()
        found = evaluate(converted, inputs, canonical)
        assert set(expected) == set(converted.outputs)
        for blob, top in converted.outputs.items():
            assert found[top].shape == expected[blob].shape
            np.testing.assert_allclose(found[top], expected[blob], rtol=0, atol=2e-6, err_msg=blob)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm(
    x: np.ndarray, marks: np.ndarray, weights: list[np.ndarray], h: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """weights: of input, state and bias, gates input, forget, output, cell."""
    results, hidden = [], h.shape[1]
    for step, mark in zip(x, marks[:, :, None], strict=True):
        gates = step @ weights[0].T + (mark * h) @ weights[1].T + weights[2]
        i, f, o = (sigmoid(gates[:, k * hidden : (k + 1) * hidden]) for k in range(3))
        c = mark * f * c + i * np.tanh(gates[:, 3 * hidden :])
        h = o * np.tanh(c)
        results.append(h)
    return np.stack(results), h, c


def marks_of(steps: int, batch: int) -> np.ndarray:
    return (np.random.default_rng(steps * 7 + batch).random((steps, batch)) > 0.4).astype(np.float32)


@COUNT
@given(sizes=SIZES, static=st.booleans(), exposed=st.booleans(), more_axes=st.booleans())
def test_lstm(sizes: tuple[int, int, int, int], static: bool, exposed: bool, more_axes: bool) -> None:
    steps, batch, width, hidden = sizes
    shapes: dict[str, tuple[int, ...]] = {"x": (steps, batch, width), "cont": (steps, batch)}
    if more_axes:
        shapes["x"] = (steps, batch, width, 2)
    inputs = int(np.prod(shapes["x"][2:]))
    if static:
        shapes["static"] = (batch, 3)
    if exposed:
        shapes |= {"h0": (1, batch, hidden), "c0": (1, batch, hidden)}
    blobs = [values(4 * hidden, inputs), values(4 * hidden, seed=1)]
    blobs += [values(4 * hidden, 3, seed=2)] if static else []
    blobs += [values(4 * hidden, hidden, seed=3)]
    net = Net(**shapes)
    tops = "y h c" if exposed else "y"
    text = f"num_output: {hidden} expose_hidden: {str(exposed).lower()}"
    net.layer("LSTM", " ".join(shapes), tops, f"recurrent_param {{ {text} }}", blobs)
    feeds = {**net.inputs(), "cont": marks_of(steps, batch)}
    x, weight = feeds["x"].reshape(steps, batch, inputs).astype(np.float64), blobs[0]
    if static:
        x = np.concatenate([x, np.broadcast_to(feeds["static"], (steps, batch, 3))], 2)
        weight = np.concatenate([blobs[0], blobs[2]], 1)
    zeros = np.zeros((batch, hidden))
    h, c = (feeds["h0"][0], feeds["c0"][0]) if exposed else (zeros, zeros)
    y, h, c = lstm(x, feeds["cont"], [weight, blobs[-1], blobs[1]], h, c)
    compare(net, feeds, **({"y": y, "h": h[None], "c": c[None]} if exposed else {"y": y}))


def test_only_the_last_state_of_an_lstm() -> None:
    net = Net(x=(3, 2, 4), cont=(3, 2), h0=(1, 2, 5), c0=(1, 2, 5))
    blobs = [values(20, 4), values(20), values(20, 5)]
    net.layer("LSTM", "x cont h0 c0", "y h c", "recurrent_param { num_output: 5 expose_hidden: true }", blobs)
    whole = net.convert()
    last = net.convert(output_names=["h"])
    feeds = net.inputs()
    found = evaluate(last, feeds)
    assert set(last.outputs) == {"h"} and kinds(last) == ["LSTM"]
    np.testing.assert_array_equal(found["h"], evaluate(whole, feeds)["h"])


@COUNT
@given(sizes=SIZES, marked=st.booleans())
def test_lstm_of_rows(sizes: tuple[int, int, int, int], marked: bool) -> None:
    steps, batch, width, hidden = sizes
    blobs = [values(4 * hidden, width), values(4 * hidden, hidden, seed=1), values(4 * hidden, seed=2)]
    net = Net(x=(steps * batch, width), **({"cont": (steps * batch,)} if marked else {}))
    text = f"num_output: {hidden} batch_size: {batch} clipping_threshold: 0.1"
    net.layer("Lstm", " ".join(net.shapes), "y", f"lstm_param {{ {text} }}", blobs)
    marks = marks_of(steps, batch) if marked else np.ones((steps, batch), np.float32)
    feeds = {"x": net.inputs()["x"], **({"cont": marks.reshape(-1)} if marked else {})}
    zeros = np.zeros((batch, hidden))
    y = lstm(feeds["x"].reshape(steps, batch, width), marks, blobs, zeros, zeros)[0]
    compare(net, feeds, y=y.reshape(steps * batch, hidden))


@COUNT
@given(sizes=SIZES, static=st.booleans(), exposed=st.booleans())
def test_rnn(sizes: tuple[int, int, int, int], static: bool, exposed: bool) -> None:
    steps, batch, width, hidden = sizes
    shapes: dict[str, tuple[int, ...]] = {"x": (steps, batch, width), "cont": (steps, batch)}
    if static:
        shapes["static"] = (batch, 3)
    if exposed:
        shapes["h0"] = (1, batch, hidden)
    blobs = [values(hidden, width), values(hidden, seed=1), *([values(hidden, 3, seed=2)] if static else [])]
    blobs += [values(hidden, hidden, seed=3), values(hidden, hidden, seed=4), values(hidden, seed=5)]
    net = Net(**shapes)
    text = f"num_output: {hidden} expose_hidden: {str(exposed).lower()}"
    net.layer("RNN", " ".join(shapes), "y h" if exposed else "y", f"recurrent_param {{ {text} }}", blobs)
    feeds = {**net.inputs(), "cont": marks_of(steps, batch)}
    h = feeds["h0"][0] if exposed else np.zeros((batch, hidden))
    results = []
    for x, mark in zip(feeds["x"].astype(np.float64), feeds["cont"][:, :, None], strict=True):
        total = x @ blobs[0].T + blobs[1] + (mark * h) @ blobs[-3].T
        h = np.tanh(total + (feeds["static"] @ blobs[2].T if static else 0))
        results.append(np.tanh(h @ blobs[-2].T + blobs[-1]))
    compare(net, feeds, y=np.stack(results), **({"h": h[None]} if exposed else {}))


def test_marks_that_change_nothing() -> None:
    blobs = [values(8, 3), values(8), values(8, 2)]
    net = Net(x=(3, 2, 3)).layer(
        "ContinuationIndicator", "", "cont", "continuation_indicator_param { time_step: 3 batch_size: 2 }"
    )
    net.layer("LSTM", "x cont", "y", "recurrent_param { num_output: 2 }", blobs)
    zeros, x = np.zeros((2, 2)), net.inputs()["x"]
    compare(net, {"x": x}, y=lstm(x, np.ones((3, 2)), [blobs[0], blobs[2], blobs[1]], zeros, zeros)[0])
    assert "cont" not in str(net.convert().module())
    reset = Net(x=(3, 2, 3)).layer(
        "DummyData", "", "cont", "dummy_data_param { shape { dim: 3 dim: 2 } data_filler { value: 0 } }"
    )
    reset.layer("LSTM", "x cont", "y", "recurrent_param { num_output: 2 }", blobs)
    compare(reset, {"x": x}, y=lstm(x, np.zeros((3, 2)), [blobs[0], blobs[2], blobs[1]], zeros, zeros)[0])


def test_refused_recurrent_layers() -> None:
    blobs = [values(8, 3), values(8), values(8, 2)]
    for bottoms, tops, text, word in (
        ("x", "y", "num_output: 2", "1 inputs instead of 2 or 3"),
        ("x x", "y", "num_output: 2", "no sequence"),
        ("x cont", "y h", "num_output: 2", "2 results"),
        ("x cont", "y", "", "no sequence"),
        ("x cont", "y", "num_output: 3", "has the shape"),
        ("x other", "y", "num_output: 2", "continuation marks"),
        ("x cont other", "y", "num_output: 2", "one vector"),
    ):
        net = Net(x=(3, 2, 3), cont=(3, 2), other=(4, 2))
        net.layer("LSTM", bottoms, tops, f"recurrent_param {{ {text} }}", blobs)
        with pytest.raises(FrontendError, match=word):
            net.convert()
    net = Net(x=(5, 3)).layer("Lstm", "x", "y", "lstm_param { num_output: 2 batch_size: 2 }", blobs)
    with pytest.raises(FrontendError, match="batch_size"):
        net.convert()
    net = Net(x=(2, 3)).layer("ContinuationIndicator", "", "cont").layer("Eltwise", "x cont", "y")
    with pytest.raises(FrontendError, match="time_step"):
        net.convert()
