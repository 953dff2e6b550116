"""``--auto``: calibrates, measures, and chooses method, symmetry and mixed precision for the least cycles.

The order follows the price: thresholds cost no cycles, zero points few, float layers most. Each step is only taken
where the one before did not reach the asked similarity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..calibration.collect import collect
from ..calibration.data import Sample as SampleFiles
from ..calibration.data import stream
from ..calibration.table import CalibrationTable, head, write_table
from ..errors import UserError
from ..inputs import network_inputs
from ..ir import MLIRError
from ..parallel import bar
from .candidates import Candidate, Lab, Measured
from .network import TopNetwork
from .options import SearchOptions
from .qtable import QtableResult, Search, prepare
from .report import quantize_header
from .tables import write_quantize_table
from .targets import targets_of
from .thresholds import ThresholdSearch, tables_of

METHODS = ("max", "kl", "percentile9999", "mse")

MARGIN = 0.2
"""Part of the allowed dissimilarity that is kept back for inputs that were not seen."""

NEAR = 1.3
"""A symmetry is left out where its noise is so many times that of the other."""

SATURATED = 0.1
"""Noise power from which on the similarity of the 8-bit network no longer tells which ranges are better: noises then
disturb each other, while with layers in float they add up as they were measured."""


@dataclass(frozen=True)
class AutoOptions:
    """What to reach and where to write. bins: of the statistics; inference_num: samples that similarity is measured on.

    search: options of the mixed-precision search; its calibration table and symmetry are chosen here.
    """

    mlir: Path
    expected: float
    calibration_table: Path
    quantize_table: Path
    chip: str = "bm1684x"
    bins: int = 2048
    inference_num: int = 10
    search: SearchOptions | None = None


@dataclass
class Variant:
    """A way that was tried: its name, symmetry, files, similarity and cycles (None where it cannot be compiled)."""

    name: str
    asymmetric: bool
    table: CalibrationTable
    candidate: Candidate
    measured: Measured
    cycles: int | None = None
    mixed: QtableResult | None = None


@dataclass
class AutoResult:
    """What was chosen. quantize_table is None where no layer needs float; baseline: cycles of pure INT8."""

    calibration_table: Path
    quantize_table: Path | None
    asymmetric: bool
    score: float
    reached: bool
    cycles: int | None
    baseline: int | None
    variants: list[Variant] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class Auto:
    """One run of ``--auto``."""

    def __init__(self, options: AutoOptions, files: Sequence[SampleFiles]):
        if not files:
            raise UserError("--auto needs samples to calibrate with; give --dataset or --data_list")
        self.options, self.files = options, files
        base = options.search or SearchOptions(options.mlir, options.calibration_table)
        expected = 1 - (1 - options.expected) * (1 - MARGIN)
        self.search = replace(base, mlir=options.mlir, chip=options.chip, expected=expected)
        self.search.check()
        self.network = TopNetwork(options.mlir)
        self.reasons: list[str] = []
        self.variants: list[Variant] = []

    def run(self) -> AutoResult:
        """Does everything; the files of the choice are written."""
        inputs = network_inputs(self.network.module)
        used = self.files[: self.options.inference_num]
        samples = [arrays for _, arrays in stream(used, inputs)]
        tables = self._tables()
        search = self.search
        targets = targets_of(
            self.network.graph, layers=search.compare_layers, method=search.benchmark, post_process=search.post_process
        )
        # What is promised should hold for single inputs, not on the average.
        with Lab(search.mlir, search.chip, samples, replace(targets, worst_sample=True)) as lab:
            chosen = self._choose(lab, tables)
            baseline = self._baseline(lab)
            return self._written(lab, chosen, baseline)

    def _tables(self) -> dict[str, CalibrationTable]:
        options = self.options
        self.search.notify(f"calibrating with {len(self.files)} samples")
        with bar(len(self.files), "calibrate") as tick:
            statistics = collect(options.mlir, self.files, bins=options.bins, tick=tick)
        header = head(options.mlir.name, "auto", options.bins, len(self.files), 0)
        return tables_of(statistics, METHODS, header)

    def _choose(self, lab: Lab, tables: Mapping[str, CalibrationTable]) -> Variant:
        """Plain methods, then better ranges, then float layers."""
        schemes = [self._scheme(lab, asymmetric) for asymmetric in (False, True)]
        plain = [self._best_method(scheme, tables) for scheme in schemes]
        reached = self._cheapest(lab, plain)
        if reached is not None:
            self.reasons.append(f"{reached.name} reaches the similarity without further work")
            return reached
        least = min(_noise(variant) for variant in plain)
        near = [i for i, variant in enumerate(plain) if _noise(variant) <= NEAR * least]
        better = [self._with_better_ranges(schemes[i], plain[i], tables) for i in near]
        reached = self._cheapest(lab, better)
        if reached is not None:
            self.reasons.append(f"ranges chosen by their effect on the outputs reach the similarity ({reached.name})")
            return reached
        self.reasons.append(
            f"pure INT8 reaches {max(v.measured.score for v in better):.6f} at most, so layers are computed in float"
        )
        mixed = [self._mixed(lab, variant) for variant in self._promising(better)]
        reached = self._cheapest(lab, mixed)
        return reached if reached is not None else max(mixed, key=lambda variant: variant.measured.score)

    def _scheme(self, lab: Lab, asymmetric: bool) -> ThresholdSearch:
        return ThresholdSearch(replace(self.search, asymmetric=asymmetric), self.network, lab)

    def _best_method(self, scheme: ThresholdSearch, tables: Mapping[str, CalibrationTable]) -> Variant:
        found = scheme.by_method(tables)
        method = max(found, key=lambda name: found[name].score)
        return self._variant(scheme, method, tables[method], found[method])

    def _with_better_ranges(
        self, scheme: ThresholdSearch, plain: Variant, tables: Mapping[str, CalibrationTable]
    ) -> Variant:
        method = next(name for name, table in tables.items() if table is plain.table)
        scheme.options.notify(f"choosing {_word(scheme.options.asymmetric)} ranges by their effect on the outputs")
        table = scheme.improved(tables, method, narrow=True)
        scheme.release()
        measured = scheme.measure(table, f"ranges_{_word(scheme.options.asymmetric)}")
        scheme.options.notify(f"chosen {_word(scheme.options.asymmetric)} ranges: similarity {measured.score:.6f}")
        if measured.score <= plain.measured.score and _noise(plain) < SATURATED:
            return plain
        return self._variant(scheme, "chosen ranges", table, measured)

    def _variant(self, scheme: ThresholdSearch, method: str, table: CalibrationTable, measured: Measured) -> Variant:
        word = _word(scheme.options.asymmetric)
        path = scheme.write(table, f"{method.replace(' ', '_')}_{word}")
        candidate = Candidate(path, scheme.options.asymmetric)
        variant = Variant(f"{method}, {word}", candidate.asymmetric, table, candidate, measured)
        self.variants.append(variant)
        return variant

    @staticmethod
    def _promising(variants: list[Variant]) -> list[Variant]:
        """Those worth a search of float layers: with clearly less noise the others cannot be cheaper."""
        least = min(_noise(variant) for variant in variants)
        return [variant for variant in variants if _noise(variant) <= 1.25 * least]

    def _mixed(self, lab: Lab, variant: Variant) -> Variant:
        options = replace(self.search, asymmetric=variant.asymmetric, calibration_table=variant.candidate.calibration)
        prepared = prepare(options, self.network, lab, lab.samples)
        integer = self._cycles(lab, variant.candidate)
        floating = self._cycles(lab, Candidate(variant.candidate.calibration, False, (), prepared.cost.float_type))
        if integer is not None and floating is not None:
            prepared.cost.scaled(integer, floating)
        result = Search(options, prepared).run()
        candidate = variant.candidate.with_table(result.table)
        name = f"{variant.name}, float layers: {len(result.table)}"
        found = Variant(name, variant.asymmetric, variant.table, candidate, result.after, None, result)
        self.variants.append(found)
        return found

    def _cheapest(self, lab: Lab, variants: Sequence[Variant]) -> Variant | None:
        """The one with the fewest cycles among those that reach the similarity."""
        reached = [variant for variant in variants if variant.measured.score >= self.search.expected]
        for variant in reached:
            variant.cycles = self._cycles(lab, variant.candidate)
        return min(reached, key=lambda v: float("inf") if v.cycles is None else v.cycles, default=None)

    def _baseline(self, lab: Lab) -> int | None:
        """Cycles of pure INT8, of the cheaper symmetry."""
        found = []
        for variant in self.variants:
            if not variant.candidate.table:
                variant.cycles = variant.cycles or self._cycles(lab, variant.candidate)
                if variant.cycles is not None:
                    found.append(variant.cycles)
        return min(found, default=None)

    def _cycles(self, lab: Lab, candidate: Candidate) -> int | None:
        try:
            return lab.cycles(candidate)
        except MLIRError as error:
            self.search.notify(f"cannot be compiled, costs are estimated: {str(error).splitlines()[0]}")
            return None

    def _written(self, lab: Lab, chosen: Variant, baseline: int | None) -> AutoResult:
        options = self.options
        chosen.cycles = chosen.cycles or self._cycles(lab, chosen.candidate)
        write_table(options.calibration_table, chosen.table)
        table = dict(chosen.candidate.table)
        if table:
            assert chosen.mixed is not None
            write_quantize_table(options.quantize_table, table, quantize_header(self.search, chosen.mixed))
        reached = chosen.measured.score >= options.expected
        self._explain(chosen, baseline, reached)
        return AutoResult(
            options.calibration_table,
            options.quantize_table if table else None,
            chosen.asymmetric,
            chosen.measured.score,
            reached,
            chosen.cycles,
            baseline,
            self.variants,
            self.reasons,
        )

    def _explain(self, chosen: Variant, baseline: int | None, reached: bool) -> None:
        text = f"chosen: {chosen.name}; similarity {chosen.measured.score:.6f} of {self.options.expected} asked"
        if chosen.cycles is not None and baseline:
            text += f", {chosen.cycles:,} cycles, {chosen.cycles / baseline:.2f} times those of pure INT8"
        self.reasons.append(text)
        if not reached:
            self.reasons.append("the asked similarity cannot be reached; try --fp_type F32, or more samples")


def _word(asymmetric: bool) -> str:
    return "asymmetric" if asymmetric else "symmetric"


def _noise(variant: Variant) -> float:
    """Noise power of the worst target."""
    cosine = min(max(variant.measured.score, 1e-3), 1.0)
    return max(1 / cosine**2 - 1, 1e-9)


def auto(options: AutoOptions, files: Sequence[SampleFiles]) -> AutoResult:
    """Calibrates and chooses; writes the calibration table and, where layers need float, the quantize table.

    Raises:
        UserError, MLIRError: samples or options cannot be used, or the network cannot be lowered.
    """
    return Auto(options, files).run()
