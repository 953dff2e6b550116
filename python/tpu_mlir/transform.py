"""model_transform: a source network becomes the canonical Top module, compared with the source framework."""

from __future__ import annotations

import gc
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import ir, pipelines
from .errors import UserError
from .evaluation import ModuleInterpreter, evaluate_module
from .files import require_file, require_writable, save_npz, save_text
from .inputs import NetworkInput, load_inputs, network_inputs
from .npz.compare import Comparison, Tolerance, compare
from .postprocess import kind_of as kind_of_postprocess
from .preprocess import Preprocessing
from .sources import Request, kind_of
from .workspace import Workspace

if TYPE_CHECKING:
    from .frontend.converted import ConvertedModel


@dataclass(frozen=True)
class TransformOptions:
    """What to transform and how to check it; see ``model_transform.py --help``."""

    model_name: str
    model_def: Path
    mlir: Path
    model_data: Path | None = None
    input_shapes: Sequence[Sequence[int]] = ()
    input_types: Sequence[str] = ()
    output_names: Sequence[str] = ()
    preprocessing: Preprocessing | None = None
    preprocess_list: Sequence[int] = ()
    test_input: Sequence[Path] = ()
    test_result: Path | None = None
    tolerance: Tolerance = field(default_factory=lambda: Tolerance(0.99, 0.99))
    excepts: Sequence[str] = ()
    postprocess: str = ""
    trust_pickle: bool = False
    cache_skip: bool = False
    debug: bool = False
    notify: Callable[[str], None] = lambda step: None  # called with the name of each step as it begins


@dataclass
class TransformReport:
    """What was made. comparison is None when there was no test input, or when it was made in an earlier run
    (was_compared). runtime: what it was made with."""

    mlir: Path
    op_count: int
    flops: int
    inputs: Mapping[str, tuple[int, ...]]
    comparison: Comparison | None = None
    runtime: str = ""
    was_compared: bool = False


def transform(options: TransformOptions) -> TransformReport:
    """Converts, canonicalizes, writes, and compares where a test input is given.

    Raises:
        UserError, FrontendError, MLIRError: with one sentence; no files of this run are left then.
    """
    _check(options)
    kind = kind_of(options.model_def)
    with Workspace(options.mlir.parent, options.debug) as work:
        name = options.model_name
        # All files are named before they are written, so that an error removes them.
        origin = work.result(f"{name}_origin.mlir")
        work.temporary(f"{name}_top_f32_all_origin_weight.npz")
        mlir = work.result(options.mlir.name)
        work.result(f"{name}_top_f32_all_weight.npz")
        options.notify("convert")
        shapes = [list(shape) for shape in options.input_shapes]
        request = Request(
            options.model_def,
            options.model_data,
            name,
            shapes,
            list(options.output_names),
            _attributes(options),
            work.folder,
            list(options.input_types),
            options.trust_pickle,
        )
        converted = kind.convert(request)
        gc.collect()  # what a front end made refers to itself in circles, and has the constants of the network
        options.notify("canonicalize")
        module = pipelines.load(origin, ir.Context())
        pipelines.run(module, pipelines.transform(kind_of_postprocess(options.postprocess)), mlir)
        if not kind.is_untyped:
            _check_input_types(options.input_types, network_inputs(module))
        report = TransformReport(mlir, _op_count(module), _flops(module), converted.inputs, runtime=kind.runtime)
        if options.test_input:
            _compare(options, work, module, converted, report)
    return report


def _compare(
    options: TransformOptions, work: Workspace, module: ir.Module, converted: ConvertedModel, report: TransformReport
) -> None:
    """Compares; with cache_skip not again where the same files passed with the same settings before."""
    record = work.result(f"{options.model_name}_compared.json")
    what = _fingerprint(options, converted) if options.cache_skip else ""
    assert options.test_result is not None
    if what and record.is_file() and record.read_text(encoding="utf-8") == what and options.test_result.is_file():
        report.was_compared = True
        return
    report.comparison = _validate(options, work, module, converted)
    if what and report.comparison.passed:
        save_text(record, what)


def _fingerprint(options: TransformOptions, converted: ConvertedModel) -> str:
    """What a comparison depends on: the modules and weights, the inputs and the settings."""
    files = {"source": converted.mlir_path, "source weights": converted.weight_path, "mlir": options.mlir}
    files |= {"weights": options.mlir.parent / f"{options.model_name}_top_f32_all_weight.npz"}
    files |= {"model": options.model_def, "data": options.model_data}
    files |= {f"input {number}": path for number, path in enumerate(options.test_input)}
    digests = {name: _digest(path) for name, path in files.items() if path is not None and path.is_file()}
    settings = {"tolerance": str(options.tolerance), "excepts": sorted(options.excepts)}
    return json.dumps({**digests, **settings}, indent=1) + "\n"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check(options: TransformOptions) -> None:
    kind_of_postprocess(options.postprocess)
    kind = kind_of(options.model_def)
    require_file(options.model_def, "the model")
    if options.model_data is not None:
        if not kind.has_data:
            raise UserError(f"--model_data: {kind.framework} models have their weights in {options.model_def} itself")
        require_file(options.model_data, "the weights")
    if options.trust_pickle and not kind.has_pickles:
        raise UserError(f"--trust_pickle: {kind.framework} models are no pickles")
    require_writable(options.mlir, "the output")
    if not options.model_name or "/" in options.model_name or options.model_name.startswith("."):
        raise UserError(f"the model name '{options.model_name}' cannot be the beginning of file names")
    if options.mlir.name == f"{options.model_name}_origin.mlir":
        raise UserError(f"{options.mlir} is the name of the intermediate file; choose another one for --mlir")
    for path in options.test_input:
        require_file(path, "the test input")
    if options.test_input:
        if options.test_result is None:
            raise UserError("--test_input needs --test_result, the npz file for the tensors of the Top module")
        require_writable(options.test_result, "the test result")


