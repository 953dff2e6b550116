"""The steps of model_deploy: lowering, comparison, placement, code generation, comparison of the bmodel."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .. import ir, pipelines
from ..errors import UserError
from ..evaluation import Evaluation, evaluate_module
from ..files import load_npz, save_npz, save_text, written_atomically
from ..inputs import NetworkInput, load_inputs, network_inputs, prepared_frames, random_inputs
from ..npz.compare import Comparison, compare, matched_by_content
from ..runtime.bmodel import BModel
from ..workspace import Workspace
from .groups import cache_file, known_groups, tune_groups, tuned_file, with_files
from .hints import Hint, hints
from .layers import LayerReport, compare_layers, layers_of
from .modes import file_word
from .options import DeployOptions, check, check_module
from .precision import precise_table

SAMPLES_KEPT = 6
"""Layers whose values are plotted in the report."""


@dataclass
class Stage:
    """One step of the work. comparison is None where nothing was compared."""

    name: str
    seconds: float
    result: str
    comparison: Comparison | None = None


@dataclass
class DeployReport:
    """What was made, step by step.

    layers: every layer beside the float network, where that was compared. notes: warnings of the compiler.
    """

    model: Path
    stages: list[Stage] = field(default_factory=list)
    layers: LayerReport = field(default_factory=LayerReport)
    hints: list[Hint] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failures(self) -> list[Stage]:
        """The comparisons that did not pass."""
        return [stage for stage in self.stages if stage.comparison is not None and not stage.comparison.passed]


@dataclass
class _Run:
    """State of a deployment that its steps share."""

    options: DeployOptions
    work: Workspace
    report: DeployReport
    module: ir.Module
    name: str
    inputs: dict[str, np.ndarray] | None = None  # of the Top module
    lowered_inputs: dict[str, np.ndarray] | None = None  # of the Tpu module: frames where preprocessing is fused
    reference: dict[str, np.ndarray] = field(default_factory=dict)
    top_outputs: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        """The mode as file names have it."""
        return file_word(self.options.mode, self.options.asymmetric)

    @property
    def prefix(self) -> str:
        """NAME_CHIP_MODE, the beginning of file names."""
        return f"{self.name}_{self.options.chip}_{self.word}"

    @property
    def layerwise(self) -> bool:
        """Whether every tensor is evaluated, not only the outputs."""
        return self.options.compare_all or self.options.facts.quantized

    def step(self, name: str, result: str, body: Callable[[], Comparison | None]) -> None:
        """Runs one step and records its time; a comparison that fails is recorded, the caller decides."""
        self.options.notify(name)
        start = time.perf_counter()
        comparison = body()
        self.report.stages.append(Stage(name, time.perf_counter() - start, result, comparison))


def deploy(options: DeployOptions) -> DeployReport:
    """Compiles and checks; stops after the first comparison that fails, which the report then shows.

    Raises:
        UserError, MLIRError: with one sentence; no files of this run are left then.
    """
    check(options)
    report = DeployReport(options.model)
    context = ir.Context()
    context.attach_diagnostic_handler(lambda diagnostic: report.notes.append(diagnostic.message))
    module = pipelines.load(options.mlir, context)
    run_name = _module_name(module, options)
    names = output_names(module)
    check_module(options, module, len(network_inputs(module)), len(names))
    with Workspace(options.model.parent, options.debug) as work:
        run = _Run(options, work, report, module, run_name, top_outputs=names)
        _prepare_reference(run)
        tpu = _lower(run)
        if run.report.failures:
            run.report.hints = hints(options, run.report.layers)
        if run.report.failures or options.not_gen_bmodel:
            return run.report
        _generate(run)
        if run.lowered_inputs is not None and not options.skip_validation:
            assert tpu is not None
            _validate(run, run.lowered_inputs, tpu)
    return run.report


def _text(module: ir.Module, name: str) -> str:
    attribute = module.operation.attributes.get(name)
    return str(attribute.value) if attribute is not None else ""


def _module_name(module: ir.Module, options: DeployOptions) -> str:
    state = _text(module, "module.state")
    if state != "TOP_F32":
        raise UserError(
            f"{options.mlir} has the state {state or 'none'}; model_deploy takes the file that model_transform wrote"
        )
    name = _text(module, "sym_name")
    if not name or "/" in name:
        raise UserError(f"the module in {options.mlir} has no name that files could be called by")
    return name


def _prepare_reference(run: _Run) -> None:
    """Loads or makes the test input, and the Top tensors to compare with."""
    options = run.options
    specs = network_inputs(run.module)
    if options.fuse_preprocess:
        fused = _fused_inputs(options)
        run.lowered_inputs = _test_input(options, fused)
        if run.lowered_inputs is not None:
            run.inputs = prepared_frames(run.lowered_inputs, fused, specs)
            save_npz(run.work.result(f"{run.name}_in_ori.npz"), run.lowered_inputs)
    else:
        run.inputs = run.lowered_inputs = _test_input(options, specs)
    if run.inputs is None:
        return
    save_npz(run.work.result(f"{run.name}_in_f32.npz"), run.inputs)
    if options.test_reference is not None:
        run.reference = load_npz(options.test_reference, "the test reference")
        if not options.fuzzy_match and not set(run.reference).intersection(run.top_outputs):
            raise UserError(
                f"{options.test_reference} holds none of the network's outputs ({', '.join(run.top_outputs[:4])}); "
                "give the file that model_transform wrote with --test_result"
            )
        return

    def evaluate() -> None:
        assert run.inputs is not None
        run.reference = evaluate_module(run.module, run.inputs, every_tensor=run.layerwise).values

    run.step("evaluate Top", f"{run.name}_top_outputs.npz", evaluate)
    save_npz(run.work.result(f"{run.name}_top_outputs.npz"), run.reference)


def _test_input(options: DeployOptions, specs: Sequence[NetworkInput]) -> dict[str, np.ndarray] | None:
    if options.test_input:
        return load_inputs(options.test_input, specs)
    return random_inputs(specs, options.gen_test_seed) if options.gen_test_input else None


def _fused_inputs(options: DeployOptions) -> list[NetworkInput]:
    """The inputs that the network has when its preprocessing is fused."""
    module = pipelines.load(options.mlir, ir.Context())
    pipelines.run(module, [options.lowering().fusion()])
    return network_inputs(module)


def output_names(module: ir.Module) -> list[str]:
    """Names of the values that main returns, in order."""
    names: list[str] = []

    def visit(op: ir.OpView) -> None:
        parent = op.parent
        if op.name == "func.return" and parent is not None and parent.attributes["sym_name"].value == "main":
            names.extend(value.location.name_str or "" for value in op.operands)

    module.operation.walk(visit)
    return names


def _lower(run: _Run) -> Evaluation | None:
    """To PREFIX_tpu.mlir; returns the evaluation of the Tpu module where there is a test input."""
    options, work = run.options, run.work
    weights = f"{run.prefix}_tpu{'_qtable' if options.quantize_table else ''}_weights.npz"
    work.temporary(weights)
    lowering = options.lowering()
    if options.high_precision:
        text = precise_table(run.module, options.quantize_table)
        if text is not None:
            table = work.temporary(f"{run.prefix}_high_precision_qtable")
            save_text(table, text)
            lowering = replace(lowering, quantize_table=str(table))
    passes = lowering.passes(weights)
    target = work.result(f"{run.prefix}_tpu.mlir")
    run.step("lower", target.name, lambda: pipelines.run(run.module, passes, target))
    if run.inputs is None:
        return None
    found: list[Evaluation] = []

    def compared() -> Comparison:
        assert run.lowered_inputs is not None
        found.append(evaluate_module(run.module, run.lowered_inputs, every_tensor=run.layerwise))
        save_npz(work.temporary(f"{run.prefix}_tpu_outputs.npz"), found[0].values)
        return _compare_with_top(run, found[0])

    run.step("Tpu / Top", f"{run.prefix}_tpu_outputs.npz", compared)
    if options.compare_all:
        _write_report(run)
    return found[0]


def _compare_with_top(run: _Run, tpu: Evaluation) -> Comparison:
    """Judges the outputs, or every tensor; looks at every layer where all were evaluated."""
    options, inputs = run.options, run.inputs or {}
    values = {**tpu.values, **dict(zip(run.top_outputs, tpu.in_order(), strict=True))}
    values = {name: array for name, array in values.items() if name not in inputs}
    reference = run.reference
    if options.fuzzy_match:
        reference = {**reference, **matched_by_content(values, reference)}
    tolerance = options.smallest_similarity
    if run.layerwise:
        layers = layers_of(run.module)
        run.report.layers = compare_layers(layers, values, reference, tolerance, options.excepts, SAMPLES_KEPT)
    wanted = reference if options.compare_all else _only(reference, run.top_outputs)
    return compare(values, wanted, tolerance, options.excepts, everything=options.compare_all)


def _write_report(run: _Run) -> None:
    """PREFIX_compare.html and .csv; written also when the comparison failed, for that is when they are needed."""
    from .report import write_csv, write_html

    table, page = run.work.result(f"{run.prefix}_compare.csv"), run.work.result(f"{run.prefix}_compare.html")

    def write() -> None:
        write_csv(table, run.report.layers)
        title = f"{run.name} on {run.options.chip}, {run.word}"
        write_html(page, title, run.report.layers, run.options.smallest_similarity)

    run.step("report", f"{page.name}, {table.name}", write)


def _only(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    return {name: arrays[name] for name in names if name in arrays}


def _generate(run: _Run) -> None:
    """To PREFIX_final.mlir and the bmodel."""
    options, work = run.options, run.work
    target = work.result(f"{run.prefix}_final.mlir")
    work.result(f"{run.name}_tpu_addressed_{options.chip}_{run.word}_weight.npz")
    order = pipelines.before_groups(
        topo_sort=options.topo_sort, ports=options.ports, avoid_price_quirks=options.avoid_price_quirks
    )
    run.step("order", "", lambda: pipelines.run(run.module, order))
    found: list[pipelines.LayerGroups] = []
    if options.tunes:
        tuned = work.result(tuned_file(run.prefix))
        run.step(
            "autotune", tuned.name, lambda: found.append(tune_groups(options, run.module, tuned, run.report.notes))
        )
    else:
        tuned, cache = work.folder / tuned_file(run.prefix), work.result(cache_file(run.prefix))
        notes = run.report.notes
        run.step("groups", "", lambda: found.append(known_groups(options, run.module, tuned, cache, notes)))
    passes = with_files(found[0], work, run.prefix, options).passes()
    run.step("final", target.name, lambda: pipelines.run(run.module, passes, target))

    model = work.result(options.model.name)
    work.result(options.model.name + ".json")  # where each tensor lies; written by the pass as well
    codegen = pipelines.codegen(model, embed_debug_info=options.debug, avoid_price_quirks=options.avoid_price_quirks)
    run.step("codegen", model.name, lambda: pipelines.run(run.module, codegen))


def _validate(run: _Run, inputs: Mapping[str, np.ndarray], tpu: Evaluation) -> None:
    """Runs the bmodel on the simulator and compares it with the Tpu module."""

    def check() -> Comparison:
        values = BModel(run.options.model).run(inputs)
        outputs = run.work.temporary(f"{run.prefix}_model_outputs.npz")
        save_npz(outputs, values)
        # In order, not by name: where the casts at the end are stripped, the outputs are called differently.
        expected = dict(zip(values, tpu.in_order(), strict=True))
        result = compare(values, expected, run.options.smallest_correctness, run.options.excepts)
        _write_companion(run, inputs, values)
        return result

    run.step("bmodel / Tpu", run.options.model.name, check)


def _write_companion(run: _Run, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> None:
    """The folder named like the model, as runtimes' test programs expect it."""
    folder = run.options.model.with_suffix("")
    if folder == run.options.model or (folder.exists() and not folder.is_dir()):
        return
    folder.mkdir(exist_ok=True)
    for source, name in ((run.options.model, "compilation.bmodel"), (_final(run), "final.mlir")):
        with written_atomically(folder / name) as temporary:
            shutil.copyfile(source, temporary)
    for arrays, name in ((inputs, "input_ref_data.dat"), (outputs, "output_ref_data.dat")):
        with written_atomically(folder / name) as temporary, temporary.open("wb") as file:
            for array in arrays.values():
                file.write(np.ascontiguousarray(array).tobytes())


def _final(run: _Run) -> Path:
    return run.work.folder / f"{run.prefix}_final.mlir"
