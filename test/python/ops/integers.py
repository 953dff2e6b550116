"""Operators on bytes: a Tpu module of one operator is written down with its weights, evaluated, compiled and simulated;
all three agree bit for bit with a NumPy reference that follows the formulas of the quantized operators."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from harness import level_of

LIMITS = {"i8": (-128, 127), "u8": (0, 255)}
TYPES = {"i8": np.int8, "u8": np.uint8}
ROUND_MODES = ("HalfAwayFromZero", "HalfUp", "HalfDown", "HalfToEven", "TowardsZero", "Up", "Down")


@dataclass(frozen=True)
class Quant:
    """value = (q - zero) * scale, q being "i8" or "u8"."""

    storage: str = "i8"
    scale: float = 0.05
    zero: int = 0

    @property
    def text(self) -> str:
        """The element type."""
        zero = f":{self.zero}" if self.zero else ""
        low, high = LIMITS[self.storage]
        limits = "" if self.storage in ("i8", "u8") else f"<{low}:{high}>"
        return f"!quant.uniform<{self.storage}{limits}:f32, {self.scale!r}{zero}>"

    def saturate(self, values: np.ndarray) -> np.ndarray:
        """In the storage type."""
        low, high = LIMITS[self.storage]
        return np.clip(values, low, high).astype(TYPES[self.storage])


@dataclass
class Module:
    """The text of a module under construction: inputs, weights, one operator."""

    inputs: dict[str, tuple[np.ndarray, str]] = field(default_factory=dict)
    weights: dict[str, tuple[np.ndarray, str]] = field(default_factory=dict)

    def text(self, op: str, operands: Sequence[str | None], attributes: Mapping[str, str], result: str) -> str:
        """The module: operands are names of inputs and weights or None; `result` is the type."""
        types = {name: kind for name, (_, kind) in {**self.inputs, **self.weights}.items()}
        arguments = ", ".join(f"%arg{i}: {kind}" for i, (_, kind) in enumerate(self.inputs.values()))
        lines = ['    %none = "top.None"() : () -> none']
        for i, (name, (_, kind)) in enumerate(self.inputs.items()):
            lines.append(f'    %{name} = "top.Input"(%arg{i}) : ({kind}) -> {kind} loc("{name}")')
        for name, (_, kind) in self.weights.items():
            lines.append(f'    %{name} = "top.Weight"() : () -> {kind} loc("{name}")')
        values = ", ".join(f"%{name or 'none'}" for name in operands)
        kinds = ", ".join(types[name] if name else "none" for name in operands)
        rest = ", ".join(f"{key} = {value}" for key, value in attributes.items())
        lines.append(f'    %y = "{op}"({values}) {{{rest}}} : ({kinds}) -> {result} loc("y")')
        lines.append(f"    return %y : {result}")
        head = (
            'module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", '
            'module.state = "TPU_LOWERED", module.top_run_mode = "STATIC", module.weight_file = "net_w.npz"} {\n'
        )
        body = "\n".join(lines)
        return f"{head}  func.func @main({arguments}) -> {result} {{\n{body}\n  }}\n}}\n"


def tensor(shape: Sequence[int], kind: str) -> str:
    """The text of a tensor type."""
    return "tensor<" + "x".join([*map(str, shape), kind]) + ">"


def bytes_of(generator: np.random.Generator, shape: Sequence[int], storage: str) -> np.ndarray:
    """Values over the whole range, its ends more often than others."""
    low, high = LIMITS[storage]
    values = generator.integers(low, high + 1, shape)
    values = np.where(generator.random(shape) < 0.05, generator.choice([low, high], shape), values)
    return values.astype(TYPES[storage])


def generator_of(name: str) -> np.random.Generator:
    """The same values in every run."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def as_f32(value: float | np.ndarray) -> np.ndarray:
    """Rounded to single precision."""
    return np.asarray(value, np.float32)


def rescale(sums: np.ndarray, scale: np.ndarray, offset: np.ndarray, to: Quant) -> np.ndarray:
    """saturate(even(f32(f32(sum) * scale) + offset)), each step in single precision."""
    with np.errstate(over="ignore"):
        values = (as_f32(sums.astype(np.float32)) * as_f32(scale)).astype(np.float32) + as_f32(offset)
    return to.saturate(np.rint(values.astype(np.float32)))


def shift_right(value: int, shift: int, mode: str) -> int:
    """value / 2^shift, rounded; a negative shift goes to the left."""
    if shift <= 0:
        return value << -shift
    floor, rest, half = value >> shift, value & ((1 << shift) - 1), 1 << (shift - 1)
    ups = {
        "HalfAwayFromZero": rest > half or (rest == half and value >= 0),
        "HalfUp": rest >= half,
        "HalfDown": rest > half,
        "HalfToEven": rest > half or (rest == half and floor & 1 == 1),
        "TowardsZero": rest > 0 and value < 0,
        "Up": rest > 0,
        "Down": False,
    }
    return floor + int(ups[mode])


def multiply_shift(
    sums: np.ndarray, multiplier: np.ndarray, shift: np.ndarray, mode: str, to: Quant, axis: int
) -> np.ndarray:
    """saturate(round(sum * multiplier / 2^shift) + zero point) with one multiplier and shift per index of `axis`."""
    moved = np.moveaxis(sums, axis, 0)
    result = np.empty(moved.shape, np.int64)
    for c in range(moved.shape[0]):
        m, s = int(multiplier[c % len(multiplier)]), int(shift[c % len(shift)])
        flat = [shift_right(int(v) * m, s, mode) + to.zero for v in moved[c].reshape(-1)]
        result[c] = np.clip(np.array(flat, dtype=object), -(2**40), 2**40).astype(np.int64).reshape(moved[c].shape)
    return to.saturate(np.moveaxis(result, 0, axis))


