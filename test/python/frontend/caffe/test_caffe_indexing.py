"""Layers that find positions or read values at positions, and stored tensors, against NumPy."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, evaluate, values  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

COUNT = settings(max_examples=25, deadline=None)


def compare(net: Net, inputs: dict[str, np.ndarray], **expected: np.ndarray) -> None:
    """Evaluates with the given inputs, before and after optimization."""
    for canonical in (False, True):
        converted = net.convert()
        found = evaluate(converted, inputs, canonical)
        assert set(expected) == set(converted.outputs)
        for blob, top in converted.outputs.items():
            np.testing.assert_array_equal(found[top], expected[blob].astype(np.float32), err_msg=blob)


def ranking(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and values of the largest ones of the last axis; of equal ones the last comes first."""
    size = rows.shape[-1]
    order = size - 1 - np.argsort(-rows[..., ::-1], -1, kind="stable")[..., :count]
    return order, np.take_along_axis(rows, order, -1)


@COUNT
@given(data=st.data(), shape=st.lists(st.integers(1, 5), min_size=2, max_size=4), value=st.booleans())
def test_arg_max_along_an_axis(data: st.DataObject, shape: list[int], value: bool) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(1, shape[axis]))
    net = Net(data=shape)
    text = f"axis: {axis} top_k: {count} out_max_val: {str(value).lower()}"
    net.layer("ArgMax", "data", "y", f"argmax_param {{ {text} }}")
    x = np.round(net.inputs()["data"])  # many equal values
    positions, maxima = ranking(np.moveaxis(x, axis, -1), count)
    compare(net, {"data": x}, y=np.moveaxis(maxima if value else positions, -1, axis))


@COUNT
@given(data=st.data(), shape=st.lists(st.integers(1, 4), min_size=2, max_size=5), value=st.booleans())
def test_arg_max_of_images(data: st.DataObject, shape: list[int], value: bool) -> None:
    size = int(np.prod(shape[1:]))
    count = data.draw(st.integers(1, size))
    net = Net(data=shape)
    net.layer("ArgMax", "data", "y", f"argmax_param {{ top_k: {count} out_max_val: {str(value).lower()} }}")
    x = np.round(net.inputs()["data"])
    positions, maxima = ranking(x.reshape(shape[0], size), count)
    expected = np.stack([positions, maxima] if value else [positions], 1)
    compare(net, {"data": x}, y=expected.reshape(*expected.shape, *[1] * (len(shape) - 3)))


def test_refused_arg_max() -> None:
    for text in ("top_k: 0", "top_k: 5 axis: 1", "axis: 2"):
        with pytest.raises(FrontendError, match="type ArgMax"):
            Net(data=(2, 4)).layer("ArgMax", "data", "y", f"argmax_param {{ {text} }}").convert()


@COUNT
@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=3), bias=st.booleans())
def test_embed(shape: list[int], bias: bool) -> None:
    table, addend = values(7, 3), values(3)
    net = Net(data=shape)
    text = f"input_dim: 7 num_output: 3 bias_term: {str(bias).lower()}"
    net.layer("Embed", "data", "y", f"embed_param {{ {text} }}", [table, addend][: 1 + bias])
    words = np.random.default_rng(sum(shape)).integers(0, 7, shape)
    compare(net, {"data": words.astype(np.float32)}, y=table[words] + (addend if bias else 0))


def test_refused_embed() -> None:
    with pytest.raises(FrontendError, match="input_dim"):
        Net(data=(2,)).layer("Embed", "data", "y", "embed_param { num_output: 3 }").convert()
    with pytest.raises(FrontendError, match="bias is missing"):
        net = Net(data=(2,))
        net.layer("Embed", "data", "y", "embed_param { num_output: 3 input_dim: 2 }", [values(2, 3)]).convert()


def test_batch_reindex() -> None:
    order = np.array([2, 0, 0, 1], np.float32)
    net = Net(data=(3, 2, 4), order=(4,)).layer("BatchReindex", "data order", "y")
    x = net.inputs()["data"]
    compare(net, {"data": x, "order": order}, y=x[order.astype(int)])
    stored = Net(data=(3, 2, 4)).layer("Parameter", "", "order", "parameter_param { shape { dim: 4 } }", [order])
    stored.layer("BatchReindex", "data order", "y")
    compare(stored, {"data": x}, y=x[order.astype(int)])
    single = Net(data=(3, 2, 4), order=(1,)).layer("BatchReindex", "data order", "y")
    compare(single, {"data": x, "order": np.array([2], np.float32)}, y=x[[2]])
    with pytest.raises(FrontendError, match="no list of images"):
        Net(data=(3, 2), order=(4, 1)).layer("BatchReindex", "data order", "y").convert()


def test_parameter() -> None:
    stored = values(2, 3)
    net = Net(data=(2, 3)).layer("Parameter", "", "p", "parameter_param { shape { dim: 2 dim: 3 } }", [stored])
    net.layer("Eltwise", "data p", "y")
    x = net.inputs()["data"]
    compare(net, {"data": x}, y=x + stored)
    with pytest.raises(FrontendError, match="instead of"):
        net = Net(data=(2, 3)).layer("Parameter", "", "p", "parameter_param { shape { dim: 2 dim: 2 } }", [stored])
        net.layer("Eltwise", "data p", "y").convert()
