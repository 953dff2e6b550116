"""model_deploy: a canonical Top module becomes a bmodel; every stage is compared with the one before it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import ir, pipelines
from .errors import UserError
from .evaluation import Evaluation, evaluate_module
from .files import load_npz, require_file, require_writable, save_npz, written_atomically
from .inputs import load_inputs, network_inputs, random_inputs
from .npz.compare import Comparison, Tolerance, compare
from .runtime.bmodel import BModel
from .workspace import Workspace

TOLERANCES = {"F32": Tolerance(0.99, 0.99), "F16": Tolerance(0.99, 0.90), "BF16": Tolerance(0.99, 0.90)}
"""Smallest similarity of the Tpu module to the Top module, by mode."""

CORRECTNESS = Tolerance(0.99, 0.90)
"""Smallest similarity of the bmodel to the Tpu module."""

CHIPS = ("bm1684x",)


@dataclass(frozen=True)
class DeployOptions:
    """What to compile and how to check it; see ``model_deploy.py --help``."""

    mlir: Path
    mode: str
    chip: str
    model: Path
    test_input: Sequence[Path] = ()
    gen_test_input: bool = False
    gen_test_seed: int = 0
    test_reference: Path | None = None
    compare_all: bool = False
    tolerance: Tolerance | None = None
    correctness: Tolerance = CORRECTNESS
    excepts: Sequence[str] = ()
    skip_validation: bool = False
    not_gen_bmodel: bool = False
    high_precision: bool = False
    quantize_table: Path | None = None
    opt: int = 2
    topo_sort: bool = True
    layer_group: bool = True
    debug: bool = False
    notify: Callable[[str], None] = lambda step: None  # called with the name of each step as it begins


@dataclass
class Stage:
    """One step of the work. comparison is None where nothing was compared."""

    name: str
    seconds: float
    result: str
    comparison: Comparison | None = None


@dataclass
class DeployReport:
    """What was made, step by step."""

    model: Path
    stages: list[Stage] = field(default_factory=list)

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
    inputs: dict[str, np.ndarray] | None = None
    reference: dict[str, np.ndarray] = field(default_factory=dict)
    top_outputs: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """NAME_CHIP_MODE, the beginning of file names."""
        return f"{self.name}_{self.options.chip}_{self.options.mode.lower()}"

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
    _check(options)
    module = pipelines.load(options.mlir, ir.Context())
    run_name = _module_name(module, options)
    with Workspace(options.model.parent, options.debug) as work:
        run = _Run(options, work, DeployReport(options.model), module, run_name)
        _prepare_reference(run)
        tpu = _lower(run)
        if run.report.failures or options.not_gen_bmodel:
            return run.report
        _generate(run)
        if run.inputs is not None and not options.skip_validation:
            assert tpu is not None
            _validate(run, run.inputs, tpu)
    return run.report


def _check(options: DeployOptions) -> None:
    require_file(options.mlir, "the module")
    require_writable(options.model, "the output")
    if options.chip not in CHIPS:
        raise UserError(f"the chip {options.chip} is not supported yet; choose {' or '.join(CHIPS)}")
    if options.mode not in TOLERANCES:
        raise UserError(f"the mode {options.mode} is not supported yet; choose F32, F16 or BF16")
    for path in options.test_input:
        require_file(path, "the test input")
    if options.test_reference is not None:
        require_file(options.test_reference, "the test reference")
    if options.test_reference is not None and not options.test_input:
        raise UserError("--test_reference needs --test_input, the input that the reference was made with")
    if options.quantize_table is not None:
        require_file(options.quantize_table, "the quantize table")


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
    if options.test_input:
        run.inputs = load_inputs(options.test_input, specs)
    elif options.gen_test_input:
        run.inputs = random_inputs(specs, options.gen_test_seed)
    if run.inputs is None:
        return
    save_npz(run.work.result(f"{run.name}_in_f32.npz"), run.inputs)
    run.top_outputs = output_names(run.module)
    if options.test_reference is not None:
        run.reference = load_npz(options.test_reference, "the test reference")
        if not set(run.reference).intersection(run.top_outputs):
            raise UserError(
                f"{options.test_reference} holds none of the network's outputs ({', '.join(run.top_outputs[:4])}); "
                "give the file that model_transform wrote with --test_result"
            )
        return

    def evaluate() -> None:
        assert run.inputs is not None
        run.reference = evaluate_module(run.module, run.inputs, every_tensor=options.compare_all).values

    run.step("evaluate Top", f"{run.name}_top_outputs.npz", evaluate)
    save_npz(run.work.result(f"{run.name}_top_outputs.npz"), run.reference)


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
    weights = f"{run.prefix}_tpu_weights.npz"
    work.temporary(weights)
    passes = pipelines.lowering(
        options.chip,
        options.mode,
        weights,
        high_precision=options.high_precision,
        quantize_table=str(options.quantize_table) if options.quantize_table else None,
    )
    target = work.result(f"{run.prefix}_tpu.mlir")
    run.step("lower", target.name, lambda: pipelines.run(run.module, passes, target))
    if run.inputs is None:
        return None
    found: list[Evaluation] = []

    def check() -> Comparison:
        assert run.inputs is not None
        found.append(evaluate_module(run.module, run.inputs, every_tensor=options.compare_all))
        values = found[0].values
        save_npz(work.temporary(f"{run.prefix}_tpu_outputs.npz"), values)
        tolerance = options.tolerance or TOLERANCES[options.mode]
        pairs = {**values, **dict(zip(run.top_outputs, found[0].in_order(), strict=True))}
        compared = {name: array for name, array in pairs.items() if name not in (run.inputs or {})}
        wanted = run.reference if options.compare_all else _only(run.reference, run.top_outputs)
        return compare(compared, wanted, tolerance, options.excepts)

    run.step("Tpu / Top", f"{run.prefix}_tpu_outputs.npz", check)
    return found[0]


def _only(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    return {name: arrays[name] for name in names if name in arrays}


def _generate(run: _Run) -> None:
    """To PREFIX_final.mlir and the bmodel."""
    options, work = run.options, run.work
    target = work.result(f"{run.prefix}_final.mlir")
    mode = options.mode.lower()
    work.result(f"{run.name}_tpu_addressed_{options.chip}_{mode}_weight.npz")
    passes = pipelines.final(opt=options.opt, topo_sort=options.topo_sort, layer_group=options.layer_group)
    run.step("final", target.name, lambda: pipelines.run(run.module, passes, target))

    model = work.result(options.model.name)
    work.result(options.model.name + ".json")  # where each tensor lies; written by the pass as well
    codegen = pipelines.codegen(model, embed_debug_info=options.debug)
    run.step("codegen", model.name, lambda: pipelines.run(run.module, codegen))


def _validate(run: _Run, inputs: Mapping[str, np.ndarray], tpu: Evaluation) -> None:
    """Runs the bmodel on the simulator and compares it with the Tpu module."""

    def check() -> Comparison:
        values = BModel(run.options.model).run(inputs)
        outputs = run.work.temporary(f"{run.prefix}_model_outputs.npz")
        save_npz(outputs, values)
        expected = {name: tpu.values[name] for name in values if name in tpu.values}
        result = compare(values, expected, run.options.correctness, run.options.excepts)
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