def per_channel(values: np.ndarray, rank: int, axis: int) -> np.ndarray:
    """Shaped so that it broadcasts along the axis."""
    return values.reshape([-1 if i == axis else 1 for i in range(rank)])


def limited(values: np.ndarray, to: Quant, relu: bool, limit: float) -> np.ndarray:
    """The fused ReLU on quantized values."""
    if not relu:
        return values
    low, high = LIMITS[to.storage]
    result = np.maximum(values.astype(np.int64), to.zero)
    if limit > 0:
        result = np.minimum(result, min(max(int(np.rint(limit / to.scale)) + to.zero, low), high))
    return result.astype(values.dtype)


@dataclass(frozen=True)
class Requant:
    """How a row's sums are rescaled: by `scales` (OnlyScale), or by multipliers and shifts with a rounding."""

    mode: str = "OnlyScale"
    rounding: str = "HalfUp"
    single: bool = False
    spread: float = 1.0
    """Factor on the scales: large ones saturate, negative exponents of it exercise left shifts."""


def made_requant(
    generator: np.random.Generator, requant: Requant, sums: np.ndarray, channels: int, to: Quant
) -> dict[str, np.ndarray]:
    """Factors that bring sums of the given size into the result's range."""
    count = 1 if requant.single else channels
    size = max(float(np.abs(sums).max(initial=1)), 1.0)
    scales = requant.spread * (160.0 / size) * generator.uniform(0.3, 1.5, count)
    if requant.mode == "OnlyScale":
        return {"scales": scales}
    shifts = generator.integers(10, 31, count)
    multipliers = np.maximum(1, np.rint(scales * 2.0**shifts)).astype(np.int64)
    large = multipliers >= 2**31
    shifts = np.where(large, np.floor(30 - np.log2(scales)).astype(np.int64), shifts)
    multipliers = np.maximum(1, np.rint(scales * 2.0 ** shifts.astype(np.float64))).astype(np.int64)
    if channels > 2 and not requant.single:  # one channel is shifted to the left
        multipliers[1], shifts[1] = 3, -2
    return {"multipliers": multipliers, "shifts": shifts}


def requantize(
    sums: np.ndarray, bias: np.ndarray, factors: Mapping[str, np.ndarray], requant: Requant, to: Quant, axis: int
) -> np.ndarray:
    """Result of the sums without bias."""
    rank, channels = sums.ndim, sums.shape[axis]
    bias = np.broadcast_to(bias, (channels,)).astype(np.int64)
    if requant.mode == "OnlyScale":
        scale = np.broadcast_to(as_f32(factors["scales"]), (channels,))
        offset = as_f32(bias.astype(np.float64) * scale.astype(np.float64) + to.zero)
        return rescale(sums, per_channel(scale, rank, axis), per_channel(offset, rank, axis), to)
    biased = sums + per_channel(bias, rank, axis)
    return multiply_shift(biased, factors["multipliers"], factors["shifts"], requant.rounding, to, axis)


def integer_list(values: np.ndarray | Sequence[int]) -> str:
    """The text of an array attribute of integers."""
    return "[" + ", ".join(str(int(v)) for v in values) + "]"


def real_list(values: np.ndarray) -> str:
    """The text of an array attribute of doubles, exactly."""
    return "[" + ", ".join(f"{float(v):.17e}" for v in values) + "]"


@dataclass(frozen=True)
class Built:
    """A module with its weights, the values of its inputs and what comes out."""

    text: str
    inputs: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    wanted: np.ndarray


def compile_built(built: Built, folder: Path) -> Path:
    """The bmodel of the module, in the folder."""
    from tpu_mlir import ir, pipelines

    (folder / "net.mlir").write_text(built.text)
    np.savez(folder / "net_w.npz", **built.weights)  # type: ignore[arg-type]
    module = pipelines.load(folder / "net.mlir", ir.Context())
    pipelines.run(module, pipelines.final(opt=level_of(built.text)), folder / "net_final.mlir")
    pipelines.run(module, pipelines.codegen(folder / "net.bmodel"))
    return folder / "net.bmodel"


def assert_equal(stage: str, actual: np.ndarray, wanted: np.ndarray) -> None:
    """Equal values, whatever the type."""
    a, b = np.asarray(actual, np.int64).reshape(-1), np.asarray(wanted, np.int64).reshape(-1)
    assert a.shape == b.shape, f"{stage}: {a.shape} elements instead of {b.shape}"
    bad = np.flatnonzero(a != b)
    if bad.size:
        where = tuple(int(i) for i in np.unravel_index(bad[0], np.shape(wanted)))
        raise AssertionError(
            f"{stage}: {bad.size} of {a.size} values are wrong, the first at {where}: {a[bad[0]]} instead of "
            f"{b[bad[0]]}"
        )


def check_simulated(built: Built, folder: Path) -> None:
    """The simulated bmodel against the reference, with both schedules of the engines."""
    from tpu_mlir.runtime.bmodel import BModel

    model = BModel(compile_built(built, folder))
    for schedule in ("gdma", "tiu"):
        (value,) = model.run(built.inputs, raw_outputs=True, schedule=schedule).values()
        assert_equal(f"bmodel, {schedule} first", value, built.wanted)


def check_built(built: Built, folder: Path) -> None:
    """Simulation and evaluation against the reference."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter

    check_simulated(built, folder)
    module = pipelines.load(folder / "net.mlir", ir.Context())
    (evaluated,) = ModuleInterpreter(module).run(built.inputs, native_types=True).in_order()
    assert_equal("Tpu evaluation", evaluated, built.wanted)
