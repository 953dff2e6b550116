"""ONNX's own operator tests: nothing may come out wrong, neither by what the front end means with each Top op nor,
where the compiler is built, by its optimization and evaluation."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnx_node_suite
import pytest
from onnx import helper
from onnx_models import compiler_is_built, values
from reference_builder import ReferenceBuilder
from tpu_mlir.errors import UserError
from tpu_mlir.frontend.onnx import convert_onnx

REPORT = Path(onnx_node_suite.__file__).with_name("onnx_node_report.json")


def by_meaning(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    builder = ReferenceBuilder(feeds)
    shapes = [list(array.shape) for array in feeds.values()]
    converted = convert_onnx(model, "case", input_shapes=shapes, builder=builder, directory=None)
    return dict(zip(converted.outputs, builder.results, strict=True))


@pytest.mark.parametrize("evaluate", [by_meaning, onnx_node_suite.evaluate_top])
def test_nothing_is_wrong(evaluate: onnx_node_suite.Evaluate) -> None:
    if evaluate is onnx_node_suite.evaluate_top and not compiler_is_built():
        pytest.skip("the compiler is not built")
    report = onnx_node_suite.suite(evaluate, jobs=2)
    recorded = json.loads(REPORT.read_text())
    for variant in ("plain", "frozen", "either"):
        assert report[variant]["reasons"]["wrong"] == {}
        if onnx.__version__ == recorded["onnx"] and evaluate is onnx_node_suite.evaluate_top:
            assert report[variant]["operators"] == recorded[variant]["operators"]  # regression/onnx_node_suite.py


def case(op_type: str) -> onnx_node_suite.Case:
    x = values(2, 3)
    graph = helper.make_graph(
        [helper.make_node(op_type, ["x", "c"], ["y"])],
        "graph",
        [helper.make_tensor_value_info("x", 1, [2, 3]), helper.make_tensor_value_info("c", 1, [3])],
        [helper.make_tensor_value_info("y", 1, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    c = values(3, seed=9)
    return onnx_node_suite.Case("test", op_type, model, {"x": x, "c": c}, {"y": x + c})


def test_verdicts() -> None:
    assert onnx_node_suite.judge(case("Add"), by_meaning).verdict == "pass"
    assert onnx_node_suite.judge(case("Sub"), by_meaning).verdict == "wrong"
    assert onnx_node_suite.judge(case("BitShift"), by_meaning).verdict == "refused"

    def broken(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        raise RuntimeError("broken")

    assert onnx_node_suite.judge(case("Add"), broken).verdict == "wrong"


def test_a_process_that_dies_or_hangs_costs_one_case() -> None:
    def evaluate(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        kind = model.graph.node[0].op_type
        if kind == "Sub":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "Mul":
            time.sleep(60)
        return by_meaning(model, feeds)

    cases = [case(kind) for kind in ("Add", "Sub", "Add", "Mul", "Add")]
    verdicts = onnx_node_suite.run(cases, evaluate, jobs=1, limit_seconds=2)
    assert [verdict.verdict for verdict in verdicts] == ["pass", "wrong", "pass", "wrong", "pass"]
    assert "status -9" in verdicts[1].reason and "too long" in verdicts[3].reason


def test_frozen_cases_keep_only_the_first_input() -> None:
    frozen = onnx_node_suite.frozen(case("Add"))
    assert frozen is not None and list(frozen.inputs) == ["x"]
    assert [tensor.name for tensor in frozen.model.graph.initializer] == ["c"]
    assert onnx_node_suite.judge(frozen, by_meaning).verdict == "pass"


def test_differences_are_found() -> None:
    same = np.array([1.0, np.nan, np.inf], np.float32)
    assert onnx_node_suite.compare(same, same) == ""
    assert "shape" in onnx_node_suite.compare(same, same[:2])
    assert "1 of 3 values differ" in onnx_node_suite.compare(np.array([1.1, np.nan, np.inf]), same)
    assert "1 of 3" in onnx_node_suite.compare(np.array([1.0, 0.0, np.inf]), same)
    assert onnx_node_suite.compare(np.ones(1, np.float32), np.ones((), np.float32)) == ""


def test_inputs_that_do_not_fit_are_no_refusal() -> None:
    wide = onnx_node_suite.Case("t", "Add", case("Add").model, {"x": np.array([2**40])}, {})
    with pytest.raises(ValueError, match="int32"):
        onnx_node_suite._stored(wide.inputs["x"])
    assert not isinstance(ValueError(), UserError)