def _check_input_types(words: Sequence[str], inputs: Sequence[NetworkInput]) -> None:
    """The types that the user states must be those of the file, which says them itself."""
    if words and len(words) not in (1, len(inputs)):
        raise UserError(f"--input_types has {len(words)} types for {len(inputs)} inputs")
    for word, spec in zip(list(words) * (len(inputs) if len(words) == 1 else 1), inputs, strict=False):
        is_float = _WORDS_FOR_TYPES.get(word.lower())
        if is_float is None:
            raise UserError(f"--input_types: '{word}' is not one of {', '.join(_WORDS_FOR_TYPES)}")
        if is_float != (spec.element == "f32" or spec.element.startswith("!quant")):
            actual = "integers" if is_float else "floating point"
            raise UserError(
                f"--input_types: '{word}' is not what the network says of '{spec.name}', which takes {actual}; leave "
                "it out"
            )


_FLOATS = ("float32", "f32", "float16", "f16", "bfloat16", "bf16", "float64", "f64")
_INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool")
_WORDS_FOR_TYPES = {**dict.fromkeys(_FLOATS, True), **dict.fromkeys(_INTEGERS, False)}


def _attributes(options: TransformOptions) -> Callable[[str, tuple[int, ...]], Mapping[str, Any]]:
    """The preprocessing attributes of each input, as the front end asks for them."""
    counter = iter(range(1, 1_000_000))
    # That of a file stays where the user asks for nothing.
    is_own = kind_of(options.model_def).has_preprocessing and options.preprocessing == Preprocessing()

    def attributes(name: str, shape: tuple[int, ...]) -> Mapping[str, Any]:
        index = next(counter)
        if (
            options.preprocessing is None
            or is_own
            or (options.preprocess_list and index not in options.preprocess_list)
        ):
            return {}
        return options.preprocessing.attributes(shape)

    return attributes


def _op_count(module: ir.Module) -> int:
    """Ops that compute something."""
    silent = {"top.Weight", "top.None", "top.Input"}
    count = 0

    def visit(op: ir.OpView) -> None:
        nonlocal count
        name = op.operation.name  # an op may have an attribute of that name
        count += name.startswith(("top.", "tpu.")) and name not in silent

    module.operation.walk(visit)
    return count


def _flops(module: ir.Module) -> int:
    attribute = module.operation.attributes.get("module.FLOPs")
    return int(attribute) if attribute is not None else 0


def _validate(options: TransformOptions, work: Workspace, module: ir.Module, converted: ConvertedModel) -> Comparison:
    inputs = load_inputs(options.test_input, network_inputs(module))
    save_npz(work.result(f"{options.model_name}_in_f32.npz"), inputs)
    kind = kind_of(options.model_def)
    options.notify(f"run {kind.runtime}")
    expected = kind.run(options.model_def, options.model_data, inputs, converted)
    save_npz(work.temporary(f"{options.model_name}_ref_outputs.npz"), expected)
    options.notify("evaluate Top")
    computed = evaluate_module(module, inputs, every_tensor=True).values
    options.notify("compare")
    assert options.test_result is not None
    save_npz(options.test_result, computed)
    pairs = _quantized_pairs(module)
    if pairs:
        computed = _layer_by_layer(module, inputs, computed, expected, pairs)
    return compare(_without_inputs(computed, inputs), expected, options.tolerance, options.excepts)


def _quantized_pairs(module: ir.Module) -> dict[str, str]:
    """DequantizeLinear ops with the QuantizeLinear ops whose values they give, by name."""
    pairs: dict[str, str] = {}

    def visit(op: ir.OpView) -> None:
        if op.name == "top.DequantizeLinear":
            pairs[op.location.name_str or ""] = op.operands[0].location.name_str or ""

    module.operation.walk(visit)
    return pairs


def _layer_by_layer(
    module: ir.Module,
    inputs: Mapping[str, np.ndarray],
    computed: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    pairs: Mapping[str, str],
) -> dict[str, np.ndarray]:
    """The tensors of a network that rounds inside, each from what the source framework rounded before it.

    A sum that differs in its last bit can be rounded to the next integer, which all layers after it would amplify.
    """
    given = {name: expected[name] for name in pairs if name in expected}
    wanted = [name for name in computed if name not in given and name not in inputs]
    values = dict(ModuleInterpreter(module).run(inputs, given=given, wanted=wanted).values)
    values.update({name: values[source] for name, source in pairs.items() if name in given and source in values})
    return values


def _without_inputs(tensors: Mapping[str, np.ndarray], inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """Inputs are equal on both sides by construction; comparing them would only flatter the result."""
    kept = {name: array for name, array in tensors.items() if name not in inputs}
    return kept or tensors


def describe(report: TransformReport, source: str | os.PathLike[str]) -> str:
    """A few lines for the terminal."""
    shapes = ", ".join(f"{name} {list(shape)}" for name, shape in report.inputs.items())
    lines = [f"{source} -> {report.mlir}: {report.op_count} ops, {report.flops / 1e6:.2f} MFLOP, inputs {shapes}"]
    if report.comparison is not None:
        lines.append(f"{report.runtime} / Top: {report.comparison.summary()}")
    elif report.was_compared:
        lines.append(f"{report.runtime} / Top: compared before, nothing has changed")
    return "\n".join(lines)
