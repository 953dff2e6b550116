"""Candidates: a network lowered with a calibration table and a quantize table, its similarity and its cycles."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..evaluation import ModuleInterpreter
from ..runtime.bmodel import BModel
from .tables import write_quantize_table
from .targets import Targets

Sample = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Candidate:
    """What a network is lowered with. table: mode by layer; mode: of all layers that are not in it."""

    calibration: Path
    asymmetric: bool
    table: tuple[tuple[str, str], ...] = ()
    mode: str = "INT8"

    def with_table(self, table: Mapping[str, str]) -> Candidate:
        """The same with another quantize table."""
        return Candidate(self.calibration, self.asymmetric, tuple(table.items()), self.mode)


@dataclass(frozen=True)
class Measured:
    """Similarity of a candidate: the score of the targets, and each target's own."""

    score: float
    by_tensor: Mapping[str, float]


class Lab:
    """Lowers, evaluates and compiles candidates of one network; results are kept, so that none is made twice."""

    def __init__(self, mlir: Path, chip: str, samples: Sequence[Sample], targets: Targets):
        self.mlir, self.chip, self.samples, self.targets = mlir, chip, samples, targets
        self._folder = tempfile.TemporaryDirectory(prefix="tpu_mlir_search_")
        self._references: list[dict[str, np.ndarray]] | None = None
        self._measured: dict[Candidate, Measured] = {}
        self._cycles: dict[Candidate, int] = {}
        self.evaluations = 0

    def close(self) -> None:
        """Removes the files of this search."""
        self._folder.cleanup()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """A folder for files of this search."""
        return Path(self._folder.name)

    def references(self) -> list[dict[str, np.ndarray]]:
        """The targets of the float network, by sample."""
        if self._references is None:
            module = pipelines.load(self.mlir, ir.Context())
            interpreter = ModuleInterpreter(module)
            self._references = [self._targets(interpreter, sample) for sample in self.samples]
        return self._references

    def _targets(self, interpreter: ModuleInterpreter, sample: Sample) -> dict[str, np.ndarray]:
        return interpreter.run(sample, wanted=list(self.targets.names)).values

    def lowered(self, candidate: Candidate) -> ir.Module:
        """The Tpu module of a candidate."""
        module = pipelines.load(self.mlir, ir.Context())
        pipelines.run(module, self._passes(candidate))
        return module

    def _passes(self, candidate: Candidate) -> list[str]:
        table: str | None = None
        if candidate.table:
            path = self.folder / "qtable"
            write_quantize_table(path, dict(candidate.table), ())
            table = str(path)
        integer = candidate.mode == "INT8"
        lowering = pipelines.Lowering(
            self.chip,
            candidate.mode,
            calibration_table=str(candidate.calibration) if integer else None,
            quantize_table=table,
            asymmetric=candidate.asymmetric and integer,
        )
        return lowering.passes(str(self.folder / "weights.npz"))

    def measure(self, candidate: Candidate) -> Measured:
        """Similarity of the Tpu module's targets to those of the float network, over all samples."""
        if candidate not in self._measured:
            references = self.references()
            interpreter = self._interpreter(candidate)
            names = self._names(interpreter)
            pairs = []
            for sample, expected in zip(self.samples, references, strict=True):
                values = interpreter.run(sample, wanted=list(names.values())).values
                pairs.append(({name: values[found] for name, found in names.items()}, expected))
            self.evaluations += 1
            self._measured[candidate] = Measured(self.targets.score(pairs), self.targets.by_tensor(pairs))
        return self._measured[candidate]

    def _interpreter(self, candidate: Candidate) -> ModuleInterpreter:
        self._module = self.lowered(candidate)  # interpreters refer to their module
        return ModuleInterpreter(self._module)

    def _names(self, interpreter: ModuleInterpreter) -> dict[str, str]:
        """Name of each target -> its name in the Tpu module, where outputs are cast under another name."""
        module = pipelines.load(self.mlir, ir.Context()) if not hasattr(self, "_outputs") else None
        if module is not None:
            self._outputs = ModuleInterpreter(module).output_names
        renamed = dict(zip(self._outputs, interpreter.output_names, strict=True))
        return {name: renamed.get(name, name) for name in self.targets.names}

    def cycles(self, candidate: Candidate) -> int:
        """Cycles of the compiled network."""
        if candidate not in self._cycles:
            module = self.lowered(candidate)
            model = self.folder / "candidate.bmodel"
            pipelines.run(module, pipelines.final(), self.folder / "final.mlir")
            pipelines.run(module, pipelines.codegen(model))
            self._cycles[candidate] = int(BModel(model).cycles()["total_cycles"])
        return self._cycles[candidate]


@dataclass(frozen=True)
class Forms:
    """How the layers of a lowered network are computed. real: integer layers whose results are not stored in 8 bits."""

    floating: frozenset[str]
    real: frozenset[str]


def forms_of(module: ir.Module, layers: Sequence[str]) -> Forms:
    """Looks at the types of a lowered module: integer layers take or give 8-bit values."""
    floating: set[str] = set()
    real: set[str] = set()
    wanted = set(layers)

    def visit(op: ir.OpView) -> None:
        if not op.operation.name.startswith("tpu.") or op.name == "tpu.Cast":
            return
        name = op.location.name_str or ""
        results = op.operation.results
        if name not in wanted or len(results) == 0 or _is_quantized(results[0].type):
            return
        (real if any(_is_quantized(value.type) for value in op.operands) else floating).add(name)

    module.operation.walk(visit)
    return Forms(frozenset(floating), frozenset(real))


def _is_quantized(kind: ir.Type) -> bool:
    return "!quant.uniform" in str(kind)
