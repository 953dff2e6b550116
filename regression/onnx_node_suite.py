"""Runs the ONNX project's own operator tests through model_transform's path and counts what comes out.

    python regression/onnx_node_suite.py [--only REGEX] [--jobs N] [--report FILE]

The installed onnx package generates the cases: a small graph, inputs and expected outputs each. A case is converted,
optimized and evaluated in the Top dialect, once as it is and once "frozen", with every input but the first as an
initializer (operators such as Clip or Conv usually meet constants there); "either" takes the better of both. Verdicts:

    pass     all outputs have the expected shape and values
    refused  one sentence said that it is not supported
    wrong    anything else: other values, another exception, a crash of the process
    skipped  no tensor inputs, or strings, sequences, maps or optional values

The exit status is 0 when nothing is wrong.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from tpu_mlir.errors import UserError

PASS, REFUSED, WRONG = "pass", "refused", "wrong"
RELATIVE_TOLERANCE = {TensorProto.FLOAT16: 2.0**-9, TensorProto.BFLOAT16: 2.0**-6}
"""By type of the expected output, whose own rounding is in the expectation; 1e-3 (onnx's own) otherwise."""
ABSOLUTE_TOLERANCE = 1e-5

SHAPED_BY_FIRST = frozenset(
    {"BlackmanWindow", "ConstantOfShape", "HammingWindow", "HannWindow", "Loop", "MelWeightMatrix", "Range"}
)
"""Operators whose first input, too, says how large the result is."""

Evaluate = Callable[[onnx.ModelProto, Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""Converts and evaluates a model: input arrays -> arrays of its ONNX outputs. Refusals are UserError."""


@dataclass(frozen=True)
class Case:
    """One test: a model, its inputs in order and the expected outputs."""

    name: str
    operator: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


@dataclass(frozen=True)
class Verdict:
    """What happened to a case."""

    verdict: str
    reason: str = ""


def collect() -> tuple[list[Case], dict[str, str]]:
    """All cases with tensors in and out, and the names of the others with the reason."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {case.name: case for case in collect_testcases(None) if case.model is not None}
    cases, skipped = [], {}
    for name in sorted(found):
        item = found[name]
        why = _unsuitable(item.model, item.data_sets[0])
        if why:
            skipped[name] = why
            continue
        values, expected = item.data_sets[0]
        inputs = {value.name: np.asarray(array) for value, array in zip(_inputs(item.model), values, strict=True)}
        names = [value.name for value in item.model.graph.output]
        outputs = {output: _array(array) for output, array in zip(names, expected, strict=True) if output}
        cases.append(Case(name, _operator(name, found), item.model, inputs, outputs))
    return cases, skipped


def _array(value: Any) -> np.ndarray:
    """A few cases give the expected value as it is stored in files."""
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def _inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    constants = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in constants]


def _operator(name: str, found: Mapping[str, Any]) -> str:
    """The operator under test; an expanded case counts for the operator whose function body it is."""
    base = found.get(re.sub(r"_expanded.*", "", name), found[name])
    nodes = [node for node in base.model.graph.node if node.op_type not in ("Constant", "Identity")]
    return str((nodes or base.model.graph.node)[0].op_type)


def _unsuitable(model: onnx.ModelProto, data: Any) -> str:
    inputs = _inputs(model)
    if not inputs:
        return "no inputs"
    for value in [*inputs, *model.graph.output]:
        if value.type.WhichOneof("value") != "tensor_type":
            return "not a tensor"
        if value.type.tensor_type.elem_type == TensorProto.STRING:
            return "strings"
    if len(data[0]) != len(inputs) or any(not isinstance(array, (np.ndarray, np.generic)) for array in data[0]):
        return "optional inputs"
    return ""


def frozen(case: Case) -> Case | None:
    """The case with every input but the first as an initializer (the first, too, where it says what shape the result
    has); None when there is none."""
    first, *rest = case.inputs
    if case.operator in SHAPED_BY_FIRST:
        first, rest = "", list(case.inputs)
    if not rest:
        return None
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    for name in rest:
        model.graph.initializer.append(numpy_helper.from_array(case.inputs[name], name))
    kept = [value for value in model.graph.input if value.name not in rest]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    kept_inputs = {first: case.inputs[first]} if first else {}
    return Case(case.name, case.operator, model, kept_inputs, case.outputs)


def judge(case: Case, evaluate: Evaluate) -> Verdict:
    """Runs one case."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            results = evaluate(case.model, case.inputs)
    except UserError as error:
        return Verdict(REFUSED, _sentence(str(error)))
    except Exception as error:  # whatever is no refusal is wrong
        return Verdict(WRONG, _sentence(f"{type(error).__name__}: {error}"))
    for name, expected in case.outputs.items():
        if name not in results:
            return Verdict(WRONG, f"{name}: missing")
        difference = compare(results[name], expected)
        if difference:
            return Verdict(WRONG, f"{name}: {difference}")
    return Verdict(PASS)


def compare(result: np.ndarray, expected: np.ndarray) -> str:
    """Says what differs, "" when nothing does. Scalars have the shape [1] in Top."""
    if tuple(result.shape) != (tuple(expected.shape) or (1,)):
        return f"shape {list(result.shape)} instead of {list(expected.shape)}"
    element = onnx.helper.np_dtype_to_tensor_dtype(expected.dtype)
    relative = RELATIVE_TOLERANCE.get(element, 1e-3)
    with np.errstate(all="ignore"):
        want = expected.astype(np.float64).reshape(-1)
        got = result.astype(np.float64).reshape(-1)
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        same |= np.abs(got - want) <= ABSOLUTE_TOLERANCE + relative * np.abs(want)
        worst = np.nanmax(np.where(same, 0, np.abs(got - want)), initial=0)
    return "" if same.all() else f"{int((~same).sum())} of {same.size} values differ, by up to {worst:.3g}"


def _sentence(text: str) -> str:
    """The first line, without the model's name, which is the same for all cases."""
    line = text.strip().splitlines()[0] if text.strip() else "no message"
    return line.removeprefix("case.onnx: ")[:300]


def evaluate_top(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """The path of model_transform: origin module, optimization, evaluation of the Top dialect."""
    from tpu_mlir import pipelines
    from tpu_mlir.evaluation import evaluate_module
    from tpu_mlir.frontend.onnx import convert_onnx

    shapes = [list(array.shape) for array in feeds.values()]
    converted = convert_onnx(model, "case", input_shapes=shapes, directory=None)
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM)
    inputs = {name: _stored(feeds[name]).reshape(shape) for name, shape in converted.inputs.items()}
    results = evaluate_module(module, inputs).in_order()
    return dict(zip(converted.outputs, results, strict=True))


def _stored(array: np.ndarray) -> np.ndarray:
    """The array as the network takes it: f32, or int32 for integers and booleans."""
    if array.dtype.kind not in "iub":
        return array.astype(np.float32)
    stored = array.astype(np.int32)
    if not np.array_equal(stored.astype(array.dtype), array):
        raise ValueError("an input does not fit into int32")
    return stored


# Workers: one process each, fed one case at a time so that a crash costs one verdict.


def _serve(cases: list[Case], evaluate: Evaluate, pipe: Connection) -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    while True:
        index = pipe.recv()
        if index is None:
            return
        pipe.send((index, judge(cases[index], evaluate)))


class _Worker:
    def __init__(self, cases: list[Case], evaluate: Evaluate) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, remote = context.Pipe()
        self.process = context.Process(target=_serve, args=(cases, evaluate, remote), daemon=True)
        self.process.start()
        remote.close()
        self.current = -1

    def give(self, index: int | None) -> None:
        self.current = -1 if index is None else index
        self.pipe.send(index)


def run(cases: list[Case], evaluate: Evaluate, jobs: int, limit_seconds: float = 60) -> list[Verdict]:
    """The verdicts of all cases, in order; a case that kills its process or exceeds the limit is wrong."""
    verdicts: dict[int, Verdict] = {}
    waiting: Iterator[int] = iter(range(len(cases)))
    workers = [_Worker(cases, evaluate) for _ in range(max(1, min(jobs, len(cases))))]
    for worker in workers:
        worker.give(next(waiting, None))
    active = [worker for worker in workers if worker.current >= 0]
    while active:
        ready = wait([worker.pipe for worker in active], limit_seconds)
        for worker in [item for item in active if item.pipe in ready or not ready]:
            index = worker.current
            try:
                if not ready:
                    raise EOFError
                index, verdicts[index] = worker.pipe.recv()
            except EOFError:
                worker.process.kill() if not ready else None
                worker.process.join()
                what = "took too long" if not ready else f"ended the process with status {worker.process.exitcode}"
                verdicts[index] = Verdict(WRONG, what)
                active[active.index(worker)] = worker = _Worker(cases, evaluate)
            following = next(waiting, None)
            worker.give(following)
            if following is None:
                active.remove(worker)
    return [verdicts[index] for index in range(len(cases))]


def summarize(cases: Iterable[Case], verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Totals, totals per operator, and the cases that did not pass by reason."""
    pairs = list(zip(cases, verdicts, strict=True))
    operators: dict[str, Counter[str]] = {}
    for case, verdict in pairs:
        operators.setdefault(case.operator, Counter())[verdict.verdict] += 1
    totals = Counter(verdict.verdict for _, verdict in pairs)
    return {
        "cases": len(pairs),
        **{word: totals[word] for word in (PASS, REFUSED, WRONG)},
        "operators": {name: dict(sorted(operators[name].items())) for name in sorted(operators)},
        "reasons": {word: _by_reason(pairs, word) for word in (WRONG, REFUSED)},
    }


def _by_reason(pairs: Iterable[tuple[Case, Verdict]], word: str) -> dict[str, list[str]]:
    """reason -> names of cases; the node that a refusal names is left out, so that equal reasons meet."""
    reasons: dict[str, list[str]] = {}
    for case, verdict in pairs:
        if verdict.verdict == word:
            reason = re.sub(r"^node '.*?' \((op type [^,]*), opset \d+\)", r"\1", verdict.reason)
            reasons.setdefault(reason, []).append(case.name)
    return dict(sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])))


def suite(evaluate: Evaluate, only: str = "", jobs: int = 1) -> dict[str, Any]:
    """Both variants of every case whose name matches ``only``."""
    cases, skipped = collect()
    cases = [case for case in cases if re.search(only, case.name)]
    variants = {"plain": cases, "frozen": [item for item in map(frozen, cases) if item is not None]}
    report: dict[str, Any] = {"onnx": onnx.__version__, "skipped": len(skipped)}
    verdicts = {variant: run(items, evaluate, jobs) for variant, items in variants.items()}
    for variant, items in variants.items():
        report[variant] = summarize(items, verdicts[variant])
    report["either"] = summarize(cases, _either(variants, verdicts))
    return report


def _either(variants: Mapping[str, list[Case]], verdicts: Mapping[str, list[Verdict]]) -> list[Verdict]:
    """Per case: wrong where a variant is, passed where one passes, else the plain one's refusal."""
    frozen_verdicts = dict(zip([case.name for case in variants["frozen"]], verdicts["frozen"], strict=True))
    chosen = []
    for case, plain in zip(variants["plain"], verdicts["plain"], strict=True):
        other = frozen_verdicts.get(case.name, plain)
        chosen.append(min(plain, other, key=lambda verdict: [WRONG, PASS, REFUSED].index(verdict.verdict)))
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Runs ONNX's operator tests through the front end and Top evaluation.")
    parser.add_argument("--only", default="", help="regular expression on case names")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="number of processes")
    parser.add_argument("--report", type=Path, help="JSON file to write")
    options = parser.parse_args(arguments)
    report = suite(evaluate_top, options.only, options.jobs)
    if options.report:
        options.report.write_text(json.dumps(report, indent=1, sort_keys=False) + "\n")
    for variant in ("plain", "frozen", "either"):
        counts = {key: report[variant][key] for key in ("cases", PASS, REFUSED, WRONG)}
        print(f"{variant:7}", "  ".join(f"{key} {value}" for key, value in counts.items()))
        for reason, names in report[variant]["reasons"][WRONG].items():
            print(f"  {', '.join(names)}: {reason}")
    return int(any(report[variant][WRONG] for variant in ("plain", "frozen")))


if __name__ == "__main__":
    sys.exit(main())
