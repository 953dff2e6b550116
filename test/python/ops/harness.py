"""One ONNX operator through every stage: onnxruntime, Top evaluation, Tpu evaluation, bmodel on the simulator.

A test is a row of a table: an operator, its inputs and what to expect. Every stage is compared with the one before it,
so a failure names the stage that is wrong.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MODES = ("F32", "F16", "BF16")
OPSET = 17

EPSILON = {"F32": 2.0**-23, "F16": 2.0**-10, "BF16": 2.0**-7}
"""Distance of 1 and the next number of each mode."""

Values = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def normal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values of both signs around 0."""
    return generator.standard_normal(shape).astype(np.float32)


def uniform(low: float, high: float) -> Values:
    """Values of an interval."""
    return lambda generator, shape: generator.uniform(low, high, shape).astype(np.float32)


def away_from_zero(low: float = 0.25, high: float = 4.0) -> Values:
    """Values of both signs whose size is at least ``low``."""

    def make(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        sign = generator.choice(np.array([-1, 1], np.float32), shape)
        return (generator.uniform(low, high, shape) * sign).astype(np.float32)

    return make


@dataclass(frozen=True)
class Row:
    """One model of one operator.

    shapes: of the computed inputs. constants: inputs by position that are initializers, arrays or shapes to fill with
    values. tolerance: how many epsilons of the mode an element may be off, relative to its size; `floor` is the part of
    the tensor's largest magnitude that counts as size where an element is smaller (1 where values cancel).
    """

    op: str
    shapes: Sequence[tuple[int, ...]]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[int, np.ndarray | tuple[int, ...]] = field(default_factory=dict)
    values: Values = normal
    tolerance: float = 4
    floor: float = 1e-2
    modes: Sequence[str] = MODES
    opset: int = OPSET
    name: str = ""

    @property
    def id(self) -> str:
        """The name of the test."""
        shapes = "+".join("x".join(map(str, shape)) or "scalar" for shape in self.shapes)
        rest = "".join(f"-{key}={value}" for key, value in self.attributes.items())
        fixed = "".join(
            f"-c{key}" + "x".join(map(str, np.shape(_shape_of(value)))) for key, value in self.constants.items()
        )
        return f"{self.op}-{self.name or shapes + rest + fixed}".replace(" ", "").replace("/", "_")


def _shape_of(value: np.ndarray | tuple[int, ...]) -> np.ndarray:
    return np.empty(value) if isinstance(value, tuple) else value


def build(row: Row) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """The model and its input values, the same in every run."""
    generator = np.random.default_rng(zlib.crc32(row.id.encode()))
    names, inputs, initializers = [], {}, []
    shapes = iter(row.shapes)
    for position in range(len(row.shapes) + len(row.constants)):
        name = f"x{position}"
        names.append(name)
        if position in row.constants:
            value = row.constants[position]
            array = row.values(generator, value) if isinstance(value, tuple) else value
            initializers.append(numpy_helper.from_array(array, name))
        else:
            inputs[name] = row.values(generator, next(shapes))
    node = helper.make_node(row.op, names, ["y"], **row.attributes)
    graph = helper.make_graph(
        [node],
        row.op,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in inputs.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", row.opset)], ir_version=8), inputs


def expected(model: onnx.ModelProto, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """What onnxruntime computes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    # Tensors of the compiler have at least one axis.
    return [np.atleast_1d(np.asarray(value, np.float32)) for value in session.run(None, dict(inputs))]


def assert_close(
    stage: str, actual: Sequence[np.ndarray], wanted: Sequence[np.ndarray], relative: float, absolute: float
) -> None:
    """Every element within ``relative`` of its size plus ``absolute``; infinities and NaN in the same places."""
    assert len(actual) == len(wanted), f"{stage}: {len(actual)} results instead of {len(wanted)}"
    for index, (a, b) in enumerate(zip(actual, wanted, strict=True)):
        assert a.shape == b.shape, f"{stage}: result {index} has shape {a.shape}, wanted {b.shape}"
        exact = (a == b) | (np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.where(exact, 0, np.abs(a.astype(np.float64) - b))
            bad = ~(error <= absolute + relative * np.abs(b, dtype=np.float64))
        if bad.any():
            worst = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error) * bad), a.shape)
            raise AssertionError(
                f"{stage}: result {index}: {int(bad.sum())} of {a.size} elements are off, the worst at "
                f"{tuple(int(i) for i in worst)}: {a[worst]!r} instead of {b[worst]!r}"
            )


@dataclass(frozen=True)
class Compiled:
    """The stages of one row in one mode."""

    model: Path
    inputs: dict[str, np.ndarray]
    reference: list[np.ndarray]
    top: list[np.ndarray]
    tpu: list[np.ndarray]


def level_of(name: str) -> int:
    """The level of the layer-group search that a test is compiled at: of many tests, a quarter each."""
    return zlib.crc32(name.encode()) % 4


def compile_row(row: Row, mode: str, folder: Path) -> Compiled:
    """Takes the row's model to a bmodel in ``folder`` and evaluates the modules on the way."""
    model, inputs = build(row)
    large = sum(array.size for array in inputs.values()) > 1_000_000  # whose search is long
    return compile_model(model, inputs, mode, folder, 1 if large else level_of(f"{row.id} {mode}"))


def compile_model(
    model: onnx.ModelProto, inputs: Mapping[str, np.ndarray], mode: str, folder: Path, opt: int = 2
) -> Compiled:
    """Takes an ONNX model to a bmodel in ``folder`` and evaluates the modules on the way."""
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.frontend.onnx import convert_onnx

    reference = expected(model, inputs)
    onnx.save(model, folder / "model.onnx")
    converted = convert_onnx(folder / "model.onnx", "model", directory=folder)
    module = pipelines.load(folder / "model_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, folder / "model.mlir")
    named = {converted.tensors.get(name, name): array for name, array in inputs.items()}
    top = evaluate_module(module, named).in_order()
    pipelines.run(module, pipelines.lowering("bm1684x", mode, "tpu_weights.npz"), folder / "model_tpu.mlir")
    tpu = evaluate_module(module, named).in_order()
    pipelines.run(module, pipelines.final(opt=opt), folder / "model_final.mlir")
    pipelines.run(module, pipelines.codegen(folder / "model.bmodel"))
    return Compiled(folder / "model.bmodel", named, reference, top, tpu)


def check(row: Row, mode: str, folder: Path) -> None:
    """Runs the row in one mode and compares every stage with the one before it."""
    from tpu_mlir.runtime.bmodel import BModel

    stages = compile_row(row, mode, folder)
    # Both are f32 implementations; sums are formed in different orders.
    assert_close("onnxruntime / Top", stages.top, stages.reference, 2e-5, 2e-5)
    epsilon = EPSILON[mode]
    size = max((float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in stages.top), default=0.0)
    # Inputs, results and steps in between are rounded to the mode's type: a few of its epsilons.
    assert_close(
        "Top / Tpu", stages.tpu, stages.top, row.tolerance * epsilon, row.tolerance * epsilon * row.floor * size
    )
    model = BModel(stages.model)
    values = list(model.run(stages.inputs, schedule="gdma").values())
    for other, value in zip(model.run(stages.inputs, schedule="tiu").values(), values, strict=True):
        np.testing.assert_array_equal(other, value, err_msg="the result depends on which engine goes first")
    # The same steps, where the chip's functions are a few f32 epsilons off; in halves that may tip a rounding.
    steps = max(row.tolerance * EPSILON["F32"], 0 if mode == "F32" else 1.01 * epsilon)
    assert_close("Tpu / bmodel", values, stages.tpu, steps, max(steps * row.floor * size, 1e-30))
