"""Recurrent Top ops against PyTorch and, for forms that PyTorch does not have, the formulas in NumPy.

Values are within ±1, and each step's error is damped by the gates, so that results agree within 1e-5 of f32 sums of a
few hundred terms in another order.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate, flag  # noqa: E402
from tpu_mlir._tpu_mlir import MLIRError  # noqa: E402

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}
# PyTorch's order of gates from the op's: i, f, g, o from i, o, f, g; and r, z, n from z, r, n.
ORDER = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2)}
SHAPES = [(5, 2, 3, 4), (1, 1, 1, 1), (7, 9, 33, 17), (4, 1, 16, 64), (3, 20, 5, 40)]


def parameters(generator, op: str, directions: int, inputs: int, hidden: int):
    rows = len(ORDER[op]) * hidden

    def values(*shape: int) -> np.ndarray:
        return (generator.uniform(-1, 1, shape) / np.sqrt(hidden)).astype(np.float32)

    return values(directions, rows, inputs), values(directions, rows, hidden), values(directions, 2 * rows)


def torch_layer(op: str, w: np.ndarray, r: np.ndarray, b: np.ndarray):
    directions, rows, inputs = w.shape
    gates = len(ORDER[op])
    hidden = rows // gates
    layer = getattr(torch.nn, op)(inputs, hidden, bidirectional=directions == 2)

    def gate_order(values: np.ndarray) -> np.ndarray:
        return values.reshape(gates, hidden, -1)[list(ORDER[op])].reshape(rows, -1)

    with torch.no_grad():
        for d, suffix in zip(range(directions), ("", "_reverse"), strict=False):
            for name, values in (
                ("weight_ih", w[d]),
                ("weight_hh", r[d]),
                ("bias_ih", b[d, :rows]),
                ("bias_hh", b[d, rows:]),
            ):
                target = getattr(layer, f"{name}_l0{suffix}")
                target.copy_(torch.from_numpy(gate_order(values).reshape(target.shape)))
    return layer


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layout", ["steps", "batch", "torch"])
@pytest.mark.parametrize("op", ["LSTM", "GRU"])
def test_against_torch(op: str, layout: str, directions: int, shape: tuple[int, int, int, int]) -> None:
    steps, batch, inputs, hidden = shape
    generator = np.random.default_rng(steps + batch)
    w, r, b = parameters(generator, op, directions, inputs, hidden)
    x = generator.uniform(-1, 1, (steps, batch, inputs)).astype(np.float32)
    states = [
        generator.uniform(-1, 1, (directions, batch, hidden)).astype(np.float32) for _ in range(2 - (op == "GRU"))
    ]
    given = tuple(torch.from_numpy(state) for state in states)
    with torch.no_grad():
        y, last = torch_layer(op, w, r, b)(torch.from_numpy(x), given if op == "LSTM" else given[0])
    lasts = [value.numpy() for value in (last if op == "LSTM" else (last,))]
    expected = y.numpy().reshape(steps, batch, directions, hidden)
    if layout == "torch":
        w, r, b = w.reshape(-1, inputs), r.reshape(-1, hidden), b.reshape(-1)
    elif layout == "steps":
        expected = expected.transpose(0, 2, 1, 3)
    else:
        expected = expected.transpose(1, 0, 2, 3)
        x, *states = (value.swapaxes(0, 1).copy() for value in (x, *states))
        lasts = [value.swapaxes(0, 1) for value in lasts]
    attributes = (
        f"hidden_size = {hidden} : i64, bidirectional = {flag(directions == 2)}, "
        f"batch_first = {flag(layout == 'batch')}"
    )
    operands = [x, w, r, b, *states] + ([None] if op == "LSTM" else [])
    found = evaluate(
        op,
        operands,
        attributes,
        [expected.shape, *(value.shape for value in lasts)],
        'module.platform = "TORCH"' if layout == "torch" else "",
    )
    for value, wanted in zip(found, [expected, *lasts], strict=True):
        np.testing.assert_allclose(value, wanted, **TOLERANCE)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("directions", [1, 2])
def test_gru_that_resets_before_the_product(directions: int, biased: bool) -> None:
    steps, batch, inputs, hidden = 6, 3, 5, 21
    w, r, b = parameters(np.random.default_rng(1), "GRU", directions, inputs, hidden)
    x = np.random.default_rng(2).uniform(-1, 1, (steps, batch, inputs)).astype(np.float32)
    y = np.zeros((steps, directions, batch, hidden))
    lasts = []
    for d in range(directions):
        wz, wr, wn = w[d].astype(float).reshape(3, hidden, inputs)
        rz, rr, rn = r[d].astype(float).reshape(3, hidden, hidden)
        bias = b[d].astype(float).reshape(6, hidden) * biased
        h = np.zeros((batch, hidden))
        for t in range(steps)[:: -1 if d else 1]:
            z = sigmoid(x[t] @ wz.T + bias[0] + h @ rz.T + bias[3])
            reset = sigmoid(x[t] @ wr.T + bias[1] + h @ rr.T + bias[4])
            n = np.tanh(x[t] @ wn.T + bias[2] + (reset * h) @ rn.T + bias[5])
            h = (1 - z) * n + z * h
            y[t, d] = h
        lasts.append(h)
    attributes = f"hidden_size = {hidden} : i64, bidirectional = {flag(directions == 2)}, linear_before_reset = false"
    found = evaluate("GRU", [x, w, r, b if biased else None, None], attributes, [y.shape, (directions, batch, hidden)])
    np.testing.assert_allclose(found[0], y, **TOLERANCE)
    np.testing.assert_allclose(found[1], np.stack(lasts), **TOLERANCE)


@pytest.mark.parametrize("batch_first", [False, True])
def test_continuation_begins_sequences(batch_first: bool) -> None:
    """A mark of 0 forgets what was before: the rest is what a layer gives that begins there."""
    steps, batch, inputs, hidden = 8, 3, 4, 6
    w, r, b = parameters(np.random.default_rng(3), "LSTM", 1, inputs, hidden)
    x = np.random.default_rng(4).uniform(-1, 1, (steps, batch, inputs)).astype(np.float32)
    begin = [0, 3, 5]
    cont = np.ones((steps, batch), np.float32)
    cont[begin, range(batch)] = 0
    initial = np.full((1, batch, hidden), 0.5, np.float32)
    attributes = f"hidden_size = {hidden} : i64, bidirectional = false, batch_first = {flag(batch_first)}"
    given, states, shape = x, initial, (steps, 1, batch, hidden)
    if batch_first:
        given, states, shape = x.swapaxes(0, 1).copy(), initial.swapaxes(0, 1).copy(), (batch, steps, 1, hidden)
    y = evaluate("LSTM", [given, w, r, b, states, states, cont], attributes, [shape, None, None])[0]
    y = y.reshape(batch, steps, hidden) if batch_first else y.reshape(steps, batch, hidden).swapaxes(0, 1)
    layer = torch_layer("LSTM", w, r, b)
    with torch.no_grad():
        for n, first in enumerate(begin):
            alone = layer(torch.from_numpy(x[first:, n : n + 1]))[0].numpy()[:, 0]
            np.testing.assert_allclose(y[n, first:], alone, **TOLERANCE)
            assert not first or np.abs(y[n, :first]).max() > 0


def test_results_may_be_none() -> None:
    steps, batch, inputs, hidden = 4, 2, 3, 5
    w, r, b = parameters(np.random.default_rng(5), "LSTM", 2, inputs, hidden)
    x = np.random.default_rng(6).uniform(-1, 1, (steps, batch, inputs)).astype(np.float32)
    attributes = f"hidden_size = {hidden} : i64, bidirectional = true"
    shapes = [(steps, 2, batch, hidden), (2, batch, hidden), (2, batch, hidden)]
    everything = evaluate("LSTM", [x, w, r, b, None, None, None], attributes, shapes)
    for i in range(3):
        wanted = [shape if i == j else None for j, shape in enumerate(shapes)]
        np.testing.assert_array_equal(
            evaluate("LSTM", [x, w, r, b, None, None, None], attributes, wanted)[i], everything[i]
        )
    np.testing.assert_array_equal(everything[0][-1, 0], everything[1][0])
    np.testing.assert_array_equal(everything[0][0, 1], everything[1][1])


def test_many_steps_at_a_time_or_in_parts() -> None:
    """More input products than are kept at once."""
    steps, batch, inputs, hidden = 700, 3, 4, 260
    w, r, b = parameters(np.random.default_rng(7), "LSTM", 2, inputs, hidden)
    x = np.random.default_rng(8).uniform(-1, 1, (steps, batch, inputs)).astype(np.float32)
    with torch.no_grad():
        expected = torch_layer("LSTM", w, r, b)(torch.from_numpy(x))[0].numpy()
    attributes = f"hidden_size = {hidden} : i64, bidirectional = true"
    shape = (steps, 2, batch, hidden)
    y = evaluate("LSTM", [x, w, r, b, None, None, None], attributes, [shape, None, None])[0]
    np.testing.assert_allclose(
        y.transpose(0, 2, 1, 3).reshape(expected.shape), expected, rtol=1e-4, atol=1e-4
    )  # 700 steps


@pytest.mark.parametrize("hidden", [-(2**63), -1, 0, 2**62, 2**63 - 1])
@pytest.mark.parametrize("op", ["LSTM", "GRU"])
def test_impossible_sizes_are_refused(op: str, hidden: int) -> None:
    w, r, b = parameters(np.random.default_rng(5), op, 1, 3, 4)
    x = np.zeros((2, 2, 3), np.float32)
    operands = [x, w, r, b, None] + ([None, None] if op == "LSTM" else [])
    with pytest.raises(MLIRError, match="hidden_size"):
        evaluate(
            op,
            operands,
            f"hidden_size = {hidden} : i64, bidirectional = false",
            [(2, 1, 2, 4)] + [None] * (len(operands) - 4 - 0),
        )
