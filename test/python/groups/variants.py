"""A network compiled in many ways: whatever groups are chosen, the results have the same bits and nothing races."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from graphs import Graph, build


@dataclass(frozen=True)
class Variant:
    """Options of one compile. budget: bytes of local memory per lane that plans may use, 0 for all of it. plan: a plan
    file's text that is followed instead of a search.
    """

    opt: int = 2
    budget: int = 0
    overlap: bool = True
    plan: str = ""


UNGROUPED = Variant(0)
LEVELS = [Variant(opt) for opt in (1, 2, 3)]


@dataclass(frozen=True)
class Lowered:
    """A network in chip types, and its inputs. evaluated: outputs of the evaluation, in the module's own types."""

    path: Path
    inputs: dict[str, np.ndarray]
    evaluated: list[np.ndarray]


def write_table(path: Path, values: dict[str, np.ndarray]) -> None:
    """A calibration table of the ranges that the values have."""
    lines = ["# op_name    threshold    min    max"]
    for name, array in values.items():
        low, high = float(array.min(initial=0)), float(array.max(initial=0))
        lines.append(f"{name} {max(-low, high, 1e-3):.7f} {low:.7f} {max(high, 1e-3):.7f}")
    path.write_text("\n".join(lines) + "\n")


def lower(graph: Graph, mode: str, folder: Path) -> Lowered:
    """Writes the network in chip types."""
    model, inputs = build(graph)
    onnx.save(model, folder / "model.onnx")
    return lower_file(folder / "model.onnx", inputs, mode, folder)


def lower_file(
    source: Path, inputs: Mapping[str, np.ndarray], mode: str, folder: Path, table: Path | None = None
) -> Lowered:
    """Writes an ONNX network in chip types; INT8_ASYM is INT8 with zero points. table: of 8-bit modes; without it
    ranges are those of the inputs given.
    """
    from tpu_mlir import ir, pipelines
    from tpu_mlir.evaluation import ModuleInterpreter, evaluate_module
    from tpu_mlir.frontend.onnx import convert_onnx

    converted = convert_onnx(source, "model", directory=folder)
    module = pipelines.load(folder / "model_origin.mlir", ir.Context())
    pipelines.run(module, pipelines.TRANSFORM, folder / "model.mlir")
    named = {converted.tensors.get(name, name): array for name, array in inputs.items()}
    integer = mode.startswith("INT8")
    if integer and table is None:
        table = folder / "table"
        write_table(table, evaluate_module(module, named, every_tensor=True).values)
    how = pipelines.Lowering(
        "bm1684x",
        "INT8" if integer else mode,
        calibration_table=str(table) if integer else None,
        asymmetric=mode == "INT8_ASYM",
    )
    pipelines.run(module, how.passes("tpu_weights.npz"), folder / "model_tpu.mlir")
    evaluated = ModuleInterpreter(module).run(named, native_types=True).in_order()
    return Lowered(folder / "model_tpu.mlir", named, evaluated)


def compile_variant(lowered: Lowered, variant: Variant) -> Path:
    """The bmodel of the network with these options."""
    from tpu_mlir import ir, pipelines

    module = pipelines.load(lowered.path, ir.Context())
    plan = lowered.path.with_name("plan.json") if variant.plan else None
    if plan is not None:
        plan.write_text(variant.plan)
    groups = pipelines.LayerGroups(variant.opt, config=plan, overlap=variant.overlap, budget=variant.budget)
    pipelines.run(module, pipelines.final(groups=groups))
    model = lowered.path.with_name(f"{variant.opt}.bmodel")
    pipelines.run(module, pipelines.codegen(model))
    return model


def assert_same_bits(what: str, actual: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> None:
    """Equal arrays; NaN is equal to NaN."""
    assert len(actual) == len(wanted)
    for index, (a, b) in enumerate(zip(actual, wanted, strict=True)):
        assert a.dtype == b.dtype and a.size == b.size, f"{what}: result {index} is {a.dtype}{a.shape}"
        bad = np.flatnonzero((a.reshape(-1) != b.reshape(-1)) & ~((a != a) & (b != b)).reshape(-1))
        if bad.size:
            where = tuple(int(i) for i in np.unravel_index(bad[0], b.shape))
            got, want = a.reshape(-1)[bad[0]], b.reshape(-1)[bad[0]]
            raise AssertionError(
                f"{what}: result {index} {b.shape}: {bad.size} of {b.size} elements differ, the first at {where}: "
                f"{got!r} instead of {want!r}"
            )


@contextlib.contextmanager
def named(variant: object) -> Iterator[None]:
    """Errors on the way say which variant they belong to."""
    try:
        yield
    except Exception as error:
        error.add_note(f"with {variant!r}")
        raise


def run_checked(path: Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The raw results; no races, and the same bits whichever engine goes first."""
    from tpu_mlir.runtime.bmodel import BModel

    model = BModel(path)
    races = model.hazards()
    assert not races, "\n".join(races[:5])
    first = list(model.run(inputs, raw_outputs=True).values())
    for schedule in ("tiu", "random"):
        again = list(model.run(inputs, raw_outputs=True, schedule=schedule, seed=3).values())
        assert_same_bits(f"schedule {schedule}", again, first)
    return first


def check_lowered(lowered: Lowered, variants: Sequence[Variant], strict: bool = False) -> None:
    """Compares every variant with the network compiled op by op. strict: budgets are large enough for every op."""
    with named(UNGROUPED):
        wanted = run_checked(compile_variant(lowered, UNGROUPED), lowered.inputs)
    for variant in variants:
        with named(variant):
            try:
                path = compile_variant(lowered, variant)
            except Exception as error:
                if (
                    variant.budget
                    and not strict
                    and re.search(r"no (tile of it|division into groups) fits", str(error))
                ):
                    continue
                raise
            assert_same_bits("grouped / op by op", run_checked(path, lowered.inputs), wanted)


def check(graph: Graph, mode: str, variants: Sequence[Variant], folder: Path, strict: bool = False) -> None:
    """Compares every variant of a small network with the network compiled op by op."""
    check_lowered(lower(graph, mode, folder), variants, strict)
