"""Convolutions and pools against onnxruntime, over windows of many forms."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx_models import check, convert, kinds, model, node, values
from tpu_mlir.frontend import FrontendError

COUNT = settings(max_examples=60, deadline=None)


@st.composite
def windows(draw: st.DrawFn, dilated: bool = True) -> dict[str, Any]:
    """Sizes and attributes of a window in one to three dimensions that fits its input."""
    rank = draw(st.integers(1, 3))

    def axis(low: int, high: int) -> list[int]:
        return [draw(st.integers(low, high)) for _ in range(rank)]

    window: dict[str, Any] = {"kernel_shape": axis(1, 4), "strides": axis(1, 3)}
    sizes = axis(4, 9)
    dilations = axis(1, 2) if dilated else [1] * rank
    if dilated:
        window["dilations"] = dilations
    mode = draw(st.sampled_from(["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]))
    window["auto_pad"] = mode
    pads = [0] * (2 * rank)
    if mode == "NOTSET":
        pads = [draw(st.integers(0, window["kernel_shape"][axis % rank] - 1)) for axis in range(2 * rank)]
        window["pads"] = pads
    if mode.startswith("SAME"):
        # what onnxruntime accepts
        assume(dilations == [1] * rank and all(map(operator.ge, window["kernel_shape"], window["strides"])))
    for axis_index in range(rank):
        reach = (window["kernel_shape"][axis_index] - 1) * dilations[axis_index] + 1
        assume(reach <= sizes[axis_index])
    return {"sizes": sizes, "attributes": window}


@COUNT
@given(windows(), st.sampled_from([(1, 3, 2), (2, 4, 4), (4, 4, 8)]), st.booleans())
def test_conv_equals_onnxruntime(window: dict[str, Any], channels: tuple[int, int, int], with_bias: bool) -> None:
    group, inputs, outputs = channels
    x = values(2, inputs, *window["sizes"])
    constants = {"w": values(outputs, inputs // group, *window["attributes"]["kernel_shape"], seed=1)}
    if with_bias:
        constants["b"] = values(outputs, seed=2)
    conv = node("Conv", "x w b" if with_bias else "x w", group=group, **window["attributes"])
    builder = check(model(conv, {"x": x}, constants), {"x": x})
    assert kinds(builder) == ["Conv"]


def test_conv_with_dynamic_filter_and_bias() -> None:
    feeds = {"x": values(1, 3, 5, 5), "w": values(4, 3, 3, 3), "b": values(4)}
    assert kinds(check(model(node("Conv", "x w b"), feeds), feeds)) == ["Conv", "Reshape", "Add"]


@COUNT
@given(
    windows(),
    st.sampled_from([(1, 3, 2), (2, 4, 6), (4, 4, 4)]),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.booleans(),
)
def test_conv_transpose_equals_onnxruntime(
    window: dict[str, Any], channels: tuple[int, int, int], extra: list[int], constant: bool
) -> None:
    group, inputs, outputs = channels
    attributes = dict(window["attributes"])
    rank = len(attributes["kernel_shape"])
    if attributes["auto_pad"] != "NOTSET":
        attributes.pop("dilations")  # onnxruntime pads dilated SAME windows by another rule
    else:
        padding = [min(e, s - 1) for e, s in zip(extra, attributes["strides"], strict=False)]
        attributes["output_padding"] = padding[:rank]
    x = values(2, inputs, *window["sizes"])
    w = values(inputs, outputs // group, *attributes["kernel_shape"], seed=1)
    deconv = node("ConvTranspose", "x w", group=group, **attributes)
    feeds = {"x": x} if constant else {"x": x, "w": w}
    check(model(deconv, feeds, {"w": w} if constant else {}), feeds, 1e-3)


@pytest.mark.parametrize("mode", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("target", [[10, 8], [11, 9]])
def test_conv_transpose_output_shape(mode: str, target: list[int]) -> None:
    x, w = values(1, 2, 4, 3), values(2, 3, 3, 3)
    deconv = node("ConvTranspose", "x w", strides=[3, 3], output_shape=target, auto_pad=mode)
    check(model(deconv, {"x": x}, {"w": w}), {"x": x})


@COUNT
@given(windows(dilated=False), st.booleans())
def test_max_pool_equals_onnxruntime(window: dict[str, Any], ceil: bool) -> None:
    x = values(2, 3, *window["sizes"])
    attributes = dict(window["attributes"], ceil_mode=int(ceil and window["attributes"]["auto_pad"] == "NOTSET"))
    _check_pool(model(node("MaxPool", "x", **attributes), {"x": x}, opset=19), x)


@COUNT
@given(windows(dilated=False), st.booleans(), st.booleans())
def test_average_pool_equals_onnxruntime(window: dict[str, Any], ceil: bool, counted: bool) -> None:
    x = values(2, 3, *window["sizes"])
    attributes = dict(window["attributes"], ceil_mode=int(ceil and window["attributes"]["auto_pad"] == "NOTSET"))
    attributes["count_include_pad"] = int(counted)
    _check_pool(model(node("AveragePool", "x", **attributes), {"x": x}, opset=19), x)


def _check_pool(proto: Any, x: np.ndarray) -> None:
    """A pool may be refused for windows that see no input, and for no other reason."""
    try:
        convert(proto, {"x": x})
    except FrontendError as error:
        assert "without any input" in str(error)
        return
    check(proto, {"x": x})


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "GlobalMaxPool"])
@pytest.mark.parametrize("sizes", [(7,), (5, 6), (3, 4, 5)])
def test_global_pool(kind: str, sizes: tuple[int, ...]) -> None:
    x = values(2, 3, *sizes)
    assert len(kinds(check(model(node(kind, "x"), {"x": x}), {"x": x}))) == 1


@pytest.mark.parametrize("order", [1, 2])
def test_lp_pool(order: int) -> None:
    x = values(1, 2, 6, 6)
    lp = node("LpPool", "x", kernel_shape=[2, 3], strides=[2, 1], pads=[0, 1, 0, 1], p=order)
    check(model(lp, {"x": x}), {"x": x})


@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 0, 2, 1]])
@pytest.mark.parametrize("ceil_mode", [0, 1])
@pytest.mark.parametrize("strides", [[1, 1], [2, 3]])
def test_dilated_pool(kind: str, pads: list[int], ceil_mode: int, strides: list[int]) -> None:
    x = values(1, 2, 9, 8)
    attributes = {"kernel_shape": [3, 2], "dilations": [2, 3], "pads": pads, "ceil_mode": ceil_mode, "strides": strides}
    check(model(node(kind, "x", **attributes), {"x": x}, opset=19), {"x": x})


@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 0, 1, 1]])
@pytest.mark.parametrize("order", [0, 1])
def test_pool_indices(pads: list[int], order: int) -> None:
    x = np.round(values(2, 2, 5, 4))
    pool = node("MaxPool", "x", "y i", kernel_shape=[2, 3], pads=pads, storage_order=order, strides=[2, 1])
    check(model(pool, {"x": x}, outputs="y i"), {"x": x})


def test_filter_that_contradicts_the_group_is_refused() -> None:
    x = values(1, 4, 4, 4)
    with pytest.raises(FrontendError, match="group 2"):
        convert(model(node("Conv", "x w", group=2), {"x": x}, {"w": values(4, 3, 1, 1)}), {"x": x})


def test_large_window_pads_match_the_formula() -> None:
    x = values(1, 1, 10, 10)
    pool = node("AveragePool", "x", kernel_shape=[4, 4], strides=[3, 3], ceil_mode=1, pads=[1, 0, 1, 0])
    builder = check(model(pool, {"x": x}, opset=19), {"x": x})
    assert builder.results[0].shape == (1, 1, 4, 3)
