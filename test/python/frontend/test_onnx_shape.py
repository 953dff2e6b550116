"""Data movement and resizing against onnxruntime (interpolation against the ONNX reference, which has every mode)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from onnx_models import check, convert, kinds, model, node, run_onnxruntime, values
from tpu_mlir.frontend import FrontendError

COUNT = settings(max_examples=80, deadline=None)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@COUNT
@given(st.data(), st.booleans())
def test_slices_with_any_limits_and_steps(data: st.DataObject, attributes: bool) -> None:
    x = values(4, 5, 3)
    axes = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True))
    steps = [1 if attributes else data.draw(st.sampled_from([1, 2, 3, -1, -2])) for _ in axes]
    near, far = st.integers(-7, 7), 2**31 - 1
    starts = [data.draw(near | st.just(-far - 1)) for _ in axes]
    ends = [data.draw(near | st.just(far if step > 0 else -far - 1)) for step in steps]
    if attributes:
        proto = model(node("Slice", "x", starts=starts, ends=ends, axes=axes), {"x": x}, opset=9)
    else:
        lists = {"s": ints(*starts), "e": ints(*ends), "a": ints(*axes), "t": ints(*steps)}
        proto = model(node("Slice", "x s e a t"), {"x": x}, lists)
    check(proto, {"x": x})


@COUNT
@given(st.integers(0, 2), st.lists(st.integers(-3, 2), min_size=1, max_size=6), st.booleans())
def test_gather_of_constant_indices(axis: int, indices: list[int], scalar: bool) -> None:
    x = values(3, 4, 5)
    chosen = np.array(indices[0] if scalar else indices, np.int64)
    check(model(node("Gather", "x i", axis=axis), {"x": x}, {"i": chosen}), {"x": x})


def test_gather_of_computed_indices() -> None:
    feeds = {"i": ints(1, 0)}
    check(model(node("Gather", "x i"), feeds, {"x": values(3, 4)}), feeds)


@COUNT
@given(st.data(), st.sampled_from(["constant", "reflect", "edge"]), st.sampled_from([10, 13, 18]))
def test_pads(data: st.DataObject, mode: str, opset: int) -> None:
    x = values(3, 4, 5)
    low = -2 if mode == "constant" else 0
    pads = [data.draw(st.integers(low, 2)) for _ in range(6)]
    assume(all(size + pads[axis] + pads[axis + 3] > 0 for axis, size in enumerate(x.shape)))
    assume(all(size + min(pads[axis], 0) + min(pads[axis + 3], 0) > 0 for axis, size in enumerate(x.shape)))
    if opset < 11:
        proto = model(node("Pad", "x", mode=mode, pads=pads, value=1.5), {"x": x}, opset=opset)
    else:
        constants = {"p": ints(*pads), "v": np.float32(1.5)}
        proto = model(node("Pad", "x p v", mode=mode), {"x": x}, constants, opset=opset)
    check(proto, {"x": x})


def test_pad_of_some_axes() -> None:
    x = values(2, 3, 4)
    constants = {"p": ints(1, 0, 2, 3), "a": ints(-1, 0)}
    check(model(node("Pad", "x p - a"), {"x": x}, constants, opset=18), {"x": x})


@pytest.mark.parametrize("opset", [11, 13])
def test_squeeze_unsqueeze_and_reshape(opset: int) -> None:
    x = values(1, 3, 1, 4)
    attributes: dict[str, Any] = {"axes": [0, -2]} if opset < 13 else {}
    constants = {} if opset < 13 else {"a": ints(0, -2)}
    inputs = "x" if opset < 13 else "x a"
    assert kinds(check(model(node("Squeeze", inputs, **attributes), {"x": x}, constants, opset=opset), {"x": x})) == [
        "Squeeze"
    ]
    check(model(node("Unsqueeze", inputs, **attributes), {"x": x}, constants, opset=opset), {"x": x})
    check(model(node("Squeeze", "x"), {"x": x}, opset=opset), {"x": x})
    check(model(node("Reshape", "x s"), {"x": x}, {"s": ints(0, -1, 2)}, opset=opset), {"x": x})


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
def test_flatten(axis: int) -> None:
    x = values(2, 3, 4)
    check(model(node("Flatten", "x", axis=axis), {"x": x}), {"x": x})


def test_scalars_have_one_element() -> None:
    feeds = {"x": np.array(2.5, np.float32), "z": values(3)}
    check(model(node("Add", "x z"), feeds), feeds)
    check(model(node("Unsqueeze", "x a"), {"x": feeds["x"]}, {"a": ints(0, 1)}), {"x": feeds["x"]})
    check(model(node("Squeeze", "x"), {"x": values(1, 1)}), {"x": values(1, 1)})
    check(model(node("Transpose", "x"), {"x": feeds["x"]}), {"x": feeds["x"]})


@pytest.mark.parametrize("perm", [None, [2, 0, 1], [0, 1, 2]])
def test_transpose(perm: list[int] | None) -> None:
    x = values(2, 3, 4)
    check(model(node("Transpose", "x", **({"perm": perm} if perm else {})), {"x": x}), {"x": x})


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat_with_constants(axis: int) -> None:
    feeds = {"a": values(2, 3, 4), "b": values(2, 3, 4, seed=1)}
    check(model(node("Concat", "a c b", axis=axis), feeds, {"c": values(2, 3, 4, seed=2)}), feeds)


@pytest.mark.parametrize("opset", [11, 13, 18])
def test_splits(opset: int) -> None:
    x = values(2, 7, 3)
    if opset < 13:
        split = node("Split", "x", "y z", axis=1, split=[3, 4])
        check(model(split, {"x": x}, outputs="y z", opset=opset), {"x": x})
        return
    check(model(node("Split", "x s", "y z", axis=1), {"x": x}, {"s": ints(3, 4)}, "y z", opset), {"x": x})
    if opset >= 18:
        check(model(node("Split", "x", "a b c", axis=1, num_outputs=3), {"x": x}, {}, "a b c", opset), {"x": x})


def test_only_used_split_outputs_are_computed() -> None:
    x = values(2, 6)
    proto = model(node("Split", "x", "y z", axis=1), {"x": x}, outputs="z", opset=13)
    assert kinds(check(proto, {"x": x})) == ["Slice"]


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 4), (5, 2, 3, 4), (1,)])
def test_expand_and_tile(shape: tuple[int, ...]) -> None:
    x = values(2, 1, 4)
    if np.broadcast_shapes(x.shape, shape):
        check(model(node("Expand", "x s"), {"x": x}, {"s": ints(*shape)}), {"x": x})
    check(model(node("Tile", "x r"), {"x": x}, {"r": ints(2, 3, 1)}), {"x": x})


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_and_space(mode: str) -> None:
    x = values(2, 8, 4, 6)
    check(model(node("DepthToSpace", "x", blocksize=2, mode=mode), {"x": x}), {"x": x})
    check(model(node("SpaceToDepth", "x", blocksize=2), {"x": x}), {"x": x})


@pytest.mark.parametrize("condition", [True, False])
def test_where_with_one_constant_condition(condition: bool) -> None:
    feeds = {"a": values(2, 3), "b": values(3, seed=1)}
    check(model(node("Where", "c a b"), feeds, {"c": np.array([[condition]])}), feeds)


def _check_resize(resize: Any, x: np.ndarray, constants: dict[str, np.ndarray], opset: int) -> list[str]:
    """Compares with onnxruntime for nearest, else with the ONNX reference; refusing an ambiguous case is right too."""
    proto = model(resize, {"x": x}, constants, opset=opset)
    try:
        _, builder = convert(proto, {"x": x})
    except FrontendError as error:
        assert "implementations differ" in str(error)
        return []
    nearest = any(item.name == "mode" and item.s == b"nearest" for item in resize.attribute)
    expected = run_onnxruntime(proto, {"x": x})[0] if nearest else ReferenceEvaluator(proto).run(None, {"x": x})[0]
    np.testing.assert_allclose(builder.results[0], expected, rtol=1e-4, atol=1e-4)
    return kinds(builder)


@COUNT
@given(
    st.sampled_from(["nearest", "linear", "cubic"]),
    st.sampled_from(["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"]),
    st.sampled_from(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]),
    st.tuples(st.sampled_from([0.5, 0.6, 1.0, 1.5, 2.0, 3.0]), st.sampled_from([0.5, 0.8, 1.0, 2.0, 2.5])),
    st.booleans(),
)
def test_resize_by_scales(
    mode: str, coordinates: str, rounding: str, scales: tuple[float, float], antialias: bool
) -> None:
    x = values(2, 3, 4, 5)
    attributes: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": coordinates, "nearest_mode": rounding}
    if antialias and mode != "nearest":
        attributes["antialias"] = 1
    constants = {"s": np.array([1, 1, *scales], np.float32)}
    _check_resize(node("Resize", "x - s", **attributes), x, constants, 19)


@COUNT
@given(
    st.sampled_from(["nearest", "linear", "cubic"]),
    st.sampled_from(["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]),
    st.tuples(st.integers(1, 9), st.integers(1, 11)),
)
def test_resize_by_sizes(mode: str, coordinates: str, sizes: tuple[int, int]) -> None:
    x = values(1, 2, 4, 5)
    resize = node("Resize", "x - - s", mode=mode, coordinate_transformation_mode=coordinates)
    _check_resize(resize, x, {"s": ints(1, 2, *sizes)}, 13)


def test_doubling_is_an_upsample_and_bilinear_an_interp() -> None:
    x = values(1, 3, 4, 4)
    constants = {"s": np.array([1, 1, 2, 2], np.float32)}
    nearest = node("Resize", "x - s", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    assert _check_resize(nearest, x, constants, 13) == ["Upsample"]
    assert _check_resize(node("Resize", "x - s", mode="linear"), x, constants, 13) == ["Interp"]


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
def test_resize_along_one_axis(axis: int) -> None:
    x = values(2, 3, 4, 5)
    scales = np.ones(4, np.float32)
    scales[axis] = 2
    for mode in ("nearest", "linear"):
        _check_resize(node("Resize", "x - s", mode=mode), x, {"s": scales}, 13)


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller"])
def test_resize_keeps_the_aspect_ratio(policy: str) -> None:
    x = values(1, 1, 4, 6)
    resize = node("Resize", "x - - s", mode="linear", keep_aspect_ratio_policy=policy, axes=[2, 3])
    _check_resize(resize, x, {"s": ints(7, 8)}, 18)


def test_old_upsample() -> None:
    x = values(1, 2, 3, 4)
    scales = [1.0, 1.0, 2.0, 3.0]
    check(model(node("Upsample", "x s"), {"x": x}, {"s": np.array(scales, np.float32)}, opset=9), {"x": x})
    check(model(node("Upsample", "x", scales=scales), {"x": x}, opset=8), {"x": x})
    check(model(node("Resize", "x s"), {"x": x}, {"s": np.array(scales, np.float32)}, opset=10), {"x": x})


@pytest.mark.parametrize("end", [0.5, 1.5])
def test_crop_and_resize(end: float) -> None:
    x = values(1, 1, 4, 4)
    constants = {"r": np.array([0, 0, 0, 0, 1, 1, 0.5, end], np.float32), "s": ints(1, 1, 3, 3)}
    mode = "tf_crop_and_resize"
    resize = node("Resize", "x r - s", mode="linear", coordinate_transformation_mode=mode, extrapolation_value=2.5)
    check(model(resize, {"x": x}, constants), {"x": x})
