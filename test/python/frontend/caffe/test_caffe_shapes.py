"""Layer types that move data or change shapes, against OpenCV or NumPy."""

from __future__ import annotations

import pytest

pytest.importorskip("google.protobuf", reason="protobuf is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import numpy as np  # noqa: E402
from caffe_models import Net, check, kinds  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tpu_mlir.frontend import FrontendError  # noqa: E402

COUNT = settings(max_examples=25, deadline=None)
SHAPE = (2, 4, 6, 3)


def after(net: Net, blob: str = "y", top: str = "z") -> Net:
    """With one more layer, so that there is an op in every case."""
    return net.layer("AbsVal", blob, top)


@COUNT
@given(axis=st.integers(-4, 3), count=st.integers(1, 3), old=st.booleans())
def test_concat(axis: int, count: int, old: bool) -> None:
    shapes = []
    for part in range(count):
        shape = list(SHAPE)
        shape[axis] = part + 1
        shapes.append(shape)
    net = Net(**{f"x{place}": shape for place, shape in enumerate(shapes)})
    old = old and axis >= 0
    text = f"concat_dim: {axis}" if old else f"axis: {axis}"
    net.layer("Concat", " ".join(net.shapes), "y", f"concat_param {{ {text} }}")
    check(after(net), {"z": np.abs(np.concatenate(list(net.inputs().values()), axis))})


def test_concat_as_opencv() -> None:
    check(Net(a=(1, 2, 3, 4), b=(1, 5, 3, 4)).layer("Concat", "a b", "y"))
    with pytest.raises(FrontendError, match="cannot be joined"):
        Net(a=(1, 2, 3, 4), b=(1, 5, 3, 5)).layer("Concat", "a b", "y").convert()


@COUNT
@given(axis=st.integers(-4, 3), data=st.data(), equal=st.booleans())
def test_slice(axis: int, data: st.DataObject, equal: bool) -> None:
    size = SHAPE[axis]
    if equal:
        parts = data.draw(st.sampled_from([n for n in range(1, size + 1) if size % n == 0]))
        points = [size // parts * place for place in range(1, parts)]
    else:
        points = sorted(data.draw(st.sets(st.integers(1, size - 1), min_size=1)))
    tops = [f"y{place}" for place in range(len(points) + 1)]
    stated = "" if equal else " ".join(f"slice_point: {point}" for point in points)
    net = Net(data=SHAPE).layer("Slice", "data", " ".join(tops), f"slice_param {{ axis: {axis} {stated} }}", name="cut")
    for place, top in enumerate(tops):
        after(net, top, f"z{place}")
    expected = np.split(np.abs(net.inputs()["data"]), points, axis)
    check(net, {f"z{place}": array for place, array in enumerate(expected)})


def test_slice_as_opencv() -> None:
    net = Net(data=(1, 6, 3, 4)).layer("Slice", "data", "a b", "slice_param { slice_point: 2 }", name="cut")
    check(after(after(net, "a", "c"), "b", "d"))
    with pytest.raises(FrontendError, match="equal parts"):
        Net(data=(1, 5, 3, 4)).layer("Slice", "data", "a b").convert()
    with pytest.raises(FrontendError, match="do not cut"):
        Net(data=(1, 5, 3, 4)).layer("Slice", "data", "a b", "slice_param { slice_point: 5 }").convert()


@COUNT
@given(axis=st.integers(-4, 3), data=st.data(), same=st.booleans())
def test_crop(axis: int, data: st.DataObject, same: bool) -> None:
    begin = axis % 4
    sizes = [data.draw(st.integers(1, size)) if place >= begin else size for place, size in enumerate(SHAPE)]
    room = [size - part for size, part in zip(SHAPE, sizes, strict=True)][begin:]
    offsets = [data.draw(st.integers(0, min(room)))] if same else [data.draw(st.integers(0, limit)) for limit in room]
    stated = " ".join(f"offset: {value}" for value in offsets)
    net = Net(data=SHAPE, like=sizes).layer("Crop", "data like", "y", f"crop_param {{ axis: {axis} {stated} }}")
    begins = [0] * begin + (offsets * len(room) if same else offsets)
    part = tuple(slice(b, b + n) for b, n in zip(begins, sizes, strict=True))
    converted = check(after(net), {"z": np.abs(net.inputs()["data"][part])})
    assert list(converted.inputs) == ["data"]  # the other one only says the size


def test_crop_as_opencv() -> None:
    check(Net(data=SHAPE, like=(2, 4, 3, 2)).layer("Crop", "data like", "y", "crop_param { offset: 1 }"))
    net = Net(data=(1, 2, 8, 9)).layer("Pooling", "data", "like", "pooling_param { kernel_size: 3 }")
    net.layer("Crop", "data like", "y", "crop_param { offset: 1 }")
    check(net)
    assert kinds(net.convert()) == ["Slice"]
    with pytest.raises(FrontendError, match="exceeds the input"):
        Net(data=(1, 2, 3, 3), like=(1, 2, 3, 3)).layer("Crop", "data like", "y", "crop_param { offset: 1 }").convert()


@pytest.mark.parametrize(
    "more, shape",
    [
        ("", (2, 72)),
        ("flatten_param { axis: 2 }", (2, 4, 18)),
        ("flatten_param { axis: 0 end_axis: 1 }", (8, 6, 3)),
        ("flatten_param { axis: -3 end_axis: -2 }", (2, 24, 3)),
        ("flatten_param { axis: 3 }", SHAPE),
    ],
)
def test_flatten(more: str, shape: tuple[int, ...]) -> None:
    net = after(Net(data=SHAPE).layer("Flatten", "data", "y", more))
    check(net, {"z": np.abs(net.inputs()["data"].reshape(shape))})


@pytest.mark.parametrize(
    "dims, more, shape",
    [
        ([0, -1], "", (2, 72)),
        ([4, 0, 0, -1], "", None),
        ([0, 8, -1, 3], "", (2, 8, 3, 3)),
        ([-1], "", (144,)),
        ([24], "axis: 1 num_axes: 2", (2, 24, 3)),
        ([2, 0, 9], "axis: 1", None),
        ([2, 2], "axis: 1 num_axes: 1", (2, 2, 2, 6, 3)),
        ([1], "axis: -1 num_axes: 0", (2, 4, 6, 3, 1)),
        ([1, 1], "axis: 1 num_axes: 0", (2, 1, 1, 4, 6, 3)),
        ([-1, 3], "axis: -2", (2, 4, 6, 1, 3)),  # -1 is the place after the last axis
        ([5, -1], "", None),
        ([-1, -1], "", None),
        ([-2], "", None),
        ([0, 0, 0, 0, 0], "", None),
        ([0, 0], "axis: 4", None),
        ([0, -1], "axis: 5", None),
    ],
)
def test_reshape(dims: list[int], more: str, shape: tuple[int, ...] | None) -> None:
    text = " ".join(f"dim: {size}" for size in dims)
    net = Net(data=SHAPE).layer("Reshape", "data", "y", f"reshape_param {{ shape {{ {text} }} {more} }}")
    net = after(net)
    if dims == [4, 0, 0, -1]:  # 4 * 4 * 6 does not divide 144
        shape = None
    if shape is None:
        with pytest.raises(FrontendError, match="layer 'y' .type Reshape. is not supported"):
            net.convert()
        return
    check(net, {"z": np.abs(net.inputs()["data"].reshape(shape))})


@COUNT
@given(order=st.permutations(range(4)), kept=st.integers(1, 4))
def test_permute(order: list[int], kept: int) -> None:
    stated = order[:kept]
    net = Net(data=SHAPE)
    net.layer("Permute", "data", "y", "permute_param { " + " ".join(f"order: {axis}" for axis in stated) + " }")
    full = [*stated, *(axis for axis in range(4) if axis not in stated)]
    check(after(net), {"z": np.abs(net.inputs()["data"].transpose(full))})


def test_permute_as_opencv() -> None:
    net = Net(data=SHAPE)
    net.layer("Permute", "data", "p", "permute_param { order: 0 order: 2 order: 3 order: 1 }")
    net.layer("Flatten", "p", "f")
    net.layer("Reshape", "f", "y", "reshape_param { shape { dim: 0 dim: -1 dim: 4 } }")
    check(after(net))
    with pytest.raises(FrontendError, match="order"):
        Net(data=SHAPE).layer("Permute", "data", "y", "permute_param { order: 0 order: 0 }").convert()


def test_tile_and_shuffle() -> None:
    net = Net(data=SHAPE).layer("Tile", "data", "t", "tile_param { axis: 2 tiles: 3 }")
    net.layer("ShuffleChannel", "data", "s", "shuffle_channel_param { group: 2 }")
    x = net.inputs()["data"]
    mixed = x.reshape(2, 2, 2, 6, 3).swapaxes(1, 2).reshape(SHAPE)
    check(net, {"t": np.tile(x, (1, 1, 3, 1)), "s": mixed})
    with pytest.raises(FrontendError, match="groups"):
        Net(data=SHAPE).layer("ShuffleChannel", "data", "s", "shuffle_channel_param { group: 3 }").convert()
    with pytest.raises(FrontendError, match="tiles"):
        Net(data=SHAPE).layer("Tile", "data", "s", "tile_param { tiles: 0 }").convert()


@COUNT
@given(
    axis=st.integers(-4, 3),
    operation=st.sampled_from(["SUM", "ASUM", "SUMSQ", "MEAN"]),
    coeff=st.sampled_from([1.0, 0.5]),
)
def test_reduction(axis: int, operation: str, coeff: float) -> None:
    net = Net(data=SHAPE)
    text = f"axis: {axis} operation: {operation} coeff: {coeff}"
    net.layer("Reduction", "data", "y", f"reduction_param {{ {text} }}")
    x = net.inputs()["data"].astype(np.float64)
    axes = tuple(range(axis % 4, 4))
    power = {"SUM": x, "ASUM": np.abs(x), "SUMSQ": x**2, "MEAN": x}[operation]
    expected = power.mean(axes) if operation == "MEAN" else power.sum(axes)
    check(net, {"y": np.asarray(expected * coeff, np.float32)})


def test_refused_reduction() -> None:
    with pytest.raises(FrontendError, match="none of SUM, ASUM, MEAN, SUMSQ"):
        Net(data=SHAPE).layer("Reduction", "data", "y", "reduction_param { operation: NONE }").convert()


def test_dropout_split_and_silence() -> None:
    net = Net(data=SHAPE).layer("Split", "data", "a b", name="split")
    net.layer("Dropout", "a", "a", "dropout_param { dropout_ratio: 0.4 }", name="drop")
    net.layer("TanH", "a", "y").layer("Sigmoid", "b", "unused")
    x = net.inputs()["data"]
    converted = check(net, {"y": np.tanh(x), "unused": 1 / (1 + np.exp(-x))})
    assert kinds(net.convert()) == ["Tanh", "Sigmoid"]
    assert converted.tensors == {"data": "data", "y": "y", "unused": "unused"}


def test_silenced_values_are_not_computed() -> None:
    net = Net(data=SHAPE).layer("TanH", "data", "y").layer("Sigmoid", "data", "unused")
    net.text += 'layer { name: "quiet" type: "Silence" bottom: "unused" }\n'
    check(net, {"y": np.tanh(net.inputs()["data"])})
    assert kinds(net.convert()) == ["Tanh"]


@COUNT
@given(scales=st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_upsample(scales: tuple[int, int]) -> None:
    text = f"scale_h: {scales[0]} scale_w: {scales[1]}"
    net = after(Net(data=SHAPE).layer("Upsample", "data", "y", f"upsample_param {{ {text} }}"))
    check(net, {"z": np.abs(net.inputs()["data"]).repeat(scales[0], 2).repeat(scales[1], 3)})


def test_refused_upsample() -> None:
    net = Net(data=SHAPE).layer("Upsample", "data", "y", "upsample_param { scale: 2 pad_out_h: true }")
    with pytest.raises(FrontendError, match="need a mask"):
        net.convert()


@COUNT
@given(block=st.integers(1, 3), sizes=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)))
def test_reorg(block: int, sizes: tuple[int, int, int]) -> None:
    channels, height, width = sizes
    deep = (2, channels * block**2, height, width)
    flat = (2, channels, height * block, width * block)
    for reverse in (False, True):
        net = Net(data=deep if reverse else flat)
        net.layer("Reorg", "data", "y", f"reorg_param {{ stride: {block} reverse: {str(reverse).lower()} }}")
        x = net.inputs()["data"]
        expected = np.zeros(flat if reverse else deep, np.float32)
        for image, channel, row, column in np.ndindex(*deep):
            offset, rest = divmod(channel, channels)
            place = (image, rest, row * block + offset // block, column * block + offset % block)
            if reverse:
                expected[place] = x[image, channel, row, column]
            else:
                expected[image, channel, row, column] = x[place]
        check(after(net), {"z": np.abs(expected)})
    with pytest.raises(FrontendError, match="stride"):
        Net(data=(1, 2, 3, 5)).layer("Reorg", "data", "y").convert()


def linear(x: np.ndarray, target: int, axis: int) -> np.ndarray:
    """Linear interpolation whose corners are those of the input."""
    size = x.shape[axis]
    places = np.arange(target) * (size - 1) / (target - 1) if target > 1 else np.zeros(1)
    low = np.minimum(places.astype(int), size - 1)
    high = np.minimum(low + 1, size - 1)
    spread = [-1 if place == axis else 1 for place in range(x.ndim)]
    share = (places - low).reshape(spread)
    return x.take(low, axis) * (1 - share) + x.take(high, axis) * share


@COUNT
@given(sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)), source=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_interp_to_sizes(sizes: tuple[int, int], source: tuple[int, int]) -> None:
    text = f"height: {sizes[0]} width: {sizes[1]}"
    net = after(Net(data=(1, 2, *source)).layer("Interp", "data", "y", f"interp_param {{ {text} }}"))
    x = net.inputs()["data"].astype(np.float64)
    check(net, {"z": np.abs(linear(linear(x, sizes[0], 2), sizes[1], 3))})


@pytest.mark.parametrize(
    "text, target",
    [
        ("zoom_factor: 2", (11, 13)),
        ("shrink_factor: 2", (3, 4)),
        ("shrink_factor: 2 zoom_factor: 3", (7, 10)),
        ("height: 9 width: 5 pad_beg: -1 pad_end: -2", (9, 5)),
    ],
)
def test_interp_by_factors(text: str, target: tuple[int, int]) -> None:
    net = Net(data=(2, 3, 6, 7)).layer("Interp", "data", "y", f"interp_param {{ {text} }}")
    x = net.inputs()["data"].astype(np.float64)
    x = x[:, :, 1:-2, 1:-2] if "pad" in text else x
    check(net, {"y": linear(linear(x, target[0], 2), target[1], 3)})


def test_interp_as_opencv() -> None:
    check(Net(data=(1, 2, 5, 6)).layer("Interp", "data", "y", "interp_param { height: 9 width: 13 }"))
    for text in ("", "height: 4 width: 4 pad_beg: 1", "height: 4 width: 4 pad_beg: -9"):
        with pytest.raises(FrontendError, match="type Interp"):
            Net(data=(1, 2, 5, 6)).layer("Interp", "data", "y", f"interp_param {{ {text} }}").convert()


def test_constants() -> None:
    net = Net(data=(1, 2, 3, 3))
    net.layer(
        "DummyData", "", "c", "dummy_data_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } data_filler { value: 2 } }"
    )
    net.layer("Eltwise", "data c", "y", "eltwise_param { operation: PROD }")
    check(net, {"y": net.inputs()["data"] * 2})
    random = Net(data=(1, 2)).layer(
        "DummyData", "", "c", 'dummy_data_param { shape { dim: 2 } data_filler { type: "gaussian" } }'
    )
    random.layer("Bias", "data c", "y")
    with pytest.raises(FrontendError, match="not constant"):
        random.convert()
