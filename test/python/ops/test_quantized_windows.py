"""Convolution, transposed convolution and pooling of bytes: zero points at borders and inserted positions, both forms
of requantization, groups, strides, dilations, tiles along every axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import integers
import numpy as np
import pytest
from integers import Built, Module, Quant, Requant

I8 = Quant("i8", 0.05)
U8 = Quant("u8", 0.03)
I8Z = Quant("i8", 0.04, -17)
I8RELU = Quant("i8", 0.04, -128)
U8Z = Quant("u8", 0.02, 131)
SHIFT = Requant("MultiplierShift")


@dataclass(frozen=True)
class Window:
    """A convolution (`op` Conv2D or Deconv): input and filter shape ([oc, ic / group, kh, kw] in both)."""

    input: tuple[int, int, int, int]
    filter: tuple[int, int, int, int]
    op: str = "Conv2D"
    group: int = 1
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilations: tuple[int, int] = (1, 1)
    output_padding: tuple[int, int] = (0, 0)
    from_: Quant = I8
    to: Quant = I8
    requant: Requant = Requant()
    bias: bool = True
    relu: bool = False
    limit: float = -1.0
    kernel_zp: int = 0
    name: str = ""

    @property
    def id(self) -> str:
        if self.name:
            return self.name
        parts = [self.op, "x".join(map(str, self.input)), "x".join(map(str, self.filter))]
        parts += [f"g{self.group}"] if self.group > 1 else []
        for key, default in (("strides", (1, 1)), ("pads", (0,) * 4), ("dilations", (1, 1)), ("kernel_zp", 0)):
            value = getattr(self, key)
            if value != default:
                parts.append(key[0] + str(value).replace(" ", ""))
        kinds = f"{self.from_.storage}{self.from_.zero}-{self.to.storage}{self.to.zero}"
        parts += [kinds, self.requant.mode if self.requant.mode == "OnlyScale" else self.requant.rounding]
        return "-".join(parts) + ("-relu" if self.relu else "") + ("" if self.bias else "-nobias")


def stretched(x: np.ndarray, strides: tuple[int, int], zero: int) -> np.ndarray:
    """The zero point between the pixels."""
    n, c, h, w = x.shape
    result = np.full((n, c, (h - 1) * strides[0] + 1, (w - 1) * strides[1] + 1), zero, np.int64)
    result[:, :, :: strides[0], :: strides[1]] = x
    return result


def correlate(
    x: np.ndarray,
    filters: np.ndarray,
    group: int,
    strides: tuple[int, int],
    dilations: tuple[int, int],
    extent: tuple[int, ...],
) -> np.ndarray:
    """Sums of the windows of a padded input, [n, oc, *extent]."""
    n, oc = x.shape[0], filters.shape[0]
    per_group, ic = oc // group, filters.shape[1]
    sums = np.zeros((n, oc, *extent), np.int64)
    for i in range(filters.shape[2]):
        for j in range(filters.shape[3]):
            y0, x0 = i * dilations[0], j * dilations[1]
            part = x[:, :, y0 : y0 + (extent[0] - 1) * strides[0] + 1 : strides[0]]
            part = part[:, :, :, x0 : x0 + (extent[1] - 1) * strides[1] + 1 : strides[1]]
            for g in range(group):
                taps = filters[g * per_group : (g + 1) * per_group, :, i, j].astype(np.float64)
                data = part[:, g * ic : (g + 1) * ic].astype(np.float64)
                # Products and sums of bytes are exact in doubles.
                product = np.einsum("oc,nchw->nohw", taps, data, optimize=True)
                sums[:, g * per_group : (g + 1) * per_group] += np.rint(product).astype(np.int64)
    return sums


def padded(x: np.ndarray, pads: tuple[int, int, int, int], value: int) -> np.ndarray:
    """Negative pads cut."""
    top, left, bottom, right = pads
    positive = [(0, 0), (0, 0), (max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))]
    x = np.pad(x.astype(np.int64), positive, constant_values=value)
    h, w = x.shape[2:]
    return x[:, :, max(-top, 0) : h - max(-bottom, 0), max(-left, 0) : w - max(-right, 0)]


def sums_of(row: Window, x: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """The 32-bit sums of a convolution or of the convolution that a deconvolution is."""
    filters = filters.astype(np.int64) - row.kernel_zp
    kernel, dilations = row.filter[2:], row.dilations
    pads = row.pads
    if row.op == "Deconv":
        x = stretched(x, row.strides, row.from_.zero)
        filters = filters[:, :, ::-1, ::-1]
        reach = [dilations[i] * (kernel[i] - 1) for i in (0, 1)]
        extra = row.output_padding
        pads = (
            reach[0] - pads[0],
            reach[1] - pads[1],
            reach[0] - pads[2] + extra[0],
            reach[1] - pads[3] + extra[1],
        )
    strides = row.strides if row.op == "Conv2D" else (1, 1)
    whole = padded(x, pads, row.from_.zero)
    extent = tuple((whole.shape[2 + i] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1 for i in (0, 1))
    return correlate(whole, filters, row.group, strides, dilations, extent)


def stored_filter(row: Window, filters: np.ndarray) -> np.ndarray:
    """As the op takes it: a deconvolution's is [oc / group, ic, kh, kw]."""
    if row.op == "Conv2D":
        return filters
    oc, ic = filters.shape[:2]
    split = filters.reshape(row.group, oc // row.group, ic, *filters.shape[2:])
    return np.ascontiguousarray(
        split.transpose(1, 0, 2, 3, 4).reshape(oc // row.group, row.group * ic, *filters.shape[2:])
    )


def build_window(row: Window) -> Built:
    generator = integers.generator_of(row.id)
    module = Module()
    x = integers.bytes_of(generator, row.input, row.from_.storage)
    filters = integers.bytes_of(generator, row.filter, "i8")
    oc = row.filter[0]
    sums = sums_of(row, x, filters)
    factors = integers.made_requant(generator, row.requant, sums, oc, row.to)
    size = int(max(np.abs(sums).max(), 1))
    bias = generator.integers(-size // 3 - 1, size // 3 + 1, oc) if row.bias else np.zeros(oc, np.int64)
    wanted = integers.limited(
        integers.requantize(sums, bias, factors, row.requant, row.to, 1), row.to, row.relu, row.limit
    )
    stored = stored_filter(row, filters)
    module.inputs["x"] = (x, integers.tensor(row.input, row.from_.text))
    module.weights["filter"] = (stored, integers.tensor(stored.shape, "si8"))
    if row.bias:
        module.weights["bias"] = (bias.astype(np.int32).reshape(1, oc, 1, 1), integers.tensor((1, oc, 1, 1), "i32"))
    attributes = {
        "kernel_shape": integers.integer_list(row.filter[2:]),
        "strides": integers.integer_list(row.strides),
        "pads": integers.integer_list(row.pads),
        "dilations": integers.integer_list(row.dilations),
        "group": f"{row.group} : i64",
        "with_bias": "true" if row.bias else "false",
        "do_relu": "true" if row.relu else "false",
        "relu_limit": f"{row.limit:.6e} : f64",
        "quant_mode": f"#tpu<rq_mode {row.requant.mode}>",
    }
    if row.op == "Deconv":
        attributes["output_padding"] = integers.integer_list(row.output_padding)
    else:
        attributes["round_mode"] = f"#tpu<round_mode {row.requant.rounding}>"
        attributes["kernel_zp"] = f"{row.kernel_zp} : i64"
    if row.requant.mode == "OnlyScale":
        attributes["out_scales"] = integers.real_list(factors["scales"])
    else:
        attributes["multiplier"] = integers.integer_list(factors["multipliers"])
        attributes["rshift"] = integers.integer_list(factors["shifts"])
    result = integers.tensor(wanted.shape, row.to.text)
    text = module.text(f"tpu.{row.op}", ["x", "filter", "bias" if row.bias else None], attributes, result)
    return Built(text, {"x": x}, {name: value for name, (value, _) in module.weights.items()}, wanted)


@dataclass(frozen=True)
class Pooling:
    """A pooling; padding counts with `count`."""

    input: tuple[int, int, int, int]
    kernel: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    mode: str = "Max"
    count: bool = False
    from_: Quant = I8Z
    to: Quant = I8Z
    relu: bool = False
    limit: float = -1.0
    name: str = field(default="")

    @property
    def id(self) -> str:
        shapes = "-".join("x".join(map(str, s)) for s in (self.input, self.kernel, self.strides, self.pads))
        kinds = f"{self.from_.storage}{self.from_.zero}-{self.to.storage}{self.to.zero}"
        return self.name or f"{self.mode}-{shapes}-{kinds}" + ("-count" if self.count else "")


def box_sums(x: np.ndarray, row: Pooling, extent: tuple[int, ...]) -> np.ndarray:
    """Sums under the windows, from running sums."""
    for axis in (2, 3):
        running = np.insert(np.cumsum(x, axis), 0, 0, axis)
        begin = np.arange(extent[axis - 2]) * row.strides[axis - 2]
        x = running.take(begin + row.kernel[axis - 2], axis) - running.take(begin, axis)
    return x


def averaged(row: Pooling, x: np.ndarray, extent: tuple[int, ...]) -> np.ndarray:
    """The mean by the formulas of the contract: all taps, padding with the zero point, one factor per count."""
    taps = row.kernel[0] * row.kernel[1]
    sums = box_sums(padded(x, row.pads, row.from_.zero), row, extent)
    inside = np.ones((1, 1, *x.shape[2:]), np.int64)
    counts = box_sums(padded(inside, row.pads, 1 if row.count else 0), row, extent)[0, 0]
    scale = as_scale(row.from_.scale / (counts * row.to.scale))
    offset = as_scale(row.to.zero - row.from_.zero * taps * scale.astype(np.float64))
    return integers.rescale(sums, scale, offset, row.to)


def as_scale(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def build_pooling(row: Pooling) -> Built:
    x = integers.bytes_of(integers.generator_of(row.id), row.input, row.from_.storage)
    lowest = integers.LIMITS[row.from_.storage][0]
    whole = padded(x, row.pads, lowest)
    extent = tuple((whole.shape[2 + i] - row.kernel[i]) // row.strides[i] + 1 for i in (0, 1))
    if row.mode == "Max":
        windows = np.lib.stride_tricks.sliding_window_view(whole, row.kernel, (2, 3))
        wanted = windows[:, :, :: row.strides[0], :: row.strides[1]].max((-1, -2)).astype(x.dtype)
    else:
        wanted = averaged(row, x, extent)
    wanted = integers.limited(wanted, row.to, row.relu, row.limit)
    module = Module()
    module.inputs["x"] = (x, integers.tensor(row.input, row.from_.text))
    attributes = {
        "kernel_shape": integers.integer_list(row.kernel),
        "strides": integers.integer_list(row.strides),
        "pads": integers.integer_list(row.pads),
        "pool_mode": f"#tpu<pool_mode {row.mode}>",
        "count_include_pad": "true" if row.count else "false",
        "do_relu": "true" if row.relu else "false",
        "relu_limit": f"{row.limit:.6e} : f64",
    }
    text = module.text("tpu.Pool2D", ["x"], attributes, integers.tensor(wanted.shape, row.to.text))
    return Built(text, {"x": x}, {}, wanted)


CONVOLUTIONS = [
    Window((1, 3, 8, 8), (8, 3, 3, 3), pads=(1, 1, 1, 1), from_=I8Z),
    Window((1, 3, 8, 8), (8, 3, 3, 3), pads=(1, 1, 1, 1), from_=U8Z, to=U8, relu=True),
    Window((1, 1, 9, 7), (5, 1, 3, 3), bias=False),
    Window((2, 64, 14, 14), (64, 64, 3, 3), pads=(1, 1, 1, 1), from_=U8, to=I8RELU, relu=True),
    Window((1, 65, 7, 9), (130, 65, 1, 1), from_=I8Z, to=U8Z),
    Window((3, 100, 13, 11), (70, 100, 3, 3), pads=(0, 1, 2, 1), strides=(2, 1), from_=U8Z),
    Window((1, 3, 64, 64), (32, 3, 7, 7), pads=(3, 3, 3, 3), strides=(2, 2), from_=I8Z, to=U8),
    Window((2, 3, 33, 47), (16, 3, 5, 5), pads=(2, 2, 2, 2), strides=(3, 2), from_=U8Z, to=I8Z),
    Window((1, 4, 21, 300), (70, 4, 3, 9), pads=(1, 20, 1, 3), from_=I8Z),
    Window((1, 16, 30, 30), (20, 16, 3, 3), dilations=(2, 3), pads=(2, 3, 2, 3), from_=I8Z),
    Window((1, 8, 12, 12), (6, 8, 3, 3), pads=(17, 20, 18, 16), from_=U8Z, name="pads_above_15"),
    Window((1, 3, 64, 64), (24, 3, 16, 16), strides=(16, 16), name="patches"),
    Window((2, 12, 40, 40), (24, 6, 3, 3), group=2, pads=(1, 1, 1, 1), from_=I8Z),
    Window((1, 192, 10, 10), (192, 32, 3, 3), group=6, pads=(1, 1, 1, 1), from_=U8Z, requant=SHIFT),
    Window((1, 70, 9, 9), (140, 1, 3, 3), group=70, from_=I8Z, to=I8Z),
    Window((1, 3, 8, 8), (8, 3, 3, 3), pads=(1, 1, 1, 1), from_=I8Z, to=I8Z, requant=SHIFT),
    *(
        Window((1, 5, 6, 7), (67, 5, 3, 3), pads=(1, 1, 1, 1), to=I8Z, requant=Requant("MultiplierShift", mode))
        for mode in integers.ROUND_MODES
    ),
    Window((1, 40, 6, 6), (66, 40, 1, 1), requant=Requant(single=True), relu=True, limit=3.0, name="relu_limits"),
    Window((1, 40, 6, 6), (66, 40, 1, 1), to=I8Z, relu=True, name="relu_above_the_lowest"),
    Window((1, 40, 6, 6), (66, 40, 1, 1), requant=Requant(spread=40.0), name="saturated"),
    Window((1, 40, 6, 6), (66, 40, 1, 1), requant=Requant("MultiplierShift", spread=40.0), name="saturated_shift"),
    Window((1, 2048, 5, 5), (256, 2048, 3, 3), pads=(1, 1, 1, 1), from_=I8Z, name="parts_of_the_input_channels"),
    Window((1, 64, 12, 1920), (64, 64, 3, 3), pads=(1, 1, 1, 1), from_=I8Z, name="long_rows"),
    Window((32, 16, 9, 9), (16, 16, 3, 3), pads=(1, 1, 1, 1)),
    Window((1, 8, 40, 40), (32, 8, 33, 33), pads=(15, 15, 15, 15), from_=I8Z, name="kernel_above_1023"),
    Window((1, 3, 2, 30), (8, 3, 7, 7), pads=(3, 3, 3, 3), from_=U8Z, name="lower_than_the_kernel"),
    Window((1, 24, 9, 9), (144, 24, 1, 1), from_=I8Z, name="short_rows_of_weights"),
    Window((1, 48, 200, 200), (200, 48, 2, 1), from_=I8Z, name="short_rows_in_tiles"),
    Window((1, 24, 9, 9), (288, 8, 1, 1), group=3, from_=I8Z, name="short_rows_in_groups"),
    Window((1, 512, 7, 7), (512, 512, 3, 3), pads=(1, 1, 1, 1), from_=U8, to=U8, relu=True),
]

DEPTHWISE = [
    Window((1, 32, 56, 56), (32, 1, 3, 3), group=32, pads=(1, 1, 1, 1), from_=I8Z, to=I8Z),
    Window((2, 130, 15, 15), (130, 1, 5, 3), group=130, pads=(2, 1, 2, 1), strides=(2, 2), from_=U8Z, to=U8),
    Window((1, 70, 9, 9), (70, 1, 3, 3), group=70, dilations=(2, 2), bias=False, from_=U8, to=I8RELU, relu=True),
    Window((1, 70, 9, 9), (70, 1, 3, 3), group=70, requant=SHIFT, pads=(1, 1, 1, 1), from_=I8Z),
    Window((1, 5, 30, 900), (5, 1, 3, 3), group=5, pads=(17, 1, 1, 1), from_=I8Z, name="depthwise_stored_padding"),
]

DECONVOLUTIONS = [
    # Thin layers, computed several rows at once or with kernel rows as channels; zeros between pixels left out.
    Window((2, 16, 37, 70), (9, 16, 3, 3), pads=(1, 1, 1, 1), from_=U8Z, to=U8, relu=True),
    Window((1, 32, 40, 40), (32, 32, 3, 3), pads=(1, 1, 1, 1), from_=I8Z, requant=SHIFT),
    Window((1, 40, 20, 70), (64, 40, 5, 3), pads=(2, 1, 2, 1), from_=U8Z, to=I8Z),
    Window((1, 3, 96, 96), (70, 3, 8, 8), strides=(8, 8), from_=U8),
    Window((1, 32, 24, 20), (16, 32, 2, 2), "Deconv", strides=(2, 2), from_=U8, to=I8Z),
    Window((2, 70, 9, 11), (80, 70, 4, 4), "Deconv", strides=(2, 2), pads=(1, 1, 1, 1), requant=SHIFT),
    Window((1, 8, 7, 7), (6, 8, 2, 2), "Deconv", strides=(2, 2), from_=I8Z),
    Window(
        (2, 70, 5, 9),
        (66, 70, 3, 3),
        "Deconv",
        strides=(2, 3),
        pads=(1, 1, 1, 1),
        output_padding=(1, 1),
        from_=U8Z,
        to=I8Z,
    ),
    Window((1, 16, 6, 6), (5, 16, 4, 4), "Deconv", strides=(2, 2), pads=(1, 1, 1, 1), from_=U8, to=U8, relu=True),
    Window((1, 5, 9, 8), (7, 5, 3, 3), "Deconv", dilations=(2, 2), strides=(2, 2), from_=I8Z),
    Window((1, 4, 6, 6), (3, 4, 2, 2), "Deconv", strides=(5, 4), from_=I8Z, to=I8Z, name="gaps"),
    Window((1, 6, 8, 8), (6, 2, 3, 3), "Deconv", group=3, strides=(2, 2), from_=I8Z, requant=SHIFT),
    Window((1, 20, 8, 8), (20, 1, 4, 4), "Deconv", group=20, strides=(2, 2), pads=(1, 1, 1, 1), from_=I8Z),
    Window((1, 10, 6, 6), (10, 1, 3, 3), "Deconv", group=10, strides=(9, 9), from_=I8Z, name="depthwise_wide_stride"),
    Window((1, 64, 30, 30), (64, 64, 2, 2), "Deconv", strides=(2, 2), from_=U8Z),
]

POOLINGS = [
    Pooling((1, 64, 112, 112), (3, 3), (2, 2), (1, 1, 1, 1)),
    Pooling((2, 70, 13, 15), (2, 3), (1, 2), from_=U8Z, to=U8Z),
    Pooling((1, 20, 20, 20), (13, 13), (1, 1), (6, 6, 6, 6), from_=I8, to=I8, relu=True, limit=4.0, name="max_relu"),
    Pooling((1, 5, 100, 90), (20, 30), (20, 17), name="strides_above_15"),
    Pooling((1, 4, 400, 3000), (350, 2500), (50, 100), name="huge_window"),
    Pooling((1, 64, 16, 16), (2, 2), (2, 2), mode="Avg", to=I8),
    Pooling((2, 70, 13, 15), (3, 3), (2, 2), (1, 1, 1, 1), mode="Avg", from_=U8Z, to=I8Z),
    Pooling((2, 70, 13, 15), (3, 3), (2, 2), (1, 0, 1, 1), mode="Avg", count=True, from_=U8Z, to=U8),
    Pooling((1, 10, 61, 61), (20, 20), (18, 16), (5, 5, 5, 5), mode="Avg", from_=I8Z, to=U8Z),
    Pooling((1, 2, 600, 900), (600, 890), mode="Avg", from_=U8, to=U8, name="huge_average"),
    Pooling((2, 100, 7, 7), (7, 7), mode="Avg", from_=U8, to=U8, name="global"),
    Pooling((1, 9, 8, 8), (3, 3), (1, 1), (1, 1, 1, 1), "Avg", to=I8Z, relu=True, limit=2.0, name="average_relu"),
]

KERNEL_ZERO_POINT = Window((1, 20, 6, 6), (30, 20, 3, 3), kernel_zp=-7, pads=(1, 1, 1, 1), from_=I8Z)

WINDOWS = [*CONVOLUTIONS, *DEPTHWISE, *DECONVOLUTIONS]


def build(row: Window | Pooling) -> Built:
    """The module of a row."""
    return build_window(row) if isinstance(row, Window) else build_pooling(row)


@pytest.mark.parametrize("row", [*WINDOWS, *POOLINGS], ids=lambda row: row.id)
def test_window_of_bytes(row: Window | Pooling, tmp_path: Path) -> None:
    integers.check_built(build(row), tmp_path)


def test_zero_point_of_the_kernel(tmp_path: Path) -> None:
    """Filters of other compilers have one; ours are symmetric, and the evaluation takes nothing else."""
    integers.check_simulated(build(KERNEL_ZERO_POINT), tmp_path)
